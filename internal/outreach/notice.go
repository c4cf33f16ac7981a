package outreach

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
)

// Notifier writes to volunteers. Each method writes a message and stores nothing; Note and Reason are what
// a person wrote, in whatever language.
type Notifier interface {
	PrepareWarning(ctx context.Context, w Warning) (Message, error)
	PrepareOffer(ctx context.Context, n OfferNotice) (Message, error)
	PrepareAnswer(ctx context.Context, n AnswerNotice) (Message, error)
	PrepareTaken(ctx context.Context, n TakenNotice) (Message, error)
	PrepareGiven(ctx context.Context, n GivenNotice) (Message, error)
}

// Message is one that is written: stored in a transaction, then handed to a worker.
type Message interface {
	Store(tx *db.Tx) error
	Wake(ctx context.Context)
}

// Warning is what a volunteer is told before a claim expires.
type Warning struct {
	ClaimID     int64
	VolunteerID int64
	ContactID   int64
	Contact     string // its name
	Purpose     Purpose
	ExpiresAt   time.Time
}

// OfferNotice tells a volunteer that a colleague offers them a contact.
type OfferNotice struct {
	VolunteerID int64
	From        string
	Contact     string
	Purpose     Purpose
	Note        string
	ExpiresAt   time.Time
}

// AnswerNotice tells a volunteer what a colleague said to an offer.
type AnswerNotice struct {
	VolunteerID int64
	Colleague   string
	Contact     string
	Accepted    bool
	Answer      string
}

// TakenNotice tells a volunteer that an officer took a claim from them, and why.
type TakenNotice struct {
	VolunteerID int64
	Officer     string
	Contact     string
	Reason      string
	To          string // who has it now, "" for nobody
}

// GivenNotice tells a volunteer which contacts an officer gave them, and why them.
type GivenNotice struct {
	VolunteerID int64
	Officer     string
	Note        string
	ExpiresAt   time.Time
	Items       []GivenItem
}

// GivenItem is one contact that was given.
type GivenItem struct {
	ContactID int64
	Contact   string
	Purpose   Purpose
	Reasons   []Reason
}

// tellOf stores the message about an offer. It is nil where nobody is to be written to.
func (s *Service) tellOf(ctx context.Context, tx *db.Tx, by account.Actor, c *Claim, o Offer) (Message, error) {
	if s.Notifier == nil {
		return nil, nil //nolint:nilnil // nobody writes
	}
	name, err := contactName(tx, c.ContactID)
	if err != nil {
		return nil, err
	}
	return stored(tx)(s.Notifier.PrepareOffer(ctx, OfferNotice{
		VolunteerID: o.ToID, From: by.Name, Contact: name, Purpose: c.Purpose, Note: o.Note, ExpiresAt: c.ExpiresAt,
	}))
}

func (s *Service) tellAnswer(ctx context.Context, tx *db.Tx, by account.Actor, c *Claim, o Offer) (Message, error) {
	if s.Notifier == nil {
		return nil, nil //nolint:nilnil // nobody writes
	}
	name, err := contactName(tx, c.ContactID)
	if err != nil {
		return nil, err
	}
	return stored(tx)(s.Notifier.PrepareAnswer(ctx, AnswerNotice{
		VolunteerID: o.FromID, Colleague: by.Name, Contact: name, Accepted: o.State == Accepted, Answer: o.Answer,
	}))
}

func (s *Service) tellTaken(ctx context.Context, tx *db.Tx, by account.Actor, c *Claim, to string) (Message, error) {
	if s.Notifier == nil {
		return nil, nil //nolint:nilnil // nobody writes
	}
	name, err := contactName(tx, c.ContactID)
	if err != nil {
		return nil, err
	}
	return stored(tx)(s.Notifier.PrepareTaken(ctx, TakenNotice{
		VolunteerID: c.VolunteerID, Officer: by.Name, Contact: name, Reason: c.Reason, To: to,
	}))
}

func (s *Service) tellGiven(ctx context.Context, tx *db.Tx, n GivenNotice) (Message, error) {
	if s.Notifier == nil || len(n.Items) == 0 {
		return nil, nil //nolint:nilnil // nobody writes, or nothing is to be told
	}
	return stored(tx)(s.Notifier.PrepareGiven(ctx, n))
}

// stored stores a message that was written.
func stored(tx *db.Tx) func(Message, error) (Message, error) {
	return func(m Message, err error) (Message, error) {
		if err != nil || m == nil {
			return nil, err
		}
		return m, m.Store(tx)
	}
}

// wake hands a stored message to a worker, if what it tells of was committed.
func wake(ctx context.Context, m Message, err error) {
	if err == nil && m != nil {
		m.Wake(ctx)
	}
}
