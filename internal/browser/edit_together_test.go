//go:build unix

package browser

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

var formLink = regexp.MustCompile(`/r/[a-z2-7]{10,}`)

// editorsLink waits for the mail to somebody who was invited to edit, and gives the link in it.
func editorsLink(t *testing.T, h *house.House) string {
	t.Helper()
	officer := h.As(t, walk.Olu)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for range 60 {
		for _, path := range walk.Mailbox(officer, "ana.quispe@example.net") {
			if link := formLink.FindString(officer.Get(path).Body); link != "" {
				return link
			}
		}
		<-tick.C
	}
	t.Fatal("no mail invites somebody to edit")
	return ""
}

// TestTwoWriteOneAnswer: a contributor with the script and a colleague, first with it and then without, write the same answer.
func TestTwoWriteOneAnswer(t *testing.T) {
	t.Parallel()
	h := house.Start(t, house.Small())
	source := axe(t)
	const area, hers, mine = "form[data-autosave] textarea", "What Ana knows.", "What I know."
	b := chrome.Person(t, phone())
	question := beginAnswer(b, h)
	base, end, _ := strings.Cut(strings.TrimPrefix(question, h.URL), "/answer/")
	b.Put(area, "A beginning.")
	b.Follow("#answers button[value=later]")
	b.Follow(`main a[href*="/editors"]`)
	b.Put("#f-name", "Ana Quispe")
	b.Put("#f-email", "ana.quispe@example.net")
	b.Follow("#answers button.button:not(.hidden)")
	b.Sees("Ana Quispe")
	fine := func(b *Tab, where string) {
		t.Helper()
		for _, problem := range b.accessible(source) {
			t.Errorf("%s: %s", where, problem)
		}
	}
	fine(b, "the list of editors")
	link := h.URL + editorsLink(t, h)
	a := chrome.Person(t, desktop())
	a.Open(link)
	fine(a, "the colleague's page")
	a.Open(link + "/answer/" + end)
	b.Open(h.URL + base + "/answer/" + end)
	said := func(b *Tab, what string) func() bool {
		return func() bool {
			return evaluate[bool](b, `document.querySelector("[data-saved]").textContent === document.querySelector("form[data-autosave]").dataset.`+what)
		}
	}
	for _, text := range []string{"What Ana", hers} { // the second time the page knows what it has shown
		a.Put(area, text)
		a.wait("the colleague's words are saved", said(a, "autosave"))
		evaluate[bool](a, `(document.querySelector("[data-saved]").textContent = "", true)`)
	}
	b.Put(area, mine)
	b.wait("the script says that somebody was first", said(b, "clash"))
	clash := b.Follow("#answers button[value=later]")
	if clash.Status != http.StatusConflict || b.Value(area) != mine {
		t.Errorf("the clash: %d, with %q in the field", clash.Status, b.Value(area))
	}
	b.Sees(hers, "Ana Quispe")
	fine(b, "both texts")
	b.Follow("#answers button[value=later]")
	b.Sees("Last changed by")
	a.Open(link + "/answer/" + end)
	fine(a, "an answer that somebody else wrote")
	a.look(t, windowOf(desktop(), false))
	a.Open(link + "/answer/" + end)
	if got := a.Value(area); got != mine {
		t.Errorf("knowingly: %q", got)
	}
	b.Open(question)
	b.Put(area, "Once more by me.")
	b.Follow("#answers button[value=later]")
	a.Put(area, hers)
	if clash = a.Follow("#answers button[value=later]"); clash.Status != http.StatusConflict || a.Value(area) != hers {
		t.Errorf("without the script: %d, %q", clash.Status, a.Value(area))
	}
	a.Sees("Once more by me.")
}
