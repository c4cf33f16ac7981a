package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

func TestOneClickRetriesWhatFailed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{}}
		for n := 1; n <= 7; n++ {
			m.say(fmt.Sprintf("p%d@example.org", n), "552 5.2.2 full")
		}
		m.say("p1@example.org", "550 5.1.1 no such user")
		m.say("p2@example.org", "550 5.1.1 no such user")
		h := newHouseWith(t, d, m.script)
		ids := h.contacts(8)
		ctx := context.Background()
		c := h.launched()
		h.settle()
		step := c.Steps[0].ID
		if c = h.load(c.ID); c.State != Sent || c.Steps[0].State != StepSent {
			t.Fatalf("the campaign is %s", c.State)
		}
		h.address(ids[0], "better@example.org") // p1 has another address by now
		h.suppress("p3@example.org")
		h.respond(ids[3])
		h.claim(ids[4], "reach_out", start.Add(9*day))
		plans, err := h.AgainPlans(ctx, h.officer, c.ID)
		h.must(err)
		if got := fmt.Sprint(plans); got != "[{failed 1 3 4 [{suppressed 1} {bounced 1} {responded 1} {personal_claim 1}]}]" {
			t.Errorf("before the click: %s", got)
		}
		for n := 1; n <= 7; n++ {
			m.say(fmt.Sprintf("p%d@example.org", n), "")
		}
		if _, err := h.Again(ctx, account.Actor{Who: h.officer.Who, Roles: []account.Role{account.Lead}}, c.ID, 1, AgainFailed); !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.Unauthorized) {
			t.Errorf("a lead: %v", err)
		}
		n, err := h.Again(ctx, h.officer, c.ID, 1, AgainFailed)
		if err != nil || n != 3 {
			t.Fatalf("%d queued, %v", n, err)
		}
		if _, err := h.Again(ctx, h.officer, c.ID, 1, AgainFailed); !errs.Is(err, errs.Conflict) {
			t.Errorf("a second click: %v", err)
		}
		h.settle()
		compare(t, "afterwards", h.states(step), map[string]int{"sent": 4, "failed no_mailbox": 1, "failed mailbox_full": 3})
		if c = h.load(c.ID); c.State != Sent || c.Steps[0].State != StepSent {
			t.Errorf("afterwards the campaign is %s, its step %s", c.State, c.Steps[0].State)
		}
		first, _ := BatchRef{step, 0}.ids()
		wantLines(t, h.tries(first), "failed no_mailbox 550 5.1.1 no such user", "queued retried")
		if !slices.ContainsFunc(h.server.Messages(), func(m mailtest.Message) bool { return m.To == "better@example.org" }) {
			t.Error("the better address got nothing")
		}
		if n := h.number("select count(*) from audit_event where action = 'campaign.failed_retried'"); n != 1 {
			t.Errorf("the trail has %d events", n)
		}
	})
}

func TestThoseOfAClaimThatEndedAreSentTheCall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(3)
		ctx := context.Background()
		h.claim(ids[0], "reach_out", start.Add(7*day))
		h.claim(ids[1], "reach_out", start.Add(7*day))
		c := h.launched()
		h.settle()
		step := c.Steps[0].ID
		compare(t, "while they are claimed", h.states(step), map[string]int{"sent": 1, "skipped personal_claim": 2})
		if _, err := h.Again(ctx, h.officer, c.ID, 1, AgainClaims); !errs.Is(err, errs.Conflict) {
			t.Errorf("while they are claimed: %v", err)
		}
		h.clock.Advance(8 * day)
		h.respond(ids[1])
		n, err := h.Again(ctx, h.officer, c.ID, 1, AgainClaims)
		if err != nil || n != 1 {
			t.Errorf("%d queued, %v", n, err)
		}
		h.settle()
		compare(t, "afterwards", h.states(step), map[string]int{"sent": 2, "skipped personal_claim": 1})
	})
}

func TestSendingAgainToSomebodyWhoGotIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{}}
		h := newHouseWith(t, d, m.script)
		ids := h.contacts(3)
		ctx := context.Background()
		c := h.launched()
		h.settle()
		step := c.Steps[0].ID
		id, _ := BatchRef{step, 0}.ids()
		for name, because := range map[string]string{"no reason": " \n ", "a long one": strings.Repeat("x", BecauseRunes+1)} {
			if err := h.SendAgain(ctx, h.officer, id, because); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.must(h.SendAgain(ctx, h.officer, id, "She deleted it by mistake."))
		if err := h.SendAgain(ctx, h.officer, id, "Twice."); !errs.Is(err, errs.Conflict) {
			t.Errorf("while it is on its way: %v", err)
		}
		h.settle()
		compare(t, "afterwards", h.states(step), map[string]int{"sent": 3})
		all := h.server.Messages()
		if one, two := headerOf(string(all[0].Data), "Message-ID: "), headerOf(string(all[3].Data), "Message-ID: "); one == two || two == "" || all[3].To != "p1@example.org" {
			t.Errorf("Message-ID %s and %s, to %s", one, two, all[3].To)
		}
		st, err := h.Story(ctx, h.officer, id)
		if err != nil || kindsOf(&st) != "planned accepted decided accepted" || st.Moments[2].Because != "She deleted it by mistake." || st.Moments[2].By != "officer" {
			t.Errorf("the story: %s, %+v, %v", kindsOf(&st), st.Moments, err)
		}

		// In vain: it has arrived as before.
		h.must(h.SendAgain(ctx, h.officer, id, "Again."))
		h.suppress("p1@example.org")
		h.settle()
		compare(t, "stopped on its way", h.states(step), map[string]int{"sent": 3})
		m.say("p2@example.org", "550 5.1.1 no such user")
		h.must(h.SendAgain(ctx, h.officer, id+1, "Again."))
		h.settle()
		compare(t, "refused", h.states(step), map[string]int{"sent": 3})
		wantLines(t, h.tries(id+1), "sent 250 2.0.0 taken", "queued sent_again", "failed no_mailbox 550 5.1.1 no such user")
		h.respond(ids[2])
		if err := h.SendAgain(ctx, h.officer, id+2, "Again."); !errs.Is(err, errs.Conflict) {
			t.Errorf("to somebody who answered: %v", err)
		}
		if n := h.number("select count(*) from delivery where sent_at is null"); n != 0 {
			t.Errorf("%d have not arrived any more", n)
		}
	})
}

// Of many who click at once, one sends it.
func TestClickedAtOnceItIsSentAgainOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		c := h.launched()
		h.settle()
		id, _ := BatchRef{c.Steps[0].ID, 0}.ids()
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if err := h.SendAgain(context.Background(), h.officer, id, "Lost."); err != nil && !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		h.settle()
		if n := len(h.server.Messages()); n != 2 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestAnUncertainMessageIsProved(t *testing.T) {
	t.Parallel()
	proofs := map[string]string{
		"began an answer":   "insert into contribution (cycle_id, contact_id, delivery_id, state, channel, capacity, name, language, started_at, updated_at) values (%d, %d, %d, 'draft', 'form', 'individual', 'n', 'en', ?, ?)",
		"asked for no more": "insert into opt_out (hash, scope, object_id, how, delivery_id, asked_at, ended_at) values ('h', 'cycle', %d + 0 * %d, 'page', %d, ?, ?)",
	}
	for name, proof := range proofs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				ids := h.contacts(2)
				c := h.launched()
				ref := BatchRef{c.Steps[0].ID, 0}
				j := h.dying("killed", ref, 0, 2)
				h.must(j.Close())
				h.settle()
				compare(t, "before", h.states(ref.StepID), map[string]int{"uncertain worker_lost": 2})
				id, _ := ref.ids()
				h.write(fmt.Sprintf(proof, h.cycleID, ids[0], id), start, start.Add(time.Hour))
				h.settle()
				compare(t, "after", h.states(ref.StepID), map[string]int{"sent proved": 1, "uncertain worker_lost": 1})
				if n := h.number("select count(*) from audit_event where action = 'delivery.resolved'"); n != 1 {
					t.Errorf("the trail has %d events", n)
				}
			})
		})
	}
}

// Whoever got a later message of the campaign is not sent an earlier one after it: a reminder that could not be delivered has
// been overtaken, and two would come on one day.
func TestNothingIsSentAfterAllBehindALaterMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{}}
		h := newHouseWith(t, d, m.script)
		ids := h.contacts(2)
		ctx := context.Background()
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch}, StepDraft{OffsetDays: 14, OffsetFrom: FromLaunch})
		h.settle()
		m.say("p1@example.org", "552 5.2.2 full")
		h.clock.Advance(7 * day)
		h.settle()
		compare(t, "the first reminder", h.states(c.Steps[1].ID), map[string]int{"sent": 1, "failed mailbox_full": 1})
		m.say("p1@example.org", "")
		h.clock.Advance(7 * day)
		h.settle()
		compare(t, "the second reminder", h.states(c.Steps[2].ID), map[string]int{"sent": 2})
		plans, err := h.AgainPlans(ctx, h.officer, c.ID)
		h.must(err)
		if got := fmt.Sprint(plans); got != "[{failed 2 0 1 [{overtaken 1}]}]" {
			t.Errorf("before the click: %s", got)
		}
		if _, err := h.Again(ctx, h.officer, c.ID, 2, AgainFailed); !errs.Is(err, errs.Conflict) {
			t.Errorf("the click: %v", err)
		}
		h.settle()
		if n := h.number("select count(*) from delivery where contact_id = ? and state = 'sent'", ids[0]); n != 2 {
			t.Errorf("%d messages arrived, want the call and one reminder", n)
		}
	})
}
