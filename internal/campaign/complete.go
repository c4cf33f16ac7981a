package campaign

import (
	"cmp"
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Completion is how far it is to send a launched step to those whose message was held for a translation.
type Completion string

// What a completion may be: nobody asked for it, it waits for a second person, its deliveries are being made.
const (
	NoCompletion      Completion = ""
	CompletionAsked   Completion = "asked"
	CompletionRunning Completion = "running"
)

// AskCompletion puts a completion before a second person, with the step's own language policy ("") or another.
func (s *Step) AskCompletion(by *int64, policy LanguagePolicy, now time.Time) error {
	switch {
	case s.State != StepSending && s.State != StepSent:
		return errs.E(errs.Conflict, "campaign.completion.not_launched")
	case s.Over(now):
		return errs.E(errs.Conflict, "campaign.completion.over")
	case s.Completion != NoCompletion:
		return errs.E(errs.Conflict, "campaign.completion.asked")
	}
	s.Completion, s.CompletionBy, s.CompletionAt, s.CompletionPolicy = CompletionAsked, by, &now, policy
	return nil
}

func (s *Step) endCompletion() {
	s.Completion, s.CompletionBy, s.CompletionAt, s.CompletionPolicy = NoCompletion, nil, nil, ""
}

// Complete makes the deliveries of a completion that somebody else asked for.
func (s *Step) Complete(by int64, authorMay bool, now time.Time) error {
	switch {
	case s.Completion != CompletionAsked:
		return errs.E(errs.Conflict, "campaign.completion.not_asked")
	case s.Over(now):
		return errs.E(errs.Conflict, "campaign.completion.over")
	case !authorMay && is(s.CompletionBy, by):
		return errs.E(errs.Forbidden, "campaign.approve.own")
	}
	if err := s.move(StepLaunching); err != nil {
		return err
	}
	s.Completion, s.LaunchCursor, s.FinishedAt = CompletionRunning, s.ID<<numberBits, nil
	return nil
}

// DeclineCompletion leaves the messages held.
func (s *Step) DeclineCompletion() error {
	if s.Completion != CompletionAsked {
		return errs.E(errs.Conflict, "campaign.completion.not_asked")
	}
	s.endCompletion()
	return nil
}

// Over says whether nothing of the step is sent any more.
func (s *Step) Over(now time.Time) bool { return s.EndsAt != nil && !now.Before(*s.EndsAt) }

// HeldPlan says what the completion of a launched step would send: to whom of those whose message waits for a
// translation, and who would go on waiting. Once somebody asked for it, it says what was asked and still holds.
func (s *Service) HeldPlan(ctx context.Context, by account.Actor, id int64, position int) (Outbox, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Outbox{}, err
	}
	step, err := c.Step(position)
	if err != nil {
		return Outbox{}, err
	}
	o := Outbox{Campaign: c, Step: *step, Policy: step.LanguagePolicy}
	tx := s.DB.Read(ctx)
	q, err := s.heldSnapshot(ctx, tx, &c, step, step.CompletionPolicy)
	if err != nil {
		return o, errs.Wrap("campaign.held_plan", err)
	}
	if step.Completion == NoCompletion {
		r, err := q.read(tx, PlanCursor{})
		if err == nil {
			o.Tally = tally(r.counts)
			err = s.samples(ctx, by, &o, r.firsts)
		}
		return o, errs.Wrap("campaign.held_plan", err)
	}
	counts, err := askedCounts(tx, q)
	if err != nil {
		return o, errs.Wrap("campaign.held_plan", err)
	}
	o.Tally = tally(counts)
	firsts, err := askedFirsts(tx, q)
	if err == nil {
		o.Newer, err = s.newer(ctx, step, firsts)
	}
	if err == nil {
		err = s.samples(ctx, by, &o, firsts)
	}
	return o, errs.Wrap("campaign.held_plan", err)
}

// heldSnapshot is the snapshot of those whose message of a launched step waits.
func (s *Service) heldSnapshot(ctx context.Context, tx *db.Tx, c *Campaign, step *Step, policy LanguagePolicy) (snapshot, error) {
	if step.LaunchedAt == nil {
		return snapshot{}, errs.E(errs.Conflict, "campaign.completion.not_launched")
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return snapshot{}, err
	}
	asked := *step
	asked.State, asked.Completion, asked.LaunchCursor, asked.CompletionPolicy = StepSending, CompletionRunning, 0, policy
	return s.snapshotOf(ctx, tx, c, &asked, cycle, 0, &groundwork{})
}

// AskCompletion asks a second person to let a launched step go out to those whose message was held and who have a
// translation now: to exactly these, in these languages and editions. Where there is nobody, it is errs.Conflict.
func (s *Service) AskCompletion(ctx context.Context, by account.Actor, id int64, position int) (Campaign, error) {
	return s.askCompletion(ctx, by, id, position, "")
}

// AskFallback is AskCompletion for everybody whose message is held: who has no translation still gets the cycle's
// language, because there will be none.
func (s *Service) AskFallback(ctx context.Context, by account.Actor, id int64, position int) (Campaign, error) {
	return s.askCompletion(ctx, by, id, position, PolicyFallback)
}

func (s *Service) askCompletion(ctx context.Context, by account.Actor, id int64, position int, policy LanguagePolicy) (Campaign, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Campaign{}, err
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return c, err
	}
	step, err := c.Step(position)
	if err != nil {
		return c, err
	}
	q, err := s.heldSnapshot(ctx, s.DB.Read(ctx), &c, step, policy)
	if err != nil {
		return c, errs.Wrap("campaign.ask_completion", err)
	}
	return s.moveCompletion(ctx, by, id, position, "campaign.completion_asked", func(tx *db.Tx, step *Step, _ Cycle) error {
		if err := step.AskCompletion(accountOf(by), policy, s.Now()); err != nil {
			return err
		}
		if known, err := q.knowsChains(tx); err != nil || !known {
			return cmp.Or[error](err, errs.E(errs.Conflict, "error.conflict"))
		}
		somebody, err := markAsked(tx, q)
		if err == nil && !somebody {
			err = errs.E(errs.Conflict, "campaign.completion.nobody")
		}
		return err
	})
}

// DeclineCompletion leaves held what somebody asked to send.
func (s *Service) DeclineCompletion(ctx context.Context, by account.Actor, id int64, position int) (Campaign, error) {
	if err := by.Require(account.CampaignApprove); err != nil {
		return Campaign{}, err
	}
	return s.moveCompletion(ctx, by, id, position, "campaign.completion_declined", func(tx *db.Tx, step *Step, _ Cycle) error {
		if err := step.DeclineCompletion(); err != nil {
			return err
		}
		return unmarkAsked(tx, step.ID, 0, 0)
	})
}

// ApproveCompletion sends a launched step to those for whom it was asked, as a second person: whoever asked for it may
// do so only where the cycle says that authors may approve alone. What was approved in another language since needs
// another asking, and so does whoever has another language or variant by now. Making the deliveries is the workers'
// business, as in a launch; of an address that has its message of the step nothing more is made.
func (s *Service) ApproveCompletion(ctx context.Context, by account.Actor, id int64, position int) (Launched, error) {
	if err := by.Require(account.CampaignApprove); err != nil {
		return Launched{}, err
	}
	var step Step
	c, err := s.moveCompletion(ctx, by, id, position, "campaign.completion_approved", func(_ *db.Tx, st *Step, cycle Cycle) error {
		err := st.Complete(by.ID, cycle.AuthorMayApprove, s.Now())
		step = *st
		return err
	})
	if err != nil {
		return Launched{}, err
	}
	return Launched{Campaign: c, Waiting: s.wakeLaunch(ctx, step)}, nil
}

// moveCompletion changes a step under the lock of its campaign.
func (s *Service) moveCompletion(ctx context.Context, by account.Actor, id int64, position int, action string, move func(*db.Tx, *Step, Cycle) error) (Campaign, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Campaign{}, err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return Campaign{}, errs.Wrap(action, err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = lockCampaign(tx, id); err != nil {
			return err
		}
		step, err := c.Step(position)
		if err != nil {
			return err
		}
		before := step.State
		if c.State == Cancelled {
			return errs.E(errs.Conflict, "campaign.not_running")
		}
		if err := move(tx, step, cycle); err != nil {
			return err
		}
		if err := saveStep(tx, step); err != nil {
			return err
		}
		if step.Completion == CompletionRunning {
			if err := c.Complete(); err != nil {
				return err
			}
			if err := saveCampaign(tx, &c); err != nil {
				return err
			}
		}
		return s.recordStep(tx, by.Who, &c, step, action, before)
	})
	return c, errs.Wrap(action, err)
}
