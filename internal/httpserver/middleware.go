package httpserver

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

const contentSecurityPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// observe times, logs and counts each request, and turns its error into an answer, so that
// the log and the figures know the status that was sent.
func (s *Server) observe(c *fiber.Ctx) error {
	start := time.Now()
	r := requestOf(c)
	c.Set(fiber.HeaderXRequestID, r.id)
	err := s.rescue(c)
	if err != nil {
		if failed := s.fail(c, err); failed != nil {
			err = fmt.Errorf("%w; and no page for it: %w", err, failed)
			c.Status(fiber.StatusInternalServerError)
		}
	}
	if unread := c.Context().RequestBodyStream(); unread != nil {
		drain(c, unread)
	}
	elapsed := time.Since(start)
	c.Set("Server-Timing", fmt.Sprintf("app;dur=%.1f", float64(elapsed.Microseconds())/1000))
	s.figures.count(c.Method(), r.route, c.Response().StatusCode(), elapsed)
	s.log(c, r, elapsed, err)
	return nil
}

// rescue runs the rest and makes an error of a panic.
func (s *Server) rescue(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "request", requestOf(c).id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errs.Wrap("httpserver.panic", fmt.Errorf("%v", p))
		}
	}()
	return c.Next()
}

// log writes one line. Neither the peer's address nor a query string is in it, and the path
// only where it can hold no secret.
func (s *Server) log(c *fiber.Ctx, r *request, elapsed time.Duration, err error) {
	status := c.Response().StatusCode()
	attrs := []any{
		"request", r.id, "method", c.Method(), "route", r.route, "status", status,
		"ms", float64(elapsed.Microseconds()) / 1000, "bytes", written(c),
	}
	if r.route != "" && !r.hidden {
		attrs = append(attrs, "path", c.Path())
	}
	if a := account.ActorFrom(c.UserContext()); a.SignedIn() {
		attrs = append(attrs, "account", a.ID)
	}
	level := slog.LevelInfo
	if err != nil {
		attrs = append(attrs, "error", cause(err))
	}
	switch {
	case status >= 500:
		level = slog.LevelError
	case isQuiet(c.Path()):
		level = slog.LevelDebug
	}
	s.Log.Log(c.UserContext(), level, "request", attrs...)
}

// cause is an error for the log. Those of fiber quote the address, which may be a personal link.
func cause(err error) string {
	var fe *fiber.Error
	if errors.As(err, &fe) {
		return http.StatusText(fe.Code)
	}
	return err.Error()
}

// prepare sets the headers of every answer and the deadline of every request.
func (s *Server) prepare(c *fiber.Ctx) error {
	s.secureHeaders(c)
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return fiber.ErrUnsupportedMediaType // nobody needs it, and it hides the true size
	}
	cancel := s.withDeadline(c)
	defer cancel()
	return c.Next()
}

func (s *Server) secureHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, contentSecurityPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=(), browsing-topics=()")
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	c.Vary(fiber.HeaderCookie, fiber.HeaderAcceptLanguage)
	if s.secure {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// hide keeps the address of a personal link to the person who has it.
func (s *Server) hide(c *fiber.Ctx) {
	requestOf(c).hidden = true
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Robots-Tag", "noindex, nofollow")
}

// identify finds out who asks.
func (s *Server) identify(c *fiber.Ctx) error {
	if isQuiet(c.Path()) {
		return c.Next()
	}
	actor, err := s.actor(c)
	c.SetUserContext(account.WithActor(c.UserContext(), actor))
	if err != nil {
		return err
	}
	s.rememberLanguage(c)
	return c.Next()
}

// isQuiet is true for what concerns nobody in particular and is asked for all the time.
func isQuiet(path string) bool {
	return path == healthPath || path == readyPath || path == metricsPath || strings.HasPrefix(path, "/static/")
}

// written is the size of the answer's body, -1 for one that is streamed: to ask for its length would read it to its end.
func written(c *fiber.Ctx) int {
	if c.Response().IsBodyStream() {
		return -1
	}
	return len(c.Response().Body())
}
