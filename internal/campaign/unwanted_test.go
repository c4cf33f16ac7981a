package campaign

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
)

// ask stores what somebody who reads at a mailbox asked not to get.
func (h *house) ask(email, scope string, object int64) {
	h.insert("insert into opt_out (hash, scope, object_id, how, asked_at) values (?, ?, ?, 'page', ?)", "h:"+email, scope, object, start)
}

// What was asked between the launch and the taking of a batch holds, for everybody who uses the mailbox and at every address
// that they have; what was asked about something else does not.
func TestWhatIsAskedAfterTheLaunchHolds(t *testing.T) {
	t.Parallel()
	asked := map[string]struct {
		ask  func(h *house, c Campaign)
		want map[string]int
	}{
		"this campaign":    {func(h *house, c Campaign) { h.ask("p1@example.org", "campaign", c.ID) }, map[string]int{"skipped opted_out": 1, "sent": 2}},
		"this cycle":       {func(h *house, c Campaign) { h.ask("p2@example.org", "cycle", c.CycleID) }, map[string]int{"skipped opted_out": 1, "sent": 2}},
		"another campaign": {func(h *house, c Campaign) { h.ask("p1@example.org", "campaign", c.ID+1) }, map[string]int{"sent": 3}},
		"another cycle":    {func(h *house, c Campaign) { h.ask("p1@example.org", "cycle", c.CycleID+1) }, map[string]int{"sent": 3}},
		"no reminders":     {func(h *house, _ Campaign) { h.ask("p1@example.org", "reminders", 0) }, map[string]int{"sent": 3}},
		"at another address that two have": {
			func(h *house, c Campaign) { h.ask("shared@example.org", "campaign", c.ID) },
			map[string]int{"skipped opted_out": 2, "sent": 1},
		},
		"taken back": {func(h *house, c Campaign) {
			h.ask("p1@example.org", "campaign", c.ID)
			h.write("update opt_out set ended_at = ?", start)
		}, map[string]int{"sent": 3}},
	}
	for name, tt := range asked {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				for _, id := range h.contacts(3)[:2] {
					h.address(id, "shared@example.org")
				}
				c := h.launched()
				tt.ask(h, c)
				h.settle()
				compare(t, "deliveries", h.states(c.Steps[0].ID), tt.want)
			})
		})
	}
}

// asksAtFirst is a server whose first recipient asks at once for no more, while the rest of the batch waits.
type asksAtFirst struct {
	h        *house
	rounds   int
	messages int
}

// Send takes one message of a round and lets everybody else ask for no more before the next.
func (a *asksAtFirst) Send(_ context.Context, all []mail.Envelope, _ mail.Recorder) ([]mail.Result, error) {
	a.rounds++
	if len(all) == 0 {
		return nil, nil
	}
	results := make([]mail.Result, len(all))
	for i, e := range all {
		results[i] = mail.Result{ID: e.ID, Outcome: mail.NotSent}
	}
	results[0].Outcome = mail.Accepted
	a.messages++
	for _, e := range all[1:] {
		a.h.ask(e.To, "cycle", a.h.cycleID)
	}
	return results, context.DeadlineExceeded
}

func TestWhatIsAskedInMidRoundHoldsInTheNext(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(5)
		server := &asksAtFirst{h: h}
		h.Transport = server
		c := h.launched()
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 1, "skipped opted_out": 4})
		if server.messages != 1 {
			t.Errorf("%d messages in %d rounds, after all had asked for no more", server.messages, server.rounds)
		}
	})
}

func TestRemindersAreAsFewAsAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(4)
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch}, StepDraft{OffsetDays: 14, OffsetFrom: FromLaunch})
		h.settle()
		h.ask("p1@example.org", "reminders", 0)
		h.ask("p2@example.org", "second_reminder", 0)
		for i, want := range []map[string]int{
			{"sent": 4},
			{"sent": 3, "skipped fewer_reminders": 1},
			{"sent": 2, "skipped fewer_reminders": 2},
		} {
			h.settle()
			compare(t, fmt.Sprint("step ", i+1), h.states(c.Steps[i].ID), want)
			h.clock.Advance(8 * 24 * time.Hour)
		}
	})
}

// The outbox says beforehand who gets no second reminder.
func TestTheOutboxCountsWhoWantsFewerReminders(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(2)
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch}, StepDraft{OffsetDays: 14, OffsetFrom: FromLaunch})
		h.settle()
		h.ask("p1@example.org", "second_reminder", 0)
		h.clock.Advance(8 * 24 * time.Hour)
		h.settle()
		o, err := h.Plan(context.Background(), h.officer, c.ID, 3, PlanCursor{})
		h.must(err)
		if len(o.Excluded) != 1 || o.Excluded[0].Reason != FewerReminders || len(o.Recipients) != 1 {
			t.Errorf("the outbox of the second reminder: %d get it, left out: %+v", len(o.Recipients), o.Excluded)
		}
	})
}
