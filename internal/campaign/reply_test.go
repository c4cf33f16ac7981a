package campaign

import (
	"maps"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// What becomes of a message by the code that a server says, and by where it says it, without an enhanced status. What is
// refused for now is tried again, what speaks of us too; 421 says that the server leaves, and nothing of the message.
func TestWhatBecomesOfAMessageByTheServersReply(t *testing.T) {
	t.Parallel()
	later := map[string]string{"450": "deferred", "451": "deferred", "452": "deferred"}
	tests := map[string]map[string]string{
		"mail": {"550": "deferred own_trouble", "552": "failed too_large", "554": "deferred own_trouble"},
		"rcpt": {"550": "failed no_mailbox", "552": "failed mailbox_full", "554": "failed refused_message"},
		"text": {"550": "failed refused_message", "552": "failed mailbox_full", "554": "failed refused_message"},
	}
	for stage, want := range tests {
		maps.Copy(want, later)
		for code, state := range want {
			t.Run(code+" at "+stage, func(t *testing.T) {
				t.Parallel()
				h := newHouseWith(t, dbtest.SQLite(t), func(e mailtest.Event) mailtest.Action {
					if e.Stage == stage {
						return mailtest.Action{Reply: code + " no"}
					}
					return mailtest.Action{}
				})
				h.contacts(1)
				c := h.launched()
				h.settle()
				compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{state: 1})
				if marked := h.number("select count(*) from address where status = 'bounced'"); (marked == 1) != (state == "failed no_mailbox") {
					t.Errorf("%d addresses are marked", marked)
				}
			})
		}
	}
}

func TestAServerThatLeavesDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"connect", "mail", "rcpt", "text"} {
		for name, always := range map[string]bool{"once": false, "always": true} {
			t.Run(stage+" "+name, func(t *testing.T) {
				t.Parallel()
				leaving := func(e mailtest.Event) mailtest.Action {
					if e.Stage == stage && (always || e.Conn == 1) {
						return mailtest.Action{Reply: "421 4.3.2 going down", Close: true}
					}
					return mailtest.Action{}
				}
				h := newHouseWith(t, dbtest.SQLite(t), leaving)
				h.contacts(1)
				c := h.launched()
				h.settle()
				if always || stage == "connect" { // nobody else is there: it waits for the server
					if stage == "text" {
						compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"deferred": 1})
					} else {
						compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"queued": 1})
					}
					if n := h.number("select max(attempts) from delivery"); stage != "text" && n != 0 {
						t.Errorf("%d tries are counted against the message", n)
					}
					h.server = mailtest.NewRaw(t, mailtest.RawOptions{})
					h.Service = h.service("worker-2")
					h.clock.Advance(time.Hour)
					h.settle()
				} else if stage == "text" { // it was refused for now, by the last word of the connection
					h.clock.Advance(time.Hour)
					h.settle()
				}
				compare(t, "in the end", h.states(c.Steps[0].ID), map[string]int{"sent": 1})
				if n := len(h.server.Messages()); n != 1 {
					t.Errorf("%d messages", n)
				}
			})
		}
	}
}
