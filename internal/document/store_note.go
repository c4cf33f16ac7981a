package document

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of notes at translated segments.
func (TranslationNote) TableName() string { return "translation_note" }

func insertNotes(tx *db.Tx, notes []TranslationNote) error {
	return tx.Gorm().CreateInBatches(&notes, 200).Error
}

func notesOf(tx *db.Tx, documentID int64, locale string) ([]TranslationNote, error) {
	var all []TranslationNote
	return all, tx.Gorm().Where("document_id = ? and locale = ?", documentID, locale).Order("id").Find(&all).Error
}

func openNotes(tx *db.Tx, documentID int64, locale string) (int64, error) {
	var n int64
	return n, tx.Gorm().Model(&TranslationNote{}).Where("document_id = ? and locale = ? and settled_at is null", documentID, locale).Count(&n).Error
}

func settleNotes(tx *db.Tx, ids []int64, at time.Time, by *int64) error {
	return tx.Gorm().Model(&TranslationNote{}).Where("id in ? and settled_at is null", ids).
		Updates(map[string]any{"settled_at": at, "settled_by": by}).Error
}

// remembered is a translation that was approved, of a text of the same cycle.
type remembered struct {
	SourceHash string
	Text       string
	Kind       Kind
}

// memory finds approved translations of the same wordings in a cycle, newest first. Of a segment, only the edition
// counts that was approved last: what was corrected is not offered again.
func memory(tx *db.Tx, d Document, locale string, hashes []string) ([]remembered, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	var rows []remembered
	return rows, tx.Gorm().Table("translation_segment g").Select("g.source_hash, g.text, d.kind").
		Where(`not exists (select 1 from translation n join revision m on m.id = n.revision_id
			join translation_segment h on h.translation_id = n.id and h.key = g.key and h.source_hash = g.source_hash
			where m.document_id = r.document_id and n.locale = t.locale and n.state = ? and n.edition > t.edition)`, Approved).
		Joins("join translation t on t.id = g.translation_id").
		Joins("join revision r on r.id = t.revision_id").
		Joins("join document d on d.id = r.document_id").
		Where("g.source_hash in ? and not g.stale and g.text <> '' and t.locale = ? and t.state = ?", hashes, locale, Approved).
		Where("d.cycle_id = ? and d.source_language = ?", d.CycleID, d.SourceLanguage).
		Order("t.approved_at desc, t.id desc").Limit(500).Find(&rows).Error
}

// approvedBefore is the newest approved translation of an earlier revision; db.IsNotFound where there is none.
func approvedBefore(tx *db.Tx, documentID int64, locale string, number int) (Translation, error) {
	var t Translation
	return t, tx.Gorm().Joins("join revision on revision.id = translation.revision_id").
		Where("revision.document_id = ? and revision.number < ? and translation.locale = ? and translation.state = ?", documentID, number, locale, Approved).
		Order("revision.number desc, translation.edition desc").Limit(1).Take(&t).Error
}

// approvedWords are all texts that were approved in a language of a document, in any of its revisions and editions.
func approvedWords(tx *db.Tx, documentID int64, locale string) (map[string]bool, error) {
	var texts []string
	err := tx.Gorm().Table("translation_segment g").Distinct("g.text").
		Joins("join translation t on t.id = g.translation_id").
		Joins("join revision r on r.id = t.revision_id").
		Where("r.document_id = ? and t.locale = ? and t.state = ?", documentID, locale, Approved).Pluck("g.text", &texts).Error
	known := make(map[string]bool, len(texts))
	for _, text := range texts {
		known[text] = true
	}
	return known, err
}
