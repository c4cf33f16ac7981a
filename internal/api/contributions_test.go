package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

func contributing(t *testing.T, d *db.DB) (*servertest.App, *contributiontest.Kit) {
	t.Helper()
	var k *contributiontest.Kit
	app := apitest.NewApp(t, d, func(a *servertest.App, deps *api.Deps) {
		k = contributiontest.New(t, d, a.Clock.Now)
		deps.Contributions = k.Service
	})
	return app, k
}

func TestTheContributorsChainInJSON(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		path := "/api/v1/respond/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor()
		var f api.RespondForm
		get := func(res servertest.Response, status int) {
			t.Helper()
			f = api.RespondForm{}
			if err := res.Into(&f); err != nil || res.Status != status {
				t.Fatalf("%d %s: %v", res.Status, res.Body, err)
			}
		}
		res := c.Get(path)
		get(res, http.StatusOK)
		if f.Language != "es" || f.Questions != "es" || f.Items[1].OtherKey != "q3.other" || f.Deadline.Date != "2017-09-15" || len(f.Answers) != 0 {
			t.Errorf("opened: %+v", f)
		}
		if res.Header.Get("Referrer-Policy") != "no-referrer" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers: %v", res.Header)
		}
		yes := true
		get(c.JSON(http.MethodPut, path, api.RespondInput{Answers: map[string]string{"q1": "Mucho", "other": "Libre"}, Consent: &yes}), http.StatusOK)
		if len(f.Answers) != 2 || f.Contribution.State != "draft" || !f.Contribution.Consent {
			t.Errorf("saved: %+v", f)
		}
		get(c.JSON(http.MethodPut, path, api.RespondInput{Capacity: "organizational", Organization: "Ministerio", Language: "pt"}), http.StatusOK)
		if f.Contribution.Name != "María" || f.Contribution.Organization != "Ministerio" || f.Language != "pt" || f.Questions != "en" {
			t.Errorf("about: %+v", f)
		}
		for range 2 {
			get(c.JSON(http.MethodPost, path+"/submit", nil), http.StatusOK)
		}
		if f.Contribution.State != "published" || f.Contribution.PublicNumber != 1 {
			t.Errorf("submitted: %+v", f)
		}
		if k.Count("select count(*) from outgoing_mail") != 1 {
			t.Error("not acknowledged once")
		}
		if res := c.JSON(http.MethodPut, path, api.RespondInput{Answers: map[string]string{"q1": "x"}}); res.Status != http.StatusConflict {
			t.Errorf("changing what is published: %d", res.Status)
		}
		var p httpserver.Problem
		res = c.JSON(http.MethodPut, path, api.RespondInput{Answers: map[string]string{"q99": "x", "q1": strings.Repeat("y", 20_001)}})
		if err := res.Into(&p); err != nil || res.Status != http.StatusUnprocessableEntity || len(p.Errors) != 2 {
			t.Errorf("nonsense: %d %s", res.Status, res.Body)
		}
		if res := c.Get("/api/v1/respond/forged"); res.Status != http.StatusNotFound {
			t.Errorf("forged: %d", res.Status)
		}
		if res := c.JSON(http.MethodPut, path, map[string]any{"answers": map[string]string{"q1": strings.Repeat("z", 5<<20)}}); res.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("too large: %d", res.Status)
		}
		get(c.JSON(http.MethodPost, path+"/withdraw", nil), http.StatusOK)
		if f.Contribution.State != "withdrawn" || len(f.Answers) != 0 {
			t.Errorf("withdrawn: %+v", f)
		}
	})
}

func TestRecordListAndDecideInJSON(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		path := "/api/v1/cycles/" + contributiontest.Slug + "/contributions"
		var made api.Contribution
		for _, name := range []string{"A", "B", "C"} {
			res := officer.JSON(http.MethodPost, path, map[string]any{
				"contact_id": k.Contact(name, "en"), "channel": "phone", "received_at": "2017-08-01T10:00:00+02:00",
				"consent_publication": true, "answers": map[string]string{"q1": "By telephone"},
			})
			if err := res.Into(&made); err != nil || res.Status != http.StatusCreated || made.State != "received" || made.StakeholderGroup != "civil_society" {
				t.Fatalf("%d %s: %v", res.Status, res.Body, err)
			}
		}
		seen, cursor := 0, ""
		for {
			var l api.List[api.Contribution]
			if err := officer.Get(path + "?limit=2&cursor=" + cursor).Into(&l); err != nil {
				t.Fatal(err)
			}
			seen += len(l.Items)
			if cursor = l.Next; cursor == "" {
				break
			}
		}
		if seen != 3 {
			t.Errorf("listed %d", seen)
		}
		one := "/api/v1/contributions/" + strconv.FormatInt(made.ID, 10)
		if err := officer.JSON(http.MethodPost, one+"/publish", nil).Into(&made); err != nil || made.State != "published" || made.PublicNumber != 1 {
			t.Errorf("published: %+v, %v", made, err)
		}
		if err := officer.JSON(http.MethodPost, one+"/withhold", api.WithholdInput{Reason: "asked"}).Into(&made); err != nil || made.State != "withheld" {
			t.Errorf("withheld: %+v, %v", made, err)
		}
		if res := officer.JSON(http.MethodPost, one+"/check", nil); res.Status != http.StatusConflict {
			t.Errorf("checking what is withheld: %d", res.Status)
		}
		if err := officer.Get(one).Into(&made); err != nil || made.Answers["q1"] != "By telephone" {
			t.Errorf("read: %+v, %v", made, err)
		}
		volunteer := app.Bearer(app.Account("volunteer", account.Volunteer))
		for _, res := range []servertest.Response{volunteer.Get(path), volunteer.Get(one), volunteer.JSON(http.MethodPost, one+"/publish", nil)} {
			if res.Status != http.StatusForbidden {
				t.Errorf("as a volunteer: %d", res.Status)
			}
		}
		if res := app.Visitor().JSON(http.MethodPost, path, map[string]any{}); res.Status != http.StatusUnauthorized {
			t.Errorf("as nobody: %d", res.Status)
		}
	})
}
