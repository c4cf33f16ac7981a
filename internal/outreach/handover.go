package outreach

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// OfferState is how far an offer has come.
type OfferState string

// The states: offered → accepted | declined | withdrawn | lapsed. An offer lapses with its claim.
const (
	Offered   OfferState = "offered"
	Accepted  OfferState = "accepted"
	Refused   OfferState = "declined"
	Withdrawn OfferState = "withdrawn"
	Lapsed    OfferState = "lapsed"
)

// Offer is a claim that its holder offers to a colleague. Until the colleague accepts, the claim stays
// with its holder, and the colleague sees no address. At most one offer of a claim is open: a unique index decides.
type Offer struct {
	ID        int64
	ClaimID   int64
	FromID    int64
	ToID      int64
	State     OfferState
	Note      string // from the holder to the colleague
	Answer    string // from the colleague, who declined
	OfferedAt time.Time
	DecidedAt *time.Time
}

// Accept takes the offer.
func (o *Offer) Accept(now time.Time) error { return o.end(Accepted, now) }

// Decline says no, with a word to the holder.
func (o *Offer) Decline(now time.Time, answer string) error {
	if err := o.end(Refused, now); err != nil {
		return err
	}
	o.Answer = answer
	return nil
}

// Withdraw takes the offer back.
func (o *Offer) Withdraw(now time.Time) error { return o.end(Withdrawn, now) }

func (o *Offer) end(to OfferState, now time.Time) error {
	if o.State != Offered {
		return errs.E(errs.Conflict, "outreach.offer.over")
	}
	o.State, o.DecidedAt = to, &now
	return nil
}

// HandOver offers the actor's claim to a colleague. One who cannot take it (not a volunteer, too much on their
// hands, a conflict of interest) is errs.Invalid without a reason: conflicts are nobody else's business.
func (s *Service) HandOver(ctx context.Context, by account.Actor, claimID, toID int64, note string) (Offer, error) {
	if err := by.Require(account.ClaimWork); err != nil {
		return Offer{}, err
	}
	note, err := noteField(note)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{ClaimID: claimID, ToID: toID, State: Offered, Note: note, OfferedAt: s.Now()}
	var m Message
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.ownClaim(tx, by, claimID)
		if err != nil {
			return err
		}
		if err := c.requireLive(s.Now()); err != nil {
			return err
		}
		if err := s.mayBeOffered(tx, &c, toID); err != nil {
			return err
		}
		o.FromID = c.VolunteerID
		made, err := insertOffer(tx, &o)
		if err != nil {
			return err
		}
		if !made {
			return errs.E(errs.Conflict, "outreach.offer.open")
		}
		if m, err = s.tellOf(tx.Context(), tx, by, &c, o); err != nil {
			return err
		}
		return s.recordOffer(tx, by.Who, "handover.offered", &c, o)
	})
	wake(ctx, m, err)
	return o, errs.Wrap("outreach.hand_over", err)
}

func (s *Service) mayBeOffered(tx *db.Tx, c *Claim, toID int64) error {
	next := c.successor(s.Now(), toID)
	known, err := isVolunteer(tx, toID)
	if err == nil && known && toID != c.VolunteerID {
		err = s.mayClaim(tx, &next)
	}
	if errs.Is(err, errs.Conflict) || err == nil && (!known || toID == c.VolunteerID) {
		return errs.InvalidFields(errs.FieldError("volunteer", "outreach.offer.cannot"))
	}
	return err
}

// AcceptOffer gives the claim to the actor, to whom it was offered: the notes stay, the holder's
// claim ends as handed back, and from now on the actor sees the address.
func (s *Service) AcceptOffer(ctx context.Context, by account.Actor, claimID int64) (Claim, error) {
	var next Claim
	err := s.answer(ctx, by, claimID, func(tx *db.Tx, c *Claim, o *Offer) error {
		if err := o.Accept(s.Now()); err != nil {
			return err
		}
		last, err := cutoffOf(tx, c.CycleID)
		if err != nil {
			return err
		}
		before := *c
		if next, err = c.HandOver(s.Now(), by.ID, !last.Over(s.Now())); err != nil {
			return err
		}
		if err := s.mayClaim(tx, &next); err != nil {
			return err
		}
		if err := saveOffer(tx, o); err != nil {
			return err
		}
		if err := saveMoved(tx, &before, c); err != nil {
			return err
		}
		if err := s.record(tx, by.Who, "claim.handed_over", c, &before); err != nil {
			return err
		}
		return s.take(tx, by.Who, &next, "claim.made")
	})
	return next, errs.Wrap("outreach.accept", err)
}

// DeclineOffer leaves the claim with its holder, who reads the answer.
func (s *Service) DeclineOffer(ctx context.Context, by account.Actor, claimID int64, answer string) error {
	answer, err := noteField(answer)
	if err != nil {
		return err
	}
	err = s.answer(ctx, by, claimID, func(tx *db.Tx, c *Claim, o *Offer) error {
		if err := o.Decline(s.Now(), answer); err != nil {
			return err
		}
		if err := saveOffer(tx, o); err != nil {
			return err
		}
		return s.recordOffer(tx, by.Who, "handover.declined", c, *o)
	})
	return errs.Wrap("outreach.decline", err)
}

// answer is errs.NotFound where the claim was not offered to the actor.
func (s *Service) answer(ctx context.Context, by account.Actor, claimID int64, step func(*db.Tx, *Claim, *Offer) error) error {
	if err := by.Require(account.ClaimTake); err != nil {
		return err
	}
	var m Message
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		o, err := lastOffer(tx, claimID, by.ID)
		if db.IsNotFound(err) || err == nil && by.RequireOn(account.ClaimTake, o.ToID == by.ID, "") != nil {
			return errs.E(errs.NotFound, "outreach.claim.not_found")
		}
		if err != nil {
			return err
		}
		c, err := claimByID(tx, claimID)
		if err != nil {
			return err
		}
		if err := step(tx, &c, &o); err != nil {
			return err
		}
		m, err = s.tellAnswer(tx.Context(), tx, by, &c, o)
		return err
	})
	wake(ctx, m, err)
	return err
}

// WithdrawOffer takes the actor's offer of a claim back.
func (s *Service) WithdrawOffer(ctx context.Context, by account.Actor, claimID int64) error {
	if err := by.Require(account.ClaimWork); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.ownClaim(tx, by, claimID)
		if err != nil {
			return err
		}
		o, err := openOffer(tx, claimID)
		if db.IsNotFound(err) {
			return errs.E(errs.Conflict, "outreach.offer.over")
		}
		if err != nil {
			return err
		}
		if err := o.Withdraw(s.Now()); err != nil {
			return err
		}
		if err := saveOffer(tx, &o); err != nil {
			return err
		}
		return s.recordOffer(tx, by.Who, "handover.withdrawn", &c, o)
	})
	return errs.Wrap("outreach.withdraw", err)
}

func (s *Service) recordOffer(tx *db.Tx, by audit.Who, action string, c *Claim, o Offer) error {
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: action, ObjectKind: "claim", ObjectID: c.ID, CycleID: c.CycleID,
		After: map[string]any{"contact": c.ContactID, "from": o.FromID, "to": o.ToID, "state": o.State},
	})
}

// Invitation is an offer as the colleague sees it: who asks, whom it is about and why they were asked,
// and what was tried. There is no address in it.
type Invitation struct {
	Offer
	Claim
	Card
	From     string
	Reasons  []Reason
	Attempts []Try
}

// Invitations lists what colleagues offer to the actor.
func (s *Service) Invitations(ctx context.Context, by account.Actor, cycleID int64) ([]Invitation, error) {
	if err := by.Require(account.OutreachRead); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	offers, err := offersTo(tx, cycleID, by.ID, s.Now())
	if err != nil || len(offers) == 0 {
		return nil, errs.Wrap("outreach.invitations", err)
	}
	p, err := s.profileIn(tx, by.ID)
	if err != nil {
		return nil, errs.Wrap("outreach.invitations", err)
	}
	all := make([]Invitation, len(offers))
	for i, o := range offers {
		all[i] = Invitation{Offer: o.Offer, From: o.Name}
		if all[i].Claim, err = claimByID(tx, o.ClaimID); err != nil {
			return nil, errs.Wrap("outreach.invitations", err)
		}
		if all[i].Card, err = cardOf(tx, cycleID, all[i].Claim.ContactID); err != nil {
			return nil, errs.Wrap("outreach.invitations", err)
		}
		_, all[i].Reasons = p.match(s.Reference, &all[i].Card)
		if all[i].Attempts, err = attemptsOn(tx, cycleID, all[i].Claim.ContactID); err != nil {
			return nil, errs.Wrap("outreach.invitations", err)
		}
	}
	return all, nil
}
