//go:build unix

package browser

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// TestCommentsOnADraft lets four people talk about the questionnaire: with scripts on SQLite, without on
// PostgreSQL and Redis.
func TestCommentsOnADraft(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			d := &commenters{cast: newCast(t, setting, phone())}
			for _, part := range []func(){d.quotes, d.suggests, d.accepts, d.public} {
				part()
			}
		})
	}
}

// commenters is what the parts tell each other.
type commenters struct {
	*cast

	draft  string // the path of the questionnaire
	thread string // the path of the suggested edit
}

// quotes: a volunteer comments on some words of a passage. What does not stand in it is offered as it does.
func (d *commenters) quotes() {
	d.t.Helper()
	carla := d.open(walk.Carla, "/documents")
	d.draft = d.link(carla, "Draft Call for Contributions")
	carla.Open(d.house.URL + d.draft)
	const here = `a[href*="passage=q3b.text"]`
	if !d.window.NoScript {
		evaluate[string](carla, `(() => {
			const words = document.querySelector('[data-around]:has(`+here+`) [data-passage]').firstChild;
			const at = words.textContent.indexOf("mobile devices");
			getSelection().setBaseAndExtent(words, at, words, at + "mobile devices".length);
			return "";
		})()`)
		carla.Until("the words go with the link", func() bool { return strings.Contains(carla.Attribute(here, "href"), "quote=mobile+devices") })
	}
	d.answers(carla, here, 200, "Security of mobile devices")
	if !d.window.NoScript {
		d.keeps(carla, "input[name=quote]", "mobile devices")
	}
	carla.Type("input[name=quote]", "Security of mobil devices")
	carla.Type("textarea[name=body]", "Tablets too?")
	d.answers(carla, `main form[action$="/comments"] button`, 422, "Do you mean “Security of mobile devices”?")
	d.keeps(carla, "textarea[name=body]", "Tablets too?")
	carla.Type("input[name=quote]", "mobile devices")
	d.answers(carla, `main form[action$="/comments"] button`, 200, d.say("comment.started"), "Tablets too?")
	if !carla.Has("main mark") || carla.Has(`button[value=accept]`) || carla.Has(`button[value=decline]`) {
		d.t.Errorf("the words are not marked, or a volunteer decides:\n%s", carla.Text())
	}
}

// suggests: she suggests other words, which is done in the passage itself.
func (d *commenters) suggests() {
	d.t.Helper()
	carla := d.open(walk.Carla, d.draft+"/comments/new?passage=q2.text")
	d.answers(carla, `a[href*="kind=suggestion"]`, 200, d.say("comment.suggestion.hint"))
	d.answers(carla, `main form[action$="/comments"] button`, 422, d.say("comment.suggestion.same"))
	text := carla.Value("textarea[name=suggestion]")
	carla.Type("textarea[name=suggestion]", strings.Replace(text, "hinder the growth", "slow the growth", 1))
	d.answers(carla, `main form[action$="/comments"] button`, 200, d.say("comment.state.open"))
	d.thread = carla.Path()
}

// accepts: the lead finds what waits from the first page on, sees the difference, and accepts it with one click.
func (d *commenters) accepts() {
	d.t.Helper()
	maren := d.open(walk.Maren, "/")
	maren.Sees("comments wait for the editors")
	d.open(walk.Maren, d.draft+"/comments?show=editors").Sees("Carla Benítez", "Aïssatou Bâ")
	maren.Open(d.house.URL + d.thread)
	if !maren.Has("main ins") || !maren.Has("main del") {
		d.t.Errorf("the difference is not shown:\n%s", maren.Text())
	}
	d.answers(maren, `button[value=accept]`, 200, d.say("comment.done.accept"), d.say("comment.state.accepted"))
	d.open(walk.Carla, "/").Sees(d.say("comment.news.accepted"))
	d.open(walk.Carla, d.draft).Sees("slow the growth")
}

// public: a visitor comments on the page that the officer opened, and is seen once she has read it.
func (d *commenters) public() {
	d.t.Helper()
	visitor := d.open("", "/")
	visitor.Open(d.house.URL + visitor.Attribute(`main a[href^="/calls/"]`, "href"))
	visitor.Follow(`main a[href$="/drafts/questionnaire"]`)
	page := visitor.Path()
	visitor.Follow(`main a[href*="passage=q5.text"]`)
	visitor.Type("input[name=name]", "Wanjiru")
	visitor.Type("textarea[name=body]", "Say what <b>critical</b> means.")
	visitor.wait("a person takes a moment", func() bool { return evaluate[bool](visitor, "performance.now() > 4500") })
	d.answers(visitor, `main form:has(input[name=began]) button`, 200, d.say("comment.public.thanks"))
	d.lacks(d.open("", page), "Wanjiru")
	helene := d.open(walk.Helene, d.draft+"/comments?show=editors")
	helene.Open(d.house.URL + d.link(helene, "Wanjiru"))
	d.answers(helene, `button[value=show]`, 200, d.say("comment.done.show"))
	d.open("", page).Sees("Wanjiru", "Say what <b>critical</b> means.")
	helene.Type("input[name=reason]", "Not about this text.")
	d.answers(helene, `button[value=hide]`, 200, d.say("comment.done.hide"))
	d.lacks(d.open("", page), "Wanjiru", "@")
}
