//go:build unix

package browser

import (
	"regexp"
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
)

// TestWordsOutliveALostConnection types into an answer while nothing comes through: the device keeps it, offers it, and
// forgets it once it is saved.
func TestWordsOutliveALostConnection(t *testing.T) {
	t.Parallel()
	h := house.Start(t, house.Small())
	const area, kept, words = "form[data-autosave] textarea", "Object.keys(localStorage).length", "Words that nobody may lose."
	b := chrome.Person(t, phone())
	question := beginAnswer(b, h)
	evaluate[bool](b, "!!(window.fetch = function () { return Promise.reject(new Error('no connection')); })")
	b.Put(area, words)
	b.wait("the page says that it is not saved", func() bool {
		return evaluate[bool](b, `document.querySelector("[data-saved]").textContent === document.querySelector("form[data-autosave]").dataset.offline`)
	})
	b.Open(question)
	if b.Value(area) == words || evaluate[int](b, kept) != 1 {
		t.Fatal("the words were saved, or are not kept")
	}
	evaluate[bool](b, `(document.querySelector("[data-draft] button").click(), true)`)
	if got := b.Value(area); got != words {
		t.Errorf("put back: %q", got)
	}
	b.wait("they are saved and forgotten", func() bool { return evaluate[int](b, kept) == 0 })
	elsewhere := chrome.Person(t, desktop())
	elsewhere.Open(question)
	if got := elsewhere.Value(area); got != words {
		t.Errorf("on another device: %q", got)
	}
	if evaluate[bool](elsewhere, `!document.querySelector("[data-draft]").hidden`) {
		t.Error("something is offered where nothing was typed")
	}
}

// beginAnswer begins a contribution on the page of the call, and gives the address of its first question.
func beginAnswer(b *Tab, h *house.House) string {
	b.t.Helper()
	b.Open(h.URL + "/")
	b.Open(h.URL + regexp.MustCompile("^/calls/[^/]+").FindString(b.Attribute(`a[href^="/calls/"]`, "href")) + "/contribute")
	b.Put("#f-name", "Bo")
	b.Put("#f-email", "bo@example.net")
	evaluate[bool](b, `((f) => { f.elements.capacity.value = "individual"; f.elements.stakeholder_group.value = "academia"; f.elements.country.value = "PE"; return true; })(
		document.querySelector("form[action$='/contribute']"))`)
	b.Follow("form[action$='/contribute'] button.button")
	b.Follow(`main a[href*="/answer/"]`)
	return b.URL()
}
