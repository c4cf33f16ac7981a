//go:build unix

package browser

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/testenv"
)

// What a page may cost, and how long the server may take for it. Machines of tests are noisy, so
// that only a multiple of what the product promises fails.
const (
	maxBytes    = 30 << 10
	maxRequests = 5
	promised    = 50.0  // milliseconds; more is told
	tooSlow     = 250.0 // more fails
)

// wanted is what a page must be like.
type wanted struct {
	status   int64
	lang     string
	dir      string
	maxBytes int // 0 for no limit: personal downloads, say
}

// facts are what the page says of itself.
type facts struct {
	Lang, Dir, Title string
	Headings         int      // of the first level
	Width            int64    // of what can be scrolled to
	Wide             []string // elements that stick out
	Images           []string // that did not load
	IDs              []string // that stand there twice
	Server           float64  // milliseconds, the least of a few tries where the first took long
}

const factsScript = `(() => {
	const root = document.documentElement, width = %d;
	const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + [...e.classList].map(c => "." + c).join("");
	const clipped = e => { for (let p = e; p; p = p.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX) && p !== root && p !== document.body) return true; return false; };
	const out = [...document.body.querySelectorAll("*")].filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > width + 1 || r.left < -1 || e.clientWidth && e.scrollWidth > width + 1) && !clipped(e); });
	const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
	return {
		Lang: root.lang, Dir: root.dir, Title: document.title,
		Headings: document.querySelectorAll("h1").length,
		Width: root.scrollWidth,
		Wide: root.scrollWidth > width ? out.slice(-5).map(name) : [],
		Images: [...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src),
		IDs: ids.filter((id, i) => ids.indexOf(id) !== i),
	};
})()`

// check says what is wrong with the page that is open.
func (b *Tab) check(v Visit, want wanted) (facts, []string) {
	b.t.Helper()
	f := evaluate[facts](b, fmt.Sprintf(factsScript, b.window.Width))
	var wrong []string
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if v.Status != want.status {
		note("status %d, want %d", v.Status, want.status)
	}
	if f.Lang != want.lang || f.Dir != want.dir {
		note("lang=%q dir=%q, want %q and %q", f.Lang, f.Dir, want.lang, want.dir)
	}
	if f.Headings != 1 {
		note("%d headings of the first level, want 1", f.Headings)
	}
	if f.Width > b.window.Width {
		note("%d px wide in a window of %d: %s stick out", f.Width, b.window.Width, strings.Join(f.Wide, ", "))
	}
	if len(f.Images) > 0 {
		note("images did not load: %q", f.Images)
	}
	if len(f.IDs) > 0 {
		note("ids stand there twice: %q", f.IDs)
	}
	if len(v.Console) > 0 {
		note("console: %q", v.Console)
	}
	if n := v.Bytes(); want.maxBytes > 0 && n > want.maxBytes {
		note("%d bytes on the wire, want at most %d: %s", n, want.maxBytes, v.weights())
	}
	if n := v.files(); n > maxRequests {
		note("%d requests, want at most %d: %s", n, maxRequests, v.weights())
	}
	if f.Server = b.quickest(v.Server); f.Server > tooSlow {
		note("%.0f ms of server time, want less than %.0f", f.Server, tooSlow)
	}
	return f, wrong
}

func (v Visit) weights() string {
	parts := make([]string, len(v.Requests))
	for i, r := range v.Requests {
		parts[i] = fmt.Sprintf("%s %.0f", r.URL, r.Bytes)
	}
	return strings.Join(parts, ", ")
}

// axe is the source of axe-core. It is evaluated by the debugger, which the page's content
// security policy does not concern.
func axe(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(testenv.Axe(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML, Target string
		Why          string
	}
}

// Of rows that are built alike axe looks at three: it takes its time for each.
const axeScript = `(() => {
	const seen = new Map();
	const alike = [...document.querySelectorAll("main tr, main li")].filter(row => {
		const build = [row, ...row.querySelectorAll("*")].map(e => e.tagName + "." + e.className).join(" ");
		if (!seen.has(row.parentElement)) seen.set(row.parentElement, {});
		const builds = seen.get(row.parentElement);
		return (builds[build] = (builds[build] || 0) + 1) > 3;
	});
	return axe.run({include: [document], exclude: alike}, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	resultTypes: ["violations"], preload: false, iframes: false, // there are no frames, and no styles of others
}).then(r => r.violations.map(v => ({
	ID: v.id, Help: v.help,
	Nodes: v.nodes.slice(0, 3).map(n => ({HTML: n.html.slice(0, 200), Target: n.target.join(" "), Why: n.failureSummary.slice(0, 400)})),
})));
})()`

// accessible says what axe-core has against the page that is open.
func (b *Tab) accessible(source string) []string {
	b.t.Helper()
	if !evaluate[bool](b, "!!window.axe") {
		evaluate[bool](b, source+";true")
	}
	var wrong []string
	for _, v := range evaluate[[]violation](b, axeScript) {
		for _, n := range v.Nodes {
			wrong = append(wrong, fmt.Sprintf("axe %s (%s): %s: %s; %s", v.ID, v.Help, n.Target, n.HTML,
				strings.Join(strings.Fields(n.Why), " ")))
		}
	}
	return wrong
}
