// Package outreach spreads the work of reaching people over volunteers: what is missing (gaps), who
// takes it on and for how long (claims), what was tried (attempts), and who suits whom (matching).
//
// It reads contacts through the views of their room and never sees an address.
package outreach

import (
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// Purpose says what a volunteer takes a contact on for.
type Purpose string

// The purposes.
const (
	FindAddress Purpose = "find_address"
	ReachOut    Purpose = "reach_out" // bulk mail leaves the contact alone meanwhile
	Brief       Purpose = "brief"
)

// Purposes lists them in the order in which they are shown.
func Purposes() []Purpose { return []Purpose{FindAddress, ReachOut, Brief} }

// Valid says whether it is one of Purposes.
func (p Purpose) Valid() bool { return p == FindAddress || p == ReachOut || p == Brief }

// State is how far a claim has come.
type State string

// The states: active → done | released | expired | revoked.
const (
	Active   State = "active"
	Done     State = "done"
	Released State = "released"
	Expired  State = "expired"
	Revoked  State = "revoked"
)

// The rules of the lease.
const (
	Lease      = 7 * 24 * time.Hour // from the claim, and again from each logged attempt
	WarnBefore = 48 * time.Hour     // before a claim expires, its volunteer is warned
	// Cooldown is how long the same volunteer may not take a contact again that they let go: the
	// three days give others the chance to see it, so that nobody keeps a contact by taking turns with themselves.
	Cooldown = 3 * 24 * time.Hour
	// MaxLive is how many claims one volunteer may hold at once: more than ten in a week cannot be
	// done in person, and would keep contacts from others.
	MaxLive = 10
)

// Claim is a volunteer's lease on a contact. At most one holds per contact, cycle and purpose: a
// unique index decides.
type Claim struct {
	ID          int64
	CycleID     int64
	ContactID   int64
	VolunteerID int64
	Purpose     Purpose
	State       State
	ClaimedAt   time.Time
	ExpiresAt   time.Time
	WarnedAt    *time.Time // nil until warned of the present expiry
	RenewedAt   *time.Time
	EndedAt     *time.Time
	Notes       string // what the volunteer leaves to whoever comes next
	EndedWhy    Why    // "" where the volunteer or the clock ended it
	Reason      string // what the officer who ended it wrote to the volunteer
	// PredecessorID is the claim from which this one was handed over or taken; nil for one of its own.
	PredecessorID *int64
}

// Why says for what a claim ended otherwise than by its volunteer's work or the clock.
type Why string

// The reasons.
const (
	Suppressed Why = "suppressed"  // the contact asked not to be written to
	ByOfficer  Why = "by_officer"  // an officer took it back
	Reassigned Why = "reassigned"  // an officer gave it to somebody else
	HandedOver Why = "handed_over" // the volunteer gave it to a colleague, who agreed
	United     Why = "united"      // the contact was found to be one whom somebody else had claimed before
)

// Live says whether the claim holds now, swept or not.
func (c *Claim) Live(now time.Time) bool { return c.State == Active && now.Before(c.ExpiresAt) }

// Renewable says whether the one renewal is left.
func (c *Claim) Renewable() bool { return c.State == Active && c.RenewedAt == nil }

// Renew adds a lease to what is left, once.
func (c *Claim) Renew(now time.Time) error {
	if err := c.requireLive(now); err != nil {
		return err
	}
	if c.RenewedAt != nil {
		return errs.E(errs.Conflict, "outreach.claim.renewed_before")
	}
	c.RenewedAt, c.ExpiresAt, c.WarnedAt = &now, c.ExpiresAt.Add(Lease), nil
	return nil
}

// Extend gives the claim a whole lease from now, after an attempt. It never shortens it.
func (c *Claim) Extend(now time.Time) error {
	if err := c.requireLive(now); err != nil {
		return err
	}
	if until := now.Add(Lease); until.After(c.ExpiresAt) {
		c.ExpiresAt, c.WarnedAt = until, nil
	}
	return nil
}

// Warn notes that the volunteer is told of the expiry. It refuses what is not due.
func (c *Claim) Warn(now time.Time) error {
	if err := c.requireLive(now); err != nil {
		return err
	}
	if c.WarnedAt != nil || c.ExpiresAt.Sub(now) > WarnBefore {
		return errs.E(errs.Conflict, "outreach.claim.not_due")
	}
	c.WarnedAt = &now
	return nil
}

// Finish ends the claim: what it was for is done.
func (c *Claim) Finish(now time.Time, note string) error {
	if err := c.requireLive(now); err != nil {
		return err
	}
	return c.end(Done, now, note)
}

// Release hands the contact back.
func (c *Claim) Release(now time.Time, note string) error {
	if err := c.requireLive(now); err != nil {
		return err
	}
	return c.end(Released, now, note)
}

// Expire ends a claim whose time is over.
func (c *Claim) Expire(now time.Time) error {
	if c.State == Active && now.Before(c.ExpiresAt) {
		return errs.E(errs.Conflict, "outreach.claim.not_due")
	}
	return c.end(Expired, now, "")
}

// Revoke ends a claim against its volunteer's will. The volunteer reads the reason.
func (c *Claim) Revoke(now time.Time, why Why, reason string) error {
	if err := c.end(Revoked, now, ""); err != nil {
		return err
	}
	c.EndedWhy, c.Reason = why, reason
	return nil
}

// HandOver ends the claim and gives the one of the colleague that follows it. The lease begins anew once:
// what was handed over before, or after the last day for taking contacts on, keeps the end that it had,
// so that nobody keeps a contact by passing it round.
func (c *Claim) HandOver(now time.Time, to int64, anew bool) (Claim, error) {
	if err := c.requireLive(now); err != nil {
		return Claim{}, err
	}
	next := c.successor(now, to)
	if anew && c.PredecessorID == nil {
		next.ExpiresAt = now.Add(Lease)
	}
	if err := c.end(Released, now, ""); err != nil {
		return Claim{}, err
	}
	c.EndedWhy = HandedOver
	return next, nil
}

// Reassign ends the claim in an officer's name and gives the one that follows it, with a whole lease.
func (c *Claim) Reassign(now time.Time, to int64, reason string) (Claim, error) {
	if err := c.requireLive(now); err != nil {
		return Claim{}, err
	}
	next := c.successor(now, to)
	next.ExpiresAt = now.Add(Lease)
	return next, c.Revoke(now, Reassigned, reason)
}

// successor has the notes of the claim: what was learned belongs to the work, not to the person.
func (c *Claim) successor(now time.Time, to int64) Claim {
	return Claim{
		CycleID: c.CycleID, ContactID: c.ContactID, VolunteerID: to, Purpose: c.Purpose, State: Active,
		ClaimedAt: now, ExpiresAt: c.ExpiresAt, Notes: c.Notes, PredecessorID: &c.ID,
	}
}

func (c *Claim) requireLive(now time.Time) error {
	switch {
	case c.State != Active:
		return errs.E(errs.Conflict, "outreach.claim.over")
	case !now.Before(c.ExpiresAt):
		return errs.E(errs.Conflict, "outreach.claim.expired")
	}
	return nil
}

// end keeps what was noted before: the next one to take the contact reads all of it.
func (c *Claim) end(to State, now time.Time, note string) error {
	if c.State != Active {
		return errs.E(errs.Conflict, "outreach.claim.over")
	}
	c.State, c.EndedAt = to, &now
	c.Notes = strings.TrimSpace(c.Notes + "\n" + note)
	return nil
}
