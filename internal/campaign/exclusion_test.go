package campaign

import (
	"context"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// Whoever is left out is left out for a reason, the outbox and the launch say the same, and all counts together are the
// audience.
func TestEveryExclusionHasItsReason(t *testing.T) {
	t.Parallel()
	t.Run("looked up", func(t *testing.T) {
		t.Parallel()
		dbtest.Each(t, func(t *testing.T, d *db.DB) { exclusions(t, newHouse(t, d), func(*house) {}) })
	})
	t.Run("known from the list", func(t *testing.T) {
		t.Parallel()
		dbtest.Each(t, func(t *testing.T, d *db.DB) { exclusions(t, newHouse(t, d), (*house).derive) })
	})
}

func exclusions(t *testing.T, h *house, derive func(*house)) {
	t.Helper()
	ctx := context.Background()
	h.texts.revision(h.texts.byDocument(h.message)).locales = []string{"es"} // nothing in the cycle's language
	somebody := func(n int) int64 { return h.contact(fmt.Sprintf("P%d", n), fmt.Sprintf("p%d@example.org", n), "es") }
	claim := func(id int64) { h.claim(id, "reach_out", start.Add(day)) }
	bounce := func(id int64) {
		h.write("update address set status = 'bounced' where id in (select address_id from contact_address where contact_id = ?)", id)
	}
	colleague := func(id int64) {
		other := h.contact("Colleague", "", "es")
		o := h.contact("Organization", "", "es")
		h.write("delete from listing where contact_id in (?, ?)", o, other)
		for _, c := range []int64{id, other} {
			h.insert("insert into affiliation (contact_id, organization_id, created_at) values (?, ?, ?)", c, o, start)
		}
		h.insert(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at, received_at)
values (?, ?, 'received', 'form', 'organizational', 'n', 'en', ?, ?, ?)`, h.cycleID, other, start, start, start)
	}
	cases := []struct {
		name string
		want Reason
		with func(n int) int64
	}{
		{"nothing speaks against it", notAReason, somebody},
		{"no address", NoAddress, func(n int) int64 { return h.contact("N", "", "es") }},
		{"suppressed", Suppressed, func(n int) int64 { h.suppress(fmt.Sprintf("p%d@example.org", n)); return somebody(n) }},
		{"suppressed at another address", Suppressed, func(n int) int64 {
			id := somebody(n)
			h.address(id, "other@example.org")
			h.suppress("other@example.org")
			return id
		}},
		{"bounced", Bounced, func(n int) int64 { id := somebody(n); bounce(id); return id }},
		{"bounced, and another address works", notAReason, func(n int) int64 {
			id := somebody(n)
			bounce(id)
			h.address(id, "works@example.org")
			return id
		}},
		{"answered", Responded, func(n int) int64 { id := somebody(n); h.respond(id); return id }},
		{"a colleague answered for the organization", Responded, func(n int) int64 { id := somebody(n); colleague(id); return id }},
		{"began to answer", notAReason, func(n int) int64 { id := somebody(n); h.begin(id); return id }},
		{"under a claim", PersonalClaim, func(n int) int64 { id := somebody(n); claim(id); return id }},
		{"under a claim that is over", notAReason, func(n int) int64 { id := somebody(n); h.claim(id, "reach_out", start); return id }},
		{"under a claim to find an address", notAReason, func(n int) int64 { id := somebody(n); h.claim(id, "find_address", start.Add(day)); return id }},
		{"no approved translation", NoTranslation, func(n int) int64 { return h.contact("N", fmt.Sprintf("p%d@example.org", n), "fr") }},
		{"the address of somebody before", DuplicateAddress, func(n int) int64 { return h.contact("N", "p0@example.org", "es") }},
		{"suppressed, and answered", Suppressed, func(n int) int64 {
			id := somebody(n)
			h.respond(id)
			h.suppress(fmt.Sprintf("p%d@example.org", n))
			return id
		}},
		{"answered, and under a claim", Responded, func(n int) int64 { id := somebody(n); h.respond(id); claim(id); return id }},
		{"bounced, and no translation", Bounced, func(n int) int64 {
			id := h.contact("N", fmt.Sprintf("p%d@example.org", n), "fr")
			bounce(id)
			return id
		}},
		{"the address of somebody who answered", notAReason, func(n int) int64 { return h.contact("N", "p6@example.org", "es") }},
	}
	ids := make([]int64, len(cases))
	for i, tt := range cases {
		ids[i] = tt.with(i)
	}
	campaign := h.insert("insert into campaign (cycle_id, name, state, audience, created_by, created_at) values (?, 'The call', 'approved', '{\"all\":true}', ?, ?)", h.cycleID, h.officer.ID, start)
	step := h.insert(`insert into campaign_step (campaign_id, position, kind, state, document_id, revision_id, language_policy) values (?, 1, 'call', 'planned', ?, ?, 'fallback')`,
		campaign, h.message, h.texts.byDocument(h.message))
	derive(h)
	planned, err := h.Plan(ctx, h.officer, campaign, 1, PlanCursor{})
	h.must(err)
	want := map[Reason]int{}
	for _, tt := range cases {
		want[tt.want]++
	}
	h.addsUp(planned.Tally, want, len(cases))
	_, err = h.Launch(ctx, h.officer, campaign)
	h.must(err)
	h.must(h.RunLaunch(ctx, step))
	after, err := h.Progress(ctx, h.officer, campaign)
	h.must(err)
	h.addsUp(after.Tally, want, len(cases))
	for i, tt := range cases {
		var state DeliveryState
		var reason Reason
		h.must(h.db.Read(ctx).QueryRow("select state, reason from delivery where step_id = ? and contact_id = ?", step, ids[i]).Scan(&state, &reason))
		if reason != tt.want || (state == DeliverySkipped) != (tt.want != notAReason) {
			t.Errorf("%s: %s %q, want %q", tt.name, state, reason, tt.want)
		}
	}
}

func (h *house) addsUp(t Tally, want map[Reason]int, all int) {
	h.t.Helper()
	if t.Recipients != want[notAReason] || t.Recipients+t.Excluded != all {
		h.t.Errorf("%d recipients and %d excluded of %d, want %d recipients", t.Recipients, t.Excluded, all, want[notAReason])
	}
	sum := 0
	for _, r := range t.Reasons {
		if sum += r.Count; r.Count != want[r.Reason] {
			h.t.Errorf("%d for %s, want %d", r.Count, r.Reason, want[r.Reason])
		}
	}
	locales, variants := 0, 0
	for _, l := range t.Locales {
		locales += l.Count
	}
	for _, v := range t.Variants {
		variants += v.Count
	}
	if sum != t.Excluded || locales != t.Recipients || variants != t.Recipients {
		h.t.Errorf("reasons %d of %d, languages %d and variants %d of %d", sum, t.Excluded, locales, variants, t.Recipients)
	}
}
