//go:build unix

package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// TestOfficersDay walks an officer's day: with scripts on SQLite, without on PostgreSQL and Redis.
func TestOfficersDay(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			d := &officersDay{cast: newCast(t, setting, desktop())}
			for _, part := range []func(){
				d.search, d.filters, d.gaps, d.suggestions, d.namedInAnAnswer, d.coverage, d.assignTheRest, d.reassign, d.revoke, d.erase, d.importing, d.exporting, d.merging,
			} {
				part()
			}
		})
	}
}

// officersDay is what its parts tell each other.
type officersDay struct {
	*cast

	given string // the path of a contact that the plan gave to Carla
	name  string // its name
}

// suggestions: a visitor without an account suggests three; an officer takes one up, finds that one is
// known, and turns one down. The visitor reads what became of each.
func (d *officersDay) suggestions() {
	d.t.Helper()
	taken := d.suggest("", "Amaru Quisbert", "BO")
	known := d.suggest("", "Sharma Rahul", "ID")
	turnedDown := d.suggest("", "Nobody In Particular", "")
	olu := d.open(walk.Olu, "/candidates")
	d.answers(olu, `a[href="`+d.link(olu, "Amaru Quisbert")+`"]`, 200, d.say("contact.candidate.matches.none"))
	d.answers(olu, `button[name=decision][value=accept]`, 200, d.say("contact.candidate.accepted"))
	d.answers(olu, `a[href="`+d.link(olu, "Sharma Rahul")+`"]`, 200, "Rahul Sharma", d.say("contact.candidate.same_name"))
	d.answers(olu, `form:has(input[value=merge]) button`, 200, d.say("contact.candidate.merged"))
	olu.Open(d.house.URL + d.link(olu, "Nobody In Particular"))
	d.answers(olu, `button[value=reject]`, 422, d.say("contact.candidate.note_required"))
	olu.Type(`textarea[name=reason]`, "Please name somebody.")
	d.answers(olu, `button[value=reject]`, 200, d.say("contact.candidate.rejected"))
	d.open("", taken).Sees(d.say("call.suggestion.accepted"))
	d.open("", known).Sees(d.say("call.suggestion.accepted"))
	d.open("", turnedDown).Sees(d.say("call.suggestion.rejected"), "Please name somebody.")
	d.open(walk.Olu, "/contacts?q=quisbert").Sees("Amaru Quisbert")
}

// suggest fills in the public form, and gives the path of the page that tells the outcome.
func (d *officersDay) suggest(email, name, country string) string {
	d.t.Helper()
	b := d.open(email, "/")
	b.Open(d.house.URL + b.Attribute(`main a[href^="/calls/"]`, "href"))
	b.Follow(`main a[href$="/suggest"]`)
	const send = `main form[action$="/suggest"] button`
	slow := func() { // whoever sends the form at once is taken for a program
		b.wait("a person takes a moment", func() bool { return evaluate[bool](b, "performance.now() > 4500") })
	}
	slow()
	d.answers(b, send, 422)
	b.Tick(`input[name=kind][value=person]`)
	b.Type(`input[name=name]`, name)
	b.Put(`select[name=stakeholder_group]`, "government")
	b.Put(`select[name=country]`, country)
	b.Put(`textarea[name=note]`, "Knows the matter.")
	d.answers(b, send, 200, name, d.say("call.suggest.thanks"), d.say("call.suggestion.proposed"))
	return b.Path()
}

// namedInAnAnswer: whom an answer names becomes a candidate.
func (d *officersDay) namedInAnAnswer() {
	d.t.Helper()
	walk.New(d.t, d.house).FillLinks() // the questionnaire has to be frozen
	olu := d.open(walk.Olu, "/contributions/new")
	olu.Put(`select[name=channel]`, "phone")
	olu.Type(`input[name=name]`, "Thandi Banda")
	olu.Tick(`input[name=capacity][value=individual]`)
	olu.Tick(`input[name=consent][value=count]`)
	olu.Put(`select[name=stakeholder_group]`, "government")
	olu.Put(`select[name=country]`, "GB")
	olu.Put(`textarea[name$=follow_up]`, "Ministry of Transport; Port Authority")
	d.answers(olu, `form[action="/contributions/new"] button`, 200, "Thandi Banda", "Port Authority")
	d.answers(olu, `main a[href$="/candidates"]`, 200, d.say("contact.candidate.from_answer.lead"))
	d.keeps(olu, `input[name=name-1]`, "Ministry of Transport")
	olu.Tick(`input[name=use-1]`)
	d.answers(olu, `main form button`, 200, d.say("contact.candidate.from_answer.done"))
	olu = d.open(walk.Olu, "/candidates")
	olu.Sees("Port Authority", d.say("contact.candidate.origin.answer"))
	d.lacks(olu, "Ministry of Transport")
	d.answers(olu, `a[href="`+d.link(olu, "Port Authority")+`"]`, 200)
	d.answers(olu, `button[name=decision][value=accept]`, 200, d.say("contact.candidate.accepted"))
}

// coverage: a target is set, the cell tells how far it is and what is missing in it, and leads to its contacts.
func (d *officersDay) coverage() {
	d.t.Helper()
	olu := d.open(walk.Olu, "/coverage")
	olu.Put(`select[name=stakeholder_group]`, "media")
	olu.Put(`select[name=region]`, "african_group")
	olu.Type(`input[name=count]`, "many")
	const button = `form[action="/coverage"] button`
	d.answers(olu, button, 422)
	olu.Type(`input[name=count]`, "17")
	d.answers(olu, button, 200, d.say("outreach.target.set"), "of 17")
	const cell = `table.heat a[href*="stakeholder_group=media"][href*="region=african_group"]`
	d.answers(olu, cell, 200, "of 17", d.say("outreach.coverage.legend.short"))
	of, _, _ := strings.Cut(evaluate[string](olu, `document.querySelector("p.lead strong").innerText`), " of 17")
	listed := number(of)
	d.answers(olu, `main .actions a[href^="/contacts?"]`, 200)
	if shown := evaluate[int](olu, `document.querySelectorAll("main table.data tbody tr").length`); shown != listed || listed == 0 {
		d.t.Errorf("the cell counts %d contacts, its list shows %d:\n%s", listed, shown, olu.Text())
	}
}

// assignTheRest: a plan is proposed, one line is left out and another changed, and it is confirmed. The
// volunteer sees what she was given.
func (d *officersDay) assignTheRest() {
	d.t.Helper()
	olu := d.open(walk.Olu, "/outreach")
	olu.Follow(`main a[href="/outreach/plans"]`)
	d.answers(olu, `main form[action="/outreach/plans"] button`, 200, d.say("outreach.plan.proposed"))
	plan := olu.Path()
	lines := func(of string) []string {
		return evaluate[[]string](olu, fmt.Sprintf(`(s => s ? [...s.querySelectorAll('a[href*="/lines/"]')].map(a => a.getAttribute("href")) : [])(
			[...document.querySelectorAll("section")].find(s => s.querySelector("h2").innerText === %s))`, quote(of)))
	}
	carlas, others := lines("Carla Benítez"), lines("Aïssatou Bâ")
	if len(carlas) == 0 || len(others) == 0 {
		d.t.Fatalf("the plan gives Carla %q and Aïssatou %q:\n%s", carlas, others, olu.Text())
	}
	olu.Open(d.house.URL + carlas[0])
	d.answers(olu, `button[formaction$="/drop"]`, 200, d.say("outreach.plan.line.dropped"))
	olu.Open(d.house.URL + others[0])
	d.choose(olu, `select[name=volunteer]`, "Carla Benítez")
	d.answers(olu, `main form button:not([formaction])`, 200, d.say("outreach.plan.line.changed"))
	if !strings.Contains(strings.Join(lines("Carla Benítez"), " "), others[0]) {
		d.t.Errorf("the line is not Carla's:\n%s", olu.Text())
	}
	row := `li:has(a[href="` + others[0] + `"]) > a`
	d.given, d.name = olu.Attribute(row, "href"), evaluate[string](olu, "document.querySelector("+quote(row)+").innerText")
	if d.open(walk.Carla, "/outreach").Has(item(d.given)) {
		d.t.Errorf("%s is Carla's before the plan is confirmed", d.name)
	}
	olu.Open(d.house.URL + plan)
	d.answers(olu, `form[action$="/confirm"] button`, 200, "The plan is confirmed.")
	carla := d.open(walk.Carla, "/outreach")
	if !carla.Has(item(d.given)) {
		d.t.Errorf("Carla does not see %s:\n%s", d.name, carla.Text())
	}
	d.mail(walk.Carla).Sees(d.name)
}

// reassign: an officer gives a contact from one volunteer to another, and says why.
func (d *officersDay) reassign() {
	d.t.Helper()
	d.toAssign("Carla Benítez")
	olu := d.as(walk.Olu)
	d.choose(olu, `select[name=volunteer]`, "Aïssatou Bâ")
	d.answers(olu, `main form button:not([formaction])`, 422, d.say("outreach.revoke.reason_required"))
	olu.Type(`textarea[name=reason]`, "Aïssatou knows them.")
	d.answers(olu, `main form button:not([formaction])`, 200, d.say("outreach.reassign.done"), "Aïssatou Bâ")
	carla := d.open(walk.Carla, "/outreach")
	carla.Sees(d.name, "Aïssatou knows them.")
	if carla.Has(item(d.given)) {
		d.t.Errorf("Carla still has %s", d.name)
	}
}

func (d *officersDay) toAssign(holder string) {
	d.t.Helper()
	olu := d.open(walk.Olu, d.given)
	olu.Sees(holder)
	olu.Follow(`main a[href$="/assign"]`)
}

// revoke: an officer takes a claim back.
func (d *officersDay) revoke() {
	d.t.Helper()
	d.toAssign("Aïssatou Bâ")
	olu := d.as(walk.Olu)
	olu.Type(`textarea[name=reason]`, "They wrote to us.")
	d.answers(olu, `button[formaction$="/revoke"]`, 200, d.say("outreach.claim.revoked"))
	if olu.Has(`main a[href$="/assign"]`) {
		d.t.Errorf("the claim goes on:\n%s", olu.Text())
	}
}

// erase: a person asks to be forgotten. Without the box that says so, nothing is erased.
func (d *officersDay) erase() {
	d.t.Helper()
	olu := d.open(walk.Olu, "/contacts?q=vogelsang")
	path := d.link(olu, "Björn Vogelsang")
	olu.Open(d.house.URL + path)
	olu.Follow(`main a[href$="/erase"]`)
	const button = `main form button.danger`
	d.answers(olu, button, 422, d.say("contact.erase.sure_required"))
	olu.Tick(`input[name=sure]`)
	d.answers(olu, button, 200, d.say("contact.erase.done"), d.say("contact.erased"))
	d.lacks(olu, "Vogelsang", "bjorn.vogelsang")
	d.lacks(d.open(walk.Olu, "/contacts?q=vogelsang"), "Björn Vogelsang")
}
