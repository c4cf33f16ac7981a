package contribution

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// SignatoryState is what somebody whose name was put under a contribution said to that.
type SignatoryState string

// The states: invited → confirmed | declined | withdrawn. Who declined may confirm after all. A text that is corrected after it
// was confirmed makes confirmed ones invited again.
const (
	Invited   SignatoryState = "invited"
	Confirmed SignatoryState = "confirmed"
	Declined  SignatoryState = "declined"
	// Left is a signature that was taken back, or an invitation that the contributor took back.
	Left SignatoryState = "withdrawn"
)

// Limits of signatures.
const (
	MaxSignatories   = 20
	maxNamed         = 60 // those whose invitation was taken back included
	invitationsAtOne = 3  // mails to one mailbox, to sign or to edit, within invitationsSpan, because anybody can type anybody's address
	invitationsSpan  = 24 * time.Hour
)

// Signatory is somebody who signs a contribution beside the one who gave it.
type Signatory struct {
	ID               int64
	ContributionID   int64
	CycleID          int64
	Position         int
	Name             string
	Organization     string // "" for a person who signs for nobody else
	Capacity         Capacity
	Email            string // never shown to the public
	ContactID        *int64 // nil where nobody on our lists has the address
	NRIID            *int64 `gorm:"column:nri_id"`
	StakeholderGroup string
	Region           string
	Country          string
	State            SignatoryState
	InvitedAt        time.Time
	MailedAt         *time.Time
	AnsweredAt       *time.Time
	ConfirmedAt      *time.Time // when a signature was given first, also one that was taken back later
	Digest           string     // of the text that was confirmed
	SecretHash       string     // of an author who left: of the secret link that opened the contribution
}

// confirm signs the text that has this digest.
func (g *Signatory) confirm(at time.Time, digest string) error {
	if err := g.move(Confirmed, Invited, Declined); err != nil {
		return err
	}
	g.AnsweredAt, g.Digest = &at, digest
	if g.ConfirmedAt == nil {
		g.ConfirmedAt = &at
	}
	return nil
}

func (g *Signatory) decline(at time.Time) error {
	g.AnsweredAt = &at
	return g.move(Declined, Invited)
}

// leave takes a signature back, or an invitation that was not answered.
func (g *Signatory) leave(at time.Time) error {
	g.AnsweredAt = &at
	return g.move(Left, Confirmed, Invited)
}

// askAgain makes a signature under an older text an invitation.
func (g *Signatory) askAgain() error {
	g.AnsweredAt, g.MailedAt, g.Digest = nil, nil, ""
	return g.move(Invited, Confirmed)
}

func (g *Signatory) move(to SignatoryState, from ...SignatoryState) error {
	for _, s := range from {
		if g.State == s {
			g.State = to
			return nil
		}
	}
	return errs.E(errs.Conflict, "signatory.illegal_move", "From", string(g.State), "To", string(to))
}

// Signed says whether the person answers for a contribution with others: for an organization or an initiative.
func (c Contribution) Signed() bool { return c.Capacity == Organizational || c.NRIID != nil }

// signable refuses signatures where there is nothing that several could sign.
func (c Contribution) signable() error {
	switch {
	case c.State == Withdrawn:
		return errs.E(errs.Conflict, "contribution.withdrawn")
	case c.State == Withheld:
		return errs.E(errs.Conflict, "contribution.closed")
	case !c.Signed():
		return errs.E(errs.Conflict, "signatory.individual")
	}
	return nil
}

// digestOf tells one text from another: what is answered, what is attached, and whose it is.
func digestOf(c Contribution, answers Answers, files []File) string {
	h := sha256.New()
	put := func(text string) {
		_, _ = h.Write([]byte(text)) // a hash never fails
		_, _ = h.Write([]byte{0})
	}
	put(c.Name)
	put(c.Organization)
	for _, key := range answers.keys() {
		put(key)
		put(answers[key])
	}
	for _, f := range files {
		put(f.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// confirmedAmong are those whose names stand under the contribution.
func confirmedAmong(all []Signatory) []Signatory {
	var some []Signatory
	for _, g := range all {
		if g.State == Confirmed {
			some = append(some, g)
		}
	}
	return some
}

// remaining are those with whom a contribution stays when its author leaves: who signed it, then who signed an older text and has
// not answered yet to the new one.
func remaining(all []Signatory) []Signatory {
	some := confirmedAmong(all)
	for _, g := range all {
		if g.State != Confirmed && g.Stays() {
			some = append(some, g)
		}
	}
	return some
}

// Stays says whether the contribution stays with this one when its author leaves.
func (g Signatory) Stays() bool {
	return g.State == Confirmed || g.State == Invited && g.ConfirmedAt != nil
}

// goOn lets a contribution whose author takes it back go on under the name of another who signed it. The author's link opens it no more.
// Group and place become the signatory's where the list knew them.
func (c *Contribution) goOn(g Signatory, unit *int64) {
	c.Name, c.Organization, c.Capacity, c.Email = g.Name, g.Organization, g.Capacity, ""
	c.ContactID, c.DeliveryID, c.SecretHash = nil, nil, ""
	c.UnitID, c.NRIID = unit, g.NRIID
	if g.StakeholderGroup != "" {
		c.StakeholderGroup, c.Region, c.Country = g.StakeholderGroup, g.Region, g.Country
	}
}
