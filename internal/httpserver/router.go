package httpserver

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Route is a row of the table of routes.
type Route struct {
	Method string
	Path   string // as fiber writes it: /contacts/:id
	Action account.Action
	API    bool   // answers JSON
	NoCSRF string // why the route needs no form token; "" where it needs one
	rules  rules
}

// rules are what a route's options say.
type rules struct {
	private   bool
	bodyLimit int
	tooLarge  error // instead of the general answer; nil for that
	limit     *limit
	noCSRF    string
}

// Option changes how a route is guarded.
type Option func(*rules)

// Private is for addresses that are themselves secret (personal links): they are not logged,
// not sent on as referrer, and not kept by any cache.
func Private() Option { return func(r *rules) { r.private = true } }

// BodyLimit sets how many bytes may be sent to the route.
func BodyLimit(bytes int) Option { return func(r *rules) { r.bodyLimit = bytes } }

// TooLarge sets what a person is told whose body is over the limit of the route: what to do instead.
func TooLarge(err error) Option { return func(r *rules) { r.tooLarge = err } }

// Router registers routes. The zero Router is of no use; a Server is one.
type Router struct {
	server *Server
	prefix string
}

// Group is a Router whose paths begin with prefix.
func (r *Router) Group(prefix string) *Router {
	return &Router{server: r.server, prefix: r.prefix + prefix}
}

// Handle registers a route. The actor must be allowed the action before the handler runs; on what
// exactly, the use case decides. A route for GET answers HEAD as well.
func (r *Router) Handle(method, path string, action account.Action, h fiber.Handler, opts ...Option) {
	rule := rules{bodyLimit: DefaultBodyLimit}
	for _, o := range opts {
		o(&rule)
	}
	full := r.prefix + path
	route := Route{Method: method, Path: full, Action: action, API: isAPI(full), NoCSRF: rule.noCSRF, rules: rule}
	s := r.server
	s.table = append(s.table, route)
	guarded := s.guard(route, h)
	s.app.Add(method, full, guarded)
	if method == fiber.MethodGet {
		s.app.Add(fiber.MethodHead, full, guarded)
	}
}

// HandleWithoutCSRF is Handle for requests that come from elsewhere by design and carry no cookie,
// such as one-click unsubscribing. The reason stands in the table of routes. The actor is nobody,
// whatever cookie is sent along.
func (r *Router) HandleWithoutCSRF(method, path string, action account.Action, h fiber.Handler, reason string, opts ...Option) {
	r.Handle(method, path, action, h, append(opts, func(r *rules) { r.noCSRF = reason })...)
}

// Routes is the table of routes, in order of registration.
func (s *Server) Routes() []Route { return slices.Clone(s.table) }

// AnswersGet says whether what was asked for can be asked for by GET too, or does not exist at all.
func (s *Server) AnswersGet(c *fiber.Ctx) bool {
	path := requestOf(c).route
	return isSafe(c.Method()) || path == "" || slices.ContainsFunc(s.table, func(r Route) bool {
		return r.Path == path && r.Method == fiber.MethodGet
	})
}

// guard does before a handler what every route needs.
func (s *Server) guard(route Route, h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		r := requestOf(c)
		r.route = route.Path
		if route.rules.private {
			s.hide(c)
		}
		if route.NoCSRF != "" {
			r.disown(c)
		}
		if err := readBody(c, route.rules.bodyLimit); err != nil {
			if route.rules.tooLarge != nil && errs.Is(err, errs.TooLarge) {
				return route.rules.tooLarge
			}
			return err
		}
		if err := account.ActorFrom(c.UserContext()).Require(route.Action); err != nil {
			return err
		}
		if err := s.checkCSRF(c, route); err != nil {
			return err
		}
		if err := s.checkLimit(c, route); err != nil {
			return err
		}
		return h(c)
	}
}

// isAPI says whether programs speak here, who want problem+json.
func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }
