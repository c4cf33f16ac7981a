package campaign

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestLiveSaysHowFarHowFastAndWhyItWaits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.Buckets = newPails(h.clock.Now)
		h.contacts(31)
		h.suppress("p31@example.org")
		ctx := context.Background()
		c := h.approved()
		look := func() Live {
			t.Helper()
			l, err := h.Live(ctx, h.officer, c.ID)
			h.must(err)
			return l
		}
		if l := look(); !l.Rests() || l.Total() != 0 || l.Second != -1 {
			t.Errorf("before the launch: %+v", l)
		}
		_, err := h.SetRate(ctx, h.officer, c.ID, Rate{Count: 5, Per: PerSecond})
		h.must(err)
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.clock.Advance(time.Second)
		h.settle()
		if l := look(); l.Rests() || l.Total() != 30 || l.Sent != 1 || l.Skipped != 1 || l.Queued != 29 || l.Waits != WaitsRate || !l.Planned {
			t.Errorf("after the first: %+v", l)
		}
		h.clock.Advance(2 * time.Second)
		h.settle()
		l := look()
		if l.Sent != 11 || l.Second < 3 || l.Second > 5 || l.End == nil || !l.End.After(l.At) {
			t.Errorf("under way: %+v", l)
		}
		h.clock.Advance(lookPause / 2)
		h.settle()
		if again := look(); again.At != l.At {
			t.Error("a second look at once asks the database again")
		}
		h.clock.Advance(time.Minute)
		h.settle()
		if l := look(); !l.Rests() || l.Sent != 30 || l.Queued != 0 || l.End != nil || l.Waits != WaitsNot {
			t.Errorf("in the end: %+v", l)
		}
		if _, err := h.Live(ctx, account.Actor{Who: h.officer.Who, Roles: []account.Role{account.Volunteer}}, c.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer looks: %v", err)
		}
	})
}

func TestLiveSaysWhenTheNextHourIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.from("IN", "in@example.org")
	h.from("US", "us@example.org")
	c := h.scheduled(Timing{Kind: AtOwnHour, Day: "2017-08-17", Minute: 9 * 60})
	h.wait(instantOf(t, "2017-08-17T03:30:00Z"))
	l, err := h.Live(context.Background(), h.officer, c.ID)
	h.must(err)
	if l.Sent != 1 || l.Deferred != 1 || !l.Hour || l.Next == nil || !l.Next.Equal(instantOf(t, "2017-08-17T13:00:00Z")) {
		t.Errorf("%+v", l)
	}
}

func TestLiveSaysThatTheServerIsAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.contacts(2)
	c := h.launched()
	h.Transport = unreachable{}
	h.settle()
	if l, err := h.Live(context.Background(), h.officer, c.ID); err != nil || l.Waits != WaitsServer {
		t.Errorf("%+v, %v", l, err)
	}
}
