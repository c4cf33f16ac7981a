//go:build unix

package browser

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// TestVolunteersDay walks a volunteer's day on a phone: with scripts on SQLite, without on
// PostgreSQL and Redis.
func TestVolunteersDay(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			d := &volunteersDay{cast: newCast(t, setting, phone())}
			for _, part := range []func(){
				d.strangers, d.handBack, d.fillPlate, d.findAddress, d.readHistory, d.write,
				d.log, d.promise, d.renew, d.handOver, d.suppressed,
			} {
				part()
			}
		})
	}
}

// volunteersDay is what its parts tell each other.
type volunteersDay struct {
	*cast

	contact string // the path of whom several volunteers work on
	found   string // the path of whom an address is found for
	name    string // its name
}

const (
	aissatou   = "aissatou@volunteers.example.org"
	mateo      = "Mateo Ibáñez"
	mateosMail = "mateo.ibanez@government-uy.example.org"
	foundMail  = "found.on.a.website@found.example.org"
	reachOut   = `form[action$="/claims"]:has(input[value=reach_out]) button`
)

// item is a claim on the volunteer's page.
func item(contact string) string { return `ol.tasks > li:has(h3 a[href="` + contact + `"])` }

// strangers: the page is the volunteers' own. A translator is refused, a visitor is asked to sign in.
func (d *volunteersDay) strangers() {
	d.t.Helper()
	for _, path := range []string{"/outreach", "/outreach/plate", "/contacts"} {
		d.refused(walk.Teresa, path)
		visitor := d.as("")
		visitor.Open(d.house.URL + path)
		if !strings.HasPrefix(visitor.Path(), "/sign-in") {
			d.t.Errorf("%s leads a visitor to %s", path, visitor.Path())
		}
		visitor.Sees(d.say("signin.title"))
	}
}

// handBack: a volunteer tries, gives up, and leaves a note; the cooldown keeps them from taking the
// contact again at once.
func (d *volunteersDay) handBack() {
	d.t.Helper()
	richard := d.open(walk.Richard, "/contacts?q=Mateo")
	d.contact = d.link(richard, mateo)
	richard.Open(d.house.URL + d.contact)
	d.lacks(richard, mateosMail)
	d.answers(richard, reachOut, 200, "It is yours until", mateosMail)
	richard.Tick(`input[name=channel][value=call]`)
	richard.Tick(`input[name=outcome][value=no_answer]`)
	richard.Type(`form[action$="/attempts"] textarea[name=note]`, "The line was busy.")
	d.answers(richard, `form[action$="/attempts"] button`, 200, d.say("outreach.attempt.logged"))
	richard.Open(d.house.URL + d.contact)
	richard.Type(`form[action$="/release"] textarea`, "Call before noon.")
	d.answers(richard, `form[action$="/release"] button`, 200, d.say("outreach.claim.released"))
	richard.Open(d.house.URL + d.contact)
	d.lacks(richard, mateosMail)
	d.answers(richard, reachOut, 409, "You can claim it again after")
}

// fillPlate: the best few are offered with their reasons, nothing is claimed before it is confirmed, and
// what was unticked stays free.
func (d *volunteersDay) fillPlate() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	carla.Sees(d.say("outreach.mine.none"), "contacts need somebody like you", "You share a language: Spanish.")
	d.answers(carla, `main a[href="/outreach/plate"]`, 200, d.say("outreach.plate.lead"))
	carla.Put(`select[name=count]`, "2")
	d.answers(carla, `main form.filters button`, 200)
	const boxes = `input[name=contact]`
	offered := evaluate[[]string](carla, `[...document.querySelectorAll("`+boxes+`")].map(e => document.querySelector("label[for=" + e.id + "]").innerText)`)
	reasons := evaluate[bool](carla, `[...document.querySelectorAll("`+boxes+`")].every(e => document.querySelector("#" + e.id + "-why ul li"))`)
	if len(offered) != 2 || !reasons {
		d.t.Fatalf("two were asked for, with their reasons; these are offered: %q\n%s", offered, carla.Text())
	}
	d.open(walk.Carla, "/outreach").Sees(d.say("outreach.mine.none")) // a preview claims nothing
	d.open(walk.Carla, "/outreach/plate?count=2")
	const claim = `form[action^="/outreach/plate?"] button`
	for range offered {
		carla.Tick(boxes + ":checked")
	}
	d.answers(carla, claim, 422, d.say("outreach.plate.none"))
	d.open(walk.Carla, "/outreach/plate?count=2")
	carla.Tick(boxes + ":checked") // the first one is not for her
	d.answers(carla, claim, 200, d.say("outreach.plate.taken"))
	d.name, d.found = offered[1], d.link(carla, offered[1])
	d.answers(carla, `main p.actions a[href="/outreach"]`, 200, d.name, "7 days left", d.say("outreach.next.find_address"))
	if n := evaluate[int](carla, `document.querySelectorAll("ol.tasks > li").length`); n != 1 {
		d.t.Errorf("she holds %d contacts, want the one that was ticked:\n%s", n, carla.Text())
	}
	if !carla.Has(item(d.found) + " details ul li") {
		d.t.Errorf("nothing says why %s suits her:\n%s", d.name, carla.Text())
	}
}

// findAddress: what is no address is kept to be corrected; a right one is saved, the claim is done, and
// others do not see it. She goes on with the contact to reach out.
func (d *volunteersDay) findAddress() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	d.answers(carla, item(d.found)+" > a.button", 200, d.name, d.say("contact.address.none"))
	const form = `form[action$="/addresses"]`
	carla.Type(form+" input[name=email]", "found at example org")
	d.answers(carla, form+" button", 422)
	d.keeps(carla, "input[name=email]", "found at example org")
	carla.Type(form+" input[name=email]", foundMail)
	d.answers(carla, form+" button", 200, d.say("contact.address.added"))
	d.lacks(d.open(walk.Richard, d.found), foundMail)
	d.lacks(d.open(walk.Carla, d.found), foundMail) // her claim is done
	d.answers(carla, reachOut, 200, "It is yours until", foundMail)
}

// readHistory: who takes a contact on sees what was tried before and by whom, what was noted, and what
// keeps the message from being sent.
func (d *volunteersDay) readHistory() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	d.answers(carla, `li.card:has(h3 a[href="`+d.contact+`"]) form button`, 200, "It is yours until")
	carla = d.open(walk.Carla, "/outreach")
	carla.Sees(mateo, "Richard Leeming, call: no answer", "The line was busy.", "Call before noon.", "Write in Spanish")
	carla = d.open(walk.Carla, d.contact)
	carla.Sees(mateosMail, "Richard Leeming, call: no answer", "The line was busy.", "Call before noon.", d.say("message.refused.draft"))
}

// write: once the texts are approved, the message is ready in the contact's language. She puts her own
// lines before it, looks at it, and sends it; an officer reads it in the mailbox.
func (d *volunteersDay) write() {
	d.t.Helper()
	w := walk.New(d.t, d.house)
	w.Translate()
	w.FillLinks()
	w.Approve()
	carla := d.open(walk.Carla, "/outreach")
	d.answers(carla, item(d.contact)+" > a.button", 200, "The call is ready to send, in this language: Spanish", mateosMail)
	if !carla.Has(`#message .panel[lang=es]`) {
		d.t.Errorf("the message is not in Spanish:\n%s", carla.Text())
	}
	const lines = `textarea[name=opening]`
	carla.Put(lines, "Vea https://evil.example")
	d.answers(carla, `form[action$="/message/check"] button`, 422, d.say("message.opening.link"))
	d.keeps(carla, lines, "Vea https://evil.example")
	carla.Put(lines, "Nos vimos en Montevideo, en marzo.")
	d.answers(carla, `form[action$="/message/check"] button`, 200, "Nos vimos en Montevideo, en marzo.", mateosMail)
	d.answers(carla, `form[action$="/message"] button`, 200, d.say("message.sent"))
	carla.Until("the message has left", func() bool { return strings.Contains(carla.Text(), d.say("outreach.outcome.sent")) })
	mail := d.mail("mateo.ibanez")
	mail.Sees("Nos vimos en Montevideo, en marzo.", mateosMail)
	if lang := mail.Attribute("h1", "lang"); lang != "es" {
		d.t.Errorf("the mail is in %q, want es", lang)
	}
	headers := evaluate[string](mail, `document.querySelector("main").textContent`)
	for _, want := range []string{"Carla Benítez", walk.Carla, "List-Unsubscribe"} {
		if !strings.Contains(headers, want) {
			d.t.Errorf("the mail has no %q:\n%s", want, headers)
		}
	}
}

// log: a call is logged with one tap, and the page says what is next.
func (d *volunteersDay) log() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	li := item(d.contact)
	carla.Sees(d.say("outreach.next.sent"))
	carla.Put(li+" form.actions select[name=channel]", "call")
	d.answers(carla, li+" form.actions button[value=reached]", 200,
		d.say("outreach.attempt.logged"), d.say("outreach.next.reached"), "Carla Benítez, call: reached")
}

// promise: a day that is over is refused where it was typed; a later one is kept.
func (d *volunteersDay) promise() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	form := item(d.contact) + " form:has(input[value=promised])"
	carla.Put(form+" input[name=promised_until]", "2017-08-01")
	carla.Put(form+" textarea[name=note]", "She asks her minister.")
	d.answers(carla, form+" button", 422, d.say("outreach.attempt.promised_until_past"))
	d.keeps(carla, form+" input[name=promised_until]", "2017-08-01")
	d.keeps(carla, form+" textarea[name=note]", "She asks her minister.")
	carla.Put(form+" input[name=promised_until]", "2017-08-20")
	d.answers(carla, form+" button", 200, d.say("outreach.attempt.logged"), d.say("outreach.next.promised"), "She asks her minister.")
	d.open(walk.Carla, d.contact).Sees("They promised an answer before 21 August 2017")
}

// renew: once, for another seven days.
func (d *volunteersDay) renew() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	form := item(d.contact) + ` form[action$="/renew"]`
	d.answers(carla, form+" button", 200, d.say("outreach.claim.renewed"), "14 days left")
	if carla.Has(form) {
		d.t.Error("a second renewal is offered")
	}
}

// handOver: the contact goes to a colleague as soon as she accepts, and the address with it.
func (d *volunteersDay) handOver() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/outreach")
	d.answers(carla, item(d.contact)+` a[href$="/hand-over"]`, 200, d.say("outreach.offer.lead"))
	const button = `form[action$="/hand-over"] button`
	carla.Put("textarea[name=note]", "You know the ministry.")
	d.answers(carla, button, 422)
	d.keeps(carla, "textarea[name=note]", "You know the ministry.")
	d.choose(carla, "select[name=volunteer]", "Aïssatou Bâ")
	d.answers(carla, button, 200, d.say("outreach.offer.made"), "You have asked Aïssatou Bâ")
	d.lacks(d.open(aissatou, d.contact), mateosMail)
	other := d.open(aissatou, "/outreach")
	other.Sees("Carla Benítez asks whether you can take this contact on.", "You know the ministry.", "The line was busy.")
	d.answers(other, `form[action$="/accept"] button:not([formaction])`, 200, d.say("outreach.offer.accepted"), mateo)
	d.open(aissatou, d.contact).Sees(mateosMail, "She asks her minister.")
	d.lacks(d.open(walk.Carla, d.contact), mateosMail)
	if carla := d.open(walk.Carla, "/outreach"); carla.Has(item(d.contact)) {
		d.t.Errorf("the contact is still hers:\n%s", carla.Text())
	}
	d.mail(aissatou).Sees(mateo)
}

// suppressed: an officer notes that the contact wants no mail. The claim ends at once, its volunteer
// reads why, and the address is hidden from her.
func (d *volunteersDay) suppressed() {
	d.t.Helper()
	d.open(walk.Carla, "/outreach").Sees(d.name)
	olu := d.open(walk.Olu, d.found)
	olu.Follow(`main a[href^="` + d.found + `/addresses/"]`)
	d.answers(olu, `form[action$="/suppress"] button`, 200, foundMail)
	carla := d.open(walk.Carla, "/outreach")
	carla.Sees(d.say("outreach.taken.suppressed"), d.name)
	if carla.Has(item(d.found)) {
		d.t.Errorf("the claim goes on:\n%s", carla.Text())
	}
	carla = d.open(walk.Carla, d.found)
	carla.Sees(d.say("contact.must_not_be_written_to"))
	d.lacks(carla, foundMail)
	if carla.Has(reachOut) {
		d.t.Error("the contact can be claimed again")
	}
}
