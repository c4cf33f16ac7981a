package document

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/errs"
)

func TestWhatTurnsTheDirectionIsTold(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, character string }{
		{"Write to \u202egro.elpmaxe@fpb", "U+202E"},
		{"\u202dA\u202c", "U+202D"},
		{"\u202bعربي", "U+202B"},
		{"\u202aA\u202c", ""},
		{"عربي \u2066IGF\u2069 \u2068مرحبا\u2069 \u2067ab\u2069", ""},
		{"a \u2066\u202bb\u202c\u2069", ""},
		{"a \u2066\u202bb\u2069\u202c", "U+2069"},
		{"a \u2067b", "U+2067"},
		{"a\u2069", "U+2069"},
		{"a\u202c", "U+202C"},
		{"\u200fمرحبا\u200e a\u200cb", ""},
	}
	for _, kind := range []SegmentKind{PlainText, Markdown} {
		for _, tt := range tests {
			got := ""
			for _, p := range problemsOf([]Segment{{Key: "p1", Kind: kind, Text: tt.text}}) {
				if p.Key == "document.problem.bidi" {
					got, _ = p.Args["Character"].(string)
					if text, _ := p.Args["Text"].(string); strings.ContainsFunc(text, errs.Invisible) {
						t.Errorf("%+q: told with what cannot be seen: %+q", tt.text, text)
					}
				}
			}
			if got != tt.character {
				t.Errorf("%+q: %q, want %q", tt.text, got, tt.character)
			}
		}
	}
	found := newChecker().findings(Segment{Key: "p1", Kind: Markdown, Text: "Thanks."}, "Merci\u202e.")
	if len(found) != 1 || !found[0].Blocks || found[0].Key != "document.problem.bidi" {
		t.Errorf("a translation: %v", found)
	}
}
