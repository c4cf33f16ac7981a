package web

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/i18n"
)

func TestNavigationLeadsSomewhere(t *testing.T) {
	t.Parallel()
	app := servertest.New(t, dbtest.SQLite(t))
	if _, err := New(Deps{Server: app.Server, Bundle: app.Bundle, Now: app.Clock.Now, Accounts: app.Accounts}); err != nil {
		t.Fatal(err)
	}
	english := app.Bundle.For(i18n.English)
	for _, e := range navEntries() {
		found := false
		for _, r := range app.Server.Routes() {
			if r.Method == fiber.MethodGet && r.Path == e.href {
				found = true
				if r.Action != e.action {
					t.Errorf("%s is shown to whoever may %s, and wants %s", e.href, e.action, r.Action)
				}
			}
		}
		if !found {
			t.Errorf("%s is no route", e.href)
		}
		if !english.Has(e.key) || !english.Has(e.key+".about") {
			t.Errorf("%s: no text %s or %s.about", e.href, e.key, e.key)
		}
	}
}
