package contact

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// column is a column of many rows that are written with one statement.
type column struct {
	name   string
	kind   string // its type in PostgreSQL
	values any    // a slice, or one value for all rows
}

func texts[T any](name string, from []T, of func(T) string) column {
	return columnOf(name, "text", from, of)
}

func numbers[T any](name string, from []T, of func(T) int64) column {
	return columnOf(name, "bigint", from, of)
}

func columnOf[T, V any](name, kind string, from []T, of func(T) V) column {
	values := make([]V, len(from))
	for i, v := range from {
		values[i] = of(v)
	}
	return column{name, kind, values}
}

// amongAll is a condition for any number of values of a column, and its one argument.
func amongAll[T int64 | string](tx *db.Tx, name string, values []T) (where string, arg any, err error) {
	if tx.Dialect() == db.Postgres {
		kind := "text"
		if _, whole := any(values).([]int64); whole {
			kind = "bigint"
		}
		return fmt.Sprintf("%s = any(cast(? as %s[]))", name, kind), values, nil
	}
	list, err := json.Marshal(values)
	return name + " in (select value from json_each(?))", string(list), err
}

// rowsOf is a source of rows for a statement: x with the columns, and its arguments. The values of a
// column that is one value for all rows are arguments too.
func rowsOf(tx *db.Tx, columns []column) (from string, args []any, err error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	if tx.Dialect() == db.Postgres {
		casts := make([]string, len(columns))
		for i, c := range columns {
			casts[i] = fmt.Sprintf("cast(? as %s[])", c.kind)
			args = append(args, c.values)
		}
		return fmt.Sprintf("unnest(%s) as x(%s)", strings.Join(casts, ", "), strings.Join(names, ", ")), args, nil
	}
	list, err := jsonRows(columns)
	fields := make([]string, len(columns))
	for i, c := range columns {
		fields[i] = fmt.Sprintf("value ->> %d as %s", i, c.name)
	}
	return fmt.Sprintf("(select %s from json_each(?)) x", strings.Join(fields, ", ")), []any{list}, err
}

// jsonRows writes columns as an array of rows, times in microseconds.
func jsonRows(columns []column) (string, error) {
	cells := make([]func(int) any, len(columns))
	n := 0
	for i, c := range columns {
		cells[i], n = cellsOf(c.values)
	}
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = make([]any, len(columns))
		for j, cell := range cells {
			rows[i][j] = cell(i)
		}
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

func cellsOf(values any) (cell func(int) any, n int) {
	switch v := values.(type) {
	case []string:
		return func(i int) any { return v[i] }, len(v)
	case []int64:
		return func(i int) any { return v[i] }, len(v)
	case []bool:
		return func(i int) any { return v[i] }, len(v)
	case []*int64:
		return func(i int) any { return v[i] }, len(v)
	case []time.Time:
		return func(i int) any { return v[i].UnixMicro() }, len(v)
	}
	return func(int) any { return nil }, 0
}

// insertRows adds many rows with one statement.
func insertRows(tx *db.Tx, table string, columns []column) error {
	from, args, err := rowsOf(tx, columns)
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	list := strings.Join(names, ", ")
	_, err = tx.Exec(fmt.Sprintf("insert into %s (%s) select %s from %s", table, list, list, from), args...)
	return err
}

// updateRows sets the columns of many rows with one statement; the first column is the id.
func updateRows(tx *db.Tx, table string, columns []column) error {
	from, args, err := rowsOf(tx, columns)
	if err != nil {
		return err
	}
	sets := make([]string, 0, len(columns))
	for _, c := range columns[1:] {
		sets = append(sets, c.name+" = x."+c.name)
	}
	_, err = tx.Exec(fmt.Sprintf("update %s set %s from %s where %s.id = x.id", table, strings.Join(sets, ", "), from, table), args...)
	return err
}

// takeIDs takes ids of a table for rows that are about to be inserted.
func takeIDs(tx *db.Tx, table string, n int) ([]int64, error) {
	if n == 0 {
		return nil, nil
	}
	if tx.Dialect() == db.SQLite {
		// SQLite has one writer: nobody else takes these before this transaction ends.
		var last int64
		err := tx.QueryRow("select coalesce(max(seq), 0) from sqlite_sequence where name = '" + table + "'").Scan(&last)
		ids := make([]int64, n)
		for i := range ids {
			ids[i] = last + int64(i) + 1
		}
		return ids, err
	}
	return scanValues[int64](tx, "select nextval(pg_get_serial_sequence('"+table+"', 'id')) from generate_series(1, cast(? as integer))", n)
}

// scanAll reads all rows of a statement into structs, as gorm names their columns. Lists among the
// arguments stay lists, other than with gorm.
func scanAll[T any](tx *db.Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	if !rows.Next() {
		return nil, rows.Err()
	}
	return all, tx.Gorm().ScanRows(rows, &all)
}

// scanValues is scanAll for a statement of one column.
func scanValues[T any](tx *db.Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
