package campaign

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

func TestEverybodyGetsOneMessageInTheirLanguage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := reasonsHouse(t, d)
		c := h.launched()
		h.settle()
		want := map[string]int{"sent": 8}
		for k, n := range reasonsWant {
			if k != "queued" {
				want[k] = n
			}
		}
		compare(t, "deliveries", h.states(c.Steps[0].ID), want)
		got := map[string]int{}
		for _, m := range h.server.Messages() {
			got[m.To]++
			spanish := m.To == "es@example.org" || m.To == "mx@example.org" || m.To == "second@example.org"
			if strings.Contains(string(m.Data), "Content-Language: es") != spanish {
				t.Errorf("%s got the wrong language", m.To)
			}
			if !strings.HasPrefix(m.From, "bpf+bounce-") || !strings.Contains(string(m.Data), "List-Unsubscribe-Post: List-Unsubscribe=One-Click") {
				t.Errorf("the message to %s from %s lacks what receivers expect", m.To, m.From)
			}
		}
		if len(got) != 8 {
			t.Errorf("%d addresses got a message: %v", len(got), got)
		}
		for to, n := range got {
			if n != 1 {
				t.Errorf("%s got %d messages", to, n)
			}
		}
		if c = h.load(c.ID); c.State != Sent || c.Steps[0].State != StepSent {
			t.Errorf("the campaign is %s, its step %s", c.State, c.Steps[0].State)
		}
	})
}

// What changes between the launch and the sending counts (rule 3).
func TestWhatChangesAfterTheLaunchCounts(t *testing.T) {
	t.Parallel()
	changes := map[string]struct {
		change func(h *house, contactID int64, c Campaign)
		want   string
	}{
		"suppressed": {func(h *house, _ int64, _ Campaign) { h.suppress("p1@example.org") }, "skipped suppressed"},
		"another address of the contact is suppressed": {func(h *house, id int64, _ Campaign) {
			h.address(id, "other@example.org")
			h.suppress("other@example.org")
		}, "skipped suppressed"},
		"bounced":        {func(h *house, _ int64, _ Campaign) { h.write("update address set status = 'bounced'") }, "skipped bounced"},
		"responded":      {func(h *house, id int64, _ Campaign) { h.respond(id) }, "skipped responded"},
		"claimed":        {func(h *house, id int64, _ Campaign) { h.claim(id, "reach_out", start.Add(time.Hour)) }, "skipped personal_claim"},
		"claim is over":  {func(h *house, id int64, _ Campaign) { h.claim(id, "reach_out", start) }, "sent"},
		"step has ended": {func(h *house, _ int64, c Campaign) { h.write("update campaign_step set ends_at = ?", start) }, "skipped step_ended"},
		"campaign paused": {func(h *house, _ int64, c Campaign) {
			_, err := h.Pause(context.Background(), h.officer, c.ID)
			h.must(err)
		}, "queued"},
		"campaign ended": {func(h *house, _ int64, c Campaign) {
			_, err := h.Cancel(context.Background(), h.officer, c.ID)
			h.must(err)
		}, "skipped cancelled"},
		"organization has": {organizationResponds, "skipped responded"},
		"took the answer back": {func(h *house, id int64, _ Campaign) {
			h.respond(id)
			h.write("update contribution set state = 'withdrawn'")
		}, "skipped responded"},
		"organization took it back": {func(h *house, id int64, c Campaign) {
			organizationResponds(h, id, c)
			h.write("update contribution set state = 'withdrawn'")
		}, "skipped responded"},
		"only began an answer": {func(h *house, id int64, _ Campaign) {
			h.respond(id)
			h.write("update contribution set state = 'draft'")
		}, "sent"},
	}
	for name, tt := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				ids := h.contacts(1)
				c := h.launched()
				tt.change(h, ids[0], c)
				h.settle()
				compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{tt.want: 1})
				if got := len(h.server.Messages()); got != map[bool]int{true: 1}[tt.want == "sent"] {
					t.Errorf("%d messages left", got)
				}
			})
		})
	}
}

// organizationResponds lets a colleague answer for the organization of the contact.
func organizationResponds(h *house, contactID int64, _ Campaign) {
	org := h.insert("insert into contact (kind, name, sort_name, created_at, updated_at) values ('organization', 'Org', 'org', ?, ?)", start, start)
	colleague := h.insert("insert into contact (kind, name, sort_name, created_at, updated_at) values ('person', 'Colleague', 'c', ?, ?)", start, start)
	for _, id := range []int64{contactID, colleague} {
		h.insert("insert into affiliation (contact_id, organization_id, created_at) values (?, ?, ?)", id, org, start)
	}
	h.respond(colleague)
	h.write("update contribution set capacity = 'organizational'")
}

func TestPausedIsResumedAndCancelledEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(2)
		ctx := context.Background()
		c := h.launched()
		_, err := h.Pause(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		_, err = h.Resume(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 2})

		second := h.launched()
		_, err = h.Cancel(ctx, h.officer, second.ID)
		h.must(err)
		h.settle()
		second = h.load(second.ID)
		compare(t, "deliveries", h.states(second.Steps[0].ID), map[string]int{"skipped cancelled": 2})
		if second.State != Cancelled || second.Steps[0].State != StepCancelled {
			t.Errorf("the campaign is %s, its step %s", second.State, second.Steps[0].State)
		}
	})
}

func TestTwoWorkersOnOneBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(60)
		c := h.launched()
		other := h.service("worker-2")
		done := make(chan error, 6)
		for i := range 6 {
			s := h.Service
			if i%2 == 1 {
				s = other
			}
			go func() { done <- s.SendBatch(context.Background(), BatchRef{c.Steps[0].ID, 0}) }()
		}
		for range 6 {
			h.must(<-done)
		}
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 60})
		if got := len(h.server.Messages()); got != 60 {
			t.Errorf("%d messages, want 60", got)
		}
	})
}

func TestWhatServersSay(t *testing.T) {
	t.Parallel()
	replies := map[string]string{
		"p1@example.org": "",
		"p2@example.org": "451 4.7.1 greylisted",
		"p3@example.org": "550 5.1.1 no such user",
		"p4@example.org": "552 5.2.2 mailbox full",
		"p5@example.org": "550 no",
	}
	script := func(e mailtest.Event) mailtest.Action {
		if e.Stage == "rcpt" {
			return mailtest.Action{Reply: replies[e.To]}
		}
		return mailtest.Action{}
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouseWith(t, d, script)
		h.contacts(5)
		c := h.launched()
		h.settle()
		step := c.Steps[0].ID
		compare(t, "deliveries", h.states(step), map[string]int{"sent": 1, "deferred": 1, "failed mailbox_full": 1, "failed no_mailbox": 2})
		if n := h.number("select count(*) from address where status = 'bounced'"); n != 2 {
			t.Errorf("%d addresses are marked, want those of 5.1.1 and of 550 without more", n)
		}
		rows, err := h.Deliveries(context.Background(), h.officer, c.ID, DeliveryFilter{State: DeliveryDeferred})
		h.must(err)
		if len(rows) != 1 || rows[0].Reply != "451 4.7.1 greylisted" || rows[0].Until == nil || !rows[0].Until.After(start) || rows[0].Name != "Person 2" {
			t.Errorf("deferred: %+v", rows)
		}
		h.settle()
		compare(t, "before the pause is over", h.states(step), map[string]int{"sent": 1, "deferred": 1, "failed mailbox_full": 1, "failed no_mailbox": 2})
		for range 18 {
			h.clock.Advance(2 * longestBackoff)
			h.settle()
		}
		compare(t, "in the end", h.states(step), map[string]int{"sent": 1, "failed gave_up": 1, "failed mailbox_full": 1, "failed no_mailbox": 2})
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("the campaign is %s", c.State)
		}
	})
}

func TestALostServerLosesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		c := h.launched()
		away := h.service("worker-2")
		away.Transport = unreachable{}
		h.must(away.SendBatch(context.Background(), BatchRef{c.Steps[0].ID, 0}))
		compare(t, "while it is away", h.states(c.Steps[0].ID), map[string]int{"queued": 3})
		h.settle()
		compare(t, "within the pause", h.states(c.Steps[0].ID), map[string]int{"queued": 3})
		h.clock.Advance(awayPause)
		h.settle()
		compare(t, "after it", h.states(c.Steps[0].ID), map[string]int{"sent": 3})
	})
}

type unreachable struct{}

func (unreachable) Send(_ context.Context, all []mail.Envelope, _ mail.Recorder) ([]mail.Result, error) {
	results := make([]mail.Result, len(all))
	for i := range all {
		results[i].ID = all[i].ID
	}
	return results, errs.E(errs.Unavailable, "mail.smtp.away")
}

func TestFollowUpsGoToThoseWhoHaveNotAnswered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(6)
		h.suppress("p6@example.org")
		ctx := context.Background()
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		h.settle()
		if c = h.load(c.ID); c.State != Scheduled || c.Steps[1].DueAt == nil || !c.Steps[1].DueAt.Equal(start.AddDate(0, 0, 7)) {
			t.Fatalf("between the steps: %s, due %v", c.State, c.Steps[1].DueAt)
		}
		h.respond(ids[0])
		h.suppress("p2@example.org")
		h.claim(ids[2], "brief", start.AddDate(0, 0, 30))
		claim := h.number("select id from claim")
		h.insert("insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, promised_until, at) values (?, ?, ?, ?, 'call', 'promised', ?, ?)",
			claim, h.cycleID, ids[2], h.officer.ID, start.AddDate(0, 0, 20), start)
		late := h.contact("Late on the list", "late@example.org", "en")
		o, err := h.Plan(ctx, h.officer, c.ID, 2, PlanCursor{})
		h.must(err)
		if o.Tally.Recipients != 2 || o.Tally.Excluded != 3 {
			t.Errorf("the outbox has %d, without %d", o.Tally.Recipients, o.Tally.Excluded)
		}
		h.clock.Advance(6 * day)
		h.settle()
		if got := len(h.server.Messages()); got != 5 {
			t.Errorf("%d messages before the day of the follow-up", got)
		}
		h.clock.Advance(day)
		h.settle()
		compare(t, "follow-up", h.states(c.Steps[1].ID), map[string]int{
			"sent": 2, "skipped responded": 1, "skipped suppressed": 1, "skipped promised": 1,
		})
		for _, m := range h.server.Messages()[5:] {
			if m.To != "p4@example.org" && m.To != "p5@example.org" {
				t.Errorf("%s got the follow-up (%d is not on the first step)", m.To, late)
			}
		}
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("at the end the campaign is %s", c.State)
		}
		for _, action := range []string{"campaign.launched", "campaign.step_launched", "campaign.follow_up_launched", "campaign.waiting", "campaign.finished"} {
			if n := h.number("select count(*) from audit_event where action = ?", action); n != 1 {
				t.Errorf("%d events %s", n, action)
			}
		}
	})
}

func TestAFollowUpMayBeSentNow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(2)
		ctx := context.Background()
		c := h.approved(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		if _, err := h.LaunchStep(ctx, h.officer, c.ID, 2); !errs.Is(err, errs.Conflict) {
			t.Errorf("a follow-up before the call: %v", err)
		}
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.respond(ids[1])
		_, err = h.LaunchStep(ctx, h.officer, c.ID, 2)
		h.must(err)
		h.settle()
		compare(t, "follow-up", h.states(c.Steps[1].ID), map[string]int{"sent": 1, "skipped responded": 1})
		if _, err := h.LaunchStep(ctx, h.officer, c.ID, 2); !errs.Is(err, errs.Conflict) {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestABatchIsReadByARangeOfThePrimaryKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(20)
		h.launched()
		query, args := queuedSQL(BatchRef{1, 0}, recheck{cycleID: 1, organization: true, followUp: true, earlier: []int64{1, 2}, now: start})
		var plan string
		h.must(h.db.Write(context.Background(), func(tx *db.Tx) (err error) {
			if d.Dialect() == db.Postgres { // which else reads a table as small as this one whole
				if _, err = tx.Exec("set local enable_seqscan = off"); err != nil {
					return err
				}
			}
			plan, err = explain(tx, query, args)
			return err
		}))
		want := "delivery_pkey"
		if d.Dialect() == db.SQLite {
			want = "SEARCH d USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
		}
		if !strings.Contains(plan, want) || !strings.Contains(plan, "delivery_contact") {
			t.Errorf("the plan is\n%s", plan)
		}
	})
}

func TestResultsWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.contacts(2)
	c := h.launched()
	h.write("create trigger away before update of sent_at on delivery begin select raise(abort, 'away'); end")
	done := make(chan error, 1)
	go func() { done <- h.SendBatch(context.Background(), BatchRef{c.Steps[0].ID, 0}) }()
	waitFor(t, func() bool { return len(h.server.Messages()) == 2 })
	h.write("drop trigger away")
	h.must(<-done)
	compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 2})
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatal("waited in vain")
		}
	}
}

func TestASharedAddressGetsOneMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.chunk = 2
		for i := range 5 {
			h.contact(fmt.Sprintf("Desk %d", i), "info@example.org", "en")
		}
		c := h.launched()
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 1, "skipped duplicate_address": 4})
	})
}
