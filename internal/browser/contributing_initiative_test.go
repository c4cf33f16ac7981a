//go:build unix

package browser

import (
	"net/http"

	"github.com/convoke/convoke/internal/e2e/walk"
)

// Who is asked to sign what the initiative says: one signs, the other does not.
const (
	signer, signersMailbox   = "ليلى العطّار", "layla.al.attar@government-tn.example.com"
	decliner, declinersMails = "Salma Trabelsi", "salma.trabelsi@example.net"
	initiativeName           = "Tunisia IGF"
	colleague                = "Nour Ayari"
	colleaguesMails          = "nour.ayari@example.net"
	laterWords               = " والمزيد لاحقًا."
	repeated                 = " ونكرر ذلك."
)

// initiativeAnswers: the script saves what is typed; what is typed while nothing comes through stays on the device.
func (c *contributors) initiativeAnswers() {
	c.t.Helper()
	const area = "#answers textarea"
	b := c.fresh(c.initiative, c.initiativesLink)
	c.speaks(b, "ar", "rtl")
	b.Sees(c.sayIn("ar", "respond.title"), "2017")
	question := c.house.URL + c.questions(b)[0]
	b.Open(question)
	b.Type(area, initiativesAnswer)
	b.wait("the script has saved", func() bool {
		return evaluate[bool](b, `document.querySelector("[data-saved]").textContent === document.querySelector("form[data-autosave]").dataset.autosave`)
	})
	evaluate[bool](b, "!!(window.fetch = function () { return Promise.reject(new Error('no connection')); })")
	b.Put(area, initiativesAnswer+laterWords)
	b.wait("the page says that it is not saved", func() bool {
		return evaluate[bool](b, `document.querySelector("[data-saved]").textContent === document.querySelector("form[data-autosave]").dataset.offline`)
	})
	b.Open(question)
	c.keeps(b, area, initiativesAnswer)
	evaluate[bool](b, `(document.querySelector("[data-draft] button").click(), true)`)
	c.keeps(b, area, initiativesAnswer+laterWords)
	b.Follow(`#answers button[value=later]`)
	c.speaks(b, "ar", "rtl")
	b.Sees(c.sayIn("ar", "respond.saved"))
	c.initiativesPage = b
}

// colleagueWrites: a colleague writes with the coordinator through a link of her own, and hands nothing in. Where both wrote at
// once, the later one sees both texts, and nothing is lost.
func (c *contributors) colleagueWrites() {
	c.t.Helper()
	const area, hers = "#answers textarea", "نص من الزميلة."
	b := c.initiativesPage
	b.Open(c.initiativesLink + "/editors")
	b.Put("input[name=name]", colleague)
	b.Put("input[name=email]", colleaguesMails)
	c.answers(b, "#answers button", http.StatusOK, colleague)
	b.Open(c.initiativesLink)
	question := c.questions(b)[0]
	b.Open(c.house.URL + question)
	silent := c.initiative
	silent.NoScript = true
	own := c.linkIn(colleaguesMails, "/r/")
	nour := c.fresh(silent, own)
	c.speaks(nour, "ar", "rtl")
	if nour.Has(`main a[href*="/check"]`) || nour.Has(`main a[href*="/withdraw"]`) {
		c.t.Errorf("a colleague may hand in or withdraw:\n%s", nour.Text())
	}
	nour.Open(c.house.URL + c.questions(nour)[0])
	nour.Put(area, hers)
	c.answers(nour, "#answers button[value=later]", http.StatusOK)
	b.Put(area, initiativesAnswer+repeated)
	c.answers(b, "#answers button[value=later]", http.StatusConflict, hers, colleague)
	c.keeps(b, area, initiativesAnswer+repeated)
	c.speaks(b, "ar", "rtl")
	c.answers(b, "#answers button[value=later]", http.StatusOK)
	if v := nour.Open(own + "/check"); v.Status != http.StatusForbidden {
		c.t.Errorf("a colleague gets %d where a contribution is handed in", v.Status)
	}
}

// initiativeAsksOthers: the coordinator answers for the initiative, and names two who might sign.
func (c *contributors) initiativeAsksOthers() {
	c.t.Helper()
	b := c.initiativesPage
	b.Open(c.initiativesLink + "/about")
	b.Tick("input[name=capacity][value=organizational]")
	b.Put("input[name=organization]", initiativeName)
	b.Follow("#answers button[value=later]")
	b.Open(c.initiativesLink + "/signatories")
	for name, email := range map[string]string{signer: signersMailbox, decliner: declinersMails} {
		b.Put("input[name=name]", name)
		b.Put("input[name=email]", "no address")
		c.answers(b, "#answers button", http.StatusUnprocessableEntity)
		c.keeps(b, "input[name=email]", "no address")
		b.Put("input[name=email]", email)
		c.answers(b, "#answers button", http.StatusOK, name)
	}
	c.speaks(b, "ar", "rtl")
}

// initiativeHandsIn comes after the deadline of all others and before that of the initiatives: in time. What was judged before the
// date was moved stays as it was.
func (c *contributors) initiativeHandsIn() {
	c.t.Helper()
	olu := c.open(walk.Olu, "/cycles")
	olu.Follow(`main a[href^="/cycles/"]`)
	olu.Put("select[name=kind]", "deadline")
	olu.Put("input[name=on_date]", "2017-08-05")
	olu.Put("input[name=note]", "Moved for this test.")
	olu.Follow(`form[action$="/dates"] button`)
	c.open("", "/").Open(c.house.URL + c.call)
	b := c.initiativesPage
	b.Open(c.initiativesLink)
	b.Follow(`main a[href*="/check"]`)
	b.Sees(initiativesAnswer, initiativeName)
	b.Tick("input[name=consent][value=publish]")
	c.answers(b, `form[action$="/check"] button`, http.StatusOK, c.sayIn("ar", "respond.thanks.title"))
	c.speaks(b, "ar", "rtl")
	late := c.say("contribution.late")
	for path, name := range map[string]string{b.Attribute(`main a[href^="/calls/"]`, "href"): initiativeName, c.published: ministry} {
		public := c.open("", path)
		public.Sees(name)
		c.lacks(public, ">"+late+"<")
	}
}

// othersSign: each reads what they would sign; only who does is named to everybody.
func (c *contributors) othersSign() {
	c.t.Helper()
	signs := c.fresh(c.official, c.signingLink(signersMailbox))
	signs.Sees(initiativesAnswer)
	signs.Follow(`form[action$="/confirm"] button`)
	declines := c.fresh(c.initiative, c.signingLink(declinersMails))
	declines.Sees(initiativesAnswer)
	declines.Follow(`form[action$="/decline"] button`)
	list := c.open("", c.call+"/contributions")
	public := c.open("", c.link(list, "كريم بنعلي"))
	public.Sees(signer, initiativesAnswer)
	c.lacks(public, decliner, declinersMails, signersMailbox)
}

func (c *contributors) signingLink(mailbox string) string {
	c.t.Helper()
	return c.linkIn(mailbox, "/sign/")
}
