package undo

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// mostConflicts are told; more would not help anybody.
const mostConflicts = 20

func conflictsOf(tx *db.Tx, id int64, used []table) ([]Conflict, error) {
	var all []Conflict
	for _, t := range used {
		if err := lockRows(tx, id, t); err != nil {
			return nil, err
		}
		found, err := conflictsIn(tx, id, t)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all[:min(len(all), mostConflicts)], nil
}

func lockRows(tx *db.Tx, id int64, t table) error {
	if tx.Dialect() == db.SQLite {
		return nil
	}
	_, err := tx.Exec(fmt.Sprintf(`select 1 from %s t join changeset_row r on %s
		where r.changeset_id = ? and r.table_name = '%s' order by %s for update of t`,
		t.name, sameRow(tx, t, "r"), t.name, "t."+strings.Join(t.key, ", t.")), id)
	return err
}

// conflictsIn finds the images of a table whose rows do not look as the action left them.
func conflictsIn(tx *db.Tx, id int64, t table) ([]Conflict, error) {
	image, err := imageOf(tx, t)
	if err != nil {
		return nil, err
	}
	differs := `exists (select 1 from jsonb_each(r.after) a
		where a.key not in (%[1]s) and r.before -> a.key is distinct from a.value and %[2]s -> a.key is distinct from a.value)`
	if tx.Dialect() == db.SQLite {
		differs = `exists (select 1 from json_each(r.after) a
			where a.key not in (%[1]s) and (r.before is null or (r.before ->> a.key) is not a.value) and (%[2]s ->> a.key) is not a.value)`
	}
	differs = fmt.Sprintf(differs, quoted(t.derived), image)
	there := "t." + t.key[0] + " is not null"
	rows, err := tx.Query(fmt.Sprintf(`select r.row_key, r.before, r.after, case when %[1]s then %[2]s end
		from changeset_row r left join %[3]s t on %[4]s
		where r.changeset_id = ? and r.table_name = '%[3]s' and case
			when r.before is null then %[1]s and %[5]s
			when r.after is null then %[1]s
			else not (%[1]s) or %[5]s end
		limit %[6]d`, there, image, t.name, sameRow(tx, t, "r"), differs, mostConflicts), id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []Conflict
	for rows.Next() {
		var key string
		var before, after, now sql.NullString
		if err := rows.Scan(&key, &before, &after, &now); err != nil {
			return nil, err
		}
		c, err := conflictOf(t, key, before.String, after.String, now.String)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func quoted(names []string) string { return "'" + strings.Join(names, "', '") + "'" }

func conflictOf(t table, key, before, after, now string) (Conflict, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal([]byte(key), &keys); err != nil {
		return Conflict{}, err
	}
	c := Conflict{Table: t.name}
	if err := json.Unmarshal(keys[t.key[0]], &c.ID); err != nil {
		return Conflict{}, err
	}
	if after == "" || now == "" {
		return c, nil
	}
	var was, set, is map[string]json.RawMessage
	for text, into := range map[string]*map[string]json.RawMessage{before: &was, after: &set, now: &is} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return Conflict{}, err
		}
	}
	for column, value := range set {
		if string(was[column]) != string(value) && string(is[column]) != string(value) && !slices.Contains(t.derived, column) {
			c.Columns = append(c.Columns, column)
		}
	}
	slices.Sort(c.Columns)
	return c, nil
}

// Which images a statement is about.
const (
	wasAdded   = "r.before is null"
	wasChanged = "r.before is not null and r.after is not null"
	wasDeleted = "r.before is not null and r.after is null"
	wasThere   = "r.before is not null"
	anyImage   = "true"
)

// restore sets the rows back, in an order that suits keys: what was added and nobody refers to leaves its unique places first,
// what was changed then goes back to its own before what was deleted comes back; what others refer to is there before they do
// and goes after them.
func restore(tx *db.Tx, id int64, used []table) error {
	referred := slices.DeleteFunc(slices.Clone(used), func(t table) bool { return !t.referred })
	free := slices.DeleteFunc(slices.Clone(used), func(t table) bool { return t.referred })
	for _, t := range free {
		which := wasAdded
		if t.moves {
			which = anyImage
		}
		if err := takeOut(tx, id, t, which); err != nil {
			return err
		}
	}
	for _, t := range slices.Concat(referred, free) {
		which := wasDeleted
		if t.moves {
			which = wasThere
		}
		if err := setBack(tx, id, t); err != nil {
			return err
		}
		if err := putBack(tx, id, t, which); err != nil {
			return err
		}
	}
	for _, t := range slices.Backward(referred) {
		if err := takeOut(tx, id, t, wasAdded); err != nil {
			return err
		}
	}
	return nil
}

const ofTable = "r.changeset_id = ? and r.table_name = ?"

func takeOut(tx *db.Tx, id int64, t table, which string) error {
	keys := make([]string, len(t.key))
	for i, column := range t.key {
		keys[i] = member(tx, t, "r.row_key", column)
	}
	_, err := tx.Exec(fmt.Sprintf("delete from %s where (%s) in (select %s from changeset_row r where %s and %s)",
		t.name, strings.Join(t.key, ", "), strings.Join(keys, ", "), ofTable, which), id, t.name)
	return err
}

// putBack inserts rows with the columns that their images have: a column that came with a later version of the schema
// gets its default.
func putBack(tx *db.Tx, id int64, t table, which string) error {
	columns, err := columnsOf(tx, t)
	if err != nil {
		return err
	}
	keys := "select k from (select jsonb_object_keys(r.before) as k from changeset_row r where " + ofTable + " and " + which + ") x group by k"
	if tx.Dialect() == db.SQLite {
		keys = "select j.key from changeset_row r, json_each(r.before) j where " + ofTable + " and " + which + " group by j.key"
	}
	var known []string
	if err := tx.Gorm().Raw(keys, id, t.name).Scan(&known).Error; err != nil || len(known) == 0 {
		return err
	}
	columns = slices.DeleteFunc(columns, func(c string) bool { return !slices.Contains(known, c) })
	from, values := ", jsonb_populate_record(cast(null as "+t.name+"), r.before) p", prefixed("p.", columns)
	if tx.Dialect() == db.SQLite {
		from, values = "", make([]string, len(columns))
		for i, c := range columns {
			values[i] = "r.before ->> '" + c + "'"
		}
	}
	_, err = tx.Exec(fmt.Sprintf("insert into %s (%s) select %s from changeset_row r%s where %s and %s",
		t.name, strings.Join(columns, ", "), strings.Join(values, ", "), from, ofTable, which), id, t.name)
	return err
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = prefix + name
	}
	return out
}

// setBack sets what the action changed to what it was, and leaves the other columns of the rows alone.
func setBack(tx *db.Tx, id int64, t table) error {
	columns, err := columnsOf(tx, t)
	if err != nil || t.moves {
		return err
	}
	columns = slices.DeleteFunc(columns, func(c string) bool { return slices.Contains(t.key, c) })
	if tx.Dialect() == db.Postgres {
		_, err := tx.Exec(fmt.Sprintf(`update %[1]s t set (%[2]s) = (select %[3]s from jsonb_populate_record(t, (
				select jsonb_object_agg(b.key, b.value) from jsonb_each(r.before) b
				where b.value is distinct from r.after -> b.key)) p)
			from changeset_row r where %[4]s and %[5]s and %[6]s`,
			t.name, strings.Join(columns, ", "), strings.Join(prefixed("p.", columns), ", "), sameRow(tx, t, "r"), ofTable, wasChanged), id, t.name)
		return err
	}
	sets := make([]string, len(columns))
	for i, c := range columns {
		sets[i] = fmt.Sprintf(`%[1]s = case when json_type(r.before, '$.%[1]s') is null or (r.before ->> '%[1]s') is (r.after ->> '%[1]s')
			then t.%[1]s else r.before ->> '%[1]s' end`, c)
	}
	_, err = tx.Exec(fmt.Sprintf("update %s as t set %s from changeset_row r where %s and %s and %s",
		t.name, strings.Join(sets, ", "), sameRow(tx, t, "r"), ofTable, wasChanged), id, t.name)
	return err
}

func touched(tx *db.Tx, id int64, name, column string) (ids []int64, err error) {
	query := `select distinct v from (select cast(before ->> @column as bigint) as v from changeset_row where changeset_id = @id and table_name = @table
		union select cast(after ->> @column as bigint) from changeset_row where changeset_id = @id and table_name = @table) x where v is not null order by v`
	err = tx.Gorm().Raw(query, sql.Named("column", column), sql.Named("id", id), sql.Named("table", name)).Scan(&ids).Error
	return ids, err
}

func leaveRows(tx *db.Tx, id int64, name, column string, values []int64) error {
	was, arg := among(tx, column, values)
	was = strings.TrimPrefix(was, "t."+column)
	_, err := tx.Exec(fmt.Sprintf("delete from changeset_row where changeset_id = ? and table_name = ? and (%s%s or %s%s)",
		member(tx, table{}, "before", column), was, member(tx, table{}, "after", column), was), id, name, arg, arg)
	return err
}

func valueOf(tx *db.Tx, id int64, t table, key int64, column string) (v int64, err error) {
	err = tx.QueryRow(fmt.Sprintf("select coalesce(%s, %s) from changeset_row where changeset_id = ? and table_name = ? and %s = ?",
		member(tx, t, "before", column), member(tx, t, "after", column), member(tx, t, "row_key", t.key[0])), id, t.name, key).Scan(&v)
	return v, err
}
