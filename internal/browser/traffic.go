//go:build unix

package browser

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// Request is one request of a page, read to its end.
type Request struct {
	URL    string
	Kind   network.ResourceType
	Status int64
	Bytes  float64 // as they came over the wire, headers included
}

// Visit is what loading a page cost and said.
type Visit struct {
	URL      string
	Status   int64 // of the document
	Requests []Request
	Console  []string // errors, warnings, exceptions
	Server   float64  // milliseconds, as the Server-Timing header of the document says; −1 without
}

// byURL has each file once: with the cache switched off, Chromium fetches an icon that is also a
// picture of the page twice, which no visitor's browser does.
func (v Visit) byURL() map[string]float64 {
	files := map[string]float64{}
	for _, r := range v.Requests {
		files[r.URL] = max(files[r.URL], r.Bytes)
	}
	return files
}

// files is how many requests a first visit takes.
func (v Visit) files() int { return len(v.byURL()) }

// Bytes is what all of the page's files weigh on the wire.
func (v Visit) Bytes() int {
	sum := 0.0
	for _, bytes := range v.byURL() {
		sum += bytes
	}
	return int(sum)
}

// traffic listens to a tab. It is told in order, on the goroutine that reads from the browser.
type traffic struct {
	mu      sync.Mutex
	order   []network.RequestID
	found   map[network.RequestID]*Request
	open    map[network.RequestID]bool
	loader  cdp.LoaderID // of the page
	console []string
	server  float64
}

func newTraffic() *traffic {
	q := &traffic{}
	q.forget()
	return q
}

// forget begins a new visit.
func (q *traffic) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.order, q.console, q.server = nil, nil, -1
	q.found = map[network.RequestID]*Request{}
	q.open = map[network.RequestID]bool{}
}

// quiet says whether nothing is under way. An event stream never ends and does not count.
func (q *traffic) quiet() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.open) == 0
}

func (q *traffic) visit(url string) Visit {
	q.mu.Lock()
	defer q.mu.Unlock()
	v := Visit{URL: url, Server: q.server, Console: append([]string(nil), q.console...)}
	for _, id := range q.order {
		r := q.found[id]
		v.Requests = append(v.Requests, *r)
		if r.Kind == network.ResourceTypeDocument {
			v.Status = r.Status
		}
	}
	return v
}

func (q *traffic) hear(event any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		q.sent(e)
	case *network.EventResponseReceived:
		q.answered(e)
	case *network.EventLoadingFinished:
		q.ended(e.RequestID, e.EncodedDataLength)
	case *network.EventLoadingFailed:
		if r := q.found[e.RequestID]; r != nil && !e.Canceled {
			q.console = append(q.console, fmt.Sprintf("%s did not load: %s", r.URL, e.ErrorText))
		}
		q.ended(e.RequestID, 0)
	case *log.EventEntryAdded:
		if l := e.Entry.Level; l == log.EntryLevelError || l == log.EntryLevelWarning {
			q.console = append(q.console, fmt.Sprintf("%s: %s %s", l, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		q.said(e)
	case *runtime.EventExceptionThrown:
		q.console = append(q.console, "exception: "+thrown(e.ExceptionDetails))
	}
}

// sent counts a request; one that follows a redirect has the same id and counts once. What the page
// before asked for and nobody waits for any more is forgotten. The browser asks for icons when it
// likes, and does not always say that it is done.
func (q *traffic) sent(e *network.EventRequestWillBeSent) {
	if e.Type == network.ResourceTypeEventSource || isInline(e.Request.URL) {
		return
	}
	if e.Type == network.ResourceTypeDocument && q.found[e.RequestID] == nil {
		q.order = nil
		clear(q.found)
		clear(q.open)
		q.loader = e.LoaderID
	}
	if e.LoaderID != q.loader {
		return
	}
	if q.found[e.RequestID] == nil {
		q.order = append(q.order, e.RequestID)
	}
	q.found[e.RequestID] = &Request{URL: e.Request.URL, Kind: e.Type}
	if e.Type != network.ResourceTypeOther {
		q.open[e.RequestID] = true
	}
}

func (q *traffic) answered(e *network.EventResponseReceived) {
	r := q.found[e.RequestID]
	if r == nil {
		return
	}
	r.Status = e.Response.Status
	if e.Type == network.ResourceTypeDocument {
		q.server = serverTime(e.Response.Headers)
	}
}

func (q *traffic) ended(id network.RequestID, bytes float64) {
	if r := q.found[id]; r != nil {
		r.Bytes += bytes
	}
	delete(q.open, id)
}

// waiting names what is under way.
func (q *traffic) waiting() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var urls []string
	for id := range q.open {
		urls = append(urls, string(q.found[id].Kind)+" "+q.found[id].URL)
	}
	return urls
}

func (q *traffic) said(e *runtime.EventConsoleAPICalled) {
	if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeWarning {
		return
	}
	text := string(e.Type) + ":"
	for _, a := range e.Args {
		text += " " + a.Description + string(a.Value)
	}
	q.console = append(q.console, text)
}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

// isInline is true for what stands in the page itself.
func isInline(url string) bool { return len(url) > 5 && url[:5] == "data:" }

var duration = regexp.MustCompile(`app;dur=([0-9.]+)`)

// serverTime reads the header that the server puts on every answer; −1 where there is none.
func serverTime(headers network.Headers) float64 {
	for name, value := range headers {
		if text, ok := value.(string); ok && strings.EqualFold(name, "Server-Timing") {
			return durationIn(text)
		}
	}
	return -1
}

func durationIn(header string) float64 {
	m := duration.FindStringSubmatch(header)
	if m == nil {
		return -1
	}
	ms, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return -1
	}
	return ms
}
