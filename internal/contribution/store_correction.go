package contribution

import "github.com/convoke/convoke/internal/db"

// TableName is the table of corrections.
func (Correction) TableName() string { return "correction" }

// TableName is the table of texts that were replaced.
func (Version) TableName() string { return "contribution_version" }

// proposedFor is the correction that waits for an officer; nil where none does.
func proposedFor(tx *db.Tx, contributionID int64) (*Correction, error) {
	var k Correction
	err := tx.Gorm().Where("contribution_id = ? and state = ?", contributionID, Proposed).Take(&k).Error
	if db.IsNotFound(err) {
		return nil, nil
	}
	if err == nil {
		k.Files, err = waitingFiles(tx, k.ID)
	}
	return &k, err
}

// lastCorrection is the one that was asked for last, whatever became of it; nil where none was.
func lastCorrection(tx *db.Tx, contributionID int64) (*Correction, error) {
	var k Correction
	err := tx.Gorm().Where("contribution_id = ?", contributionID).Order("id desc").Take(&k).Error
	if db.IsNotFound(err) {
		return nil, nil
	}
	if err == nil && k.State == Proposed {
		k.Files, err = waitingFiles(tx, k.ID)
	}
	return &k, err
}

func insertCorrection(tx *db.Tx, k *Correction) error { return tx.Gorm().Create(k).Error }

func storeCorrection(tx *db.Tx, k *Correction) error { return tx.Gorm().Select("*").Updates(k).Error }

func insertVersion(tx *db.Tx, v *Version) error { return tx.Gorm().Create(v).Error }

// versionsOf are the texts that were replaced, the oldest first, without the answers.
func versionsOf(tx *db.Tx, contributionID int64) ([]Version, error) {
	var all []Version
	return all, tx.Gorm().Select("id, contribution_id, number, language, published_at, replaced_at").
		Where("contribution_id = ?", contributionID).Order("number").Find(&all).Error
}

func versionAt(tx *db.Tx, contributionID int64, number int) (Version, error) {
	var v Version
	return v, tx.Gorm().Where("contribution_id = ? and number = ?", contributionID, number).Take(&v).Error
}

// forgetTexts deletes all texts and documents of a contribution that was taken back, but those that stand in it.
func forgetTexts(tx *db.Tx, contributionID int64) error {
	for _, table := range []string{"contribution_version", "earlier_file", "correction_file", "correction"} {
		if _, err := tx.Exec("delete from "+table+" where contribution_id = ?", contributionID); err != nil {
			return err
		}
	}
	return nil
}

// forgetName takes the name of who left a contribution to others off its earlier versions.
func forgetName(tx *db.Tx, contributionID int64) error {
	for _, table := range []string{"contribution_version", "correction"} {
		if _, err := tx.Exec("update "+table+" set name = '', organization = '' where contribution_id = ?", contributionID); err != nil {
			return err
		}
	}
	return nil
}

// changed are what everybody can read and the stubs, what changed last first.
func changed(tx *db.Tx, cycleID int64, limit int) ([]Contribution, error) {
	var rows []Contribution
	return rows, tx.Gorm().Where("cycle_id = ? and "+isListed, cycleID).
		Order("public_changed_at desc, public_number desc").Limit(limit).Find(&rows).Error
}

// awaiting are the contributions of a cycle of which a correction waits for an officer.
func awaiting(tx *db.Tx, cycleID int64) ([]Contribution, error) {
	var rows []Contribution
	return rows, tx.Gorm().Where("cycle_id = ? and id in (select contribution_id from correction where state = ?)", cycleID, Proposed).
		Order("id").Find(&rows).Error
}
