package httpserver_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// A database that restarts is no fault of the program: pages and API say so, and when to come again.
func TestADatabaseThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	app := site(t, func(d *httpserver.Deps) { d.Log = slog.New(slog.DiscardHandler) })
	away := func(*fiber.Ctx) error { return errs.Wrap("room.read", &pgconn.PgError{Code: "57P03"}) }
	app.Server.Handle("GET", "/test/away", account.PublicRead, away)
	app.Server.Handle("GET", "/api/v1/away", account.PublicRead, away)
	for _, path := range []string{"/test/away", "/api/v1/away"} {
		if res := app.Visitor().Get(path); res.Status != 503 || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %v", path, res.Status, res.Header)
		}
	}
}

// A crowd is no fault of the program either.
func TestWhatTakesTooLongIsSaid(t *testing.T) {
	t.Parallel()
	app := site(t, func(d *httpserver.Deps) { d.Log = slog.New(slog.DiscardHandler) })
	app.Server.Handle("GET", "/test/slow", account.PublicRead, func(*fiber.Ctx) error { return errs.Wrap("room.read", context.DeadlineExceeded) })
	if res := app.Visitor().Get("/test/slow"); res.Status != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", res.Status, res.Header)
	}
}
