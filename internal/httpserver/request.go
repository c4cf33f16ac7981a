package httpserver

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

const requestKey = "convoke.request"

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// request is what the middleware knows of one request.
type request struct {
	id        string
	route     string // the pattern that matched, "" for none
	localizer *i18n.Localizer
	session   string // the session's secret, "" where the actor came by another way
	visitor   string // the visitor cookie that this answer sets, "" for none
	bearer    bool
	hidden    bool          // its address is secret
	limited   time.Duration // how long to wait for what is over a limit of which its handler tells; 0 for nothing
}

// requestOf never gives nil: a request that failed before the middleware has none yet.
func requestOf(c *fiber.Ctx) *request {
	if r, ok := c.Locals(requestKey).(*request); ok {
		return r
	}
	r := &request{id: requestID(c.Get(fiber.HeaderXRequestID))}
	c.Locals(requestKey, r)
	return r
}

// disown makes the request nobody's.
func (r *request) disown(c *fiber.Ctx) {
	r.session, r.bearer = "", false
	c.SetUserContext(account.WithActor(c.UserContext(), account.Nobody(r.id)))
}

// RequestID identifies the request in the log, in the trail and on error pages.
func RequestID(c *fiber.Ctx) string { return requestOf(c).id }

// Session is the secret of the session's cookie, "" where nobody is signed in by cookie.
func Session(c *fiber.Ctx) string { return requestOf(c).session }

// Localizer speaks the language of the request.
func (s *Server) Localizer(c *fiber.Ctx) *i18n.Localizer {
	r := requestOf(c)
	if r.localizer == nil {
		r.localizer = s.Bundle.For(s.language(c))
	}
	return r.localizer
}

// Speak answers this request in one of our languages, whatever the browser says: a personal link knows its
// person's language.
func (s *Server) Speak(c *fiber.Ctx, tag string) { requestOf(c).localizer = s.Bundle.For(tag) }

func requestID(given string) string {
	if requestIDForm.MatchString(given) {
		return given
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b[:])
}

// Query keys and cookies of the language.
const (
	langQuery  = "lang"
	langCookie = "convoke_lang"
)

// language chooses: what the address says, what was chosen in this browser, what the account
// says, what the browser says. Signing in forgets the browser's choice, so that the account's counts.
func (s *Server) language(c *fiber.Ctx) string {
	if asked := c.Query(langQuery); s.Bundle.Supported(asked) {
		return asked
	}
	if chosen := c.Cookies(langCookie); !isAPI(c.Path()) && s.Bundle.Supported(chosen) {
		return chosen
	}
	header := c.Get(fiber.HeaderAcceptLanguage)
	if isAPI(c.Path()) {
		return s.Bundle.Match(header)
	}
	return s.Bundle.Match(account.ActorFrom(c.UserContext()).Language, header)
}

// rememberLanguage keeps what ?lang= said in the browser.
func (s *Server) rememberLanguage(c *fiber.Ctx) {
	asked := c.Query(langQuery)
	if asked == "" || isAPI(c.Path()) || !s.Bundle.Supported(asked) || asked == c.Cookies(langCookie) {
		return
	}
	c.Cookie(&fiber.Cookie{
		Name: langCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600,
		Secure: s.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// ForgetLanguage drops the browser's choice of language.
func (s *Server) ForgetLanguage(c *fiber.Ctx) {
	c.Cookie(&fiber.Cookie{Name: langCookie, Path: "/", MaxAge: -1, Expires: fasthttpExpired(), Secure: s.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

func (s *Server) withDeadline(c *fiber.Ctx) (cancel context.CancelFunc) {
	ctx, cancel := context.WithTimeout(c.UserContext(), s.Timeout)
	c.SetUserContext(ctx)
	return cancel
}

// ID is the number in a path's parameter; errs.NotFound where it is none.
func ID(c *fiber.Ctx, name string) (int64, error) {
	id, err := strconv.ParseInt(c.Params(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, errs.E(errs.NotFound, "error.not_found")
	}
	return id, nil
}
