package contribution

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of those who edit with a contributor.
func (Editor) TableName() string { return "contribution_editor" }

// insertEditor stores an invitation; mine is false where the address was invited already.
func insertEditor(tx *db.Tx, e *Editor) (mine bool, err error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(e)
	return res.RowsAffected == 1, res.Error
}

func storeEditor(tx *db.Tx, e *Editor) error { return tx.Gorm().Select("*").Updates(e).Error }

func editorByID(tx *db.Tx, id int64) (Editor, error) {
	var e Editor
	return e, tx.Gorm().Where("id = ?", id).Take(&e).Error
}

// editorsOf are those of a contribution in the order in which they were invited, also those who are none any more.
func editorsOf(tx *db.Tx, contributionID int64) ([]Editor, error) {
	var all []Editor
	return all, tx.Gorm().Where("contribution_id = ?", contributionID).Order("id").Find(&all).Error
}

// byEditor finds what somebody was invited to edit. With lock the invitation is read after the contribution is held, so that nothing
// is saved after it was taken back.
func byEditor(tx *db.Tx, e Editor, lock bool) (Contribution, error) {
	c, err := take(tx, lock, "id = ?", e.ContributionID)
	if err != nil || !lock {
		return c, err
	}
	now, err := editorByID(tx, e.ID)
	if err != nil {
		return c, err
	}
	return c, now.allowed()
}

// letEditorsGo ends every invitation to a contribution and forgets whom it was for.
func letEditorsGo(tx *db.Tx, contributionID int64, at time.Time) error {
	_, err := tx.Exec("update contribution_editor set name = '', email = '', state = 'revoked', revoked_at = coalesce(revoked_at, ?) where contribution_id = ?",
		at, contributionID)
	return err
}

func eraseEditor(tx *db.Tx, contactID int64) error {
	_, err := tx.Exec("update contribution_editor set name = '', email = '', state = 'revoked' where contact_id = ?", contactID)
	return err
}
