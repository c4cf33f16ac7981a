package campaign

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

func TestEachReaderIsReachedAtTheirOwnHour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for _, code := range []string{"WS", "NZ", "IN", "DE", "BR", "US", "AS", "BV", ""} {
			h.from(code, "x"+code+"@example.org")
		}
		h.suppress("xNZ@example.org")
		c := h.scheduled(Timing{Kind: AtOwnHour, Day: "2017-08-17", Minute: 9 * 60})
		if want := instantOf(t, "2017-08-16T20:00:00Z"); !c.ScheduledAt.Equal(want) { // in Samoa
			t.Fatalf("it begins at %s", c.ScheduledAt)
		}
		steps := []struct {
			at   string
			want []string
		}{
			{"2017-08-16T20:00:00Z", []string{"xWS@example.org"}},
			{"2017-08-17T03:29:59Z", nil},
			{"2017-08-17T03:30:00Z", []string{"xIN@example.org"}},
			{"2017-08-17T07:00:00Z", []string{"xDE@example.org"}},
			{"2017-08-17T09:00:00Z", []string{"x@example.org", "xBV@example.org"}}, // without a zone: that of the cycle, else UTC
			{"2017-08-17T12:00:00Z", []string{"xBR@example.org"}},
			{"2017-08-17T13:00:00Z", []string{"xUS@example.org"}},
			{"2017-08-17T19:59:59Z", nil},
			{"2017-08-17T20:00:00Z", []string{"xAS@example.org"}},
		}
		var all []string
		for _, s := range steps {
			h.wait(instantOf(t, s.at))
			all = append(all, s.want...)
			slices.Sort(all)
			if got := h.got(); !slices.Equal(got, all) {
				t.Errorf("at %s these had it: %v, want %v", s.at, got, all)
			}
			if s.at == "2017-08-17T03:29:59Z" {
				compare(t, "while they wait", h.states(c.Steps[0].ID), map[string]int{"sent": 1, "skipped suppressed": 1, "deferred own_hour": 7})
			}
		}
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("in the end it is %s", c.State)
		}
		if n := h.number("select attempt from delivery_batch where step_id = ? and number = 0", c.Steps[0].ID); n > 8 {
			t.Errorf("its batch was taken %d times for 7 hours", n)
		}
	})
}

func TestWhoseHourIsOverIsReachedAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.cycles.deadline = &Deadline{Zone: mustZone(t, "America/Sao_Paulo"), At: start.AddDate(0, 1, 0)}
		for _, code := range []string{"IN", "US", ""} {
			h.from(code, "x"+code+"@example.org")
		}
		c := h.scheduled(Timing{Kind: AtOwnHour, Day: "2017-08-15", Minute: 9 * 60}) // it is 09:00 UTC of that day
		h.settle()
		if got := h.got(); !slices.Equal(got, []string{"xIN@example.org"}) {
			t.Errorf("at once: %v", got)
		}
		h.wait(instantOf(t, "2017-08-15T12:00:00Z")) // in São Paulo, where the deadline is told
		if got := h.got(); !slices.Equal(got, []string{"x@example.org", "xIN@example.org"}) {
			t.Errorf("without a country: %v", got)
		}
		_, err := h.Cancel(context.Background(), h.officer, c.ID)
		h.must(err)
		h.settle()
		compare(t, "cancelled before the hour of the last", h.states(c.Steps[0].ID), map[string]int{"sent": 2, "skipped cancelled": 1})
		if c = h.load(c.ID); c.Steps[0].State != StepCancelled {
			t.Errorf("the step is %s", c.Steps[0].State)
		}
	})
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestABatchSharesItsHour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.crowd(5 * BatchSize)
		h.write("update contact set country = case id % 5 when 0 then 'NZ' when 1 then 'IN' when 2 then 'DE' when 3 then 'BR' else 'US' end")
		h.Transport = countingTransport{}
		c := h.scheduled(Timing{Kind: AtOwnHour, Day: "2017-08-17", Minute: 9 * 60})
		for range 60 {
			h.clock.Advance(time.Hour)
			h.settle()
		}
		if n := h.number("select sum(attempt) from delivery_batch where step_id = ?", c.Steps[0].ID); n != 5 {
			t.Errorf("5 batches of 5 hours were taken %d times", n)
		}
		if h.load(c.ID).State != Sent {
			t.Errorf("it is %s", h.load(c.ID).State)
		}
	})
}

func TestAFollowUpAtTheReadersHour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.from("NZ", "nz@example.org")
		h.from("US", "us@example.org")
		ctx := context.Background()
		c := h.approved(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		nine := 9 * 60
		_, err := h.SetOwnHour(ctx, h.officer, c.ID, 2, &nine)
		h.must(err)
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		if c = h.load(c.ID); c.Steps[1].OwnDay != "2017-08-22" || !c.Steps[1].DueAt.Equal(instantOf(t, "2017-08-21T20:00:00Z")) {
			t.Fatalf("the follow-up is due on %s, at %s", c.Steps[1].OwnDay, c.Steps[1].DueAt)
		}
		h.wait(instantOf(t, "2017-08-21T20:59:59Z"))
		if n := len(h.got()); n != 2 {
			t.Errorf("before its hour %d messages have left", n)
		}
		h.wait(instantOf(t, "2017-08-21T21:00:00Z")) // 09:00 in New Zealand
		if n := len(h.got()); n != 3 {
			t.Errorf("at the first hour %d messages have left", n)
		}
		compare(t, "follow-up", h.states(c.Steps[1].ID), map[string]int{"sent": 1, "deferred own_hour": 1})
		if _, err := h.SetOwnHour(ctx, h.officer, c.ID, 2, nil); !errs.Is(err, errs.Conflict) {
			t.Errorf("its hour was changed after it had begun: %v", err)
		}
		h.wait(instantOf(t, "2017-08-22T13:00:00Z")) // 09:00 in New York
		if n := len(h.got()); n != 4 || h.load(c.ID).State != Sent {
			t.Errorf("in the end %d messages have left, it is %s", n, h.load(c.ID).State)
		}
	})
}

// Two steps at their readers' hours are so many days of the calendar apart for each of them, at whatever end of the world.
func TestStepsAtTheReadersHourAreDaysApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	for _, code := range []string{"WS", "IN", "US", "AS"} {
		h.from(code, code+"@example.org")
	}
	ctx := context.Background()
	c := h.approved(StepDraft{OffsetDays: 5, OffsetFrom: FromLaunch})
	nine := 9 * 60
	_, err := h.SetOwnHour(ctx, h.officer, c.ID, 2, &nine)
	h.must(err)
	_, err = h.Schedule(ctx, h.officer, c.ID, Timing{Kind: AtOwnHour, Day: "2017-08-17", Minute: nine})
	h.must(err)
	for range 9 * 24 * 2 {
		h.clock.Advance(30 * time.Minute)
		h.settle()
	}
	for _, step := range c.Steps {
		rows, err := h.Deliveries(ctx, h.officer, c.ID, DeliveryFilter{})
		h.must(err)
		for _, row := range rows {
			if row.Step != step.Position || row.SentAt == nil {
				continue
			}
			country := row.Name[len("Somebody ") : len("Somebody ")+2]
			want := on(time.Date(2017, 8, 17+5*(step.Position-1), 0, 0, 0, 0, time.UTC), nine, reference(t).Zone(country))
			if !row.SentAt.Equal(want) {
				t.Errorf("step %d reached %s at %s, want %s", step.Position, country, row.SentAt, want)
			}
		}
	}
	if n := len(h.got()); n != 8 {
		t.Errorf("%d messages", n)
	}
}

// Wherever readers are and whenever it is launched, nobody is reached before the hour of their day, and nobody later
// than the next look after it.
func TestNobodyIsReachedBeforeTheirHour(t *testing.T) {
	t.Parallel()
	r := reference(t)
	countries := r.Countries()
	s := New(Deps{Reference: r, Cycles: &cycles{}})
	rapid.Check(t, func(rt *rapid.T) {
		code := rapid.SampledFrom(countries).Draw(rt, "country").Code
		minute := rapid.IntRange(0, minutesOfDay-1).Draw(rt, "minute")
		day := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 4000).Draw(rt, "day"))
		now := day.Add(time.Duration(rapid.IntRange(-40, 40).Draw(rt, "hours")) * time.Hour)
		hours, err := s.hoursOf(context.Background(), &Step{OwnMinute: &minute, OwnDay: day.Format(time.DateOnly)}, 1, now)
		if err != nil {
			rt.Fatal(err)
		}
		due := on(day, minute, s.zoneOf(code, time.UTC))
		i := slices.IndexFunc(hours, func(h hourOf) bool { return h.Country == code })
		switch {
		case i < 0 && due.After(now):
			rt.Fatalf("%s is reached at once, at %s, though its hour is %s", code, now, due)
		case i >= 0 && (!hours[i].Due.Equal(due) || !due.After(now)):
			rt.Fatalf("%s waits until %s at %s, its hour is %s", code, hours[i].Due, now, due)
		}
		if first := s.firstAnywhere(day, minute, time.UTC); due.Before(first) || first.Before(day.Add(time.Duration(minute)*time.Minute-15*time.Hour)) {
			rt.Fatalf("the first instant anywhere is %s, that of %s %s", first, code, due)
		}
	})
}

// countingTransport takes everything.
type countingTransport struct{}

func (countingTransport) Send(_ context.Context, all []mail.Envelope, _ mail.Recorder) ([]mail.Result, error) {
	results := make([]mail.Result, len(all))
	for i, e := range all {
		results[i] = mail.Result{ID: e.ID, Outcome: mail.Accepted}
	}
	return results, nil
}
