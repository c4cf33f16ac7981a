package campaign

import (
	"fmt"

	"github.com/convoke/convoke/internal/db"
)

// heldDeliveries is the condition for a delivery h of the step that waits for a translation. One for which a completion
// was asked has its language already; until then it has none.
func (q *snapshot) heldDeliveries() (string, []any) {
	upTo := q.upTo
	if upTo == 0 {
		upTo = q.stepID<<numberBits | (1<<personalBits - 1)
	}
	where := " where h.id > ? and h.id <= ? and h.state = 'skipped' and h.reason = ?"
	if q.asked {
		where += " and h.locale <> ''"
	}
	return where, []any{max(q.after, q.stepID<<numberBits), upTo, HeldForTranslation}
}

// heldVerdicts is the snapshot of those who wait, each with its delivery h.
func (q *snapshot) heldVerdicts(tx *db.Tx) (string, []any, error) {
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return "", nil, err
	}
	where, with := q.heldDeliveries()
	return ` from (` + inner + `) v
join (select h.contact_id, min(h.id) as id from delivery h` + where + ` group by h.contact_id) t on t.contact_id = v.contact_id
join delivery h on h.id = t.id`, append(args, with...), nil
}

// asAsked holds for who would get now what was asked for, and for whom something speaks against by now.
const asAsked = `v.verdict <> '` + string(HeldForTranslation) + `' and (v.verdict <> '' or v.locale = h.locale and v.variant = h.variant)`

// markAsked gives the deliveries that have a translation now their language, edition and variant; ok is false where
// none of them could go out.
func markAsked(tx *db.Tx, q snapshot) (ok bool, err error) {
	from, args, err := q.heldVerdicts(tx)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(`update delivery set locale = u.locale, fallback = u.fallback, edition = u.edition, variant = u.variant
from (select h.id, v.locale, v.fallback, v.edition, v.variant`+from+` where v.verdict <> ?) u where delivery.id = u.id`, append(args, HeldForTranslation)...)
	if err != nil {
		return false, err
	}
	counts, err := askedCounts(tx, q)
	return tally(counts).Recipients > 0, err
}

// unmarkAsked takes the language from the deliveries of a step that wait, all or some.
func unmarkAsked(tx *db.Tx, stepID, after, upTo int64) error {
	if upTo == 0 {
		upTo = stepID<<numberBits | (1<<personalBits - 1)
	}
	_, err := tx.Exec(`update delivery set locale = '', fallback = false, edition = 1
where id > ? and id <= ? and state = 'skipped' and reason = ? and locale <> ''`, max(after, stepID<<numberBits), upTo, HeldForTranslation)
	return err
}

// askedCounts groups those for whom a completion was asked by what they would get now. Who would get something else by
// now goes on waiting.
func askedCounts(tx *db.Tx, q snapshot) ([]Count, error) {
	q.asked = true
	from, args, err := q.heldVerdicts(tx)
	if err != nil {
		return nil, err
	}
	return verdictCounts(tx, "select case when "+asAsked+" then v.verdict else '"+string(HeldForTranslation)+"' end as verdict, h.locale, h.fallback, h.variant"+from, args)
}

// heldEnd is the last delivery of the next chunk of so many that wait, 0 where there is none left.
func heldEnd(tx *db.Tx, q snapshot, size int) (int64, error) {
	where, args := q.heldDeliveries()
	var end int64
	err := tx.QueryRow(fmt.Sprintf("select coalesce(max(id), 0) from (select h.id from delivery h%s order by h.id limit %d) t", where, size), args...).Scan(&end)
	return end, err
}

// completeChunk queues what was asked for in the part of the snapshot that q bounds, and says of the others why they get
// nothing. Who would get another language or variant by now waits for another asking. The unique slot of a step and an
// address decides here as in a launch.
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
	from, args, err := q.heldVerdicts(tx)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`update delivery set state = u.state, reason = u.verdict, address_id = u.address_id,
  stakeholder_group = u.stakeholder_group, region = u.region
from (select h.id, v.verdict, v.stakeholder_group, v.region,
    case when v.verdict = '' then v.address_id end as address_id,
    case when v.verdict = '' then 'queued' else 'skipped' end as state`+from+`
  where `+asAsked+`) u
where delivery.id = u.id`, args...)
	if err != nil {
		return 0, err
	}
	if err := unmarkAsked(tx, q.stepID, q.after, q.upTo); err != nil {
		return 0, err
	}
	if err := deferToHours(tx, q); err != nil {
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

// chainCount is how many readers with a chain of languages wait.
type chainCount struct {
	LanguageChain string
	Count         int
}

// heldChains are the languages of those whose message of a step waits for a translation, and was not asked for.
func heldChains(tx *db.Tx, stepID int64) (rows []chainCount, err error) {
	return rows, tx.Scan(&rows, `select c.language_chain, count(*) as count from delivery d join contact_card c on c.contact_id = d.contact_id
where d.id > ? and d.id < ? and d.state = 'skipped' and d.reason = ? and d.locale = '' group by c.language_chain`,
		stepID<<numberBits, stepID<<numberBits|1<<personalBits, HeldForTranslation)
}

// askedFirsts are the first of each language and variant that was asked for, as they were asked for.
func askedFirsts(tx *db.Tx, q snapshot) ([]Planned, error) {
	q.asked = true
	from, args, err := q.heldVerdicts(tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query("select "+plannedColumns+` from (
select v.listing_id, v.contact_id, v.verdict, h.locale, h.fallback, h.edition, h.variant, v.stakeholder_group, v.region, v.address_id,
  row_number() over (partition by h.locale, h.fallback, h.variant order by h.id) as alike`+from+`
where v.verdict = '' and v.locale = h.locale and v.variant = h.variant) v`+plannedJoins+" where v.alike = 1 order by v.listing_id", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var firsts []Planned
	for rows.Next() {
		p, err := scanPlanned(rows)
		if err != nil {
			return nil, err
		}
		firsts = append(firsts, p)
	}
	return firsts, rows.Err()
}

// askedRows are the completions that wait for a second person.
func askedRows(tx *db.Tx, f askedFilter) (rows []Asked, err error) {
	where, args := "", []any{HeldForTranslation, CompletionAsked, Cancelled}
	if f.cycleID != 0 {
		where, args = where+" and c.cycle_id = ?", append(args, f.cycleID)
	}
	if f.campaignID != 0 {
		where, args = where+" and c.id = ?", append(args, f.campaignID)
	}
	step := fmt.Sprintf("s.id * cast(%d as bigint)", int64(1)<<numberBits)
	return rows, tx.Scan(&rows, `select c.id as campaign_id, c.name as campaign, s.position,
  (select count(*) from delivery d where d.id > `+step+` and d.id < `+step+fmt.Sprintf(" + %d", int64(1)<<personalBits)+`
    and d.state = 'skipped' and d.reason = ? and d.locale <> '') as count
from campaign_step s join campaign c on c.id = s.campaign_id
where s.completion = ? and c.state <> ?`+where+" order by c.id, s.position", args...)
}
