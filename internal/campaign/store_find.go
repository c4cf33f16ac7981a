package campaign

import (
	"strings"

	"gorm.io/gorm"

	"github.com/convoke/convoke/internal/db"
)

// A search reads ranges of the primary key, at most so many batches at a time and for a page: no index mentions the
// state, so the counters of the batches say where it is.
const (
	foundAtOnce = 40
	foundAtMost = 400
)

// counterOf is the counter of a batch that is above zero where it has a delivery of the state; "" where there is none.
func counterOf(s DeliveryState) string {
	switch s {
	case DeliverySent, DeliveryBounced, DeliveryComplained:
		return "sent"
	case DeliveryQueued, DeliveryDeferred, DeliveryFailed, DeliverySkipped, DeliveryUncertain:
		return string(s)
	}
	return ""
}

// batchesWith are a campaign's next batches that may have deliveries of the state, from one that may be the last one's.
func batchesWith(tx *db.Tx, campaignID int64, state DeliveryState, from BatchRef, limit int) ([]BatchRef, error) {
	where := ""
	if counter := counterOf(state); counter != "" {
		where = " and b." + counter + " > 0"
	}
	var all []batchRow
	err := tx.Scan(&all, `select b.step_id, b.number from delivery_batch b join campaign_step s on s.id = b.step_id
where s.campaign_id = ? and (b.step_id > ? or b.step_id = ? and b.number >= ?)`+where+` order by b.step_id, b.number limit ?`,
		campaignID, from.StepID, from.StepID, from.Number, limit)
	refs := make([]BatchRef, len(all))
	for i, b := range all {
		refs[i] = b.ref()
	}
	return refs, err
}

// idRange are deliveries, both ends included.
type idRange struct{ first, last int64 }

// rangesOf joins batches that lie side by side.
func rangesOf(refs []BatchRef) []idRange {
	var all []idRange
	for _, ref := range refs {
		first, last := ref.ids()
		if n := len(all); n > 0 && all[n-1].last+1 == first {
			all[n-1].last = last
			continue
		}
		all = append(all, idRange{first, last})
	}
	return all
}

// walk calls with ranges of a campaign's deliveries that may be in the state, until it says that it has enough. last is
// where to go on, 0 where nothing is left.
func walk(tx *db.Tx, c *Campaign, state DeliveryState, after int64, with func(idRange) (enough bool, err error)) (last int64, err error) {
	from := BatchRef{}
	if after > 0 {
		from = batchOf(after + 1)
	}
	for seen := 0; ; seen += foundAtOnce {
		refs, err := batchesWith(tx, c.ID, state, from, foundAtOnce)
		if err != nil || len(refs) == 0 {
			return 0, err
		}
		if seen >= foundAtMost {
			first, _ := refs[0].ids()
			return first - 1, nil
		}
		for _, r := range rangesOf(refs) {
			r.first = max(r.first, after+1)
			if enough, err := with(r); err != nil || enough {
				return r.last, err
			}
		}
		if len(refs) < foundAtOnce {
			return 0, nil
		}
		from = refs[len(refs)-1]
		from.Number++
	}
}

func findDeliveries(tx *db.Tx, c *Campaign, f DeliveryFilter) (DeliveryPage, error) {
	query := func() *gorm.DB {
		q := tx.Gorm().Table("delivery d").
			Select("d.*, p.name, s.position as step, n.name as volunteer").
			Joins("join campaign_step s on s.id = d.step_id").
			Joins("join contact_card p on p.contact_id = d.contact_id").
			Joins("left join account_name n on n.account_id = d.personal_by")
		return f.narrow(q).Order("d.id")
	}
	var page DeliveryPage
	more := func(q *gorm.DB) (enough bool, err error) {
		var rows []DeliveryRow
		err = q.Limit(f.Limit - len(page.Rows)).Scan(&rows).Error
		page.Rows = append(page.Rows, rows...)
		if enough = len(page.Rows) == f.Limit; enough {
			page.Next = page.Rows[f.Limit-1].ID
		}
		return enough, err
	}
	if f.Contacts != nil {
		_, err := more(query().Where("s.campaign_id = ? and d.contact_id in ? and d.id > ?", c.ID, f.Contacts, f.Cursor))
		return page, err
	}
	last, err := walk(tx, c, f.State, f.Cursor, func(r idRange) (bool, error) {
		return more(query().Where("d.id >= ? and d.id <= ?", r.first, r.last))
	})
	if page.Next == 0 {
		page.Next = last
	}
	return page, err
}

func (f *DeliveryFilter) narrow(q *gorm.DB) *gorm.DB {
	for column, value := range map[string]string{"d.state": string(f.State), "d.reason": string(f.Reason), "d.locale": f.Locale, "d.stakeholder_group": f.Group} {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.Reply != "" {
		words := strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`).Replace(strings.ToLower(f.Reply))
		q = q.Where("lower(d.reply) like ? escape '!'", "%"+words+"%")
	}
	return q
}

func batchCounts(tx *db.Tx, campaignID int64) (map[DeliveryState]int, error) {
	var queued, sent, deferred, failed, skipped, uncertain int
	err := tx.QueryRow(`select coalesce(sum(b.queued), 0), coalesce(sum(b.sent), 0), coalesce(sum(b.deferred), 0), coalesce(sum(b.failed), 0),
  coalesce(sum(b.skipped), 0), coalesce(sum(b.uncertain), 0)
from delivery_batch b join campaign_step s on s.id = b.step_id where s.campaign_id = ?`, campaignID).
		Scan(&queued, &sent, &deferred, &failed, &skipped, &uncertain)
	return map[DeliveryState]int{
		DeliveryQueued: queued, DeliverySent: sent, DeliveryDeferred: deferred, DeliveryFailed: failed,
		DeliverySkipped: skipped, DeliveryUncertain: uncertain,
	}, err
}

// saidRow is how often servers said the same.
type saidRow struct {
	Reply string
	Count int
}

func replyCounts(tx *db.Tx, c *Campaign, state DeliveryState) ([]saidRow, error) {
	var all []saidRow
	_, err := walk(tx, c, state, 0, func(r idRange) (bool, error) {
		var rows []saidRow
		err := tx.Scan(&rows, "select reply, count(*) as count from delivery where id >= ? and id <= ? and state = ? and reply <> '' group by reply order by count(*) desc, reply",
			r.first, r.last, state)
		all = append(all, rows...)
		return false, err
	})
	return all, err
}
