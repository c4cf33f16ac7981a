package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// crowd puts so many contacts with a mailbox each on the list of a cycle, in five languages and scripts, one in twenty of them
// an organization to which others belong; and one more in twenty-five against whom something speaks.
func crowd(ctx context.Context, d *db.DB, cycleID int64, recipients int, now time.Time) error {
	all := recipients + recipients/25
	numbers := fmt.Sprintf("with recursive s(i) as (select 1 union all select i + 1 from s where i < %d) ", all)
	if d.Dialect() == db.Postgres {
		numbers = fmt.Sprintf("with s(i) as (select generate_series(1, %d)) ", all)
	}
	key := "cast(c.id as blob)"
	if d.Dialect() == db.Postgres {
		key = "cast(cast(c.id as text) as bytea)"
	}
	statements := []struct {
		sql  string
		args []any
	}{
		{`insert into contact (id, kind, name, sort_name, country, region, stakeholder_group, languages, language_chain, created_at, updated_at)
` + numbers + `select i, case when i % 20 = 7 then 'organization' else 'person' end,
  case i % 5 when 1 then 'Grace Thornberry ' when 2 then 'María Íñigo ' when 3 then 'Désiré Noëlle ' when 4 then 'فاطمة الخطيب ' else '欧阳浩然' end || i, '',
  case i % 5 when 1 then 'KE' when 2 then 'MX' when 3 then 'SN' when 4 then 'EG' else 'CN' end, 'weog', 'civil_society',
  case i % 5 when 1 then 'en' when 2 then 'es' when 3 then 'fr' when 4 then 'ar' else 'zh' end,
  case i % 5 when 1 then 'en' when 2 then 'es' when 3 then 'fr' when 4 then 'ar' else 'zh' end, ?, ? from s`, []any{now, now}},
		{`insert into address (id, email, hash, kind, status, created_at)
select id, 'recipient' || id || '@example' || case id % 3 when 0 then '.org' when 1 then '.net' else '.com' end, 'h' || id, 'personal',
  case when id > ? and id % 3 = 0 then 'bounced' else 'ok' end, ? from contact`, []any{recipients, now}},
		{`insert into contact_address (contact_id, address_id, position) select id, id, 1 from contact where id <= ? or id % 3 < 2`, []any{recipients}},
		{`insert into suppression (hash, reason, created_at) select 'h' || id, 'asked', ? from contact where id > ? and id % 3 = 1`, []any{now, recipients}},
		{`insert into affiliation (contact_id, organization_id, created_at)
select id, id - id % 20 + 7, ? from contact where kind = 'person' and id % 2 = 0 and id - id % 20 + 7 <= ?`, []any{now, all}},
		{`insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at, mailbox_id, language_chain)
select ?, id, case id % 4 when 0 then 'government' when 1 then 'academia' else 'civil_society' end, 'weog', ?,
  case when id <= ? then id end, language_chain from contact`, []any{cycleID, now, recipients}},
		{`insert into contact_search (contact_id, script, sort_key, sort_key_es, address_state, words)
select c.id, 1, ` + key + `, ` + key + `, case when c.id <= ? then 'usable' else case c.id % 3 when 0 then 'bounced' when 1 then 'opted_out' else 'none' end end, ''
from contact c`, []any{recipients}},
		{"analyze", nil},
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s.sql, s.args...); err != nil {
				return fmt.Errorf("%.30s: %w", s.sql, err)
			}
		}
		return nil
	})
}
