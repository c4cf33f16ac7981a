package campaign

import (
	"context"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestRepliesTellAddressesToOfficersOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		c := h.launched()
		h.write("update delivery set state = 'failed', reason = 'refused', reply = '550 5.1.1 <p1@example.org>: no such user; (p1+x@mail.example.org) at mx.example.org'")
		h.must(h.db.Write(context.Background(), func(tx *db.Tx) error { return countBatch(tx, BatchRef{c.Steps[0].ID, 0}, start) }))
		lead := account.Actor{Roles: []account.Role{account.Lead}}
		for who, actor := range map[string]account.Actor{"officer": h.officer, "lead": lead} {
			rows, err := h.Deliveries(context.Background(), actor, c.ID, DeliveryFilter{State: DeliveryFailed})
			if err != nil || len(rows) != 1 {
				t.Fatalf("%s: %v, %v", who, rows, err)
			}
			reply := rows[0].Reply
			if strings.Contains(reply, "@") != (who == "officer") || !strings.Contains(reply, "550 5.1.1") || !strings.Contains(reply, "mx.example.org") {
				t.Errorf("%s reads %q", who, reply)
			}
		}
	})
}
