package campaign

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

var loadReference = sync.OnceValues(geo.Load)

func reference(t testing.TB) *geo.Reference {
	t.Helper()
	r, err := loadReference()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// from puts a contact on the list who is in a country, "" for nobody knows where.
func (h *house) from(country, email string) int64 {
	h.t.Helper()
	id := h.contact("Somebody "+email, email, "en")
	h.write("update contact set country = ? where id = ?", country, id)
	return id
}

func (h *house) scheduled(t Timing) Campaign {
	h.t.Helper()
	c := h.approved()
	c, err := h.Schedule(context.Background(), h.officer, c.ID, t)
	h.must(err)
	return c
}

// got are the addresses that got a message, in order.
func (h *house) got() []string {
	var all []string
	for _, m := range h.server.Messages() {
		all = append(all, m.To)
	}
	slices.Sort(all)
	return all
}

func (h *house) wait(until time.Time) {
	h.t.Helper()
	h.clock.Advance(until.Sub(h.Now()))
	h.settle()
}

func instantOf(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAScheduleAtATime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(2)
		ctx := context.Background()
		c := h.scheduled(Timing{Kind: AtTime, Day: "2017-08-16", Minute: 9 * 60, Zone: "Asia/Kolkata"})
		want := instantOf(t, "2017-08-16T03:30:00Z")
		if c.State != Scheduled || !c.Awaiting() || !c.ScheduledAt.Equal(want) {
			t.Fatalf("it is %s, at %v", c.State, c.ScheduledAt)
		}
		if _, err := h.Pause(ctx, h.officer, c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("paused before it was launched: %v", err)
		}
		if _, err := h.Approve(ctx, h.approver, c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("approved a second time: %v", err)
		}
		h.wait(want.Add(-time.Second))
		if n := len(h.got()); n != 0 || h.load(c.ID).State != Scheduled {
			t.Fatalf("a second before its time %d messages have left", n)
		}
		h.wait(want)
		if n := len(h.got()); n != 2 || h.load(c.ID).State != Sent {
			t.Errorf("at its time %d messages have left, and it is %s", n, h.load(c.ID).State)
		}
		if n := h.number("select count(*) from audit_event where action = 'campaign.launched'"); n != 1 {
			t.Errorf("%d launches", n)
		}
	})
}

func TestAScheduleCanBeChanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		ctx := context.Background()
		tomorrow := Timing{Kind: AtTime, Day: "2017-08-16", Minute: 9 * 60, Zone: "UTC"}
		c := h.scheduled(tomorrow)
		later := tomorrow
		later.Day = "2017-08-18"
		c, err := h.Schedule(ctx, h.officer, c.ID, later)
		h.must(err)
		h.wait(start.AddDate(0, 0, 2))
		if len(h.got()) != 0 {
			t.Error("it left at the time that it had before")
		}
		c, err = h.Unschedule(ctx, h.officer, c.ID)
		h.must(err)
		if c.State != Approved || c.ScheduledAt != nil || c.Timing != (Timing{}) {
			t.Errorf("off the schedule it is %+v", c)
		}
		if _, err := h.Unschedule(ctx, h.officer, c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("off the schedule twice: %v", err)
		}
		h.wait(start.AddDate(0, 0, 5))
		if len(h.got()) != 0 {
			t.Error("it left though it was taken off the schedule")
		}
		again := tomorrow
		again.Day = "2017-08-25"
		c, err = h.Schedule(ctx, h.officer, c.ID, again)
		h.must(err)
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		if len(h.got()) != 1 || h.load(c.ID).State != Sent {
			t.Error("it cannot be sent before its time")
		}
		if _, err := h.Schedule(ctx, h.officer, c.ID, again); !errs.Is(err, errs.Conflict) {
			t.Errorf("scheduled after it was sent: %v", err)
		}
		h.wait(start.AddDate(0, 0, 12))
		if len(h.got()) != 1 {
			t.Error("it left twice")
		}
	})
}

func TestASchedulesCampaignCanBeCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.contacts(1)
	c := h.scheduled(Timing{Kind: AtTime, Day: "2017-08-16", Minute: 9 * 60, Zone: "UTC"})
	_, err := h.Cancel(context.Background(), h.officer, c.ID)
	h.must(err)
	h.wait(start.AddDate(0, 0, 3))
	if c = h.load(c.ID); c.State != Cancelled || c.Steps[0].State != StepCancelled || len(h.got()) != 0 {
		t.Errorf("it is %s, its step %s, %d messages have left", c.State, c.Steps[0].State, len(h.got()))
	}
}

func TestASchedulesMistakesAreSaidAtTheField(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.from("IN", "in@example.org")
	c := h.approved()
	tests := map[string]struct {
		timing Timing
		field  string
	}{
		"in the past":          {Timing{Kind: AtTime, Day: "2017-08-15", Minute: 8*60 + 59, Zone: "UTC"}, "day"},
		"in the past there":    {Timing{Kind: AtTime, Day: "2017-08-15", Minute: 14 * 60, Zone: "Asia/Kolkata"}, "day"},
		"past for everybody":   {Timing{Kind: AtOwnHour, Day: "2017-08-15", Minute: 9 * 60}, "day"},
		"no kind":              {Timing{Day: "2017-08-16", Zone: "UTC"}, "when"},
		"no day":               {Timing{Kind: AtOwnHour, Minute: 9 * 60}, "day"},
		"a day that is none":   {Timing{Kind: AtOwnHour, Day: "2017-02-30", Minute: 9 * 60}, "day"},
		"no minute of the day": {Timing{Kind: AtOwnHour, Day: "2017-08-16", Minute: 24 * 60}, "time"},
		"no zone":              {Timing{Kind: AtTime, Day: "2017-08-16", Zone: "Mars/Olympus"}, "zone"},
		"years ahead":          {Timing{Kind: AtTime, Day: "2019-08-16", Minute: 9 * 60, Zone: "UTC"}, "day"},
		"after the last year":  {Timing{Kind: AtTime, Day: "9999-12-31", Minute: 23*60 + 59, Zone: "America/New_York"}, "day"},
		"the machine's zone":   {Timing{Kind: AtTime, Day: "2017-08-16", Zone: "Local"}, "zone"},
	}
	for name, tt := range tests {
		_, err := h.Schedule(context.Background(), h.officer, c.ID, tt.timing)
		fields := errs.FieldsOf(err)
		if !errs.Is(err, errs.Invalid) || len(fields) != 1 || fields[0].Name != tt.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.suppress("in@example.org")
	_, err := h.Schedule(context.Background(), h.officer, c.ID, Timing{Kind: AtOwnHour, Day: "2017-08-16", Minute: 9 * 60})
	if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != "when" || fields[0].Key != "campaign.nobody" {
		t.Errorf("for nobody: %v", err)
	}
	if h.load(c.ID).State != Approved {
		t.Error("a refused schedule changed the campaign")
	}
}

func TestWhatForbidsAScheduledLaunchIsSaid(t *testing.T) {
	t.Parallel()
	forbids := map[string]struct {
		change func(h *house, c Campaign)
		key    string
	}{
		"nobody is left":           {func(h *house, _ Campaign) { h.suppress("p1@example.org") }, "campaign.nobody"},
		"the text is not approved": {func(h *house, c Campaign) { h.texts.revision(*c.Steps[0].RevisionID).locales = nil }, "campaign.schedule.unapproved"},
		"a translation is not":     {func(h *house, c Campaign) { h.texts.revision(*c.Steps[0].RevisionID).locales = []string{"en"} }, "campaign.schedule.unapproved"},
		"the text cannot be rendered": {func(h *house, c Campaign) {
			h.texts.revision(*c.Steps[0].RevisionID).body = "By {{deadline}}, {{contact}}."
		}, "campaign.value_missing"},
	}
	for name, tt := range forbids {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				h.contacts(1)
				ctx := context.Background()
				c := h.scheduled(Timing{Kind: AtTime, Day: "2017-08-16", Minute: 9 * 60, Zone: "UTC"})
				tt.change(h, c)
				h.wait(start.AddDate(0, 0, 1))
				h.settle()
				overdue, err := h.Overdue(ctx, h.officer, h.cycleID)
				h.must(err)
				if len(overdue) != 1 || errs.Find(overdue[0].Why).Key != tt.key || overdue[0].Campaign != "The call" {
					t.Fatalf("officers see %+v", overdue)
				}
				if c = h.load(c.ID); c.State != Scheduled || c.Steps[0].LaunchedAt != nil || len(h.got()) != 0 {
					t.Errorf("it is %s, %d messages have left", c.State, len(h.got()))
				}
				if n := h.number("select count(*) from audit_event where action = 'campaign.schedule_refused'"); n != 1 {
					t.Errorf("it was refused %d times", n)
				}
				_, err = h.Unschedule(ctx, h.officer, c.ID)
				h.must(err)
				if overdue, err = h.Overdue(ctx, h.officer, 0); err != nil || len(overdue) != 0 {
					t.Errorf("once somebody decided they see %+v, %v", overdue, err)
				}
			})
		})
	}
}

// A sweeper looks at a follow-up, and before it notes its day somebody sends it.
func TestASweeperGivesNoDayToWhatWasSentAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.from("JP", "jp@example.org")
		h.from("US", "us@example.org")
		ctx := context.Background()
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		h.settle()
		nine := 9 * 60
		_, err := h.SetOwnHour(ctx, h.officer, c.ID, 2, &nine)
		h.must(err)
		h.settle()
		seen := h.load(c.ID).Steps[1]
		_, err = h.LaunchStep(ctx, h.officer, c.ID, 2)
		h.must(err)
		later := h.Now().AddDate(0, 0, 8)
		seen.OwnDay = later.Format(time.DateOnly)
		h.must(h.keepDue(ctx, &seen, &later))
		h.settle()
		if step := h.load(c.ID).Steps[1]; step.OwnDay != "" {
			t.Errorf("it was sent at once, and has the day %s", step.OwnDay)
		}
		compare(t, "deliveries", h.states(seen.ID), map[string]int{"sent": 2})
	})
}

// The zone is of a time for everybody; of their own hours it would say something that is not so.
func TestAScheduleAtTheReadersHourHasNoZone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.contacts(1)
	if c := h.scheduled(Timing{Kind: AtOwnHour, Day: "2017-08-16", Minute: 9 * 60, Zone: "Mars/Olympus"}); c.Timing.Zone != "" {
		t.Errorf("its zone is %q", c.Timing.Zone)
	}
}

func TestTwoSweepersLaunchOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		c := h.scheduled(Timing{Kind: AtTime, Day: "2017-08-16", Minute: 9 * 60, Zone: "UTC"})
		h.clock.Advance(24 * time.Hour)
		done := make(chan error, 4)
		for i := range 4 {
			s := h.service(fmt.Sprintf("sweeper-%d", i))
			go func() { done <- s.Sweep(context.Background()) }()
		}
		for range 4 {
			h.must(<-done)
		}
		h.settle()
		if n := h.number("select count(*) from audit_event where action = 'campaign.launched'"); n != 1 || len(h.got()) != 3 {
			t.Errorf("%d launches, %d messages", n, len(h.got()))
		}
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 3})
	})
}

func TestTwoOfficersLaunchOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		c := h.approved()
		done := make(chan error, 6)
		for i := range 6 {
			by := h.officer
			if i%2 == 1 {
				by = h.approver
			}
			go func() {
				_, err := h.Launch(context.Background(), by, c.ID)
				done <- err
			}()
		}
		launched := 0
		for range 6 {
			err := <-done
			if err == nil {
				launched++
			} else if !errs.Is(err, errs.Conflict) {
				t.Error(err)
			}
		}
		h.settle()
		if n := h.number("select count(*) from audit_event where action = 'campaign.launched'"); launched != 1 || n != 1 || len(h.got()) != 3 {
			t.Errorf("%d launched, %d events, %d messages", launched, n, len(h.got()))
		}
	})
}
