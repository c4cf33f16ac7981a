package campaign

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// TestADeliveryKeepsItsEdition corrects a translation while a server makes a message wait.
func TestADeliveryKeepsItsEdition(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var busy atomic.Bool
		busy.Store(true)
		script := func(e mailtest.Event) mailtest.Action {
			if e.Stage == "rcpt" && busy.Load() && e.To == "late@example.org" {
				return mailtest.Action{Reply: "451 4.7.1 greylisted"}
			}
			return mailtest.Action{}
		}
		h := newHouseWith(t, d, script)
		h.contact("Early", "early@example.org", "es")
		h.contact("Late", "late@example.org", "es")
		text := h.texts.revision(h.texts.byDocument(h.message))
		text.editions = map[string]int{"es": 2}
		c := h.launched()
		h.settle()
		text.editions = map[string]int{"es": 3}
		busy.Store(false)
		h.clock.Advance(2 * longestBackoff)
		h.settle()
		for _, email := range []string{"early@example.org", "late@example.org"} {
			if got := strings.Join(h.subjects()[email], "; "); got != "The call (es, edition 2)" {
				t.Errorf("%s got %q", email, got)
			}
		}
		if n := h.number("select count(*) from delivery where step_id = ? and edition = 2", c.Steps[0].ID); n != 2 {
			t.Errorf("%d deliveries say which edition they had", n)
		}
	})
}

// TestAnEditionThatCannotBeRenderedIsMended corrects a translation that holds its messages up.
func TestAnEditionThatCannotBeRenderedIsMended(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := stuckHouse(t, d)
		text := h.texts.revision(h.texts.byDocument(h.message))
		for edition := 1; edition <= 2; edition++ {
			h.insert("insert into translation (revision_id, locale, edition, state, updated_at) values (?, 'es', ?, 'approved', ?)", text.RevisionID, edition, start)
		}
		h.breakText(h.message, "es", nil)
		h.clock.Advance(mendPause)
		h.settle()
		if n := h.number("select count(*) from delivery where step_id = ? and locale = 'es' and state = 'sent' and edition = 2", c.Steps[0].ID); n != 3 {
			t.Errorf("%d messages went out as they were mended", n)
		}
	})
}
