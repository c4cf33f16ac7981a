package campaign

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// moody is a server that refuses recipients as it is told.
type moody struct {
	mu      sync.Mutex
	replies map[string]string
}

func (m *moody) say(to, reply string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.replies[to] = reply
}

func (m *moody) script(e mailtest.Event) mailtest.Action {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.Stage == "rcpt" {
		return mailtest.Action{Reply: m.replies[e.To]}
	}
	return mailtest.Action{}
}

// tries are the story's lines of a delivery.
func (h *house) tries(id int64) []string {
	h.t.Helper()
	var all []Try
	h.must(h.db.Read(context.Background()).Gorm().Where("delivery_id = ?", id).Order("id").Find(&all).Error)
	lines := make([]string, len(all))
	for i, t := range all {
		lines[i] = strings.TrimSpace(fmt.Sprintf("%s %s", strings.TrimSpace(string(t.State)+" "+string(t.Reason)), t.Reply))
	}
	return lines
}

func TestEachTryThatWasRefusedIsKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{"p2@example.org": "451 4.7.1 greylisted", "p3@example.org": "550 5.1.1 no such user"}}
		h := newHouseWith(t, d, m.script)
		h.contacts(3)
		c := h.launched()
		h.settle()
		h.clock.Advance(time.Hour)
		m.say("p2@example.org", "450 4.2.0 busy")
		h.settle()
		h.clock.Advance(time.Hour)
		m.say("p2@example.org", "")
		h.settle()
		first, _ := BatchRef{c.Steps[0].ID, 0}.ids()
		wantLines(t, h.tries(first))
		wantLines(t, h.tries(first+1), "deferred 451 4.7.1 greylisted", "deferred 450 4.2.0 busy", "sent 250 2.0.0 taken")
		wantLines(t, h.tries(first+2), "failed no_mailbox 550 5.1.1 no such user")
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 2, "failed no_mailbox": 1})
	})
}

// What a server refuses for now is tried for three days by the clock, and a clock that jumps does not end that at once.
func TestRefusedForNowIsTriedForThreeDays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{
			"p1@example.org": "450 4.2.0 busy", "p2@example.org": "451 4.3.0 error", "p3@example.org": "452 4.3.1 no room",
		}}
		h := newHouseWith(t, d, m.script)
		h.contacts(3)
		c := h.launched()
		h.settle()
		compare(t, "refused", h.states(c.Steps[0].ID), map[string]int{"deferred": 3})
		for h.clock.Now().Before(start.Add(tryFor - time.Hour)) {
			h.clock.Advance(time.Hour)
			h.settle()
		}
		compare(t, "within three days", h.states(c.Steps[0].ID), map[string]int{"deferred": 3})
		if n := h.number("select max(attempts) from delivery"); n < 14 {
			t.Errorf("only %d tries", n)
		}
		h.clock.Advance(time.Hour)
		h.settle()
		compare(t, "after them", h.states(c.Steps[0].ID), map[string]int{"failed gave_up": 3})

		jumped := h.contact("Jumped", "j@example.org", "en")
		m.say("j@example.org", "451 later")
		second := h.launched()
		h.settle()
		h.clock.Advance(300 * day)
		h.settle()
		if n := h.number("select count(*) from delivery where contact_id = ? and step_id = ? and state = 'deferred'", jumped, second.Steps[0].ID); n != 1 {
			t.Error("the second try was the last one")
		}
	})
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the story is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
