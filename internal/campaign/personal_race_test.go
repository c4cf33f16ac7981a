package campaign

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// atOnce runs all and gives their errors, in order.
func atOnce(all ...func() error) []error {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	failed := make([]error, len(all))
	for i, fn := range all {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			failed[i] = fn()
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	return failed
}

// received counts messages by address, and fails where one got two.
func (h *house) received() map[string]int {
	h.t.Helper()
	got := map[string]int{}
	for _, m := range h.server.Messages() {
		if got[m.To]++; got[m.To] > 1 {
			h.t.Errorf("%s got the call %d times", m.To, got[m.To])
		}
	}
	return got
}

// The volunteer sends while the campaign is launched and its batch is taken: whoever comes first, the address
// gets one message (rule 2).
func TestAVolunteerAgainstTheCampaign(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds = 12
		h := newHouse(t, d)
		h.chunk = 3
		marta := h.volunteer("Marta")
		var claims []int64
		for i := range rounds {
			id := h.contact(fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.org", i), "en")
			claims = append(claims, h.holds(marta, id, "brief")) // which does not keep the campaign away
		}
		c := h.approved()
		ctx := context.Background()
		other, beaten := h.service("worker-2"), false
		all := []func() error{func() error {
			if _, err := h.Launch(ctx, h.officer, c.ID); err != nil {
				if beaten = errs.Is(err, errs.Conflict); beaten { // the volunteer wrote to everybody before it
					return nil
				}
				return err
			}
			return h.RunLaunch(ctx, c.Steps[0].ID)
		}}
		for n := range 4 {
			all = append(all, func() error { return other.SendBatch(ctx, BatchRef{c.Steps[0].ID, n}) })
		}
		for _, claim := range claims {
			all = append(all, func() error {
				_, err := h.SendPersonal(ctx, marta, claim, PersonalOrder{})
				if errs.Is(err, errs.Conflict) { // the campaign was faster
					return nil
				}
				return err
			})
		}
		for i, err := range atOnce(all...) {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		h.settle()
		if got := h.received(); len(got) != rounds {
			t.Errorf("%d of %d got the call", len(got), rounds)
		}
		states, personal := h.states(c.Steps[0].ID), h.number("select count(*) from delivery where personal_by is not null and state = 'sent'")
		leftOut := personal
		if beaten {
			leftOut = 0 // nothing of it was launched
		}
		if states["sent"]+personal != rounds || states["skipped sent_personally"] != leftOut {
			t.Errorf("the campaign says %v, and %d went out in person", states, personal)
		}
	})
}

// Two volunteers hold contacts that share an address: one of them writes.
func TestTwoVolunteersAtOneAddress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		var all []func() error
		for i := range 4 {
			v := h.volunteer(fmt.Sprintf("volunteer%d", i))
			claim := h.holds(v, h.contact(fmt.Sprintf("Desk %d", i), "info@example.org", "en"), "reach_out")
			all = append(all, func() error {
				_, err := h.SendPersonal(ctx, v, claim, PersonalOrder{})
				return err
			})
		}
		c := h.approved()
		sent := 0
		for i, err := range atOnce(all...) {
			switch {
			case err == nil:
				sent++
			case !errs.Is(err, errs.Conflict):
				t.Errorf("%d: %v", i, err)
			}
		}
		if sent != 1 {
			t.Errorf("%d were let", sent)
		}
		h.settle()
		if got := h.received(); got["info@example.org"] != 1 {
			t.Errorf("received %v", got)
		}
		h.write("update claim set state = 'done'")
		_, err := h.Launch(ctx, h.officer, c.ID)
		if !errs.Is(err, errs.Conflict) { // there is nobody left to send it to
			t.Errorf("launched: %v", err)
		}
		o, err := h.Count(ctx, h.officer, c.ID, 1)
		h.must(err)
		if o.Tally.Excluded != 4 || len(o.Tally.Reasons) != 1 || o.Tally.Reasons[0].Reason != SentPersonally {
			t.Errorf("left out: %+v", o.Tally.Reasons)
		}
	})
}

// The same volunteer presses twice, from two windows.
func TestAVolunteerPressesTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contacts(1)[0], "reach_out")
		h.approved()
		press := func() error {
			_, err := h.SendPersonal(context.Background(), marta, claim, PersonalOrder{})
			return err
		}
		refused := 0
		presses := slices.Repeat([]func() error{press}, 25) // more than there are connections
		for _, err := range atOnce(presses...) {
			if errs.Is(err, errs.Conflict) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if refused != len(presses)-1 {
			t.Errorf("%d of %d were refused", refused, len(presses))
		}
		h.settle()
		h.received()
		if got := h.attempts(); got != "sent" {
			t.Errorf("attempts: %s", got)
		}
	})
}

// A volunteer hands the contact back while the message goes out: it left under the claim, or not at all.
func TestHandingBackWhileItGoesOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contacts(1)[0], "reach_out")
		h.approved()
		ref := batchOf(h.order(marta, claim).DeliveryID)
		for _, err := range atOnce(
			func() error { return h.SendBatch(context.Background(), ref) },
			func() error {
				return h.db.Write(context.Background(), func(tx *db.Tx) error {
					_, err := tx.Exec("update claim set state = 'released' where id = ?", claim)
					return err
				})
			},
		) {
			h.must(err)
		}
		h.settle()
		first, _ := ref.ids()
		got, state := len(h.received()), h.delivery(first)
		if state != map[int]string{0: "skipped claim_lost", 1: "sent"}[got] {
			t.Errorf("%d messages, and it is %s", got, state)
		}
	})
}

// A worker that dies with a message in hand leaves it sent, uncertain or waiting, and never sends it twice (rule 5).
func TestAKilledWorkerAndAPersonalMessage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		accepted, begun int
		want            string
		messages        int // that another worker sends
		attempts        string
	}{
		"before it was taken": {0, 0, "sent", 1, "sent"},
		"in the middle":       {0, 1, "uncertain worker_lost", 0, ""},
		"after it":            {1, 0, "sent", 0, "sent"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				marta := h.volunteer("Marta")
				claim := h.holds(marta, h.contacts(1)[0], "reach_out")
				h.approved()
				sent := h.order(marta, claim)
				j := h.dying("killed", batchOf(sent.DeliveryID), tt.accepted, max(tt.begun, 1-tt.accepted))
				if tt.accepted+tt.begun == 0 { // the server had not taken it
					j.Refused(mail.Ref{Delivery: sent.DeliveryID, Batch: batchOf(sent.DeliveryID).key(), Attempt: 1})
				}
				h.must(j.Close())
				h.settle()
				h.settle()
				if got := h.delivery(sent.DeliveryID); got != tt.want {
					t.Errorf("it is %s, want %s", got, tt.want)
				}
				if got := len(h.server.Messages()); got != tt.messages {
					t.Errorf("%d messages, want %d", got, tt.messages)
				}
				if got := h.attempts(); got != tt.attempts {
					t.Errorf("attempts %q, want %q", got, tt.attempts)
				}
				if tt.begun == 1 {
					h.decideUncertain(marta, claim, sent.DeliveryID)
				}
			})
		})
	}
}

// decideUncertain: nobody writes again before an officer has decided, and then the same message goes out.
func (h *house) decideUncertain(v account.Actor, claim, delivery int64) {
	h.t.Helper()
	if why := h.refusal(v, claim); why != "message.refused.uncertain" {
		h.t.Errorf("while nobody has decided: %q", why)
	}
	h.must(h.ResolveUncertain(context.Background(), h.officer, delivery, DeliveryQueued))
	h.settle()
	if got := h.delivery(delivery); got != "sent" || h.attempts() != "sent" || len(h.received()) != 1 {
		h.t.Errorf("after the decision: %s, %q, %v", got, h.attempts(), h.received())
	}
}

// Without its journal the message is uncertain, and a cycle may let it be sent again by itself, after the
// campaign's end too.
func TestACycleMayResendAPersonalMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contacts(1)[0], "reach_out")
		h.approved()
		sent := h.order(marta, claim)
		h.lease("on another machine", batchOf(sent.DeliveryID))
		h.clock.Advance(2 * lease)
		h.settle()
		if got := h.delivery(sent.DeliveryID); got != "uncertain journal_lost" {
			t.Fatalf("it is %s", got)
		}
		h.cycles.c.ResendUncertain = true
		h.settle()
		if got := h.delivery(sent.DeliveryID); got != "sent" || h.attempts() != "sent" {
			t.Errorf("it is %s, attempts %q", got, h.attempts())
		}
	})
}

// The connection breaks after the text: the server may have it.
func TestNoReplyToAPersonalMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouseWith(t, d, func(e mailtest.Event) mailtest.Action {
			return mailtest.Action{Close: e.Stage == "text", Keep: true}
		})
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contacts(1)[0], "reach_out")
		h.approved()
		sent := h.order(marta, claim)
		h.settle()
		if got := h.delivery(sent.DeliveryID); got != "uncertain no_reply" {
			t.Errorf("it is %s", got)
		}
		if got := h.attempts(); got != "" {
			t.Errorf("attempts %q", got)
		}
	})
}

// While the queue is away the order is saved, and the sweep finds it.
func TestTheQueueForgetsAPersonalMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contacts(1)[0], "reach_out")
		h.approved()
		h.queue.away = true
		sent := h.order(marta, claim)
		h.queue.away = false
		h.settle()
		if got := h.delivery(sent.DeliveryID); got != "sent" {
			t.Errorf("it is %s", got)
		}
	})
}

// Two workers learn the same thing: a late result and the journal of the one that was believed lost.
func TestAPersonalMessageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contacts(1)[0], "reach_out")
		h.approved()
		ref := batchOf(h.order(marta, claim).DeliveryID)
		ctx := context.Background()
		far := h.service("far away")
		r, err := far.take(ctx, ref)
		h.must(err)
		h.must(h.db.Write(ctx, func(tx *db.Tx) error {
			return h.recoverBatch(tx, batchRow{ref.StepID, ref.Number, "far away", r.attempt}, mail.Damaged, mail.BatchOutcome{})
		}))
		first, _ := ref.ids()
		h.must(h.ResolveUncertain(ctx, h.officer, first, DeliverySent))
		_, err = far.sendRound(ctx, r)
		h.must(err)
		h.settle()
		if got := h.attempts(); got != "sent" {
			t.Errorf("attempts %q", got)
		}
	})
}
