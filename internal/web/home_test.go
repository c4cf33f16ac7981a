package web_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

type demo struct{ people []account.Account }

func (d demo) People(context.Context) ([]account.Account, error) { return d.people, nil }

func (d demo) Guide(context.Context, string, account.Actor) ([]web.GuideStep, error) {
	return []web.GuideStep{
		{Key: "claim", Done: true, DoneBy: "amina", As: account.Volunteer, Link: "/outreach"},
		{Key: "approve", As: account.Officer, Email: "second@example.org", Link: "/campaigns"},
	}, nil
}

func demonstration(t *testing.T, d *db.DB) *servertest.App {
	return webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		people := demo{[]account.Account{
			a.Account("amina", account.Volunteer), a.Account("first", account.Officer), a.Account("second", account.Officer),
		}}
		deps.Demo, deps.Guide = people, people
	})
}

func TestGuideLeadsFromPersonToPerson(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := demonstration(t, d)
		app.Account("outsider", account.Officer)
		c := app.Visitor()
		if p := c.Get("/"); !p.Shows("Done so far: 1 of 2.", "Continue as amina", "Continue as second", "by amina") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		in := c.PostForm("/demo/sign-in", url.Values{"email": {"second@example.org"}, "next": {"/campaigns"}})
		if in.Status != 303 || in.Location() != "/campaigns" {
			t.Fatalf("%d %s", in.Status, in.Location())
		}
		if p := c.Get("/"); !p.Shows("Welcome, second", "Go there", "Continue as amina") {
			t.Errorf("%s", p.Text())
		}
		if p := c.PostForm("/demo/sign-in", url.Values{"email": {"outsider@example.org"}}); p.Status != 404 {
			t.Errorf("somebody who is not of the demo: %d", p.Status)
		}
	})
}

func TestOutsideOfTheDemoThereIsNoSuchWayIn(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	app.Account("amina", account.Volunteer)
	if p := app.Visitor().PostForm("/demo/sign-in", url.Values{"email": {"amina@example.org"}}); p.Status != 404 {
		t.Errorf("%d", p.Status)
	}
	for _, r := range app.Server.Routes() {
		if r.Path == "/demo/sign-in" {
			t.Error("the route exists")
		}
	}
}
