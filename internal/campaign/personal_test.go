package campaign

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// volunteer is somebody who may write in person.
func (h *house) volunteer(name string) account.Actor {
	a := h.member(name)
	a.Roles = []account.Role{account.Volunteer}
	return a
}

// holds lets a volunteer claim a contact for a week.
func (h *house) holds(v account.Actor, contactID int64, purpose string) int64 {
	h.t.Helper()
	return h.insert(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, ?, ?, ?, 'active', ?, ?)`,
		h.cycleID, contactID, v.ID, purpose, h.clock.Now(), h.clock.Now().Add(7*day))
}

func (h *house) ready(v account.Actor, claim int64) Personal {
	h.t.Helper()
	p, err := h.PersonalMessage(context.Background(), v, claim, PersonalDraft{})
	h.must(err)
	return p
}

// refusal is the key of what keeps a message from being sent, "" for nothing.
func (h *house) refusal(v account.Actor, claim int64) string {
	h.t.Helper()
	return keyOf(h.ready(v, claim).Refusal)
}

func (h *house) order(v account.Actor, claim int64) PersonalDelivery {
	h.t.Helper()
	d, err := h.SendPersonal(context.Background(), v, claim, PersonalOrder{Seen: h.ready(v, claim).Seen})
	h.must(err)
	return d
}

func (h *house) delivery(id int64) string {
	h.t.Helper()
	var state, reason string
	h.must(h.db.Read(context.Background()).QueryRow("select state, reason from delivery where id = ?", id).Scan(&state, &reason))
	return strings.TrimSpace(state + " " + reason)
}

func keyOf(err error) string {
	if e := errs.Find(err); e != nil {
		return e.Key
	}
	return ""
}

func (h *house) attempt(contactID int64, outcome string, at time.Time) {
	h.t.Helper()
	h.insert(`insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at)
select id, cycle_id, contact_id, volunteer_id, 'call', ?, ? from claim where contact_id = ?`, outcome, at, contactID)
}

func (x *texts) byDocument(id int64) int64 {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	x.h.must(err)
	return s.RevisionID
}

func (h *house) attempts() string {
	h.t.Helper()
	var all []string
	h.must(h.db.Read(context.Background()).Gorm().Raw("select outcome from attempt order by id").Scan(&all).Error)
	return strings.Join(all, " ")
}

func TestAVolunteerWritesAndTheCampaignLeavesTheContactOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(3)
		desk := h.contact("The desk of person 1", "p1@example.org", "en")
		marta := h.volunteer("Marta")
		claim := h.holds(marta, ids[0], "reach_out")
		c := h.approved(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})

		p, err := h.PersonalMessage(context.Background(), marta, claim, PersonalDraft{Opening: "We met in <Geneva>.\nBest, M."})
		h.must(err)
		if p.To.Email != "p1@example.org" || p.From.Name != "Marta via BPF Cybersecurity" || p.From.Email != "bpf@convoke.test" || p.ReplyTo.Email != "Marta@example.org" || p.Locale != "en" {
			t.Errorf("ready is %+v", p)
		}
		sent, err := h.SendPersonal(context.Background(), marta, claim, PersonalOrder{Opening: "We met in <Geneva>.\nBest, M.", Seen: p.Seen})
		h.must(err)
		if got := h.delivery(sent.DeliveryID); got != "queued" {
			t.Errorf("before a worker comes it is %s", got)
		}
		if why := h.refusal(marta, claim); why != "message.refused.under_way_personally" {
			t.Errorf("a second one: %q", why)
		}
		h.settle()
		if got := h.delivery(sent.DeliveryID); got != "sent" {
			t.Errorf("it is %s", got)
		}
		if got := h.attempts(); got != "sent" {
			t.Errorf("attempts: %s", got)
		}
		mails := h.server.Messages()
		if len(mails) != 1 || mails[0].To != "p1@example.org" || !strings.HasPrefix(mails[0].From, "bpf+bounce-") {
			t.Fatalf("%d messages: %+v", len(mails), mails)
		}
		for _, want := range []string{
			"From: Marta via BPF Cybersecurity <bpf@convoke.test>\r\n", "Reply-To: BPF Cybersecurity\r\n <bpf+re-", ",\r\n Marta <Marta@example.org>\r\n",
			fmt.Sprintf("Message-ID: <d%d@convoke.test>", sent.DeliveryID), "We met in <Geneva>.", "We met in &lt;Geneva&gt;.<br>", "List-Unsubscribe-Post",
		} {
			if !strings.Contains(string(mails[0].Data), want) {
				t.Errorf("the message lacks %q:\n%s", want, mails[0].Data)
			}
		}

		o, err := h.Plan(context.Background(), h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		if o.Tally.Recipients != 2 || o.Tally.Excluded != 2 {
			t.Errorf("the outbox has %d, without %d: %+v", o.Tally.Recipients, o.Tally.Excluded, o.Tally.Reasons)
		}
		h.write("update claim set state = 'done'") // else the claim alone would be the reason
		_, err = h.Launch(context.Background(), h.officer, c.ID)
		h.must(err)
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 2, "skipped sent_personally": 2})
		if n := h.number("select count(*) from delivery where contact_id = ? and reason = 'sent_personally'", desk); n != 1 {
			t.Error("who shares the address got another reason")
		}
		if got := len(h.server.Messages()); got != 3 {
			t.Errorf("%d messages, want 3", got)
		}
		h.clock.Advance(8 * day)
		h.settle()
		compare(t, "the follow-up", h.states(c.Steps[1].ID), map[string]int{"sent": 3})
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("the campaign is %s", c.State)
		}
	})
}

func TestWhatKeepsAVolunteerFromWriting(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(h *house, contactID int64, c Campaign)
		want   string
	}{
		"nothing":       {func(*house, int64, Campaign) {}, ""},
		"suppressed":    {func(h *house, _ int64, _ Campaign) { h.suppress("p1@example.org") }, "message.refused.suppressed"},
		"no more of it": {func(h *house, _ int64, c Campaign) { h.ask("p1@example.org", "campaign", c.ID) }, "message.refused.opted_out"},
		"no reminders":  {func(h *house, _ int64, _ Campaign) { h.ask("p1@example.org", "reminders", 0) }, ""},
		"bounced":       {func(h *house, _ int64, _ Campaign) { h.write("update address set status = 'bounced'") }, "message.refused.bounced"},
		"no address":    {func(h *house, _ int64, _ Campaign) { h.write("delete from contact_address") }, "message.refused.no_address"},
		"responded":     {func(h *house, id int64, _ Campaign) { h.respond(id) }, "message.refused.responded"},
		"colleague did": {organizationResponds, "message.refused.responded"},
		"declined":      {func(h *house, id int64, _ Campaign) { h.attempt(id, "declined", start) }, "message.refused.declined"},
		"thought again": {func(h *house, id int64, _ Campaign) {
			h.attempt(id, "declined", start.Add(-day))
			h.attempt(id, "reached", start)
		}, ""},
		"paused":         {func(h *house, _ int64, _ Campaign) { h.write("update campaign set state = 'paused'") }, "message.refused.paused"},
		"cancelled":      {func(h *house, _ int64, _ Campaign) { h.write("update campaign set state = 'cancelled'") }, "message.refused.no_campaign"},
		"draft":          {func(h *house, _ int64, _ Campaign) { h.write("update campaign set state = 'draft'") }, "message.refused.draft"},
		"in review":      {func(h *house, _ int64, _ Campaign) { h.write("update campaign set state = 'in_review'") }, "message.refused.in_review"},
		"for others":     {func(h *house, _ int64, _ Campaign) { h.write(`update campaign set audience = '{"countries":["BR"]}'`) }, "message.refused.audience"},
		"step has ended": {func(h *house, _ int64, _ Campaign) { h.write("update campaign_step set ends_at = ?", start) }, "message.refused.step_ended"},
		"no translation": {func(h *house, _ int64, _ Campaign) {
			h.texts.revision(h.texts.byDocument(h.message)).locales = []string{"es"}
		}, "message.refused.no_translation"},
		"to find address": {func(h *house, _ int64, _ Campaign) { h.write("update claim set purpose = 'find_address'") }, "message.refused.purpose"},
		"to brief":        {func(h *house, _ int64, _ Campaign) { h.write("update claim set purpose = 'brief'") }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				ids := h.contacts(1)
				marta := h.volunteer("Marta")
				claim := h.holds(marta, ids[0], "reach_out")
				c := h.approved()
				before := h.ready(marta, claim)
				tt.change(h, ids[0], c)
				if got := h.refusal(marta, claim); got != tt.want {
					t.Errorf("refused with %q, want %q", got, tt.want)
				}
				_, err := h.SendPersonal(context.Background(), marta, claim, PersonalOrder{Seen: before.Seen})
				if got := keyOf(err); got != tt.want || err != nil && !errs.Is(err, errs.Conflict) {
					t.Errorf("sending: %v, want %q", err, tt.want)
				}
				h.settle()
				if got := len(h.server.Messages()); (got == 1) != (tt.want == "") {
					t.Errorf("%d messages left", got)
				}
			})
		})
	}
}

// What changes between the order and the sending counts (rule 3), and frees the slot for the campaign.
func TestWhatChangesAfterTheOrderCounts(t *testing.T) {
	t.Parallel()
	changes := map[string]struct {
		change func(h *house, contactID int64, c Campaign)
		want   string
	}{
		"suppressed":       {func(h *house, _ int64, _ Campaign) { h.suppress("p1@example.org") }, "skipped suppressed"},
		"no more of it":    {func(h *house, _ int64, c Campaign) { h.ask("p1@example.org", "cycle", c.CycleID) }, "skipped opted_out"},
		"bounced":          {func(h *house, _ int64, _ Campaign) { h.write("update address set status = 'bounced'") }, "skipped bounced"},
		"responded":        {func(h *house, id int64, _ Campaign) { h.respond(id) }, "skipped responded"},
		"declined":         {func(h *house, id int64, _ Campaign) { h.attempt(id, "declined", start) }, "skipped declined"},
		"claim released":   {func(h *house, _ int64, _ Campaign) { h.write("update claim set state = 'released'") }, "skipped claim_lost"},
		"claim run out":    {func(h *house, _ int64, _ Campaign) { h.clock.Advance(8 * day) }, "skipped claim_lost"},
		"account disabled": {func(h *house, _ int64, _ Campaign) { h.write("update account set disabled_at = ?", start) }, "skipped claim_lost"},
		"cancelled":        {func(h *house, _ int64, _ Campaign) { h.write("update campaign set state = 'cancelled'") }, "skipped cancelled"},
		"paused":           {func(h *house, _ int64, _ Campaign) { h.write("update campaign set state = 'paused'") }, "queued"},
		"nothing":          {func(*house, int64, Campaign) {}, "sent"},
	}
	for name, tt := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				ids := h.contacts(1)
				marta := h.volunteer("Marta")
				claim := h.holds(marta, ids[0], "reach_out")
				c := h.approved()
				sent := h.order(marta, claim)
				tt.change(h, ids[0], c)
				h.settle()
				if got := h.delivery(sent.DeliveryID); got != tt.want {
					t.Errorf("it is %s, want %s", got, tt.want)
				}
				if got := len(h.server.Messages()); (got == 1) != (tt.want == "sent") {
					t.Errorf("%d messages left", got)
				}
				held := h.number("select count(*) from delivery where address_id is not null")
				if (held == 0) != strings.HasPrefix(tt.want, "skipped") {
					t.Errorf("%d hold the slot", held)
				}
			})
		})
	}
}

func TestAfterTheCallComesTheFollowUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(1)
		c := h.launched(StepDraft{OffsetDays: 30, OffsetFrom: FromLaunch})
		h.settle()
		marta := h.volunteer("Marta")
		claim := h.holds(marta, ids[0], "reach_out")
		p := h.ready(marta, claim)
		if keyOf(p.Refusal) != "message.refused.sent_lately" {
			t.Fatalf("on the day of the call: %v", p.Refusal)
		}
		h.clock.Advance(DaysApart * day)
		if p = h.ready(marta, claim); p.Refusal != nil || p.Step.Kind != FollowUp || p.Step.Position != 2 {
			t.Fatalf("later: %v, step %d", p.Refusal, p.Step.Position)
		}
		h.order(marta, claim)
		h.settle()
		if why := h.refusal(marta, claim); why != "message.refused.sent_personally" {
			t.Errorf("when there is no further step: %q", why)
		}
		h.write("update claim set state = 'done'")
		h.clock.Advance(30 * day)
		h.settle()
		compare(t, "the follow-up", h.states(c.Steps[1].ID), map[string]int{"skipped sent_personally": 1})
		if got := len(h.server.Messages()); got != 2 {
			t.Errorf("%d messages, want the call and one follow-up", got)
		}
	})
}

// A contact that the campaign left out because of the claim gets the message in person, whichever came first.
func TestTheClaimLeavesTheSlotToTheVolunteer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(3)
		marta := h.volunteer("Marta")
		before := h.holds(marta, ids[0], "reach_out")
		c := h.launched()
		after := h.holds(marta, ids[1], "reach_out") // its delivery waits, and keeps the address when it is skipped
		waiting := h.holds(marta, ids[2], "reach_out")
		h.order(marta, waiting)
		h.settle()
		h.order(marta, before)
		h.order(marta, after)
		h.settle()
		compare(t, "the campaign's", h.states(c.Steps[0].ID), map[string]int{"skipped personal_claim": 2, "skipped sent_personally": 1})
		got := map[string]int{}
		for _, m := range h.server.Messages() {
			got[m.To]++
		}
		compare(t, "messages", got, map[string]int{"p1@example.org": 1, "p2@example.org": 1, "p3@example.org": 1})
	})
}

func TestTheCampaignHasTheMessageInHand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(1)
		desk := h.contact("Desk", "p1@example.org", "en")
		c := h.launched()
		marta := h.volunteer("Marta")
		claim, shared := h.holds(marta, ids[0], "reach_out"), h.holds(marta, desk, "reach_out")
		seen := h.ready(marta, claim)
		h.lease("worker-1", BatchRef{c.Steps[0].ID, 0})
		_, err := h.SendPersonal(context.Background(), marta, claim, PersonalOrder{Seen: seen.Seen})
		if keyOf(err) != "message.refused.under_way" {
			t.Errorf("while a worker has it: %v", err)
		}
		if why := h.refusal(marta, shared); why != "message.refused.shared" {
			t.Errorf("who shares the address: %q", why)
		}
	})
}

func TestOnlyTheHolderWrites(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(1)
		marta, omar := h.volunteer("Marta"), h.volunteer("Omar")
		claim := h.holds(marta, ids[0], "reach_out")
		h.approved()
		ctx := context.Background()
		lead := h.member("lead")
		lead.Roles = []account.Role{account.Lead}
		for who, want := range map[*account.Actor]errs.Code{&omar: errs.NotFound, &h.officer: errs.NotFound, &lead: errs.Forbidden} {
			if _, err := h.PersonalMessage(ctx, *who, claim, PersonalDraft{}); errs.CodeOf(err) != want {
				t.Errorf("%s reads: %v", who.Name, err)
			}
			if _, err := h.SendPersonal(ctx, *who, claim, PersonalOrder{}); errs.CodeOf(err) != want {
				t.Errorf("%s sends: %v", who.Name, err)
			}
		}
		h.write("update claim set state = 'released'")
		if _, err := h.SendPersonal(ctx, marta, claim, PersonalOrder{}); !errs.Is(err, errs.NotFound) {
			t.Errorf("after handing back: %v", err)
		}
		if n := h.number("select count(*) from delivery"); n != 0 {
			t.Errorf("%d deliveries", n)
		}
	})
}

func TestAnotherMessageThanTheOneSeenIsNotSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.contacts(1)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, ids[0], "reach_out")
		h.approved()
		seen := h.ready(marta, claim).Seen
		h.write("update contact_address set position = 1")
		h.write("insert into address (email, hash, kind, status, created_at) values ('new@example.org', 'x', 'personal', 'ok', ?)", start)
		h.write("insert into contact_address (contact_id, address_id, position) select ?, id, 0 from address where email = 'new@example.org'", ids[0])
		if _, err := h.SendPersonal(context.Background(), marta, claim, PersonalOrder{Seen: seen}); keyOf(err) != "message.changed" {
			t.Errorf("to another address: %v", err)
		}
	})
}

func TestARefusedAddressTurnsTheClaimToFindingAnother(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var later atomic.Bool
		h := newHouseWith(t, d, func(e mailtest.Event) mailtest.Action {
			switch {
			case e.Stage != "rcpt":
			case e.To == "p1@example.org":
				return mailtest.Action{Reply: "550 5.1.1 no such user"}
			case e.To == "p2@example.org" && !later.Load():
				return mailtest.Action{Reply: "451 4.7.1 later"}
			case e.To == "p3@example.org":
				return mailtest.Action{Reply: "550 5.7.1 policy"}
			}
			return mailtest.Action{}
		})
		ids := h.contacts(3)
		marta := h.volunteer("Marta")
		h.approved()
		var claims, sent []int64
		for _, id := range ids {
			claims = append(claims, h.holds(marta, id, "reach_out"))
			sent = append(sent, h.order(marta, claims[len(claims)-1]).DeliveryID)
		}
		h.settle()
		for i, want := range []string{"failed no_mailbox", "deferred", "failed refused_message"} {
			if got := h.delivery(sent[i]); got != want {
				t.Errorf("%d is %s, want %s", i, got, want)
			}
		}
		if got := h.attempts(); got != "wrong_address" {
			t.Errorf("attempts: %s", got)
		}
		for i, want := range []string{"message.refused.bounced", "message.refused.under_way_personally", "message.refused.failed"} {
			if got := h.refusal(marta, claims[i]); got != want {
				t.Errorf("%d: %q, want %q", i, got, want)
			}
		}
		later.Store(true)
		h.clock.Advance(time.Hour)
		h.settle()
		if got := h.delivery(sent[1]); got != "sent" {
			t.Errorf("what was deferred is %s", got)
		}
	})
}

// A promise holds follow-ups to the end of its day where the volunteer is, and not an instant longer; the call
// is not held by it. Whoever said no gets neither.
func TestWhatVolunteersHeardHoldsTheCampaign(t *testing.T) {
	t.Parallel()
	lima, err := time.LoadLocation("America/Lima")
	if err != nil {
		t.Fatal(err)
	}
	until := time.Date(2017, 8, 22, 0, 0, 0, 0, lima).AddDate(0, 0, 1).UTC() // 05:00 of the 23rd
	for name, tt := range map[string]struct {
		at   time.Time
		want map[string]int
	}{
		"in the last instant": {until.Add(-time.Microsecond), map[string]int{"sent": 1, "skipped promised": 1, "skipped declined": 1}},
		"when it is over":     {until, map[string]int{"sent": 2, "skipped declined": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				ids := h.contacts(4)
				marta := h.volunteer("Marta")
				h.holds(marta, ids[3], "brief")
				h.attempt(ids[3], "declined", start) // before the call
				c := h.launched(StepDraft{OffsetDays: 30, OffsetFrom: FromLaunch})
				h.settle()
				compare(t, "the call", h.states(c.Steps[0].ID), map[string]int{"sent": 3, "skipped declined": 1})
				h.holds(marta, ids[0], "brief")
				h.attempt(ids[0], "promised", start)
				h.write("update attempt set promised_until = ? where outcome = 'promised'", until)
				h.holds(marta, ids[1], "brief")
				h.attempt(ids[1], "declined", start)
				h.clock.Advance(tt.at.Sub(h.clock.Now()))
				_, err := h.LaunchStep(context.Background(), h.officer, c.ID, 2)
				h.must(err)
				h.settle()
				compare(t, "the follow-up", h.states(c.Steps[1].ID), tt.want)
			})
		})
	}
}
