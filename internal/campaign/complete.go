package campaign

import (
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

// AskCompletion puts a completion before a second person.
func (s *Step) AskCompletion(by *int64, now time.Time) error {
	switch {
	case s.State != StepSending && s.State != StepSent:
		return errs.E(errs.Conflict, "campaign.completion.not_launched")
	case s.over(now):
		return errs.E(errs.Conflict, "campaign.completion.over")
	case s.Completion != NoCompletion:
		return errs.E(errs.Conflict, "campaign.completion.asked")
	}
	s.Completion, s.CompletionBy, s.CompletionAt = CompletionAsked, by, &now
	return nil
}

// Complete makes the deliveries of a completion that somebody else asked for.
func (s *Step) Complete(by int64, authorMay bool, now time.Time) error {
	switch {
	case s.Completion != CompletionAsked:
		return errs.E(errs.Conflict, "campaign.completion.not_asked")
	case s.over(now):
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
	s.Completion, s.CompletionBy, s.CompletionAt = NoCompletion, nil, nil
	return nil
}

// over says whether nothing of the step is sent any more.
func (s *Step) over(now time.Time) bool { return s.EndsAt != nil && !now.Before(*s.EndsAt) }

// HeldPlan says what the completion of a launched step would send now: to whom of those whose message waits for a
// translation, and who would go on waiting.
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
	if step.LaunchedAt == nil {
		return o, errs.E(errs.Conflict, "campaign.completion.not_launched")
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return o, errs.Wrap("campaign.held_plan", err)
	}
	asked := *step
	asked.Completion, asked.LaunchCursor = CompletionRunning, 0
	tx := s.DB.Read(ctx)
	q, err := s.snapshotOf(ctx, tx, &c, &asked, cycle, 0, &initiatives{})
	if err != nil {
		return o, errs.Wrap("campaign.held_plan", err)
	}
	counts, err := q.count(tx)
	o.Tally = tally(counts)
	return o, errs.Wrap("campaign.held_plan", err)
}

// AskCompletion asks a second person to let a launched step go out to those whose message was held and who have a
// translation now. Where there is nobody, it is errs.Conflict.
func (s *Service) AskCompletion(ctx context.Context, by account.Actor, id int64, position int) (Campaign, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Campaign{}, err
	}
	plan, err := s.HeldPlan(ctx, by, id, position)
	if err != nil {
		return Campaign{}, err
	}
	if plan.Tally.Recipients == 0 {
		return Campaign{}, errs.E(errs.Conflict, "campaign.completion.nobody")
	}
	return s.moveCompletion(ctx, by, id, position, "campaign.completion_asked", func(step *Step, _ Cycle) error {
		return step.AskCompletion(accountOf(by), s.Now())
	})
}

// DeclineCompletion leaves held what somebody asked to send.
func (s *Service) DeclineCompletion(ctx context.Context, by account.Actor, id int64, position int) (Campaign, error) {
	if err := by.Require(account.CampaignApprove); err != nil {
		return Campaign{}, err
	}
	return s.moveCompletion(ctx, by, id, position, "campaign.completion_declined", func(step *Step, _ Cycle) error {
		return step.DeclineCompletion()
	})
}

// ApproveCompletion sends a launched step to those whose message was held, as a second person: whoever asked for it may
// do so only where the cycle says that authors may approve alone. Making the deliveries is the workers' business, as in
// a launch; of an address that has its message of the step nothing more is made.
func (s *Service) ApproveCompletion(ctx context.Context, by account.Actor, id int64, position int) (Launched, error) {
	if err := by.Require(account.CampaignApprove); err != nil {
		return Launched{}, err
	}
	var step Step
	c, err := s.moveCompletion(ctx, by, id, position, "campaign.completion_approved", func(st *Step, cycle Cycle) error {
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
func (s *Service) moveCompletion(ctx context.Context, by account.Actor, id int64, position int, action string, move func(*Step, Cycle) error) (Campaign, error) {
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
		if err := move(step, cycle); err != nil {
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
		} else if c.State == Cancelled {
			return errs.E(errs.Conflict, "campaign.not_running")
		}
		return s.recordStep(tx, by.Who, &c, step, action, before)
	})
	return c, errs.Wrap(action, err)
}
