package campaign

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

const (
	resendTries = 5   // of one message that the cycle lets be sent again without asking
	resendAtOne = 500 // messages of one sweep
)

// ResolveUncertain decides what became of a delivery that may or may not have been accepted: it
// was sent, or it is queued to be sent again with the same Message-ID. Any other state of the
// delivery is errs.Conflict.
func (s *Service) ResolveUncertain(ctx context.Context, by account.Actor, deliveryID int64, to DeliveryState) error {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return err
	}
	reason := DecidedAgain
	if to == DeliverySent {
		reason = DecidedSent
	}
	return errs.Wrap("campaign.resolve", s.resolve(ctx, by.Who, deliveryID, to, reason))
}

// OfCampaign is errs.NotFound where the delivery is not one of the campaign.
func (s *Service) OfCampaign(ctx context.Context, deliveryID, campaignID int64) error {
	id, err := campaignOfStep(s.DB.Read(ctx), batchOf(deliveryID).StepID)
	if db.IsNotFound(err) || err == nil && id != campaignID {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return errs.Wrap("campaign.of_campaign", err)
}

func (s *Service) resolve(ctx context.Context, who audit.Who, deliveryID int64, to DeliveryState, reason Reason) error {
	now := s.Now()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		d, err := lockDelivery(tx, deliveryID)
		if err != nil {
			return err
		}
		if d.State != DeliveryUncertain || !d.State.Can(to) {
			return errs.E(errs.Conflict, "campaign.delivery.illegal_move", "From", string(d.State), "To", string(to))
		}
		id, err := campaignOfStep(tx, d.StepID)
		if err != nil {
			return err
		}
		c, err := loadCampaign(tx, id)
		if err != nil {
			return err
		}
		sentAt := d.SentAt
		if to == DeliverySent {
			sentAt = &now
		}
		if err := markDeliveries(tx, batchOf(d.ID), []int64{d.ID}, []DeliveryState{DeliveryUncertain}, to, reason, sentAt); err != nil {
			return err
		}
		if err := s.afterDecision(tx, &Try{DeliveryID: d.ID, At: now, State: to, Reason: reason, DecidedBy: optional(who.ID)}); err != nil {
			return err
		}
		return audit.Record(tx, who, now, audit.Change{
			Action: "delivery.resolved", ObjectKind: "delivery", ObjectID: d.ID, CycleID: c.CycleID,
			Before: map[string]any{"state": d.State, "reason": d.Reason}, After: map[string]any{"state": to, "reason": reason},
		})
	})
}

// afterDecision notes a decision, and what follows from it for the batch and for a volunteer.
func (s *Service) afterDecision(tx *db.Tx, t *Try) error {
	ref := batchOf(t.DeliveryID)
	if err := storeDecision(tx, t); err != nil {
		return err
	}
	if err := countBatch(tx, ref, t.At); err != nil {
		return err
	}
	if t.State == DeliveryQueued {
		if err := hurryBatch(tx, ref); err != nil {
			return err
		}
	}
	return s.tellVolunteers(tx, ref)
}

// optional is nil for nobody.
func optional(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// takeProof counts uncertain messages as sent of which a link was used since.
func (s *Service) takeProof(ctx context.Context, c *Campaign) error {
	ids, err := provedDeliveries(s.DB.Read(ctx), c.ID, resendAtOne)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.resolve(ctx, system, id, DeliverySent, Proved); err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return nil
}

// resendUncertain takes proof first, and then follows the cycle that lets uncertain messages be sent again.
func (s *Service) resendUncertain(ctx context.Context, c *Campaign) error {
	if err := s.takeProof(ctx, c); err != nil {
		return err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil || !cycle.ResendUncertain {
		return err
	}
	ids, err := uncertainToResend(s.DB.Read(ctx), c.ID, resendAtOne)
	if err != nil {
		return err
	}
	for _, id := range ids {
		again, err := countSentAgainByItself(s.DB.Read(ctx), id)
		if err != nil {
			return err
		}
		if again >= resendTries { // a worker that dies of it counts no tries
			continue
		}
		if err := s.resolve(ctx, system, id, DeliveryQueued, DecidedAgain); err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return nil
}
