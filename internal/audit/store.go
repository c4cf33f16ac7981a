package audit

import "github.com/convoke/convoke/internal/db"

// TableName is the table of the trail.
func (Event) TableName() string { return "audit_event" }

func insert(tx *db.Tx, e *Event) error { return tx.Gorm().Create(e).Error }

// insertedAtOnce is how many events one statement writes: their values are fewer than what either database takes.
const insertedAtOnce = 1000

func insertAll(tx *db.Tx, all []Event) error {
	if len(all) == 0 {
		return nil
	}
	return tx.Gorm().CreateInBatches(all, insertedAtOnce).Error
}

func list(tx *db.Tx, f Filter) ([]Event, error) {
	q := tx.Gorm().Select("id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, cycle_id, request_id, " +
		unlessErased("before") + ", " + unlessErased("after")).Order("id desc").Limit(min(max(f.Limit, 1), 200))
	if f.ObjectKind != "" {
		q = q.Where("object_kind = ?", f.ObjectKind)
	}
	if f.ObjectID != 0 {
		q = q.Where("object_id = ?", f.ObjectID)
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	var events []Event
	return events, q.Find(&events).Error
}

func firstOf(tx *db.Tx, actions []string, since string) (map[string]Event, error) {
	var events []Event
	err := tx.Gorm().
		Where(`id in (select min(id) from audit_event where action in ?
			and id > (select coalesce(max(id), 0) from audit_event where action = ?) group by action)`, actions, since).
		Find(&events).Error
	first := make(map[string]Event, len(events))
	for _, e := range events {
		first[e.Action] = e
	}
	return first, err
}

func formerNumbers(tx *db.Tx, objectKind string, objectID int64, field string, actions []string) (ids []int64, err error) {
	before := "before"
	if tx.Dialect() == db.Postgres {
		before = "cast(before as jsonb)"
	}
	err = tx.Gorm().Raw("select distinct cast("+before+" ->> ? as bigint) from audit_event where object_kind = ? and object_id = ? and action in ? and before <> ''",
		field, objectKind, objectID, actions).Scan(&ids).Error
	return ids, err
}

// unlessErased reads a column, but for what the trail says of people who asked to be forgotten: it
// stays in the table, which is never changed, and is shown to nobody. Their places on lists are no names.
func unlessErased(column string) string {
	return "case when object_kind = 'contact' and action not in ('contact.listed', 'contact.unlisted', 'contact.erased')" +
		" and exists (select 1 from erased_contact e where e.contact_id = audit_event.object_id) then '' else " + column + " end as " + column
}

func anyOf(tx *db.Tx, action, objectKind string, objectID int64) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&Event{}).Where("object_kind = ? and object_id = ? and action = ?", objectKind, objectID, action).Limit(1).Count(&n).Error
	return n > 0, err
}
