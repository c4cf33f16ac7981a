package contact

import (
	"strings"
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

// Origin says how a suggestion came.
type Origin string

// The origins.
const (
	FromMember Origin = "member" // somebody with an account
	FromPublic Origin = "public" // the form of a call, without an account
	FromAnswer Origin = "answer" // an answer to the question whom to invite
	FromReader Origin = "reader" // the page behind the link of a mail: "ask my colleague instead"
)

// Candidate is a contact that somebody suggested.
type Candidate struct {
	ID               int64
	CycleID          int64
	State            CandidateState
	Origin           Origin
	Kind             Kind
	Name             string
	Transliteration  string
	Function         Function
	Organization     string
	Email            string // normalized or empty; for officers and the one who suggested it
	StakeholderGroup string
	Country          string
	Language         string
	Note             string // why they should be invited
	ContributionID   *int64 // whose answer it was
	DeliveryID       *int64 // the mail whose reader named them
	SuggesterName    string // of somebody without an account, if they left it
	SuggesterEmail   string // likewise, for questions of the secretariat: nothing is sent there by itself
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
	if errs.Blank(note) {
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

// tidy is what somebody typed, as it is kept.
func (c Candidate) tidy() Candidate {
	return Candidate{
		Origin: c.Origin, ContributionID: c.ContributionID, Kind: c.Kind, Name: clean(c.Name), Transliteration: clean(c.Transliteration),
		Function: c.Function, Organization: clean(c.Organization), Email: c.Email, StakeholderGroup: c.StakeholderGroup,
		Country: strings.ToUpper(strings.TrimSpace(c.Country)), Language: c.Language, Note: cleanText(c.Note),
		SuggesterName: clean(c.SuggesterName), SuggesterEmail: c.SuggesterEmail,
	}
}

func (c *Candidate) validate(ref *geo.Reference) []errs.Field {
	var wrong []errs.Field
	check := func(ok bool, field, key string, args ...any) {
		if !ok {
			wrong = append(wrong, errs.FieldError(field, key, args...))
		}
	}
	check(c.Kind == Person || c.Kind == Organization, "kind", "field.choice")
	check(!errs.Blank(c.Name), "name", "field.required")
	check(fits(c.Name, maxLine), "name", "field.too_long", "Max", maxLine)
	check(fits(c.Transliteration, maxLine), "transliteration", "field.too_long", "Max", maxLine)
	check(c.Function.Valid(), "function", "field.choice")
	check(fits(c.SuggesterName, maxLine), "suggester_name", "field.too_long", "Max", maxLine)
	check(fits(c.Organization, maxLine), "organization", "field.too_long", "Max", maxLine)
	check(fits(c.Note, maxNotes), "note", "field.too_long", "Max", maxNotes)
	_, known := ref.Group(c.StakeholderGroup)
	check(known || c.Origin == FromReader && c.StakeholderGroup == "", "stakeholder_group", "field.stakeholder_group")
	_, known = ref.Country(c.Country)
	check(known || c.Country == "", "country", "field.country")
	tags, ok := ParseLanguages(c.Language)
	check(ok, "language", "field.language_tag")
	c.Language = tags
	return wrong
}
