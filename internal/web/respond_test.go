package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// contributing is the site with a cycle, its questionnaire and contributions.
func contributing(t *testing.T, d *db.DB) (*servertest.App, *contributiontest.Kit) {
	t.Helper()
	var k *contributiontest.Kit
	app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		k = contributiontest.New(t, d, a.Clock.Now)
		ref, err := geo.Load()
		if err != nil {
			t.Fatal(err)
		}
		deps.Contributions, deps.Contacts, deps.Geo = k.Service, k.Contacts, ref
	})
	return app, k
}

func TestAnsweringInSpanishWithoutJavaScript(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		id := k.Contact("María", "es")
		c := app.Visitor().With("Accept-Language", "fr")
		base := "/r/" + k.Respond(id)

		first := c.Get(base)
		if first.Status != http.StatusOK || !strings.Contains(first.Body, `<html lang="es" dir="ltr">`) {
			t.Fatalf("the form: %d %.200s", first.Status, first.Body)
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"} {
			if got := first.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		for _, path := range []string{base, base + "/answer/q1", base + "/about", base + "/check", base + "/withdraw"} {
			if p := c.Get(path); p.Status != http.StatusOK || len(p.Body) > 30<<10 {
				t.Errorf("%s: %d, %d bytes", path, p.Status, len(p.Body))
			}
		}
		if n := k.Count("select count(*) from contribution"); n != 0 {
			t.Fatalf("looking made %d drafts", n)
		}

		saved := c.PostForm(base+"/answer/q3", url.Values{"q3a": {"Sí"}, "q3.other": {"Otra <b>cosa</b>"}, "action": {"later"}, "language": {"es"}})
		if saved.Status != http.StatusSeeOther || saved.Location() != base {
			t.Fatalf("saving: %d to %q %s", saved.Status, saved.Location(), saved.Text())
		}
		other := app.Visitor() // another device
		if p := other.Get(base + "/answer/q3"); !strings.Contains(p.Body, "Otra &lt;b&gt;cosa&lt;/b&gt;</textarea>") {
			t.Errorf("coming back: %s", p.Text())
		}
		next := c.PostForm(base+"/answer/q1", url.Values{"q1": {"Mucho"}, "action": {"continue"}, "language": {"es"}})
		if next.Location() != base+"/answer/q3" {
			t.Errorf("continues at %q", next.Location())
		}
		switched := c.PostForm(base+"/answer/q5", url.Values{"q5": {"رأيي"}, "lang": {"ar"}, "language": {"es"}})
		page := c.Get(switched.Location())
		if !strings.Contains(page.Body, `<html lang="ar" dir="rtl">`) || !strings.Contains(page.Body, "رأيي</textarea>") ||
			!strings.Contains(page.Body, `<div class="prose" lang="en" dir="ltr">`) {
			t.Errorf("after choosing Arabic: %.300s", page.Body)
		}
		c.PostForm(base+"/answer/q5", url.Values{"q5": {"رأيي"}, "lang": {"es"}, "language": {"ar"}})

		wrong := c.PostForm(base+"/about", url.Values{"name": {""}, "capacity": {"organizational"}, "organization": {""}, "language": {"es"}})
		if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, `href="#f-organization"`) || !strings.Contains(wrong.Body, `id="f-name-error"`) {
			t.Errorf("about you: %d %s", wrong.Status, wrong.Text())
		}
		ok := c.PostForm(base+"/about", url.Values{"name": {"María Pérez"}, "capacity": {"individual"}, "language": {"es"}})
		if ok.Location() != base+"/check" {
			t.Errorf("about you: %d %q", ok.Status, ok.Location())
		}
		if p := c.Get(base + "/check"); !p.Shows("Mucho", "María Pérez") {
			t.Errorf("check: %s", p.Text())
		}
		sent := c.PostForm(base+"/check", url.Values{"consent": {"publish"}, "language": {"es"}})
		if sent.Status != http.StatusSeeOther {
			t.Fatalf("submitting: %d %s", sent.Status, sent.Text())
		}
		done := c.Get(sent.Location())
		public := "/calls/" + contributiontest.Slug + "/contributions/1"
		if !strings.Contains(done.Body, `href="`+public+`"`) {
			t.Errorf("confirmation: %s", done.Text())
		}
		if p := app.Visitor().Get(public); p.Status != http.StatusOK || !p.Shows("María Pérez", "Otra <b>cosa</b>") || strings.Contains(p.Body, "@example.org") {
			t.Errorf("public: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(base+"/answer/q1", url.Values{"q1": {"x"}, "language": {"es"}}); p.Status != http.StatusConflict || !strings.Contains(p.Body, ">x</textarea>") {
			t.Errorf("changing what is published: %d", p.Status)
		}
		if p := c.PostForm(base+"/withdraw", url.Values{"language": {"es"}}); p.Status != http.StatusSeeOther {
			t.Errorf("withdrawing: %d", p.Status)
		}
		if p := app.Visitor().Get(public); p.Status != http.StatusOK || p.Shows("María") {
			t.Errorf("stub: %d %s", p.Status, p.Text())
		}
	})
}

func TestNoAnswerIsLost(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	base := "/r/" + k.Respond(k.Contact("Ana", "en"))
	c := app.Visitor()
	long := strings.Repeat("y", 20_001)
	p := c.PostForm(base+"/answer/q1", url.Values{"q1": {long}, "language": {"en"}})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, long+"</textarea>") || !p.Shows("Please shorten this") {
		t.Errorf("too long: %d", p.Status)
	}
	if p := c.PostForm(base+"/check", url.Values{"consent": {"count"}, "language": {"en"}}); p.Status != http.StatusUnprocessableEntity || !p.Shows("Please answer at least one question") {
		t.Errorf("nothing answered: %d %s", p.Status, p.Text())
	}
	auto := c.With("X-Autosave", "1").PostForm(base+"/answer/q1", url.Values{"q1": {"half a sen"}, "language": {"en"}})
	if auto.Status != http.StatusNoContent {
		t.Errorf("autosave: %d", auto.Status)
	}
	for _, bad := range []string{"/r/nonsense", "/r/" + k.UnsubscribeToken(1), base + "/answer/q99"} {
		if p := app.Visitor().Get(bad); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, p.Status)
		}
	}
	if p := app.Visitor().Post(base+"/answer/q1", url.Values{"q1": {"forged"}}); p.Status != http.StatusForbidden {
		t.Errorf("without the form's token: %d", p.Status)
	}
}

func TestPublicPagesOfACall(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	call := "/calls/" + contributiontest.Slug
	c := app.Visitor()
	if p := c.Get(call); p.Status != http.StatusOK || !p.Shows("All stakeholders are invited.", "15 September 2017", "15 November 2017", "Denial of service") {
		t.Errorf("call: %d %s", p.Status, p.Text())
	}
	if p := c.Get("/calls/none"); p.Status != http.StatusNotFound {
		t.Errorf("no such call: %d", p.Status)
	}
	if p := c.PostForm(call+"/contribute", url.Values{"name": {"Li"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="Li"`) {
		t.Errorf("half filled: %d", p.Status)
	}
	begun := c.PostForm(call+"/contribute", url.Values{
		"name": {"Li & Söhne"}, "email": {"li@example.org"}, "capacity": {"individual"}, "stakeholder_group": {"academia"}, "country": {"CN"},
	})
	base := begun.Location()
	if begun.Status != http.StatusSeeOther || !strings.HasPrefix(base, "/r/s-") {
		t.Fatalf("begun: %d %q %s", begun.Status, base, begun.Text())
	}
	c.PostForm(base+"/answer/other", url.Values{"other": {"A & B"}, "language": {"en"}})
	c.PostForm(base+"/check", url.Values{"consent": {"publish"}, "language": {"en"}})
	if p := c.Get(call + "/contributions"); !p.Shows("Li & Söhne", "A & B", "1 contribution is published.") {
		t.Errorf("list: %s", p.Text())
	}
	atom := c.Get(call + "/contributions.atom")
	if !strings.Contains(atom.Body, "<title>Contribution by ") || !strings.Contains(atom.Header.Get("Content-Type"), "application/atom+xml") {
		t.Errorf("feed: %s", atom.Body)
	}
	var data struct {
		Total int
		Items []struct {
			Name    string
			Answers map[string]string
		}
	}
	if err := c.Get(call + "/contributions.json").Into(&data); err != nil || data.Total != 1 || data.Items[0].Answers["other"] != "A & B" {
		t.Errorf("data: %+v, %v", data, err)
	}
	if k.Count("select count(*) from outgoing_mail") != 1 {
		t.Error("no acknowledgement")
	}
}

func TestOfficersRecordAndDecide(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	c := app.As(account.Officer)
	if p := c.Get("/contributions/new"); p.Status != http.StatusOK || len(p.Body) > 60<<10 {
		t.Fatalf("form: %d, %d bytes", p.Status, len(p.Body))
	}
	wrong := c.PostForm("/contributions/new", url.Values{"contact_id": {"x"}, "received_at": {"soon"}, "q1": {"kept"}})
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, "kept</textarea>") {
		t.Errorf("nonsense: %d %s", wrong.Status, wrong.Text())
	}
	made := c.PostForm("/contributions/new", url.Values{
		"channel": {"meeting"}, "received_at": {"2017-08-01T10:00"}, "language": {"en"}, "name": {"Somebody"}, "capacity": {"individual"},
		"stakeholder_group": {"media"}, "country": {"KE"}, "q1": {"Said at a meeting"}, "consent": {"publish"},
	})
	if made.Status != http.StatusSeeOther {
		t.Fatalf("recorded: %d %s", made.Status, made.Text())
	}
	page := made.Location()
	if p := c.Get(page); !p.Shows("Somebody", "Said at a meeting", "Check and publish") {
		t.Errorf("page: %s", p.Text())
	}
	if p := c.PostForm(page+"/publish", nil); p.Status != http.StatusSeeOther {
		t.Errorf("publishing: %d %s", p.Status, p.Text())
	}
	if p := c.PostForm(page+"/withhold", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("withholding without a reason: %d", p.Status)
	}
	if p := c.PostForm(page+"/withhold", url.Values{"reason": {"asked by telephone"}}); p.Status != http.StatusSeeOther {
		t.Errorf("withholding: %d %s", p.Status, p.Text())
	}
	if p := c.Get("/contributions?state=withheld"); !p.Shows("Somebody", "Withheld: 1") {
		t.Errorf("list: %s", p.Text())
	}
	if p := app.As(account.Volunteer).Get("/contributions"); p.Status != http.StatusForbidden {
		t.Errorf("as a volunteer: %d", p.Status)
	}
	_ = k
}
