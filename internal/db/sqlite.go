package db

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	sqlite "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqliteDialector puts gorm on the SQLite that is written in Go, so that the first command
// of a newcomer needs no C compiler.
type sqliteDialector struct{ dsn string }

func (sqliteDialector) Name() string { return "sqlite" }

func (d sqliteDialector) Initialize(g *gorm.DB) error {
	pool, err := sql.Open("sqlite", d.dsn)
	if err != nil {
		return err
	}
	g.ConnPool = pool
	callbacks.RegisterDefaultCallbacks(g, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	return nil
}

// Migrator is gorm's own; the schema lives in SQL and nothing calls it.
func (d sqliteDialector) Migrator(g *gorm.DB) gorm.Migrator {
	return migrator.Migrator{Config: migrator.Config{DB: g, Dialector: d}}
}

// DataTypeOf names no type, because the schema lives in SQL.
func (sqliteDialector) DataTypeOf(*schema.Field) string { return "" }

func (sqliteDialector) DefaultValueOf(*schema.Field) clause.Expression {
	return clause.Expr{SQL: "NULL"}
}

func (sqliteDialector) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

func (sqliteDialector) QuoteTo(w clause.Writer, name string) {
	_ = w.WriteByte('"')
	for i := range len(name) {
		if name[i] == '.' {
			_, _ = w.WriteString(`"."`)
			continue
		}
		_ = w.WriteByte(name[i])
	}
	_ = w.WriteByte('"')
}

// Explain is for gorm's log, which is off; statements may hold addresses.
func (sqliteDialector) Explain(query string, _ ...any) string { return query }

// Translate lets gorm tell a unique violation, as its other dialectors do.
func (sqliteDialector) Translate(err error) error { return translate(err) }

// translate turns what the drivers say of broken constraints into the errors that stores look for.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
			return errors.Join(gorm.ErrDuplicatedKey, err)
		case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
			return errors.Join(gorm.ErrForeignKeyViolated, err)
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return errors.Join(gorm.ErrDuplicatedKey, err)
		case "23503":
			return errors.Join(gorm.ErrForeignKeyViolated, err)
		}
	}
	return err
}

func sqlPools(pools ...*sql.DB) []*sql.DB { return pools }
