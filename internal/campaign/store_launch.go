package campaign

import (
	"github.com/convoke/convoke/internal/db"
)

// insertChunk stores the part of the snapshot that q bounds and returns how many deliveries and
// batches there are of it. A chunk begins with a new batch, so that a batch that may already be
// on its way never gets more deliveries.
func insertChunk(tx *db.Tx, q snapshot) (rows, batches int, firstBatch int, err error) {
	err = tx.QueryRow("select coalesce(max(number) + 1, 0) from delivery_batch where step_id = ? and number < ?", q.stepID, firstPersonal).Scan(&firstBatch)
	if err != nil {
		return 0, 0, 0, err
	}
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return 0, 0, 0, err
	}
	if q.hours != nil {
		return insertHourly(tx, q, firstBatch, inner, args)
	}
	before, _ := BatchRef{q.stepID, firstBatch}.ids()
	before--
	made, err := tx.Exec(`insert into delivery (id, step_id, contact_id, address_id, locale, fallback, edition, variant, stakeholder_group, region, state, reason)
select cast(? as bigint) + `+numbered(tx)+`, cast(? as bigint), v.contact_id,
  case when v.verdict = '' then v.address_id end, v.locale, v.fallback, v.edition, v.variant, v.stakeholder_group, v.region,
  case when v.verdict = '' then 'queued' else 'skipped' end, v.verdict
from (`+inner+`) v`, append([]any{before, q.stepID}, args...)...)
	if err != nil {
		return 0, 0, 0, err
	}
	n, err := tx.Exec(`insert into delivery_batch (step_id, number, queued, skipped, ended_at)
select step_id, number, sum(queued), sum(1 - queued), case when sum(queued) = 0 then cast(? as `+timeType(tx)+`) end
from (select step_id, (id - ? - 1) / ? + ? as number, case when state = 'queued' then 1 else 0 end as queued
  from delivery where id > ? and id <= ?) t
group by step_id, number`,
		q.now, before, BatchSize, firstBatch, before, before+made)
	return int(made), int(n), firstBatch, err
}

// numbered counts the rows of v in the order of the list. SQLite reads them in that order as it is, and would sort them
// again if it were told to.
func numbered(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return "row_number() over (order by v.listing_id)"
	}
	return "row_number() over ()"
}

// timeType is the type of times, for expressions whose type PostgreSQL cannot guess.
func timeType(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return "timestamptz"
	}
	return "integer"
}
