package campaign

import (
	"fmt"

	"github.com/convoke/convoke/internal/db"
)

// heldDeliveries is the condition for a delivery h of the step that waits for a translation.
func (q *snapshot) heldDeliveries() (string, []any) {
	upTo := q.upTo
	if upTo == 0 {
		upTo = q.stepID<<numberBits | (1<<personalBits - 1)
	}
	return " where h.id > ? and h.id <= ? and h.state = 'skipped' and h.reason = ?",
		[]any{max(q.after, q.stepID<<numberBits), upTo, HeldForTranslation}
}

// heldEnd is the last delivery of the next chunk of so many that wait, 0 where there is none left.
func heldEnd(tx *db.Tx, q snapshot, size int) (int64, error) {
	where, args := q.heldDeliveries()
	var end int64
	err := tx.QueryRow(fmt.Sprintf("select coalesce(max(id), 0) from (select h.id from delivery h%s order by h.id limit %d) t", where, size), args...).Scan(&end)
	return end, err
}

// completeChunk queues what waited in the part of the snapshot that q bounds and now has a language, and says of the
// others why they get nothing. The unique slot of a step and an address decides here as in a launch.
func completeChunk(tx *db.Tx, q snapshot) (queued int, err error) {
	numbers, err := heldBatches(tx, q)
	if err != nil {
		return 0, err
	}
	for _, n := range numbers { // before the deliveries, as merges do
		if err := lockBatch(tx, BatchRef{q.stepID, n}); err != nil {
			return 0, err
		}
	}
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return 0, err
	}
	where, with := q.heldDeliveries()
	args = append(append(args, with...), HeldForTranslation)
	_, err = tx.Exec(`update delivery set state = u.state, reason = u.verdict, address_id = u.address_id,
  locale = u.locale, fallback = u.fallback, edition = u.edition, variant = u.variant, stakeholder_group = u.stakeholder_group, region = u.region
from (select h.id, v.verdict, v.locale, v.fallback, v.edition, v.variant, v.stakeholder_group, v.region,
    case when v.verdict = '' then v.address_id end as address_id,
    case when v.verdict = '' then 'queued' else 'skipped' end as state
  from (`+inner+`) v
  join (select h.contact_id, min(h.id) as id from delivery h`+where+` group by h.contact_id) h on h.contact_id = v.contact_id
  where v.verdict <> ?) u
where delivery.id = u.id`, args...)
	if err != nil {
		return 0, err
	}
	for _, n := range numbers {
		if err := countBatch(tx, BatchRef{q.stepID, n}, q.now); err != nil {
			return 0, err
		}
	}
	first, last := max(q.after, q.stepID<<numberBits), q.upTo
	err = tx.QueryRow("select count(*) from delivery where id > ? and id <= ? and state = 'queued'", first, last).Scan(&queued)
	return queued, err
}

// heldBatches are the numbers of the batches in which deliveries wait.
func heldBatches(tx *db.Tx, q snapshot) (numbers []int, err error) {
	where, args := q.heldDeliveries()
	return numbers, tx.Scan(&numbers, fmt.Sprintf(
		"select distinct (h.id - %d - 1) / %d as number from delivery h%s order by number", q.stepID<<numberBits, BatchSize, where), args...)
}
