package campaign

import (
	"strconv"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Returned is what a server says, after it had taken a message, of why it did not arrive (RFC 3464).
type Returned struct {
	DeliveryID int64
	Status     string // of RFC 3463, "" where it said none
	Diagnostic string // its words, one line
}

// Bounced notes in the caller's transaction, which has made sure that the report is of this message, that a delivery came back.
// hard says whether its address works no more, and is marked so; known that it had come back before, or was complained about. One
// that may have been sent was sent, as the report proves. The error is errs.Conflict for one that never left, errs.NotFound where
// there is none.
func (s *Service) Bounced(tx *db.Tx, by audit.Who, b Returned) (hard, known bool, err error) {
	d, known, err := s.cameBack(tx, by, b.DeliveryID)
	if err != nil || known {
		return false, known, errs.Wrap("campaign.bounced", err)
	}
	claim, err := claimTold(tx, d.ID)
	if err != nil {
		return false, false, errs.Wrap("campaign.bounced", err)
	}
	reason := kindOfReturn(b)
	if err := s.settle(tx, &d, DeliveryBounced, reason, b.Diagnostic); err != nil {
		return false, false, errs.Wrap("campaign.bounced", err)
	}
	if !reason.marksAddress() {
		return false, false, nil
	}
	if d.AddressID != nil {
		if err := s.Addresses.MarkBounced(tx, by, []int64{*d.AddressID}); err != nil {
			return false, false, errs.Wrap("campaign.bounced", err)
		}
	}
	if claim != 0 { // the volunteer who sent it was told that it went
		err = s.Volunteers.Mailed(tx, Mailed{ClaimID: claim, At: s.Now(), WrongAddress: true})
	}
	return true, false, errs.Wrap("campaign.bounced", err)
}

// Complained notes in the caller's transaction, which has made sure that the report is of this message, that whoever got a delivery
// reported it as unwanted: the address is suppressed. Errors and known are as in Bounced.
func (s *Service) Complained(tx *db.Tx, by audit.Who, deliveryID int64) (known bool, err error) {
	d, known, err := s.cameBack(tx, by, deliveryID)
	if err != nil {
		return false, errs.Wrap("campaign.complained", err)
	}
	if d.AddressID != nil { // also where it came back: somebody read it all the same
		if err := s.Addresses.MarkComplained(tx, by, *d.AddressID); err != nil {
			return false, errs.Wrap("campaign.complained", err)
		}
	}
	if known {
		return true, nil
	}
	return false, errs.Wrap("campaign.complained", s.settle(tx, &d, DeliveryComplained, notAReason, ""))
}

// cameBack locks a delivery of which a report came.
func (s *Service) cameBack(tx *db.Tx, by audit.Who, id int64) (d Delivery, known bool, err error) {
	if d, err = lockDelivery(tx, id); err != nil {
		return d, false, err
	}
	switch d.State {
	case DeliveryBounced, DeliveryComplained:
		return d, true, nil
	case DeliveryUncertain:
		now := s.Now()
		if err := markDeliveries(tx, batchOf(id), []int64{id}, []DeliveryState{DeliveryUncertain}, DeliverySent, Proved, &now); err != nil {
			return d, false, err
		}
		d.State = DeliverySent
		return d, false, s.afterDecision(tx, &Try{DeliveryID: id, At: now, State: DeliverySent, Reason: Proved, DecidedBy: optional(by.ID)})
	}
	if !d.State.Can(DeliveryBounced) {
		return d, false, errs.E(errs.Conflict, "campaign.delivery.illegal_move", "From", string(d.State), "To", string(DeliveryBounced))
	}
	return d, false, nil
}

// settle stores where a delivery ended, with its place in the story.
func (s *Service) settle(tx *db.Tx, d *Delivery, to DeliveryState, reason Reason, reply string) error {
	if err := markDeliveries(tx, batchOf(d.ID), []int64{d.ID}, []DeliveryState{DeliverySent}, to, reason, nil); err != nil {
		return err
	}
	return s.afterDecision(tx, &Try{DeliveryID: d.ID, At: s.Now(), State: to, Reason: reason, Reply: reply})
}

// kindOfReturn is what a report of a failure speaks of. What was only tried for too long, or refuses us, says nothing of the address.
func kindOfReturn(b Returned) Reason {
	r := mail.Result{Outcome: mail.Failed, Stage: mail.StageTo, Enhanced: b.Status, Reply: b.Diagnostic}
	if len(b.Diagnostic) >= 3 {
		if code, err := strconv.Atoi(b.Diagnostic[:3]); err == nil && code >= 400 && code < 600 {
			r.Code = code
		}
	}
	if b.Status == "5.0.0" || b.Status == "" {
		r.Enhanced = ""
	}
	if len(b.Status) > 0 && b.Status[0] == '4' {
		if b.Status == "4.2.2" {
			return MailboxFull
		}
		return GaveUp
	}
	if reason := kindOfRefusal(r); reason != OwnTrouble {
		return reason
	}
	return Refused
}
