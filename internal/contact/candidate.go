package contact

import (
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// CandidateState is what became of a suggestion.
type CandidateState string

// The states: proposed → accepted | merged | rejected.
const (
	Proposed CandidateState = "proposed"
	Accepted CandidateState = "accepted"
	Merged   CandidateState = "merged"
	Rejected CandidateState = "rejected"
)

// Candidate is a contact that somebody suggested.
type Candidate struct {
	ID               int64
	CycleID          int64
	State            CandidateState
	Kind             Kind
	Name             string
	Organization     string
	Email            string // normalized or empty; for officers and the one who suggested it
	StakeholderGroup string
	Country          string
	Language         string
	Note             string // why they should be invited
	SuggestedBy      *int64
	SuggestedAt      time.Time
	DecidedBy        *int64
	DecidedAt        *time.Time
	DecisionNote     string
	ContactID        *int64 // what it became
}

// Accept makes the candidate a contact of its own.
func (c *Candidate) Accept(by, contactID int64, note string, now time.Time) error {
	return c.decide(Accepted, by, &contactID, note, now)
}

// Merge says that the candidate is a contact whom we have already.
func (c *Candidate) Merge(by, contactID int64, note string, now time.Time) error {
	return c.decide(Merged, by, &contactID, note, now)
}

// Reject turns the suggestion down; the note says why.
func (c *Candidate) Reject(by int64, note string, now time.Time) error {
	if note == "" {
		return errs.InvalidFields(errs.FieldError("note", "contact.candidate.note_required"))
	}
	return c.decide(Rejected, by, nil, note, now)
}

func (c *Candidate) decide(to CandidateState, by int64, contactID *int64, note string, now time.Time) error {
	if c.State != Proposed {
		return errs.E(errs.Conflict, "contact.candidate.decided")
	}
	c.State, c.DecidedBy, c.DecidedAt, c.DecisionNote, c.ContactID = to, &by, &now, note, contactID
	return nil
}

func (c *Candidate) validate(ref *geo.Reference) []errs.Field {
	var wrong []errs.Field
	check := func(ok bool, field, key string, args ...any) {
		if !ok {
			wrong = append(wrong, errs.FieldError(field, key, args...))
		}
	}
	check(c.Kind == Person || c.Kind == Organization, "kind", "field.choice")
	check(c.Name != "", "name", "field.required")
	check(fits(c.Name, maxLine), "name", "field.too_long", "Max", maxLine)
	check(fits(c.Organization, maxLine), "organization", "field.too_long", "Max", maxLine)
	check(fits(c.Note, maxNotes), "note", "field.too_long", "Max", maxNotes)
	_, known := ref.Group(c.StakeholderGroup)
	check(known, "stakeholder_group", "field.stakeholder_group")
	_, known = ref.Country(c.Country)
	check(known || c.Country == "", "country", "field.country")
	tags, ok := ParseLanguages(c.Language)
	check(ok, "language", "field.language_tag")
	c.Language = tags
	return wrong
}
