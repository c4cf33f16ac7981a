package campaign

import (
	"errors"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

// batchOfDelivery joins a delivery d with its batch b: the id is the step and the number within it.
const batchOfDelivery = "b.step_id = d.step_id and b.number = (d.id - d.step_id * 4294967296 - 1) / 500"

// keepDeliveries locks the batches first: who locks a batch's row cannot be overtaken by the one who leases it.
func keepDeliveries(tx *db.Tx, set *undo.Set, from, into int64) error {
	return errors.Join(
		set.Keep(tx, "delivery_batch", `(t.step_id, t.number) in (select d.step_id, (d.id - d.step_id * 4294967296 - 1) / 500
			from delivery d join delivery o on o.step_id = d.step_id and o.contact_id <> d.contact_id
			where d.contact_id in (?, ?) and o.contact_id in (?, ?))`, from, into, from, into),
		set.Keep(tx, "dropped_message", "t.contact_id in (?, ?)", from, into),
		set.Keep(tx, "edited_message", "t.contact_id in (?, ?)", from, into),
		set.Keep(tx, "delivery", "t.contact_id = ? or t.contact_id = ? and t.state in ('queued', 'deferred', 'planned')", from, into),
	)
}

func slotsOfBoth(tx *db.Tx, from, into int64) (all []bothSlot, err error) {
	return all, tx.Scan(&all, `select d.id, d.step_id, d.contact_id, d.state, d.sent_at is not null as arrived, b.lease_until is not null as leased, c.id as campaign_id, c.name as campaign
		from delivery d join campaign_step s on s.id = d.step_id join campaign c on c.id = s.campaign_id
		left join delivery_batch b on `+batchOfDelivery+`
		where d.contact_id in (?, ?) order by d.id`, from, into)
}

func skipMerged(tx *db.Tx, id int64, now time.Time) error {
	if _, err := tx.Exec("update delivery set state = ?, reason = ?, until = null where id = ?", DeliverySkipped, Merged, id); err != nil {
		return err
	}
	return countBatch(tx, batchOf(id), now)
}

// moveDeliveries moves what was decided by hand too, where nothing was decided for the survivor.
func moveDeliveries(tx *db.Tx, from, into int64) error {
	for _, table := range []string{"dropped_message", "edited_message"} {
		_, err := tx.Exec("update "+table+" set contact_id = ? where contact_id = ? and not exists (select 1 from "+table+" o where o.step_id = "+table+".step_id and o.contact_id = ?)", into, from, into)
		if err == nil {
			_, err = tx.Exec("delete from "+table+" where contact_id = ?", from)
		}
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec("update delivery set contact_id = ? where contact_id = ?", into, from)
	return err
}

func settleSeparated(tx *db.Tx, set int64, now time.Time) error {
	touched := map[BatchRef]bool{}
	ids, err := undo.Touched(tx, set, "delivery", "id")
	if err != nil {
		return err
	}
	for _, id := range ids {
		ref := batchOf(id)
		_, err := tx.Exec(`update delivery set state = ?, reason = ?, until = null where id = ? and state in ('queued', 'deferred')
			and exists (select 1 from delivery_batch b where b.step_id = ? and b.number = ? and b.ended_at is not null)`,
			DeliverySkipped, Merged, id, ref.StepID, ref.Number)
		if err != nil {
			return err
		}
		touched[ref] = true
	}
	for ref := range touched {
		n, err := tx.Exec("update delivery_batch set attempt = attempt where step_id = ? and number = ? and ended_at is null", ref.StepID, ref.Number)
		if err != nil {
			return err
		}
		if n == 0 {
			continue // its counters are as they were when it ended
		}
		if err := countBatch(tx, ref, now); err != nil {
			return err
		}
	}
	return nil
}
