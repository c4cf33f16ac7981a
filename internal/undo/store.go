package undo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of changesets.
func (Changeset) TableName() string { return "changeset" }

func insertChangeset(tx *db.Tx, c *Changeset) error { return tx.Gorm().Create(c).Error }

func changesetByID(tx *db.Tx, id int64) (Changeset, error) {
	var c Changeset
	return c, tx.Gorm().Where("id = ?", id).Take(&c).Error
}

// lockChangeset reads a changeset that is about to be continued or taken back. Images are the same
// whatever zone the connection was in.
func lockChangeset(tx *db.Tx, id int64) (Changeset, error) {
	lock := ""
	if tx.Dialect() == db.Postgres {
		lock = " for update"
	}
	if err := inUTC(tx); err != nil {
		return Changeset{}, err
	}
	var c Changeset
	err := tx.Scan(&c, "select * from changeset where id = ?"+lock, id)
	if err == nil && c.ID == 0 {
		err = gorm.ErrRecordNotFound
	}
	return c, err
}

func inUTC(tx *db.Tx) error {
	if tx.Dialect() == db.SQLite {
		return nil
	}
	_, err := tx.Exec("set local time zone 'UTC'")
	return err
}

func listChangesets(tx *db.Tx, kinds []string, before int64, limit int) ([]Changeset, error) {
	q := tx.Gorm().Where("kind in ?", kinds)
	if before != 0 {
		q = q.Where("id < ?", before)
	}
	var all []Changeset
	return all, q.Order("id desc").Limit(min(max(limit, 1), 200)).Find(&all).Error
}

func addObjects(tx *db.Tx, id int64, objects int) error {
	_, err := tx.Exec("update changeset set objects = objects + ? where id = ?", objects, id)
	return err
}

func markUndone(tx *db.Tx, id int64, by audit.Who, at time.Time) error {
	n, err := tx.Exec("update changeset set undone_at = ?, undone_by_id = ?, undone_by_name = ? where id = ? and undone_at is null",
		at, optional(by.ID), by.Name, id)
	if err == nil && n != 1 {
		return errs.E(errs.Conflict, "undo.done")
	}
	return err
}

func lastStep(tx *db.Tx, id int64) (step int, err error) {
	err = tx.QueryRow("select coalesce(max(seal), 0) from changeset_row where changeset_id = ?", id).Scan(&step)
	return step, err
}

// keepRows stores the images of rows. One that was kept before only has its image after taken again.
func keepRows(tx *db.Tx, s *Set, t table, existing bool, where string, args []any) error {
	if err := inUTC(tx); err != nil {
		return err
	}
	before, lock := "null", ""
	image, err := imageOf(tx, t)
	if err != nil {
		return err
	}
	if existing {
		before = image
	}
	if tx.Dialect() == db.Postgres {
		before = "cast(" + before + " as jsonb)"
		if existing {
			lock = " for update of t"
		}
	}
	_, err = tx.Exec(fmt.Sprintf(`insert into changeset_row (changeset_id, table_name, row_key, seal, before)
		select %d, '%s', %s, %d, %s from %s t where (%s)%s
		on conflict (changeset_id, table_name, row_key) do update set seal = excluded.seal`,
		s.ID, t.name, keyOf(tx, t), s.step, before, t.name, where, lock), args...)
	return err
}

// tablesSince are the tables of which rows were kept since a step, those that others refer to first.
func tablesSince(tx *db.Tx, id int64, first int) ([]table, error) {
	var names []string
	err := tx.Gorm().Raw("select distinct table_name from changeset_row where changeset_id = ? and seal >= ?", id, first).Scan(&names).Error
	return slices.DeleteFunc(tables(), func(t table) bool { return !slices.Contains(names, t.name) }), err
}

func sealRows(tx *db.Tx, s *Set, t table) error {
	image, err := imageOf(tx, t)
	if err != nil {
		return err
	}
	_, err = tx.Exec(fmt.Sprintf(`update changeset_row set after = (select %s from %s t where %s)
		where changeset_id = ? and table_name = '%s' and seal >= ?`, image, t.name, sameRow(tx, t, "changeset_row"), t.name), s.ID, s.first)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`delete from changeset_row where changeset_id = ? and table_name = ? and seal >= ?
		and (before = after or (before is null and after is null))`, s.ID, t.name, s.first)
	return err
}

// keyOf is the key of a row t as JSON.
func keyOf(tx *db.Tx, t table) string {
	pairs := make([]string, len(t.key))
	for i, column := range t.key {
		pairs[i] = fmt.Sprintf("'%s', t.%s", column, column)
	}
	if tx.Dialect() == db.Postgres {
		return "jsonb_build_object(" + strings.Join(pairs, ", ") + ")"
	}
	return "json_object(" + strings.Join(pairs, ", ") + ")"
}

// sameRow joins a row t to its images.
func sameRow(tx *db.Tx, t table, images string) string {
	parts := make([]string, len(t.key))
	for i, column := range t.key {
		parts[i] = fmt.Sprintf("t.%s = %s", column, member(tx, t, images+".row_key", column))
	}
	return strings.Join(parts, " and ")
}

func member(tx *db.Tx, t table, document, column string) string {
	if tx.Dialect() == db.Postgres && !slices.Contains(t.text, column) {
		return fmt.Sprintf("cast(%s ->> '%s' as bigint)", document, column)
	}
	return fmt.Sprintf("%s ->> '%s'", document, column)
}

// imageOf is a whole row t as JSON.
func imageOf(tx *db.Tx, t table) (string, error) {
	if tx.Dialect() == db.Postgres {
		return "to_jsonb(t)", nil
	}
	columns, err := columnsOf(tx, t)
	if err != nil {
		return "", err
	}
	pairs := make([]string, len(columns))
	for i, column := range columns {
		pairs[i] = fmt.Sprintf("'%s', t.%s", column, column)
	}
	return "json_object(" + strings.Join(pairs, ", ") + ")", nil
}

// columnsOf are the columns that can be written: not those that the database computes.
func columnsOf(tx *db.Tx, t table) (names []string, err error) {
	query := "select name from pragma_table_xinfo(?) where hidden = 0 order by cid"
	if tx.Dialect() == db.Postgres {
		query = `select attname from pg_attribute where attrelid = cast(? as regclass)
			and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`
	}
	if err := tx.Gorm().Raw(query, t.name).Scan(&names).Error; err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("undo: there is no table " + t.name)
	}
	return names, nil
}

// among is a condition for any number of ids.
func among(tx *db.Tx, column string, ids []int64) (where string, arg any) {
	if tx.Dialect() == db.Postgres {
		return "t." + column + " = any(cast(? as bigint[]))", ids
	}
	return "t." + column + " in (select value from json_each(?))", jsonArray(ids)
}

func jsonArray(ids []int64) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%d", id)
	}
	b.WriteByte(']')
	return b.String()
}

func imagesOf(tx *db.Tx, id int64, table string) ([]Image, error) {
	var all []Image
	return all, tx.Scan(&all, `select coalesce(cast(before as text), '') as before, coalesce(cast(after as text), '') as after
		from changeset_row where changeset_id = ? and table_name = ? order by row_key`, id, table)
}
