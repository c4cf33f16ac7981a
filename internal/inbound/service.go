package inbound

import (
	"context"
	"log/slog"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

// Campaigns is the room that sent what bounces and complaints speak of.
type Campaigns interface {
	// Bounced notes in the caller's transaction that a delivery came back. known is true where it had before. hard says whether
	// its address works no more. The error is errs.Conflict for one that never left, errs.NotFound for one that is none.
	Bounced(tx *db.Tx, by audit.Who, b Returned) (hard, known bool, err error)
	// Complained notes in the caller's transaction that whoever got a delivery reported it; errors as in Bounced.
	Complained(tx *db.Tx, by audit.Who, deliveryID int64) (known bool, err error)
}

// Returned is what a server says of a delivery that did not arrive.
type Returned struct {
	DeliveryID int64
	Status     string // of RFC 3463, "" where the server said none
	Diagnostic string
}

// Contacts is the room that keeps what readers ask not to get.
type Contacts interface {
	// StopByMail makes sure, in the caller's transaction, that the readers of the mailbox of a delivery get no more of its cycle.
	StopByMail(tx *db.Tx, cycleID, contactID, deliveryID int64) error
}

// Contributions is the room of what people contribute.
type Contributions interface {
	// LongestText is how many characters the text of an Arrival may have.
	LongestText() int
	// FromMail records a contribution that came by mail, with its files; then runs also in the same transaction, with its id. Files that
	// are not taken are named.
	FromMail(ctx context.Context, by account.Actor, a Arrival, files []mail.File, also func(tx *db.Tx, id int64) error) (notTaken []string, err error)
	// AddDocuments adds files of a mail to the contribution that a contact has in a cycle, 0 for the current one; then runs also in
	// the same transaction, with its id. Files that are not taken are named. Errors are errs.NotFound where the contact has none,
	// errs.Conflict where it takes no more, errs.Invalid or errs.TooLarge where none of the files could be taken.
	AddDocuments(ctx context.Context, by account.Actor, cycleID, contactID int64, files []mail.File, also func(tx *db.Tx, id int64) error) (notTaken []string, err error)
}

// Arrival is a contribution in a mail.
type Arrival struct {
	CycleID    int64
	ContactID  int64 // 0: from outside of the list, then Sender is used
	DeliveryID int64
	ReceivedAt time.Time
	Text       string
	Language   string // "" for that of the mail that it answers, else of the cycle
	Consent    bool
	Sender     Sender
}

// Sender is somebody who is not on the list.
type Sender struct {
	Name             string
	Organization     string
	Capacity         string
	StakeholderGroup string
	Country          string
}

// Links reads the tokens in our addresses.
type Links interface {
	Parse(p link.Purpose, token string) (link.Target, error)
	// Conceal takes the tokens out of a text.
	Conceal(text string) string
}

// Deps is what a Service works with.
type Deps struct {
	DB            *db.DB
	Now           func() time.Time // UTC
	Links         Links
	Boxes         Boxes
	Campaigns     Campaigns
	Contacts      Contacts
	Contributions Contributions
	Normalize     func(email string) (string, error)
	Log           *slog.Logger
}

// Service takes, sorts and keeps mail.
type Service struct {
	Deps
	wake chan struct{} // that something was stored
}

// New makes the service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d, wake: make(chan struct{}, 1)}
}

// system is who sorts.
func system() audit.Who { return audit.System("inbound") }

func (s *Service) record(tx *db.Tx, who audit.Who, m *Mail, action string, before, after map[string]any) error {
	c := audit.Change{Action: action, ObjectKind: "inbound_mail", ObjectID: m.ID, Before: before, After: after}
	if m.CycleID != nil {
		c.CycleID = *m.CycleID
	}
	return audit.Record(tx, who, s.Now(), c)
}

func notFound() error { return errs.E(errs.NotFound, "error.not_found") }
