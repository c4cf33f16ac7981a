package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/migrations"
)

// How long a start waits for a database that is still starting itself.
const databasePatience = 30 * time.Second

// openDatabase tries for a while, because in an installation the database often starts at the
// same time, and says that it waits.
func openDatabase(ctx context.Context, url string, log *slog.Logger) (*db.DB, error) {
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	retry := time.NewTicker(time.Second)
	defer retry.Stop()
	told := false
	for {
		d, err := db.Open(ctx, url)
		if err == nil || !errs.Is(err, errs.Unavailable) || !isServer(url) {
			return d, err
		}
		if !told {
			log.Warn("waiting for the database", "for", databasePatience, "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-retry.C:
		}
	}
}

// isServer says whether waiting may help: a file that cannot be opened stays so.
func isServer(url string) bool { return len(url) > 8 && url[:8] == "postgres" }

// migrated opens the database and brings it to this program's schema.
func migrated(ctx context.Context, url string, log *slog.Logger) (*db.DB, error) {
	d, err := openDatabase(ctx, url, log)
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
