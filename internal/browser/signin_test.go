//go:build unix

package browser

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
)

// TestSignInByLink uses the links that the demo prints: each lets its role in once. Looking at a
// link uses nothing up.
func TestSignInByLink(t *testing.T) {
	t.Parallel()
	h := house.Start(t, house.Small())
	source := axe(t)
	if len(h.Links) != len(roles())-1 {
		t.Errorf("%d links, want one for each of %d roles", len(h.Links), len(roles())-1)
	}
	for _, link := range h.Links {
		h.Visitor(t).Get(link.URL) // as a program does that looks at the links in a mail
		b := chrome.Person(t, phone())
		v := b.Open(link.URL + "?lang=en")
		_, wrong := b.check(v, wanted{status: 200, lang: "en", dir: "ltr", maxBytes: maxBytes})
		for _, w := range append(wrong, b.accessible(source)...) {
			t.Errorf("the link of the %s: %s", link.Role, w)
		}
		b.Follow("main form button")
		if header := evaluate[string](b, "document.querySelector('header').textContent"); !strings.Contains(header, link.Name) {
			t.Errorf("the link of the %s leads to a page without %q: %s", link.Role, link.Name, header)
		}
		again := chrome.Person(t, phone())
		if v := again.Open(link.URL); v.Status < 400 {
			t.Errorf("the link of the %s works a second time: status %d", link.Role, v.Status)
		}
	}
}

// TestErrorPage: whoever asks for what is not there gets a whole page, with a way out of it.
func TestErrorPage(t *testing.T) {
	t.Parallel()
	h := house.Start(t, house.Small())
	source := axe(t)
	b := chrome.Person(t, phone())
	for lang, dir := range map[string]string{"en": "ltr", "ar": "rtl"} {
		v := b.Open(h.URL + "/calls/nothing?lang=" + lang)
		v.Console = nil // the browser notes the status there
		_, wrong := b.check(v, wanted{status: 404, lang: lang, dir: dir, maxBytes: maxBytes})
		for _, w := range append(wrong, b.accessible(source)...) {
			t.Errorf("in %s: %s", lang, w)
		}
		if !b.Has(`main a[href="/"]`) {
			t.Errorf("in %s: no way out:\n%s", lang, b.Text())
		}
	}
}
