package bench

import (
	"context"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// bareInsert is how long one INSERT … SELECT of a whole list takes into an empty table like that of the deliveries.
func bareInsert(ctx context.Context, d *db.DB, cycleID int64, now func() time.Time) (took time.Duration, err error) {
	if err := d.Write(ctx, func(tx *db.Tx) error { return bareTable(tx) }); err != nil {
		return 0, err
	}
	began := now()
	err = d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into bare_delivery (id, step_id, contact_id, address_id, locale, fallback, edition, variant, stakeholder_group, region, state, reason)
select l.id, 1, l.contact_id, l.mailbox_id, 'en', false, 1, '', l.stakeholder_group, l.region, 'queued', '' from listing l where l.cycle_id = ? order by l.id`, cycleID)
		return err
	})
	took = now().Sub(began)
	if err != nil {
		return took, err
	}
	return took, d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec("drop table bare_delivery"); return err })
}

// bareTable makes a table with the columns and indexes of the deliveries. What they refer to is not checked there.
func bareTable(tx *db.Tx) error {
	if tx.Dialect() == db.Postgres {
		_, err := tx.Exec("create table bare_delivery (like delivery including all) with (fillfactor = 45)")
		return err
	}
	var statements []string
	if err := tx.Scan(&statements, "select sql from sqlite_master where tbl_name = 'delivery' and type in ('table', 'index') and sql is not null order by type desc"); err != nil {
		return err
	}
	for _, s := range statements {
		s = strings.NewReplacer(`"delivery"`, "bare_delivery", " delivery ", " bare_delivery ", " delivery_", " bare_delivery_").Replace(s)
		if _, err := tx.Exec(withoutReferences(s)); err != nil {
			return err
		}
	}
	return nil
}

// withoutReferences takes what is referred to out of a statement.
func withoutReferences(statement string) string {
	for {
		before, rest, found := strings.Cut(statement, " references ")
		if !found {
			return statement
		}
		_, after, _ := strings.Cut(rest, ")")
		statement = before + after
	}
}
