package httpserver

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

const (
	sessionCookie = "convoke_session"
	visitorCookie = "convoke_visitor"
)

// cookieName binds a cookie to this very host where the connection is encrypted.
func (s *Server) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// actor is who asks: by bearer token, else by session, else nobody. A session that holds no
// more makes nobody of the person, a token that holds no more is refused.
func (s *Server) actor(c *fiber.Ctx) (account.Actor, error) {
	r := requestOf(c)
	nobody := account.Nobody(r.id)
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return nobody, errs.E(errs.Unauthorized, "error.unauthorized")
		}
		a, err := s.Accounts.AuthenticateToken(c.UserContext(), token, r.id)
		if err != nil {
			return nobody, err
		}
		r.bearer = true
		return a, nil
	}
	secret := c.Cookies(s.cookieName(sessionCookie))
	if secret == "" {
		return nobody, nil
	}
	a, err := s.Accounts.Authenticate(c.UserContext(), secret, r.id)
	if errs.Is(err, errs.Unauthorized) {
		s.EndSession(c)
		return nobody, nil
	}
	if err != nil {
		return nobody, err
	}
	r.session = secret
	return a, nil
}

// StartSession puts the session's secret into the browser.
func (s *Server) StartSession(c *fiber.Ctx, secret string) {
	c.Cookie(s.cookie(sessionCookie, secret, int(account.SessionLifetime.Seconds())))
	s.ForgetLanguage(c)
}

// EndSession takes the session's secret out of the browser.
func (s *Server) EndSession(c *fiber.Ctx) {
	c.Cookie(s.cookie(sessionCookie, "", -1))
}

// cookie makes a cookie that scripts cannot read; seconds below 0 remove it, 0 keeps it until the browser closes.
func (s *Server) cookie(name, value string, seconds int) *fiber.Cookie {
	k := &fiber.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: seconds, SessionOnly: seconds == 0,
		Secure: s.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	}
	if seconds < 0 {
		k.Expires = fasthttpExpired()
	}
	return k
}

// fasthttpExpired is a time long ago, because a negative Max-Age alone is not written.
func fasthttpExpired() time.Time { return time.Unix(1, 0).UTC() }
