package demo

import (
	"context"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/migrations"
)

// Foreign says whether a database holds something and was not begun by a demo. A demo whose first
// load broke off is its own: each thing that it lays out leaves an event with the demo as actor.
// A database without the schema is nobody's, and Foreign leaves it so.
func Foreign(ctx context.Context, d *db.DB) (bool, error) {
	m, err := d.Migrator(migrations.FS)
	if err != nil {
		return false, errs.Wrap("demo.foreign", err)
	}
	steps, err := m.Status(ctx)
	if err != nil || len(steps) == 0 || !steps[0].Applied {
		return false, errs.Wrap("demo.foreign", err)
	}
	var foreign bool
	by := program().Who
	err = d.Read(ctx).QueryRow(`select
		(exists (select 1 from account) or exists (select 1 from contact) or exists (select 1 from audit_event))
		and not exists (select 1 from audit_event where actor_kind = ? and actor_name = ?)`,
		string(by.Kind), by.Name).Scan(&foreign)
	return foreign, errs.Wrap("demo.foreign", err)
}
