package campaign

import (
	"context"
	"errors"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// PersonalOrder is a volunteer's order to send.
type PersonalOrder struct {
	Opening string // the volunteer's own lines, "" for none
	Seen    string // of the Personal that was looked at; "" sends whatever is ready now
}

// SendPersonal sends the message that PersonalMessage shows. It takes the slot of its step at the address, so
// that the campaign leaves out whoever has that address; the rest is done by a worker, and what
// speaks against the message by then stops it. Where nothing may be sent the error is errs.Conflict with the
// reason, also when something else would be sent than what was seen.
func (s *Service) SendPersonal(ctx context.Context, by account.Actor, claimID int64, order PersonalOrder) (PersonalDelivery, error) {
	if err := by.Require(account.MessageSend); err != nil {
		return PersonalDelivery{}, err
	}
	seen, err := s.letter(ctx, s.DB.Read(ctx), by, claimID, order.Opening)
	switch {
	case err != nil:
		return PersonalDelivery{}, errs.Wrap("campaign.send_personal", err)
	case seen.Refusal != nil:
		return PersonalDelivery{}, seen.Refusal
	case order.Seen != "" && order.Seen != seen.Seen:
		return PersonalDelivery{}, errs.E(errs.Conflict, "message.changed")
	}
	if err := s.renderLetter(ctx, &seen); err != nil { // what cannot be rendered must not be promised
		return PersonalDelivery{}, errs.Wrap("campaign.send_personal", err)
	}
	if seen.Refusal != nil {
		return PersonalDelivery{}, seen.Refusal
	}
	var d Delivery
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		d, err = s.takeSlot(tx.Context(), tx, by, &seen)
		return err
	})
	if err != nil {
		return PersonalDelivery{}, errs.Wrap("campaign.send_personal", err)
	}
	s.wakePersonal(ctx, batchOf(d.ID))
	return PersonalDelivery{
		DeliveryID: d.ID, ClaimID: claimID, ContactID: d.ContactID, VolunteerID: by.ID, Volunteer: by.Name,
		Locale: d.Locale, State: d.State, WrittenAt: s.Now(),
	}, nil
}

// takeSlot stores the delivery, if everything still is as it was seen. The campaign is locked, so that neither
// its launch nor another volunteer can take the slot meanwhile.
func (s *Service) takeSlot(ctx context.Context, tx *db.Tx, by account.Actor, seen *letter) (Delivery, error) {
	if _, err := lockCampaign(tx, seen.Campaign.ID); err != nil {
		return Delivery{}, err
	}
	if err := s.Volunteers.ExtendClaim(tx, by, seen.ClaimID); err != nil {
		return Delivery{}, err
	}
	now, err := s.letter(ctx, tx, by, seen.ClaimID, seen.Opening)
	switch {
	case err != nil:
		return Delivery{}, err
	case now.Refusal != nil:
		return Delivery{}, now.Refusal
	case now.Seen != seen.Seen:
		return Delivery{}, errs.E(errs.Conflict, "message.changed")
	}
	for i := range now.overtaken {
		free, err := freeSlot(tx, &now.overtaken[i], s.Now())
		if err != nil {
			return Delivery{}, err
		}
		if !free {
			return Delivery{}, errs.E(errs.Conflict, "message.refused.under_way")
		}
	}
	if err := leaveSlots(tx, now.Step.ID, now.to); err != nil {
		return Delivery{}, err
	}
	volunteer := by.ID
	d := Delivery{
		StepID: now.Step.ID, ContactID: now.ContactID, AddressID: &now.to.AddressID, Locale: now.Locale, Fallback: now.Fallback, Edition: now.edition, Variant: now.Variant,
		StakeholderGroup: now.to.StakeholderGroup, Region: now.to.Region, State: DeliveryQueued, PersonalBy: &volunteer,
	}
	if err := insertPersonal(tx, &d, now.ClaimID, now.Opening, s.Now()); err != nil {
		if db.IsDuplicate(err) {
			err = errs.E(errs.Conflict, "message.changed")
		}
		return Delivery{}, err
	}
	if err := s.Texts.MarkSent(tx, by.Who, *now.Step.RevisionID); err != nil {
		return Delivery{}, err
	}
	return d, audit.Record(tx, by.Who, s.Now(), audit.Change{
		Action: "delivery.ordered", ObjectKind: "delivery", ObjectID: d.ID, CycleID: now.cycle.ID,
		After: map[string]any{"contact": d.ContactID, "claim": now.ClaimID, "step": now.Step.ID, "locale": d.Locale, "opening": now.Opening != ""},
	})
}

// wakePersonal asks a worker; what the queue does not take, the sweeper finds.
func (s *Service) wakePersonal(ctx context.Context, ref BatchRef) {
	if err := s.Queue.Batch(ctx, ref, 0); err != nil {
		s.Log.WarnContext(ctx, "a personal message waits for the queue", "step", ref.StepID, "batch", ref.Number, "error", err)
	}
}

// tellVolunteers passes on, in the transaction that learns it, what became of a message in a volunteer's name,
// and lets go of the slot of one that never left. It may be called again and again.
func (s *Service) tellVolunteers(tx *db.Tx, ref BatchRef) error {
	if !ref.Personal() {
		return nil
	}
	first, _ := ref.ids()
	if _, err := tx.Exec("update delivery set address_id = null where id = ? and state = 'skipped'", first); err != nil {
		return err
	}
	u, err := untoldOf(tx, ref)
	if db.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.Now()
	if u.State != DeliveryFailed || u.Bounced {
		m := Mailed{ClaimID: u.ClaimID, At: now, WrongAddress: u.State != DeliverySent}
		if u.SentAt != nil {
			m.At = *u.SentAt
		}
		if err := s.Volunteers.Mailed(tx, m); err != nil {
			return err
		}
	}
	return markTold(tx, u.DeliveryID, now)
}

// sweepPersonal follows the cycle that lets uncertain messages be sent again, for what volunteers sent before
// the launch or after the campaign's end; the sweep of a running campaign does it for the rest.
func (s *Service) sweepPersonal(ctx context.Context) error {
	waiting, err := personalUncertain(s.DB.Read(ctx))
	if err != nil {
		return err
	}
	var all []error
	for i := range waiting {
		all = append(all, s.resendUncertain(ctx, &waiting[i]))
	}
	return errors.Join(all...)
}
