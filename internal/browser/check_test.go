//go:build unix

package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const goodPage = `<!doctype html><html lang="en" dir="ltr"><head><title>Good</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/test.css"></head><body><main><h1>Good</h1>%s</main></body></html>`

// serve answers every path with the page.
func serve(t *testing.T, page string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Server-Timing", "app;dur=12.5")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			fmt.Fprint(w, page)
		case "/test.css":
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, ".pale{color:#aaa;background:#fff}.broad{inline-size:600px}")
		case "/throws.js":
			fmt.Fprint(w, "throw new Error('thrown')")
		case "/marks.js":
			fmt.Fprint(w, "document.querySelector('h1').textContent = 'Scripted'")
		case "/large.js":
			fmt.Fprint(w, "//"+strings.Repeat("x", maxBytes))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/"
}

// The checks must be able to fail: each is shown a page that breaks one rule.
func TestChecksFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	source := axe(t)
	b := chrome.Person(t, phone())
	for _, tt := range []struct{ name, body, want string }{
		{"good", "<p>Text</p>", ""},
		{"wide", `<pre id="w" class="a b">` + strings.Repeat("x", 200) + "</pre>", "pre#w.a.b stick out"},
		{"broad", `<p class="broad">wide</p>`, "p.broad stick out"},
		{"inline style", `<p style="color:red">red</p>`, "Content Security Policy"},
		{"no alternative", `<img src="/missing.png">`, "axe image-alt"},
		{"missing image", `<img alt="" src="/missing.png">`, "images did not load"},
		{"console", `<script src="/throws.js"></script>`, "thrown"},
		{"inline script", `<script>1</script>`, "Content Security Policy"},
		{"heavy", `<script src="/large.js"></script>`, "bytes on the wire"},
		{"many files", strings.Repeat(`<script src="/marks.js?%d"></script>`, 4), "requests, want"},
		{"second heading", "<h1>Other</h1>", "2 headings"},
		{"twice", `<p id="a">1</p><p id="a">2</p>`, `twice: ["a"]`},
		{"unlabelled", `<input name="a">`, "axe label"},
		{"pale", `<p class="pale">pale</p>`, "axe color-contrast"},
	} {
		body := tt.body
		if strings.Contains(body, "%d") {
			body = fmt.Sprintf(body, 1, 2, 3, 4)
		}
		v := b.Open(serve(t, fmt.Sprintf(goodPage, body)))
		_, wrong := b.check(v, wanted{status: 200, lang: "en", dir: "ltr", maxBytes: maxBytes})
		wrong = append(wrong, b.accessible(source)...)
		all := strings.Join(wrong, "\n")
		if tt.want == "" && all != "" || !strings.Contains(all, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, all, tt.want)
		}
		if v.Server != 12.5 {
			t.Errorf("%s: server time %v, want 12.5", tt.name, v.Server)
		}
	}
}

func TestScriptsCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	w := phone()
	w.NoScript = true
	b := chrome.Person(t, w)
	b.Open(serve(t, fmt.Sprintf(goodPage, `<script src="/marks.js"></script>`)))
	b.Sees("Good")
	if err := b.Look(phone()); err != nil {
		t.Fatal(err)
	}
	b.Open(b.URL())
	b.Sees("Scripted")
}
