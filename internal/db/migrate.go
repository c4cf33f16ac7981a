package db

import (
	"context"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/convoke/convoke/internal/errs"
)

// Migrator moves the schema of one database up and down.
type Migrator struct{ goose *goose.Provider }

// MigrationStatus is one migration and whether the database has it.
type MigrationStatus struct {
	Version int64
	File    string
	Applied bool
}

// Migrator reads the migrations of this database's dialect out of files.
func (d *DB) Migrator(files fs.FS) (*Migrator, error) {
	dialect, dir := goose.DialectPostgres, "postgres"
	if d.dialect == SQLite {
		dialect, dir = goose.DialectSQLite3, "sqlite"
	}
	sub, err := fs.Sub(files, dir)
	if err != nil {
		return nil, errs.Wrap("db.migrator", err)
	}
	p, err := goose.NewProvider(dialect, d.pools[0], sub)
	if err != nil {
		return nil, errs.Wrap("db.migrator", err)
	}
	return &Migrator{goose: p}, nil
}

// Up applies what is missing and returns how many migrations it applied.
// A schema that is newer than this binary is refused with errs.Conflict.
func (m *Migrator) Up(ctx context.Context) (int, error) {
	if _, err := m.Pending(ctx); err != nil {
		return 0, err
	}
	done, err := m.goose.Up(ctx)
	return len(done), errs.Wrap("db.migrate_up", err)
}

// Down takes the newest migration back. A schema that is newer than this binary is refused with
// errs.Conflict: only the newer one knows the way back.
func (m *Migrator) Down(ctx context.Context) error {
	if _, err := m.Pending(ctx); err != nil {
		return err
	}
	_, err := m.goose.Down(ctx)
	return errs.Wrap("db.migrate_down", err)
}

// Pending counts the migrations that the database has not seen; errs.Conflict where it has
// seen one that this binary does not know.
func (m *Migrator) Pending(ctx context.Context) (int, error) {
	has, err := m.goose.GetDBVersion(ctx)
	if err != nil {
		return 0, errs.Wrap("db.version", err)
	}
	sources := m.goose.ListSources()
	pending, newest := 0, int64(0)
	for _, s := range sources {
		newest = max(newest, s.Version)
		if s.Version > has {
			pending++
		}
	}
	if has > newest {
		return 0, errs.E(errs.Conflict, "error.schema_newer", "Has", has, "Knows", newest)
	}
	return pending, nil
}

// Status lists every migration of this binary.
func (m *Migrator) Status(ctx context.Context) ([]MigrationStatus, error) {
	all, err := m.goose.Status(ctx)
	if err != nil {
		return nil, errs.Wrap("db.migrate_status", err)
	}
	out := make([]MigrationStatus, len(all))
	for i, s := range all {
		out[i] = MigrationStatus{Version: s.Source.Version, File: s.Source.Path, Applied: s.State == goose.StateApplied}
	}
	return out, nil
}
