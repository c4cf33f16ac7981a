package campaign

import (
	"context"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// What somebody has sent again does not wait for what else waits in its batch.
func TestDecidedAgainGoesAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{"p1@example.org": "451 later"}}
		h := newHouseWith(t, d, m.script)
		ids := h.contacts(2)
		c := h.launched()
		h.settle()
		h.write("update delivery set state = 'uncertain', reason = 'no_reply' where contact_id = ?", ids[1])
		h.must(h.ResolveUncertain(context.Background(), h.officer, int64(h.number("select id from delivery where contact_id = ?", ids[1])), DeliveryQueued))
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 1, "deferred": 1})
	})
}

// Of many who decide about one message at once, one does, the others are told so, and the trail has one event.
func TestAnUncertainMessageIsDecidedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		c := h.launched()
		h.write("update delivery set state = 'uncertain', reason = 'no_reply'")
		id, _ := BatchRef{StepID: c.Steps[0].ID}.ids()
		var all sync.WaitGroup
		results := make([]error, 10)
		for i := range results {
			to := []DeliveryState{DeliverySent, DeliveryQueued}[i%2]
			all.Go(func() { results[i] = h.ResolveUncertain(context.Background(), h.officer, id, to) })
		}
		all.Wait()
		decided := 0
		for _, err := range results {
			if err == nil {
				decided++
			} else if !errs.Is(err, errs.Conflict) {
				t.Errorf("told %v", err)
			}
		}
		events := h.number("select count(*) from audit_event where action = 'delivery.resolved'")
		if decided != 1 || events != 1 {
			t.Errorf("%d decided, the trail has %d events", decided, events)
		}
	})
}

// What the cycle lets be sent again without asking has an end, also where no worker lives long enough to count its tries.
func TestTheCycleSendsAgainAFewTimesOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.cycles.c.ResendUncertain = true
		h.contacts(1)
		c := h.launched()
		for range resendTries + 3 {
			h.write("update delivery set state = 'uncertain', reason = 'worker_lost'")
			h.write("update delivery_batch set queued = 0, uncertain = 1")
			h.must(h.resendUncertain(context.Background(), &c))
		}
		if n := h.number("select count(*) from delivery_try where reason = 'decided_again'"); n != resendTries {
			t.Errorf("sent again %d times, want %d", n, resendTries)
		}
		compare(t, "then somebody decides", h.states(c.Steps[0].ID), map[string]int{"uncertain worker_lost": 1})
	})
}
