package campaign

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// batchRow is a batch as it stands.
type batchRow struct {
	StepID  int64
	Number  int
	Owner   string
	Attempt int
}

func (b batchRow) ref() BatchRef { return BatchRef{b.StepID, b.Number} }

// maySend says of a campaign c that its batches are taken: while it sends, and after it was cancelled,
// when they have to be skipped. What volunteers send in person needs no more than the approval.
const maySend = `(c.state in ('sending', 'cancelled') or delivery_batch.number >= ? and c.state in ('approved', 'scheduled', 'sent'))`

// takeBatch leases a batch by one conditional update: to one worker only, and only while its
// campaign sends (or was cancelled: then its messages have to be skipped). A lease that has
// expired is not taken here, because its messages may have left; Sweep clears it first.
// ok is false where there is nothing to take.
func takeBatch(tx *db.Tx, ref BatchRef, owner string, now, leaseUntil time.Time) (attempt int, ok bool, err error) {
	n, err := tx.Often().Exec(`update delivery_batch set owner = ?, lease_until = ?, attempt = attempt + 1
where step_id = ? and number = ? and ended_at is null and lease_until is null and (not_before is null or not_before <= ?)
  and exists (select 1 from campaign_step s join campaign c on c.id = s.campaign_id
    where s.id = delivery_batch.step_id and `+maySend+`)`,
		owner, leaseUntil, ref.StepID, ref.Number, now, firstPersonal)
	if err != nil || n == 0 {
		return 0, false, err
	}
	err = tx.Often().QueryRow("select attempt from delivery_batch where step_id = ? and number = ?", ref.StepID, ref.Number).Scan(&attempt)
	return attempt, err == nil, err
}

// wakeDeferred queues the batch's deliveries whose pause is over, or all where the campaign was cancelled. What waited because its text could not be rendered gets
// the edition that was approved last, which may be what mends it.
func wakeDeferred(tx *db.Tx, ref BatchRef, now time.Time) error {
	first, last := ref.ids()
	_, err := tx.Often().Exec(`update delivery set state = 'queued', reason = '', until = null,
  edition = case when reason = ? then coalesce((select max(e.edition) from approved_edition e
    join campaign_step s on s.revision_id = e.revision_id where s.id = delivery.step_id and e.locale = delivery.locale), edition) else edition end
where id >= ? and id <= ? and state = 'deferred' and (until <= ?
  or (select c.state from campaign_step s join campaign c on c.id = s.campaign_id where s.id = delivery.step_id) = 'cancelled')`, Unrenderable, first, last, now)
	return err
}

// queuedRow is a delivery that is to be sent, or the reason why it must not be after all.
type queuedRow struct {
	person   person
	locale   string
	edition  int // of the translation
	variant  string
	attempts int
	reason   Reason
	// Of a follow-up: the step of the campaign that the contact was sent last, and when; 0 and nil for the call.
	lastStep int64
	lastSent *time.Time
	// Of one that was tried before: when first, since somebody last had it sent; and of one that is sent again though
	// it had arrived, that it had.
	firstTry time.Time
	arrived  *Try
	turn     *Turn // of a follow-up that waits for a volunteer
}

// recheck is what decides whether a queued delivery may still be sent.
type recheck struct {
	cycleID      int64
	mailing      mailing
	organization bool
	followUp     bool
	earlier      []int64 // of a follow-up, the steps before it
	now          time.Time
	over         Reason // speaks against all: the campaign was cancelled, the step has ended
	personal     bool   // it goes out in a volunteer's name
}

// queuedRows reads a batch's queued deliveries with what now speaks against each, in one
// statement over a range of the primary key.
func queuedRows(tx *db.Tx, ref BatchRef, r recheck) ([]queuedRow, error) {
	if err := planOnce(tx); err != nil {
		return nil, err
	}
	query, args := queuedSQL(ref, r)
	rows, err := tx.Often().Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := make([]queuedRow, 0, BatchSize)
	for rows.Next() {
		var q queuedRow
		p := &q.person
		if err := rows.Scan(&p.DeliveryID, &p.ContactID, &q.locale, &q.edition, &q.variant, &q.attempts, &p.Kind, &p.Name, &p.Email, &p.AddressKind, &q.lastStep, &q.lastSent, &q.reason); err != nil {
			return nil, err
		}
		if r.over != notAReason {
			q.reason = r.over
		}
		all = append(all, q)
	}
	return all, rows.Err()
}

// planOnce lets PostgreSQL plan for any batch what this transaction still reads, and each connection plan it once: it would plan for
// the values of each, which takes longer than the reading. Without values it believes a batch to be a large part of all deliveries,
// and would read whole tables for it.
func planOnce(tx *db.Tx) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec(`select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true)`)
	return err
}

func queuedSQL(ref BatchRef, r recheck) (string, []any) {
	cases, args := unwanted("d", r.mailing)
	add := func(more string, with []any) { cases, args = cases+"\n"+more, append(args, with...) }
	add(unwantedAt("d", r.mailing))
	add(answered("d", r.cycleID, r.organization))
	switch {
	case r.personal:
		add(lostClaim("d", r.cycleID, r.now))
	case r.followUp:
		add(promised("d", r.cycleID, r.now))
		add(volunteerFirst("d", r.cycleID, r.now))
	default:
		add(underClaim("d", r.cycleID, r.now))
	}
	last, join := "0, null", ""
	if len(r.earlier) > 0 {
		last = "coalesce(e.step_id, 0), e.sent_at"
		join = `
left join delivery e on e.id = (select x.id from delivery x
  where x.contact_id = d.contact_id and x.step_id in (` + marks(len(r.earlier)) + `) and x.sent_at is not null order by x.sent_at desc limit 1)`
		for _, id := range r.earlier {
			args = append(args, id)
		}
	}
	first, end := ref.ids()
	return `select d.id, d.contact_id, d.locale, d.edition, d.variant, d.attempts, p.kind, p.name, a.email, a.kind, ` + last + `,
case
when a.obstacle <> '' then a.obstacle
` + optedOut("t", "d") + `
` + erased("t", "d") + `
` + cases + `
else '' end as reason
from delivery d
join address_state a on a.address_id = d.address_id
join contact_card p on p.contact_id = d.contact_id
left join contact_state t on t.contact_id = d.contact_id` + join + `
where d.id >= ? and d.id <= ? and d.state = 'queued'
order by d.id`, append(args, first, end)
}

// lockBatch comes before whatever changes deliveries: merges lock in this order too.
func lockBatch(tx *db.Tx, ref BatchRef) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec("select 1 from delivery_batch where step_id = ? and number = ? for update", ref.StepID, ref.Number)
	return err
}

// releaseBatch gives a lease back, if it still is this owner's.
func releaseBatch(tx *db.Tx, ref BatchRef, owner string, attempt int, notBefore *time.Time, waits Waits) error {
	_, err := tx.Often().Exec(`update delivery_batch set owner = '', lease_until = null, not_before = ?, waits = ?
where step_id = ? and number = ? and owner = ? and attempt = ?`, notBefore, waits, ref.StepID, ref.Number, owner, attempt)
	return err
}

// countBatch makes the counters of a batch say what its deliveries are, and ends the batch when
// nothing more can become of them without somebody's decision. An uncertain delivery keeps the
// batch open, because somebody will decide.
func countBatch(tx *db.Tx, ref BatchRef, now time.Time) error {
	first, last := ref.ids()
	var q, sent, deferred, failed, skipped, uncertain int
	err := tx.Often().QueryRow(`select
  coalesce(sum(case when state = 'queued' then 1 else 0 end), 0),
  coalesce(sum(case when state in ('sent', 'bounced', 'complained') then 1 else 0 end), 0),
  coalesce(sum(case when state = 'deferred' then 1 else 0 end), 0),
  coalesce(sum(case when state = 'failed' then 1 else 0 end), 0),
  coalesce(sum(case when state = 'skipped' then 1 else 0 end), 0),
  coalesce(sum(case when state = 'uncertain' then 1 else 0 end), 0)
from delivery where id >= ? and id <= ?`, first, last).Scan(&q, &sent, &deferred, &failed, &skipped, &uncertain)
	if err != nil {
		return err
	}
	var ended *time.Time
	if q+deferred+uncertain == 0 {
		ended = &now
	}
	_, err = tx.Often().Exec(`update delivery_batch set queued = ?, sent = ?, deferred = ?, failed = ?, skipped = ?, uncertain = ?, ended_at = ?, counted = false
where step_id = ? and number = ?`, q, sent, deferred, failed, skipped, uncertain, ended, ref.StepID, ref.Number)
	if err != nil || q > 0 || deferred == 0 {
		return err
	}
	// Only deferred ones are left: the batch waits for the first of them.
	_, err = tx.Often().Exec(`update delivery_batch set not_before = (select min(until) from delivery where id >= ? and id <= ? and state = 'deferred')
where step_id = ? and number = ?`, first, last, ref.StepID, ref.Number)
	return err
}

// hurryBatch lets a batch be taken at once, whatever it waited for: something of it is queued now.
func hurryBatch(tx *db.Tx, ref BatchRef) error {
	_, err := tx.Exec("update delivery_batch set not_before = null where step_id = ? and number = ?", ref.StepID, ref.Number)
	return err
}

// dueBatches are those that could be sent now and that nobody holds; what somebody sent in person comes first.
func dueBatches(tx *db.Tx, now time.Time, limit int) ([]batchRow, error) {
	return batches(tx, `join campaign_step s on s.id = b.step_id join campaign c on c.id = s.campaign_id
where (s.state in ('launching', 'sending') and c.state in ('sending', 'cancelled')
    or b.number >= ? and c.state in ('approved', 'scheduled', 'sending', 'sent', 'cancelled'))
  and b.ended_at is null and b.lease_until is null and (b.not_before is null or b.not_before <= ?) and b.queued + b.deferred > 0
order by b.number >= ? desc, b.step_id, b.number limit ?`, firstPersonal, now, firstPersonal, limit)
}

// heldBy are the batches under an owner's lease.
func heldBy(tx *db.Tx, owner string) ([]batchRow, error) {
	return batches(tx, "where b.owner = ? and b.lease_until is not null and b.ended_at is null order by b.step_id, b.number", owner)
}

// expiredLeases are the batches whose owner is late.
func expiredLeases(tx *db.Tx, now time.Time) ([]batchRow, error) {
	return batches(tx, "where b.lease_until < ? and b.ended_at is null order by b.step_id, b.number", now)
}

func batches(tx *db.Tx, rest string, args ...any) ([]batchRow, error) {
	rows, err := tx.Query("select b.step_id, b.number, b.owner, b.attempt from delivery_batch b "+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []batchRow
	for rows.Next() {
		var b batchRow
		if err := rows.Scan(&b.StepID, &b.Number, &b.Owner, &b.Attempt); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// anyLeased says whether a batch is being sent.
func anyLeased(tx *db.Tx) (bool, error) {
	var leased bool
	err := tx.QueryRow("select exists (select 1 from delivery_batch where lease_until is not null and ended_at is null)").Scan(&leased)
	return leased, err
}

// uncounted are batches that the lists do not count yet, as they are now.
func uncounted(tx *db.Tx, limit int) ([]batchRow, error) {
	return batches(tx, "where not b.counted order by b.step_id, b.number limit ?", limit)
}

// takeUncounted says that a batch is counted; ok is false where somebody else did.
func takeUncounted(tx *db.Tx, ref BatchRef) (cycleID int64, ok bool, err error) {
	n, err := tx.Often().Exec("update delivery_batch set counted = true where step_id = ? and number = ? and not counted", ref.StepID, ref.Number)
	if err != nil || n == 0 {
		return 0, false, err
	}
	err = tx.Often().QueryRow("select c.cycle_id from campaign_step s join campaign c on c.id = s.campaign_id where s.id = ?", ref.StepID).Scan(&cycleID)
	return cycleID, err == nil, err
}

// contactsOf are the contacts of a batch whose message arrived ("in"), or not ("not in").
func contactsOf(tx *db.Tx, ref BatchRef, in string) ([]int64, error) {
	var ids []int64
	first, last := ref.ids()
	return ids, tx.Often().Scan(&ids, "select contact_id from delivery where id >= ? and id <= ? and state "+in+" ('sent', 'complained')", first, last)
}

// openBatches counts a step's own batches that have not ended. What volunteers send in person holds no
// campaign open.
func openBatches(tx *db.Tx, stepID int64) (int, error) {
	var n int
	err := tx.QueryRow("select count(*) from delivery_batch where step_id = ? and number < ? and ended_at is null", stepID, firstPersonal).Scan(&n)
	return n, err
}

// markDeliveries moves deliveries of a batch from queued, some by id or, with ids nil, all.
func markDeliveries(tx *db.Tx, ref BatchRef, ids []int64, from []DeliveryState, to DeliveryState, reason Reason, sentAt *time.Time) error {
	if err := lockBatch(tx, ref); err != nil {
		return err
	}
	first, last := ref.ids()
	where, args := "id >= ? and id <= ? and state in ("+marks(len(from))+")", []any{to, reason, sentAt, first, last}
	for _, s := range from {
		args = append(args, s)
	}
	if ids != nil {
		if len(ids) == 0 {
			return nil
		}
		where += " and id in (" + marks(len(ids)) + ")"
		for _, id := range ids {
			args = append(args, id)
		}
	}
	_, err := tx.Exec("update delivery set state = ?, reason = ?, sent_at = coalesce(?, sent_at) where "+where, args...)
	return err
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// explain is the plan of the statement that reads a batch, for the test that holds it to a range
// of the primary key.
func explain(tx *db.Tx, query string, args []any) (string, error) {
	prefix := "explain "
	if tx.Dialect() == db.SQLite {
		prefix = "explain query plan "
	}
	rows, err := tx.Query(prefix+query, args...)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		at := make([]any, len(columns))
		for i := range cells {
			at[i] = &cells[i]
		}
		if err := rows.Scan(at...); err != nil {
			return "", err
		}
		fmt.Fprintln(&b, cells[len(cells)-1].String)
	}
	return b.String(), rows.Err()
}
