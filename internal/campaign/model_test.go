package campaign

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
)

// The model of a delivery: what it may be, whoever does what in whatever order. Servers answer by
// script; the reference says for each contact what must have become of its message.
type modelContact struct {
	id         int64
	email      string
	state      DeliveryState
	until      time.Time
	suppressed bool
	responded  bool
	accepted   int // messages that a server took
	again      int // how often somebody had it sent again though it had arrived
}

type model struct {
	h        *house
	campaign Campaign
	contacts []*modelContact
	answers  map[string]mail.Outcome
	state    State
}

// TestDeliveriesFollowTheModel does random things to a campaign and holds every delivery against
// the reference after each.
func TestDeliveriesFollowTheModel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			m := newModel(h, run, rapid.IntRange(1, 5).Draw(rt, "contacts"))
			rt.Repeat(map[string]func(*rapid.T){
				"send": func(*rapid.T) { m.send() },
				"answer": func(rt *rapid.T) {
					m.answers[m.draw(rt).email] = rapid.SampledFrom([]mail.Outcome{mail.Accepted, mail.Deferred, mail.Failed, mail.Uncertain, mail.NotSent}).Draw(rt, "answer")
				},
				"suppress": func(rt *rapid.T) {
					c := m.draw(rt)
					if !c.suppressed {
						c.suppressed = true
						m.h.suppress(c.email)
					}
				},
				"respond": func(rt *rapid.T) {
					c := m.draw(rt)
					if !c.responded {
						c.responded = true
						m.h.respond(c.id)
					}
				},
				"pause":   func(*rapid.T) { m.steer(m.h.Pause, Paused) },
				"resume":  func(*rapid.T) { m.steer(m.h.Resume, Sending) },
				"resolve": func(rt *rapid.T) { m.resolve(rt) },
				"retry":   func(rt *rapid.T) { m.retry(rt) },
				"again":   func(rt *rapid.T) { m.sendAgain(rt) },
				"wait": func(rt *rapid.T) {
					m.h.clock.Advance(time.Duration(rapid.IntRange(1, 200).Draw(rt, "minutes")) * time.Minute)
				},
				"": func(rt *rapid.T) { m.check(rt) },
			})
		})
	})
}

func newModel(h *house, run, n int) *model {
	h.write("delete from delivery_batch")
	h.write("delete from delivery")
	h.write("delete from contribution")
	h.write("delete from listing")
	h.write("update campaign set state = 'cancelled'")
	h.write("update campaign_step set state = 'cancelled'")
	m := &model{h: h, answers: map[string]mail.Outcome{}, state: Sending}
	for i := range n {
		email := fmt.Sprintf("r%d-%d@example.org", run, i)
		m.contacts = append(m.contacts, &modelContact{id: h.contact(email, email, "en"), email: email, state: DeliveryQueued})
	}
	h.Transport = m
	m.campaign = h.launched()
	return m
}

func (m *model) draw(rt *rapid.T) *modelContact {
	return rapid.SampledFrom(m.contacts).Draw(rt, "contact")
}

// Send is a server that answers as the model was told.
func (m *model) Send(_ context.Context, all []mail.Envelope, _ mail.Recorder) ([]mail.Result, error) {
	results := make([]mail.Result, len(all))
	for i, e := range all {
		results[i] = mail.Result{ID: e.ID, Outcome: m.answerOf(e.To), Stage: mail.StageText}
		for _, c := range m.contacts {
			if c.email == e.To && results[i].Outcome == mail.Accepted {
				c.accepted++
			}
		}
	}
	return results, context.Canceled // NotSent is not tried again in the same call
}

func (m *model) answerOf(email string) mail.Outcome {
	if o, ok := m.answers[email]; ok {
		return o
	}
	return mail.Accepted
}

// send lets a worker have the batch at a time when it waits for nothing but deferred deliveries.
func (m *model) send() {
	m.h.clock.Advance(awayPause)
	now := m.h.Now()
	m.h.must(m.h.SendBatch(context.Background(), BatchRef{m.campaign.Steps[0].ID, 0}))
	if m.state != Sending || !m.takeable(now) {
		return
	}
	for _, c := range m.contacts {
		if c.state == DeliveryDeferred && !now.Before(c.until) {
			c.state = DeliveryQueued
		}
		if c.state != DeliveryQueued {
			continue
		}
		if c.suppressed || c.responded {
			c.state = c.unlessArrived(DeliverySkipped)
			continue
		}
		switch m.answerOf(c.email) {
		case mail.Accepted:
			c.state = DeliverySent
		case mail.Deferred:
			c.state = DeliveryDeferred
			c.until = m.untilOf(c)
		case mail.Failed:
			c.state = c.unlessArrived(DeliveryFailed)
		case mail.Uncertain:
			c.state = DeliveryUncertain
		case mail.NotSent:
		}
	}
}

// unlessArrived is what becomes of a message that does not go out: one that is sent again has arrived before.
func (c *modelContact) unlessArrived(s DeliveryState) DeliveryState {
	if c.again > 0 {
		return DeliverySent
	}
	return s
}

// retry queues what failed and nothing speaks against.
func (m *model) retry(rt *rapid.T) {
	want := 0
	for _, c := range m.contacts {
		if c.state == DeliveryFailed && !c.suppressed && !c.responded {
			want++
			c.state = DeliveryQueued
		}
	}
	n, err := m.h.Again(context.Background(), m.h.officer, m.campaign.ID, 1, AgainFailed)
	if n != want || (err == nil) != (want > 0) {
		rt.Fatalf("%d queued, want %d: %v", n, want, err)
	}
}

// sendAgain has a message sent once more for a reason.
func (m *model) sendAgain(rt *rapid.T) {
	c := m.draw(rt)
	for _, row := range m.rows() {
		if row.ContactID != c.id {
			continue
		}
		err := m.h.SendAgain(context.Background(), m.h.officer, row.ID, "Lost.")
		if may := c.state == DeliverySent && !c.suppressed && !c.responded; (err == nil) != may {
			rt.Fatalf("again, though it is %s: %v", c.state, err)
		}
		if err == nil {
			c.state = DeliveryQueued
			c.again++
		}
	}
}

// takeable says whether anything of the batch is due.
func (m *model) takeable(now time.Time) bool {
	for _, c := range m.contacts {
		if c.state == DeliveryQueued || c.state == DeliveryDeferred && !now.Before(c.until) {
			return true
		}
	}
	return false
}

// untilOf takes over when the delivery is due again, which backoff's own test judges.
func (m *model) untilOf(c *modelContact) time.Time {
	for _, row := range m.rows() {
		if row.ContactID == c.id && row.Until != nil {
			return *row.Until
		}
	}
	return time.Time{}
}

func (m *model) steer(do func(context.Context, account.Actor, int64) (Campaign, error), to State) {
	_, err := do(context.Background(), m.h.officer, m.campaign.ID)
	if (err == nil) != m.state.Can(to) {
		m.h.t.Errorf("%s → %s: %v", m.state, to, err)
	}
	if err == nil {
		m.state = to
	}
}

func (m *model) resolve(rt *rapid.T) {
	c := m.draw(rt)
	to := rapid.SampledFrom([]DeliveryState{DeliverySent, DeliveryQueued}).Draw(rt, "to")
	for _, row := range m.rows() {
		if row.ContactID != c.id {
			continue
		}
		err := m.h.ResolveUncertain(context.Background(), m.h.officer, row.ID, to)
		if (err == nil) != (c.state == DeliveryUncertain) {
			rt.Fatalf("%s of a delivery that is %s: %v", to, c.state, err)
		}
		if err == nil {
			c.state = to
		}
	}
}

func (m *model) rows() []DeliveryRow {
	rows, err := m.h.Deliveries(context.Background(), m.h.officer, m.campaign.ID, DeliveryFilter{})
	m.h.must(err)
	return rows
}

func (m *model) check(rt *rapid.T) {
	rows := m.rows()
	if len(rows) != len(m.contacts) {
		rt.Fatalf("%d deliveries for %d contacts", len(rows), len(m.contacts))
	}
	counted := map[DeliveryState]int{}
	for _, row := range rows {
		for _, c := range m.contacts {
			if c.id != row.ContactID {
				continue
			}
			if row.State != c.state {
				rt.Fatalf("%s is %s (%s), want %s", c.email, row.State, row.Reason, c.state)
			}
			if c.accepted > 1+c.again {
				rt.Fatalf("%s was accepted %d times", c.email, c.accepted)
			}
		}
		counted[row.State]++
	}
	step := m.campaign.Steps[0].ID
	for state, column := range map[DeliveryState]string{
		DeliveryQueued: "queued", DeliverySent: "sent", DeliveryDeferred: "deferred",
		DeliveryFailed: "failed", DeliverySkipped: "skipped", DeliveryUncertain: "uncertain",
	} {
		if n := m.h.number("select sum("+column+") from delivery_batch where step_id = ?", step); n != counted[state] {
			rt.Fatalf("the batch counts %d %s, there are %d", n, state, counted[state])
		}
	}
}
