package outreach

import (
	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of reported addresses.
func (Report) TableName() string { return "reported_address" }

// insertReport notes the address at which the contact would be mailed now. Without one, and where it is
// reported already, there is nothing to note.
func insertReport(tx *db.Tx, a *Attempt) error {
	_, err := tx.Exec(`insert into reported_address (cycle_id, contact_id, address_id, reported_by, reported_at, note)
select cast(? as bigint), m.contact_id, m.address_id, cast(? as bigint), ?, cast(? as text)
from mailable_address m where m.contact_id = ? on conflict do nothing`, a.CycleID, a.VolunteerID, a.At, a.Note, a.ContactID)
	return err
}

// reportByID reads a report that somebody decides about.
func reportByID(tx *db.Tx, id int64) (Report, error) {
	q := tx.Gorm().Where("id = ?", id)
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var r Report
	err := q.Take(&r).Error
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return r, err
}

func saveDecision(tx *db.Tx, r *Report) error {
	_, err := tx.Exec("update reported_address set decision = ?, decided_by = ?, decided_at = ? where id = ?", r.Decision, r.DecidedBy, r.DecidedAt, r.ID)
	return err
}

// doubts are the reports that wait, with names.
func doubts(tx *db.Tx, cycleID, contactID int64) ([]Doubt, error) {
	var all []Doubt
	return all, tx.Gorm().Raw(`select r.report_id as id, r.*, k.name, coalesce(n.name, '') as volunteer from doubted_address r
		join contact_card k on k.contact_id = r.contact_id
		left join account_name n on n.account_id = r.reported_by
		where r.cycle_id = ? and (r.contact_id = ? or ? = 0)
		order by r.report_id limit ?`, cycleID, contactID, contactID, reportsShown).Scan(&all).Error
}
