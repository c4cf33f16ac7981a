package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/link"
)

func TestSigningWithoutJavaScript(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor().With("Accept-Language", "fr")
		c.PostForm(base+"/answer/q1", url.Values{"q1": {"Estamos <b>de acuerdo</b>"}, "language": {"es"}})
		if p := c.Get(base + "/signatories"); p.Status != http.StatusOK || strings.Contains(p.Body, `name="email"`) {
			t.Errorf("somebody who answers alone: %d", p.Status)
		}
		c.PostForm(base+"/about", url.Values{"name": {"María"}, "organization": {"Ministerio"}, "capacity": {"organizational"}})
		wrong := c.PostForm(base+"/signatories", url.Values{"name": {"Ana <i>"}, "email": {"no address"}, "language": {"es"}})
		if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, "Ana &lt;i&gt;") || !strings.Contains(wrong.Body, "no address") {
			t.Errorf("what was typed is gone: %d", wrong.Status)
		}
		if p := c.PostForm(base+"/signatories", url.Values{"name": {"Ana"}, "organization": {"Unión"}, "email": {"ana@example.net"}}); p.Status != http.StatusSeeOther {
			t.Fatalf("named: %d", p.Status)
		}
		if p := c.Get(base + "/signatories"); !strings.Contains(p.Body, "Unión") || strings.Contains(p.Body, "ana@example.net") {
			t.Error("the list lacks the organization, or tells the address")
		}
		c.PostForm(base+"/check", url.Values{"consent": {"publish"}})
		id := k.Count("select max(id) from signatory")
		sign := "/sign/" + k.Signer.Token(link.Sign, link.Target{CycleID: k.CycleID, ContactID: int64(id)})
		reader := app.Visitor().With("Accept-Language", "fr")
		page := reader.Get(sign)
		if page.Status != http.StatusOK || !strings.Contains(page.Body, `<html lang="es"`) || !strings.Contains(page.Body, "Estamos &lt;b&gt;de acuerdo") {
			t.Fatalf("what is to be signed: %d %.200s", page.Status, page.Body)
		}
		if page.Header.Get("Referrer-Policy") != "no-referrer" || k.Text("select state from signatory") != "invited" {
			t.Error("looking signed, or tells the address of the page")
		}
		for _, verb := range []string{"confirm", "decline", "withdraw"} {
			if p := reader.Get(sign + "/" + verb); p.Status != http.StatusMethodNotAllowed && p.Status != http.StatusNotFound {
				t.Errorf("GET of %s: %d", verb, p.Status)
			}
		}
		if p := reader.PostForm(sign+"/confirm", url.Values{"digest": {"of another text"}, "language": {"ar"}}); p.Status != http.StatusConflict ||
			!strings.Contains(p.Body, `<html lang="ar" dir="rtl"`) {
			t.Errorf("another text: %d", p.Status)
		}
		digest := regexp.MustCompile(`name="digest" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
		if p := reader.PostForm(sign+"/confirm", url.Values{"digest": {digest}}); p.Status != http.StatusSeeOther {
			t.Errorf("signed: %d %.300s", p.Status, p.Body)
		}
		for path, want := range map[string]string{"/calls/bpf-2017/contributions/1": "Unión", "/calls/bpf-2017/contributions.json": `"signatories":[{"name":"Ana"`} {
			if p := reader.Get(path); !strings.Contains(p.Body, want) || strings.Contains(p.Body, "example.net") {
				t.Errorf("%s has no %q, or an address", path, want)
			}
		}
		if p := reader.PostForm(sign+"/withdraw", nil); p.Status != http.StatusSeeOther || strings.Contains(reader.Get("/calls/bpf-2017/contributions/1").Body, "Ana") {
			t.Errorf("taken back: %d", p.Status)
		}
		for _, token := range []string{"x", "s-forged", strings.TrimPrefix(base, "/r/")} {
			if p := reader.Get("/sign/" + token); p.Status != http.StatusNotFound {
				t.Errorf("/sign/%s: %d", token, p.Status)
			}
		}
	})
}
