//go:build unix

package house

import (
	"encoding/json"
	"strings"
	"testing"
)

// Route is a row of the running program's table of routes.
type Route struct {
	Method string
	Path   string // as fiber writes it: /contacts/:id
	Action string
	API    bool
	NoCSRF string // why the route needs no form token; "" where it needs one
}

// Routes is the table, in order of registration, which is the order in which a route is chosen.
func (h *House) Routes(t *testing.T) []Route {
	t.Helper()
	var routes []Route
	if err := json.Unmarshal([]byte(h.Run(t, "routes")), &routes); err != nil {
		t.Fatal(err)
	}
	if len(routes) == 0 {
		t.Fatal("the table of routes is empty")
	}
	return routes
}

// Find is the route that answers a path, and whether there is one.
func Find(routes []Route, method, path string) (Route, bool) {
	path, _, _ = strings.Cut(path, "?")
	for _, r := range routes {
		if r.Method == method && r.matches(path) {
			return r, true
		}
	}
	return Route{}, false
}

// Kind is the method and path of the route, its parameters by name.
func (r Route) Kind() string { return r.Method + " " + r.Path }

// Params are the names of the path's parameters.
func (r Route) Params() []string {
	var names []string
	for part := range strings.SplitSeq(r.Path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			names = append(names, name)
		}
	}
	return names
}

// matches compares part by part. A parameter ends where fiber ends it: at a slash, or at a dot
// that the pattern has too ("/calls/:slug/contributions.atom" has none within a parameter).
func (r Route) matches(path string) bool {
	want, got := strings.Split(r.Path, "/"), strings.Split(strings.TrimSuffix(path, "/"), "/")
	if r.Path == "/" {
		return path == "/"
	}
	if len(want) != len(got) {
		return false
	}
	for i, part := range want {
		switch {
		case strings.HasPrefix(part, ":"):
			if got[i] == "" {
				return false
			}
		case part != got[i]:
			return false
		}
	}
	return true
}
