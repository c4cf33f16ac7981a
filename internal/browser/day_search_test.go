//go:build unix

package browser

import (
	"strings"

	"github.com/convoke/convoke/internal/e2e/walk"
)

const searchButton = `main form[role=search] button`

// search: names are found in any script, whatever their case, diacritics and the order of the words.
func (d *officersDay) search() {
	d.t.Helper()
	for query, name := range map[string]string{
		"العطار ليلى":         "ليلى العطّار",
		"лебедев сергей":      "Сергей Лебедев",
		"李伟":                  "李伟",
		"min zhao":            "赵敏",
		"OYARZUN inigo":       "Íñigo Oyarzún",
		"größler jürgen":      "Jürgen Größler",
		"grossler jurgen":     "Jürgen Größler",
		"tomas.ibanez@govern": "Tomás Ibáñez",
	} {
		olu := d.open(walk.Olu, "/contacts")
		olu.Put(`form[role=search] input[name=q]`, query)
		d.answers(olu, searchButton, 200, name)
		if n := rowsOf(olu); n != 1 {
			d.t.Errorf("%q finds %d contacts, want %s:\n%s", query, n, name, olu.Text())
		}
	}
}

func rowsOf(b *Tab) int {
	b.t.Helper()
	return evaluate[int](b, `document.querySelectorAll("main table.data tbody tr").length`)
}

// filters combine, and live in the address; long lists go on on the next page.
func (d *officersDay) filters() {
	d.t.Helper()
	olu := d.open(walk.Olu, "/contacts")
	olu.Put(`select[name=stakeholder_group]`, "government")
	olu.Put(`select[name=region]`, "grulac")
	olu.Put(`form[role=search] input[name=q]`, "ibanez")
	d.answers(olu, searchButton, 200, "Mateo Ibáñez", "Tomás Ibáñez")
	path, n := olu.Path(), rowsOf(olu)
	if n != 2 || !strings.Contains(path, "stakeholder_group=government") || !strings.Contains(path, "region=grulac") {
		d.t.Errorf("%s shows %d contacts, want 2:\n%s", path, n, olu.Text())
	}
	if helene := d.open(walk.Helene, path); rowsOf(helene) != n {
		d.t.Errorf("%s shows somebody else %d contacts, want %d", path, rowsOf(helene), n)
	}
	d.open(walk.Olu, "/contacts")
	first := firstRow(olu)
	d.answers(olu, `nav.pages a[rel=next]`, 200)
	if second := firstRow(olu); second == first || second == "" {
		d.t.Errorf("the next page begins with %q, as the first does", second)
	}
	d.answers(olu, `nav.pages a[rel=prev]`, 200, first)
}

func firstRow(b *Tab) string {
	b.t.Helper()
	return evaluate[string](b, `(document.querySelector("main table.data tbody tr th a") || {innerText: ""}).innerText`)
}

// gaps: each kind of gap has its count, and leads to its contacts.
func (d *officersDay) gaps() {
	d.t.Helper()
	type gap struct {
		Path  string
		Count int
	}
	olu := d.open(walk.Olu, "/coverage")
	all := evaluate[[]gap](olu, `[...document.querySelectorAll("table[aria-labelledby=missing] tbody tr")].filter(r => r.querySelector("a")).map(
		r => ({Path: r.querySelector("a").getAttribute("href"), Count: parseInt(r.querySelector("td").textContent)}))`)
	if len(all) < 3 {
		d.t.Fatalf("gaps of %d kinds: %v\n%s", len(all), all, olu.Text())
	}
	under := all[len(all)-1]
	if cells := evaluate[int](olu, `document.querySelectorAll("#under + ul > li").length`); under.Path != "#under" || cells != under.Count {
		d.t.Errorf("%d cells stand under %s, of %d", cells, under.Path, under.Count)
	}
	all = all[:len(all)-1]
	for _, g := range all {
		d.open(walk.Olu, g.Path)
		if rows := rowsOf(olu); rows == 0 || strings.Contains(g.Path, "gap=no_address") && rows != g.Count {
			d.t.Errorf("%s shows %d contacts, of %d:\n%s", g.Path, rows, g.Count, olu.Text())
		}
	}
}
