package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// sweepSchedule launches a campaign whose time has come, or says why not: then it stays, until somebody decides.
func (s *Service) sweepSchedule(ctx context.Context, c *Campaign) error {
	if !s.timeHasCome(c) {
		return nil
	}
	why, err := s.forbids(ctx, c)
	if err != nil {
		return err
	}
	if why != nil {
		return s.refuseSchedule(ctx, c.ID, why)
	}
	var step Step
	_, err = s.change(ctx, system, c.ID, "campaign.launched", func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		if !s.timeHasCome(c) {
			return nil, errs.E(errs.Conflict, "campaign.not_scheduled") // another sweeper was faster, or somebody changed it
		}
		if err := c.Launch(c.ScheduledBy); err != nil {
			return nil, err
		}
		first := &c.Steps[0]
		if c.Timing.Kind == AtOwnHour {
			minute := c.Timing.Minute
			first.OwnMinute, first.OwnDay = &minute, c.Timing.Day
		}
		err := s.startStep(tx, system, c, first)
		step = *first
		return map[string]any{"timing": c.Timing}, err
	})
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	s.wakeLaunch(ctx, step)
	return nil
}

func (s *Service) timeHasCome(c *Campaign) bool {
	return c.Awaiting() && c.ScheduleRefused.Key == "" && c.ScheduledAt != nil && !s.Now().Before(*c.ScheduledAt)
}

// forbids is why a campaign must not go out by itself, nil where nothing forbids it: nobody looks at it then, so it must be what it
// was when somebody scheduled it.
func (s *Service) forbids(ctx context.Context, c *Campaign) (why, err error) {
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return nil, err
	}
	locales, err := s.callLocales(ctx, c)
	if textFails(err) {
		return whatFails(err), nil
	}
	if err != nil {
		return nil, err
	}
	if _, ok := i18n.ResolveAmong(locales, cycle.DefaultLanguage); !ok {
		return errs.E(errs.Conflict, "campaign.schedule.unapproved", "Language", cycle.DefaultLanguage), nil
	}
	for _, locale := range strings.Fields(c.ScheduleLocales) {
		if !slices.Contains(locales, locale) {
			return errs.E(errs.Conflict, "campaign.schedule.unapproved", "Language", locale), nil
		}
	}
	missing, err := s.withoutValue(ctx, cycle, *c.Steps[0].RevisionID, locales, "call")
	if len(missing) > 0 {
		err = errs.InvalidFields(missing...)
	}
	if textFails(err) {
		return whatFails(err), nil
	}
	if err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	q, err := s.snapshotOf(ctx, tx, c, &c.Steps[0], cycle, 0, &groundwork{})
	if err != nil {
		return nil, err
	}
	counts, err := q.count(tx)
	if err == nil && tally(counts).Recipients == 0 {
		return errs.E(errs.Conflict, "campaign.nobody"), nil
	}
	return nil, err
}

// refuseSchedule notes why a campaign did not go out.
func (s *Service) refuseSchedule(ctx context.Context, id int64, why error) error {
	key, args := errs.Message(why)
	_, err := s.change(ctx, system, id, "campaign.schedule_refused", func(_ *db.Tx, c *Campaign) (map[string]any, error) {
		if !s.timeHasCome(c) {
			return nil, errs.E(errs.Conflict, "campaign.not_scheduled")
		}
		c.ScheduleRefused = Refusal{Key: key, Args: args}
		return map[string]any{"why": key}, nil
	})
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	return err
}

// Overdue is a campaign that did not go out when its time had come.
type Overdue struct {
	CampaignID  int64
	Campaign    string
	ScheduledAt time.Time
	Why         error
}

// Overdue lists the campaigns of a cycle that did not go out when their time had come, and wait for somebody's decision; of all
// cycles where cycleID is 0.
func (s *Service) Overdue(ctx context.Context, by account.Actor, cycleID int64) ([]Overdue, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	refused, err := refusedCampaigns(s.DB.Read(ctx), cycleID)
	if err != nil {
		return nil, errs.Wrap("campaign.overdue", err)
	}
	var all []Overdue
	for i := range refused {
		if c := &refused[i]; c.Awaiting() && c.ScheduleRefused.Key != "" && c.ScheduledAt != nil {
			all = append(all, Overdue{CampaignID: c.ID, Campaign: c.Name, ScheduledAt: *c.ScheduledAt, Why: c.ScheduleRefused.Err()})
		}
	}
	return all, nil
}
