package contact

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// Notifier writes to members of the house what became of what they suggested.
type Notifier interface {
	// PrepareOutcome writes a message and stores nothing; nil where the member is no more.
	PrepareOutcome(ctx context.Context, n OutcomeNotice) (Message, error)
}

// Message is one that is written: stored in a transaction, then handed to a worker.
type Message interface {
	Recipient() string // normalized
	Store(tx *db.Tx) error
	Wake(ctx context.Context)
}

// OutcomeNotice is what a member is told. Note is what an officer wrote, in whatever language.
type OutcomeNotice struct {
	MemberID  int64
	Candidate string // the name
	State     CandidateState
	Note      string
}

// outcomeLetter is what the member who suggested the candidate is written; nil for nobody, and for
// an officer who decides on their own suggestion. Somebody without an account reads the outcome
// behind their link: an address that anybody could type into a public form is never written to.
func (s *Service) outcomeLetter(ctx context.Context, by account.Actor, id int64, v verdict) (Message, error) {
	if s.Notifier == nil {
		return nil, nil
	}
	c, err := orNotFound(candidateByID(s.DB.Read(ctx), id))
	if err != nil || c.State != Proposed || c.SuggestedBy == nil || *c.SuggestedBy == by.ID {
		return nil, err
	}
	return s.Notifier.PrepareOutcome(ctx, OutcomeNotice{MemberID: *c.SuggestedBy, Candidate: c.Name, State: v.state, Note: cleanText(v.note)})
}

// storeLetter leaves out whoever asked not to be written to: they find the outcome among their suggestions.
func (s *Service) storeLetter(tx *db.Tx, m Message) error {
	if m == nil {
		return nil
	}
	suppressed, err := isSuppressed(tx, AddressHash(s.Secret, m.Recipient()))
	if err != nil || suppressed {
		return err
	}
	return m.Store(tx)
}

// SuggestPublic is Suggest for somebody without an account. The token of the link by which they
// learn the outcome tells nothing but that.
func (s *Service) SuggestPublic(ctx context.Context, by account.Actor, cycleID int64, c Candidate) (token string, err error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return "", err
	}
	c = c.tidy()
	c.Origin, c.ContributionID = FromPublic, nil
	if by.SignedIn() {
		who := by.ID
		c.SuggestedBy = &who
	}
	c, err = s.propose(ctx, by, cycleID, c, nil)
	if err != nil {
		return "", err
	}
	return s.Links.Token(link.Suggestion, link.Target{CycleID: cycleID, ContactID: c.ID}), nil
}

// Outcome is what somebody without an account learns of their suggestion. Whether we had the contact
// already is not told: Merged is Accepted here.
type Outcome struct {
	CycleID     int64
	Name        string // as they suggested it, "" where the person has been forgotten since
	State       CandidateState
	Note        string
	SuggestedAt time.Time
	DecidedAt   *time.Time
}

// Outcome is what became of the suggestion of a token; errs.NotFound for any other text.
func (s *Service) Outcome(ctx context.Context, by account.Actor, token string) (Outcome, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Outcome{}, err
	}
	target, err := s.Links.Parse(link.Suggestion, token)
	if err != nil {
		return Outcome{}, err
	}
	c, err := orNotFound(candidateByID(s.DB.Read(ctx), target.ContactID))
	if err != nil || c.CycleID != target.CycleID || c.Origin != FromPublic {
		return Outcome{}, errs.E(errs.NotFound, "link.unknown")
	}
	o := Outcome{CycleID: c.CycleID, Name: c.Name, State: c.State, Note: c.DecisionNote, SuggestedAt: c.SuggestedAt, DecidedAt: c.DecidedAt}
	if o.State == Merged {
		o.State = Accepted
	}
	return o, nil
}
