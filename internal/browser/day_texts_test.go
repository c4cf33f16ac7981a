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

// TestTextsDay takes the draft of August 2017 from its comments to four approved languages, and through a late
// edit: with scripts on SQLite, without on PostgreSQL and Redis.
func TestTextsDay(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			d := &textsDay{cast: newCast(t, setting, desktop()), languages: []string{"Spanish", "French", "Arabic", "Chinese"}}
			for _, part := range []func(){d.find, d.comment, d.refuse, d.discuss, d.complete, d.freeze, d.translate, d.late} {
				part()
			}
		})
	}
}

// textsDay is what its parts tell each other.
type textsDay struct {
	*cast

	draft     string // the path of the questionnaire
	languages []string
}

const (
	dina    = "dina@translators.example.org"
	clearer = "How would sound cybersecurity contribute"
	unclear = "How does good cybersecurity contribute"
)

// find: every language of the draft was approved once.
func (d *textsDay) find() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/documents")
	d.draft = d.link(carla, "Draft Call for Contributions and Questionnaire")
	d.states("approved")
}

// comment: a member comments on words that are not there, then on words that are, and suggests an edit.
func (d *textsDay) comment() {
	d.t.Helper()
	const send = `main form[action$="/comments"] button`
	carla := d.open(walk.Carla, d.draft)
	d.answers(carla, `a[href*="/comments/new"][href*="q5.text"]`, 200)
	carla.Type("input[name=quote]", "words that nobody wrote")
	carla.Type("textarea[name=body]", "Is one issue enough?")
	d.answers(carla, send, 422)
	d.keeps(carla, "textarea[name=body]", "Is one issue enough?")
	d.keeps(carla, "input[name=quote]", "words that nobody wrote")
	carla.Put("input[name=quote]", "the most critical cyber security issue")
	d.answers(carla, send, 200, "Is one issue enough?")
	carla.Open(d.house.URL + d.draft)
	d.answers(carla, `a[href*="/comments/new"][href*="q1.text"]`, 200)
	d.answers(carla, `nav.pages a[href*="suggestion"]`, 200)
	carla.Put("textarea[name=suggestion]", strings.Replace(carla.Value("textarea[name=suggestion]"), unclear, clearer, 1))
	d.answers(carla, send, 200, clearer[4:9])
}

// refuse: nobody freezes it while links are empty and comments wait; the refusal names every place.
func (d *textsDay) refuse() {
	d.t.Helper()
	olu := d.open(walk.Olu, d.draft)
	d.answers(olu, `form[action$="/freeze"] button`, 422, "Security focused reading of CENB Phase I", "Security focused analysis of CENB Phase II")
}

// discuss: an editor takes the suggested edit over with one click, which changes the text and is to her credit who
// suggested it, and answers whatever else waits.
func (d *textsDay) discuss() {
	d.t.Helper()
	maren := d.open(walk.Maren, d.draft+"/comments")
	suggested := evaluate[string](maren, fmt.Sprintf(`[...document.querySelectorAll("main ul.lines > li")].find(e =>
		e.innerText.includes(%s) && e.innerText.includes("sound")).querySelector('a[href^="/comments/"]').getAttribute("href")`, quote("Carla Benítez")))
	maren.Open(d.house.URL + suggested)
	d.answers(maren, `form[action$="/decide"] button[value=accept]`, 200)
	d.open(walk.Maren, d.draft).Sees(clearer)
	d.open(walk.Maren, d.draft+"/history").Sees("Carla Benítez")
	for range 20 {
		maren.Open(d.house.URL + d.draft + "/comments")
		open := evaluate[string](maren, fmt.Sprintf(`([...document.querySelectorAll("main ul.lines > li")].find(e => e.querySelector(".badge.warn")?.innerText === %s)
			?.querySelector('a[href^="/comments/"]').getAttribute("href")) || ""`, quote(d.say("comment.state.open"))))
		if open == "" {
			return
		}
		maren.Open(d.house.URL + open)
		maren.Type("textarea[name=text]", "We talked about it in the meeting.")
		d.answers(maren, `form[action$="/decide"] button[value=answer]`, 200, d.say("comment.state.answered"))
	}
	d.t.Fatalf("comments stay open:\n%s", maren.Text())
}

// complete: the list of challenges ends with an "other", a free-form question closes the questionnaire, and its two
// empty links are filled in.
func (d *textsDay) complete() {
	d.t.Helper()
	maren := d.open(walk.Maren, d.draft+"/questions/q3")
	maren.Tick("#f-other")
	d.answers(maren, `main form button[value=save]:not(.hidden)`, 200)
	maren.Open(d.house.URL + d.draft + "/questions")
	maren.Sees(d.say("document.questions.and_other"))
	maren.Tick("#f-other")
	d.answers(maren, `main form button[value=closing]`, 200)
	maren.Open(d.house.URL + d.draft + "/questions")
	empty := evaluate[[]string](maren, `[...document.querySelectorAll("main input[type=url][id]:not([name=reading_url])")].filter(e => !e.value).map(e => e.id)`)
	if len(empty) != 2 {
		d.t.Fatalf("%d empty links, want the two of August 2017: %q", len(empty), empty)
	}
	for i, id := range empty {
		maren.Type("[id="+quote(id)+"]", fmt.Sprintf("https://www.example.org/reading/%d", i+1))
	}
	d.answers(maren, `main form button[value=reading_save]:not(.hidden)`, 200)
}

// freeze: now nothing speaks against it.
func (d *textsDay) freeze() {
	d.t.Helper()
	olu := d.open(walk.Olu, d.draft)
	d.answers(olu, `form[action$="/freeze"] button`, 200, d.say("document.state.frozen"))
	carla := d.open(walk.Carla, d.draft)
	if carla.Has(`a[href*="/comments/new"]`) {
		d.t.Errorf("a frozen text takes comments:\n%s", carla.Text())
	}
}

// translate: the suggested edit has made one passage stale in every language. Translators bring it up to date, others
// approve that.
func (d *textsDay) translate() {
	d.t.Helper()
	d.states("stale")
	for _, language := range d.languages {
		writer, reviewer := walk.Teresa, walk.Rodrigo
		if language == "Arabic" {
			writer, reviewer = dina, walk.Teresa
		}
		b := d.open(writer, d.sheet(language))
		if b.Has(`form[action="/translations"] button`) {
			b.Follow(`form[action="/translations"] button`)
		}
		if stale := d.stale(b); !slices.Equal(stale, []string{"Question 1"}) {
			d.t.Errorf("%s: stale is %q, want the first question alone", language, stale)
		}
		for _, id := range evaluate[[]string](b, `[...document.querySelectorAll("input[name=confirm]")].map(e => e.id)`) {
			b.Tick("[id=" + quote(id) + "]")
		}
		d.answers(b, "button[name=do][value=submit]", 200, d.say("document.translation.state.in_review"))
		if b.Has(`form[action$="/review"]`) {
			d.t.Errorf("%s: the translator may approve her own translation", language)
		}
		b = d.open(reviewer, d.sheet(language))
		d.answers(b, `form[action$="/review"] button[value=approve]`, 200, d.say("document.translation.state.approved"))
	}
	d.states("approved")
}

// late: a wording changes after the freeze. That needs a reason, and makes stale exactly what it touches.
func (d *textsDay) late() {
	d.t.Helper()
	const reopen = `form[action$="/reopen"] button`
	olu := d.open(walk.Olu, d.draft)
	d.answers(olu, reopen, 422)
	olu.Type("input[name=reason]", "A ministry asked what the last question means.")
	d.answers(olu, reopen, 200)
	maren := d.open(walk.Maren, d.draft+"/questions/q5")
	text := maren.Value(`textarea[name="q5.text"]`)
	maren.Put(`textarea[name="q5.text"]`, strings.Replace(text, "within this BPF", "within this forum", 1))
	d.answers(maren, `main form button[value=save]:not(.hidden)`, 200)
	d.states("stale")
	for _, language := range d.languages {
		b := d.open(walk.Teresa, d.sheet(language))
		if stale := d.stale(b); !slices.Equal(stale, []string{"Question 5"}) {
			d.t.Errorf("%s: stale is %q, want the last question alone", language, stale)
		}
	}
	d.answers(olu, `a[href$="/history"]`, 200, "A ministry asked what the last question means.")
}

// states: the draft is so in all four languages.
func (d *textsDay) states(state string) {
	d.t.Helper()
	b := d.open(walk.Olu, d.draft)
	rows := evaluate[map[string]string](b, `Object.fromEntries([...document.querySelectorAll("[aria-labelledby=in-other-languages] tbody tr")].map(r =>
		[r.querySelector("th").innerText, r.querySelector(".badge").innerText]))`)
	for _, language := range d.languages {
		if want := d.say("document.translation.state." + state); rows[language] != want {
			d.t.Errorf("%s is %q, want %q", language, rows[language], want)
		}
	}
}

// sheet is the path of the translation into a language.
func (d *textsDay) sheet(language string) string {
	d.t.Helper()
	return d.link(d.open(walk.Olu, d.draft), language)
}

// stale are the titles of the passages that are marked so.
func (d *textsDay) stale(b *Tab) []string {
	d.t.Helper()
	return evaluate[[]string](b, `[...document.querySelectorAll("main section h2")].filter(h => h.querySelector(".badge.warn")).map(h => h.firstChild.textContent.trim())`)
}
