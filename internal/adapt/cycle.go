package adapt

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
)

// CampaignCycles shows cycles to the campaigns.
type CampaignCycles struct{ *cycle.Service }

// Cycle implements campaign.Cycles.
func (a CampaignCycles) Cycle(ctx context.Context, id int64) (campaign.Cycle, error) {
	c, err := a.ByID(ctx, id)
	return campaignCycle(c), err
}

// CycleBySlug implements campaign.Cycles.
func (a CampaignCycles) CycleBySlug(ctx context.Context, slug string) (campaign.Cycle, error) {
	c, err := a.BySlug(ctx, slug)
	return campaignCycle(c), err
}

func campaignCycle(c cycle.Cycle) campaign.Cycle {
	return campaign.Cycle{
		ID: c.ID, Slug: c.Slug, Name: c.Name, DefaultLanguage: c.DefaultLanguage, AuthorMayApprove: c.AuthorMayApprove,
		OrganizationStopsFollowUps: c.OrganizationStopsFollowUps, ResendUncertain: c.UncertainPolicy == cycle.UncertainResend,
	}
}

// Deadline implements campaign.Cycles.
func (a CampaignCycles) Deadline(ctx context.Context, cycleID int64, initiative bool, at time.Time) (campaign.Deadline, bool, error) {
	d, ok, err := a.DeadlineOf(ctx, cycleID, cycle.Answerer{Initiative: initiative}, at)
	if err != nil || !ok {
		return campaign.Deadline{}, false, err
	}
	told, err := campaignDeadline(d)
	return told, err == nil, err
}

// OwnDeadlines implements campaign.Cycles.
func (a CampaignCycles) OwnDeadlines(ctx context.Context, cycleID int64, readers []campaign.Reader, at time.Time) (map[int64]campaign.Deadline, error) {
	whom := make([]cycle.Answerer, len(readers))
	for i, r := range readers {
		whom[i] = cycle.Answerer{ContactID: r.ContactID, Initiative: r.Initiative}
	}
	own, err := a.Service.OwnDeadlines(ctx, cycleID, whom, at)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	told := make(map[int64]campaign.Deadline, len(own))
	for id, d := range own {
		if told[id], err = campaignDeadline(d); err != nil {
			return nil, err
		}
	}
	return told, nil
}

func campaignDeadline(d cycle.Date) (campaign.Deadline, error) {
	zone, err := cycle.Location(d.Zone)
	return campaign.Deadline{Day: d.Day(), Zone: zone, At: d.At}, err
}

// Rounds shows cycles to the contributions.
type Rounds struct{ *cycle.Service }

// Round implements contribution.Cycles.
func (a Rounds) Round(ctx context.Context, id int64) (contribution.Round, error) {
	c, err := a.ByID(ctx, id)
	return roundOf(c), err
}

// RoundBySlug implements contribution.Cycles.
func (a Rounds) RoundBySlug(ctx context.Context, slug string) (contribution.Round, error) {
	c, err := a.BySlug(ctx, slug)
	return roundOf(c), err
}

// CurrentRound implements contribution.Cycles.
func (a Rounds) CurrentRound(ctx context.Context) (contribution.Round, error) {
	c, err := a.Current(ctx)
	return roundOf(c), err
}

func roundOf(c cycle.Cycle) contribution.Round {
	return contribution.Round{
		ID: c.ID, Slug: c.Slug, Name: c.Name, DefaultLanguage: c.DefaultLanguage, Preparing: c.State == cycle.Preparing,
		ListName: c.ListName, ListURL: c.ListURL,
	}
}

// Deadline implements contribution.Cycles.
func (a Rounds) Deadline(ctx context.Context, cycleID int64, who contribution.Answerer, at time.Time) (*contribution.Deadline, error) {
	d, ok, err := a.DeadlineOf(ctx, cycleID, cycle.Answerer{ContactID: who.ContactID, Initiative: who.Initiative}, at)
	if err != nil || !ok {
		return nil, err
	}
	return &contribution.Deadline{Day: d.Day(), Zone: d.Zone, At: d.At}, nil
}

// Closed gives the cycles that are closed.
func Closed(cycles *cycle.Service) func(ctx context.Context) ([]int64, error) {
	return func(ctx context.Context) ([]int64, error) {
		all, err := cycles.List(ctx)
		var closed []int64
		for _, c := range all {
			if c.State == cycle.Closed {
				closed = append(closed, c.ID)
			}
		}
		return closed, err
	}
}
