package contact

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

func TestListFilters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ana := h.add(Draft{Name: "Ana María Pérez", Country: "PE", Languages: "es", Organization: "Red Andina", Email: "ana_p@example.org", Notes: "knows the régulateur"})
		h.add(Draft{Name: "Иван Ёлкин", Transliteration: "Ivan Yolkin", Country: "RU", StakeholderGroup: geo.GroupTechnicalCommunity})
		h.add(Draft{Name: "王小明", Country: "CN", StakeholderGroup: geo.GroupAcademia, Email: "wang@example.net"})
		h.add(Draft{Name: "100% Union_", Kind: Organization, Country: "CH", StakeholderGroup: geo.GroupIntergovernmental, Languages: "fr en"})
		lead := h.member("lead", account.Lead)
		tests := []struct {
			name string
			by   account.Actor
			f    Filter
			want []string
		}{
			{"all, by folded name", lead, Filter{}, []string{"100% Union_", "Ana María Pérez", "Иван Ёлкин", "王小明"}},
			{"words in any order and case", lead, Filter{Query: "PEREZ maria"}, []string{"Ana María Pérez"}},
			{"by the organization", lead, Filter{Query: "andina"}, []string{"Ana María Pérez"}},
			{"Cyrillic without diacritics", lead, Filter{Query: "елкин"}, []string{"Иван Ёлкин"}},
			{"transliteration", lead, Filter{Query: "yolkin"}, []string{"Иван Ёлкин"}},
			{"Han", lead, Filter{Query: "小明"}, []string{"王小明"}},
			{"one word of more parts than are searched", h.officer, Filter{Query: strings.Repeat("andina-", 2000)}, []string{"Ana María Pérez"}},
			{"a percent sign is no wildcard", h.officer, Filter{Query: "%"}, []string{}},
			{"an underscore is no wildcard", h.officer, Filter{Query: "ana_p@"}, []string{"Ana María Pérez"}},
			{"an underscore matches itself only", h.officer, Filter{Query: "wan_"}, []string{}},
			{"notes, for officers", h.officer, Filter{Query: "regulateur"}, []string{"Ana María Pérez"}},
			{"notes, not for others", lead, Filter{Query: "regulateur"}, []string{}},
			{"addresses, not for others", lead, Filter{Query: "wang@example.net"}, []string{}},
			{"group", lead, Filter{StakeholderGroup: geo.GroupAcademia}, []string{"王小明"}},
			{"region none", lead, Filter{Region: "none"}, []string{"100% Union_"}},
			{"country", lead, Filter{Country: "pe"}, []string{"Ana María Pérez"}},
			{"own language, second", lead, Filter{Language: "en"}, []string{"100% Union_"}},
			{"first of the chain", lead, Filter{Language: "zh"}, []string{"王小明"}},
			{"no address", lead, Filter{Gap: NoAddress}, []string{"100% Union_", "Иван Ёлкин"}},
			{"no language", lead, Filter{Gap: NoLanguage}, []string{"Иван Ёлкин", "王小明"}},
			{"filters combine", lead, Filter{Gap: NoAddress, Region: "eastern_european_group"}, []string{"Иван Ёлкин"}},
			{"a coordinator's countries", h.member("c1", account.Coordinator, "CN", "RU"), Filter{}, []string{"Иван Ёлкин", "王小明"}},
			{"a coordinator of nothing", h.member("c2", account.Coordinator), Filter{}, []string{}},
		}
		for _, tt := range tests {
			// The organization that came with Ana lacks things too; the table is about the others.
			got := slices.DeleteFunc(h.names(tt.by, tt.f), func(n string) bool { return n == "Red Andina" })
			if !slices.Equal(sorted(got), sorted(tt.want)) {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
		claimant := h.member("vol", account.Volunteer)
		h.claim(claimant, ana.ID, h.now.Add(time.Hour))
		if got := h.names(lead, Filter{Gap: NoClaimant}); slices.Contains(got, ana.Name) || !slices.Contains(got, "王小明") {
			t.Errorf("no claimant: %v", got)
		}
		h.now = h.now.Add(time.Hour)
		if got := h.names(lead, Filter{Gap: NoClaimant}); !slices.Contains(got, ana.Name) {
			t.Errorf("no claimant, after the claim ran out: %v", got)
		}
		h.exec("insert into target (cycle_id, stakeholder_group, region, count) values (?, 'academia', 'asia_pacific_group', 2)", h.cycle)
		if got := h.names(lead, Filter{Gap: UnderTarget}); !slices.Equal(got, []string{"王小明"}) {
			t.Errorf("under target: %v", got)
		}
	})
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func TestListPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for i := range 60 {
			h.add(Draft{Name: fmt.Sprintf("Twin %d", i%7)}) // many of one name: the id must decide
		}
		seen := map[int64]bool{}
		f := Filter{CycleID: h.cycle}
		sizes := []int{}
		for {
			page, err := h.List(context.Background(), h.officer, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Rows {
				if seen[r.ID] {
					t.Fatalf("contact %d stands on two pages", r.ID)
				}
				seen[r.ID] = true
			}
			sizes = append(sizes, len(page.Rows))
			if f.Cursor = page.Next; f.Cursor == "" {
				break
			}
		}
		if !slices.Equal(sizes, []int{25, 25, 10}) {
			t.Errorf("pages of %v", sizes)
		}
	})
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	for _, f := range []Filter{{Gap: "nonsense"}, {Cursor: "%%"}} {
		if _, err := h.List(context.Background(), h.officer, f); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := h.List(context.Background(), h.member("tr", account.Translator), Filter{}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("translator: %v", err)
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := cursor{
			order: orderFor(rapid.SampledFrom([]string{"en", "es", "ar", "zh", "ru", "zh-Hant", ""}).Draw(t, "locale")),
			back:  rapid.Bool().Draw(t, "back"),
			place: place{
				ID: rapid.Int64().Draw(t, "id"), Script: script(rapid.IntRange(0, int(otherScript)).Draw(t, "script")),
				SortKey: rapid.SliceOfN(rapid.Byte(), 0, longestKey).Draw(t, "key"),
			},
		}
		got, err := parseCursor(c.String())
		if err != nil || !reflect.DeepEqual(*got, c) {
			t.Fatalf("%+v came back as %+v, %v", c, got, err)
		}
	})
	for _, bad := range []string{"!", "AAAA", "eA"} {
		if _, err := parseCursor(bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("parseCursor(%q): %v, want Invalid", bad, err)
		}
	}
}
