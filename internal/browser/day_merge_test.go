//go:build unix

package browser

import (
	"path"

	"github.com/convoke/convoke/internal/e2e/walk"
)

// merging: two contacts are compared and made one, and the merge is taken back.
func (d *officersDay) merging() {
	d.t.Helper()
	const found = "amaru.condori@import.example.org"
	olu := d.open(walk.Olu, "/contacts?q=condori")
	other := path.Base(d.link(olu, "Amaru Condori"))
	olu = d.open(walk.Olu, "/contacts?q=quisbert")
	survivor := d.link(olu, "Amaru Quisbert")
	olu.Open(d.house.URL + survivor)
	olu.Follow(`main a[href="` + survivor + `/merge"]`)
	olu.Type(`input[name=other]`, other)
	d.answers(olu, `main form[method=get] button`, 200, "Amaru Quisbert", "Amaru Condori", found)
	d.answers(olu, `main form[method=post] button`, 200)
	d.open(walk.Olu, survivor).Sees("Amaru Quisbert", found)
	olu.Open(d.house.URL + "/contacts/changes")
	olu.Sees("Amaru Condori became part of Amaru Quisbert")
	d.answers(olu, `form[action^="/contacts/changes/"] button`, 200)
	d.lacks(d.open(walk.Olu, survivor), found)
	d.open(walk.Olu, "/contacts?q=condori").Sees("Amaru Condori")
}
