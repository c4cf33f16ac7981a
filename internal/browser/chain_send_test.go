//go:build unix

package browser

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/e2e/walk"
)

// send: the campaign's texts are frozen, the outbox is looked at, a second officer approves, and
// the call goes out, each message in its recipient's language.
func (c *chain) send() {
	c.t.Helper()
	olu := c.open(walk.Olu, "/campaigns")
	c.campaign = olu.Attribute(`main table a[href^="/campaigns/"]`, "href")
	olu.Open(c.house.URL + c.campaign)
	olu.Follow(`form[action$="/freeze"] button`)
	olu.Follow(`a[href="` + c.campaign + `/outbox"]`)
	sentence := outboxSentence.FindStringSubmatch(olu.Text())
	if sentence == nil {
		c.t.Fatalf("the outbox does not say who gets what:\n%.600s", olu.Text())
	}
	planned := number(sentence[1])
	olu.Open(c.house.URL + c.campaign)
	olu.Follow(`form[action$="/submit"] button`)
	if olu.Has(`form[action$="/approve"] button`) || !strings.Contains(olu.Text(), "A second person must approve it") {
		c.t.Errorf("the author may approve, or is not told who may:\n%.600s", olu.Text())
	}
	c.before = c.rates()
	helene := c.open(walk.Helene, c.campaign)
	helene.Follow(`form[action$="/approve"] button`)
	helene.Follow(`form[action$="/launch"] button`)
	helene.Until("the call is sent", func() bool { return c.sentOf(helene, 1) == planned })
}

// What an officer reads before sending: "104 recipients: 71 in English, 18 in Spanish, 15 in English instead of their own language; 9 excluded: …"
var outboxSentence = regexp.MustCompile(`(\d+) recipients: \d+ in English, \d+ in Spanish, \d+ in English instead of their own language; \d+ excluded: [^;]*no address[^;]*suppressed`)

// sentOf reads how many messages of a step were sent from the campaign's page; −1 before it is launched.
func (c *chain) sentOf(b *Tab, step int) int {
	c.t.Helper()
	row := fmt.Sprintf("(document.querySelectorAll('[aria-labelledby=steps] tbody tr')[%d] || {innerText: ''}).innerText", step-1)
	m := sentOf.FindStringSubmatch(strings.Join(strings.Fields(evaluate[string](b, row)), " "))
	if m == nil {
		return -1
	}
	return number(m[1])
}

var sentOf = regexp.MustCompile(`(\d+) of \d+ sent`)

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// answer: a contributor opens the link in the Spanish mail, answers, leaves, comes back, submits,
// and is thanked in Spanish.
func (c *chain) answer() {
	c.t.Helper()
	mail := c.mail(walk.Called)
	mail.Sees(walk.Called)
	source := evaluate[string](mail, `document.querySelector("main").textContent`)
	for _, header := range []string{"List-Unsubscribe", "List-ID", "Message-ID", "Content-Language"} {
		if !strings.Contains(source, header) {
			c.t.Errorf("the mail has no %s:\n%s", header, source)
		}
	}
	c.personal = evaluate[string](mail, `(document.querySelector('main a[href*="/r/"]') || {href: ""}).href`)
	if c.personal == "" {
		c.t.Fatalf("no personal link is in the mail:\n%s", mail.Text())
	}
	contributor := chrome.Person(c.t, c.window)
	contributor.Open(c.personal)
	if lang := evaluate[string](contributor, "document.documentElement.lang"); lang != "es" {
		c.t.Errorf("the form is in %q, want es", lang)
	}
	other := c.answerQuestions(contributor)
	back := chrome.Person(c.t, c.window) // as from another machine
	back.Open(c.personal)
	back.Follow(`a[href="` + other + `"]`)
	if kept := back.Value(`textarea[name$=other]`); kept != otherAnswer {
		c.t.Errorf("the other answer came back as %q", kept)
	}
	back.Open(c.personal)
	back.Follow(`main a[href*="/check"]`)
	back.Sees(walk.Answer, otherAnswer)
	back.Tick("input[name=consent][value=publish]")
	back.Follow(`form[action$="/check"] button`)
	back.Sees(c.sayIn("es", "respond.thanks.title"))
	c.mail(walk.Received)
}

const otherAnswer = "Otra amenaza que falta en la lista."

// answerQuestions answers the first place of the first question and every place for what is on no
// list, saves and leaves; it gives the path of the page with the last of those.
func (c *chain) answerQuestions(b *Tab) (other string) {
	c.t.Helper()
	sections := evaluate[[]string](b, `[...document.querySelectorAll('ol.tasks a[href*="/answer/"]')].map(a => a.getAttribute("href"))`)
	for i, path := range sections {
		b.Open(c.house.URL + path)
		typed := false
		if i == 0 {
			b.Type("#answers textarea", walk.Answer)
			typed = true
		}
		if other == "" && b.Has("#answers textarea[name$=other]") {
			b.Type("#answers textarea[name$=other]", otherAnswer)
			typed, other = true, path
		}
		if typed {
			b.Follow(`#answers button[value=later]`)
		}
	}
	if other == "" {
		c.t.Fatalf("no question has a place for what is not listed: %q", sections)
	}
	return other
}

// publish: what was answered stands on the public page, and the numbers have moved.
func (c *chain) publish() {
	c.t.Helper()
	slug := strings.TrimSuffix(c.call(), "/")
	public := chrome.Person(c.t, c.window)
	public.Open(c.house.URL + slug + "/contributions")
	public.Follow(`main a[href^="` + slug + `/contributions/"]`)
	public.Sees(walk.Answer, otherAnswer)
	c.answerer = evaluate[string](public, "document.querySelector('h1').innerText")
	if after := c.rates(); after.approached <= c.before.approached || after.responded != c.before.responded+1 {
		c.t.Errorf("the rates were %+v and are %+v: want more approached, and one more responded", c.before, after)
	}
}

// call is the path of the public call.
func (c *chain) call() string {
	c.t.Helper()
	b := c.open(walk.Olu, "/cycles")
	path := b.Attribute(`main a[href^="/calls/"]`, "href")
	if path == "" {
		b.Follow(`main a[href^="/cycles/"]`)
		path = b.Attribute(`main a[href^="/calls/"]`, "href")
	}
	return path
}

type figures struct{ approached, responded int }

// rates reads the last row of the monitor's table of response rates.
func (c *chain) rates() figures {
	c.t.Helper()
	b := c.open(walk.Olu, "/monitor")
	const sums = `(() => {
		const table = document.querySelector("#rates table"), heads = [...table.querySelectorAll("thead th")].map(e => e.innerText.trim());
		const cells = [...[...table.querySelectorAll("tr")].pop().children].map(e => e.innerText.trim());
		return heads.map((h, i) => [h, cells[i]]);
	})()`
	f := figures{-1, -1}
	for _, column := range evaluate[[][]string](b, sums) {
		switch {
		case strings.HasPrefix(column[0], "Approached"):
			f.approached = number(column[1])
		case strings.HasPrefix(column[0], "Responded"):
			f.responded = number(column[1])
		}
	}
	if f.approached < 0 || f.responded < 0 {
		c.t.Fatalf("the monitor's rates cannot be read:\n%s", b.Text())
	}
	return f
}

// followUp: the reminder goes to those who have not answered, and to nobody else.
func (c *chain) followUp() {
	c.t.Helper()
	olu := c.open(walk.Olu, c.campaign)
	first := c.sentOf(olu, 1)
	olu.Follow(`form[action$="/steps/2/launch"] button`)
	olu.Open(c.house.URL + c.campaign)
	olu.Until("the follow-up is sent", func() bool {
		return c.sentOf(olu, 2) > 0 && !strings.Contains(olu.Text(), "Sending")
	})
	second := c.sentOf(olu, 2)
	if second <= 0 || second >= first {
		c.t.Errorf("the follow-up went to %d of %d", second, first)
	}
	olu.Open(c.house.URL + c.campaign + "/deliveries?state=skipped")
	const skipped = `[...document.querySelectorAll("main tbody tr")].map(tr => [...tr.children].map(e => e.innerText.trim().replace(/\s+/g, " ")))`
	rows := evaluate[[][]string](olu, skipped)
	answered := slices.ContainsFunc(rows, func(row []string) bool {
		return row[0] == c.answerer && row[1] == "2" && strings.Contains(row[3], c.say("campaign.reason.responded"))
	})
	if !answered {
		c.t.Errorf("%s has answered, and is not among those whom the follow-up leaves out: %q", c.answerer, rows)
	}
}
