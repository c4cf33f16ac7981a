package document

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of documents.
func (Document) TableName() string { return "document" }

// TableName is the table of revisions.
func (Revision) TableName() string { return "revision" }

// TableName is the table of segments.
func (Segment) TableName() string { return "segment" }

func insertDocument(tx *db.Tx, d *Document) error { return tx.Gorm().Create(d).Error }

func documentByID(tx *db.Tx, id int64) (Document, error) {
	var d Document
	return d, tx.Gorm().Where("id = ?", id).Take(&d).Error
}

func saveLanguagePolicy(tx *db.Tx, d *Document) error {
	return tx.Gorm().Model(d).Select("language_policy").Updates(d).Error
}

// lockDocument makes writers of one document wait for each other. SQLite has one writer anyway.
func lockDocument(tx *db.Tx, id int64) (Document, error) {
	g := tx.Gorm()
	if tx.Dialect() == db.Postgres {
		g = g.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var d Document
	return d, g.Where("id = ?", id).Take(&d).Error
}

func documentBySlug(tx *db.Tx, cycleID int64, slug string) (Document, error) {
	var d Document
	return d, tx.Gorm().Where("cycle_id = ? and slug = ?", cycleID, slug).Take(&d).Error
}

func documentsOf(tx *db.Tx, cycleID int64) ([]Document, error) {
	var all []Document
	return all, tx.Gorm().Where("cycle_id = ?", cycleID).Order("id").Find(&all).Error
}

func saveFreezeDate(tx *db.Tx, d *Document) error {
	return tx.Gorm().Model(d).Select("freeze_on", "freeze_zone", "freeze_at", "freeze_set_by", "freeze_refused").Updates(d).Error
}

// dueToFreeze lists the documents whose time to be frozen has come, the longest due first; of one
// cycle, or of all where it is 0.
func dueToFreeze(tx *db.Tx, cycleID int64, now time.Time) ([]Document, error) {
	g := tx.Gorm().Where("freeze_at is not null and freeze_at <= ?", now)
	if cycleID != 0 {
		g = g.Where("cycle_id = ?", cycleID)
	}
	var all []Document
	return all, g.Order("freeze_at, id").Find(&all).Error
}

func insertRevision(tx *db.Tx, r *Revision) error { return tx.Gorm().Create(r).Error }

func revisionByID(tx *db.Tx, id int64) (Revision, error) {
	var r Revision
	return r, tx.Gorm().Where("id = ?", id).Take(&r).Error
}

func currentRevision(tx *db.Tx, documentID int64) (Revision, error) {
	var r Revision
	return r, tx.Gorm().Where("document_id = ?", documentID).Order("number desc").Limit(1).Take(&r).Error
}

func frozenRevision(tx *db.Tx, documentID int64) (Revision, error) {
	var r Revision
	return r, tx.Gorm().Where("document_id = ? and state <> ?", documentID, OpenForComment).Order("number desc").Limit(1).Take(&r).Error
}

// currentRevisions gives the current revision of each document of a cycle.
func currentRevisions(tx *db.Tx, cycleID int64) (map[int64]Revision, error) {
	var all []Revision
	err := tx.Gorm().Where(`document_id in (select id from document where cycle_id = ?)
		and not exists (select 1 from revision later where later.document_id = revision.document_id and later.number > revision.number)`, cycleID).
		Find(&all).Error
	byDocument := make(map[int64]Revision, len(all))
	for _, r := range all {
		byDocument[r.DocumentID] = r
	}
	return byDocument, err
}

func revisionsOf(tx *db.Tx, documentID int64) ([]Revision, error) {
	var all []Revision
	return all, tx.Gorm().Omit("structure").Where("document_id = ?", documentID).Order("number desc").Find(&all).Error
}

func saveRevisionState(tx *db.Tx, r *Revision) error {
	return tx.Gorm().Model(r).Select("state", "frozen_at", "frozen_by", "sent_at", "freeze_reason").Updates(r).Error
}

func insertSegments(tx *db.Tx, revisionID int64, segments []Segment) error {
	rows := make([]Segment, len(segments))
	for i, s := range segments {
		s.RevisionID = revisionID
		rows[i] = s
	}
	return tx.Gorm().CreateInBatches(&rows, 200).Error
}

// unshownAddresses are those of contributions that were public and are not now, in the view of their room.
func unshownAddresses(tx *db.Tx) (all []string, err error) {
	return all, tx.Scan(&all, "select address from unshown_contribution")
}

func segmentsOf(tx *db.Tx, revisionID int64) ([]Segment, error) {
	var all []Segment
	return all, tx.Gorm().Where("revision_id = ?", revisionID).Order("position").Find(&all).Error
}

// segmentsOfAll gives the segments of several revisions, by revision.
func segmentsOfAll(tx *db.Tx, revisionIDs []int64) (map[int64][]Segment, error) {
	var all []Segment
	err := tx.Gorm().Where("revision_id in ?", revisionIDs).Order("revision_id, position").Find(&all).Error
	byRevision := make(map[int64][]Segment, len(revisionIDs))
	for _, s := range all {
		byRevision[s.RevisionID] = append(byRevision[s.RevisionID], s)
	}
	return byRevision, err
}

// earlierTexts gives every wording that the segments with these keys have had in the document, newest first.
func earlierTexts(tx *db.Tx, documentID int64, keys []string) (map[string][]string, error) {
	var rows []Segment
	err := tx.Gorm().Joins("join revision on revision.id = segment.revision_id").
		Where("revision.document_id = ? and segment.key in ?", documentID, keys).
		Order("revision.number desc").Find(&rows).Error
	byKey := make(map[string][]string, len(keys))
	for _, s := range rows {
		byKey[s.Key] = append(byKey[s.Key], s.Text)
	}
	return byKey, err
}
