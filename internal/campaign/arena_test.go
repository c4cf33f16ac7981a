package campaign

import (
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// However large messages are, so many are made at a time as there is room for, and all arrive.
func TestLargeMessagesAreSentInSeveralRounds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(7)
		h.arenas.full = 2000 // one message and a part of another
		c := h.launched()
		h.settle()
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 7})
		for email, n := range h.received() {
			if n != 1 {
				t.Errorf("%s got %d", email, n)
			}
		}
		if n := h.number("select attempt from delivery_batch"); n < 3 {
			t.Errorf("%d rounds for messages that have no room in one", n)
		}
	})
}
