package outreach

import (
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Contacts is what this room needs of the contacts' room beyond its views.
type Contacts interface {
	// AddAddressIn adds an address to a contact in the caller's transaction and gives its id. It is
	// errs.Invalid with the field "email" for what is no address or does not work any more, and
	// errs.Conflict for an address that must not be mailed.
	AddAddressIn(tx *db.Tx, by audit.Who, contactID int64, email string) (int64, error)
	// MarkBounced says in the caller's transaction that an address does not work.
	MarkBounced(tx *db.Tx, by audit.Who, addressID int64) error
	// Recount makes the lists count, in the caller's transaction, what was tried with these contacts.
	Recount(tx *db.Tx, cycleID int64, contactIDs []int64) error
}

// Deps is what a Service works with.
type Deps struct {
	DB        *db.DB
	Now       func() time.Time // UTC, in microseconds
	Reference *geo.Reference
	Contacts  Contacts
	Notifier  Notifier // nil where nobody is to be written to
}

// Service gives out claims and keeps what was tried.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Claim takes a contact on for a purpose. The error is errs.Conflict where that cannot be, with
// the key "outreach.claim.held" and the args Holder (a name) and Until (a time.Time) where somebody holds it, and
// errs.NotFound for a contact that is not on the cycle's list.
func (s *Service) Claim(ctx context.Context, by account.Actor, cycleID, contactID int64, purpose Purpose) (Claim, error) {
	if err := by.Require(account.ClaimMake); err != nil {
		return Claim{}, err
	}
	if !purpose.Valid() {
		return Claim{}, errs.InvalidFields(errs.FieldError("purpose", "field.choice"))
	}
	c := s.newClaim(cycleID, contactID, by.ID, purpose)
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.beforeCutoff(tx, cycleID); err != nil {
			return err
		}
		if err := s.mayClaim(tx, &c); err != nil {
			return err
		}
		return s.take(tx, by.Who, &c, "claim.made")
	})
	return c, errs.Wrap("outreach.claim", err)
}

func (s *Service) newClaim(cycleID, contactID, volunteerID int64, purpose Purpose) Claim {
	now := s.Now()
	return Claim{
		CycleID: cycleID, ContactID: contactID, VolunteerID: volunteerID, Purpose: purpose,
		State: Active, ClaimedAt: now, ExpiresAt: now.Add(Lease),
	}
}

// take makes the claim hold, unless somebody else's does: the unique index decides.
func (s *Service) take(tx *db.Tx, by audit.Who, c *Claim, action string) error {
	if err := s.expireFor(tx, c); err != nil {
		return err
	}
	taken, err := insertClaim(tx, c)
	if err != nil {
		return err
	}
	if !taken {
		return held(tx, c)
	}
	return s.record(tx, by, action, c, nil)
}

// mayClaim refuses what the contact forbids, or the volunteer whom the claim is for. Whether somebody holds it
// already, the unique index decides.
func (s *Service) mayClaim(tx *db.Tx, c *Claim) error {
	if err := lockVolunteer(tx, c.VolunteerID); err != nil {
		return err
	}
	if err := lockContacts(tx, c.ContactID); err != nil {
		return err
	}
	card, err := listedCard(tx, c)
	if err != nil {
		return err
	}
	p, err := s.profileIn(tx, c.VolunteerID)
	if err != nil {
		return err
	}
	if p.conflicted(&card) {
		return errs.E(errs.Conflict, "outreach.claim.conflict_of_interest")
	}
	if err := open(&card, c.Purpose); err != nil {
		return err
	}
	return s.mayHold(tx, c)
}

// listedCard is the contact of a claim, errs.NotFound where it is not on the list.
func listedCard(tx *db.Tx, c *Claim) (Card, error) {
	card, err := cardOf(tx, c.CycleID, c.ContactID)
	if db.IsNotFound(err) {
		return card, errs.E(errs.NotFound, "outreach.contact_not_listed")
	}
	return card, err
}

// open refuses a purpose that the contact forbids or needs no more.
func open(card *Card, purpose Purpose) error {
	switch {
	case card.OptedOut:
		return errs.E(errs.Conflict, "outreach.claim.opted_out")
	case card.Responded && purpose == ReachOut:
		return errs.E(errs.Conflict, "outreach.claim.responded")
	case purpose == FindAddress && card.Usable:
		return errs.E(errs.Conflict, "outreach.claim.has_address")
	}
	return nil
}

func (s *Service) mayHold(tx *db.Tx, c *Claim) error {
	live, err := countLive(tx, c.VolunteerID, c.ClaimedAt)
	if err != nil {
		return err
	}
	if live >= MaxLive {
		return errs.E(errs.Conflict, "outreach.claim.too_many", "Max", MaxLive)
	}
	let, err := lastLetGo(tx, c)
	if db.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return errs.E(errs.Conflict, "outreach.claim.cooldown", "Until", let.Add(Cooldown))
}

// expireFor makes way: a claim whose time is over must not keep others out until the worker comes.
func (s *Service) expireFor(tx *db.Tx, c *Claim) error {
	old, err := activeClaim(tx, c)
	if db.IsNotFound(err) {
		return nil
	}
	if err != nil || old.Live(c.ClaimedAt) {
		return err
	}
	err = s.expire(tx, &old)
	if errs.Is(err, errs.Conflict) { // the worker was faster
		return nil
	}
	if err == nil && old.VolunteerID == c.VolunteerID {
		return errs.E(errs.Conflict, "outreach.claim.cooldown", "Until", old.ExpiresAt.Add(Cooldown))
	}
	return err
}

// held says by whom and until when the contact is held.
func held(tx *db.Tx, c *Claim) error {
	other, err := activeClaim(tx, c)
	if db.IsNotFound(err) { // let go in this very moment
		return errs.E(errs.Conflict, "error.conflict")
	}
	if err != nil {
		return err
	}
	name, err := accountName(tx, other.VolunteerID)
	if err != nil {
		return err
	}
	return errs.E(errs.Conflict, "outreach.claim.held", "Holder", name, "Until", other.ExpiresAt)
}

// Renew extends the actor's claim, once.
func (s *Service) Renew(ctx context.Context, by account.Actor, id int64) (Claim, error) {
	return s.workIn(ctx, by, id, "claim.renewed", func(tx *db.Tx, c *Claim) error {
		if err := s.beforeCutoff(tx, c.CycleID); err != nil {
			return err
		}
		return c.Renew(s.Now())
	})
}

// Release hands a contact back, with a note for whoever comes next.
func (s *Service) Release(ctx context.Context, by account.Actor, id int64, note string) (Claim, error) {
	note, err := noteField(note)
	if err != nil {
		return Claim{}, err
	}
	return s.work(ctx, by, id, "claim.released", func(c *Claim) error { return c.Release(s.Now(), note) })
}

// Finish ends the actor's claim: what it was for is done.
func (s *Service) Finish(ctx context.Context, by account.Actor, id int64, note string) (Claim, error) {
	note, err := noteField(note)
	if err != nil {
		return Claim{}, err
	}
	return s.work(ctx, by, id, "claim.done", func(c *Claim) error { return c.Finish(s.Now(), note) })
}

// LogAttempt keeps what a volunteer tried under a claim, and extends the claim.
func (s *Service) LogAttempt(ctx context.Context, by account.Actor, claimID int64, a Attempt) (Attempt, error) {
	now := s.Now()
	if err := by.Require(account.ClaimWork); err != nil {
		return Attempt{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.ownClaim(tx, by, claimID)
		if err != nil {
			return err
		}
		if err := a.validate(now); err != nil {
			return err
		}
		if c, err = lockClaim(tx, c.ID); err != nil {
			return err
		}
		before := c
		if err := s.extend(tx, &c); err != nil {
			return err
		}
		if err := saveMoved(tx, &before, &c); err != nil {
			return err
		}
		a.ID, a.ClaimID, a.CycleID, a.ContactID, a.VolunteerID, a.At = 0, c.ID, c.CycleID, c.ContactID, by.ID, now
		if err := s.addAttempt(tx, &a); err != nil {
			return err
		}
		if err := s.doubt(tx, &a); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, now, audit.Change{
			Action: "attempt.logged", ObjectKind: "claim", ObjectID: c.ID, CycleID: c.CycleID,
			Before: map[string]any{"expires_at": before.ExpiresAt},
			After:  map[string]any{"contact": c.ContactID, "channel": a.Channel, "outcome": a.Outcome, "expires_at": c.ExpiresAt},
		})
	})
	return a, errs.Wrap("outreach.log_attempt", err)
}

func (s *Service) addAttempt(tx *db.Tx, a *Attempt) error {
	if err := insertAttempt(tx, a); err != nil {
		return err
	}
	return s.Contacts.Recount(tx, a.CycleID, []int64{a.ContactID})
}

// extend gives a claim under which something was tried a whole lease, up to the last day.
func (s *Service) extend(tx *db.Tx, c *Claim) error {
	last, err := cutoffOf(tx, c.CycleID)
	if err != nil {
		return err
	}
	if last.Over(s.Now()) {
		return c.requireLive(s.Now())
	}
	return c.Extend(s.Now())
}

// AddAddress fills in the address of a contact. A volunteer must hold a live claim on it; one to find
// the address is done with that. Officers need none. It gives the id of the address.
func (s *Service) AddAddress(ctx context.Context, by account.Actor, contactID int64, email string) (int64, error) {
	if err := by.Require(account.ContactWrite); err != nil {
		return 0, err
	}
	var id int64
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		mine, err := liveOn(tx, contactID, by.ID, s.Now())
		if err != nil {
			return err
		}
		if err := by.RequireOn(account.ContactWrite, len(mine) > 0, ""); err != nil {
			return err
		}
		if id, err = s.Contacts.AddAddressIn(tx, by.Who, contactID, email); err != nil {
			return err
		}
		at := slices.IndexFunc(mine, func(c Claim) bool { return c.Purpose == FindAddress })
		if at < 0 {
			return nil
		}
		return s.move(tx, by.Who, &mine[at], "claim.done", func(c *Claim) error { return c.Finish(s.Now(), "") })
	})
	return id, errs.Wrap("outreach.add_address", err)
}

// work moves a claim that the actor holds or may manage.
func (s *Service) work(ctx context.Context, by account.Actor, id int64, action string, step func(*Claim) error) (Claim, error) {
	return s.workIn(ctx, by, id, action, func(_ *db.Tx, c *Claim) error { return step(c) })
}

func (s *Service) workIn(ctx context.Context, by account.Actor, id int64, action string, step func(*db.Tx, *Claim) error) (Claim, error) {
	if err := by.Require(account.ClaimWork); err != nil {
		return Claim{}, err
	}
	var c Claim
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.ownClaim(tx, by, id); err != nil {
			return err
		}
		return s.move(tx, by.Who, &c, action, func(c *Claim) error { return step(tx, c) })
	})
	return c, errs.Wrap("outreach."+action, err)
}

// OnContact is errs.NotFound where the claim is not one on the contact.
func (s *Service) OnContact(ctx context.Context, claimID, contactID int64) error {
	c, err := claimByID(s.DB.Read(ctx), claimID)
	if db.IsNotFound(err) || err == nil && c.ContactID != contactID {
		err = errs.E(errs.NotFound, "outreach.claim.not_found")
	}
	return errs.Wrap("outreach.on_contact", err)
}

// ownClaim is errs.NotFound for somebody else's claim: who works on what is not told by guessing ids.
func (s *Service) ownClaim(tx *db.Tx, by account.Actor, id int64) (Claim, error) {
	c, err := claimByID(tx, id)
	if db.IsNotFound(err) || err == nil && by.RequireOn(account.ClaimWork, c.VolunteerID == by.ID, "") != nil {
		return Claim{}, errs.E(errs.NotFound, "outreach.claim.not_found")
	}
	return c, err
}

// move makes a step of the claim, stores it if nobody else moved it meanwhile, and leaves its event.
func (s *Service) move(tx *db.Tx, by audit.Who, c *Claim, action string, step func(*Claim) error) error {
	before := *c
	if err := step(c); err != nil {
		return err
	}
	if err := saveMoved(tx, &before, c); err != nil {
		return err
	}
	return s.record(tx, by, action, c, &before)
}

func (s *Service) record(tx *db.Tx, by audit.Who, action string, c, before *Claim) error {
	return recordClaim(tx, by, s.Now(), action, c, before)
}

func recordClaim(tx *db.Tx, by audit.Who, at time.Time, action string, c, before *Claim) error {
	change := audit.Change{
		Action: action, ObjectKind: "claim", ObjectID: c.ID, CycleID: c.CycleID,
		After: map[string]any{
			"contact": c.ContactID, "volunteer": c.VolunteerID, "purpose": c.Purpose, "state": c.State, "expires_at": c.ExpiresAt,
		},
	}
	if c.Reason != "" || c.EndedWhy != "" {
		change.After = map[string]any{
			"contact": c.ContactID, "volunteer": c.VolunteerID, "purpose": c.Purpose, "state": c.State, "expires_at": c.ExpiresAt,
			"why": c.EndedWhy, "reason": c.Reason,
		}
	}
	if before != nil {
		change.Before = map[string]any{"state": before.State, "expires_at": before.ExpiresAt}
	}
	return audit.Record(tx, by, at, change)
}
