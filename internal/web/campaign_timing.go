package web

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const campaignTimingPage page[campaignTimingData] = "campaign_timing"

// campaignTimingData is when and how fast a campaign goes out, to be changed.
type campaignTimingData struct {
	Campaign  campaign.Campaign
	Seen      string // when it goes out by itself, for the form to say what was looked at
	Said      string // that, in words; "" where it does not
	Schedules bool   // whether its call may still be put on the schedule
	Awaits    bool   // whether it is
	Kinds     []form.Option
	Limits    bool // whether how fast it goes out may still be changed
	Pers      []form.Option
	FollowUps []ownHourForm
}

// ownHourForm is a follow-up whose hour may still be chosen.
type ownHourForm struct {
	Position int
	Field    string
	Label    string
}

// lateCampaign is a campaign that did not go out when its time had come.
type lateCampaign struct {
	campaign.Overdue
	Said string
}

// lateCampaigns are for whoever may do something about them; of all cycles where cycleID is 0.
func (w *Web) lateCampaigns(c *fiber.Ctx, cycleID int64) ([]lateCampaign, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Campaigns == nil || !actor.May(account.CampaignLaunch) {
		return nil, nil
	}
	all, err := w.Campaigns.Overdue(ctx, actor, cycleID)
	l := w.Server.Localizer(c)
	late := make([]lateCampaign, len(all))
	for i, o := range all {
		said := l.T("campaign.schedule.late", "When", l.DateTime(o.ScheduledAt, zone(actor.TimeZone)), "Why", whyNot(l, o.Why))
		late[i] = lateCampaign{Overdue: o, Said: said}
	}
	return late, err
}

// whyNot says why a campaign did not go out, with languages by their names.
func whyNot(l *i18n.Localizer, why error) string {
	e := errs.Find(why)
	if e == nil {
		return ""
	}
	args := []any{}
	for name, value := range e.Args {
		if tag, ok := value.(string); ok && name == "Language" {
			value = l.LanguageName(tag)
		}
		args = append(args, name, value)
	}
	return l.Error(errs.E(errs.Conflict, e.Key, args...))
}

// scheduleSaid says when a campaign goes out by itself, "" where it does not.
func scheduleSaid(l *i18n.Localizer, c *campaign.Campaign) string {
	if !c.Awaiting() || c.ScheduledAt == nil {
		return ""
	}
	if c.Timing.Kind == campaign.AtTime {
		return l.T("campaign.schedule.at", "When", l.DateTime(*c.ScheduledAt, zone(c.Timing.Zone)))
	}
	return ownHourSaid(l, c.Timing.Day, c.Timing.Minute)
}

func ownHourSaid(l *i18n.Localizer, day string, minute int) string {
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return l.T("campaign.schedule.own", "Day", l.FullDate(on, time.UTC), "Time", l.Time(on.Add(time.Duration(minute)*time.Minute), time.UTC))
}

func (w *Web) campaignTiming(c *fiber.Ctx) error {
	data, stored, err := w.campaignTimingData(c)
	if err != nil {
		return err
	}
	return campaignTimingPage.showForm(w, c, data, stored)
}

func (w *Web) campaignTimingData(c *fiber.Ctx) (campaignTimingData, form.Form, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return campaignTimingData{}, form.Form{}, err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	one, err := w.Campaigns.Get(ctx, actor, id)
	if err != nil {
		return campaignTimingData{}, form.Form{}, err
	}
	l := w.Server.Localizer(c)
	data := campaignTimingData{
		Campaign: one, Seen: seenSchedule(&one), Said: scheduleSaid(l, &one), Schedules: one.State == campaign.Approved || one.Awaiting(), Awaits: one.Awaiting(),
		Kinds: []form.Option{
			{Value: string(campaign.AtTime), Label: l.T("campaign.schedule.when.at")},
			{Value: string(campaign.AtOwnHour), Label: l.T("campaign.schedule.when.own_hour")},
		},
	}
	data.Limits = one.State != campaign.Sent && one.State != campaign.Cancelled
	for _, per := range campaign.Pers() {
		data.Pers = append(data.Pers, form.Option{Value: per, Label: l.T("campaign.rate." + per)})
	}
	t := one.Timing
	stored := form.With(
		"when", cmp.Or(string(t.Kind), string(campaign.AtTime)), "day", t.Day, "time", clock(max(t.Minute, 0)), "zone", cmp.Or(t.Zone, zone(actor.TimeZone).String()),
	)
	stored.Values["per"] = []string{cmp.Or(one.Rate.Per, campaign.PerSecond)}
	if one.Rate.Limited() {
		stored.Values["count"] = []string{strconv.Itoa(one.Rate.Count)}
	}
	if t.Kind == campaign.NoTiming {
		stored.Values["time"] = []string{"09:00"}
	}
	for _, step := range one.Steps {
		if step.Kind != campaign.FollowUp || step.State != campaign.StepPlanned || one.State == campaign.Cancelled {
			continue
		}
		f := ownHourForm{Position: step.Position, Field: "hour_" + strconv.Itoa(step.Position), Label: l.T("campaign.own_hour.label", "Number", step.Position-1)}
		if step.OwnMinute != nil {
			stored.Values[f.Field] = []string{clock(*step.OwnMinute)}
		}
		data.FollowUps = append(data.FollowUps, f)
	}
	return data, stored, nil
}

// seenSchedule says in a form when a campaign goes out by itself, "" where it does not.
func seenSchedule(c *campaign.Campaign) string {
	if !c.Awaiting() || c.ScheduledAt == nil {
		return ""
	}
	return c.ScheduledAt.UTC().Format(time.RFC3339Nano)
}

// clock is a minute of the day as it is typed.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// minuteOf reads a time of day; -1 where it is none.
func minuteOf(text string) int {
	at, err := time.Parse("15:04", strings.TrimSpace(text))
	if err != nil {
		return -1
	}
	return at.Hour()*60 + at.Minute()
}

func (w *Web) scheduleCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	f, err := w.posted(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	seen := timeSeen(f.Value("seen"))
	_, err = w.Campaigns.ScheduleSeen(ctx, account.ActorFrom(ctx), id, campaign.Timing{
		Kind: campaign.TimingKind(f.Value("when")), Day: strings.TrimSpace(f.Value("day")), Minute: minuteOf(f.Value("time")), Zone: strings.TrimSpace(f.Value("zone")),
	}, &seen)
	return w.afterTiming(c, id, "campaign.said.scheduled", err)
}

func (w *Web) setRate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	rate := campaign.Rate{Per: c.FormValue("per")}
	if typed := strings.TrimSpace(c.FormValue("count")); typed != "" {
		if rate.Count, err = strconv.Atoi(typed); err != nil || rate.Count < 1 {
			return w.afterTiming(c, id, "", errs.InvalidFields(errs.FieldError("count", "campaign.rate.no_number")))
		}
	}
	ctx := c.UserContext()
	_, err = w.Campaigns.SetRate(ctx, account.ActorFrom(ctx), id, rate)
	return w.afterTiming(c, id, "campaign.said.rate", err)
}

// rateSaid says how fast a campaign may go out, "" where nothing limits it.
func rateSaid(l *i18n.Localizer, r campaign.Rate) string {
	if !r.Limited() {
		return ""
	}
	return l.T("campaign.rate.now", "Number", r.Count, "Per", l.T("campaign.rate."+r.Per))
}

func (w *Web) setOwnHour(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	step, err := httpserver.ID(c, "step")
	if err != nil {
		return err
	}
	field := "hour_" + strconv.FormatInt(step, 10)
	var minute *int
	if typed := strings.TrimSpace(c.FormValue(field)); typed != "" {
		m := minuteOf(typed)
		minute = &m
	}
	ctx := c.UserContext()
	_, err = w.Campaigns.SetOwnHour(ctx, account.ActorFrom(ctx), id, int(step), minute)
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		err = errs.InvalidFields(errs.FieldError(field, fields[0].Key))
	}
	return w.afterTiming(c, id, "campaign.said.own_hour", err)
}

// afterTiming leads back to the campaign, or shows the forms again with all that was typed and what is wrong with it.
func (w *Web) afterTiming(c *fiber.Ctx, id int64, said string, failed error) error {
	if failed == nil {
		return w.redirect(c, campaignPath(id), said)
	}
	data, stored, err := w.campaignTimingData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	return campaignTimingPage.refuse(w, c, data, posted.Over(stored), failed)
}
