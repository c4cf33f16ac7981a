// Package servertest gives tests of pages and of the API a whole server on a real database, with
// a clock that the test turns, captured sign-in links, and clients that keep cookies like a browser.
package servertest

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

// App is a server with what stands behind it.
type App struct {
	DB       *db.DB
	Clock    *clocktest.Clock // 7 August 2017, 09:00 UTC, at first
	Bundle   *i18n.Bundle
	Server   *httpserver.Server
	Accounts *account.Service
	Links    *Links
	Log      *Log
	t        testing.TB
}

// Option changes what the server is made of.
type Option func(*httpserver.Deps)

// WithPublicURL sets how people reach the server; http://convoke.test where it is not given.
func WithPublicURL(u string) Option { return func(d *httpserver.Deps) { d.PublicURL = u } }

// New makes a server without pages. The test fails if a text was asked for that English does not have.
func New(t testing.TB, d *db.DB, options ...Option) *App {
	t.Helper()
	a := &App{DB: d, Clock: clocktest.At(time.Date(2017, 8, 7, 9, 0, 0, 0, time.UTC)), Links: &Links{byEmail: map[string]string{}}, Log: &Log{}, t: t}
	a.Bundle = i18ntest.Bundle(t)
	a.Accounts = account.New(account.Deps{DB: d, Mailer: a.Links, Now: a.Clock.Now, Normalize: normalize})
	deps := httpserver.Deps{
		Log: slog.New(slog.NewJSONHandler(a.Log, &slog.HandlerOptions{Level: slog.LevelDebug})), Accounts: a.Accounts, Bundle: a.Bundle,
		Secret: []byte("a secret of tests, 32 bytes long"), PublicURL: "http://convoke.test",
		Now: a.Clock.Now, Registry: prometheus.NewRegistry(),
	}
	for _, o := range options {
		o(&deps)
	}
	var err error
	if a.Server, err = httpserver.New(deps); err != nil {
		t.Fatal(err)
	}
	return a
}

// Account is the account of <name>@example.org with these roles; it is made where it is missing.
func (a *App) Account(name string, roles ...account.Role) account.Account {
	a.t.Helper()
	var made account.Account
	for _, r := range roles {
		var err error
		given := account.Account{Email: name + "@example.org", Name: name, Language: i18n.English, TimeZone: "UTC"}
		if made, err = a.Accounts.Add(context.Background(), audit.System("test"), given, r); err != nil {
			a.t.Fatal(err)
		}
	}
	return made
}

func normalize(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if !strings.Contains(email, "@") {
		return "", errs.InvalidFields(errs.FieldError("email", "field.email"))
	}
	return email, nil
}

// Links keeps the sign-in links that were mailed.
type Links struct {
	mu      sync.Mutex
	byEmail map[string]string
}

// SendSignIn implements account.Mailer.
func (l *Links) SendSignIn(_ context.Context, to account.Account, _, secret string, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byEmail[to.Email] = secret
	return nil
}

// Last is the secret of the last link mailed to an address, "" for none.
func (l *Links) Last(email string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byEmail[email]
}

// Log keeps what the server logged.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var _ io.Writer = (*Log)(nil)
