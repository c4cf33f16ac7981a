package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/migrations"
)

// Open makes a database that is there for the measuring only, and a function that takes it away, as Temporary does, and opens it.
func Open(ctx context.Context, target string) (*db.DB, func() error, error) {
	made, drop, err := Temporary(ctx, target)
	if err != nil {
		return nil, nil, err
	}
	d, err := migrated(ctx, made)
	if err != nil {
		return nil, nil, errors.Join(err, drop())
	}
	return d, func() error { return errors.Join(d.Close(), drop()) }, nil
}

// Temporary makes an empty database, for PostgreSQL beside the one that the URL names, for SQLite in the folder for temporary
// files, and a function that takes it away. The error is errs.Forbidden where the server does not let us.
func Temporary(ctx context.Context, target string) (made string, drop func() error, err error) {
	if !strings.HasPrefix(target, "postgres") {
		folder, err := os.MkdirTemp("", "convoke-bench-")
		return "sqlite:" + filepath.Join(folder, "bench.db"), func() error { return os.RemoveAll(folder) }, err
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", nil, errs.E(errs.Invalid, "config.database_url")
	}
	beside, err := db.Open(ctx, target)
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("convoke_bench_%d", os.Getpid())
	if _, err := beside.Read(ctx).Exec("create database " + name); err != nil {
		return "", nil, errors.Join(&errs.Error{Code: errs.Forbidden, Key: "cli.bench.create_database", Err: err}, beside.Close())
	}
	u.Path = "/" + name
	return u.String(), func() error {
		_, err := beside.Read(context.WithoutCancel(ctx)).Exec("drop database " + name + " with (force)")
		return errors.Join(err, beside.Close())
	}, nil
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
