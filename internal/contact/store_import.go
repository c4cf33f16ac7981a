package contact

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of imports.
func (Import) TableName() string { return "import" }

// TableName is the table of rows that somebody may want to look at.
func (RowVerdict) TableName() string { return "import_row" }

func insertImport(tx *db.Tx, i *Import) error { return tx.Gorm().Create(i).Error }

func importByID(tx *db.Tx, id int64) (Import, error) {
	var i Import
	return i, importNotFound(tx.Gorm().Where("id = ?", id).Take(&i).Error)
}

func lockImport(tx *db.Tx, id int64) (Import, error) {
	q := tx.Gorm().Where("id = ?", id)
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var i Import
	return i, importNotFound(q.Take(&i).Error)
}

// lockBatches lets one batch at a time be judged and written: of two imports that bring the same people the later one knows
// those of the other, though no address tells who is who. SQLite has one writer anyway.
func lockBatches(tx *db.Tx) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec("select pg_advisory_xact_lock(hashtextextended('contact.import', 0))")
	return err
}

func importNotFound(err error) error {
	if db.IsNotFound(err) {
		return errs.E(errs.NotFound, "contact.import.not_found")
	}
	return err
}

func saveImport(tx *db.Tx, i *Import) error {
	return tx.Gorm().Model(i).Select("*").Omit("id", "created_at").UpdateColumns(i).Error
}

func listImports(tx *db.Tx, before int64, limit int) ([]Import, error) {
	q := tx.Gorm().Order("id desc").Limit(limit)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	var all []Import
	return all, q.Find(&all).Error
}

// unfinishedImport is an import of the same file in the same way that a command began and did not finish.
func unfinishedImport(tx *db.Tx, i *Import) (Import, error) {
	var found Import
	q := tx.Gorm().Where("sha256 = ? and mapping = ? and detected = ? and not stored and state = ?", i.SHA256, i.Mapping, i.Detected, ImportImporting).
		Where("source = ? and lawful_basis = ? and stakeholder_group = ? and country = ? and duplicates = ?", i.Source, i.LawfulBasis, i.StakeholderGroup, i.Country, i.Duplicates).
		Where("coalesce(cycle_id, 0) = ?", deref(i.CycleID))
	return found, q.Order("id desc").Take(&found).Error
}

func deref(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

// What there is to do on an import, and what of it needs no file.
const (
	toCompare = "(state in ('done', 'failed') and started_at is not null and compared_at is null)"
	toDo      = "(state in ('mapped', 'importing', 'undoing') or " + toCompare + ")"
	fileless  = "(state = 'undoing' or " + toCompare + ")"
)

// waitingImports are those on which nobody works, of files that we keep.
func waitingImports(tx *db.Tx, now time.Time) ([]int64, error) {
	return scanValues[int64](tx, "select id from import where "+toDo+" and (stored or "+fileless+") and (lease_until is null or lease_until < ?) order by id", now)
}

// leaseImport says whether the import is this owner's until then.
func leaseImport(tx *db.Tx, id int64, owner string, now, until time.Time) (bool, error) {
	n, err := tx.Exec("update import set owner = ?, lease_until = ? where id = ? and "+toDo+" and (lease_until is null or lease_until < ?)",
		owner, until, id, now)
	return n == 1, err
}

func releaseImport(tx *db.Tx, id int64, owner string) error {
	_, err := tx.Exec("update import set owner = '', lease_until = null where id = ? and owner = ?", id, owner)
	return err
}

func insertChunk(tx *db.Tx, importID int64, number int, content []byte) error {
	_, err := tx.Exec("insert into import_chunk (import_id, number, content) values (?, ?, ?)", importID, number, content)
	return err
}

func chunkOf(tx *db.Tx, importID int64, number int) ([]byte, error) {
	var content []byte
	return content, tx.QueryRow("select content from import_chunk where import_id = ? and number = ?", importID, number).Scan(&content)
}

// forgetRows forgets what was found out about the rows of an import.
func forgetRows(tx *db.Tx, importID int64) error {
	_, err := tx.Exec("delete from import_row where import_id = ?", importID)
	return err
}

// replaceRows stores the verdicts of a part of the file in the place of those that were found before.
func replaceRows(tx *db.Tx, importID int64, from, to int, rows []RowVerdict) error {
	if _, err := tx.Exec("delete from import_row where import_id = ? and number between ? and ?", importID, from, to); err != nil {
		return err
	}
	var kept []*RowVerdict
	for i := range rows {
		if !rows[i].kept() {
			continue
		}
		if err := rows[i].pack(); err != nil {
			return err
		}
		kept = append(kept, &rows[i])
	}
	if len(kept) == 0 {
		return nil
	}
	return insertRows(tx, "import_row", []column{
		numbers("import_id", kept, func(r *RowVerdict) int64 { return r.ImportID }),
		numbers("number", kept, func(r *RowVerdict) int64 { return int64(r.Number) }),
		texts("verdict", kept, func(r *RowVerdict) string { return string(r.Verdict) }),
		texts("name", kept, func(r *RowVerdict) string { return r.Name }),
		columnOf("contact_id", "bigint", kept, func(r *RowVerdict) *int64 { return r.ContactID }),
		numbers("of_row", kept, func(r *RowVerdict) int64 { return int64(r.OfRow) }),
		texts("detail", kept, func(r *RowVerdict) string { return r.Detail }),
		texts("decision", kept, func(r *RowVerdict) string { return string(r.Decision) }),
	})
}

func listRows(tx *db.Tx, importID int64, verdict Verdict, after, limit int) ([]RowVerdict, error) {
	q := tx.Gorm().Where("import_id = ? and number > ?", importID, after)
	if verdict != "" {
		q = q.Where("verdict = ?", verdict)
	}
	var all []RowVerdict
	if err := q.Order("number").Limit(limit).Find(&all).Error; err != nil {
		return nil, err
	}
	for i := range all {
		if err := all[i].unpack(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// decisionsOn are what was decided about rows of a part of the file.
func decisionsOn(tx *db.Tx, importID int64, from, to int) (map[int]decided, error) {
	rows, err := tx.Query(`select number, decision, coalesce(contact_id, 0) from import_row
		where import_id = ? and number between ? and ? and decision <> ''`, importID, from, to)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[int]decided{}
	for rows.Next() {
		var number int
		var d decided
		if err := rows.Scan(&number, &d.what, &d.contactID); err != nil {
			return nil, err
		}
		all[number] = d
	}
	return all, rows.Err()
}

// decideRow says whether there is such a possible duplicate.
func decideRow(tx *db.Tx, importID int64, number int, d Decision) (bool, error) {
	n, err := tx.Exec("update import_row set decision = ? where import_id = ? and number = ? and verdict = ?", d, importID, number, VerdictPossibleDuplicate)
	return n == 1, err
}

func noteChangeset(tx *db.Tx, importID, changesetID int64) error {
	_, err := tx.Exec("insert into import_changeset (import_id, changeset_id) values (?, ?)", importID, changesetID)
	return err
}

// changesetsOf are the last first.
func changesetsOf(tx *db.Tx, importID int64) ([]int64, error) {
	return scanValues[int64](tx, "select changeset_id from import_changeset where import_id = ? order by changeset_id desc", importID)
}

// changesetAfter is the next changeset of an import, 0 behind the last.
func changesetAfter(tx *db.Tx, importID, after int64) (id int64, err error) {
	return id, tx.QueryRow("select coalesce(min(changeset_id), 0) from import_changeset where import_id = ? and changeset_id > ?", importID, after).Scan(&id)
}

func addedAfter(tx *db.Tx, importID, after int64, limit int) ([]int64, error) {
	return scanValues[int64](tx, "select id from contact where import_id = ? and id > ? order by id limit ?", importID, after, limit)
}

func cycleName(tx *db.Tx, id int64) (string, error) {
	var name string
	err := tx.QueryRow("select name from cycle_name where cycle_id = ?", id).Scan(&name)
	if db.IsNotFound(err) {
		return "", errs.InvalidFields(errs.FieldError("cycle", "contact.import.no_cycle"))
	}
	return name, err
}

// rowsBetween names a part of a file for the trail.
func rowsBetween(from, to int) string { return fmt.Sprintf("%d–%d", from, to) }
