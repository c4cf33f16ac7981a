package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// Tx is what stores speak through: a transaction inside of Write, or a handle for reading.
type Tx struct {
	ctx     context.Context
	gorm    *gorm.DB
	dialect Dialect
}

// Context is the caller's context. Inside of Write it also refuses a nested Write.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Gorm is the gorm session, for everything that is not on the path of sending.
func (tx *Tx) Gorm() *gorm.DB { return tx.gorm }

// Dialect says which database this is, for the few statements that must differ.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// Exec runs a statement with ? placeholders and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	res, err := tx.gorm.Statement.ConnPool.ExecContext(tx.ctx, tx.bind(query), args...)
	if err != nil {
		return 0, translate(err)
	}
	return res.RowsAffected()
}

// Query runs a statement with ? placeholders; the caller closes the rows.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	rows, err := tx.gorm.Statement.ConnPool.QueryContext(tx.ctx, tx.bind(query), args...)
	return rows, translate(err)
}

// QueryRow runs a statement with ? placeholders that gives at most one row.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	return tx.gorm.Statement.ConnPool.QueryRowContext(tx.ctx, tx.bind(query), args...)
}

// IsNotFound says whether an error means that there is no such row.
func IsNotFound(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}

// IsDuplicate says whether an error means that a unique index refused the row.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// bind turns ? into $1, $2, … for PostgreSQL, leaving quoted text alone.
func (tx *Tx) bind(query string) string {
	if tx.dialect == SQLite || !strings.Contains(query, "?") {
		return query
	}
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
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
