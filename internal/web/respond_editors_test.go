package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/link"
)

// editing is the address of the form for the editor who was invited last.
func editing(k *contributiontest.Kit) string {
	id := k.Count("select max(id) from contribution_editor")
	return "/r/" + k.Signer.Token(link.Edit, link.Target{CycleID: k.CycleID, ContactID: int64(id)})
}

// shown are the hidden fields of a page that say what it has shown, with the answers over them.
func shown(body string, answers ...string) url.Values {
	form := url.Values{}
	for _, m := range regexp.MustCompile(`name="(seen:[^"]*)" value="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		form.Set(m[1], m[2])
	}
	for i := 0; i+1 < len(answers); i += 2 {
		form.Set(answers[i], answers[i+1])
	}
	return form
}

func TestEditingTogetherWithoutJavaScript(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor().With("Accept-Language", "fr")
		wrong := c.PostForm(base+"/editors", url.Values{"name": {"Ana <i>"}, "email": {"no address"}})
		if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, "Ana &lt;i&gt;") || !strings.Contains(wrong.Body, "no address") {
			t.Errorf("what was typed is gone: %d", wrong.Status)
		}
		if p := c.PostForm(base+"/editors", url.Values{"name": {"Ana"}, "email": {"ana@example.net"}}); p.Status != http.StatusSeeOther {
			t.Fatalf("invited: %d", p.Status)
		}
		if p := c.Get(base + "/editors"); !strings.Contains(p.Body, "<bdi>Ana</bdi>") || strings.Contains(p.Body, "ana@example.net") {
			t.Error("the list lacks the name, or tells the address")
		}
		if p := c.Get(base); !strings.Contains(p.Body, base+"/editors") {
			t.Error("nothing leads there")
		}
		hers := editing(k)
		ana := app.Visitor().With("Accept-Language", "fr")
		hub := ana.Get(hers)
		if hub.Status != http.StatusOK || !strings.Contains(hub.Body, `<html lang="es"`) || !strings.Contains(hub.Body, "María") || k.Text("select state from contribution_editor") != "invited" {
			t.Fatalf("her page: %d %.200s", hub.Status, hub.Body)
		}
		for _, end := range []string{"/about", "/check", "/withdraw", "/signatories", "/editors", "/correct", "/consent", "/link"} {
			if strings.Contains(hub.Body, hers+end) {
				t.Errorf("she is led to %s", end)
			}
			if p := ana.Get(hers + end); end != "/link" && (p.Status != http.StatusForbidden || !strings.Contains(p.Body, `<html lang="es"`)) {
				t.Errorf("GET %s: %d", end, p.Status)
			}
		}
		for _, end := range []string{
			"/about", "/check", "/withdraw", "/again", "/link", "/signatories", "/signatories/1/remove", "/editors", "/editors/1/revoke", "/correct", "/correct/back", "/consent",
		} {
			p := ana.PostForm(hers+end, url.Values{"name": {"X"}, "capacity": {"individual"}, "email": {"x@example.net"}, "consent": {"yes"}})
			if p.Status != http.StatusForbidden {
				t.Errorf("POST %s: %d", end, p.Status)
			}
		}
		if p := ana.PostForm(hers+"/answer/q1", shown(ana.Get(hers+"/answer/q1").Body, "q1", "De <b>Ana</b>", "lang", "ar")); p.Status != http.StatusSeeOther {
			t.Errorf("she saves: %d", p.Status)
		}
		if p := ana.Get(hers); !strings.Contains(p.Body, `<html lang="ar" dir="rtl"`) || !strings.Contains(p.Body, "Ana") {
			t.Error("the language that she chose is forgotten, or who wrote last is not said")
		}
		if p := c.Get(base + "/answer/q1"); !strings.Contains(p.Body, `<html lang="es"`) || !strings.Contains(p.Body, "Último cambio: <bdi>Ana</bdi>") {
			t.Errorf("the author does not see who wrote: %s", p.Body)
		}
		if p := ana.PostForm(hers+"/files", url.Values{}); p.Status != http.StatusSeeOther || p.Header.Get("Location") != hers {
			t.Errorf("after the documents: %d %s", p.Status, p.Header.Get("Location"))
		}
		open := shown(ana.Get(hers+"/answer/q1").Body, "q1", "Words of mine that are not saved")
		if p := c.PostForm(base+"/editors/"+k.Text("select cast(id as text) from contribution_editor")+"/revoke", nil); p.Status != http.StatusSeeOther {
			t.Fatalf("revoked: %d", p.Status)
		}
		for _, p := range []string{hers, hers + "/answer/q1", hers + "/print", hers + "/check"} {
			if p := ana.Get(p); p.Status != http.StatusGone || !strings.Contains(p.Body, `<html lang="ar" dir="rtl"`) {
				t.Errorf("after the revocation: %d", p.Status)
			}
		}
		if p := ana.PostForm(hers+"/answer/q1", open); p.Status != http.StatusGone || !strings.Contains(p.Body, "Words of mine") {
			t.Errorf("a page that was open: %d, or the words are gone", p.Status)
		}
	})
}

func TestAClashShowsBothTexts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "en"))
		c := app.Visitor()
		c.PostForm(base+"/editors", url.Values{"name": {"Ana <i>"}, "email": {"ana@example.net"}})
		hers := editing(k)
		mine, her := c.Get(base+"/answer/q3").Body, c.Get(hers+"/answer/q3").Body
		c.PostForm(hers+"/answer/q3", shown(her, "q3a", "Hers <b>here</b>", "q3b", "", "q3.other", "Hers there"))
		p := c.PostForm(base+"/answer/q3", shown(mine, "q3a", "Mine here", "q3b", "Mine alone", "q3.other", ""))
		for _, want := range []string{"Mine here</textarea>", "Hers &lt;b&gt;here", "Ana &lt;i&gt;", "Mine alone</textarea>", "Hers there</textarea>", "aria-invalid"} {
			if p.Status != http.StatusConflict || !strings.Contains(p.Body, want) {
				t.Errorf("%d, without %q", p.Status, want)
			}
		}
		if n := strings.Count(p.Body, "aria-invalid"); n != 1 {
			t.Errorf("%d places clash, one does: what I did not touch is hers", n)
		}
		if k.Text("select text from answer where question = 'q3a'") != "Hers <b>here</b>" || k.Text("select text from answer where question = 'q3b'") != "Mine alone" {
			t.Error("hers was written over, or the rest of mine was not saved")
		}
		if strings.Contains(p.Body, `id="typed"`) {
			t.Error("words are said to be lost that are on the page")
		}
		if p = c.PostForm(base+"/answer/q3", shown(p.Body, "q3a", "Mine here", "q3b", "Mine alone", "q3.other", "Hers there")); p.Status != http.StatusSeeOther {
			t.Errorf("knowingly: %d", p.Status)
		}
		if k.Text("select text from answer where question = 'q3a'") != "Mine here" {
			t.Error("what was decided is not saved")
		}
		if p = c.PostForm(base+"/answer/q3", url.Values{"q3a": {"By a page without the fields"}}); p.Status != http.StatusSeeOther {
			t.Errorf("the last word: %d", p.Status)
		}
		wrong := c.PostForm(base+"/answer/q3", shown(her, "q3a", strings.Repeat("long ", 5000), "q3.other", "x"))
		if wrong.Status != http.StatusUnprocessableEntity || shown(wrong.Body).Get("seen:q3a") != shown(her).Get("seen:q3a") {
			t.Errorf("a page that was refused says that it has shown what it has not: %d", wrong.Status)
		}
	})
}

func TestTheScriptIsToldOfAClash(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "en"))
		script := app.Visitor().With("X-Autosave", "1")
		page := app.Visitor().Get(base + "/answer/q3").Body
		saved := script.PostForm(base+"/answer/q3", shown(page, "q3a", "One", "q3b", ""))
		seen, err := url.ParseQuery(saved.Header.Get("X-Seen"))
		if saved.Status != http.StatusNoContent || err != nil || seen.Get("q3a") == "" || seen.Get("q3a") == shown(page).Get("seen:q3a") {
			t.Fatalf("saved: %d, %v", saved.Status, seen)
		}
		again := shown(page, "q3a", "Two", "q3b", "Too")
		if p := script.PostForm(base+"/answer/q3", again); p.Status != http.StatusNoContent { // the answer before was lost on the way
			t.Errorf("the same page: %d", p.Status)
		}
		again.Set("seen:", "another")
		again.Set("q3a", "Three")
		again.Set("q3.other", "Free")
		p := script.PostForm(base+"/answer/q3", again)
		seen, _ = url.ParseQuery(p.Header.Get("X-Seen"))
		if p.Status != http.StatusConflict || seen.Get("q3.other") == "" || seen.Has("q3a") || len(p.Body) > 100 {
			t.Errorf("another page: %d, %v", p.Status, seen)
		}
		if k.Text("select text from answer where question = 'q3a'") != "Two" || k.Text("select text from answer where question = 'q3.other'") != "Free" {
			t.Error("what clashed was written, or the rest was not")
		}
	})
}

// Who edits with a contributor does not get the page with who is to sign by changing its language.
func TestEditorsDoNotSeeWhoIsToSign(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor()
		c.PostForm(base+"/editors", url.Values{"name": {"Ana"}, "email": {"ana@example.net"}})
		if p := app.Visitor().PostForm(editing(k)+"/signatories", url.Values{"lang": {"fr"}}); p.Status != http.StatusForbidden {
			t.Errorf("the page of the contributor: %d", p.Status)
		}
	})
}
