package document

import (
	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of translations.
func (Translation) TableName() string { return "translation" }

// TableName is the table of their segments.
func (TranslationSegment) TableName() string { return "translation_segment" }

func insertTranslation(tx *db.Tx, t *Translation) error { return tx.Gorm().Create(t).Error }

func saveTranslation(tx *db.Tx, t *Translation) error {
	return tx.Gorm().Model(t).Select("*").Omit("id", "revision_id", "locale").Updates(t).Error
}

func translationByID(tx *db.Tx, id int64) (Translation, error) {
	var t Translation
	return t, tx.Gorm().Where("id = ?", id).Take(&t).Error
}

func translationOf(tx *db.Tx, revisionID int64, locale string) (Translation, error) {
	var t Translation
	return t, tx.Gorm().Where("revision_id = ? and locale = ?", revisionID, locale).Take(&t).Error
}

func translationsOf(tx *db.Tx, revisionIDs ...int64) ([]Translation, error) {
	var all []Translation
	return all, tx.Gorm().Where("revision_id in ?", revisionIDs).Order("revision_id, locale").Find(&all).Error
}

func translated(tx *db.Tx, translationID int64) ([]TranslationSegment, error) {
	var all []TranslationSegment
	return all, tx.Gorm().Where("translation_id = ?", translationID).Order("key").Find(&all).Error
}

// tally counts the segments of a translation that have a text made from the present source, and those that are stale.
type tally struct {
	TranslationID int64
	Done          int
	Stale         int
}

func tallies(tx *db.Tx, revisionIDs []int64) (map[int64]tally, error) {
	var rows []tally
	err := tx.Gorm().Table("translation_segment").
		Select(`translation_id, sum(case when not stale and text <> '' then 1 else 0 end) as done,
			sum(case when stale then 1 else 0 end) as stale`).
		Where("translation_id in (select id from translation where revision_id in ?)", revisionIDs).
		Group("translation_id").Find(&rows).Error
	byID := make(map[int64]tally, len(rows))
	for _, r := range rows {
		byID[r.TranslationID] = r
	}
	return byID, err
}

// putTranslated writes segments, those that are there already included.
func putTranslated(tx *db.Tx, translationID int64, segments []TranslationSegment) error {
	if len(segments) == 0 {
		return nil
	}
	rows := make([]TranslationSegment, len(segments))
	for i, s := range segments {
		s.TranslationID = translationID
		rows[i] = s
	}
	return tx.Gorm().Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "translation_id"}, {Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"text", "source_hash", "stale"}),
	}).CreateInBatches(&rows, 200).Error
}
