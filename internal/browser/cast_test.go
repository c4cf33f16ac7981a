//go:build unix

package browser

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

// cast are the people of a house, each with a tab of their own that they keep.
type cast struct {
	t      *testing.T
	house  *house.House
	window Window
	people map[string]*Tab
}

func newCast(t *testing.T, setting house.Setting, w Window) *cast {
	t.Helper()
	w.NoScript = setting.Name == house.Large().Name
	return &cast{t: t, house: house.Start(t, setting), window: w, people: map[string]*Tab{}}
}

// as is a person's tab; "" is a visitor without an account.
func (c *cast) as(email string) *Tab {
	c.t.Helper()
	if c.people[email] == nil {
		b := chrome.Person(c.t, c.window)
		enter(b, c.house, role{email: email})
		b.Open(c.house.URL + "/?lang=en") // whatever their own language is, the texts below are English
		c.people[email] = b
	}
	return c.people[email]
}

func (c *cast) open(email, path string) *Tab {
	c.t.Helper()
	b := c.as(email)
	if v := b.Open(c.house.URL + path); v.Status != 200 {
		c.t.Fatalf("%s as %s: status %d: %s", path, email, v.Status, b.Text())
	}
	return b
}

// answers presses what leads to another page, which must have the status and show these texts.
func (c *cast) answers(b *Tab, selector string, status int64, texts ...string) {
	c.t.Helper()
	if v := b.Follow(selector); v.Status != status {
		c.t.Fatalf("%s on %s: status %d, want %d:\n%s", selector, b.Path(), v.Status, status, b.Text())
	}
	b.Sees(texts...)
}

// lacks fails where the page, whether shown or folded away, holds one of these.
func (c *cast) lacks(b *Tab, texts ...string) {
	c.t.Helper()
	all := evaluate[string](b, "document.documentElement.outerHTML")
	for _, text := range texts {
		if strings.Contains(all, text) {
			c.t.Errorf("%s holds %q:\n%s", b.Path(), text, b.Text())
		}
	}
}

// keeps fails where a field has lost what was typed.
func (c *cast) keeps(b *Tab, selector, typed string) {
	c.t.Helper()
	if kept := b.Value(selector); kept != typed {
		c.t.Errorf("%s: what was typed into %s is lost: %q, want %q", b.Path(), selector, kept, typed)
	}
}

// choose takes the first choice of a list whose text begins so.
func (c *cast) choose(b *Tab, selector, begin string) {
	c.t.Helper()
	value := evaluate[string](b, "([...document.querySelector("+quote(selector)+").options].find(o => o.text.trim().startsWith("+quote(begin)+")) || {value: ''}).value")
	if value == "" {
		c.t.Fatalf("%s: %s does not offer %q:\n%s", b.Path(), selector, begin, b.Text())
	}
	b.Put(selector, value)
}

// follows the first link of the main part whose text holds this.
func (c *cast) link(b *Tab, text string) string {
	c.t.Helper()
	href := evaluate[string](b, "([...document.querySelectorAll('main a[href]')].find(a => a.textContent.includes("+quote(text)+")) || document.body).getAttribute('href') || ''")
	if href == "" {
		c.t.Fatalf("%s has no link with %q:\n%s", b.Path(), text, b.Text())
	}
	return href
}

// refused: the person may not see this page, and is told so on a page with a way out.
func (c *cast) refused(email, path string) {
	c.t.Helper()
	b := c.as(email)
	if v := b.Open(c.house.URL + path); v.Status != 403 {
		c.t.Errorf("%s as %s: status %d, want 403:\n%s", path, email, v.Status, b.Text())
	}
	b.Sees(c.say("error.forbidden"))
	if !b.Has(`main a[href="/"]`) {
		c.t.Errorf("%s as %s: no way out:\n%s", path, email, b.Text())
	}
}

// say is an English text of the product.
func (c *cast) say(key string, args ...any) string {
	c.t.Helper()
	return i18ntest.Bundle(c.t).For(i18n.English).T(key, args...)
}

func (c *cast) sayIn(locale, key string) string {
	c.t.Helper()
	return i18ntest.Bundle(c.t).For(locale).T(key)
}

// mail opens the newest captured mail that matches, as soon as it is there, as an officer.
func (c *cast) mail(search string) *Tab {
	c.t.Helper()
	olu := c.open(walk.Olu, "/mailbox")
	olu.Type("form.filters input[name=q]", search)
	olu.Follow("form.filters button")
	olu.Until("mail: "+search, func() bool { return olu.Has(`main table a[href^="/mailbox/"]`) })
	olu.Follow(`main table a[href^="/mailbox/"]`)
	return olu
}
