package demo

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/nri"
)

// The dates of 2017, counted from the meeting of 7 August: comments before 15 August, the call
// on or around it, the deadline on 15 September, initiatives and meetings before the annual
// meeting in December later.
var dates = []struct {
	kind cycle.DateKind
	days int
}{
	{cycle.CommentsClose, 7},
	{cycle.SendOn, 8},
	{cycle.OutreachCutoff, 32}, // a week before the deadline: a claim from the last day ends with it
	{cycle.Deadline, 39},
	{cycle.NRIGrace, 85},
	{cycle.MeetingGrace, 116},
}

func (l *loader) addCycle(ctx context.Context, began time.Time) error {
	c, err := l.Cycles.BySlug(ctx, Slug)
	if errs.Is(err, errs.NotFound) {
		c, err = l.Cycles.Create(ctx, l.by, cycle.Cycle{
			Slug: Slug, Name: "BPF Cybersecurity 2017", DefaultLanguage: "en", OrganizationStopsFollowUps: true,
			ListName:  "2017 IGF BPF on Cyber security mailing list",
			ListURL:   "https://www.intgovforum.org/mailman/listinfo/bp_cybersec_2016_intgovforum.org",
			EventName: "12th IGF", EventPlace: "Geneva, Switzerland",
			EventStart: began.AddDate(0, 0, 133).Format(time.DateOnly), EventEnd: began.AddDate(0, 0, 136).Format(time.DateOnly),
		})
	}
	if err != nil {
		return err
	}
	if c.State == cycle.Preparing {
		if c, err = l.Cycles.Move(ctx, l.by, Slug, cycle.Open); err != nil {
			return err
		}
	}
	l.cycle = c
	for _, d := range dates {
		day := began.AddDate(0, 0, d.days).Format(time.DateOnly)
		if _, err := l.Cycles.SetDate(ctx, l.by, c.ID, d.kind, day, cycle.AoE, ""); err != nil {
			return err
		}
	}
	return l.addMeeting(ctx, began)
}

// addMeeting plans the virtual meeting after the deadline, at which contributions are reviewed.
func (l *loader) addMeeting(ctx context.Context, began time.Time) error {
	if _, ok, err := l.NRIs.NextMeeting(ctx, l.by, l.cycle.ID); err != nil || ok {
		return err
	}
	day := began.AddDate(0, 0, 10)
	_, err := l.NRIs.AddMeeting(ctx, l.by, nri.Meeting{
		CycleID: l.cycle.ID, Title: "NRI call: briefing on the questionnaire", Zone: "UTC", Minutes: 60,
		StartsAt: time.Date(day.Year(), day.Month(), day.Day(), 13, 0, 0, 0, time.UTC), JoinURL: "https://meet.example.org/nri",
	})
	return err
}

func (l *loader) addInitiatives(ctx context.Context) error {
	if _, err := l.NRIs.Import(ctx, l.by, l.Reference.NRIs()); err != nil {
		return err
	}
	all, err := l.NRIs.List(ctx, l.by, nri.Filter{})
	if err != nil {
		return err
	}
	byName := make(map[string]int64, len(all))
	for _, i := range all {
		byName[i.Name] = i.ID
	}
	for _, p := range l.people.Coordinators {
		err := l.NRIs.AssignCoordinator(ctx, l.by, byName[p.Initiative], l.accounts[p.Email].ID)
		if err := ignore(err, errs.Conflict); err != nil {
			return err
		}
	}
	return nil
}
