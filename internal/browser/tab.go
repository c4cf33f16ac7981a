//go:build unix

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Tab is a person's tab. Its methods fail the test where the page does not do what is asked
// within patience. It is for one goroutine.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	window  Window
	traffic *traffic
	last    Visit
}

// Open goes to an address as if it were typed, with nothing in the cache.
func (b *Tab) Open(url string) Visit {
	b.t.Helper()
	return b.follow("open "+url, chromedp.Navigate(url))
}

// follow does something that leads to a page, and waits until all of the page is there.
func (b *Tab) follow(what string, steps ...chromedp.Action[chromedp.Void]) Visit {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	b.traffic.forget()
	if _, err := chromedp.RunResponse(ctx, steps...); err != nil {
		b.fail(what, err)
	}
	b.wait(what+": the page's files", b.traffic.quiet, func() { b.t.Logf("waiting for %q", b.traffic.waiting()) })
	b.last = b.traffic.visit(b.URL())
	return b.last
}

// URL is the address of the page.
func (b *Tab) URL() string {
	b.t.Helper()
	return evaluate[string](b, "location.href")
}

// Path is the address without the part that names the server.
func (b *Tab) Path() string {
	b.t.Helper()
	return evaluate[string](b, "location.pathname + location.search")
}

// Text is what a person can see of the page's main part, with single spaces.
func (b *Tab) Text() string {
	b.t.Helper()
	text := evaluate[string](b, "(document.querySelector('main') || document.body || {innerText: ''}).innerText")
	return strings.Join(strings.Fields(text), " ")
}

// Sees fails unless the page shows all of these.
func (b *Tab) Sees(texts ...string) {
	b.t.Helper()
	shown := b.Text()
	for _, want := range texts {
		if !strings.Contains(shown, want) {
			b.keep("missing")
			b.t.Fatalf("%s does not show %q:\n%s", b.Path(), want, shown)
		}
	}
}

// Has says whether there is such an element.
func (b *Tab) Has(selector string) bool {
	b.t.Helper()
	return evaluate[bool](b, "!!document.querySelector("+quote(selector)+")")
}

// Attribute is the attribute of the first such element; "" without.
func (b *Tab) Attribute(selector, name string) string {
	b.t.Helper()
	return evaluate[string](b, fmt.Sprintf("(document.querySelector(%s) || document).getAttribute?.(%s) || ''", quote(selector), quote(name)))
}

// Follow presses what leads to another page: a link or the button of a form.
func (b *Tab) Follow(selector string) Visit {
	b.t.Helper()
	b.show(selector)
	return b.follow("press "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// show opens what hides the element, as a person would by pressing its summary.
func (b *Tab) show(selector string) {
	b.t.Helper()
	const open = `(s => {
		const e = document.querySelector(s);
		for (let d = e && e.closest("details:not([open])"); d; d = d.parentElement.closest("details:not([open])")) d.open = true;
		return !!e;
	})(%s)`
	if !evaluate[bool](b, fmt.Sprintf(open, quote(selector))) {
		b.keep("missing")
		b.t.Fatalf("%s has no %s:\n%s", b.Path(), selector, b.Text())
	}
}

// Type puts text into a field in place of what is there, key by key.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	b.show(selector)
	b.set(selector, "")
	b.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Put puts a long text into a field at once, as pasting does.
func (b *Tab) Put(selector, text string) {
	b.t.Helper()
	b.show(selector)
	b.set(selector, text)
}

func (b *Tab) set(selector, text string) {
	b.t.Helper()
	const put = `((e, text) => { e.value = text; e.dispatchEvent(new Event("input", {bubbles: true})); return true; })(document.querySelector(%s), %s)`
	evaluate[bool](b, fmt.Sprintf(put, quote(selector), quote(text)))
}

// Attach chooses a file of this machine in a field for files.
func (b *Tab) Attach(selector, path string) {
	b.t.Helper()
	b.show(selector)
	b.do("attach "+path, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

// Value is what stands in a field.
func (b *Tab) Value(selector string) string {
	b.t.Helper()
	b.show(selector)
	return evaluate[string](b, "document.querySelector("+quote(selector)+").value")
}

// Tick presses a box or a choice.
func (b *Tab) Tick(selector string) {
	b.t.Helper()
	b.show(selector)
	b.do("tick "+selector, chromedp.Click(chromedp.CSS(selector)))
}

func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(what, err)
	}
}

// Until reloads the page until it is as wanted: what workers do shows after a while.
func (b *Tab) Until(what string, is func() bool) {
	b.t.Helper()
	b.wait(what, func() bool {
		if is() {
			return true
		}
		page, _, _ := strings.Cut(b.URL(), "#") // with the fragment the browser would only scroll there
		b.follow("reload", chromedp.Navigate(page))
		return false
	})
}

func (b *Tab) wait(what string, is func() bool, explain ...func()) {
	b.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !is() {
		select {
		case <-deadline:
			b.keep("waiting")
			for _, say := range explain {
				say()
			}
			b.t.Fatalf("%s: not within %s: %s\n%s", b.last.URL, patience, what, b.Text())
		case <-tick.C:
		}
	}
}

func (b *Tab) fail(what string, err error) {
	b.t.Helper()
	b.keep("failed")
	b.t.Fatalf("%s (on %s): %v", what, b.last.URL, err)
}

// quickest asks for the page again a few times and returns the least that the server took, in
// milliseconds: what a busy machine adds is not the page's doing.
func (b *Tab) quickest(first float64) float64 {
	b.t.Helper()
	const again = `fetch(location.href, {cache: "no-store"}).then(r => r.headers.get("Server-Timing") || "")`
	least := first
	for range 4 {
		if least <= promised {
			break
		}
		if ms := durationIn(evaluate[string](b, again)); ms >= 0 {
			least = min(least, ms)
		}
	}
	return least
}

// Picture is the whole page as PNG.
func (b *Tab) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	yes := true
	r, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes})
	if err != nil {
		return nil, err
	}
	return r.Data, nil
}

// keep writes a picture of what went wrong, if it can.
func (b *Tab) keep(why string) {
	png, err := b.Picture()
	if err != nil {
		return
	}
	name := strings.NewReplacer("/", "_", " ", "_").Replace(b.t.Name()) + "." + why + ".png"
	path := filepath.Join(pictureFolder(), name)
	if err := os.WriteFile(path, png, 0o600); err == nil {
		b.t.Logf("picture: %s", path)
	}
}

// evaluate runs an expression in the page, also where the page's own scripts may not run.
func evaluate[T any](b *Tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluating on %s: %v", b.last.URL, err)
	}
	return v
}

func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}

// pictureFolder is where pictures go: CONVOKE_TEST_PICTURES, else a folder for temporary files.
func pictureFolder() string {
	folder := os.Getenv("CONVOKE_TEST_PICTURES")
	if folder == "" {
		folder = filepath.Join(os.TempDir(), "convoke-pictures")
	}
	_ = os.MkdirAll(folder, 0o700) // writing into it says what is wrong
	return folder
}
