package main

import (
	"context"
	"fmt"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/migrations"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply the migrations that are missing."`
	Down   migrateDownCmd   `cmd:"" help:"Take the newest migration back, with what its tables hold."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations and whether the database has them."`
}

type (
	migrateUpCmd   struct{}
	migrateDownCmd struct {
		LoseData bool `required:"" help:"Say that you mean it: what the tables of that migration hold, the audit trail perhaps, is lost."`
	}
	migrateStatusCmd struct{}
)

// Run applies what is missing.
func (migrateUpCmd) Run(ctx context.Context, c *cli) error {
	return c.withMigrator(ctx, func(m *db.Migrator) error {
		n, err := m.Up(ctx)
		if err == nil {
			fmt.Printf("%d migrations applied\n", n)
		}
		return err
	})
}

// Run takes the newest migration back, for who says so in so many words.
func (d migrateDownCmd) Run(ctx context.Context, c *cli) error {
	if !d.LoseData {
		return nil
	}
	return c.withMigrator(ctx, func(m *db.Migrator) error { return m.Down(ctx) })
}

// Run lists the migrations.
func (migrateStatusCmd) Run(ctx context.Context, c *cli) error {
	return c.withMigrator(ctx, func(m *db.Migrator) error {
		all, err := m.Status(ctx)
		for _, s := range all {
			state := "missing"
			if s.Applied {
				state = "applied"
			}
			fmt.Printf("%5d  %-8s %s\n", s.Version, state, s.File)
		}
		return err
	})
}

func (c *cli) withMigrator(ctx context.Context, fn func(*db.Migrator) error) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	d, err := openDatabase(ctx, cfg.DatabaseURL, newLogger(cfg.LogFormat))
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	m, err := d.Migrator(migrations.FS)
	if err != nil {
		return err
	}
	return fn(m)
}
