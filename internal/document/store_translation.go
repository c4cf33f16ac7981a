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
	return tx.Gorm().Model(t).Select("*").Omit("id", "revision_id", "locale", "edition").Updates(t).Error
}

func translationByID(tx *db.Tx, id int64) (Translation, error) {
	var t Translation
	return t, tx.Gorm().Where("id = ?", id).Take(&t).Error
}

// closedBefore are the frozen and sent revisions of a document before one.
func closedBefore(tx *db.Tx, documentID, revisionID int64) ([]Revision, error) {
	var all []Revision
	return all, tx.Gorm().Where("document_id = ? and id < ? and state <> ?", documentID, revisionID, OpenForComment).Order("id").Find(&all).Error
}

// translationOf is the newest edition, which is worked on.
func translationOf(tx *db.Tx, revisionID int64, locale string) (Translation, error) {
	var t Translation
	return t, tx.Gorm().Where("revision_id = ? and locale = ?", revisionID, locale).Order("edition desc").Limit(1).Take(&t).Error
}

// approvedOf is an approved edition, which is read: this one, or the newest where it is 0.
func approvedOf(tx *db.Tx, revisionID int64, locale string, edition int) (Translation, error) {
	var t Translation
	return t, tx.Gorm().Where("revision_id = ? and locale = ? and state = ? and (edition = ? or ? = 0)", revisionID, locale, Approved, edition, edition).
		Order("edition desc").Limit(1).Take(&t).Error
}

// approvedEditions are those of a revision and of all that were frozen or sent, the newest first.
func approvedEditions(tx *db.Tx, documentID, revisionID int64, locale string) ([]Edition, error) {
	var all []Edition
	return all, tx.Gorm().Table("translation t").Select("t.*, r.number").Joins("join revision r on r.id = t.revision_id").
		Where("r.document_id = ? and t.locale = ? and t.state = ? and (r.id = ? or r.state <> ?)", documentID, locale, Approved, revisionID, OpenForComment).
		Order("r.number desc, t.edition desc").Find(&all).Error
}

// hasEarlier says whether the revision has an edition before this one.
func hasEarlier(tx *db.Tx, t Translation) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&Translation{}).Where("revision_id = ? and locale = ? and edition < ?", t.RevisionID, t.Locale, t.Edition).Count(&n).Error
	return n > 0, err
}

// translationsOf gives all editions, of each language the newest first.
func translationsOf(tx *db.Tx, revisionIDs ...int64) ([]Translation, error) {
	var all []Translation
	return all, tx.Gorm().Where("revision_id in ?", revisionIDs).Order("revision_id, locale, edition desc").Find(&all).Error
}

// dropTranslation takes an edition out that was never approved.
func dropTranslation(tx *db.Tx, t Translation) error {
	if err := tx.Gorm().Where("translation_id = ?", t.ID).Delete(&TranslationSegment{}).Error; err != nil {
		return err
	}
	return tx.Gorm().Where("id = ? and state <> ?", t.ID, Approved).Delete(&Translation{}).Error
}

func translated(tx *db.Tx, translationID int64) ([]TranslationSegment, error) {
	var all []TranslationSegment
	return all, tx.Gorm().Where("translation_id = ?", translationID).Order("key").Find(&all).Error
}

// pastText is a translation of a wording in some revision of a document.
type pastText struct {
	TranslationSegment
	Approved bool
}

// pastTexts finds what these wordings of a document were translated as, the newest revision and edition first.
func pastTexts(tx *db.Tx, documentID int64, locale string, hashes []string) ([]pastText, error) {
	var rows []pastText
	return rows, tx.Gorm().Table("translation_segment g").Select("g.*, t.state = ? as approved", Approved).
		Joins("join translation t on t.id = g.translation_id").
		Joins("join revision r on r.id = t.revision_id").
		Where("r.document_id = ? and t.locale = ? and g.source_hash in ? and not g.stale and g.text <> ''", documentID, locale, hashes).
		Order("r.number desc, t.edition desc, g.key").Find(&rows).Error
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
		DoUpdates: clause.AssignmentColumns([]string{"text", "source_hash", "stale", "author_id", "imported"}),
	}).CreateInBatches(&rows, 200).Error
}
