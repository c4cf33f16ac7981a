package campaign

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	post "github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/mail"
)

// Cycle is what a campaign needs to know of its cycle.
type Cycle struct {
	ID                         int64
	Slug                       string
	Name                       string
	DefaultLanguage            string
	AuthorMayApprove           bool
	OrganizationStopsFollowUps bool
	ResendUncertain            bool // whether an uncertain message is sent again without asking

	deadlines *[2]*Deadline // of everybody and of initiatives, once they were read for a batch
}

// Deadline is the deadline that people are told, and the instant at which it is over.
type Deadline struct {
	Day  time.Time      // the displayed day, at midnight UTC
	Zone *time.Location // named beside it
	At   time.Time
}

// Cycles knows the cycles and their deadlines.
type Cycles interface {
	Cycle(ctx context.Context, id int64) (Cycle, error)
	CycleBySlug(ctx context.Context, slug string) (Cycle, error)
	// Deadline is the one that applies at an instant, with initiative to whoever answers for one: the same that their form
	// says. ok is false where the cycle has none then.
	Deadline(ctx context.Context, cycleID int64, initiative bool, at time.Time) (d Deadline, ok bool, err error)
	// OwnDeadlines are, by contact, the deadlines of those readers who have a date of their own: what applies to all others is
	// not theirs. A batch asks once.
	OwnDeadlines(ctx context.Context, cycleID int64, readers []Reader, at time.Time) (map[int64]Deadline, error)
}

// Reader is whose deadline is asked for.
type Reader struct {
	ContactID  int64
	Initiative bool // answers for one
}

// Document is a text of the document room.
type Document struct {
	ID             int64
	CycleID        int64
	Kind           string
	Slug           string
	SourceLanguage string
	LanguagePolicy LanguagePolicy
	RevisionID     int64 // the newest
	Frozen         bool  // frozen or sent
	// FrozenRevisionID is the newest one that is, 0 where none is.
	FrozenRevisionID int64
}

// Translation is how far the text is in one language.
type Translation struct {
	Locale string
	State  string // as the document room says it; the source language has that of the revision
}

// Text is a message in one language, with merge fields as {{name}}.
type Text struct {
	Locale  string
	Subject string
	Text    string // plain
	HTML    string // sanitized, what stands inside <body>
}

// Wording is a message as it is written, in Markdown. Variants are by key; nil leaves them as they are.
type Wording struct {
	Subject, Opening, Why, Body, Ask string
	Variants                         map[string]VariantWording
	BaseRevision                     int               // the revision of the source text that was read, 0 for none
	Bases                            map[string]string // of a translation, the marks of the texts that were read
}

// VariantWording is what a variant says otherwise.
type VariantWording struct{ Subject, Opening, Why, Ask string }

// The kinds of documents that campaigns deal in.
const (
	KindMessage       = "message"
	KindFollowUp      = "follow_up"
	KindQuestionnaire = "questionnaire"
)

// Texts is the document room.
type Texts interface {
	Document(ctx context.Context, documentID int64) (Document, error)
	// Documents lists a cycle's documents of a kind.
	Documents(ctx context.Context, cycleID int64, kind string) ([]Document, error)
	// Create makes an empty document; the slug is free.
	Create(ctx context.Context, by account.Actor, cycleID int64, kind, slug, language string) (Document, error)
	Translations(ctx context.Context, revisionID int64) ([]Translation, error)
	// SetText edits the source, or saves and submits a translation.
	SetText(ctx context.Context, by account.Actor, documentID int64, locale string, text Wording) error
	// Problems are all places that forbid freezing; Name is the key of the segment.
	Problems(ctx context.Context, revisionID int64) ([]errs.Field, error)
	Freeze(ctx context.Context, by account.Actor, documentID int64) (revisionID int64, err error)
	// ApprovedLocales are the languages that may be sent, the source language first.
	ApprovedLocales(ctx context.Context, revisionID int64) ([]string, error)
	// Variants are the keys of the variants that a text has.
	Variants(ctx context.Context, revisionID int64) ([]string, error)
	// Editions are the newest approved edition of each translation that there is, by language.
	Editions(ctx context.Context, revisionID int64) (map[string]int, error)
	// Mail is the text in an approved language, in this edition of it (0: the newest that is approved); the general one
	// where it has no such variant.
	Mail(ctx context.Context, revisionID int64, locale string, edition int, variant string) (Text, error)
	// Words are the subject and the Markdown of what Mail gives.
	Words(ctx context.Context, revisionID int64, locale string, edition int, variant string) (subject, body string, err error)
	// Own renders subject and Markdown that were written for one reader. The error is errs.Invalid at "subject" or "body"
	// for what must not go out.
	Own(ctx context.Context, locale, subject, body string) (Text, error)
	// Draft is Mail as the text stands now, approved or not.
	Draft(ctx context.Context, revisionID int64, locale, variant string) (Text, error)
	// PolicyOf is a document's language policy, read in the caller's transaction.
	PolicyOf(tx *db.Tx, documentID int64) (LanguagePolicy, error)
	// MarkSent says in the caller's transaction that the revision goes out.
	MarkSent(tx *db.Tx, by audit.Who, revisionID int64) error
}

// Addresses is the room that keeps addresses.
type Addresses interface {
	// MarkBounced says in the caller's transaction that servers refuse these addresses for good.
	MarkBounced(tx *db.Tx, by audit.Who, addressIDs []int64) error
	// MarkComplained says in the caller's transaction that whoever reads there reported our mail: nobody writes there again.
	MarkComplained(tx *db.Tx, by audit.Who, addressID int64) error
	// RecountDelivered makes the cycle's list count, in the caller's transaction, at whom messages arrived, and at whom
	// they did not or from whom they came back.
	RecountDelivered(tx *db.Tx, cycleID int64, arrived, others []int64) error
}

// Letters is the room of single mails, which never wait behind a campaign.
type Letters interface {
	// Enclose takes a whole message, to be stored in a transaction.
	Enclose(kind, to string, raw []byte) *post.Prepared
}

// Queue wakes workers. It may forget; Sweep finds in the database whatever it forgot. The error
// is errs.Unavailable where the queue is away.
type Queue interface {
	Launch(ctx context.Context, stepID, cursor int64) error
	// Batch asks to send a batch; attempt is how often it was taken before.
	Batch(ctx context.Context, ref BatchRef, attempt int) error
	// Away says whether there is nobody to ask at the moment.
	Away(ctx context.Context) bool
}

// Limiter counts what somebody did within a time, in all processes together.
type Limiter interface {
	// Allow counts one more for the key and says whether it was within limit per window; if not, how long to wait.
	Allow(ctx context.Context, key string, limit int, window time.Duration) (ok bool, wait time.Duration, err error)
}

// Transport hands messages to mail servers. Results are as those of mail.Pool.Send, which is one.
type Transport interface {
	Send(ctx context.Context, envelopes []mail.Envelope, journal mail.Recorder) ([]mail.Result, error)
}

// MailServer knows whether the mail server takes our mail. mail.Health is one.
type MailServer interface {
	// Trouble is what keeps mail from leaving; nil where nothing is known to.
	Trouble(ctx context.Context) (*mail.Trouble, error)
}

// Journals is the folder of journals and, in it, the one of this process.
type Journals interface {
	Owner() string
	Recorder() mail.Recorder
	Finished(batch int64, attempt int) error
	// Dead are the journals of processes that are gone; Live the owners that still run here,
	// this one among them.
	Dead() ([]mail.DeadJournal, error)
	Live() ([]string, error)
	Forget(mail.DeadJournal) error
}

// Volunteers is the room of those who write in person. They do it under a claim, and what becomes of their
// message is an attempt of theirs.
type Volunteers interface {
	// ExtendClaim gives the actor's own live claim a whole lease from now, in the caller's transaction, and
	// keeps others from ending it meanwhile. The error is errs.NotFound for a claim that is not the
	// actor's, errs.Conflict for one that is over or not for reaching somebody.
	ExtendClaim(tx *db.Tx, by account.Actor, claimID int64) error
	// Mailed logs in the caller's transaction that a message left, or that there is no such mailbox.
	Mailed(tx *db.Tx, m Mailed) error
}

// Mailed is what became of a message that a volunteer sent.
type Mailed struct {
	ClaimID      int64
	At           time.Time
	WrongAddress bool // a server said that there is no such mailbox
}
