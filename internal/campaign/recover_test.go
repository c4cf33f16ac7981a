package campaign

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// dying is a worker's process: it leases the batch and is killed when so many messages of it were
// accepted and so many had begun.
func (h *house) dying(owner string, ref BatchRef, accepted, begun int) *journals {
	h.t.Helper()
	j := openJournals(h.t, h.dir, owner)
	attempt := h.lease(owner, ref)
	first, _ := ref.ids()
	for i := range accepted + begun {
		r := mail.Ref{Delivery: first + int64(i), Batch: ref.key(), Attempt: attempt}
		h.must(j.Begun(r))
		if i < accepted {
			j.Accepted(r)
		}
	}
	return j
}

func (h *house) lease(owner string, ref BatchRef) (attempt int) {
	h.t.Helper()
	h.must(h.db.Write(context.Background(), func(tx *db.Tx) error {
		var ok bool
		var err error
		attempt, ok, err = takeBatch(tx, ref, owner, h.Now(), h.Now().Add(lease))
		if !ok {
			h.t.Fatal("the batch cannot be leased")
		}
		return err
	}))
	return attempt
}

func TestAKilledWorkerLosesNothingAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(10)
		c := h.launched()
		ref := BatchRef{c.Steps[0].ID, 0}
		j := h.dying("killed", ref, 4, 2)
		h.settle()
		compare(t, "while its owner lives", h.states(ref.StepID), map[string]int{"queued": 10})
		h.must(j.Close()) // its lock is gone, as after SIGKILL
		h.settle()
		compare(t, "afterwards", h.states(ref.StepID), map[string]int{"sent": 8, "uncertain worker_lost": 2})
		if got := len(h.server.Messages()); got != 4 {
			t.Errorf("%d messages were sent again, want the 4 that never left", got)
		}
		if dead, err := h.Journals.Dead(); err != nil || len(dead) != 0 {
			t.Errorf("journals left: %v, %v", dead, err)
		}
	})
}

func TestALateOwnerThatLivesIsLeftAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(2)
		c := h.launched()
		h.dying("slow", BatchRef{c.Steps[0].ID, 0}, 1, 0)
		h.clock.Advance(time.Hour)
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"queued": 2})
	})
}

func TestWithoutAJournalEverythingOpenIsUncertain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		c := h.launched()
		ref := BatchRef{c.Steps[0].ID, 0}
		h.lease("on another machine", ref)
		h.settle()
		compare(t, "within its lease", h.states(ref.StepID), map[string]int{"queued": 3})
		h.clock.Advance(lease + time.Second)
		h.settle()
		compare(t, "after it", h.states(ref.StepID), map[string]int{"uncertain journal_lost": 3})
		if got := len(h.server.Messages()); got != 0 {
			t.Errorf("%d were sent again", got)
		}
		if c = h.load(c.ID); c.State != Sending {
			t.Errorf("with decisions to be made the campaign is %s", c.State)
		}
	})
}

func TestUncertainIsDecided(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		ctx := context.Background()
		c := h.launched()
		ref := BatchRef{c.Steps[0].ID, 0}
		h.must(h.dying("killed", ref, 1, 2).Close())
		h.settle()
		first, _ := ref.ids()
		for _, tt := range []struct {
			id   int64
			to   DeliveryState
			want errs.Code
		}{
			{first, DeliverySent, errs.Conflict},
			{first + 1, DeliveryFailed, errs.Conflict},
			{first + 1, DeliverySent, ""},
			{first + 1, DeliverySent, errs.Conflict},
			{first + 2, DeliveryQueued, ""},
			{1, DeliverySent, errs.NotFound},
		} {
			if err := h.ResolveUncertain(ctx, h.officer, tt.id, tt.to); errs.CodeOf(err) != tt.want {
				t.Errorf("%d → %s: %v, want %q", tt.id-first, tt.to, err, tt.want)
			}
		}
		h.settle()
		compare(t, "deliveries", h.states(ref.StepID), map[string]int{"sent": 2, "sent decided_sent": 1})
		if got := len(h.server.Messages()); got != 1 {
			t.Errorf("%d messages, want the one that was queued again", got)
		}
		if n := h.number("select count(*) from audit_event where action = 'delivery.resolved'"); n != 2 {
			t.Errorf("%d events of two decisions", n)
		}
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("the campaign is %s", c.State)
		}
	})
}

func TestACycleMayLetUncertainBeSentAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.cycles.c.ResendUncertain = true
		h.contacts(3)
		c := h.launched()
		h.must(h.dying("killed", BatchRef{c.Steps[0].ID, 0}, 1, 1).Close())
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 3})
		if got := len(h.server.Messages()); got != 2 {
			t.Errorf("%d messages, want 2", got)
		}
	})
}

// A worker that was believed lost comes back with what servers told it: that is proof.
func TestALateResultIsProof(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(2)
		ctx := context.Background()
		c := h.launched()
		ref := BatchRef{c.Steps[0].ID, 0}
		far := h.service("far away")
		r, err := far.take(ctx, ref)
		h.must(err)
		h.must(h.db.Write(ctx, func(tx *db.Tx) error {
			return h.recoverBatch(tx, batchRow{ref.StepID, ref.Number, "far away", r.attempt}, mail.Damaged, mail.BatchOutcome{})
		}))
		compare(t, "believed lost", h.states(ref.StepID), map[string]int{"uncertain journal_lost": 2})
		_, err = far.sendRound(ctx, r)
		h.must(err)
		compare(t, "proved", h.states(ref.StepID), map[string]int{"sent": 2})
	})
}
