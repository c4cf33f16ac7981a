package web_test

import (
	"html"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// carried is what a page's form sends along unseen.
func carried(page string) url.Values {
	all := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		all.Add(m[1], html.UnescapeString(m[2]))
	}
	return all
}

// holds looks for texts and for markup.
func (o *outreachApp) holds(what string, got servertest.Response, status int, texts ...string) {
	o.t.Helper()
	if got.Status != status {
		o.t.Fatalf("%s: %d, want %d: %s", what, got.Status, status, got.Text())
	}
	for _, text := range texts {
		if !got.Shows(text) && !strings.Contains(got.Body, text) {
			o.t.Errorf("%s: no %q in %s", what, text, got.Text())
		}
	}
}

// An officer chooses contacts on the list, says what changes, is told what is wrong, sees the preview, is refused because
// somebody was quicker, confirms, and takes it back.
func TestOfficerEditsSeveralContacts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		ana := o.add(contact.Draft{Name: "Ana <b>", Country: "PE", Languages: "en"})
		ben := o.add(contact.Draft{Name: "Ben", Country: "PE", StakeholderGroup: geo.GroupGovernment, Languages: "es"})
		o.add(contact.Draft{Name: "Zoe", Country: "FR"})
		b := o.As(account.Officer)
		list := b.Get("/contacts?country=PE")
		o.holds("the list", list, 200, `aria-label="Choose Ana &lt;b&gt;"`, "Edit those chosen", "Edit all 2 that match", `href="/contacts/bulk?all=1&amp;country=PE"`)
		o.holds("nobody chosen", b.Get("/contacts/bulk?country=PE"), http.StatusUnprocessableEntity, "Choose at least one contact", `href="#f-contacts"`, `href="/contacts?country=PE"`)
		o.holds("too much", b.Get("/contacts/bulk?id=nonsense"), http.StatusUnprocessableEntity, "Choose at least one contact")
		o.holds("all that match", b.Get("/contacts/bulk?all=1&country=PE"), 200, "2 contacts are chosen")
		choose := b.Get("/contacts/bulk?country=PE&id=" + path.Base(ana) + "&id=" + path.Base(ben) + "&id=77777")
		o.holds("the fields", choose, 200, "3 contacts are chosen", "Stays as it is", "Put first")
		form := carried(choose.Body)
		with := func(pairs ...string) url.Values {
			all := url.Values{}
			for name, values := range form {
				all[name] = values
			}
			for i := 0; i < len(pairs); i += 2 {
				all.Add(pairs[i], pairs[i+1])
			}
			return all
		}
		o.holds("no field", b.PostForm("/contacts/bulk", with()), http.StatusUnprocessableEntity, "Choose at least one thing to change")
		o.holds("wrong fields", b.PostForm("/contacts/bulk", with("language", "Klingon of Qo’noS", "language_how", "add", "note", "met at the IGF", "expertise", "ics")),
			http.StatusUnprocessableEntity, "Klingon of Qo’noS", "met at the IGF", `href="#f-language"`, `href="#f-expertise_how"`, "Say what to do with what you chose here", `value="ics" checked`)
		preview := b.PostForm("/contacts/bulk", with("stakeholder_group", "government", "language_how", "first", "language", "Spanish", "note", "met at the IGF"))
		o.holds("the preview", preview, 200, "2 contacts will change", "1 cannot be changed", "There is no such contact", "Ana &lt;b&gt;", "Civil Society", "Spanish and English", "Change 2 contacts")
		if zipped(t, preview.Body) > 30<<10 || zipped(t, choose.Body) > 30<<10 {
			t.Errorf("%d and %d bytes", len(preview.Body), len(choose.Body))
		}
		again := carried(preview.Body)
		again.Set("step", "edit")
		o.holds("back to the fields", b.PostForm("/contacts/bulk", again), 200, `value="government" selected`, `value="first" selected`, "Spanish", "met at the IGF")

		commit := carried(preview.Body)
		commit.Set("step", "commit")
		o.Clock.Advance(time.Minute)
		b.PostForm(ben+"/edit", url.Values{"name": {"Ben Ali"}, "stakeholder_group": {"government"}, "country": {"PE"}})
		stale := b.PostForm("/contacts/bulk", commit)
		o.holds("somebody was quicker", stale, http.StatusConflict, "Some of these contacts were changed meanwhile", "Ben Ali", "2 contacts will change")
		o.holds("nothing was saved", b.Get(ana), 200, "Civil Society")

		commit = carried(stale.Body)
		commit.Set("step", "commit")
		done := b.PostForm("/contacts/bulk", commit)
		if done.Status != http.StatusSeeOther || !strings.HasPrefix(done.Location(), "/contacts/changes#c-") {
			t.Fatalf("%d %s", done.Status, done.Location())
		}
		o.holds("the changes", b.Get("/contacts/changes"), 200, "Contacts changed: 2. You can undo this below.",
			"Bulk edit · 2 contacts", "Stakeholder group: Government", "Languages · Put first: Spanish", "Notes: a line was added")
		o.holds("the contact", b.Get(ana), 200, "Government", "met at the IGF")
		undo := "/contacts/changes/" + strings.TrimPrefix(done.Location()[strings.Index(done.Location(), "#c-"):], "#c-") + "/undo"
		if res := b.PostForm(undo, nil); res.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", res.Status, res.Text())
		}
		if page := b.Get(ana); page.Shows("met at the IGF") || !page.Shows("Civil Society") {
			t.Error("not undone")
		}

		off := with("list", "remove")
		off.Set("token", carried(b.PostForm("/contacts/bulk", off).Body).Get("token"))
		off.Set("step", "commit")
		b.PostForm("/contacts/bulk", off)
		o.holds("the history", b.Get(ana+"/listing"), 200, "officer took it off the list", "officer chose Civil Society")

		v := o.As(account.Volunteer)
		if page := v.Get("/contacts"); page.Shows("Edit those chosen") || strings.Contains(page.Body, `name="id"`) {
			t.Error("a volunteer is offered what she may not do")
		}
		if res := v.PostForm("/contacts/bulk", with("note", "x")); res.Status != http.StatusForbidden {
			t.Errorf("a volunteer: %d", res.Status)
		}
	})
}
