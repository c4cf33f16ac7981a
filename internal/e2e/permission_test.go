//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/browser/crawl"
	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// somebody is a role and who has it in the demo; nobody has no address.
type somebody struct {
	role  account.Role
	email string
}

func everybody() []somebody {
	return []somebody{
		{account.Public, ""},
		{account.Volunteer, walk.Carla},
		{account.Translator, walk.Teresa},
		{account.Coordinator, walk.Ines},
		{account.Lead, walk.Maren},
		{account.Officer, walk.Helene}, // Olu may not approve what she made
	}
}

// TestPermissions drives every route of the running program as every role and as nobody, and holds
// the answers against the one table of permissions.
func TestPermissions(t *testing.T) {
	t.Parallel()
	h := house.Start(t, house.Small())
	walk.Chain(t, h)
	g := &guard{
		t: t, house: h, routes: h.Routes(t), known: map[string][]string{},
		own: map[account.Role]map[string]bool{}, clients: map[string]*house.Client{},
	}
	g.explore()
	known := account.Actions()
	for _, r := range g.routes {
		if !slices.Contains(known, account.Action(r.Action)) {
			t.Errorf("%s does %q, which the table of permissions does not have", r.Kind(), r.Action)
		}
	}
	for _, who := range everybody() {
		for _, r := range g.routes {
			switch account.ScopeOf(who.role, account.Action(r.Action)) {
			case account.Nothing:
				g.refused(who, r)
			case account.All:
				g.allowed(who, r)
			case account.Own, account.Country:
				g.bounded(who, r)
			}
		}
	}
	g.withoutToken()
	t.Logf("%d routes, %d requests; tried with a thing that does not exist, for want of one outside the scope: %s",
		len(g.routes), g.requests, strings.Join(g.guessed, ", "))
}

// guard knows addresses of real things, and who was led to them.
type guard struct {
	t        *testing.T
	house    *house.House
	routes   []house.Route
	known    map[string][]string              // the kind of a path's beginning, to real ones
	own      map[account.Role]map[string]bool // the beginnings that a role was led to
	clients  map[string]*house.Client
	requests int
	guessed  []string // routes of which no example outside the scope was found
}

// explore follows everybody's links and notes what real addresses look like.
func (g *guard) explore() {
	g.t.Helper()
	for _, who := range everybody() {
		g.own[who.role] = map[string]bool{}
		c := crawl.Follow(g.t, g.page(who), g.routes, "", "/")
		for _, p := range slices.Concat(c.Pages, c.Files) {
			g.learn(who, http.MethodGet, p.Path)
		}
		for _, path := range c.Posts {
			g.learn(who, http.MethodPost, path)
		}
	}
}

// learn splits a real address after each of its parameters: /contacts/7/claims tells what stands
// for /contacts/:id as well.
func (g *guard) learn(who somebody, method, path string) {
	path, _, _ = strings.Cut(path, "?")
	route, ok := house.Find(g.routes, method, path)
	if !ok {
		return
	}
	pattern, filled := strings.Split(route.Path, "/"), strings.Split(path, "/")
	for i, part := range pattern {
		if !strings.HasPrefix(part, ":") {
			continue
		}
		kind, example := kindOf(pattern[:i+1]), strings.Join(filled[:i+1], "/")
		if !slices.Contains(g.known[kind], example) {
			g.known[kind] = append(g.known[kind], example)
		}
		g.own[who.role][example] = true
	}
}

// kindOf is the pattern whatever its parameters are called.
func kindOf(parts []string) string {
	kind := slices.Clone(parts)
	for i, part := range kind {
		if strings.HasPrefix(part, ":") {
			kind[i] = ":"
		}
	}
	return strings.Join(kind, "/")
}

// programs is where the API's paths begin; behind it they call things as the pages do.
const programs = "/api/v1"

// fill makes an address of a route, of real things where some are known: those the role was led
// to, or with outside one that it was not led to. found says whether there was such a thing.
func (g *guard) fill(r house.Route, role account.Role, outside bool) (path string, found bool) {
	pattern := strings.TrimPrefix(r.Path, programs)
	parts := strings.Split(pattern, "/")
	for i, part := range parts[1:] {
		if !strings.HasPrefix(part, ":") {
			path += "/" + part
			continue
		}
		example := path + "/999999"
		if part == ":locale" {
			example = path + "/es"
		}
		for _, e := range g.known[kindOf(parts[:i+2])] {
			if !strings.HasPrefix(e, path+"/") {
				continue
			}
			if g.own[role][e] != outside || found {
				example, found = e, true
				break
			}
			if !outside {
				example = e
			}
		}
		path = example
	}
	return strings.TrimSuffix(r.Path, pattern) + path, found
}

// page is the person's browser, signed in again after signing out.
func (g *guard) page(who somebody) *house.Client {
	g.t.Helper()
	return g.client("page "+who.email, func() *house.Client {
		if who.email == "" {
			return g.house.Visitor(g.t)
		}
		return g.house.As(g.t, who.email)
	})
}

func (g *guard) program(who somebody) *house.Client {
	g.t.Helper()
	return g.client("program "+who.email, func() *house.Client {
		if who.email == "" {
			return g.house.Visitor(g.t)
		}
		return g.house.Program(g.t, who.email)
	})
}

func (g *guard) client(name string, open func() *house.Client) *house.Client {
	g.t.Helper()
	if g.clients[name] == nil {
		g.clients[name] = open()
	}
	return g.clients[name]
}

// ask sends the least that suits the route: an empty form with its token, or an empty object.
func (g *guard) ask(who somebody, r house.Route, path string) house.Response {
	g.t.Helper()
	g.requests++
	if r.API {
		var body any
		if r.Method != http.MethodGet && r.Method != http.MethodDelete {
			body = struct{}{}
		}
		return g.program(who).JSON(r.Method, path, body)
	}
	c := g.page(who)
	if r.Method == http.MethodGet {
		return c.Get(path)
	}
	res := c.PostForm(path, nil)
	if account.Action(r.Action) == account.SignOut {
		delete(g.clients, "page "+who.email)
	}
	return res
}

func (g *guard) wrong(who somebody, r house.Route, path string, res house.Response, want string) {
	g.t.Helper()
	g.t.Errorf("%s %s (%s) as %s: status %d, want %s: %.200s", r.Method, path, r.Action, who.role, res.Status, want, res.Text())
}

// refused: nobody is asked to sign in, a member may not.
func (g *guard) refused(who somebody, r house.Route) {
	g.t.Helper()
	path, _ := g.fill(r, who.role, false)
	res := g.ask(who, r, path)
	switch {
	case who.email != "" && res.Status != http.StatusForbidden:
		g.wrong(who, r, path, res, "403")
	case who.email == "" && res.Status != http.StatusUnauthorized && !strings.HasPrefix(res.Location(), "/sign-in"):
		g.wrong(who, r, path, res, "401 or to be asked to sign in")
	}
}

// allowed: whatever the answer is, it is neither a refusal nor a failure.
func (g *guard) allowed(who somebody, r house.Route) {
	g.t.Helper()
	path, _ := g.fill(r, who.role, false)
	res := g.ask(who, r, path)
	if res.Status == http.StatusUnauthorized || res.Status == http.StatusForbidden || res.Status >= http.StatusInternalServerError {
		g.wrong(who, r, path, res, "neither a refusal nor a failure")
	}
}

// bounded: a route about no particular thing is allowed, and things outside of the scope are
// refused or are not there. Things inside of it are what the links of the pages lead to: the crawl
// has opened them.
func (g *guard) bounded(who somebody, r house.Route) {
	g.t.Helper()
	if len(r.Params()) == 0 {
		g.allowed(who, r)
		return
	}
	path, found := g.fill(r, who.role, true)
	if !found {
		g.guessed = append(g.guessed, fmt.Sprintf("%s as %s", r.Kind(), who.role))
	}
	res := g.ask(who, r, path)
	if res.Status != http.StatusForbidden && res.Status != http.StatusNotFound {
		g.wrong(who, r, path, res, "403 or 404 outside of the scope")
	}
}

// withoutToken: what another site makes a browser send is refused, whoever is signed in.
func (g *guard) withoutToken() {
	g.t.Helper()
	officer := somebody{account.Officer, walk.Helene}
	for _, r := range g.routes {
		if r.API || r.Method == http.MethodGet || r.NoCSRF != "" {
			continue
		}
		path, _ := g.fill(r, officer.role, false)
		res := g.page(officer).Do(r.Method, path, "application/x-www-form-urlencoded", nil)
		refusal := res.Status == http.StatusForbidden
		if account.ScopeOf(officer.role, account.Action(r.Action)) != account.Nothing && !refusal {
			g.wrong(officer, r, path, res, "403 without a form token")
		}
	}
}
