package campaign

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// What the launch makes of a list, mostly from the list alone, is what the outbox says, which looks everything up.
func TestTheLaunchMakesWhatTheOutboxSays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.texts.revision(h.texts.byDocument(h.message)).locales = []string{"en", "es"}
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			h.write("delete from listing")
			h.people(rt, run)
			h.derive()
			h.chunk = rapid.IntRange(1, 12).Draw(rt, "chunk")
			c := h.approvedTo(Audience{All: true, Groups: rapid.SampledFrom([][]string{nil, nil, {"academia"}}).Draw(rt, "groups"), Languages: rapid.SampledFrom([][]string{nil, nil, {"es", "en"}}).Draw(rt, "languages")})
			_, q, err := h.planOf(ctx, h.officer, c.ID, 1)
			h.must(err)
			want := h.verdicts(&q)
			h.write("update campaign set state = 'sending' where id = ?", c.ID)
			h.write("update campaign_step set state = 'launching', launched_at = ? where id = ?", start, c.Steps[0].ID)
			h.must(h.RunLaunch(ctx, c.Steps[0].ID))
			got := h.made(c.Steps[0].ID)
			if len(got) != len(want) {
				rt.Errorf("%d deliveries, want %d", len(got), len(want))
			}
			for contact, w := range want {
				if got[contact] != w {
					rt.Errorf("contact %d: made %q, planned %q", contact, got[contact], w)
				}
			}
			if n := h.number("select count(*) from delivery_batch b where step_id = ? and (b.queued <> (select count(*) from delivery d where d.id > b.step_id * 4294967296 + b.number * 500 and d.id <= b.step_id * 4294967296 + b.number * 500 + 500 and d.state = 'queued'))", c.Steps[0].ID); n != 0 {
				rt.Errorf("%d batches count wrongly", n)
			}
			if a, b := h.number("select coalesce(sum(queued + skipped), 0) from delivery_batch where step_id = ?", c.Steps[0].ID), len(want); a != b {
				rt.Errorf("batches count %d deliveries of %d", a, b)
			}
		})
	})
}

// people puts some on the list, whatever may be the matter with them.
func (h *house) people(rt *rapid.T, run int) {
	once := func(label string, of int) bool { return rapid.IntRange(1, of).Draw(rt, label) == 1 }
	for i := range rapid.IntRange(1, 14).Draw(rt, "people") {
		email := fmt.Sprintf("r%d-%d@example.org", run, i)
		if once("shared", 4) {
			email = fmt.Sprintf("r%d@example.org", run)
		}
		if once("none", 9) {
			email = ""
		}
		id := h.contactIn(fmt.Sprint("P", i), email, rapid.SampledFrom([]string{"en", "es-MX es", "fr", ""}).Draw(rt, "chain"), rapid.SampledFrom([]string{"academia", "media"}).Draw(rt, "group"), "weog")
		if once("second", 5) {
			h.address(id, fmt.Sprintf("s%d-%d@example.org", run, i))
		}
		if once("bounced", 6) {
			h.write("update address set status = 'bounced' where id = (select address_id from contact_address where contact_id = ? order by position limit 1)", id)
		}
		if once("suppressed", 9) && email != "" && h.number("select count(*) from suppression where hash = ?", "h:"+email) == 0 {
			h.suppress(email)
		}
		if once("answered", 8) {
			h.respond(id)
		}
		switch rapid.IntRange(1, 9).Draw(rt, "volunteer") {
		case 1, 2:
			h.claim(id, "reach_out", start.Add(day))
		case 3:
			h.claim(id, "reach_out", start)
			h.attempt(id, "declined", start)
		}
	}
}

// verdicts are what a plan says of each contact.
func (h *house) verdicts(q *snapshot) map[int64]string {
	inner, args, err := q.sql(h.db.Dialect())
	h.must(err)
	return h.texted("select contact_id, case when verdict = '' then address_id end, locale, fallback, variant, verdict from ("+inner+") v", args...)
}

func (h *house) made(stepID int64) map[int64]string {
	return h.texted("select contact_id, address_id, locale, fallback, variant, reason from delivery where step_id = ?", stepID)
}

func (h *house) texted(query string, args ...any) map[int64]string {
	h.t.Helper()
	rows, err := h.db.Read(context.Background()).Query(query, args...)
	h.must(err)
	defer func() { _ = rows.Close() }()
	all := map[int64]string{}
	for rows.Next() {
		var contact int64
		var address *int64
		var locale, variant, reason string
		var fallback bool
		h.must(rows.Scan(&contact, &address, &locale, &fallback, &variant, &reason))
		to := "nobody"
		if address != nil {
			to = fmt.Sprint("address ", *address)
		}
		all[contact] += fmt.Sprintf("%s in %q (%v) %s %q", to, locale, fallback, variant, reason)
	}
	h.must(rows.Err())
	return all
}
