// Package webtest gives the tests of pages the whole site on a real database.
package webtest

import (
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web"
)

// Option hands the site what its pages need; a gives clock, database and accounts.
type Option func(a *servertest.App, deps *web.Deps)

// NewApp is the site with the services that the options hand in. See servertest for clients:
//
//	app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
//		deps.Outreach = outreach.New(outreach.Deps{DB: a.DB, Now: a.Clock.Now})
//	})
//	page := app.As(account.Volunteer).Get("/outreach")
func NewApp(t testing.TB, d *db.DB, options ...Option) *servertest.App {
	t.Helper()
	return On(t, servertest.New(t, d), options...)
}

// On puts the site on a server that the test made in its own way.
func On(t testing.TB, a *servertest.App, options ...Option) *servertest.App {
	t.Helper()
	deps := web.Deps{Server: a.Server, Bundle: a.Bundle, Now: a.Clock.Now, Accounts: a.Accounts}
	for _, o := range options {
		o(a, &deps)
	}
	if _, err := web.New(deps); err != nil {
		t.Fatal(err)
	}
	return a
}
