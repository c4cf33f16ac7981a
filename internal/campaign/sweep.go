package campaign

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// A sweep asks for so many batches: enough to keep workers busy until the next. While some are under way the queue has hardly
// forgotten all the others, and is asked for a few; were it so, nothing would be under way at the next sweep.
const (
	sweptBatches = 64
	sweptBusy    = 4
)

// Sweep brings everything forward that waits for nobody's decision, whatever the queue forgot and
// whoever died: results of dead workers, follow-ups that are due, steps that were launched,
// batches that nobody holds, steps and campaigns at their end. It is called every second or two
// by one worker at a time, and does no harm when called more often.
func (s *Service) Sweep(ctx context.Context) error {
	var all []error
	for _, part := range []func(context.Context) error{s.Recover, s.sweepCampaigns, s.sweepPersonal, s.sweepTurns, s.sweepBatches, s.countBatches} {
		all = append(all, part(ctx))
	}
	return errs.Wrap("campaign.sweep", errors.Join(all...))
}

func (s *Service) sweepBatches(ctx context.Context) error {
	busy, err := anyLeased(s.DB.Read(ctx))
	if err != nil {
		return err
	}
	limit := sweptBatches
	if busy {
		limit = sweptBusy
	}
	due, err := dueBatches(s.DB.Read(ctx), s.Now(), limit)
	if err != nil {
		return err
	}
	for _, b := range due {
		if err := s.Queue.Batch(ctx, b.ref(), b.Attempt); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepCampaigns(ctx context.Context) error {
	running, err := runningCampaigns(s.DB.Read(ctx))
	if err != nil {
		return err
	}
	var all []error
	for i := range running {
		all = append(all, s.sweepCampaign(ctx, &running[i]))
	}
	return errors.Join(all...)
}

func (s *Service) sweepCampaign(ctx context.Context, c *Campaign) error {
	if c.State == Paused {
		return nil
	}
	if err := s.finishSteps(ctx, c); err != nil {
		return err
	}
	if c.State == Cancelled {
		return nil
	}
	if err := s.resendUncertain(ctx, c); err != nil {
		return err
	}
	if err := s.sweepSchedule(ctx, c); err != nil {
		return err
	}
	if err := s.sweepDue(ctx, c); err != nil {
		return err
	}
	for _, step := range c.Steps {
		if step.State == StepLaunching && c.State == Sending {
			if err := s.Queue.Launch(ctx, step.ID, step.LaunchCursor); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishSteps ends the steps of which every batch has ended, and the campaign where that was all.
func (s *Service) finishSteps(ctx context.Context, c *Campaign) error {
	for i := range c.Steps {
		done, err := s.stepDone(ctx, c, &c.Steps[i])
		if err != nil || !done {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.finishStep(ctx, c.ID, c.Steps[i].ID); err != nil {
			return err
		}
	}
	return s.restCampaign(ctx, c.ID)
}

func (s *Service) stepDone(ctx context.Context, c *Campaign, step *Step) (bool, error) {
	cancelled := c.State == Cancelled && (step.State == StepPlanned || step.State == StepLaunching)
	if cancelled && step.Planned == 0 {
		return true, nil
	}
	if step.State != StepSending && !cancelled {
		return false, nil
	}
	open, err := openBatches(s.DB.Read(ctx), step.ID)
	return open == 0, err
}

func (s *Service) finishStep(ctx context.Context, id, stepID int64) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockCampaign(tx, id)
		if err != nil {
			return err
		}
		step := c.stepByID(stepID)
		before, action := step.State, "campaign.step_finished"
		if c.State == Cancelled {
			action = "campaign.step_cancelled"
			if err = step.Cancel(s.Now()); err == nil {
				err = unmarkAsked(tx, step.ID, 0, 0)
			}
		} else {
			err = step.Finish(s.Now())
		}
		if errs.Is(err, errs.Conflict) {
			return nil // another sweeper was faster
		}
		if err != nil {
			return err
		}
		if err := saveStep(tx, step); err != nil {
			return err
		}
		return s.recordStep(tx, system, &c, step, action, before)
	})
}

// restCampaign lets a campaign wait for its next step, or ends it after the last.
func (s *Service) restCampaign(ctx context.Context, id int64) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockCampaign(tx, id)
		if err != nil || c.State != Sending {
			return err
		}
		planned := slices.ContainsFunc(c.Steps, func(s Step) bool { return s.State == StepPlanned })
		if slices.ContainsFunc(c.Steps, func(s Step) bool { return s.State == StepLaunching || s.State == StepSending }) {
			return nil
		}
		before, action := c.State, "campaign.finished"
		if planned {
			action = "campaign.waiting"
			err = c.Wait()
		} else {
			err = c.Finish(s.Now())
		}
		if err != nil {
			return err
		}
		if err := saveCampaign(tx, &c); err != nil {
			return err
		}
		return s.record(tx, system, &c, action, map[string]any{"state": before}, map[string]any{"state": c.State})
	})
}

// sweepDue keeps the days of the follow-ups right, which move with the deadline, and launches the
// next one when its day has come.
func (s *Service) sweepDue(ctx context.Context, c *Campaign) error {
	now := s.Now()
	deadline, ok, err := s.Cycles.Deadline(ctx, c.CycleID, false, now)
	if err != nil {
		return err
	}
	var at, previous *time.Time
	if ok {
		at = &deadline.At
	}
	for i := range c.Steps {
		step := &c.Steps[i]
		if step.State == StepPlanned {
			if err := s.sweepPlanned(ctx, c, step, step.due(c.Steps[0].LaunchedAt, at, previous)); err != nil {
				return err
			}
		}
		if previous = step.LaunchedAt; previous == nil {
			previous = step.DueAt
		}
	}
	return nil
}

// sweepPlanned keeps the day of a step that was not launched, and launches a follow-up whose day has come.
func (s *Service) sweepPlanned(ctx context.Context, c *Campaign, step *Step, due *time.Time) error {
	if due != nil && step.OwnMinute != nil {
		own, err := s.ownDue(ctx, c, step, *due)
		if err != nil {
			return err
		}
		due = &own
	}
	if err := s.keepDue(ctx, step, due); err != nil {
		return err
	}
	before := step.Position - 2
	if before < 0 || c.Steps[before].LaunchedAt == nil || step.DueAt == nil || s.Now().Before(*step.DueAt) {
		return nil
	}
	// After a pause, or a server that was away, the message before may still be about to leave. It goes first, and is then known
	// when the day of this one is worked out for each contact.
	leaving, err := aboutToLeave(s.DB.Read(ctx), &c.Steps[before])
	if err != nil || leaving {
		return err
	}
	_, err = s.launchFollowUp(ctx, system, c.ID, step.Position)
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	return err
}

func (s *Service) keepDue(ctx context.Context, step *Step, due *time.Time) error {
	if same(step.DueAt, due) {
		return nil
	}
	step.DueAt = due
	return s.DB.Write(ctx, func(tx *db.Tx) error { return saveDue(tx, step.ID, due, step.OwnDay) })
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
