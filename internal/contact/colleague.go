package contact

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Colleague is somebody whom a reader names to be asked in their place.
type Colleague struct {
	Name  string
	Email string
	Why   string
	Still bool // the reader wants the messages as well
}

const (
	colleaguesAtOnce = 5 // whom the readers of a contact's mails can name within a day
	colleaguesWithin = 24 * time.Hour
)

// SuggestColleague makes a candidate of a colleague, with the mail by which it was named; an officer decides before anybody is
// written to. Whether the colleague is known is not told. Where the reader wants no more messages themselves, the cycle is
// stopped for them. Errors are errs.Invalid with the fields "name", "email" and "why", and errs.TooMany.
func (s *Service) SuggestColleague(ctx context.Context, by account.Actor, token string, named Colleague) error {
	var wrong []errs.Field
	for _, f := range []struct{ name, value string }{{"name", named.Name}, {"email", named.Email}, {"why", named.Why}} {
		if errs.Blank(f.value) {
			wrong = append(wrong, errs.FieldError(f.name, "field.required"))
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return s.asReader(ctx, by, token, "contact.suggest_colleague", func(tx *db.Tx, r *reader, who audit.Who) error {
		if r.deliveryID == 0 {
			return errs.E(errs.NotFound, "link.unknown")
		}
		n, err := countNamed(tx, r.contact.ID, s.Now().Add(-colleaguesWithin))
		if err != nil {
			return err
		}
		if n >= colleaguesAtOnce {
			return errs.E(errs.TooMany, "preferences.colleague.too_many")
		}
		c, err := s.candidateFrom(tx, r, named)
		if err != nil {
			return err
		}
		if err := insertCandidate(tx, &c); err != nil {
			return err
		}
		if err := s.recordCandidate(tx, who, &c, "candidate.suggested", ""); err != nil || named.Still {
			return err
		}
		return s.stopReader(tx, r, who, ThisCycle, ByPage)
	})
}

// candidateFrom takes the colleague for somebody of the reader's own organization and group, as far as we know them: an
// officer corrects that.
func (s *Service) candidateFrom(tx *db.Tx, r *reader, named Colleague) (Candidate, error) {
	c := Candidate{
		Kind: Person, Name: named.Name, Note: named.Why, StakeholderGroup: r.contact.StakeholderGroup, Country: r.contact.Country,
		Language: firstWord(r.contact.LanguageChain),
	}.tidy()
	email, wrong := s.normalizeField(named.Email)
	c.Origin, c.DeliveryID, c.Email, c.CycleID, c.State, c.SuggestedAt = FromReader, &r.deliveryID, email, r.cycleID, Proposed, s.Now()
	for _, f := range c.validate(s.Reference) {
		if f.Name == "note" {
			f.Name = "why"
		}
		wrong = append(wrong, f)
	}
	if len(wrong) > 0 {
		return c, errs.InvalidFields(wrong...)
	}
	organization, err := organizationName(tx, r.contact.ID)
	c.Organization = organization
	return c, err
}

func firstWord(s string) string {
	for i, r := range s {
		if r == ' ' {
			return s[:i]
		}
	}
	return s
}

// Referee is the contact whose reader named a candidate; its id is 0 where nobody did, or where they are no more.
type Referee struct {
	ContactID int64
	Name      string
	Campaign  string
}

// RefereeOf is for officers.
func (s *Service) RefereeOf(ctx context.Context, by account.Actor, c Candidate) (Referee, error) {
	if err := by.RequireOn(account.CandidateDecide, false, ""); err != nil || c.DeliveryID == nil {
		return Referee{}, err
	}
	r, err := refereeOf(s.DB.Read(ctx), *c.DeliveryID)
	return r, errs.Wrap("contact.referee_of", err)
}
