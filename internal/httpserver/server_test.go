package httpserver_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web/webtest"
)

// site is a server with pages and a few routes of the test.
func site(t *testing.T, options ...servertest.Option) *servertest.App {
	t.Helper()
	app := webtest.On(t, servertest.New(t, dbtest.SQLite(t), options...))
	s := app.Server
	echo := func(c *fiber.Ctx) error { return c.SendString("said " + c.FormValue("text")) }
	s.Handle("GET", "/test/panic", account.PublicRead, func(*fiber.Ctx) error { panic("a defect with a secret") })
	s.Handle("GET", "/test/broken", account.PublicRead, func(*fiber.Ctx) error { return errors.New("password wrong for db") })
	s.Handle("GET", "/test/members", account.SignOut, echo)
	s.Handle("GET", "/test/officers", account.MailboxRead, echo)
	s.Handle("POST", "/test/echo", account.PublicRead, echo)
	s.Handle("POST", "/test/large", account.PublicRead, echo, httpserver.BodyLimit(3<<20))
	s.Handle("POST", "/test/personal/:secret", account.PublicAnswer, echo, httpserver.Private())
	s.Handle("GET", "/test/personal/:secret", account.PublicAnswer, echo, httpserver.Private())
	s.HandleWithoutCSRF("POST", "/test/one-click", account.PublicAnswer, echo, "RFC 8058")
	s.Handle("GET", "/api/v1/test/:id", account.PublicRead, func(c *fiber.Ctx) error {
		return errs.InvalidFields(errs.FieldError("email", "field.email"))
	})
	return app
}

func TestErrorsBecomePages(t *testing.T) {
	t.Parallel()
	app := site(t)
	cases := []struct {
		path   string
		status int
		shows  string
	}{
		{"/test/panic", 500, "Something went wrong on our side"},
		{"/test/broken", 500, "Something went wrong on our side"},
		{"/nowhere", 404, "We could not find this"},
		{"/test/echo", 405, "cannot be used in this way"},
	}
	for _, tc := range cases {
		res := app.Visitor().With("X-Request-Id", "given-by-the-proxy").Get(tc.path)
		if res.Status != tc.status || !res.Shows(tc.shows, "given-by-the-proxy") || !strings.HasPrefix(res.Body, "<!doctype html>") {
			t.Errorf("%s: %d %s", tc.path, res.Status, res.Text())
		}
		if strings.Contains(res.Body, "secret") || strings.Contains(res.Body, "password") {
			t.Errorf("%s tells what is inside", tc.path)
		}
	}
	if log := app.Log.String(); !strings.Contains(log, "a defect with a secret") || !strings.Contains(log, "server_test.go") {
		t.Error("the panic is not logged with its stack")
	}
}

func TestErrorsBecomeProblems(t *testing.T) {
	t.Parallel()
	app := site(t)
	res := app.Visitor().With("Accept-Language", "en").Get("/api/v1/test/1")
	var p httpserver.Problem
	if err := res.Into(&p); err != nil {
		t.Fatal(err)
	}
	if res.Status != 422 || res.Header.Get("Content-Type") != "application/problem+json" ||
		len(p.Errors) != 1 || p.Errors[0].Field != "email" || p.Errors[0].Key != "field.email" || p.Errors[0].Message == "" {
		t.Errorf("%d %+v", res.Status, p)
	}
	if res := app.Visitor().Get("/api/v1/nowhere"); res.Status != 404 || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", res.Status, res.Body)
	}
}

func TestWhoMayGoWhere(t *testing.T) {
	t.Parallel()
	app := site(t)
	nobody := app.Visitor().Get("/test/members?a=1&b=2")
	if nobody.Status != http.StatusSeeOther || nobody.Location() != "/sign-in?next=%2Ftest%2Fmembers%3Fa%3D1%26b%3D2" {
		t.Errorf("nobody: %d %s", nobody.Status, nobody.Location())
	}
	if res := app.As(account.Volunteer).Get("/test/members"); res.Status != 200 {
		t.Errorf("a member: %d", res.Status)
	}
	if res := app.As(account.Volunteer).Get("/test/officers"); res.Status != 403 {
		t.Errorf("a member without the role: %d", res.Status)
	}
	stale := app.Visitor()
	stale.SetCookie("convoke_session", "no-such-session")
	if res := stale.Get("/"); res.Status != 200 || stale.Cookie("convoke_session") != "" {
		t.Errorf("a session that holds no more: %d, cookie %q", res.Status, stale.Cookie("convoke_session"))
	}
}

func TestHeadAnswersLikeGet(t *testing.T) {
	t.Parallel()
	app := site(t)
	get := app.Visitor().Get("/sign-in")
	head := app.Visitor().Do("HEAD", "/sign-in", "", nil)
	if head.Status != 200 || head.Body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
		t.Errorf("%d %q %v", head.Status, head.Body, head.Header)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	app := site(t)
	res := app.Visitor().Get("/")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'self'", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
		"Server-Timing": "app;dur=", "X-Request-Id": "", "Cache-Control": "private",
	} {
		if got := res.Header.Get(name); got == "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := res.Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("over http: %q", got)
	}
	personal := app.Visitor().Get("/test/personal/s3cr3t-link?k=s3cr3t-query")
	if personal.Header.Get("Referrer-Policy") != "no-referrer" || personal.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("personal link: %v", personal.Header)
	}
	app.Visitor().Get("/test/personal/s3cr3t-link/typo")
	if strings.Contains(app.Log.String(), "s3cr3t") || strings.Contains(app.Log.String(), "0.0.0.0") {
		t.Error("the log tells a secret or an address")
	}
}

func TestCookiesOverHTTPAndHTTPS(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url, name string
		secure    bool
	}{
		{"http://convoke.test", "convoke_session", false},
		{"https://convoke.test", "__Host-convoke_session", true},
	} {
		app := site(t, servertest.WithPublicURL(tc.url))
		who := app.Account("amina", account.Volunteer)
		c := app.Visitor()
		c.PostForm("/sign-in", map[string][]string{"email": {who.Email}})
		in := c.PostForm("/sign-in/"+app.Links.Last(who.Email), nil)
		header := ""
		for _, h := range in.Header.Values("Set-Cookie") {
			if strings.HasPrefix(h, tc.name+"=") {
				header = h
			}
		}
		if !strings.Contains(header, "HttpOnly") || !strings.Contains(header, "SameSite=Lax") || !strings.Contains(header, "path=/") ||
			strings.Contains(strings.ToLower(header), "domain") || strings.Contains(header, "secure") != tc.secure {
			t.Errorf("%s: %q", tc.url, header)
		}
		if hsts := in.Header.Get("Strict-Transport-Security"); (hsts != "") != tc.secure {
			t.Errorf("%s: HSTS %q", tc.url, hsts)
		}
		if home := c.Get("/"); !home.Shows("Welcome, amina") {
			t.Errorf("%s: not signed in", tc.url)
		}
	}
}

// Who is told to end as soon as they begin: whichever of the two comes first, serving ends.
func TestShutdownMayComeBeforeServe(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{true, false, false, false, false, false, false, false} {
		app := site(t)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if early {
			if err := app.Server.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		served := make(chan error, 1)
		go func() { served <- app.Server.Serve(listener) }()
		if err := errors.Join(app.Server.Shutdown(t.Context()), <-served); err != nil {
			t.Error(err)
		}
	}
}

func TestABodyTooLargeGetsAPage(t *testing.T) {
	t.Parallel()
	app := site(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Server.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(app.Server.Shutdown(t.Context()), <-served); err != nil && !errors.Is(err, t.Context().Err()) {
			t.Error(err)
		}
	})
	base := "http://" + listener.Addr().String()
	for _, tc := range []struct {
		path   string
		bytes  int
		length bool
		status int
	}{
		{"/test/echo", 8 << 20, true, 413},
		{"/test/echo", 8 << 20, false, 413},
		{"/test/large", 4 << 20, true, 413},
		{"/test/large", 2 << 20, true, 403}, // taken in, and then there is no token
		{"/nowhere", 8 << 20, true, 404},
		{"/api/v1/nowhere", 8 << 20, true, 404},
	} {
		var body io.Reader = strings.NewReader(strings.Repeat("a", tc.bytes))
		if !tc.length {
			body = io.MultiReader(body)
		}
		res, err := http.Post(base+tc.path, "application/x-www-form-urlencoded", body)
		if err != nil {
			t.Errorf("%s with %d bytes: %v", tc.path, tc.bytes, err)
			continue
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != tc.status {
			t.Errorf("%s with %d bytes: %d %.80s %v", tc.path, tc.bytes, res.StatusCode, text, err)
		}
	}
	headers, err := http.NewRequest("GET", base+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	headers.Header.Set("Cookie", "a="+strings.Repeat("x", 20<<10))
	res, err := http.DefaultClient.Do(headers)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != 431 || !strings.Contains(string(text), "cookies") {
		t.Errorf("headers too large: %d %.80s %v", res.StatusCode, text, err)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	failing := func(d *httpserver.Deps) {
		d.Log = slog.New(slog.DiscardHandler)
		d.Checks = []httpserver.Check{
			{Name: "database", Fn: func(ctx context.Context) error { return nil }},
			{Name: "queue", Fn: func(ctx context.Context) error { return errors.New("redis://secret away") }},
			{Name: "slow", Fn: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		}
	}
	app := site(t, failing)
	res := app.Visitor().Get("/readyz")
	var answer struct {
		Ready  bool
		Checks []struct {
			Name string
			OK   bool
		}
	}
	if err := res.Into(&answer); err != nil {
		t.Fatal(err)
	}
	if res.Status != 503 || answer.Ready || len(answer.Checks) != 3 || !answer.Checks[0].OK || answer.Checks[1].OK || answer.Checks[2].OK ||
		strings.Contains(res.Body, "secret") {
		t.Errorf("%d %s", res.Status, res.Body)
	}
	if res := app.Visitor().Get("/healthz"); res.Status != 200 {
		t.Errorf("healthz: %d", res.Status)
	}
	app.Visitor().Get("/sign-in?x=1")
	if m := app.Visitor().Get("/metrics"); !strings.Contains(m.Body, `convoke_http_request_duration_seconds_count{method="GET",route="/sign-in",status="200"} 1`) {
		t.Errorf("metrics: %s", m.Body)
	}
}

func TestPagesAreCompressed(t *testing.T) {
	t.Parallel()
	app := site(t)
	for _, encoding := range []string{"br", "gzip"} {
		if res := app.Visitor().With("Accept-Encoding", encoding).Get("/"); res.Header.Get("Content-Encoding") != encoding {
			t.Errorf("%s: %v", encoding, res.Header)
		}
	}
	if res := app.Visitor().With("Accept-Encoding", "gzip").Get("/nowhere"); res.Header.Get("Content-Encoding") != "gzip" || res.Status != 404 {
		t.Errorf("error page: %d %v", res.Status, res.Header)
	}
}

func TestTheContextHasADeadline(t *testing.T) {
	t.Parallel()
	app := site(t, func(d *httpserver.Deps) { d.Timeout = time.Minute })
	app.Server.Handle("GET", "/test/deadline", account.PublicRead, func(c *fiber.Ctx) error {
		if _, ok := c.UserContext().Deadline(); !ok {
			return errs.E(errs.Conflict, "error.conflict")
		}
		return c.SendString("yes")
	})
	if res := app.Visitor().Get("/test/deadline"); res.Status != 200 {
		t.Errorf("%d", res.Status)
	}
}
