package campaign

import (
	"encoding/json"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// outcome is what becomes of one delivery of a batch.
type outcome struct {
	ID       int64         `json:"id"`
	State    DeliveryState `json:"state"`
	Reason   Reason        `json:"reason"`
	Attempts int           `json:"attempts"`
	Until    *int64        `json:"until"`   // microseconds
	SentAt   *int64        `json:"sent_at"` // microseconds
	Server   string        `json:"server"`
	Reply    string        `json:"reply"`

	turn *Turn // it waits for a volunteer
	told bool  // it is more than a plain first acceptance, and has its place in the story of the delivery
}

// storeOutcomes writes a batch's results: what a server took at the first try, which is nearly all, with one short statement,
// and the others with another. A delivery that was declared uncertain in the meantime, because its worker was believed lost,
// takes the result as proof.
func storeOutcomes(tx *db.Tx, all []outcome) error {
	plain := map[acceptance][]outcome{}
	var others []outcome
	for _, o := range all {
		if o.State == DeliverySent && o.Reason == notAReason {
			by := acceptance{o.Server, *o.SentAt, o.Attempts}
			plain[by] = append(plain[by], o)
		} else {
			others = append(others, o)
		}
	}
	for by, some := range plain {
		if err := storeAccepted(tx, by, some); err != nil {
			return err
		}
	}
	return storeOthers(tx, others)
}

// acceptance is what those have in common whom a server took at a moment.
type acceptance struct {
	server   string
	sentAt   int64 // microseconds
	attempts int
}

func storeAccepted(tx *db.Tx, by acceptance, all []outcome) error {
	from, list, err := acceptedRows(tx.Dialect(), all)
	if err != nil {
		return err
	}
	args := append([]any{by.attempts, *instant(&by.sentAt), by.server}, list...)
	_, err = tx.Often().Exec(`update delivery set state = 'sent', reason = '', attempts = ?, until = null, sent_at = ?, server = ?, reply = r.reply
from `+from+`
where delivery.id = r.id and delivery.state in ('queued', 'uncertain')`, args...)
	return err
}

// acceptedRows are r, with id and reply, and the arguments for that.
func acceptedRows(dialect db.Dialect, all []outcome) (from string, args []any, err error) {
	if dialect == db.SQLite {
		list, err := repliesByID(all)
		return "(select cast(key as integer) as id, value as reply from json_each(?)) r", []any{list}, err
	}
	ids, replies := make([]int64, len(all)), make([]string, len(all))
	for i, o := range all {
		ids[i], replies[i] = o.ID, o.Reply
	}
	return "unnest(cast(? as bigint[]), cast(? as text[])) as r(id, reply)", []any{ids, replies}, nil
}

// repliesByID is a JSON object: the statement then has no part of it to read a second time.
func repliesByID(all []outcome) (string, error) {
	b := append(make([]byte, 0, 64*len(all)), '{')
	for i, o := range all {
		reply, err := json.Marshal(o.Reply)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(strconv.AppendInt(b, o.ID, 10), `":`...)
		b = append(b, reply...)
	}
	return string(append(b, '}')), nil
}

// storeOthers writes whatever results there are.
func storeOthers(tx *db.Tx, all []outcome) error {
	if len(all) == 0 {
		return nil
	}
	if tx.Dialect() == db.Postgres {
		return storeUnnested(tx, all)
	}
	list, err := json.Marshal(all)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update delivery set state = r.state, reason = r.reason, attempts = r.attempts,
  until = r.until, sent_at = r.sent_at, server = r.server, reply = r.reply
from (select value ->> 'id' as id, value ->> 'state' as state, value ->> 'reason' as reason, value ->> 'attempts' as attempts,
    value ->> 'until' as until, value ->> 'sent_at' as sent_at, value ->> 'server' as server, value ->> 'reply' as reply
  from json_each(?)) r
where delivery.id = r.id and delivery.state in ('queued', 'uncertain')`, string(list))
	return err
}

func storeUnnested(tx *db.Tx, all []outcome) error {
	n := len(all)
	ids, attempts := make([]int64, n), make([]int32, n)
	states, reasons, servers, replies := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	untils, sents := make([]*time.Time, n), make([]*time.Time, n)
	for i, o := range all {
		ids[i], attempts[i] = o.ID, int32(o.Attempts)
		states[i], reasons[i], servers[i], replies[i] = string(o.State), string(o.Reason), o.Server, o.Reply
		untils[i], sents[i] = instant(o.Until), instant(o.SentAt)
	}
	_, err := tx.Exec(`update delivery set state = r.state, reason = r.reason, attempts = r.attempts,
  until = r.until, sent_at = r.sent_at, server = r.server, reply = r.reply
from unnest(cast(? as bigint[]), cast(? as text[]), cast(? as text[]), cast(? as integer[]),
    cast(? as timestamptz[]), cast(? as timestamptz[]), cast(? as text[]), cast(? as text[]))
  as r(id, state, reason, attempts, until, sent_at, server, reply)
where delivery.id = r.id and delivery.state in ('queued', 'uncertain')`,
		ids, states, reasons, attempts, untils, sents, servers, replies)
	return err
}

func micros(t time.Time) *int64 {
	m := t.UnixMicro()
	return &m
}

func instant(m *int64) *time.Time {
	if m == nil {
		return nil
	}
	t := time.UnixMicro(*m).UTC()
	return &t
}

// addressesOf are the addresses that these deliveries went to.
func addressesOf(tx *db.Tx, deliveries []int64) ([]int64, error) {
	var ids []int64
	return ids, tx.Gorm().Model(&Delivery{}).Where("id in ?", deliveries).Distinct().Pluck("address_id", &ids).Error
}

// uncertainToResend are deliveries of a campaign that may be sent again without asking anybody.
func uncertainToResend(tx *db.Tx, campaignID int64, limit int) ([]int64, error) {
	var ids []int64
	err := tx.Gorm().Model(&Delivery{}).
		Where("state = ? and attempts < ?", DeliveryUncertain, resendTries).
		Where("exists (select 1 from campaign_step s join delivery_batch b on b.step_id = s.id where s.campaign_id = ? and s.id = delivery.step_id and b.uncertain > 0)", campaignID).
		Order("id").Limit(limit).Pluck("id", &ids).Error
	return ids, err
}

// lockDelivery reads a delivery that somebody decides about, and keeps others from deciding meanwhile.
func lockDelivery(tx *db.Tx, id int64) (Delivery, error) {
	if err := lockBatch(tx, batchOf(id)); err != nil {
		return Delivery{}, err
	}
	q := tx.Gorm().Where("id = ?", id)
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var d Delivery
	return d, orNotFound(q.Take(&d).Error)
}
