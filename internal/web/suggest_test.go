package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

func TestAnybodySuggestsWhomToInvite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
			k := contributiontest.New(t, d, a.Clock.Now)
			ref, err := geo.Load()
			if err != nil {
				t.Fatal(err)
			}
			deps.Contributions, deps.Geo = k.Service, ref
			deps.Contacts = contact.New(contact.Deps{
				DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("s"), Normalize: mail.Normalize, IsRole: mail.IsRole,
				Claims: outreach.Revoker{Now: a.Clock.Now}, Links: link.NewSigner([]byte("s")),
			})
		})
		c := app.Visitor()
		path := "/calls/" + contributiontest.Slug + "/suggest"
		first := c.Get(path)
		began := between(first.Body, `name="began" value="`, `"`)
		form := func(pairs ...string) url.Values {
			v := url.Values{"began": {began}, "kind": {"person"}, "name": {"Wanjiru"}, "stakeholder_group": {"academia"}, "country": {"KE"}}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return v
		}
		if got := c.PostForm(path, form()); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `value="Wanjiru"`) {
			t.Fatalf("at once: %d", got.Status)
		}
		app.Clock.Advance(5 * time.Second)
		for name, v := range map[string]url.Values{
			"the hidden field": form("website", "https://example.org"), "no stamp": form("began", ""), "a forged stamp": form("began", "aaaa"),
			"an unknown country": form("country", "XX"), "no address": form("email", "a@b.example\r\nBcc: c@d.example"),
			"a long name": form("name", strings.Repeat("x", 10000)), "a name that cannot be seen": form("name", "\u202e\u200b"),
			"a wrong address of one's own": form("suggester_email", "nobody"),
		} {
			if got := c.PostForm(path, v); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, got.Status)
			}
		}
		sent := c.PostForm(path, form("suggester_name", "Huda"))
		if sent.Status != http.StatusSeeOther || !strings.HasPrefix(sent.Location(), "/suggestions/") {
			t.Fatalf("%d %s", sent.Status, sent.Text())
		}
		page := c.Get(sent.Location())
		if page.Status != http.StatusOK || !page.Shows("Wanjiru", "has not decided on it yet") || page.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%d %s", page.Status, page.Text())
		}
		if got := c.Get(sent.Location() + "a"); got.Status != http.StatusNotFound {
			t.Errorf("a forged link: %d", got.Status)
		}
		if app.As(account.Translator).Get(path).Status != http.StatusOK {
			t.Error("a member cannot use the form")
		}
	})
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	value, _, _ := strings.Cut(rest, after)
	return value
}
