//go:build unix

// Package crawl follows the links of the running program as somebody does who reads every page, but
// without a browser.
package crawl

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
)

// samples is how many pages of one route are read for a role: one document is not like another,
// but a hundred contacts are.
const samples = 6

// Page is a page that somebody came to by following links.
type Page struct {
	Route house.Route
	Path  string // with its query
	From  string // the page that led there; "" for the first
	Doc   Document
}

// Kind says which pages are of one kind: the route, and what its query asks for.
func (p Page) Kind() string {
	_, query, _ := strings.Cut(p.Path, "?")
	values, err := url.ParseQuery(query)
	if err != nil || len(values) == 0 {
		return p.Route.Path
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return p.Route.Path + "?" + strings.Join(names, "&")
}

// Crawler follows the links that a person finds.
type Crawler struct {
	t      testing.TB
	client *house.Client
	routes []house.Route
	lang   string // asked for on every page; "" for none
	count  map[string]int
	seen   map[string]bool
	queue  []Page
	Pages  []Page   // whole pages, in the order in which they were found
	Files  []Page   // what is no page: downloads, feeds, pictures, and streams, which are not read because they go on
	Posts  []string // the paths that forms are sent to
	Wrong  []string // links that lead nowhere, or where the person may not go
}

// Follow follows every link from the starts on, breadth first.
func Follow(t testing.TB, client *house.Client, routes []house.Route, lang string, starts ...string) *Crawler {
	t.Helper()
	c := &Crawler{t: t, client: client, routes: routes, lang: lang, count: map[string]int{}, seen: map[string]bool{}}
	for _, s := range starts {
		c.add(s, Page{})
	}
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		c.read(next)
	}
	return c
}

// add puts an address on the list, unless enough of its kind are there.
func (c *Crawler) add(href string, from Page) {
	at, err := url.Parse(from.Path)
	if err != nil {
		return
	}
	to, err := at.Parse(href)
	if err != nil {
		c.wrong(from, "a link that is no address: "+href)
		return
	}
	if to.Host != "" || to.Scheme != "" || to.Path == "" {
		return // another site, a mail address, a place on the same page
	}
	to.Fragment = ""
	query := to.Query()
	query.Del("lang")
	to.RawQuery = query.Encode()
	path := to.String()
	if c.seen[path] {
		return
	}
	c.seen[path] = true
	route, ok := house.Find(c.routes, http.MethodGet, to.Path)
	if !ok {
		c.wrong(from, "a link that no route answers: "+path)
		return
	}
	page := Page{Route: route, Path: path, From: from.Path}
	limit := samples
	if page.Kind() != route.Path {
		limit = 2 // filters and further pages of lists
	}
	if c.count[page.Kind()] >= limit {
		return
	}
	c.count[page.Kind()]++
	c.queue = append(c.queue, page)
}

func (c *Crawler) wrong(from Page, what string) {
	c.Wrong = append(c.Wrong, from.Path+": "+what)
}

func (c *Crawler) read(p Page) {
	address := p.Path
	if c.lang != "" {
		address = WithLanguage(address, c.lang)
	}
	r := c.client.Get(address)
	if r.Status/100 == 3 {
		c.add(r.Location(), p)
		return
	}
	if r.Status != http.StatusOK {
		c.Wrong = append(c.Wrong, p.From+": a link to "+p.Path+", which answers "+http.StatusText(r.Status))
		return
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" || strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") {
		c.Files = append(c.Files, p)
		return
	}
	if params["charset"] != "utf-8" {
		c.wrong(p, "is not said to be UTF-8")
	}
	doc, err := Parse(r.Body)
	if err != nil {
		c.wrong(p, err.Error())
		return
	}
	p.Doc = doc
	c.Pages = append(c.Pages, p)
	for _, href := range doc.Links() {
		c.add(href, p)
	}
	for _, from := range doc.Streams() {
		c.stream(from, p)
	}
	for _, f := range doc.Forms() {
		c.post(f, p)
	}
}

// stream notes what a page reads while it is open, and that somebody answers there.
func (c *Crawler) stream(path string, from Page) {
	route, ok := house.Find(c.routes, http.MethodGet, path)
	if !ok {
		c.wrong(from, "a stream that no route answers: "+path)
		return
	}
	c.Files = append(c.Files, Page{Route: route, Path: path, From: from.Path})
}

// post notes where a form is sent to, and that somebody answers there.
func (c *Crawler) post(f Form, from Page) {
	at, err := url.Parse(from.Path)
	if err != nil || f.Method != http.MethodPost {
		return
	}
	to, err := at.Parse(f.Action)
	if err != nil || to.Host != "" {
		c.wrong(from, "a form that is sent elsewhere: "+f.Action)
		return
	}
	if _, ok := house.Find(c.routes, http.MethodPost, to.Path); !ok {
		c.wrong(from, "a form that no route takes: "+to.Path)
		return
	}
	if !slices.Contains(c.Posts, to.Path) {
		c.Posts = append(c.Posts, to.Path)
	}
}

// WithLanguage is the path with the language asked for.
func WithLanguage(path, lang string) string {
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	return path + mark + "lang=" + lang
}

// Distinct leaves out pages on which there is nothing to see that others of their route do not show.
func Distinct(pages []Page) []Page {
	known := map[string]map[string]bool{}
	var kept []Page
	for _, p := range pages {
		shapes := known[p.Route.Path]
		first := shapes == nil
		if first {
			shapes = map[string]bool{}
			known[p.Route.Path] = shapes
		}
		news := 0
		for _, kind := range p.Doc.Shape() {
			if !shapes[kind] {
				news++
				shapes[kind] = true
			}
		}
		if first || news > 0 {
			kept = append(kept, p)
		}
	}
	return kept
}
