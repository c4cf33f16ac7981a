// Package httpserver is what pages and API share: one fiber app with its middleware, the route
// table, sessions, protection against forged requests, and the one place where errors become answers.
//
// A route exists only through Router.Handle, which wants an action of the permission table.
package httpserver

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// Limits of every request, unless its route says otherwise.
const (
	DefaultBodyLimit = 1 << 20
	DefaultTimeout   = 30 * time.Second
	headerLimit      = 16 << 10
)

// Authenticator finds who is behind a secret; errs.Unauthorized where it holds no more.
type Authenticator interface {
	Authenticate(ctx context.Context, session, requestID string) (account.Actor, error)
	AuthenticateToken(ctx context.Context, token, requestID string) (account.Actor, error)
}

// ErrorPage shows a failure to a person as a whole page with this status.
type ErrorPage func(c *fiber.Ctx, f Failure) error

// Deps is what a Server works with.
type Deps struct {
	Log       *slog.Logger
	Accounts  Authenticator
	Bundle    *i18n.Bundle
	Secret    []byte // signs cookies and form tokens; 32 bytes or more
	PublicURL string // how people reach us, without a trailing slash
	Now       func() time.Time
	Registry  *prometheus.Registry // what /metrics shows; the server adds its own figures
	Checks    []Check              // what /readyz asks
	Limiter   Limiter              // nil means in memory, for one process
	Timeout   time.Duration        // of a request's context; 0 means DefaultTimeout
}

// Server is the HTTP server with its table of routes.
type Server struct {
	Deps
	*Router
	app       *fiber.App
	origin    string // scheme://host[:port] of the public URL
	secure    bool
	errorPage ErrorPage
	figures   figures
	closing   chan struct{}
	table     []Route

	mu       sync.Mutex
	listener net.Listener // nil before Serve
}

// New makes the server with the routes that belong to nobody else: health, readiness, metrics.
func New(d Deps) (*Server, error) {
	public, err := url.Parse(d.PublicURL)
	if err != nil || public.Host == "" {
		return nil, errs.Wrap("httpserver.new", errs.E(errs.Invalid, "error.invalid"))
	}
	if d.Timeout == 0 {
		d.Timeout = DefaultTimeout
	}
	if d.Limiter == nil {
		d.Limiter = NewMemoryLimiter(d.Now)
	}
	s := &Server{
		Deps: d, origin: public.Scheme + "://" + public.Host, secure: public.Scheme == "https",
		figures: newFigures(d.Registry), closing: make(chan struct{}),
	}
	s.errorPage = plainErrorPage
	s.app = fiber.New(fiber.Config{
		AppName: "Convoke", Immutable: true, DisableStartupMessage: true,
		ReadBufferSize: headerLimit, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		// Bodies are read by readBody, within the limit of the route, so that whoever sends too much gets a page.
		StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: DefaultBodyLimit,
		ErrorHandler: s.fail,
	})
	s.app.Use(compress.New(compress.Config{Next: isEventStream}), s.observe, s.prepare, s.identify)
	s.Router = &Router{server: s}
	s.systemRoutes()
	return s, nil
}

// HandleErrors sets who shows failures to people. It must be called before the first request.
func (s *Server) HandleErrors(p ErrorPage) { s.errorPage = p }

// App is the fiber app, for tests and for what needs no actor.
func (s *Server) App() *fiber.App { return s.app }

// Secure says whether people reach us over https.
func (s *Server) Secure() bool { return s.secure }

// Serve answers on the listener until Shutdown, and closes it; nil after an orderly end.
func (s *Server) Serve(l net.Listener) error {
	if !s.open(l) {
		return errs.Wrap("httpserver.serve", l.Close())
	}
	err := s.app.Listener(l)
	if s.isClosing() && errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errs.Wrap("httpserver.serve", err)
}

// Shutdown ends open event streams (see Closing), waits for running requests within ctx, and stops. A Serve that has not
// begun yet ends at once: fasthttp itself would answer for ever after a shutdown that came before it.
func (s *Server) Shutdown(ctx context.Context) error {
	l := s.shut()
	err := s.app.ShutdownWithContext(ctx)
	if l != nil {
		_ = l.Close() // where fasthttp did not know it yet
	}
	return errs.Wrap("httpserver.shutdown", err)
}

// open keeps the listener; false after Shutdown.
func (s *Server) open(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = l
	return !s.isClosing()
}

// shut begins the end, and gives the listener where Serve has one.
func (s *Server) shut() net.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isClosing() {
		close(s.closing)
	}
	return s.listener
}

func (s *Server) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// Closing is closed when the server is about to stop: event streams must end then. A stream outlives
// its request's context, so it must make its own.
func (s *Server) Closing() <-chan struct{} { return s.closing }

// sign makes a MAC for a purpose, so that what is signed for one cannot be used for another.
func (s *Server) sign(purpose, text string) []byte {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte(purpose + "\x00" + text))
	return mac.Sum(nil)
}

func isEventStream(c *fiber.Ctx) bool { return c.Get(fiber.HeaderAccept) == "text/event-stream" }
