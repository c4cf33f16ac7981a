package campaign

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// AgainKind says which messages of a step are to be sent after all.
type AgainKind string

// The kinds. Each has texts campaign.again.<kind>.….
const (
	AgainFailed AgainKind = "failed" // those that failed
	AgainClaims AgainKind = "claims" // those left out because a volunteer had the contact, and did not write
)

// AgainKinds lists them in the order in which they are shown.
func AgainKinds() []AgainKind { return []AgainKind{AgainFailed, AgainClaims} }

// again is what a kind means.
type again struct {
	state  DeliveryState
	from   Reason // notAReason for any
	reason Reason // of what is queued
	action string // of the trail
}

func (k AgainKind) again() (again, bool) {
	switch k {
	case AgainFailed:
		return again{DeliveryFailed, notAReason, Retried, "campaign.failed_retried"}, true
	case AgainClaims:
		return again{DeliverySkipped, PersonalClaim, ClaimEnded, "campaign.claims_sent"}, true
	}
	return again{}, false
}

// AgainPlan says how many messages of a step can be sent after all, and why not the others.
type AgainPlan struct {
	Kind     AgainKind
	Position int // of the step
	Can      int
	Cannot   int
	Why      []ReasonCount // of those that cannot
}

// AgainPlans are those of a campaign's steps of which anything failed, or was left out for a volunteer.
func (s *Service) AgainPlans(ctx context.Context, by account.Actor, id int64) ([]AgainPlan, error) {
	p, err := s.Progress(ctx, by, id)
	if err != nil {
		return nil, err
	}
	all, err := s.againPlans(ctx, &p)
	return all, errs.Wrap("campaign.again_plans", err)
}

func (s *Service) againPlans(ctx context.Context, p *Progress) ([]AgainPlan, error) {
	var all []AgainPlan
	for i := range p.Campaign.Steps {
		step, tally := &p.Campaign.Steps[i], p.Steps[i]
		if p.Campaign.State == Cancelled || step.LaunchedAt == nil || step.Over(s.Now()) {
			continue
		}
		for _, kind := range AgainKinds() {
			a, _ := kind.again()
			if a.state == DeliveryFailed && tally.States[DeliveryFailed] == 0 || a.from == PersonalClaim && tally.count(PersonalClaim) == 0 {
				continue
			}
			plan := AgainPlan{Kind: kind, Position: step.Position}
			if err := s.planAgain(ctx, &p.Campaign, step, a, &plan); err != nil {
				return nil, err
			}
			all = append(all, plan)
		}
	}
	return all, nil
}

func (t Tally) count(reason Reason) int {
	for _, r := range t.Reasons {
		if r.Reason == reason {
			return r.Count
		}
	}
	return 0
}

func (s *Service) planAgain(ctx context.Context, c *Campaign, step *Step, a again, plan *AgainPlan) error {
	q, err := s.againOf(ctx, c, step, a)
	if err != nil {
		return err
	}
	counts, err := q.count(s.DB.Read(ctx))
	if err != nil {
		return err
	}
	for _, reason := range append([]Reason{notAReason}, Reasons()...) {
		switch n := counts[reason]; {
		case reason == notAReason:
			plan.Can = n
		case n > 0:
			plan.Cannot += n
			plan.Why = append(plan.Why, ReasonCount{Reason: reason, Count: n})
		}
	}
	return nil
}

func (s *Service) againOf(ctx context.Context, c *Campaign, step *Step, a again) (againSQL, error) {
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	var later []int64
	for _, other := range c.Steps[step.Position:] {
		later = append(later, other.ID)
	}
	return againSQL{
		again: a, step: step, mailing: mailingOf(c, step), later: later, organization: cycle.OrganizationStopsFollowUps, now: s.Now(),
	}, err
}

// Again queues the messages of a step of a kind against which nothing speaks now, and says how many. Where there are none
// it is errs.Conflict. A step and a campaign that were at their end go on.
func (s *Service) Again(ctx context.Context, by account.Actor, id int64, position int, kind AgainKind) (int, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return 0, err
	}
	a, ok := kind.again()
	if !ok {
		return 0, errs.InvalidFields(errs.FieldError("kind", "field.choice"))
	}
	var queued int
	var touched []BatchRef
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		queued, touched = 0, nil
		c, step, err := s.reopen(tx, id, position)
		if err != nil {
			return err
		}
		q, err := s.againOf(tx.Context(), &c, step, a)
		if err != nil {
			return err
		}
		if touched, queued, err = s.queueAgain(tx, by.Who, q); err != nil {
			return err
		}
		if queued == 0 {
			return errs.E(errs.Conflict, "campaign.again.nobody")
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: a.action, ObjectKind: "campaign_step", ObjectID: step.ID, CycleID: c.CycleID,
			After: map[string]any{"campaign": c.ID, "step": step.Position, "count": queued},
		})
	})
	if err != nil {
		return 0, errs.Wrap("campaign.again", err)
	}
	for _, ref := range touched {
		s.wakePersonal(ctx, ref)
	}
	return queued, nil
}

// reopen lets messages of a step be sent again, and stores that.
func (s *Service) reopen(tx *db.Tx, id int64, position int) (Campaign, *Step, error) {
	c, err := lockCampaign(tx, id)
	if err != nil {
		return c, nil, err
	}
	step, err := c.Step(position)
	if err != nil {
		return c, nil, err
	}
	if err := step.Reopen(s.Now()); err != nil {
		return c, nil, err
	}
	if err := c.Complete(); err != nil {
		return c, nil, err
	}
	if err := saveStep(tx, step); err != nil {
		return c, nil, err
	}
	return c, step, saveCampaign(tx, &c)
}

func (s *Service) queueAgain(tx *db.Tx, who audit.Who, q againSQL) (touched []BatchRef, queued int, err error) {
	refs, err := q.batches(tx)
	if err != nil {
		return nil, 0, err
	}
	for _, ref := range refs {
		if err := lockBatch(tx, ref); err != nil {
			return nil, 0, err
		}
		ids, err := q.queue(tx, ref)
		if err != nil {
			return nil, 0, err
		}
		if len(ids) == 0 {
			continue
		}
		if err := tellQueued(tx, ids, q.reason, optional(who.ID), q.now); err != nil {
			return nil, 0, err
		}
		if err := countBatch(tx, ref, q.now); err != nil {
			return nil, 0, err
		}
		if err := hurryBatch(tx, ref); err != nil {
			return nil, 0, err
		}
		touched, queued = append(touched, ref), queued+len(ids)
	}
	return touched, queued, nil
}

// BecauseRunes is how long the reason may be for which a message is sent again.
const BecauseRunes = 500

// SendAgain sends a message again to somebody who got it, for a reason that is kept. Everything that speaks against a
// message is asked again, but for its having arrived. It stays the one delivery of its step and address; if it does not
// go out, it has arrived as before.
func (s *Service) SendAgain(ctx context.Context, by account.Actor, deliveryID int64, because string) error {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return err
	}
	because = strings.TrimSpace(because)
	switch n := utf8.RuneCountInString(because); {
	case n == 0:
		return errs.InvalidFields(errs.FieldError("because", "field.required"))
	case n > BecauseRunes:
		return errs.InvalidFields(errs.FieldError("because", "field.too_long", "Max", BecauseRunes))
	}
	ref := batchOf(deliveryID)
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.sendAgain(tx.Context(), tx, by.Who, deliveryID, because) })
	if err != nil {
		return errs.Wrap("campaign.send_again", err)
	}
	s.wakePersonal(ctx, ref)
	return nil
}

func (s *Service) sendAgain(ctx context.Context, tx *db.Tx, who audit.Who, deliveryID int64, because string) error {
	id, err := campaignOfStep(tx, batchOf(deliveryID).StepID)
	if err != nil {
		return err
	}
	c, err := loadCampaign(tx, id)
	if err != nil {
		return err
	}
	c, step, err := s.reopen(tx, id, c.stepByID(batchOf(deliveryID).StepID).Position)
	if err != nil {
		return err
	}
	d, err := lockDelivery(tx, deliveryID)
	switch {
	case err != nil:
		return err
	case d.PersonalBy != nil:
		return errs.E(errs.Conflict, "campaign.again.personal")
	case d.State != DeliverySent || d.SentAt == nil:
		return errs.E(errs.Conflict, "campaign.delivery.illegal_move", "From", string(d.State), "To", string(DeliveryQueued))
	}
	q, err := s.againOf(ctx, &c, step, again{state: DeliverySent, reason: SentAgain})
	if err != nil {
		return err
	}
	if q.only = d.ID; !step.Resent {
		step.Resent = true
		if err := saveStep(tx, step); err != nil {
			return err
		}
	}
	ids, err := q.queue(tx, batchOf(d.ID))
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return errs.E(errs.Conflict, "campaign.again.against")
	}
	return s.tellAgain(tx, who, &c, &d, because)
}

// tellAgain notes that the message had arrived, and why it is sent again.
func (s *Service) tellAgain(tx *db.Tx, who audit.Who, c *Campaign, d *Delivery, because string) error {
	now := s.Now()
	arrived := Try{DeliveryID: d.ID, At: *d.SentAt, State: DeliverySent, Attempt: max(1, d.Attempts), Server: d.Server, Reply: d.Reply}
	known, err := hasArrived(tx, d.ID)
	if err == nil && !known {
		err = storeDecision(tx, &arrived)
	}
	if err != nil {
		return err
	}
	err = storeDecision(tx, &Try{DeliveryID: d.ID, At: now, State: DeliveryQueued, Reason: SentAgain, DecidedBy: optional(who.ID), Note: because})
	if err != nil {
		return err
	}
	if err := countBatch(tx, batchOf(d.ID), now); err != nil {
		return err
	}
	if err := hurryBatch(tx, batchOf(d.ID)); err != nil {
		return err
	}
	return audit.Record(tx, who, now, audit.Change{
		Action: "delivery.sent_again", ObjectKind: "delivery", ObjectID: d.ID, CycleID: c.CycleID,
		Before: map[string]any{"state": d.State, "sent_at": d.SentAt}, After: map[string]any{"state": DeliveryQueued, "because": because},
	})
}
