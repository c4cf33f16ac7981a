// Package document keeps every text of a cycle: the call, the questionnaire, messages and
// follow-ups, the introduction, talking points, the acknowledgement. A document has revisions, whose
// content never changes, and a revision has translations, segment by segment.
package document

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Kind says what a document is for. What a person reads is the message "document.kind.<kind>".
type Kind string

// The kinds. A questionnaire is structured; all others are a Message.
const (
	Call            Kind = "call"
	Survey          Kind = "questionnaire"
	Mailing         Kind = "message"
	FollowUp        Kind = "follow_up"
	Introduction    Kind = "introduction"
	TalkingPoints   Kind = "talking_points"
	Acknowledgement Kind = "acknowledgement"
	OutputDocument  Kind = "output_document" // what is made of the contributions
)

// Kinds lists them in display order.
func Kinds() []Kind {
	return []Kind{Call, Survey, Mailing, FollowUp, Introduction, TalkingPoints, Acknowledgement, OutputDocument}
}

// Valid says whether it is one of Kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Document is one text of a cycle, by its slug. Its wording is in its revisions.
type Document struct {
	ID             int64
	CycleID        int64
	Kind           Kind
	Slug           string // unique in the cycle
	SourceLanguage string // BCP 47
	Commenting     Commenting
	LanguagePolicy LanguagePolicy
	CreatedAt      time.Time

	FreezeOn      string // YYYY-MM-DD: the day at whose end the text is frozen by itself, "" for none
	FreezeZone    string // of that day
	FreezeAt      *time.Time
	FreezeSetBy   *int64
	FreezeRefused string // what forbade it when it was last tried, "" where nothing did yet
}

// RevisionState is how far a revision has come.
type RevisionState string

// The states: open_for_comment → frozen → sent. Reopening makes a new revision.
const (
	OpenForComment RevisionState = "open_for_comment"
	Frozen         RevisionState = "frozen"
	Sent           RevisionState = "sent"
)

// Revision is one wording of a document. Number counts from 1; the highest is the current one.
type Revision struct {
	ID         int64
	DocumentID int64
	Number     int
	State      RevisionState
	Structure  string // JSON: what is needed beside the segments to put the document together again
	AuthorID   *int64
	Note       string // why it was made: the reason of a reopening, or what its author wrote
	Credit     string // whose suggestion it took up, a name
	CreatedAt  time.Time
	FrozenAt   *time.Time
	FrozenBy   *int64
	SentAt     *time.Time

	FreezeReason string // why it was frozen while comments were open, "" where none were
}

// Freeze fixes the wording.
func (r *Revision) Freeze(by account.Actor, now time.Time) error {
	if r.State != OpenForComment {
		return r.illegal(Frozen)
	}
	r.State, r.FrozenAt, r.FrozenBy = Frozen, &now, holder(by)
	return nil
}

// MarkSent says that the wording went out, after which it stays for ever. It may go out again.
func (r *Revision) MarkSent(now time.Time) error {
	switch r.State {
	case Frozen:
		r.State, r.SentAt = Sent, &now
		return nil
	case Sent:
		return nil
	}
	return r.illegal(Sent)
}

// Editable is nil where the revision may be followed by an edited one.
func (r *Revision) Editable() error {
	if r.State == OpenForComment {
		return nil
	}
	return errs.E(errs.Conflict, "document.edit.closed")
}

// Reopenable is nil where a new open revision may follow this one.
func (r *Revision) Reopenable() error {
	if r.State == OpenForComment {
		return errs.E(errs.Conflict, "document.reopen.open")
	}
	return nil
}

func (r *Revision) illegal(to RevisionState) error {
	return errs.E(errs.Conflict, "document.illegal_move."+string(to))
}

// SegmentKind says how the text of a segment is written.
type SegmentKind string

// The kinds of segments. Addresses are the same in every language and are not translated.
const (
	PlainText SegmentKind = "text"
	Markdown  SegmentKind = "markdown"
	URL       SegmentKind = "url"
)

// Segment is a passage with a key that stays the same across revisions and languages.
type Segment struct {
	RevisionID int64
	Key        string
	Position   int
	Kind       SegmentKind
	Text       string
	Unshown    bool `gorm:"-"` // there is a text, but it is not for the public any more
}

// Translatable says whether a translation needs this segment.
func (s Segment) Translatable() bool { return s.Kind != URL }

// sourceHash stands for the wording that a translation was made from.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func textsOf(segments []Segment) map[string]string {
	texts := make(map[string]string, len(segments))
	for _, s := range segments {
		texts[s.Key] = s.Text
	}
	return texts
}

func holder(by account.Actor) *int64 {
	if by.ID == 0 {
		return nil
	}
	id := by.ID
	return &id
}
