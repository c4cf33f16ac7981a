package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// An officer grants a body a deadline of its own, changes it and takes it back; the body's form and the page of the cycle say it.
func TestAnOfficerGrantsAnOwnDate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var k *contributiontest.Kit
		app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
			k = contributiontest.New(t, d, a.Clock.Now)
			ref, err := geo.Load()
			if err != nil {
				t.Fatal(err)
			}
			deps.Contributions, deps.Contacts, deps.Geo, deps.Cycles = k.Service, k.Contacts, ref, k.Dates
		})
		k.Exec("update cycle set event_end = '2017-12-21'")
		officer, err := app.Accounts.Actor(t.Context(), app.Account("dates", account.Officer), "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Dates.SetDate(t.Context(), officer, k.CycleID, cycle.MeetingGrace, "2017-11-30", "Europe/Zurich", "")
		if err != nil {
			t.Fatal(err)
		}
		body := k.Contact("Ágora <de> Redes", "en")
		path := "/cycles/" + contributiontest.Slug + "/own-dates/" + strconv.FormatInt(body, 10)
		c := app.As(account.Officer)
		if p := c.Get(path); p.Status != http.StatusOK || !strings.Contains(p.Body, `value="2017-11-30"`) || !strings.Contains(p.Body, `value="Europe/Zurich"`) || !p.Shows("Ágora <de> Redes", "15 September 2017") {
			t.Fatalf("the page offers: %d %s", p.Status, p.Text())
		}
		whole := url.Values{"seen": {"0"}, "on_date": {"2017-10-20"}, "zone": {"aoe"}, "meeting": {"Otoño 2017"}, "reason": {"They decide there"}}
		for name, change := range map[string]url.Values{
			"earlier": {"on_date": {"2017-09-01"}}, "the same": {"on_date": {"2017-09-15"}}, "after the annual meeting": {"on_date": {"2017-12-22"}},
			"nonsense": {"on_date": {"soon"}}, "no meeting": {"meeting": {""}}, "no reason": {"reason": {" "}}, "no such zone": {"zone": {"Nowhere/Land"}},
		} {
			posted := url.Values{}
			for field, values := range whole {
				posted[field] = values
			}
			field := ""
			for field = range change {
				posted[field] = change[field]
			}
			p := c.PostForm(path, posted)
			if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `href="#f-`+field+`"`) || !strings.Contains(p.Body, `value="`+posted.Get("on_date")+`"`) {
				t.Errorf("%s: %d %s", name, p.Status, p.Text())
			}
		}
		if p := c.PostForm(path, whole); p.Location() != path {
			t.Fatalf("granted: %d %s", p.Status, p.Text())
		}
		if p := c.Get("/cycles/" + contributiontest.Slug); !p.Shows("Ágora <de> Redes", "20 October 2017", "Otoño 2017") || !strings.Contains(p.Body, `href="`+path+`"`) {
			t.Errorf("the cycle's page: %s", p.Text())
		}
		if p := app.Visitor().Get("/cycles/" + contributiontest.Slug); p.Shows("Ágora") {
			t.Errorf("everybody reads who has a date of their own: %s", p.Text())
		}
		if p := app.Visitor().Get("/r/" + k.Respond(body)); !p.Shows("20 October 2017") || p.Shows("15 September") {
			t.Errorf("the form: %s", p.Text())
		}
		if p := app.Visitor().Get("/r/" + k.Respond(k.Contact("Another", "en"))); !p.Shows("15 September 2017") {
			t.Errorf("another's form: %s", p.Text())
		}
		if p := c.PostForm(path, whole); p.Status != http.StatusConflict || !strings.Contains(p.Body, `value="Otoño 2017"`) {
			t.Errorf("from an old page: %d %s", p.Status, p.Text())
		}
		seen := strconv.Itoa(k.Count("select max(id) from own_date"))
		if p := c.PostForm(path+"/revoke", url.Values{"seen": {"x"}}); p.Status != http.StatusConflict {
			t.Errorf("taken back from no page: %d", p.Status)
		}
		if p := c.PostForm(path+"/revoke", url.Values{"seen": {seen}}); p.Location() != path {
			t.Errorf("taken back: %d %s", p.Status, p.Text())
		}
		if p := c.Get(path); !p.Shows("taken back on", "Otoño 2017") {
			t.Errorf("what was: %s", p.Text())
		}
		if p := app.Visitor().Get("/r/" + k.Respond(body)); !p.Shows("15 September 2017") {
			t.Errorf("the form afterwards: %s", p.Text())
		}
		for _, who := range []account.Role{account.Volunteer, account.Lead, account.Translator, account.Coordinator} {
			if p := app.As(who).Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s: %d", who, p.Status)
			}
			if p := app.As(who).PostForm(path, whole); p.Status != http.StatusForbidden {
				t.Errorf("%s grants: %d", who, p.Status)
			}
		}
		if p := c.Get("/cycles/" + contributiontest.Slug + "/own-dates/999999"); p.Status != http.StatusNotFound {
			t.Errorf("of nobody: %d", p.Status)
		}
	})
}
