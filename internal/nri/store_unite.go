package nri

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

func entriesOf(tx *db.Tx, from, into int64) ([]Initiative, error) {
	var all []Initiative
	return all, tx.Gorm().Where("contact_id in ?", []int64{from, into}).Order("id").Find(&all).Error
}

func moveEntry(tx *db.Tx, set *undo.Set, from, into int64) error {
	if err := set.Keep(tx, "nri", "t.contact_id = ?", from); err != nil {
		return err
	}
	_, err := tx.Exec("update nri set contact_id = ? where contact_id = ?", into, from)
	return err
}
