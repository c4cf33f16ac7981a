package campaign

import (
	"encoding/json"

	"github.com/convoke/convoke/internal/db"
)

const deliveryColumns = "id, step_id, contact_id, address_id, locale, fallback, edition, variant, stakeholder_group, region, state, reason"

// insertChunk stores the part of the snapshot that q bounds. Nearly everybody on a list has a mailbox of their own and nothing
// that is to be looked up: a first statement stores those from the list alone. Whom it passed over a second one looks at closely,
// which is the snapshot itself, after rest has found their languages. Batches begin behind those there are, so that what an
// earlier chunk made is never touched.
func insertChunk(tx *db.Tx, q snapshot, rest func(*snapshot) error) (made chunk, err error) {
	if made.first, err = nextBatch(tx, q.stepID); err != nil {
		return made, err
	}
	first, _ := BatchRef{q.stepID, made.first}.ids()
	plain, err := insertPlain(tx, q, first)
	if err != nil {
		return made, err
	}
	last := first - 1
	if plain > 0 {
		if err := tx.Often().QueryRow("select max(id) from delivery where id >= ? and id < ?", first, endOfOwn(q.stepID)).Scan(&last); err != nil {
			return made, err
		}
	}
	if q.listings, err = passedOver(tx, q, first, last); err != nil {
		return made, err
	}
	others := 0
	if len(q.listings) > 0 {
		if err := rest(&q); err != nil {
			return made, err
		}
		if others, err = insertLookedAt(tx, q, last+1); err != nil {
			return made, err
		}
	}
	made.rows = plain + others
	made.batches, err = insertBatches(tx, q, first, last+int64(others))
	return made, err
}

// passedOver are the listings of a chunk that none of the deliveries with these first and last ids is of.
func passedOver(tx *db.Tx, q snapshot, first, last int64) ([]int64, error) {
	where, args := q.listed(tx.Dialect())
	from := " from listed_contact l"
	if q.asksCards() {
		from = listedFrom
	}
	where += " and l.contact_id not in (select m.contact_id from delivery m where m.id >= ? and m.id <= ?)"
	var ids []int64
	return ids, tx.Often().Scan(&ids, "select l.listing_id"+from+where+" order by l.listing_id", append(args, first, last)...)
}

// nextBatch is the number of the first batch of a step that there is not yet.
func nextBatch(tx *db.Tx, stepID int64) (number int, err error) {
	return number, tx.Often().QueryRow("select coalesce(max(number) + 1, 0) from delivery_batch where step_id = ? and number < ?", stepID, firstPersonal).Scan(&number)
}

// endOfOwn is behind the ids of a step's own deliveries: those of what volunteers send in person follow.
func endOfOwn(stepID int64) int64 {
	first, _ := BatchRef{stepID, firstPersonal}.ids()
	return first
}

// insertPlain stores those of a chunk who have a mailbox and a language that are known, with what speaks against them. It passes
// over everybody of whom more is to be known than the list says: whoever shares a mailbox with somebody before them, who is under
// a claim, whose message was taken out or written by hand, who is one with somebody else by now.
func insertPlain(tx *db.Tx, q snapshot, first int64) (int, error) {
	var n int64
	err := behindAll(tx, q.stepID, first, func(number string) error {
		query, args, err := plainSQL(tx, q, first, number)
		if err != nil {
			return err
		}
		n, err = tx.Often().Exec(query, args...)
		return err
	})
	return int(n), err
}

// behindAll calls insert with the expression for the numbers of its rows, counted from 1. Counting is a fifth of what SQLite does to
// store a list, and it counts by itself, for less, where a table goes on behind its last row. So that this is the row before the
// first, one stands there meanwhile. Where there are rows behind it, or on PostgreSQL, the number is counted.
func behindAll(tx *db.Tx, stepID, first int64, insert func(number string) error) error {
	behind := true
	if tx.Dialect() == db.SQLite {
		if err := tx.Often().QueryRow("select exists (select 1 from delivery where id >= ?)", first).Scan(&behind); err != nil {
			return err
		}
	}
	if behind {
		return insert(numbered(tx))
	}
	stood, err := tx.Often().Exec(`insert into delivery (id, step_id, contact_id, locale, stakeholder_group, region, state)
select cast(? as bigint), cast(? as bigint), (select min(id) from contact), '', '', '', 'skipped'
where not exists (select 1 from delivery where id = ?)`, first-1, stepID, first-1)
	if err != nil {
		return err
	}
	if err := insert("null"); err != nil || stood == 0 {
		return err
	}
	_, err = tx.Often().Exec("delete from delivery where id = ?", first-1)
	return err
}

func plainSQL(tx *db.Tx, q snapshot, first int64, number string) (string, []any, error) {
	chains, err := json.Marshal(q.chains)
	if err != nil {
		return "", nil, err
	}
	variant, variantArgs := q.variants.sql(tx.Dialect())
	where, whereArgs := q.listed(tx.Dialect())
	if q.firstStepID == 0 {
		where += " and l.contact_id not in (" + claimedContacts + ")"
		whereArgs = append(whereArgs, q.cycleID, q.now)
	}
	exceptions := q.exceptions > 0
	q.exceptions, q.unclaimed = 0, true
	reasons, reasonArgs := q.reasons()
	from := " from listed_mailbox l"
	if q.asksCards() {
		from += withCard
	}
	args := append([]any{string(chains), first - 1, q.stepID}, variantArgs...)
	args = append(append(args, reasonArgs...), whereArgs...)
	if exceptions {
		where += " and l.contact_id not in (select x.contact_id from dropped_message x where x.step_id = ?) and l.contact_id not in (select x.contact_id from edited_message x where x.step_id = ?)"
		args = append(args, q.stepID, q.stepID)
	}
	return `insert into delivery (` + deliveryColumns + `)
with chosen as materialized (
` + chainTable(tx.Dialect()) + `
)
select cast(? as bigint) + ` + number + `, cast(? as bigint), v.contact_id, case when v.reason = '' then v.mailbox_id end,
  v.locale, v.fallback, v.edition, v.variant, v.stakeholder_group, v.region, case when v.reason = '' then 'queued' else 'skipped' end, v.reason
from (select l.listing_id, l.contact_id, l.mailbox_id, l.stakeholder_group, l.region, g.locale, g.fallback, g.edition, ` + variant + ` as variant,
case
` + reasons + `
when g.locale = '' then '` + string(untranslated(q.policy)) + `'
else '' end as reason` + from + ` cross join chosen g` + where + `
and g.chain = l.language_chain and l.contact_id not in (select survivor_id from contact_successor)` + onceEach(tx.Dialect()) + `) v
where true
on conflict (step_id, address_id) do nothing`, args, nil
}

// onceEach keeps PostgreSQL from working out anew what is mentioned more than once.
func onceEach(dialect db.Dialect) string {
	if dialect == db.Postgres {
		return " offset 0"
	}
	return ""
}

// insertLookedAt stores the snapshot.
func insertLookedAt(tx *db.Tx, q snapshot, first int64) (int, error) {
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return 0, err
	}
	n, err := tx.Often().Exec(`insert into delivery (`+deliveryColumns+`)
select cast(? as bigint) + `+numbered(tx)+`, cast(? as bigint), v.contact_id,
  case when v.verdict = '' then v.address_id end, v.locale, v.fallback, v.edition, v.variant, v.stakeholder_group, v.region,
  case when v.verdict = '' then 'queued' else 'skipped' end, v.verdict
from (`+inner+`) v`, append([]any{first - 1, q.stepID}, args...)...)
	return int(n), err
}

// insertBatches counts deliveries into their batches.
func insertBatches(tx *db.Tx, q snapshot, first, last int64) (int, error) {
	n, err := tx.Often().Exec(`insert into delivery_batch (step_id, number, queued, skipped, ended_at)
select cast(? as bigint), number, sum(queued), sum(1 - queued), case when sum(queued) = 0 then cast(? as `+timeType(tx)+`) end
from (select (id - ? - 1) / ? as number, case when state = 'queued' then 1 else 0 end as queued
  from delivery where id >= ? and id <= ?) t
group by number`, q.stepID, q.now, q.stepID<<numberBits, BatchSize, first, last)
	return int(n), err
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
