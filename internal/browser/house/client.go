//go:build unix

package house

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/httpserver/servertest"
)

// Response is an answer that was read to its end.
type Response = servertest.Response

// Client is a person's browser without a window, or with a token a program. It follows no redirect.
// It is for one goroutine.
type Client struct {
	t      testing.TB
	http   *http.Client
	base   string
	header http.Header
	token  string // the form token of the last page
}

// Visitor is nobody in particular.
func (h *House) Visitor(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t: t, base: h.URL, header: http.Header{}, http: &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// As is signed in as one of the demo's people.
func (h *House) As(t testing.TB, email string) *Client {
	t.Helper()
	c := h.Visitor(t)
	c.Get("/sign-in")
	r := c.PostForm("/demo/sign-in", url.Values{"email": {email}})
	if r.Status != http.StatusSeeOther {
		t.Fatalf("signing in as %s: status %d: %s", email, r.Status, r.Text())
	}
	c.token = "" // it belonged to the visitor
	return c
}

// Program speaks with a token of one of the demo's people.
func (h *House) Program(t *testing.T, email string) *Client {
	t.Helper()
	return h.Visitor(t).With("Authorization", "Bearer "+h.Run(t, "token", "create", email))
}

// With sends a header with every request from now on.
func (c *Client) With(name, value string) *Client {
	c.header.Set(name, value)
	return c
}

// Get asks for a page.
func (c *Client) Get(path string) Response {
	c.t.Helper()
	return c.Do(http.MethodGet, path, "", nil)
}

// PostForm sends a form with a token that suits the client.
func (c *Client) PostForm(path string, values url.Values) Response {
	c.t.Helper()
	all := url.Values{"csrf": {c.Token()}}
	for name, v := range values {
		all[name] = v
	}
	return c.Do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(all.Encode()))
}

// JSON sends v (nothing for nil) as JSON.
func (c *Client) JSON(method, path string, v any) Response {
	c.t.Helper()
	if v == nil {
		return c.Do(method, path, "", nil)
	}
	body, err := json.Marshal(v)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.Do(method, path, "application/json", body)
}

// Token is the form token of the last page that had one.
func (c *Client) Token() string {
	c.t.Helper()
	if c.token == "" {
		c.Get("/sign-in")
	}
	return c.token
}

// Do sends any request to a path, or to a whole address.
func (c *Client) Do(method, path, contentType string, body []byte) Response {
	c.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = c.base + path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header = c.header.Clone()
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var text []byte
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") { // which never ends
		if text, err = io.ReadAll(res.Body); err != nil {
			c.t.Fatal(err)
		}
	}
	if m := tokenField.FindSubmatch(text); m != nil {
		c.token = html.UnescapeString(string(m[1]))
	}
	return Response{Status: res.StatusCode, Header: res.Header, Body: string(text)}
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
