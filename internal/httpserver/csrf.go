package httpserver

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

// CSRFField is the name of the form field with the token; scripts send CSRFHeader instead.
const (
	CSRFField  = "csrf"
	CSRFHeader = "X-CSRF-Token"
)

const macLength = 32

// CSRFToken is the token for the forms of this answer. A visitor without a session gets a
// cookie to which it is bound. It reads differently each time, so that compression tells nothing of it.
func (s *Server) CSRFToken(c *fiber.Ctx) string {
	var mask [macLength]byte
	_, _ = rand.Read(mask[:]) // never fails: crypto/rand ends the process instead
	token := append(mask[:], s.sign("csrf", s.boundTo(c, true))...)
	for i := range mask {
		token[macLength+i] ^= token[i]
	}
	return base64.RawURLEncoding.EncodeToString(token)
}

// boundTo is the cookie that the token belongs to, "" where there is none.
func (s *Server) boundTo(c *fiber.Ctx, create bool) string {
	r := requestOf(c)
	if r.session != "" {
		return "session:" + r.session
	}
	if visitor := c.Cookies(s.cookieName(visitorCookie)); visitor != "" {
		return "visitor:" + visitor
	}
	if !create {
		return ""
	}
	if r.visitor == "" {
		var b [16]byte
		_, _ = rand.Read(b[:])
		r.visitor = base64.RawURLEncoding.EncodeToString(b[:])
		c.Cookie(s.cookie(visitorCookie, r.visitor, 0))
	}
	return "visitor:" + r.visitor
}

// checkCSRF refuses what another site may have made the browser send.
func (s *Server) checkCSRF(c *fiber.Ctx, route Route) error {
	if route.NoCSRF != "" || requestOf(c).bearer || isSafe(c.Method()) {
		return nil
	}
	if !s.sameOrigin(c, route.rules.private) || !s.validToken(c) {
		return errs.E(errs.Forbidden, "error.csrf")
	}
	return nil
}

func (s *Server) validToken(c *fiber.Ctx) bool {
	bound := s.boundTo(c, false)
	given := c.Get(CSRFHeader)
	if given == "" {
		given = c.FormValue(CSRFField)
	}
	token, err := base64.RawURLEncoding.DecodeString(given)
	if bound == "" || err != nil || len(token) != 2*macLength {
		return false
	}
	for i := range macLength {
		token[macLength+i] ^= token[i]
	}
	return subtle.ConstantTimeCompare(token[macLength:], s.sign("csrf", bound)) == 1
}

// sameOrigin believes what the browser says of where the request comes from. Pages with a secret
// address send "null" as their origin, because they send no referrer.
func (s *Server) sameOrigin(c *fiber.Ctx, private bool) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	switch origin := c.Get(fiber.HeaderOrigin); origin {
	case "":
		return true
	case "null":
		return private
	default:
		u, err := url.Parse(origin)
		return origin == s.origin || (err == nil && u.Host == string(c.Context().Host()))
	}
}

// FromHere says whether a page of ours made the browser send the request.
func (s *Server) FromHere(c *fiber.Ctx) bool { return s.sameOrigin(c, requestOf(c).hidden) }

func isSafe(method string) bool {
	return method == fiber.MethodGet || method == fiber.MethodHead || method == fiber.MethodOptions
}

// LocalPath is path where it leads to a page of ours, else fallback: what comes after signing in
// must not lead people to another site.
func LocalPath(path, fallback string) string {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return fallback
	}
	return path
}
