package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
)

// Client is a browser, or with Bearer a program. It is for one goroutine.
type Client struct {
	Account account.Account // the zero Account for a visitor
	app     *App
	cookies map[string]string
	header  http.Header
	token   string // the form token of the last page
}

// Response is an answer that was read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Visitor is nobody in particular.
func (a *App) Visitor() *Client {
	return &Client{app: a, cookies: map[string]string{}, header: http.Header{}}
}

// As is signed in as an account with this role, always the same account for a role.
func (a *App) As(role account.Role) *Client {
	a.t.Helper()
	if role == account.Public {
		return a.Visitor()
	}
	return a.SignIn(a.Account(string(role), role))
}

// SignIn is signed in as this account, in a browser of its own.
func (a *App) SignIn(who account.Account) *Client {
	a.t.Helper()
	ctx := context.Background()
	secret, err := a.Accounts.IssueSignIn(ctx, who.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	session, _, err := a.Accounts.Redeem(ctx, secret, "test", "test")
	if err != nil {
		a.t.Fatal(err)
	}
	c := a.Visitor()
	c.Account = who
	c.cookies[a.cookie("convoke_session")] = session
	return c
}

// Bearer is a program with a token of this account.
func (a *App) Bearer(who account.Account) *Client {
	a.t.Helper()
	token, err := a.Accounts.CreateToken(context.Background(), audit.System("test"), who.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	c := a.Visitor()
	c.Account = who
	return c.With("Authorization", "Bearer "+token)
}

func (a *App) cookie(name string) string {
	if a.Server.Secure() {
		return "__Host-" + name
	}
	return name
}

// With sends a header with every request from now on; "" stops it.
func (c *Client) With(name, value string) *Client {
	c.header.Del(name)
	if value != "" {
		c.header.Set(name, value)
	}
	return c
}

// Cookie is what the client holds under a name, "" for nothing.
func (c *Client) Cookie(name string) string { return c.cookies[name] }

// Cookies are all of them as a browser sends them.
func (c *Client) Cookies() string {
	pairs := make([]string, 0, len(c.cookies))
	for name, value := range c.cookies {
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, "; ")
}

// SetCookie gives the client a cookie.
func (c *Client) SetCookie(name, value string) { c.cookies[name] = value }

// Get asks for a page, and follows no redirect.
func (c *Client) Get(path string) Response {
	c.app.t.Helper()
	return c.Do(http.MethodGet, path, "", nil)
}

// PostForm sends a form with its token, which it takes from the last page, as a browser does,
// or else from the page to sign in.
func (c *Client) PostForm(path string, values url.Values) Response {
	c.app.t.Helper()
	return c.Post(path, withToken(values, c.Token()))
}

// Post sends a form as it is.
func (c *Client) Post(path string, values url.Values) Response {
	c.app.t.Helper()
	return c.Do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(values.Encode()))
}

// PostFile sends a form with a file in its field "file"; a browser's with its token.
func (c *Client) PostFile(path, name string, content []byte, values url.Values) Response {
	c.app.t.Helper()
	if c.header.Get("Authorization") == "" {
		values = withToken(values, c.Token())
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	var err error
	for field, all := range values {
		for _, v := range all {
			err = errors.Join(err, form.WriteField(field, v))
		}
	}
	part, failed := form.CreateFormFile("file", name)
	if err = errors.Join(err, failed); err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		c.app.t.Fatal(err)
	}
	return c.Do(http.MethodPost, path, form.FormDataContentType(), body.Bytes())
}

// JSON sends v (nothing for nil) as JSON.
func (c *Client) JSON(method, path string, v any) Response {
	c.app.t.Helper()
	if v == nil {
		return c.Do(method, path, "", nil)
	}
	body, err := json.Marshal(v)
	if err != nil {
		c.app.t.Fatal(err)
	}
	return c.Do(method, path, "application/json", body)
}

// Token is a form token that suits the client's cookies.
func (c *Client) Token() string {
	c.app.t.Helper()
	if c.token == "" {
		c.Get("/sign-in")
	}
	return c.token
}

// Do sends any request.
func (c *Client) Do(method, path, contentType string, body []byte) Response {
	c.app.t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	_, req.Host, _ = strings.Cut(c.app.Server.PublicURL, "://")
	if len(body) == 0 {
		req.Body = http.NoBody
	}
	req.Header = c.header.Clone()
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for name, value := range c.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // sent, not set
	}
	res, err := c.app.Server.App().Test(req, -1)
	if err != nil {
		c.app.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.app.t.Fatal(err)
	}
	c.keep(res, string(text))
	return Response{Status: res.StatusCode, Header: res.Header, Body: string(text)}
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (c *Client) keep(res *http.Response, body string) {
	for _, k := range res.Cookies() {
		if k.MaxAge < 0 || k.Value == "" {
			delete(c.cookies, k.Name)
		} else {
			c.cookies[k.Name] = k.Value
		}
	}
	if m := tokenField.FindStringSubmatch(body); m != nil {
		c.token = html.UnescapeString(m[1])
	}
}

func withToken(values url.Values, token string) url.Values {
	all := url.Values{"csrf": {token}}
	for name, v := range values {
		all[name] = v
	}
	return all
}

// Location is where a redirect leads.
func (r Response) Location() string { return r.Header.Get("Location") }

var (
	tags   = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
	heads  = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
)

// Text is what a person reads on a page, with single spaces.
func (r Response) Text() string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(r.Body, " ")), " "))
}

// Heading is the text of the page's first heading.
func (r Response) Heading() string {
	m := heads.FindStringSubmatch(r.Body)
	if m == nil {
		return ""
	}
	return Response{Body: m[1]}.Text()
}

// Shows says whether the page's text contains all of these.
func (r Response) Shows(texts ...string) bool {
	all := r.Text()
	for _, t := range texts {
		if !strings.Contains(all, t) {
			return false
		}
	}
	return true
}

// Into reads a JSON answer into v.
func (r Response) Into(v any) error { return json.Unmarshal([]byte(r.Body), v) }
