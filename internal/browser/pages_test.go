//go:build unix

package browser

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/browser/crawl"
	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// role is somebody who looks at the pages.
type role struct{ name, email string }

func roles() []role {
	return []role{
		{"nobody", ""},
		{"volunteer", "carla@volunteers.example.org"},
		{"translator", "teresa@translators.example.org"},
		{"coordinator", "ines@nri.example.org"},
		{"lead", "maren@lead.example.org"},
		{"officer", "olu@secretariat.example.org"},
	}
}

// unlinked are routes for GET that no link of a page leads to, each with the reason.
func unlinked() map[string]string {
	return map[string]string{
		"/healthz":              "for programs that watch",
		"/readyz":               "for programs that watch",
		"/metrics":              "for programs that watch",
		"/static/:file":         "what pages are made of; every visit loads it",
		"/contacts/:id/message": "what the form of a contact's page leads to; see TestVolunteersDay",
		"/confirm/:secret":      "where the letter to another address leads; see TestAnotherAddressIsConfirmedAndTheOldOneTold",
		"/suggestions/:token":   "where the public form leads; see TestOfficersDay",
		"/calls/:slug/contributions/:number/versions/:version/files/:file": "only of what was corrected; see TestCorrectingDocumentsAndNames",
		"/contributions/:id/correction/files/:file":                        "only while a correction waits; see TestCorrectingDocumentsAndNames",
		"/remarks/:token":  "where a comment by the public leads",
		"/sign-in/:secret": "in a mail only, and used up by the first who presses its button; see TestSignInByLink",
	}
}

// TestPages visits every page that each role can come to, after the chain has been walked, so that
// lists have something in them.
func TestPages(t *testing.T) { //nolint:tparallel // the group waits for its parallel subtests, so that the report is whole
	t.Parallel()
	h := house.Start(t, house.Small())
	chain := walk.Chain(t, h)
	chain.More()
	routes := h.Routes(t)
	report := newReport(t)
	found := map[role][]crawl.Page{}
	personal := append(personalLinks(t, h), "/r/"+chain.Token, chain.Union, chain.Signing) // what was answered looks different
	personal = append(personal, invited(t, h, personal))
	for _, who := range roles() {
		starts := startsOf(who, personal)
		if who.email == walk.Olu { // of the many contacts she sees one that is held
			starts = append(starts, fmt.Sprintf("/contacts/%d", chain.Held))
		}
		c := crawl.Follow(t, clientOf(t, h, who), routes, "", starts...)
		for _, w := range c.Wrong {
			t.Errorf("%s: %s", who.name, w)
		}
		report.reached(c.Pages, c.Files)
		found[who] = crawl.Distinct(c.Pages)
	}
	report.checkReached(routes)
	source := axe(t)
	t.Run("visit", func(t *testing.T) {
		for _, who := range slices.Backward(roles()) { // who sees most begins
			t.Run(who.name, func(t *testing.T) {
				t.Parallel()
				visitAll(t, h, who, found[who], source, report)
			})
		}
	})
	t.Log(report.String())
}

// visitAll opens every page as one person, in two languages, with scripts and without, and looks at it
// in both windows.
func visitAll(t *testing.T, h *house.House, who role, pages []crawl.Page, source string, report *report) {
	t.Helper()
	b := chrome.Person(t, phone())
	enter(b, h, who)
	for _, scripts := range []bool{true, false} {
		for _, p := range pages {
			for _, language := range []language{{"en", "ltr"}, {"ar", "rtl"}} {
				b.look(t, windowOf(phone(), scripts))
				v := b.Open(h.URL + crawl.WithLanguage(p.Path, language.tag))
				report.visited(p, &v, b.examine(v, who, p, language, source, report))
				b.look(t, windowOf(desktop(), scripts)) // the same page, in another window
				b.examine(v, who, p, language, source, report)
			}
		}
	}
}

type language struct{ tag, dir string }

func windowOf(w Window, scripts bool) Window {
	w.NoScript = !scripts
	return w
}

func (b *Tab) look(t *testing.T, w Window) {
	t.Helper()
	if err := b.Look(w); err != nil {
		t.Fatal(err)
	}
}

// examine holds the page that is open against what every page must be like. What takes long, the
// rules of accessibility and a picture, is for the page on the phone in English and on the desktop in
// Arabic; in the latter, and for pictures, only where the page shows what none did before. Everybody's
// first page is kept in all four.
func (b *Tab) examine(v Visit, who role, p crawl.Page, l language, source string, report *report) (server float64) {
	b.t.Helper()
	f, wrong := b.check(v, wanted{status: 200, lang: l.tag, dir: l.dir, maxBytes: maxBytes})
	small := b.window.Name == phone().Name
	thorough := !b.window.NoScript && small == (l.dir == "ltr")
	news := thorough && report.isNews(p, l.tag)
	if news || thorough && small {
		wrong = append(wrong, b.accessible(source)...)
	}
	if news || !b.window.NoScript && p.Path == "/" {
		report.picture(b, who, p, l.tag)
	}
	for _, problem := range wrong {
		b.t.Errorf("%s in %s, %s, without scripts: %v: %s", p.Path, l.tag, b.window.Name, b.window.NoScript, problem)
	}
	return f.Server
}

// enter signs a tab in, as a visitor of the demo does.
func enter(b *Tab, h *house.House, who role) {
	b.t.Helper()
	if who.email == "" {
		return
	}
	b.Open(h.URL + "/sign-in")
	b.Follow(fmt.Sprintf("form:has(input[name=email][value=%q]) button", who.email))
}

func clientOf(t *testing.T, h *house.House, who role) *house.Client {
	t.Helper()
	if who.email == "" {
		return h.Visitor(t)
	}
	return h.As(t, who.email)
}

func startsOf(who role, personal []string) []string {
	if who.email == "" {
		return append([]string{"/"}, personal...)
	}
	return []string{"/"}
}

var personalLink = regexp.MustCompile(`/[ru]/[A-Za-z0-9._~-]{10,}`)

// personalLinks are the addresses in the mail that the chain has sent, one of each kind.
func personalLinks(t *testing.T, h *house.House) []string {
	t.Helper()
	officer := h.As(t, "olu@secretariat.example.org")
	c := crawl.Follow(t, officer, h.Routes(t), "", "/mailbox")
	kinds := map[string]string{}
	for _, p := range c.Pages {
		if !strings.HasPrefix(p.Path, "/mailbox/") {
			continue
		}
		for _, link := range personalLink.FindAllString(officer.Get(p.Path).Body, -1) {
			kinds[link[:3]] = link
		}
	}
	if len(kinds) != 2 {
		t.Errorf("the mailbox holds personal links of the kinds %v, want an answer's and an unsubscription's", kinds)
	}
	var links []string
	for _, link := range kinds {
		links = append(links, link)
	}
	return links
}

// invited lets whoever has a link to a draft invite somebody to edit with them, and gives the link of the latter.
func invited(t *testing.T, h *house.House, links []string) string {
	t.Helper()
	for _, link := range links {
		if !strings.HasPrefix(link, "/r/") {
			continue
		}
		r := h.Visitor(t).PostForm(link+"/editors", url.Values{"name": {"Ana Quispe"}, "email": {"ana.quispe@example.net"}, "language": {"en"}})
		if r.Status == http.StatusSeeOther {
			return editorsLink(t, h)
		}
	}
	t.Fatal("nobody could invite somebody to edit")
	return ""
}

// report is what the visits have found out together.
type report struct {
	t        *testing.T
	folder   string
	mu       sync.Mutex
	routes   map[string]bool
	shapes   map[string]map[string]bool
	visits   int
	pictures int
	heaviest Visit
	slowest  Visit
	slow     []string
}

func newReport(t *testing.T) *report {
	t.Helper()
	return &report{t: t, folder: pictureFolder(), routes: map[string]bool{}, shapes: map[string]map[string]bool{}, slowest: Visit{Server: -1}}
}

func (r *report) reached(lists ...[]crawl.Page) {
	for _, p := range slices.Concat(lists...) {
		r.routes[p.Route.Path] = true
	}
}

// checkReached fails for pages that nobody can come to.
func (r *report) checkReached(routes []house.Route) {
	r.t.Helper()
	exempt := unlinked()
	for _, route := range routes {
		if route.Method != "GET" || route.API || r.routes[route.Path] {
			continue
		}
		if _, ok := exempt[route.Path]; !ok {
			r.t.Errorf("no link leads to %s: link to it, or say in unlinked why not", route.Path)
		}
	}
}

// isNews says whether the page shows something that no page before it did in this language: whoever
// comes to it, its other parts were looked at.
func (r *report) isNews(p crawl.Page, lang string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.shapes[lang]
	if all == nil {
		all = map[string]bool{}
		r.shapes[lang] = all
	}
	news := !all[p.Route.Path]
	all[p.Route.Path] = true
	for _, kind := range p.Doc.Shape() {
		news = news || !all[kind]
		all[kind] = true
	}
	return news
}

func (r *report) visited(p crawl.Page, v *Visit, server float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visits++
	v.Server = server
	if v.Bytes() > r.heaviest.Bytes() {
		r.heaviest = *v
	}
	if v.Server > r.slowest.Server {
		r.slowest = *v
	}
	if v.Server > promised {
		r.slow = append(r.slow, fmt.Sprintf("%.0f ms %s", v.Server, p.Path))
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// picture keeps what the page looks like.
func (r *report) picture(b *Tab, who role, p crawl.Page, lang string) {
	b.t.Helper()
	png, err := b.Picture()
	if err != nil {
		b.t.Errorf("%s: no picture: %v", p.Path, err)
		return
	}
	page := cmp.Or(strings.Trim(notInNames.ReplaceAllString(strings.ToLower(p.Path), "-"), "-"), "home")
	name := fmt.Sprintf("%.60s.%s.%s.%s.png", page, who.name, lang, b.window.Name)
	if err := os.WriteFile(filepath.Join(r.folder, name), png, 0o600); err != nil {
		b.t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pictures++
}

func (r *report) String() string {
	return fmt.Sprintf("%d visits, %d pictures in %s; heaviest %d bytes (%s), slowest %.1f ms (%s); over %.0f ms: %d %v",
		r.visits, r.pictures, r.folder, r.heaviest.Bytes(), r.heaviest.URL, r.slowest.Server, r.slowest.URL, promised, len(r.slow), r.slow)
}
