package campaign

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// againSQL finds messages of a step that are to be sent after all, with what speaks against each now.
type againSQL struct {
	again
	step         *Step
	mailing      mailing
	later        []int64 // the steps of the campaign after it
	organization bool
	now          time.Time
	only         int64 // this delivery; 0 for all
}

// batches are those of the step that may have such messages; what volunteers sent is theirs.
func (q *againSQL) batches(tx *db.Tx) ([]BatchRef, error) {
	var all []batchRow
	err := tx.Scan(&all, "select step_id, number from delivery_batch where step_id = ? and number < ? and "+counterOf(q.state)+" > 0 order by number", q.step.ID, firstPersonal)
	refs := make([]BatchRef, len(all))
	for i, b := range all {
		refs[i] = b.ref()
	}
	return refs, err
}

// sql gives id, address_id and verdict of what is there between two ids. The address is the one that the contact is mailed
// at now, which may be a better one than that which failed.
func (q *againSQL) sql(first, last int64) (string, []any) {
	cases, args := unwanted("d", q.mailing)
	add := func(more string, with []any) { cases, args = cases+"\n"+more, append(args, with...) }
	more, with := answered("d", q.mailing.cycleID, q.organization)
	add(more, with)
	if q.mailing.followUp {
		add(promised("d", q.mailing.cycleID, q.now))
	} else {
		add(underClaim("d", q.mailing.cycleID, q.now))
	}
	if len(q.later) > 0 && q.state != DeliverySent {
		add(overtaken("d", q.later))
	}
	where := "d.id >= ? and d.id <= ? and d.state = ? and d.personal_by is null"
	args = append(args, first, last, q.state)
	if q.from != notAReason {
		where, args = where+" and d.reason = ?", append(args, q.from)
	}
	return `select j.id, j.address_id, case when j.reason <> '' then j.reason
  when (select 1 from delivery x where x.step_id = j.step_id and x.address_id = j.address_id and x.id <> j.id limit 1) is not null then 'duplicate_address'
  when (select 1 from delivery x where x.step_id = j.step_id and x.contact_id = j.contact_id and x.personal_by is not null and x.state <> 'skipped' limit 1) is not null then 'sent_personally'
  when row_number() over (partition by j.address_id order by j.id) > 1 then 'duplicate_address'
  else '' end as verdict
from (select a.*, case
` + optedOut("t", "a") + `
` + erased("t", "a") + `
when a.address_id is null and exists (select 1 from contact_mailbox b where b.contact_id = a.contact_id) then 'bounced'
when a.address_id is null then 'no_address'
when a.locale = '' then 'no_translation'
else a.against end as reason
from (select d.id, d.step_id, d.contact_id, d.locale,
  (select u.address_id from usable_address u where u.contact_id = d.contact_id order by u.position limit 1) as address_id,
  case
` + cases + `
  else '' end as against
from delivery d where ` + where + `) a left join contact_state t on t.contact_id = a.contact_id) j`, args
}

// overtaken speaks against a message to whoever has a later one of the campaign, or is about to: the two would come on one day,
// and in the wrong order.
func overtaken(x string, later []int64) (string, []any) {
	return "when exists (select 1 from delivery n where n.contact_id = " + x + ".contact_id and n.step_id in (" + marks(len(later)) +
		") and (n.sent_at is not null or n.state in ('planned', 'queued', 'deferred', 'uncertain'))) then '" + string(Overtaken) + "'", anys(later)
}

func (q *againSQL) count(tx *db.Tx) (map[Reason]int, error) {
	refs, err := q.batches(tx)
	if err != nil {
		return nil, err
	}
	counts := map[Reason]int{}
	for _, r := range rangesOf(refs) {
		inner, args := q.sql(r.first, r.last)
		var rows []struct {
			Verdict Reason
			Count   int
		}
		if err := tx.Scan(&rows, "select v.verdict, count(*) as count from ("+inner+") v group by v.verdict", args...); err != nil {
			return nil, err
		}
		for _, row := range rows {
			counts[row.Verdict] += row.Count
		}
	}
	return counts, nil
}

// queue queues what of a batch nothing speaks against.
func (q *againSQL) queue(tx *db.Tx, ref BatchRef) ([]int64, error) {
	first, last := ref.ids()
	if q.only != 0 {
		first, last = q.only, q.only
	}
	inner, args := q.sql(first, last)
	var ids []int64
	return ids, tx.Scan(&ids, `update delivery set state = 'queued', reason = ?, attempts = 0, until = null, address_id = v.address_id
from (`+inner+`) v where delivery.id = v.id and v.verdict = '' returning delivery.id`, append([]any{q.reason}, args...)...)
}

// tellQueued notes with one statement that somebody had these deliveries sent after all.
func tellQueued(tx *db.Tx, ids []int64, reason Reason, by *int64, now time.Time) error {
	args := []any{now, reason, by}
	for _, id := range ids {
		args = append(args, id)
	}
	_, err := tx.Exec("insert into delivery_try (delivery_id, at, state, reason, decided_by) select id, cast(? as "+timeType(tx)+"), 'queued', ?, cast(? as bigint) from delivery where id in ("+marks(len(ids))+")", args...)
	return err
}

func hasArrived(tx *db.Tx, deliveryID int64) (bool, error) {
	var n int
	err := tx.QueryRow("select count(*) from delivery_try where delivery_id = ? and state = ? and server <> ''", deliveryID, DeliverySent).Scan(&n)
	return n > 0, err
}

// provedDeliveries are uncertain deliveries of a campaign of which a link was used, so that they arrived.
func provedDeliveries(tx *db.Tx, campaignID int64, limit int) ([]int64, error) {
	refs, err := batchesWith(tx, campaignID, DeliveryUncertain, BatchRef{}, limit)
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, r := range rangesOf(refs) {
		var ids []int64
		err := tx.Scan(&ids, "select d.id from delivery d where d.id >= ? and d.id <= ? and d.state = 'uncertain' and exists (select 1 from proved_delivery p where p.delivery_id = d.id)", r.first, r.last)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}
