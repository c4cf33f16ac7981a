package outreach

import (
	"errors"
	"strconv"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

// keepFor keeps everything of both contacts that uniting them may change.
func keepFor(tx *db.Tx, set *undo.Set, from, into int64) error {
	return errors.Join(
		set.Keep(tx, "claim", "t.contact_id = ? or t.contact_id = ? and t.state = 'active'", from, into),
		set.Keep(tx, "handover", "t.state = 'offered' and t.claim_id in (select id from claim where contact_id in (?, ?))", from, into),
		set.Keep(tx, "attempt", "t.contact_id = ?", from),
		set.Keep(tx, "reported_address", "t.contact_id = ?", from),
		set.Keep(tx, "connection", "t.kind in ('organization', 'conflict') and t.value = ?", strconv.FormatInt(from, 10)),
	)
}

func moveAll(tx *db.Tx, from, into int64) error {
	was, is := strconv.FormatInt(from, 10), strconv.FormatInt(into, 10)
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{"update claim set contact_id = ? where contact_id = ?", []any{into, from}},
		{"update attempt set contact_id = ? where contact_id = ?", []any{into, from}},
		{`delete from reported_address where contact_id = ? and decision = '' and address_id in (
			select r.address_id from reported_address r where r.contact_id = ? and r.decision = '')`, []any{from, into}},
		{"update reported_address set contact_id = ? where contact_id = ?", []any{into, from}},
		{`delete from connection where value = ? and kind in ('organization', 'conflict') and exists (select 1 from connection c
			where c.account_id = connection.account_id and c.kind = connection.kind and c.value = ?)`, []any{was, is}},
		{"update connection set value = ? where value = ? and kind in ('organization', 'conflict')", []any{is, was}},
	} {
		if _, err := tx.Exec(s.statement, s.args...); err != nil {
			return err
		}
	}
	return nil
}
