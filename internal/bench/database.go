package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/migrations"
)

// Open makes a database that is there for the measuring only, and a function that takes it away: for
// PostgreSQL beside the one that the URL names, for SQLite in the folder for temporary files. The error is
// errs.Forbidden where the server does not let us.
func Open(ctx context.Context, target string) (*db.DB, func() error, error) {
	if !strings.HasPrefix(target, "postgres") {
		return openFile(ctx)
	}
	beside, err := db.Open(ctx, target)
	if err != nil {
		return nil, nil, err
	}
	name := fmt.Sprintf("convoke_bench_%d", os.Getpid())
	if _, err := beside.Read(ctx).Exec("create database " + name); err != nil {
		_ = beside.Close()
		return nil, nil, &errs.Error{Code: errs.Forbidden, Key: "cli.bench.create_database", Err: err}
	}
	drop := func() error {
		_, err := beside.Read(context.WithoutCancel(ctx)).Exec("drop database " + name + " with (force)")
		_ = beside.Close()
		return err
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, nil, errs.E(errs.Invalid, "config.database_url")
	}
	u.Path = "/" + name
	d, err := migrated(ctx, u.String())
	if err != nil {
		_ = drop()
		return nil, nil, err
	}
	return d, func() error { _ = d.Close(); return drop() }, nil
}

func openFile(ctx context.Context) (*db.DB, func() error, error) {
	folder, err := os.MkdirTemp("", "convoke-bench-")
	if err != nil {
		return nil, nil, err
	}
	d, err := migrated(ctx, "sqlite:"+filepath.Join(folder, "bench.db"))
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, nil, err
	}
	return d, func() error { _ = d.Close(); return os.RemoveAll(folder) }, nil
}

func migrated(ctx context.Context, target string) (*db.DB, error) {
	d, err := db.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	m, err := d.Migrator(migrations.FS)
	if err == nil {
		_, err = m.Up(ctx)
	}
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}
