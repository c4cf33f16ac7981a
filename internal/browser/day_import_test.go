//go:build unix

package browser

import (
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/convoke/convoke/internal/e2e/walk"
)

// A list as it comes: one row of each verdict. Mateo Ibáñez is known as he stands here, and there is a
// Rahul Sharma in Indonesia with another address.
const doubtfulList = `Full name,Stakeholder group,Country,Languages,E-mail
Amaru Condori,Gov,Bolivia,Spanish,amaru.condori@import.example.org
Kusi Mamani,NGO,Brasil,pt_BR,kusi.mamani@import.example.org
Mateo Ibáñez,Government,Uruguay,es,mateo.ibanez@government-uy.example.org
Rahul Sharma,Government,Indonesia,en,rahul.sharma@import.example.org
Nobody At All,Government,Atlantis,en,nobody@import.example.org
`

// importing: a list is uploaded, its columns are understood, each row gets a verdict, one is decided, and
// it is imported, undone whole, and imported again.
func (d *officersDay) importing() {
	d.t.Helper()
	want := map[string]int{"new": 2, "unchanged": 1, "possible duplicate": 1, "rejected": 1}
	olu := d.upload("list.csv", doubtfulList)
	olu.Sees("Full name", "amaru.condori@import.example.org")
	d.check(olu, want)
	d.absent("condori")
	d.answers(olu, `main table.data a[href*="possible_duplicate"]`, 200, "Rahul Sharma", d.say("contact.import.alike.name_country"))
	d.choose(olu, `select[name^=decision_]`, d.say("contact.import.decide.skip"))
	d.answers(olu, `form[action$="/decisions"] button`, 200, d.say("contact.import.decided"))
	d.start(olu)
	d.open(walk.Olu, "/contacts?q=condori").Sees("Amaru Condori")
	d.open(walk.Olu, "/contacts?q=mamani").Sees("Kusi Mamani", "Brazil")
	olu.Open(d.house.URL + "/contacts/import")
	olu.Open(d.house.URL + d.link(olu, "list.csv"))
	olu.Follow(`form[action$="/undo"] button`)
	olu.Until("the import is undone", func() bool { return strings.Contains(olu.Text(), d.say("contact.import.undone.title")) })
	d.absent("condori")
	d.absent("mamani")
	olu = d.upload("list.csv", doubtfulList)
	d.check(olu, want)
	d.start(olu)
	d.open(walk.Olu, "/contacts?q=condori").Sees("Amaru Condori")
}

// exporting: what is exported and imported again changes nothing.
func (d *officersDay) exporting() {
	d.t.Helper()
	file := d.house.As(d.t, walk.Olu).Get("/contacts/export")
	if file.Status != 200 || !strings.Contains(file.Body, "amaru.condori@import.example.org") {
		d.t.Fatalf("the export has status %d and says:\n%.600s", file.Status, file.Body)
	}
	olu := d.upload("export.csv", file.Body)
	d.check(olu, map[string]int{"unchanged": strings.Count(strings.TrimSpace(file.Body), "\n")})
}

// upload goes to the page on which the columns of a file are named.
func (d *officersDay) upload(name, content string) *Tab {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	olu := d.open(walk.Olu, "/contacts")
	olu.Follow(`main a[href="/contacts/import"]`)
	olu.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{path}))
	d.answers(olu, `form[enctype] button`, 200, d.say("contact.import.columns.title"))
	return olu
}

// check has the rows judged and compares how many got each verdict.
func (d *officersDay) check(b *Tab, want map[string]int) {
	d.t.Helper()
	b.Follow(`form[action$="/columns"] button`)
	b.Until("the rows are checked", func() bool { return strings.Contains(b.Text(), d.say("contact.import.checked.title")) })
	const table = `Object.fromEntries([...document.querySelector("main table.data").tBodies[0].rows].map(
		r => [(r.querySelector("th a") || r.querySelector("th").firstChild).textContent.trim(), Number(r.querySelector("td").textContent.trim())]))`
	got := evaluate[map[string]int](b, table)
	maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
	if !maps.Equal(got, want) {
		d.t.Fatalf("the verdicts are %v, want %v:\n%s", got, want, b.Text())
	}
}

func (d *officersDay) start(b *Tab) {
	d.t.Helper()
	b.Follow(`form[action$="/start"] button`)
	b.Until("the list is imported", func() bool { return strings.Contains(b.Text(), d.say("contact.import.done.title")) })
}

// absent: nobody on the list has this name.
func (d *officersDay) absent(name string) {
	d.t.Helper()
	d.open(walk.Helene, "/contacts?q="+name).Sees(d.say("common.nothing_found"))
}
