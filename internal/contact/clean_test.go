package contact

import (
	"testing"

	"pgregory.net/rapid"
)

// disguised draws texts of what cannot be seen among letters, accents and spaces.
func disguised() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{
		"e", "\u0301", "\u200b", "\u202e", "\u200d", "\u00ad", "\ufeff", "\x00", "\x7f", "\r", "\n", "\r\n", "\t", " ", "\u00a0", "\u2028", "\u1100", "\u1161",
		"\u0327", "ﬁ", "Å", "\u212b", "\u0958", "\xff", "\xe9", "名", "\u0640", "\u2060",
	})
	return rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
		text := ""
		for _, p := range rapid.SliceOfN(part, 0, 12).Draw(t, "parts") {
			text += p
		}
		return text
	}))
}

// What was cleaned once is clean: else an edit that changes nothing would change something.
func TestCleaningTwiceIsCleaningOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := disguised().Draw(t, "text")
		for name, f := range map[string]func(string) string{"clean": clean, "cleanText": cleanText} {
			if once := f(text); f(once) != once {
				t.Fatalf("%s: %q becomes %q becomes %q", name, text, once, f(once))
			}
		}
	})
}

func TestAnAccentMeetsItsLetter(t *testing.T) {
	t.Parallel()
	const want = "Andr\u00e9"
	if got := clean("Andre\u200b\u0301"); got != want {
		t.Errorf("%q", got)
	}
	if got := cleanText("Andre\u200b\u0301\r\n"); got != want {
		t.Errorf("%q", got)
	}
}
