package campaign

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// TestSchedulesFollowTheModel does random things to a schedule and holds it against a reference after each.
func TestSchedulesFollowTheModel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		ctx := context.Background()
		rapid.Check(t, func(rt *rapid.T) {
			h.write("delete from delivery_batch")
			h.write("delete from delivery")
			h.write("update campaign set state = 'cancelled'")
			h.write("update campaign_step set state = 'cancelled'")
			c := h.approved()
			state, at := Approved, time.Time{}
			expect := func(err error, allowed bool, to State) {
				if (err == nil) != allowed {
					rt.Fatalf("from %s to %s: %v", state, to, err)
				}
				if err == nil {
					state = to
				}
			}
			rt.Repeat(map[string]func(*rapid.T){
				"schedule": func(rt *rapid.T) {
					when := h.Now().Add(time.Duration(rapid.IntRange(-100, 1000).Draw(rt, "minutes")) * time.Minute).Truncate(time.Minute)
					_, err := h.Schedule(ctx, h.officer, c.ID, Timing{Kind: AtTime, Day: when.Format(time.DateOnly), Minute: when.Hour()*60 + when.Minute(), Zone: "UTC"})
					allowed := (state == Approved || state == Scheduled) && !when.Before(h.Now())
					if expect(err, allowed, Scheduled); err == nil {
						at = when
					}
				},
				"unschedule": func(*rapid.T) {
					_, err := h.Unschedule(ctx, h.officer, c.ID)
					expect(err, state == Scheduled, Approved)
				},
				"launch": func(*rapid.T) {
					_, err := h.Launch(ctx, h.officer, c.ID)
					expect(err, state == Approved || state == Scheduled, Sending)
				},
				"pause": func(*rapid.T) {
					_, err := h.Pause(ctx, h.officer, c.ID)
					expect(err, state == Sending, Paused)
				},
				"cancel": func(*rapid.T) {
					_, err := h.Cancel(ctx, h.officer, c.ID)
					expect(err, state != Cancelled && state != Sent, Cancelled)
				},
				"sweep": func(rt *rapid.T) {
					h.clock.Advance(time.Duration(rapid.IntRange(1, 600).Draw(rt, "minutes")) * time.Minute)
					h.must(h.Sweep(ctx))
					if state == Scheduled && !h.Now().Before(at) {
						state = Sending
					}
				},
				"": func(rt *rapid.T) {
					got := h.load(c.ID)
					if got.State != state || got.Awaiting() != (state == Scheduled) || got.Awaiting() && !got.ScheduledAt.Equal(at) {
						rt.Fatalf("it is %s at %v, want %s at %s", got.State, got.ScheduledAt, state, at)
					}
				},
			})
		})
	})
}
