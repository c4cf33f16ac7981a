package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

// reading is the site with a contact who was sent a mail, and the address of the page behind its link.
func reading(t *testing.T, d *db.DB, locale string) (app *servertest.App, k *contributiontest.Kit, id int64, path string) {
	t.Helper()
	app, k = contributing(t, d)
	id = k.Contact("Ana", "pt")
	return app, k, id, "/u/" + k.Mailed(id, locale)
}

// led is the page to which an answer leads somebody who takes no cookies.
func led(app *servertest.App, r servertest.Response) servertest.Response {
	return app.Visitor().Get(r.Header.Get("Location"))
}

// Programs look at every link of a mail, and some submit what they find there with nothing in it.
func TestLookingAtPreferencesChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, _, path := reading(t, d, "pt")
		for range 3 {
			p := app.Visitor().Get(path)
			if p.Status != http.StatusOK || !strings.Contains(p.Body, `<html lang="pt"`) || !p.Shows("a•••@example.org", "Ana") {
				t.Fatalf("looking: %d %s", p.Status, p.Text())
			}
			for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"} {
				if got := p.Header.Get(name); got != want {
					t.Errorf("%s: %q", name, got)
				}
			}
		}
		app.Visitor().Do(http.MethodHead, path, "", nil)
		for _, scope := range []string{"campaign", "cycle", "everything"} {
			if p := app.Visitor().Get(path + "/stop?scope=" + scope); p.Status != http.StatusOK || !strings.Contains(p.Body, `<form method="post"`) {
				t.Errorf("asking before %s: %d", scope, p.Status)
			}
		}
		if p := app.Visitor().Get(path + "/stop"); p.Status != http.StatusSeeOther {
			t.Errorf("asking before nothing in particular: %d", p.Status)
		}
		for _, post := range []string{"", "/stop", "/again", "/wishes"} {
			app.Visitor().Post(path+post, nil)
		}
		if n := k.Count("select (select count(*) from suppression) + (select count(*) from opt_out) + (select count(*) from audit_event where action like 'preference%')"); n != 0 {
			t.Errorf("looking left %d rows", n)
		}
		for _, forged := range []string{"/u/forged", path + "a", strings.Replace(path, path[4:8], "aaaa", 1)} {
			for _, page := range []string{"", "/stop?scope=cycle"} {
				if p := app.Visitor().Get(forged + page); p.Status != http.StatusNotFound || p.Shows("Ana") {
					t.Errorf("%s: %d", forged+page, p.Status)
				}
			}
			if p := app.Visitor().Post(forged, url.Values{"List-Unsubscribe": {"One-Click"}}); p.Status != http.StatusNotFound {
				t.Errorf("%s with one click: %d", forged, p.Status)
			}
		}
	})
}

// What an address says is no form: a program that posts nothing to the links that it found, as they stand, changes nothing.
func TestPostingNothingToALinkChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, id, path := reading(t, d, "en")
		visitor := app.Visitor()
		visitor.Post(path+"/address", url.Values{"new_email": {"new@example.net"}})
		confirm := confirmLink.FindString(letterTo(t, k, "new@example.net"))
		visitor.Post(confirm, url.Values{"sure": {"yes"}})
		visitor.Post(path+"/stop", url.Values{"scope": {"campaign"}})
		visitor.Post(path+"/address", url.Values{"new_email": {"newer@example.net"}})
		confirm = confirmLink.FindString(letterTo(t, k, "newer@example.net"))
		before := k.Count("select count(*) from audit_event where action like 'preference%'")
		for _, link := range []string{
			path + "?List-Unsubscribe=One-Click", path + "/stop?scope=everything", path + "/stop?scope=cycle&lang=en", path + "/again?scope=campaign",
			path + "/wishes?language=fr&often=none", path + "/address?new_email=x@example.net", path + "/address/back", path + "/address/back?sure=yes",
			path + "/colleague?name=Bo&email=bo@example.net&why=x&still=no", confirm, confirm + "?sure=yes",
		} {
			if p := visitor.Post(link, nil); p.Status >= http.StatusInternalServerError || p.Status == http.StatusNotFound {
				t.Errorf("posting nothing to %s: %d", link, p.Status)
			}
		}
		if n := k.Count("select count(*) from audit_event where action like 'preference%'") - before; n != 0 {
			t.Errorf("it changed %d things", n)
		}
		if got := k.Text("select email from mailable_address where contact_id = ?", id); got != "new@example.net" {
			t.Errorf("messages go to %s", got)
		}
	})
}

// A mail program has neither cookie nor token of a form. What it stops is what the List-ID of the mail names.
func TestOneClickStopsTheCycle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, id, path := reading(t, d, "en")
		for range 2 {
			if p := app.Visitor().Post(path, url.Values{"List-Unsubscribe": {"One-Click"}}); p.Status != http.StatusOK {
				t.Errorf("one click: %d", p.Status)
			}
		}
		if n := k.Count("select count(*) from cycle_opted_out_contact where contact_id = ? and cycle_id = ?", id, k.CycleID); n != 1 {
			t.Errorf("%d opt-outs of the cycle", n)
		}
		if k.Text("select how from opt_out") != "one_click" || k.Count("select count(*) from suppression") != 0 {
			t.Error("one click did something else")
		}
		p := app.Visitor().Get(path)
		if !p.Shows("for no more messages of BPF Cybersecurity 2017", "I want them again") {
			t.Errorf("afterwards: %s", p.Text())
		}
	})
}

func TestStoppingAndComingBackWithoutAnything(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, id, path := reading(t, d, "en")
		other := "/u/" + k.Mailed(id, "en") // a later mail, forwarded to a stranger
		for _, scope := range []string{"campaign", "cycle", "everything"} {
			p := app.Visitor().Get(path + "/stop?scope=" + scope + "&lang=en")
			if !p.Shows("Stop ", "a•••@example.org", "takes effect at once") {
				t.Fatalf("before %s: %s", scope, p.Text())
			}
			p = app.Visitor().Post(path+"/stop?lang=en", url.Values{"scope": {scope}})
			if p = led(app, p); !p.Shows("Done. This holds at once.", "I want them again") {
				t.Errorf("%s: %s", scope, p.Text())
			}
			if scope != "campaign" { // which is another campaign than that of the other mail
				if p := app.Visitor().Post(other+"/again", url.Values{"scope": {scope}}); p.Status != http.StatusConflict {
					t.Errorf("taken back by another mail: %d", p.Status)
				}
				if p := app.Visitor().Get(other); p.Shows("I want them again") {
					t.Error("another mail offers to take it back")
				}
			}
		}
		if p := app.Visitor().Get(path); p.Shows("Language of the messages", "Stop messages") {
			t.Error("there is more to stop, or to wish for")
		}
		if n := k.Count("select count(*) from mailable_address where contact_id = ?", id); n != 0 {
			t.Error("the address can still be mailed")
		}
		for _, scope := range []string{"everything", "cycle", "campaign"} {
			p := led(app, app.Visitor().Post(path+"/again", url.Values{"scope": {scope}}))
			if !p.Shows("You get these messages again") {
				t.Errorf("%s again: %s", scope, p.Text())
			}
		}
		if n := k.Count("select count(*) from mailable_address where contact_id = ?", id); n != 1 {
			t.Error("the address cannot be mailed again")
		}
		if p := app.Visitor().Get(path + "?said=stopped&lang=en"); p.Shows("This holds at once") {
			t.Error("a page that was kept says that something is stopped")
		}
		if n := k.Count("select count(*) from audit_event where action in ('preference.asked', 'preference.ended') and actor_kind = 'contributor'"); n != 6 {
			t.Errorf("%d events", n)
		}
	})
}

func TestWishesInEveryLanguageWithoutAnything(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, id, path := reading(t, d, "en")
		k.Exec("update contact set languages = 'pt' where id = ?", id)
		for _, tag := range i18ntest.Bundle(t).Tags() {
			p := app.Visitor().Get(path + "?lang=" + tag)
			if p.Status != http.StatusOK || !strings.Contains(p.Body, `<html lang="`+tag+`"`) || len(p.Body) > 30<<10 {
				t.Errorf("in %s: %d, %d bytes", tag, p.Status, len(p.Body))
			}
		}
		p := led(app, app.Visitor().Post(path+"/wishes?lang=es", url.Values{"language": {"fr"}, "often": {"one"}}))
		if !strings.Contains(p.Body, `<html lang="es"`) || !strings.Contains(p.Body, `value="fr" selected`) || !strings.Contains(p.Body, `value="one" checked`) {
			t.Errorf("after the wishes: %s", p.Body)
		}
		if got := k.Text("select languages || '/' || language_chain from contact where id = ?", id); !strings.HasPrefix(got, "fr pt/fr pt") {
			t.Errorf("written to in %q", got)
		}
		app.Visitor().Post(path+"/wishes", url.Values{"often": {"none"}})
		if got := k.Text("select scope from opt_out where ended_at is null"); got != "reminders" {
			t.Errorf("asked for %q", got)
		}
		app.Visitor().Post(path+"/wishes", url.Values{"often": {"all"}})
		if n := k.Count("select count(*) from opt_out where ended_at is null"); n != 0 {
			t.Errorf("%d opt-outs of somebody who wants all", n)
		}
		bad := app.Visitor().Post(path+"/wishes", url.Values{"language": {"tlh"}, "often": {"daily"}})
		if bad.Status != http.StatusUnprocessableEntity || k.Count("select count(*) from contact where languages like '%tlh%'") != 0 {
			t.Errorf("nonsense: %d", bad.Status)
		}
	})
}
