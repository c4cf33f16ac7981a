package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// Tx is what stores speak through: a transaction inside of Write, or a handle for reading.
type Tx struct {
	ctx     context.Context
	gorm    *gorm.DB
	dialect Dialect
	kept    *kept // nil but for writing to SQLite
	often   bool  // statements keep their text, whatever the values
	after   *[]func()
}

// OnCommit has fn called once the transaction is committed, and never where it is not; outside of Write never.
func (tx *Tx) OnCommit(fn func()) {
	if tx.after != nil {
		*tx.after = append(*tx.after, fn)
	}
}

// Context is the caller's context. Inside of Write it also refuses a nested Write.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Gorm is the gorm session, for everything that is not on the path of sending.
func (tx *Tx) Gorm() *gorm.DB { return tx.gorm }

// Dialect says which database this is, for the few statements that must differ.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// Exec runs a statement with ? placeholders and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	query, args = tx.bind(query, args)
	res, err := tx.gorm.Statement.ConnPool.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, translate(err)
	}
	return res.RowsAffected()
}

// Query runs a statement with ? placeholders; the caller closes the rows.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	query, args = tx.bind(query, args)
	rows, err := tx.gorm.Statement.ConnPool.QueryContext(tx.ctx, query, args...)
	return rows, translate(err)
}

// QueryRow runs a statement with ? placeholders that gives at most one row.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	query, args = tx.bind(query, args)
	return tx.gorm.Statement.ConnPool.QueryRowContext(tx.ctx, query, args...)
}

// Scan runs a statement with ? placeholders and reads its rows into a struct or a slice of structs, as
// gorm names their columns.
func (tx *Tx) Scan(into any, query string, args ...any) error {
	if tx.dialect == SQLite {
		query, args = tx.bind(query, args)
	}
	return tx.gorm.Raw(query, args...).Scan(into).Error // which numbers the placeholders itself
}

// IsNotFound says whether an error means that there is no such row.
func IsNotFound(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}

// IsDuplicate says whether an error means that a unique index refused the row.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// IsReferred says whether an error means that a row is referred to by another, or refers to one that is not there.
func IsReferred(err error) bool { return errors.Is(err, gorm.ErrForeignKeyViolated) }

// IsDeadlock says whether PostgreSQL ended a transaction because it and another waited for each other: the same may work when it
// is done again from the start.
func IsDeadlock(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "40P01"
}

// bind writes the placeholders as the database wants them: $1, $2, … for PostgreSQL. For SQLite whole
// numbers are written into the statement, because it plans a statement a second time as soon as it knows
// a value that could have changed the plan, and for a report the planning takes longer than the reading.
// What is said often is planned without the values, and keeps its text.
func (tx *Tx) bind(query string, args []any) (string, []any) {
	if len(args) == 0 || tx.often {
		return query, args
	}
	if tx.dialect == Postgres {
		return placeholders(query, func(n int) string { return "$" + strconv.Itoa(n+1) }), args
	}
	var rest []any
	count := 0
	query = placeholders(query, func(n int) string {
		count++
		if n >= len(args) {
			return "?" // the driver refuses it
		}
		if digits, ok := wholeNumber(args[n]); ok {
			return digits
		}
		rest = append(rest, args[n])
		return "?"
	})
	return query, append(rest, args[min(count, len(args)):]...)
}

// placeholders replaces each ?, counted from 0, leaving quoted text alone.
func placeholders(query string, with func(n int) string) string {
	var b strings.Builder
	b.Grow(len(query) + 16)
	n, quoted := 0, false
	for i := range len(query) {
		c := query[i]
		switch {
		case c == '\'':
			quoted = !quoted
			b.WriteByte(c)
		case c == '?' && !quoted:
			b.WriteString(with(n))
			n++
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// wholeNumber is a value in digits, where it is an integer that is not negative.
func wholeNumber(v any) (string, bool) {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10), v >= 0
	case int:
		return strconv.Itoa(v), v >= 0
	}
	return "", false
}
