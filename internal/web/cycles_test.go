package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// A new installation has no cycle: whoever may set one up is led to where that is done.
func TestTheFirstCycle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
			deps.Cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
			deps.Reports = report.New(report.Deps{DB: a.DB, Now: a.Clock.Now})
		})
		officer, lead := app.As(account.Officer), app.As(account.Lead)
		if page := officer.Get("/monitor"); page.Location() != "/cycles" {
			t.Errorf("an officer: %d to %q", page.Status, page.Location())
		}
		if page := lead.Get("/monitor"); page.Status != http.StatusNotFound || !page.Shows("No cycle has been set up yet.") {
			t.Errorf("a lead expert: %d", page.Status)
		}
		if page := lead.Get("/cycles"); page.Shows("Set up a new cycle") {
			t.Error("a lead expert is offered what only officers may do")
		}
		wrong := officer.PostForm("/cycles", url.Values{"name": {"BPF 2018"}, "slug": {"BPF 2018!"}, "default_language": {"en"}})
		if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, `value="BPF 2018!"`) {
			t.Errorf("a wrong short name: %d, or what was typed is lost", wrong.Status)
		}
		if made := officer.PostForm("/cycles", url.Values{"name": {"BPF 2018"}, "slug": {"bpf-2018"}, "default_language": {"fr"}}); made.Location() != "/cycles/bpf-2018" {
			t.Errorf("setting up: %d to %q", made.Status, made.Location())
		}
		again := officer.PostForm("/cycles", url.Values{"name": {"Another"}, "slug": {"bpf-2018"}, "default_language": {"en"}})
		if again.Status != http.StatusConflict || !again.Shows("already a cycle") {
			t.Errorf("the same short name: %d", again.Status)
		}
		if page := officer.Get("/cycles/bpf-2018"); !page.Shows("BPF 2018") || !page.Shows("Being prepared") {
			t.Errorf("its page: %d", page.Status)
		}
	})
}
