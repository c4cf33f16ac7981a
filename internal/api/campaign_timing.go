package api

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
)

// CampaignSchedule is when a campaign goes out by itself.
type CampaignSchedule struct {
	Kind string `json:"kind" enum:"at,own_hour" doc:"at: to everybody at once, at this time in the zone; own_hour: to each at this time of their own day"`
	Day  string `json:"day" doc:"like 2017-08-15"`
	Time string `json:"time" doc:"like 09:00"`
	Zone string `json:"zone,omitempty" doc:"an IANA name; of at only"`
}

// CampaignHour is a time of its readers' own day at which a step reaches them.
type CampaignHour struct {
	Time string `json:"time" doc:"like 09:00; empty to reach all at once"`
}

// CampaignRate is at most so many messages in a time.
type CampaignRate struct {
	Count int    `json:"count" doc:"0 for no limit"`
	Per   string `json:"per,omitempty" enum:"second,minute,hour"`
}

func (a *API) setRate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[CampaignRate](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Campaigns.SetRate(ctx, account.ActorFrom(ctx), id, campaign.Rate(in)); err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusOK, false)
}

func (out *Campaign) addTiming(c *campaign.Campaign) {
	out.Rate = rateOf(c.Rate)
	if c.Timing.Kind == campaign.NoTiming {
		return
	}
	out.ScheduledAt = c.ScheduledAt
	out.Schedule = &CampaignSchedule{Kind: string(c.Timing.Kind), Day: c.Timing.Day, Time: hourOf(&c.Timing.Minute), Zone: c.Timing.Zone}
}

// hourOf is a minute of the day as programs write it, "" for none.
func hourOf(minute *int) string {
	if minute == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", *minute/60, *minute%60)
}

// minuteOf reads a time of day; -1, which no minute is, where it is none.
func minuteOf(text string) int {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return -1
	}
	return at.Hour()*60 + at.Minute()
}

func (a *API) scheduleCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[CampaignSchedule](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	t := campaign.Timing{Kind: campaign.TimingKind(in.Kind), Day: in.Day, Minute: minuteOf(in.Time), Zone: in.Zone}
	if _, err := a.Campaigns.Schedule(ctx, account.ActorFrom(ctx), id, t); err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusOK, false)
}

func (a *API) setOwnHour(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	step, err := httpserver.ID(c, "step")
	if err != nil {
		return err
	}
	in, err := decode[CampaignHour](c)
	if err != nil {
		return err
	}
	var minute *int
	if in.Time != "" {
		m := minuteOf(in.Time)
		minute = &m
	}
	ctx := c.UserContext()
	if _, err := a.Campaigns.SetOwnHour(ctx, account.ActorFrom(ctx), id, int(step), minute); err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusOK, false)
}
