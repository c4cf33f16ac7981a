package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// outreachApp is a site with a cycle, contacts and outreach.
type outreachApp struct {
	*servertest.App
	contacts *contact.Service
	imports  *contact.Imports
	outreach *outreach.Service
	cycle    cycle.Cycle
	officer  account.Actor
	t        *testing.T
}

// workers names whoever works on an import.
var workers atomic.Int64

func newOutreachApp(t *testing.T, d *db.DB) *outreachApp {
	t.Helper()
	o := &outreachApp{t: t}
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	o.App = webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		o.contacts = contact.New(contact.Deps{
			DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("s"), Normalize: mail.Normalize, IsRole: mail.IsRole,
			Claims: outreach.Revoker{Now: a.Clock.Now}, Followers: adapt.Followers(a.Clock.Now), Links: link.NewSigner([]byte("s")),
		})
		o.outreach = outreach.New(outreach.Deps{DB: a.DB, Now: a.Clock.Now, Reference: ref, Contacts: o.contacts})
		o.imports = contact.NewImports(o.contacts, contact.ImportDeps{Unique: func() string { return fmt.Sprint(workers.Add(1)) }})
		deps.Geo, deps.Contacts, deps.Imports, deps.Outreach, deps.Trail = ref, o.contacts, o.imports, o.outreach, audit.NewTrail(a.DB)
		deps.Cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
	})
	o.officer = o.actor(o.Account("officer", account.Officer))
	o.cycle, err = cycle.New(cycle.Deps{DB: d, Now: o.Clock.Now}).Create(context.Background(), o.officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF Cybersecurity 2017"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *outreachApp) actor(a account.Account) account.Actor {
	o.t.Helper()
	actor, err := o.Accounts.Actor(context.Background(), a, "")
	if err != nil {
		o.t.Fatal(err)
	}
	return actor
}

// add makes a contact and gives the address of its page.
func (o *outreachApp) add(d contact.Draft) string {
	o.t.Helper()
	if d.Kind == "" {
		d.Kind = contact.Person
	}
	d.StakeholderGroup, d.CycleID = geo.GroupCivilSociety, o.cycle.ID
	c, err := o.contacts.Create(context.Background(), o.officer, d)
	if err != nil {
		o.t.Fatal(err)
	}
	return fmt.Sprintf("/contacts/%d", c.ID)
}

func (o *outreachApp) want(what string, got servertest.Response, status int, texts ...string) {
	o.t.Helper()
	if got.Status != status || !got.Shows(texts...) {
		o.t.Fatalf("%s: %d %s, want %d %q", what, got.Status, got.Text(), status, texts)
	}
}

// The volunteer's chain of the first cycle: see the gap, claim it, be refused as a second one, fill the
// address in, claim to reach out, log, hand back.
func TestVolunteersDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		page := o.add(contact.Draft{Name: "Ana Pérez", Country: "PE", Languages: "en"})
		first, second := o.SignIn(o.Account("amina", account.Volunteer)), o.SignIn(o.Account("boris", account.Volunteer))

		o.want("my outreach", first.Get("/outreach"), 200, "Ana Pérez", "no address", "You share a language: English.", "Claim: find an address")
		claimed := first.PostForm(page+"/claims", url.Values{"purpose": {"find_address"}})
		if claimed.Status != http.StatusSeeOther || claimed.Location() != page {
			t.Fatalf("claiming: %d %s", claimed.Status, claimed.Text())
		}
		o.want("after the claim", first.Get(page), 200, "It is yours until", "Add an address")
		mine := first.Get("/outreach")
		o.want("my claims", mine, 200, "7 days left", "Find an e-mail address and fill it in.", "Add an address")
		if !strings.Contains(mine.Body, `action="`+page+`/addresses"`) {
			t.Error("the address cannot be filled in on the list")
		}
		o.want("the second one", second.PostForm(page+"/claims", url.Values{"purpose": {"find_address"}}), 409, "There is a problem", "amina has claimed this contact until")
		if gone := second.Get("/outreach"); gone.Shows("Ana Pérez") {
			t.Error("a held gap is offered")
		}
		o.want("a typing error", first.PostForm(page+"/addresses", url.Values{"email": {"ana at example.org"}}), 422, "There is a problem")
		if again := first.PostForm(page+"/addresses", url.Values{"email": {"ana at example.org"}}); !strings.Contains(again.Body, `value="ana at example.org"`) {
			t.Error("what was typed is lost")
		}
		if added := first.PostForm(page+"/addresses", url.Values{"email": {"ana@example.org"}}); added.Status != http.StatusSeeOther {
			t.Fatalf("adding the address: %d %s", added.Status, added.Text())
		}
		if hidden := first.Get(page); hidden.Shows("ana@example.org") || !hidden.Shows("Known. You see it while you have claimed this contact.") {
			t.Errorf("after the claim the address is hidden: %s", hidden.Text())
		}
		first.PostForm(page+"/claims", url.Values{"purpose": {"reach_out"}})
		o.want("under the claim", first.Get(page), 200, "ana@example.org", "Log an attempt")

		claims, err := o.outreach.Mine(context.Background(), o.actor(first.Account), o.cycle.ID)
		if err != nil || len(claims) != 1 {
			t.Fatal(claims, err)
		}
		claim := fmt.Sprintf("%s/claims/%d", page, claims[0].ID)
		o.want("an attempt without an outcome", first.PostForm(claim+"/attempts", url.Values{"channel": {"call"}, "note": {"kept <b>"}}), 422, "Choose one of the options given.")
		o.want("a promise without a day", first.PostForm(claim+"/attempts", url.Values{"channel": {"call"}, "outcome": {"promised"}}), 422, "Enter the day for which they promised an answer.")
		logged := first.PostForm(claim+"/attempts", url.Values{"channel": {"call"}, "outcome": {"promised"}, "promised_until": {"2017-09-01"}, "note": {"asks for Spanish"}})
		if logged.Status != http.StatusSeeOther {
			t.Fatalf("logging: %d %s", logged.Status, logged.Text())
		}
		o.want("the history", second.Get(page), 200, "amina", "promised an answer", "asks for Spanish", "amina has claimed this contact")
		o.want("another's claim", second.PostForm(claim+"/release", nil), 404)
		if renewed := first.PostForm(claim+"/renew", nil); renewed.Status != http.StatusSeeOther {
			t.Errorf("renewing: %d", renewed.Status)
		}
		o.want("renewing twice", first.PostForm(claim+"/renew", nil), 409, "A claim can be renewed once.")
		first.PostForm(claim+"/release", url.Values{"release_note": {"prefers calls"}})
		o.want("handed back", second.Get(page), 200, "handed back", "prefers calls", "Claim: reach out")
		o.want("the cooldown", first.PostForm(page+"/claims", url.Values{"purpose": {"reach_out"}}), 409, "You had this contact lately.")
	})
}

func TestWhoMaySeeContacts(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	page := o.add(contact.Draft{Name: "Ana Pérez", Country: "PE", Email: "ana@example.org", Notes: "secret note"})
	status := map[account.Role]map[string]int{
		account.Public:      {"/contacts": 303, page: 303, "/contacts/new": 303, page + "/edit": 303, "/outreach": 303, "/coverage": 303, "/candidates": 303, "/candidates/1": 303},
		account.Translator:  {"/contacts": 403, page: 403, "/contacts/new": 403, page + "/edit": 403, "/outreach": 403, "/coverage": 403, "/candidates": 200, "/candidates/1": 403},
		account.Coordinator: {"/contacts": 200, page: 404, "/contacts/new": 403, page + "/edit": 403, "/outreach": 403, "/coverage": 200, "/candidates": 200, "/candidates/1": 403},
		account.Lead:        {"/contacts": 200, page: 200, "/contacts/new": 403, page + "/edit": 403, "/outreach": 403, "/coverage": 200, "/candidates": 200, "/candidates/1": 403},
		account.Volunteer:   {"/contacts": 200, page: 200, "/contacts/new": 403, page + "/edit": 403, "/outreach": 200, "/coverage": 200, "/candidates": 200, "/candidates/1": 403},
		account.Officer:     {"/contacts": 200, page: 200, "/contacts/new": 200, page + "/edit": 200, "/outreach": 200, "/coverage": 200, "/candidates": 200, "/candidates/1": 404},
	}
	for role, pages := range status {
		c := o.As(role)
		for path, want := range pages {
			got := c.Get(path)
			if got.Status != want {
				t.Errorf("%s at %s: %d, want %d: %s", role, path, got.Status, want, got.Text())
			}
			if role != account.Officer && (got.Shows("ana@example.org") || got.Shows("secret note")) {
				t.Errorf("%s at %s sees an address or a note", role, path)
			}
			if role == account.Coordinator && got.Shows("Ana Pérez") {
				t.Errorf("a coordinator of no country sees a name at %s", path)
			}
		}
	}
	v := o.As(account.Volunteer)
	for path, form := range map[string]url.Values{
		"/contacts/new": {"kind": {"person"}, "name": {"X"}, "stakeholder_group": {"media"}}, page + "/edit": {"name": {"X"}},
		"/coverage": {"stakeholder_group": {"media"}, "region": {"weog"}, "count": {"1"}}, page + "/addresses": {"email": {"x@example.org"}},
		"/candidates/1": {"decision": {"accept"}}, page + "/claims/1/revoke": nil,
	} {
		if got := v.PostForm(path, form); got.Status != http.StatusForbidden {
			t.Errorf("a volunteer posts to %s: %d", path, got.Status)
		}
	}
}

func TestOfficersContacts(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	c := o.As(account.Officer)
	c.Get("/contacts/new")
	wrong := c.PostForm("/contacts/new", url.Values{"kind": {"person"}, "name": {"إيمان"}, "email": {"nonsense"}, "country": {"EG"}})
	o.want("a form with mistakes", wrong, 422, "There is a problem", "Choose a stakeholder group from the list.")
	for _, kept := range []string{`value="إيمان"`, `value="nonsense"`, `<option value="EG" selected>`, `href="#f-stakeholder_group"`} {
		if !strings.Contains(wrong.Body, kept) {
			t.Errorf("the page lacks %s", kept)
		}
	}
	made := c.PostForm("/contacts/new", url.Values{
		"kind": {"person"}, "name": {"إيمان"}, "transliteration": {"Iman"}, "stakeholder_group": {"academia"}, "country": {"EG"},
		"email": {"iman@example.org"}, "organization": {"University"}, "language": {"ar fr"}, "expertise": {"ics", "ddos"},
	})
	if made.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.Status, made.Text())
	}
	page := made.Location()
	o.want("the contact", c.Get(page), 200, "إيمان is now among the contacts.", "Iman", "University", "iman@example.org", "Industrial control systems", "Academia")
	edit := c.Get(page + "/edit")
	if !strings.Contains(edit.Body, `value="Arabic, French"`) || !strings.Contains(edit.Body, `value="ics" checked`) {
		t.Error("the form to edit lacks what is known")
	}
	saved := c.PostForm(page+"/edit", url.Values{"name": {"Iman"}, "stakeholder_group": {"media"}, "country": {"EG"}, "language": {"ar"}})
	if saved.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", saved.Status, saved.Text())
	}
	o.want("found by filters in the address", c.Get("/contacts?q=IMAN&stakeholder_group=media&country=EG&language=ar"), 200, "Iman", "University")
	for _, name := range []string{"Arabic", "العربية", "arabe", "AR"} {
		o.want("a language by name: "+name, c.Get("/contacts?q=IMAN&language="+url.QueryEscape(name)), 200, "Iman", "Arabic – remove")
	}
	o.want("a filter without matches", c.Get("/contacts?region=weog"), 200, "Nothing found.", "Clear filters")
	o.want("a wrong filter", c.Get("/contacts?gap=nonsense"), 422)
	for i := range 30 {
		o.add(contact.Draft{Name: fmt.Sprintf("Zoe %02d", i), Country: "FR"})
	}
	list := c.Get("/contacts?country=FR")
	o.want("the first page", list, 200, "Zoe 00", "Zoe 24", "Next")
	_, rest, _ := strings.Cut(list.Body, `<nav class="pages"`)
	_, rest, _ = strings.Cut(rest, `href="`)
	href, _, _ := strings.Cut(rest, `"`)
	next := c.Get(strings.ReplaceAll(href, "&amp;", "&"))
	o.want("the second page", next, 200, "Zoe 25", "Zoe 29")
	if next.Shows("Zoe 24") {
		t.Error("the second page repeats the first")
	}
}

func TestCoveragePage(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	o.add(contact.Draft{Name: "Ana", Country: "PE"})
	c := o.As(account.Officer)
	c.Get("/coverage")
	for _, count := range []string{"", "many", "-1", "99999999999"} {
		o.want("target "+count, c.PostForm("/coverage", url.Values{"stakeholder_group": {"civil_society"}, "region": {"grulac"}, "count": {count}}), 422, "There is a problem")
	}
	if set := c.PostForm("/coverage", url.Values{"stakeholder_group": {"civil_society"}, "region": {"grulac"}, "count": {" 5 "}}); set.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", set.Status, set.Text())
	}
	page := c.Get("/coverage")
	o.want("the matrix", page, 200, "The target is set.", "1 of 5", "GRULAC", "Civil Society")
	if !strings.Contains(page.Body, `href="/coverage/cell?region=grulac&amp;stakeholder_group=civil_society"`) {
		t.Error("a cell does not lead to what is missing in it")
	}
	for _, gap := range []string{"no_address", "no_language", "no_claimant"} {
		if !strings.Contains(page.Body, `href="/contacts?gap=`+gap+`&amp;listed=yes"`) {
			t.Errorf("%s does not lead to its contacts", gap)
		}
	}
	o.want("a worklist", c.Get("/contacts?gap=no_address&listed=yes"), 200, "Ana", "1 contact", "On the list of this cycle: On the list")
	if empty := c.Get("/contacts?gap=bounced_address&listed=yes"); empty.Shows("Ana") {
		t.Error("a worklist shows who does not lack that")
	}
	if lead := o.As(account.Lead).Get("/coverage"); lead.Shows("Set a target") {
		t.Error("a lead is offered to set a target")
	}
}

// Each kind of gap is counted in the cell, in its group and over all, and each number leads to a list of just as many.
func TestEveryGapOfACellHasItsWorklist(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		for i, k := range []contact.Draft{
			{Country: "PE"}, {Country: "PE", Languages: "es"}, {Country: "PE", Email: "ana@example.org"}, {Country: "KE", Email: "eve@example.org"},
		} {
			k.Name = fmt.Sprint("Ana ", i)
			o.add(k)
		}
		v, officer := o.As(account.Volunteer), o.As(account.Officer)
		v.PostForm("/contacts/3/claims", url.Values{"purpose": {"reach_out"}})
		for region, count := range map[string]string{"grulac": "5", "weog": "2", "african_group": "1"} {
			officer.PostForm("/coverage", url.Values{"stakeholder_group": {"civil_society"}, "region": {region}, "count": {count}})
		}
		officer.Get("/coverage")
		const cell = "/coverage/cell?region=grulac&stakeholder_group=civil_society"
		counted := regexp.MustCompile(`href="(/contacts\?gap=[^"]*)"[^>]*>(\d+)<`)
		for path, wanted := range map[string]int{cell: 3, "/coverage": 6} {
			body := officer.Get(path).Body
			links := counted.FindAllStringSubmatch(body, -1)
			if len(links) != wanted {
				t.Errorf("%s has %d worklists, want %d: %q", path, len(links), wanted, links)
			}
			for _, l := range links {
				list := officer.Get(html.UnescapeString(l[1]))
				if got := strings.Count(list.Body, `<th scope="row"`); fmt.Sprint(got) != l[2] {
					t.Errorf("%s says %s for %s, which lists %d", path, l[2], l[1], got)
				}
			}
		}
		o.want("the cell", officer.Get(cell), 200, "Civil Society", "GRULAC", "3 of 5", "2 missing", "Add a contact", "All contacts of this cell")
		whole := officer.Get("/coverage")
		o.want("over all", whole, 200, "cells under their target 2", "4 missing", "How to read")
		if got := strings.Count(between(whole.Body, `id="under"`, "</ul>"), "<li>"); got != 2 {
			t.Errorf("%d cells are listed as under their target, want 2", got)
		}
		o.want("a cell with nobody", officer.Get("/coverage/cell?region=weog&stakeholder_group=civil_society"), 200, "0 of 2", "2 missing")
		o.want("a cell that is complete", officer.Get("/coverage/cell?region=african_group&stakeholder_group=civil_society"), 200, "1 of 1")
		if got := officer.Get("/coverage/cell"); got.Location() != "/coverage" {
			t.Errorf("no cell named leads to %q", got.Location())
		}
		for _, wrong := range []string{"?region=mars&stakeholder_group=civil_society", "?region=weog&stakeholder_group=fish"} {
			if got := officer.Get("/coverage/cell" + wrong); got.Status != http.StatusNotFound {
				t.Errorf("no cell %q: %d", wrong, got.Status)
			}
		}
		o.want("what a volunteer suggests stands in the cell", v.Get("/candidates?stakeholder_group=civil_society"), 200)
		if got := v.Get("/candidates?stakeholder_group=civil_society"); !strings.Contains(got.Body, `value="civil_society" selected`) {
			t.Error("the group of the cell is not chosen already")
		}
	})
}

func TestCandidatePages(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	member, officer := o.As(account.Translator), o.As(account.Officer)
	member.Get("/candidates")
	o.want("an empty suggestion", member.PostForm("/candidates", url.Values{"kind": {"person"}}), 422, "There is a problem", "Please fill this in.")
	for _, name := range []string{"Wanjiru", "Kamau", "Otieno"} {
		sent := member.PostForm("/candidates", url.Values{"kind": {"person"}, "name": {name}, "stakeholder_group": {"academia"}, "country": {"KE"}, "email": {name + "@example.org"}, "note": {"leads the CERT"}})
		if sent.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", sent.Status, sent.Text())
		}
	}
	o.want("my suggestions", member.Get("/candidates"), 200, "The secretariat will look at your suggestion.", "Wanjiru", "waiting")
	o.want("the officer's list", officer.Get("/candidates"), 200, "Waiting for a decision", "Wanjiru", "Kamau")
	o.want("one of them", officer.Get("/candidates/1"), 200, "Wanjiru", "leads the CERT", "wanjiru@example.org", "Suggested by")
	decide := func(id int, form url.Values, status int) {
		t.Helper()
		if got := officer.PostForm(fmt.Sprintf("/candidates/%d", id), form); got.Status != status {
			t.Fatalf("%v: %d %s", form, got.Status, got.Text())
		}
	}
	decide(1, url.Values{"decision": {"accept"}}, http.StatusSeeOther)
	decide(1, url.Values{"decision": {"reject"}, "note": {"x"}}, http.StatusConflict)
	decide(2, url.Values{}, http.StatusUnprocessableEntity)
	decide(2, url.Values{"decision": {"merge"}}, http.StatusUnprocessableEntity)
	decide(2, url.Values{"decision": {"merge"}, "contact_id": {"1"}}, http.StatusSeeOther)
	decide(3, url.Values{"decision": {"reject"}}, http.StatusUnprocessableEntity)
	decide(3, url.Values{"decision": {"reject"}, "reason": {"left the field"}}, http.StatusSeeOther)
	o.want("the outcome", member.Get("/candidates"), 200, "accepted", "merged", "rejected", "left the field")
	o.want("the new contact", officer.Get("/contacts/1"), 200, "Wanjiru", "kamau@example.org")
}

func TestConnectionsPage(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	org := o.add(contact.Draft{Name: "Red Andina", Kind: contact.Organization, Country: "PE"})
	c := o.As(account.Volunteer)
	c.Get("/outreach/connections")
	wrong := c.PostForm("/outreach/connections", url.Values{"language": {"Blorkish"}, "country": {"PE"}})
	o.want("a wrong language", wrong, 422, "We do not know this.")
	if !strings.Contains(wrong.Body, `href="#f-language"`) || !strings.Contains(wrong.Body, `id="f-language-error"`) || !strings.Contains(wrong.Body, `value="PE" selected`) {
		t.Error("what is wrong is not said at its field, or the rest is lost")
	}
	o.add(contact.Draft{Name: "Ministerio de Salud", Kind: contact.Organization, Country: "PE"})
	o.add(contact.Draft{Name: "Ministerio de Justicia", Kind: contact.Organization, Country: "PE"})
	o.want("one of two", c.PostForm("/outreach/connections", url.Values{"organization": {"ministerio"}}), 422, "Several organizations are called so")
	o.want("none", c.PostForm("/outreach/connections", url.Values{"organization": {"Harbour Office"}}), 422, "No organization among the contacts is called so")
	c.PostForm("/outreach/connections", url.Values{"organization": {"salud, MINISTERIO"}, "language": {"español, árabe"}})
	o.want("by their names", c.Get("/outreach/connections"), 200, "Organization: Ministerio de Salud", "Language: Spanish", "Language: Arabic")
	for i := 3; i > 0; i-- {
		c.PostForm(fmt.Sprintf("/outreach/connections/%d/remove", i), nil)
	}
	c.PostForm("/outreach/connections", url.Values{"language": {"fr"}, "country": {"PE"}, "rir": {""}, "expertise": {"ics", "ddos"}, "conflict": {"KE"}})
	c.PostForm("/outreach/connections", url.Values{"organization": {strings.TrimPrefix(org, "/contacts/")}})
	page := c.Get("/outreach/connections")
	o.want("my connections", page, 200, "Language: French", "Country: Peru", "Industrial control systems", "Conflict of interest: Kenya", "Organization: Red Andina")
	o.want("matches", c.Get("/outreach"), 200, "Red Andina", "You are connected to Red Andina.", "You know the country: Peru.")
	if gone := c.PostForm("/outreach/connections/4/remove", nil); gone.Status != http.StatusSeeOther {
		t.Fatalf("%d", gone.Status)
	}
	if again := c.PostForm("/outreach/connections/4/remove", nil); again.Status != http.StatusNotFound {
		t.Errorf("removing twice: %d", again.Status)
	}
}

// The pages stay small enough for a slow link, in a language with long words and codes.
func TestOutreachPagesAreSmall(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	for i := range 40 {
		o.add(contact.Draft{Name: fmt.Sprintf("Ana María Pérez Rodríguez %02d", i), Country: "PE", Languages: "es en"})
	}
	o.Clock.Advance(time.Minute)
	v, officer := o.As(account.Volunteer), o.As(account.Officer)
	for _, path := range []string{"/outreach", "/contacts", "/contacts/1", "/coverage", "/candidates", "/outreach/connections"} {
		for _, c := range []*servertest.Client{v, officer} {
			if n := zipped(t, c.Get(path+"?lang=ru").Body); n > 22_000 { // the frame's files come to it once
				t.Errorf("%s: %d bytes compressed", path, n)
			}
		}
	}
}

func zipped(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// Whoever may open a contact finds it from those it is tied to, and nobody is led to what they may not open.
func TestTiesLeadToWhatTheReaderMayOpen(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	own := o.add(contact.Draft{Kind: contact.Organization, Name: "Own House", Country: "PE"})
	other := o.add(contact.Draft{Kind: contact.Organization, Name: "Other House", Country: "CL"})
	person := o.add(contact.Draft{Name: "Ana Pérez", Country: "PE"})
	for _, house := range []int64{1, 2} {
		if _, err := o.contacts.Affiliate(t.Context(), o.officer, contact.Affiliation{ContactID: 3, OrganizationID: house}); err != nil {
			t.Fatal(err)
		}
	}
	koki := o.Account("koki", account.Coordinator)
	nris := nri.New(nri.Deps{DB: o.DB, Accounts: o.Accounts, Now: o.Clock.Now})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := nris.Import(t.Context(), o.officer, []geo.InitiativeRow{{Name: "IGF Perú", Kind: geo.KindNational, Countries: []string{"PE"}, Confirmed: true}})
	must(err)
	all, err := nris.List(t.Context(), o.officer, nri.Filter{})
	must(err)
	must(nris.AssignCoordinator(t.Context(), o.officer, all[0].ID, koki.ID))
	coordinator := o.SignIn(koki)
	for name, see := range map[string]struct {
		c           *servertest.Client
		own, others bool
	}{"officer": {o.As(account.Officer), true, true}, "volunteer": {o.As(account.Volunteer), true, true}, "coordinator": {coordinator, true, false}} {
		page := see.c.Get(person)
		for path, links := range map[string]bool{own: see.own, other: see.others} {
			if strings.Contains(page.Body, `href="`+path+`"`) != links {
				t.Errorf("%s: a link to %s: %t, want %t", name, path, !links, links)
			}
		}
	}
	if got := coordinator.Get(own); !strings.Contains(got.Body, `href="`+person+`"`) {
		t.Error("the people of an organization are not linked for its country's coordinator")
	}
}
