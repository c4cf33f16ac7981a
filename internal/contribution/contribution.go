// Package contribution takes the answers to a cycle's questionnaire, by any channel, judges when
// they came, and publishes them.
//
// A contribution with consent that comes through a personal link or the public form is checked and
// published by the system the moment it is submitted, because the call promises that "the
// Secretariat will publish contributions as it receives them". An officer can withhold it
// afterwards. What an officer or volunteer records for somebody waits for an officer's decision,
// and what comes without consent is never published: it is counted.
package contribution

import (
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// State is how far a contribution has come.
type State string

// The states.
const (
	Draft     State = "draft" // begun by its author, not yet given
	Received  State = "received"
	Checked   State = "checked"
	Published State = "published"
	Withheld  State = "withheld" // counted, not shown
	Withdrawn State = "withdrawn"
)

// States lists them in the order of a contribution's life.
func States() []State { return []State{Draft, Received, Checked, Published, Withheld, Withdrawn} }

// Counted says whether a contribution in this state is a response.
func (s State) Counted() bool {
	return s == Received || s == Checked || s == Published || s == Withheld
}

// Channel is the way by which a contribution came.
type Channel string

// The channels. The first two are the system's own; the others are recorded by a person.
const (
	PersonalLink Channel = "personal_link"
	PublicForm   Channel = "public_form"
	Email        Channel = "email"
	MailingList  Channel = "mailing_list"
	Phone        Channel = "phone"
	Meeting      Channel = "meeting"
	Post         Channel = "post"
	Other        Channel = "other"
)

// RecordedChannels are those that a person may record.
func RecordedChannels() []Channel {
	return []Channel{Email, MailingList, Phone, Meeting, Post, Other}
}

// Capacity says for whom somebody answers.
type Capacity string

// The capacities.
const (
	Individual     Capacity = "individual"
	Organizational Capacity = "organizational"
)

// Contribution is one set of answers in a cycle. Name, organization, group, region, country and unit are
// as they were when it was received, because contacts change.
type Contribution struct {
	ID                      int64
	CycleID                 int64
	ContactID               *int64 // nil: unsolicited
	UnitID                  *int64 // the unit the contact answered for when it was received
	NRIID                   *int64 `gorm:"column:nri_id"`
	DeliveryID              *int64 // the mail whose link was used
	QuestionnaireRevisionID *int64
	SecretHash              string // of the secret link of somebody without an invitation
	State                   State
	Channel                 Channel
	Capacity                Capacity
	Name                    string
	Organization            string
	Email                   string // of somebody without an invitation; never shown to the public
	StakeholderGroup        string
	Region                  string
	Country                 string
	Language                string // BCP 47, of the answers
	ConsentPublication      bool
	StartedAt               time.Time
	UpdatedAt               time.Time
	ReceivedAt              *time.Time
	DeadlineAt              *time.Time // the deadline that lateness was judged by
	Late                    bool
	CheckedAt               *time.Time
	PublishedAt             *time.Time
	WithdrawnAt             *time.Time
	RecordedBy              *int64
	PublicNumber            *int   // given at the first publication, kept for ever
	LeadSignatoryID         *int64 // by whose name it goes since its author took their own back
	Corrections             int    // of the published text, that an officer approved
	CorrectedAt             *time.Time
	PublicChangedAt         *time.Time // when what everybody sees changed last
	ReviewerID              *int64     // who looks at it for the meeting after the deadline
	LinkMailedAt            *time.Time // when its author had the link to go on mailed last
	ReviewedAt              *time.Time // when they said that they had
	ConsentRenewedAt        *time.Time // when its author agreed to publication after it was withheld; nil once an officer has decided
	EditorID                *int64     // who changed answers or documents last; nil: the contributor
	EditedAt                *time.Time // when; nil: before that was noted
}

// Answer is what was answered to one question, item or free-form place.
type Answer struct {
	ContributionID int64
	Question       string
	Text           string
	EditorID       *int64     // who wrote it; nil: the contributor
	WrittenAt      *time.Time // nil: before that was noted
	Page           string     // the opened page of the form that it was written on, "" for none
}

// receive makes a draft a response. A deadline that is nil means that none applied.
func (c *Contribution) receive(at time.Time, deadline *time.Time) error {
	if err := c.move(Received, Draft); err != nil {
		return err
	}
	c.ReceivedAt, c.DeadlineAt = &at, deadline
	c.Late = deadline != nil && !at.Before(*deadline)
	return nil
}

// check notes that the contribution was looked at.
func (c *Contribution) check(at time.Time) error {
	if err := c.move(Checked, Received); err != nil {
		return err
	}
	c.CheckedAt = &at
	return nil
}

// publish shows the contribution to the public under this number, or under the one that it has.
func (c *Contribution) publish(at time.Time, number int) error {
	if !c.ConsentPublication {
		return errs.E(errs.Conflict, "contribution.no_consent")
	}
	if err := c.move(Published, Checked, Withheld); err != nil {
		return err
	}
	c.PublishedAt, c.PublicChangedAt, c.ConsentRenewedAt = &at, &at, nil
	if c.PublicNumber == nil {
		c.PublicNumber = &number
	}
	return nil
}

// withhold keeps the contribution from the public. It is counted all the same. One that is withheld already stays so, where its author
// has agreed to publication since then.
func (c *Contribution) withhold() error {
	if c.State == Withheld && c.ConsentRenewedAt != nil {
		c.ConsentRenewedAt = nil
		return nil
	}
	return c.move(Withheld, Checked, Published)
}

// reconsider changes what its author said about publication; shown says whether everybody can read it now.
func (c *Contribution) reconsider(publish bool, at time.Time) (shown bool, err error) {
	switch c.State {
	case Published, Withheld:
		switch {
		case !publish:
			c.ConsentRenewedAt = nil
		case c.State == Withheld && !c.ConsentPublication:
			c.ConsentRenewedAt = &at
		}
		c.ConsentPublication = publish
		return c.State == Published, nil
	case Withdrawn:
		return false, errs.E(errs.Conflict, "contribution.withdrawn")
	}
	return false, errs.E(errs.Conflict, "contribution.consent.not_yet")
}

// correct takes new answers. Whoever checked the old ones must look again.
func (c *Contribution) correct() error {
	switch c.State {
	case Draft, Received:
		return nil
	case Checked:
		c.State, c.CheckedAt = Received, nil
		return nil
	case Withdrawn:
		return errs.E(errs.Conflict, "contribution.withdrawn")
	}
	return errs.E(errs.Conflict, "contribution.closed")
}

// withdraw takes the contribution back. What stays is a stub: that there was one, and when.
func (c *Contribution) withdraw(at time.Time) error {
	if err := c.move(Withdrawn, Received, Checked, Published, Withheld); err != nil {
		return err
	}
	c.WithdrawnAt, c.PublicChangedAt, c.ConsentRenewedAt = &at, &at, nil
	c.Email = ""
	return nil
}

func (c *Contribution) move(to State, from ...State) error {
	for _, s := range from {
		if c.State == s {
			c.State = to
			return nil
		}
	}
	return errs.E(errs.Conflict, "contribution.illegal_move", "From", string(c.State), "To", string(to))
}

// Editable says whether its author may still change it.
func (c Contribution) Editable() bool {
	return c.State == Draft || c.State == Received || c.State == Checked
}
