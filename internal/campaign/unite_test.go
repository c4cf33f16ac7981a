package campaign

import (
	"context"
	"errors"
	"testing"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/undo"
)

// becomes makes one contact a part of another as the contacts' room does.
func (h *house) becomes(from, into int64) {
	h.t.Helper()
	by := audit.System("test")
	h.must(h.db.Write(context.Background(), func(tx *db.Tx) error {
		set, err := undo.Begin(tx, undo.Change{Kind: "contact.merge", By: by, At: start})
		if err != nil {
			return err
		}
		if err := (Uniter{Now: h.clock.Now}).Unite(tx, by, from, into, set); err != nil {
			return err
		}
		for _, s := range []struct {
			statement string
			args      []any
		}{
			{"update contact_address set contact_id = ?, position = position + 10 where contact_id = ?", []any{into, from}},
			{"delete from listing where contact_id = ?", []any{from}},
			{"insert into merged_contact (contact_id, survivor_id, name, merged_at, changeset_id) values (?, ?, '', ?, ?)", []any{from, into, start, set.ID}},
			{"delete from contact where id = ?", []any{from}},
		} {
			_, failed := tx.Exec(s.statement, s.args...)
			err = errors.Join(err, failed)
		}
		return err
	}))
}

// Whoever has a message of the step gets no second one at another address because they became one with somebody whose turn had not
// come yet.
func TestAMergeInTheMiddleOfALaunch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.chunk = 1
		first, second := h.contact("Ana Núñez", "ana@example.org", "en"), h.contact("Ana Nunez", "nunez@example.org", "en")
		h.contact("Somebody", "somebody@example.org", "en")
		c := h.approved()
		ctx := context.Background()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		step := c.Steps[0].ID
		if more, err := h.launchChunk(ctx, step, &groundwork{}); err != nil || !more {
			t.Fatal(more, err)
		}
		h.becomes(first, second)
		h.must(h.RunLaunch(ctx, step))
		h.settle()
		compare(t, "deliveries", h.states(step), map[string]int{"sent": 2, "skipped merged": 1})
		if got := h.received(); got["ana@example.org"] != 1 || got["somebody@example.org"] != 1 || len(got) != 2 {
			t.Errorf("received %v", got)
		}
	})
}

// A message that arrived and is on its way once more has arrived: a merge takes back the other's, and not what arrived.
func TestAMergeWithAMessageThatIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"into the other", "with the other"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) { mergeOneSentAgain(t, d, name == "into the other") })
		})
	}
}

func mergeOneSentAgain(t *testing.T, d *db.DB, intoTheOther bool) {
	t.Helper()
	h, ctx := newHouse(t, d), context.Background()
	has, waits := h.contact("Ana", "ana@example.org", "en"), h.contact("Ana N", "nunez@example.org", "en")
	c := h.launched()
	h.settle()
	one, _ := BatchRef{c.Steps[0].ID, 0}.ids()
	h.must(h.SendAgain(ctx, h.officer, one, "She lost it."))
	// The other's has not arrived yet.
	h.write("update delivery set state = 'deferred', sent_at = null, until = ? where id = ?", h.Now().Add(day), one+1)
	if intoTheOther {
		h.becomes(has, waits)
	} else {
		h.becomes(waits, has)
	}
	h.clock.Advance(2 * day)
	h.settle()
	compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 1, "skipped merged": 1})
	if n := h.number("select count(*) from delivery where state = 'sent' and id = ?", one); n != 1 {
		t.Error("what arrived is said to have been left out")
	}
}
