package campaign

import (
	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of saved filters; that of a text's segments has the other name.
func (Segment) TableName() string { return "audience_segment" }

func listSegments(tx *db.Tx, cycleID int64) (all []Segment, err error) {
	return all, tx.Gorm().Where("cycle_id = ?", cycleID).Order("name, id").Find(&all).Error
}

func loadSegment(tx *db.Tx, id int64) (Segment, error) {
	var g Segment
	return g, noSegment(tx.Gorm().Where("id = ?", id).Take(&g).Error)
}

// lockSegment is loadSegment for those who will change it.
func lockSegment(tx *db.Tx, id int64) (Segment, error) {
	q := tx.Gorm()
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var g Segment
	return g, noSegment(q.Where("id = ?", id).Take(&g).Error)
}

func insertSegment(tx *db.Tx, g *Segment) error { return nameTaken(tx.Gorm().Create(g).Error) }

func updateSegment(tx *db.Tx, g *Segment) error {
	return nameTaken(tx.Gorm().Select("*").Updates(g).Error)
}

func deleteSegment(tx *db.Tx, id int64) error {
	_, err := tx.Exec("delete from audience_segment where id = ?", id)
	return err
}

func noSegment(err error) error {
	if db.IsNotFound(err) {
		return errs.E(errs.NotFound, "segment.not_found")
	}
	return err
}

func nameTaken(err error) error {
	if db.IsDuplicate(err) {
		return errs.InvalidFields(errs.FieldError("name", "field.taken"))
	}
	return err
}
