package campaign

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// What a delivery refers to is there, whoever adds, moves or removes.
func TestWhatADeliveryRefersToIsThere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		contact := h.contact("Ana", "ana@example.org", "en")
		c := h.approved()
		_, err := h.Launch(context.Background(), h.officer, c.ID)
		h.must(err)
		h.must(h.RunLaunch(context.Background(), c.Steps[0].ID))
		h.write("delete from listing")
		const add = "insert into delivery (id, step_id, contact_id, address_id, locale, fallback, edition, variant, stakeholder_group, region, state, reason, personal_by) select id + 7, step_id, "
		const rest = " 'en', false, 1, '', 'media', 'weog', 'skipped', ''"
		for what, statement := range map[string]string{
			"a contact that is not there":    add + "987654, null," + rest + ", null from delivery",
			"an address that is not there":   add + "contact_id, 987654," + rest + ", null from delivery",
			"a volunteer who is not there":   add + "contact_id, null," + rest + ", 987654 from delivery",
			"a step that is not there":       "update delivery set step_id = 987654",
			"a move to nobody":               "update delivery set contact_id = 987654",
			"a move to no address":           "update delivery set address_id = 987654",
			"the contact removed":            "delete from contact where id = (select contact_id from delivery)",
			"the address removed":            "delete from address where id = (select address_id from delivery)",
			"the step removed":               "delete from campaign_step where id = (select step_id from delivery)",
			"the step that is not there, at": "insert into delivery (id, step_id, contact_id, locale, fallback, edition, variant, stakeholder_group, region, state, reason) select id + 9, 987654, contact_id," + rest + " from delivery",
		} {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				if _, err := tx.Exec("delete from contact_address where contact_id = ?", contact); err != nil { // which refers to both too
					return err
				}
				if _, err := tx.Exec("delete from delivery_batch"); err != nil {
					return err
				}
				_, err := tx.Exec(statement)
				return err
			})
			if err == nil {
				t.Errorf("%s: done", what)
			}
		}
	})
}
