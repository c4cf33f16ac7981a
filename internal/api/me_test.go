package api_test

import (
	"net/http"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver"
)

func TestMe(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := apitest.NewApp(t, d)
		res := app.Bearer(app.Account("amina", account.Volunteer)).Get("/api/v1/me")
		var me api.Me
		if err := res.Into(&me); err != nil || res.Status != http.StatusOK {
			t.Fatalf("%d %s: %v", res.Status, res.Body, err)
		}
		if me.Email != "amina@example.org" || len(me.Roles) != 1 || me.Roles[0] != account.Volunteer {
			t.Errorf("%+v", me)
		}
	})
}

func TestWithoutATokenThereIsAProblem(t *testing.T) {
	t.Parallel()
	app := apitest.NewApp(t, dbtest.SQLite(t))
	for name, c := range map[string]string{"none": "", "wrong": "Bearer nonsense", "other scheme": "Basic eDp5"} {
		res := app.Visitor().With("Authorization", c).With("Accept-Language", "en").Get("/api/v1/me")
		var p httpserver.Problem
		if err := res.Into(&p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if res.Status != http.StatusUnauthorized || p.Status != http.StatusUnauthorized || p.Key != "error.unauthorized" || p.RequestID == "" ||
			res.Header.Get("WWW-Authenticate") == "" || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v %+v", name, res.Status, res.Header, p)
		}
	}
}
