//go:build unix

package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// TestChain walks the whole chain through pages: on SQLite with scripts, on PostgreSQL and Redis
// without, since every page works both ways.
func TestChain(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			c := &chain{cast: newCast(t, setting, desktop())}
			for _, part := range []struct {
				walk  func()
				ticks []string // of the guided list
			}{
				{c.findAddress, []string{"claim", "address"}},
				{c.translate, []string{"translate", "review"}},
				{c.editSource, nil},
				{c.fillLinks, []string{"comments", "links"}},
				{c.send, []string{"freeze", "approve", "launch"}},
				{c.answer, []string{"answer", "publish"}},
				{c.publish, nil},
				{c.followUp, []string{"follow_up"}},
			} {
				part.walk()
				c.ticked(part.ticks)
			}
		})
	}
}

// chain is what the steps tell each other.
type chain struct {
	*cast

	contact  string // the path of the contact whose address was found
	name     string // its name
	sheet    string // the path of the Spanish message
	campaign string // the path of the campaign
	before   figures
	personal string // the contributor's page
	answerer string // the contributor's name
	done     []string
}

// ticked: the guided list of the first page has these ticks besides those that it had.
func (c *chain) ticked(keys []string) {
	c.t.Helper()
	for _, key := range keys {
		c.done = append(c.done, c.say("guide."+key+".title"))
	}
	b := c.open(walk.Olu, "/")
	ticks := evaluate[[]string](b, `[...document.querySelectorAll("ol.tasks li.done h3")].map(e => e.innerText)`)
	if !slices.Equal(ticks, c.done) {
		c.t.Errorf("the guided list has ticked off %q, want %q", ticks, c.done)
	}
}

// findAddress: a volunteer sees what suits her and why, claims a contact without an address, and
// fills the address in; another volunteer, who had the same page open, is told who holds it.
func (c *chain) findAddress() {
	c.t.Helper()
	const claim = `form[action$="/claims"]:has(input[value=find_address])`
	carla := c.open(walk.Carla, "/outreach")
	const card = "li.card:has(input[value=find_address])"
	carla.Sees("Spanish")
	if !carla.Has(card + " ul li") {
		c.t.Fatalf("no reason stands beside the first match:\n%s", carla.Text())
	}
	c.name = evaluate[string](carla, "document.querySelector("+quote(card+" h3")+").innerText")
	c.contact = strings.TrimSuffix(carla.Attribute(card+" form", "action"), "/claims")
	richard := c.open(walk.Richard, c.contact)
	carla.Follow(card + " form button")
	carla.Sees(c.name)
	if v := richard.Follow(claim + " button"); v.Status != 409 {
		c.t.Errorf("the second claim got %d, want 409", v.Status)
	}
	richard.Sees("Carla Benítez", "August 2017")
	if carla.Path() != c.contact {
		carla.Open(c.house.URL + c.contact)
	}
	carla.Type(`form[action$="/addresses"] input[name=email]`, "no address at all")
	if v := carla.Follow(`form[action$="/addresses"] button`); v.Status != 422 {
		c.t.Errorf("a text that is no address got %d, want 422", v.Status)
	}
	if kept := carla.Value(`input[name=email]`); kept != "no address at all" {
		c.t.Errorf("what was typed is lost: %q", kept)
	}
	carla.Type(`form[action$="/addresses"] input[name=email]`, walk.Found)
	carla.Follow(`form[action$="/addresses"] button`)
	richard.Open(c.house.URL + c.contact)
	if strings.Contains(richard.Text(), walk.Found) {
		c.t.Error("a volunteer without the claim sees the address")
	}
	if olu := c.open(walk.Olu, c.contact); !strings.Contains(olu.Text(), walk.Found) {
		c.t.Errorf("the address is not kept:\n%s", olu.Text())
	}
}

// translate: the Spanish message is completed, and approved by somebody else.
func (c *chain) translate() {
	c.t.Helper()
	teresa := c.open(walk.Teresa, "/translations")
	c.sheet = c.sheetOf(teresa, "es", "draft")
	teresa.Open(c.house.URL + c.sheet)
	c.checkAsOneTypes(teresa)
	c.fillSheet(teresa)
	teresa.Follow("button[name=do][value=submit]")
	teresa.Sees(c.say("document.translation.state.in_review"))
	if teresa.Has(`form[action$="/review"]`) {
		c.t.Error("the translator may approve her own translation")
	}
	c.approve()
}

// sheetOf finds the translation into a language that is in a state, among the open messages.
func (c *chain) sheetOf(b *Tab, locale, state string) string {
	c.t.Helper()
	const find = `((state) => {
		for (const a of document.querySelectorAll('a[href^="/translations/"]')) {
			const row = a.closest("li, tr, .card");
			if (row && row.innerText.includes(state)) return a.getAttribute("href");
		}
		return "";
	})(%s)`
	path := evaluate[string](b, fmt.Sprintf(find, quote(c.say("document.translation.state."+state))))
	if path == "" {
		c.t.Fatalf("no translation into %s is in the state %s:\n%s", locale, state, b.Text())
	}
	return path
}

// checkAsOneTypes: what a passage lacks of its source is said at it before anything is saved, and no more when it is there.
func (c *chain) checkAsOneTypes(b *Tab) {
	c.t.Helper()
	const passage = "#f-p1"
	if c.window.NoScript {
		return
	}
	text := b.Value(passage)
	says := func(want bool) func() bool {
		return func() bool { return b.Has(passage+"-checks li") == want }
	}
	b.Put(passage, "Hola:")
	b.wait("the missing merge field is said", says(true))
	b.Put(passage, text)
	b.wait("nothing is said of a text that is right", says(false))
}

// fillSheet writes what is missing, each passage after its source's.
func (c *chain) fillSheet(b *Tab) {
	c.t.Helper()
	type line struct{ ID, Source, Text string }
	lines := evaluate[[]line](b, `[...document.querySelectorAll("main textarea[lang=es]")].map(e => ({
		ID: e.id, Text: e.value, Source: document.getElementById(e.id + "-source").textContent}))`)
	missing := 0
	for _, l := range lines {
		if strings.TrimSpace(l.Text) != "" {
			continue
		}
		missing++
		b.Put("[id="+quote(l.ID)+"]", walk.Spanish(l.Source))
	}
	if len(lines) == 0 || missing == 0 {
		c.t.Fatalf("nothing to complete among %d passages", len(lines))
	}
}

func (c *chain) approve() {
	c.t.Helper()
	rodrigo := c.open(walk.Rodrigo, c.sheet)
	rodrigo.Follow(`form[action$="/review"] button[value=approve]`)
	rodrigo.Sees(c.say("document.translation.state.approved"))
}

// editSource: an edit of the English message makes the translation stale; it is brought up to date.
func (c *chain) editSource() {
	c.t.Helper()
	maren := c.open(walk.Maren, "/documents")
	document := evaluate[string](maren, `(() => {
		const a = [...document.querySelectorAll('a[href^="/documents/"]')].find(a => a.innerText.startsWith("Call for contributions: "));
		return a ? a.getAttribute("href") : "";
	})()`)
	if document == "" {
		c.t.Fatalf("the message is not listed:\n%s", maren.Text())
	}
	maren.Open(c.house.URL + document)
	document += "/edit"
	maren.Follow(`a[href="` + document + `"]`)
	before := maren.Value("textarea[name=body]")
	after := strings.Replace(before, walk.Before, walk.After, 1)
	if after == before {
		c.t.Fatalf("%q is not in the message:\n%s", walk.Before, before)
	}
	maren.Put("textarea[name=body]", after)
	maren.Follow(`form[action="` + document + `"] button`)
	maren.Sees(walk.After, c.say("document.translation.state.stale"))
	teresa := c.open(walk.Teresa, c.sheet)
	teresa.Sees(c.say("document.translation.state.stale"))
	c.confirmStale(teresa)
	teresa.Follow("button[name=do][value=submit]")
	c.approve()
}

// confirmStale says of each stale passage that the translation still holds.
func (c *chain) confirmStale(b *Tab) {
	c.t.Helper()
	if b.Has(`form[action="/translations"] button`) { // it must be taken on again first
		b.Follow(`form[action="/translations"] button`)
	}
	for _, id := range evaluate[[]string](b, `[...document.querySelectorAll("input[name=confirm]")].map(e => e.id)`) {
		b.Tick("[id=" + quote(id) + "]")
	}
}

// fillLinks: the questionnaire is not frozen while two of its readings have no address.
func (c *chain) fillLinks() {
	c.t.Helper()
	programs := walk.New(c.t, c.house)
	programs.AddOther()
	programs.AnswerComments("questionnaire")
	olu := c.open(walk.Olu, "/documents")
	path := evaluate[string](olu, fmt.Sprintf(`(() => {
		for (const a of document.querySelectorAll('a[href^="/documents/"]')) {
			const row = a.closest("li, tr, .card");
			if (row && row.innerText.includes(%s)) return a.getAttribute("href");
		}
		return "";
	})()`, quote(c.say("document.kind.questionnaire"))))
	if path == "" {
		c.t.Fatalf("the questionnaire is not listed:\n%s", olu.Text())
	}
	olu.Open(c.house.URL + path)
	if v := olu.Follow(`form[action$="/freeze"] button`); v.Status != 422 {
		c.t.Errorf("freezing with empty links got %d, want 422", v.Status)
	}
	empty := evaluate[[]string](olu, `[...document.querySelectorAll("main input[type=url][id]:not([name=reading_url])")].filter(e => !e.value).map(e => e.id)`)
	if len(empty) != 2 {
		c.t.Fatalf("%d empty links, want the two of August 2017: %q", len(empty), empty)
	}
	for i, id := range empty {
		if !olu.Has(`.problems a[href="#` + id + `"]`) {
			c.t.Errorf("the refusal does not lead to %s:\n%s", id, olu.Text())
		}
		olu.Type("[id="+quote(id)+"]", fmt.Sprintf("https://www.example.org/reading/%d", i+1))
	}
	olu.Follow(`form[action="` + path + `/edit"] button`)
	olu.Follow(`form[action$="/freeze"] button`)
	olu.Sees(c.say("document.state.frozen"))
}
