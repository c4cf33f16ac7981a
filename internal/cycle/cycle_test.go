package cycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func officer() account.Actor {
	return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 7, Name: "Olu"}, Roles: []account.Role{account.Officer}}
}

func volunteer() account.Actor {
	return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 8}, Roles: []account.Role{account.Volunteer}}
}

// 15 September anywhere on earth ends on 16 September at 12:00 UTC.
func TestEndOfDay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ day, zone, want string }{
		"anywhere on earth":        {"2017-09-15", cycle.AoE, "2017-09-16T12:00:00Z"},
		"no zone is the same":      {"2017-09-15", "", "2017-09-16T12:00:00Z"},
		"UTC":                      {"2017-09-15", "UTC", "2017-09-16T00:00:00Z"},
		"Zurich in summer":         {"2017-09-15", "Europe/Zurich", "2017-09-15T22:00:00Z"},
		"the day summer time ends": {"2017-10-29", "Europe/Zurich", "2017-10-29T23:00:00Z"},
		"the last day of a year":   {"2017-12-31", "Asia/Tokyo", "2017-12-31T15:00:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := cycle.EndOfDay(test.day, test.zone)
			if err != nil || got.Format(time.RFC3339) != test.want {
				t.Errorf("got %v, %v; want %s", got, err, test.want)
			}
		})
	}
	for _, wrong := range [][2]string{{"2017-02-30", "UTC"}, {"15 September", ""}, {"2017-09-15", "Mars/Olympus"}} {
		if _, err := cycle.EndOfDay(wrong[0], wrong[1]); !errs.Is(err, errs.Invalid) {
			t.Errorf("%v: got %v, want invalid", wrong, err)
		}
	}
}

func TestLateIsFromTheInstantOn(t *testing.T) {
	t.Parallel()
	end, err := cycle.EndOfDay("2017-09-15", cycle.AoE)
	if err != nil {
		t.Fatal(err)
	}
	d := cycle.Date{At: end}
	if d.Late(end.Add(-time.Microsecond)) || !d.Late(end) {
		t.Error("the boundary is not at the instant")
	}
}

func TestMovesAreRefusedOutOfOrder(t *testing.T) {
	t.Parallel()
	for from, want := range map[cycle.State][2]bool{
		cycle.Preparing: {true, false}, cycle.Open: {false, true}, cycle.Closed: {false, false},
	} {
		open, shut := cycle.Cycle{State: from}, cycle.Cycle{State: from}
		if got := [2]bool{open.Open() == nil, shut.Close() == nil}; got != want {
			t.Errorf("from %s: open and close are %v, want %v", from, got, want)
		}
	}
}

func TestADateKeepsWhatAppliedBefore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		now := time.Date(2017, 8, 7, 13, 0, 0, 0, time.UTC)
		s := cycle.New(cycle.Deps{DB: d, Now: func() time.Time { return now }})
		c, err := s.Create(ctx, officer(), cycle.Cycle{Slug: "bpf-2017", Name: "BPF 2017"})
		if err != nil {
			t.Fatal(err)
		}
		set := func(kind cycle.DateKind, day string) {
			t.Helper()
			if _, err := s.SetDate(ctx, officer(), c.ID, kind, day, "", ""); err != nil {
				t.Fatal(err)
			}
		}
		deadline := func(grace cycle.DateKind, at time.Time) string {
			t.Helper()
			d, ok, err := s.DeadlineFor(ctx, c.ID, grace, at)
			if err != nil || !ok {
				t.Fatalf("%v, %v", ok, err)
			}
			return d.OnDate
		}
		set(cycle.Deadline, "2017-09-15")
		first := now
		now = now.Add(24 * time.Hour)
		set(cycle.Deadline, "2017-09-30")
		set(cycle.NRIGrace, "2017-10-31")
		for _, test := range []struct {
			grace cycle.DateKind
			at    time.Time
			want  string
		}{
			{"", first, "2017-09-15"},
			{"", now.Add(-time.Microsecond), "2017-09-15"},
			{"", now, "2017-09-30"},
			{cycle.NRIGrace, now, "2017-10-31"},
			{cycle.NRIGrace, first, "2017-09-15"},
			{cycle.MeetingGrace, now, "2017-09-30"},
		} {
			if got := deadline(test.grace, test.at); got != test.want {
				t.Errorf("%q at %v: got %s, want %s", test.grace, test.at, got, test.want)
			}
		}
		if _, ok, err := s.DeadlineFor(ctx, c.ID, "", first.Add(-time.Second)); ok || err != nil {
			t.Errorf("before any date: %v, %v", ok, err)
		}
	})
}

func TestOnlyAnOfficerChangesACycle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := cycle.New(cycle.Deps{DB: d, Now: db.Now})
		if _, err := s.Create(ctx, volunteer(), cycle.Cycle{Slug: "x", Name: "X"}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("create: got %v", err)
		}
		c, err := s.Create(ctx, officer(), cycle.Cycle{Slug: "x", Name: "X"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetDate(ctx, volunteer(), c.ID, cycle.Deadline, "2017-09-15", "", ""); !errs.Is(err, errs.Forbidden) {
			t.Errorf("set date: got %v", err)
		}
		if _, err := s.Create(ctx, officer(), cycle.Cycle{Slug: "x", Name: "Y"}); !errs.Is(err, errs.Conflict) {
			t.Errorf("same slug: got %v", err)
		}
		if _, err := s.Create(ctx, officer(), cycle.Cycle{Slug: "Not A Slug"}); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("wrong slug and no name: got %v", err)
		}
		if _, err := s.Move(ctx, officer(), "x", cycle.Closed); !errs.Is(err, errs.Conflict) {
			t.Errorf("close before open: got %v", err)
		}
		if c, err := s.Move(ctx, officer(), "x", cycle.Open); err != nil || c.State != cycle.Open {
			t.Errorf("open: got %v, %v", c.State, err)
		}
		if c, err := s.Current(ctx); err != nil || c.Slug != "x" {
			t.Errorf("current: got %v, %v", c, err)
		}
	})
}
