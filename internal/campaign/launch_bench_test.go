package campaign

import (
	"context"
	"flag"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

var launchSize = flag.Int("launch", 5000, "how many contacts BenchmarkLaunch launches to")

// BenchmarkLaunch makes the deliveries of a call: with one language and one text, with six languages, with variants
// for two groups and for those who answer for an initiative as well, and to a filter by what happened before.
//
//	go test ./internal/campaign -run - -bench Launch -benchtime 1x -launch 100000
func BenchmarkLaunch(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, open(b))
			h.crowd(*launchSize)
			before := h.sentBefore("failed")
			message := h.texts.revision(h.texts.byDocument(h.message))
			for _, form := range []struct {
				name     string
				locales  []string
				variants []string
				to       Audience
			}{
				{"plain", []string{"en"}, nil, Audience{All: true}},
				{"languages", []string{"en", "es", "fr", "ar", "ru", "zh"}, nil, Audience{All: true}},
				{"variants", []string{"en", "es", "fr", "ar", "ru", "zh"}, []string{"government", "media", "nri"}, Audience{All: true}},
				{"filtered", []string{"en"}, nil, Audience{NRIs: []string{NoNRI, AnyNRI}, Response: []Response{NotStarted}, NotSent: []StepRef{before}, NeverWritten: true}},
			} {
				b.Run(form.name, func(b *testing.B) {
					message.locales, message.variants = form.locales, form.variants
					b.ResetTimer()
					for range b.N {
						b.StopTimer()
						c := h.approvedTo(form.to)
						_, err := h.Launch(context.Background(), h.officer, c.ID)
						h.must(err)
						b.StartTimer()
						h.must(h.RunLaunch(context.Background(), c.Steps[0].ID))
						b.StopTimer()
						if n := h.number("select count(*) from delivery"); n != *launchSize {
							b.Fatalf("%d deliveries", n)
						}
						h.write("delete from delivery_batch")
						h.write("delete from delivery")
						h.write("update campaign set state = 'cancelled'")
						b.StartTimer()
					}
				})
			}
		})
	}
}

// crowd puts so many contacts with a mailbox each on the list, one in a hundred of them an initiative's.
func (h *house) crowd(n int) {
	h.t.Helper()
	h.write(`insert into contact (kind, name, sort_name, languages, language_chain, created_at, updated_at)
with recursive s(i) as (select 1 union all select i + 1 from s where i < ?)
select case when i % 100 = 0 then 'organization' else 'person' end, 'C' || i, 'c' || i, '',
  case i % 7 when 0 then 'es-MX es' when 1 then 'en' when 2 then 'fr' when 3 then 'ar en' when 4 then 'ja ru' when 5 then 'zh' else '' end, ?, ? from s`, n, start, start)
	h.write("insert into address (email, hash, kind, status, created_at) select lower(name) || '@example.org', 'h:' || name, 'personal', 'ok', created_at from contact")
	h.write("insert into contact_address (contact_id, address_id, position) select c.id, a.id, 0 from contact c join address a on a.hash = 'h:' || c.name")
	h.write(`insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at)
select ?, id, case id % 4 when 0 then 'government' when 1 then 'media' else 'academia' end, 'weog', ? from contact`, h.cycleID, start)
	h.derive()
	h.write("insert into nri (name, kind, created_at) select name, 'national', created_at from contact where kind = 'organization' and id % 500 = 0")
	h.write("analyze")
}
