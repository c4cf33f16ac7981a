package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
)

// CampaignProgress is how far a campaign is at the moment. What volunteers send in person is not in it.
type CampaignProgress struct {
	State     string        `json:"state" enum:"draft,in_review,approved,scheduled,sending,paused,sent,cancelled"`
	At        time.Time     `json:"at" doc:"when it was looked at"`
	Complete  bool          `json:"complete" doc:"all messages of the steps that were launched are made; until then the total grows"`
	Total     int           `json:"total" doc:"without those who were left out"`
	Queued    int           `json:"queued"`
	Sent      int           `json:"sent"`
	Deferred  int           `json:"deferred" doc:"to be tried again, or waiting for the hour of their readers"`
	Failed    int           `json:"failed"`
	Uncertain int           `json:"uncertain"`
	Skipped   int           `json:"skipped"`
	PerSecond *float64      `json:"per_second" doc:"messages a second now; null where that is not known yet, and of a campaign that rests"`
	EndsAt    *time.Time    `json:"ends_at" doc:"when what is queued will have left; null where that is not known"`
	WaitsFor  string        `json:"waits_for,omitempty" enum:"rate,limits,server,queue,hour,later,decision" doc:"rate: a limit; limits: nobody can say how much of the limits is left; server: the mail server; queue: the queue is away; hour: the hour of the readers; later: all that is left is tried again later; decision: all that is left may or may not have been accepted, and somebody has to say"`
	NextAt    *time.Time    `json:"next_at" doc:"when the next messages leave that wait for an hour or are tried again; null for none"`
	Rate      *CampaignRate `json:"rate" doc:"the limit of the campaign; null for none"`
}

func (a *API) campaignProgress(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	live, err := a.Campaigns.Live(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.JSON(progressOf(&live))
}

func progressOf(l *campaign.Live) CampaignProgress {
	out := CampaignProgress{
		State: string(l.Campaign.State), At: l.At, Complete: l.Planned, Total: l.Total(),
		Queued: l.Queued, Sent: l.Sent, Deferred: l.Deferred, Failed: l.Failed, Uncertain: l.Unsure, Skipped: l.Skipped,
		EndsAt: l.End, WaitsFor: string(l.WaitsFor()), NextAt: l.Next, Rate: rateOf(l.Campaign.Rate),
	}
	if l.Second >= 0 && !l.Rests() {
		out.PerSecond = &l.Second
	}
	return out
}

// rateOf is nil for no limit.
func rateOf(r campaign.Rate) *CampaignRate {
	if !r.Limited() {
		return nil
	}
	return &CampaignRate{Count: r.Count, Per: r.Per}
}
