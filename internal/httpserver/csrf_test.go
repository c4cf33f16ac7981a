package httpserver_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
)

func TestForgedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	app := site(t)
	victim := app.As(account.Volunteer)
	other := app.SignIn(app.Account("mallory", account.Volunteer))
	visitor := app.Visitor()
	visitor.Token()
	cases := []struct {
		name    string
		token   string
		headers map[string]string
		path    string
		status  int
	}{
		{"with its own token", victim.Token(), nil, "/test/echo", 200},
		{"the same token again", victim.Token(), nil, "/test/echo", 200},
		{"same origin", victim.Token(), map[string]string{"Origin": "http://convoke.test"}, "/test/echo", 200},
		{"the browser says same origin", victim.Token(), map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, "/test/echo", 200},
		{"without a token", "", nil, "/test/echo", 403},
		{"with rubbish", "rubbish", nil, "/test/echo", 403},
		{"with somebody else's token", other.Token(), nil, "/test/echo", 403},
		{"with a visitor's token", visitor.Token(), nil, "/test/echo", 403},
		{"from another origin", victim.Token(), map[string]string{"Origin": "https://evil.test"}, "/test/echo", 403},
		{"from a look-alike", victim.Token(), map[string]string{"Origin": "http://convoke.test.evil.test"}, "/test/echo", 403},
		{"from nowhere", victim.Token(), map[string]string{"Origin": "null"}, "/test/echo", 403},
		{"from a page with a secret address", victim.Token(), map[string]string{"Origin": "null"}, "/test/personal/x", 200},
		{"the browser says another site", victim.Token(), map[string]string{"Sec-Fetch-Site": "cross-site"}, "/test/echo", 403},
		{"the browser says a sister site", victim.Token(), map[string]string{"Sec-Fetch-Site": "same-site"}, "/test/echo", 403},
		{"one click, from anywhere", "", map[string]string{"Origin": "https://mail.test"}, "/test/one-click", 200},
	}
	for _, tc := range cases {
		for name, value := range tc.headers {
			victim.With(name, value)
		}
		res := victim.Post(tc.path, url.Values{"csrf": {tc.token}, "text": {"hello"}})
		for name := range tc.headers {
			victim.With(name, "")
		}
		if res.Status != tc.status {
			t.Errorf("%s: %d %s", tc.name, res.Status, res.Text())
		}
		if tc.status == 200 && res.Body != "said hello" {
			t.Errorf("%s: %s", tc.name, res.Body)
		}
	}
}

func TestAVisitorsFormsAreGuardedToo(t *testing.T) {
	t.Parallel()
	app := site(t)
	c := app.Visitor()
	if res := c.PostForm("/test/echo", url.Values{"text": {"a"}}); res.Status != 200 || c.Cookie("convoke_visitor") == "" {
		t.Errorf("%d", res.Status)
	}
	if res := app.Visitor().Post("/test/echo", url.Values{"csrf": {c.Token()}}); res.Status != 403 {
		t.Errorf("without the cookie: %d", res.Status)
	}
}

func TestProgramsNeedNoToken(t *testing.T) {
	t.Parallel()
	app := site(t)
	program := app.Bearer(app.Account("amina", account.Volunteer)).With("Origin", "https://tools.test")
	if res := program.Post("/test/echo", url.Values{"text": {"a"}}); res.Status != 200 {
		t.Errorf("%d", res.Status)
	}
}

func TestTheOneClickRouteKnowsNobody(t *testing.T) {
	t.Parallel()
	app := site(t)
	app.Server.HandleWithoutCSRF("POST", "/test/dangerous", account.SignOut, nil, "a test")
	if res := app.As(account.Officer).Post("/test/dangerous", nil); res.Status != 401 {
		t.Errorf("a route without token took a session: %d", res.Status)
	}
	told := slices.ContainsFunc(app.Server.Routes(), func(r httpserver.Route) bool {
		return r.Path == "/test/dangerous" && r.NoCSRF == "a test"
	})
	if !told {
		t.Error("the table of routes does not say why the route needs no token")
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/outreach?x=1": "/outreach?x=1", "/": "/", "": "/home", "//evil.test": "/home", "https://evil.test": "/home",
		`/\evil.test`: "/home", "evil": "/home", "/a\r\nb": "/home", "/%0d": "/%0d",
	} {
		if got := httpserver.LocalPath(in, "/home"); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
