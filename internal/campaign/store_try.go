package campaign

import (
	"encoding/json"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// Try is something that happened to a delivery: a try that was more than a plain first acceptance, or a decision.
type Try struct {
	ID         int64
	DeliveryID int64
	At         time.Time
	State      DeliveryState // what became of the delivery
	Reason     Reason
	Attempt    int // the number of the try since somebody last had it sent; 0 for what was none
	Until      *time.Time
	Server     string
	Reply      string
	DecidedBy  *int64
	Note       string // the reason that somebody gave
}

// TableName implements gorm's Tabler.
func (Try) TableName() string { return "delivery_try" }

// storeTries writes with one statement what of a round belongs into the stories of its deliveries.
func storeTries(tx *db.Tx, now time.Time, all []outcome) error {
	told := make([]outcome, 0, 8)
	for _, o := range all {
		if o.told {
			told = append(told, o)
		}
	}
	if len(told) == 0 {
		return nil
	}
	list, err := json.Marshal(told)
	if err != nil {
		return err
	}
	const columns = "insert into delivery_try (delivery_id, at, state, reason, attempt, until, server, reply) select "
	if tx.Dialect() == db.SQLite {
		_, err = tx.Exec(columns+`value ->> 'id', ?, value ->> 'state', value ->> 'reason', value ->> 'attempts', value ->> 'until',
  value ->> 'server', value ->> 'reply' from json_each(?)`, now, string(list))
		return err
	}
	_, err = tx.Exec(columns+`r.id, cast(? as timestamptz), r.state, r.reason, r.attempts, to_timestamp(r.until / 1000000.0), r.server, r.reply
from json_to_recordset(cast(? as json)) as r(id bigint, state text, reason text, attempts integer, until bigint, server text, reply text)`, now, string(list))
	return err
}

// readTries completes the rows that were tried before. Most rounds have none.
func readTries(tx *db.Tx, r *round) error {
	before := r.step.Resent
	for i := range r.rows {
		before = before || r.rows[i].attempts > 0
	}
	if !before {
		return nil
	}
	first, last := r.ref.ids()
	var all []Try
	if err := tx.Gorm().Where("delivery_id >= ? and delivery_id <= ?", first, last).Order("id").Find(&all).Error; err != nil {
		return err
	}
	at := make(map[int64]*queuedRow, len(r.rows))
	for i := range r.rows {
		at[r.rows[i].person.DeliveryID] = &r.rows[i]
	}
	for i := range all {
		if row := at[all[i].DeliveryID]; row != nil {
			row.recall(&all[i])
		}
	}
	return nil
}

// recall takes in what happened to the delivery, in the order in which it did.
func (q *queuedRow) recall(t *Try) {
	switch {
	case t.Reason == VolunteerFirst: // it was not tried
	case t.Reason == SentAgain:
		q.person.Resends++
		q.firstTry = time.Time{}
	case t.State == DeliverySent:
		q.arrived = t
	case t.Attempt == 1:
		q.firstTry = t.At
	}
}

// tellMarked notes what deliveries of a batch are about to become by markDeliveries.
func tellMarked(tx *db.Tx, ref BatchRef, ids []int64, from DeliveryState, to DeliveryState, reason Reason, now time.Time) error {
	first, last := ref.ids()
	where, args := "id >= ? and id <= ? and state = ?", []any{now, to, reason, first, last, from}
	if ids != nil {
		if len(ids) == 0 {
			return nil
		}
		where += " and id in (" + marks(len(ids)) + ")"
		for _, id := range ids {
			args = append(args, id)
		}
	}
	_, err := tx.Exec("insert into delivery_try (delivery_id, at, state, reason, attempt) select id, cast(? as "+timeType(tx)+"), ?, ?, attempts + 1 from delivery where "+where, args...)
	return err
}

// storeDecision notes that somebody decided about a delivery.
func storeDecision(tx *db.Tx, t *Try) error { return tx.Gorm().Create(t).Error }
