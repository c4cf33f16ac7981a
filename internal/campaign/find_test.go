package campaign

import (
	"context"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// A list of many batches is read page by page, whatever it is narrowed by, and every delivery is found once.
func TestDeliveriesAreFoundPageByPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.chunk = 3 // a batch for each chunk
		ids := h.contacts(30)
		c := h.launched()
		step := c.Steps[0].ID
		h.write("update delivery set state = 'failed', reason = 'no_mailbox', reply = '550 5.1.1 <x' || contact_id || '@example.org> 100%_unknown' where contact_id in (?, ?, ?)", ids[4], ids[17], ids[29])
		h.write("update delivery set state = 'failed', reason = 'mailbox_full', reply = '552 5.2.2 full', locale = 'es', stakeholder_group = 'academia' where contact_id = ?", ids[20])
		h.must(h.db.Write(context.Background(), func(tx *db.Tx) error {
			for n := range 10 {
				if err := countBatch(tx, BatchRef{step, n}, start); err != nil {
					return err
				}
			}
			return nil
		}))
		tests := map[string]struct {
			filter DeliveryFilter
			want   int
		}{
			"all":                   {DeliveryFilter{}, 30},
			"state":                 {DeliveryFilter{State: DeliveryFailed}, 4},
			"reason":                {DeliveryFilter{Reason: NoMailbox}, 3},
			"state and language":    {DeliveryFilter{State: DeliveryFailed, Locale: "es"}, 1},
			"group":                 {DeliveryFilter{Group: "academia"}, 1},
			"code":                  {DeliveryFilter{State: DeliveryFailed, Reply: "550 5.1.1"}, 3},
			"words as they are":     {DeliveryFilter{Reply: "100%_UNKNOWN"}, 3},
			"a sign that means any": {DeliveryFilter{Reply: "5_2"}, 0},
			"contacts":              {DeliveryFilter{Contacts: []int64{ids[4], ids[5]}}, 2},
			"nobody":                {DeliveryFilter{Contacts: []int64{}}, 0},
			"nothing so":            {DeliveryFilter{State: DeliveryUncertain}, 0},
		}
		for name, tt := range tests {
			seen := map[int64]bool{}
			for pages := 0; ; pages++ {
				tt.filter.Limit = 2
				page, err := h.FindDeliveries(context.Background(), h.officer, c.ID, tt.filter)
				h.must(err)
				for _, row := range page.Rows {
					if seen[row.ID] {
						t.Errorf("%s: %d twice", name, row.ID)
					}
					seen[row.ID] = true
				}
				if tt.filter.Cursor = page.Next; page.Next == 0 {
					break
				}
				if pages > 40 {
					t.Fatalf("%s: there is no end", name)
				}
			}
			if len(seen) != tt.want {
				t.Errorf("%s: %d found, want %d", name, len(seen), tt.want)
			}
		}
		_, counts, err := h.StateCounts(context.Background(), h.officer, c.ID)
		if err != nil || counts[DeliveryFailed] != 4 || counts[DeliveryQueued] != 26 {
			t.Errorf("counted %v, %v", counts, err)
		}
		lead := account.Actor{Roles: []account.Role{account.Lead}}
		replies, err := h.Replies(context.Background(), lead, c.ID, DeliveryFailed)
		if got := fmt.Sprint(replies); err != nil || got != "[{550 5.1.1 550 5.1.1 <•••> 100%_unknown 3} {552 5.2.2 552 5.2.2 full 1}]" {
			t.Errorf("servers said %s, %v", got, err)
		}
		found, err := h.FindDeliveries(context.Background(), lead, c.ID, DeliveryFilter{Reply: fmt.Sprintf("x%d@example.org", ids[4])})
		if err != nil || len(found.Rows) != 0 {
			t.Errorf("a lead finds %d by an address, %v", len(found.Rows), err)
		}
	})
}
