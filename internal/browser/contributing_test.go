//go:build unix

package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// TestContributing follows two contributions from the mail that asks for them to the synthesis that cites them: of an official of
// a ministry, in Spanish and without scripts, and of an initiative, in Arabic and with them; both on a telephone.
func TestContributing(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			c := newContributors(t, setting)
			for _, part := range []func(){
				c.officialReads, c.officialAnswers, c.officialAttaches, c.officialHandsIn, c.officialCorrects,
				c.initiativeAnswers, c.colleagueWrites, c.initiativeAsksOthers, c.initiativeHandsIn, c.othersSign,
				c.marks, c.compiles, c.circulates,
			} {
				part()
			}
		})
	}
}

// The two, as the demo's list has them.
const (
	officialsMailbox    = "mateo.ibanez@government-uy.example.org"
	initiativesMailbox  = "karim@nri.example.org"
	ministry            = "Ministerio de Comunicaciones (UY)"
	officialsAnswer     = "Un equipo nacional de respuesta reduce el daño de los ataques. Cuesta menos que un solo incidente."
	officialsCorrection = "Un equipo nacional de respuesta reduce el daño de los ataques. Cuesta mucho menos que un solo incidente."
	initiativesAnswer   = "الثقة شرط للتجارة الإلكترونية. ندعو إلى تدريب القضاة."
)

// contributors is what the parts tell each other.
type contributors struct {
	*cast

	official, initiative Window
	officialsLink        string // the address of the personal page
	initiativesLink      string
	initiativesPage      *Tab
	call                 string // the path of the public call
	published            string // the path of the official's contribution, as everybody sees it
	output               string // the path of the compiled document
}

// newContributors has the call sent to everybody, each in their own language.
func newContributors(t *testing.T, setting house.Setting) *contributors {
	t.Helper()
	c := &contributors{cast: newCast(t, setting, desktop()), official: phone(), initiative: phone()}
	c.official.NoScript, c.official.Languages, c.initiative.Languages = true, "es", "ar"
	programs := walk.New(t, c.house)
	programs.Translate()
	programs.FillLinks()
	programs.Approve()
	programs.Launch()
	programs.Sent()
	c.officialsLink = c.linkIn(officialsMailbox, "/r/")
	c.initiativesLink = c.linkIn(initiativesMailbox, "/r/")
	home := c.open("", "/")
	c.call = strings.TrimSuffix(home.Attribute(`main a[href^="/calls/"]`, "href"), "/")
	return c
}

// linkIn waits for a mail to a mailbox with a link to such a page, and gives the newest one's.
func (c *contributors) linkIn(mailbox, page string) string {
	c.t.Helper()
	const find = `(async () => {
		for (const a of document.querySelectorAll('main table a[href^="/mailbox/"]')) {
			const mail = new DOMParser().parseFromString(await (await fetch(a.href)).text(), "text/html");
			const found = mail.querySelector('main a[href*="%s"]');
			if (found) return found.href;
		}
		return "";
	})()`
	olu, link := c.open(walk.Olu, "/mailbox?q="+mailbox), ""
	olu.Until("a mail to "+mailbox+" with a link to "+page, func() bool {
		link = evaluate[string](olu, fmt.Sprintf(find, page))
		return link != ""
	})
	return link
}

// speaks fails where a page is in another language or direction.
func (c *contributors) speaks(b *Tab, lang, dir string) {
	c.t.Helper()
	if got := evaluate[string](b, `document.documentElement.lang + " " + getComputedStyle(document.documentElement).direction`); got != lang+" "+dir {
		c.t.Errorf("%s is %q, want %s %s", b.Path(), got, lang, dir)
	}
	if wide := evaluate[int](b, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
		c.t.Errorf("%s is %d px wider than the screen", b.Path(), wide)
	}
}

// questions are the paths of the pages for one question each.
func (c *contributors) questions(b *Tab) []string {
	c.t.Helper()
	paths := evaluate[[]string](b, `[...document.querySelectorAll('ol.tasks a[href*="/answer/"]')].map(a => a.getAttribute("href"))`)
	if len(paths) < 3 {
		c.t.Fatalf("%d questions:\n%s", len(paths), b.Text())
	}
	return paths
}

// fresh is somebody on another device.
func (c *contributors) fresh(w Window, address string) *Tab {
	c.t.Helper()
	b := chrome.Person(c.t, w)
	if v := b.Open(address); v.Status != 200 {
		c.t.Fatalf("%s: status %d:\n%s", b.Path(), v.Status, b.Text())
	}
	return b
}
