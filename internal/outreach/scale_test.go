package outreach_test

import (
	"context"
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/outreach"
)

// fill puts many made-up contacts on the list, without passing every rule for each of them.
func (h *house) fill(n int) {
	h.t.Helper()
	h.exec(`insert into contact (kind, name, transliteration, sort_name, country, region, stakeholder_group, languages, language_chain, expertise, source, lawful_basis, notes, created_at, updated_at)
		with recursive s(i) as (select 1 union all select i + 1 from s where i < ?)
		select 'person', 'C' || i, '', 'c' || i, case i % 5 when 0 then 'PE' when 1 then 'AR' when 2 then 'FR' when 3 then 'KE' else 'JP' end,
			case i % 5 when 2 then 'weog' when 3 then 'african_group' when 4 then 'asia_pacific_group' else 'grulac' end,
			case i / 7 % 4 when 0 then 'government' when 1 then 'media' when 2 then 'academia' else 'civil_society' end,
			case i / 3 % 3 when 0 then 'es' when 1 then 'en' else 'fr' end, case i / 3 % 3 when 0 then 'es' when 1 then 'en' else 'fr' end, '', '', '', '', ?, ? from s`, n, h.now, h.now)
	h.exec("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at, no_address, unreached) select ?, id, stakeholder_group, region, ?, true, true from contact", h.cycle, h.now)
	h.exec("analyze")
}

// A large list is narrowed, and what comes out is still right: the best match first, nothing that is held, no
// conflict of interest.
func TestLargeListsAreNarrowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.fill(2100)
		ctx := context.Background()
		v := h.volunteer("v") // speaks Spanish
		for kind, value := range map[outreach.Kind]string{outreach.KnowsCountry: "AR", outreach.KnowsGroup: "government", outreach.HasConflict: "PE"} {
			if _, err := h.Connect(ctx, v, kind, value); err != nil {
				t.Fatal(err)
			}
		}
		gaps, err := h.Gaps(ctx, v, h.cycle)
		if err != nil || len(gaps) == 0 || len(gaps) > outreach.MaxMatches {
			t.Fatalf("%d gaps, %v", len(gaps), err)
		}
		first := gaps[0]
		if first.Country != "AR" || first.StakeholderGroup != "government" || len(first.Reasons) != 3 {
			t.Errorf("the best match comes first: %+v", first)
		}
		h.take(h.volunteer("w"), first.ContactID, first.Purpose)
		again, err := h.Gaps(ctx, v, h.cycle)
		if err != nil || slices.ContainsFunc(again, func(g outreach.Gap) bool { return g.ContactID == first.ContactID || g.Country == "PE" }) {
			t.Errorf("held or with a conflict of interest: %v", err)
		}
		if gaps, err = h.Gaps(ctx, h.volunteer("bare"), h.cycle); err != nil || len(gaps) == 0 || gaps[0].Reasons[0].Value != "es" {
			t.Errorf("who shares a language only: %d, %v", len(gaps), err)
		}
		p, err := h.ProposePlan(ctx, h.officer, h.cycle)
		if err != nil {
			t.Fatal(err)
		}
		if counts := h.plan(p.ID).Counts; counts[outreach.LineProposed] != 3*outreach.MaxLive-1 || counts[outreach.LineProposed]+counts[outreach.LineOpen] != 2000 {
			t.Errorf("a plan of the first two thousand: %v", counts)
		}
	})
}
