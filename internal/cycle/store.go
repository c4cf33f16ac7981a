package cycle

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of cycles.
func (Cycle) TableName() string { return "cycle" }

// TableName is the table of their dates.
func (Date) TableName() string { return "cycle_date" }

func insertCycle(tx *db.Tx, c *Cycle) error { return tx.Gorm().Create(c).Error }

func saveState(tx *db.Tx, c *Cycle) error {
	return tx.Gorm().Model(c).UpdateColumn("state", c.State).Error
}

// lock lets one transaction at a time change a cycle and its dates; SQLite has one writer anyway.
func lock(tx *db.Tx, where string, arg any) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec("select id from cycle where "+where+" = ? for update", arg)
	return err
}

func bySlug(tx *db.Tx, slug string) (Cycle, error) {
	var c Cycle
	return c, tx.Gorm().Where("slug = ?", slug).Take(&c).Error
}

func byID(tx *db.Tx, id int64) (Cycle, error) {
	var c Cycle
	return c, tx.Gorm().Where("id = ?", id).Take(&c).Error
}

func list(tx *db.Tx) ([]Cycle, error) {
	var all []Cycle
	return all, tx.Gorm().Order("id desc").Find(&all).Error
}

func insertDate(tx *db.Tx, d *Date) error { return tx.Gorm().Create(d).Error }

func supersede(tx *db.Tx, cycleID int64, kind DateKind, now time.Time) error {
	_, err := tx.Exec("update cycle_date set superseded_at = ? where cycle_id = ? and kind = ? and superseded_at is null", now, cycleID, kind)
	return err
}

func history(tx *db.Tx, cycleID int64) ([]Date, error) {
	var dates []Date
	err := tx.Gorm().Where("cycle_id = ?", cycleID).
		Order("case when superseded_at is null then 0 else 1 end, applies_from desc, id desc").Find(&dates).Error
	return dates, err
}

// datesAt gives the dates that applied then, one of each kind at the most.
func datesAt(tx *db.Tx, cycleID int64, at time.Time) ([]Date, error) {
	var dates []Date
	err := tx.Gorm().
		Where("cycle_id = ? and applies_from <= ? and (superseded_at is null or superseded_at > ?)", cycleID, at, at).
		Order("at").Find(&dates).Error
	return dates, err
}
