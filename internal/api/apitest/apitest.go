// Package apitest gives the tests of endpoints the whole API on a real database.
package apitest

import (
	"testing"

	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

// Option hands the API what its endpoints need; a gives clock, database and accounts.
type Option func(a *servertest.App, deps *api.Deps)

// NewApp is the API with the services that the options hand in. See servertest for clients:
//
//	app := apitest.NewApp(t, d, …)
//	res := app.Bearer(app.Account("amina", account.Volunteer)).JSON("POST", "/api/v1/contacts/1/claims", in)
func NewApp(t testing.TB, d *db.DB, options ...Option) *servertest.App {
	t.Helper()
	return On(t, servertest.New(t, d), options...)
}

// On puts the API on a server that the test made in its own way.
func On(t testing.TB, a *servertest.App, options ...Option) *servertest.App {
	t.Helper()
	deps := api.Deps{Server: a.Server}
	for _, o := range options {
		o(a, &deps)
	}
	if _, err := api.New(deps); err != nil {
		t.Fatal(err)
	}
	return a
}
