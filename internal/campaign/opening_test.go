package campaign

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

func TestOpening(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, refused string }{
		"nothing":           {"  \n ", "", ""},
		"lines":             {"Hello,\r\n\r\nwe met   in Geneva.\r", "Hello,\n\nwe met in Geneva.", ""},
		"Arabic":            {"التقينا في جنيف", "التقينا في جنيف", ""},
		"reordering signs":  {"a\u202eb\u2066c", "abc", ""},
		"control signs":     {"a\x00b\x1bc\td", "a b c d", ""},
		"a web address":     {"See HTTPS://evil.example", "", "message.opening.link"},
		"without scheme":    {"See www.evil.example", "", "message.opening.link"},
		"a mail link":       {"mailto:x@example.org", "", "message.opening.link"},
		"an address":        {"I am at marta@example.org", "I am at marta@example.org", ""},
		"a merge field":     {"Dear {{contact}}", "", "message.opening.placeholder"},
		"a placeholder":     {"We met at [place]", "", "message.opening.placeholder"},
		"a marker of slots": {"x " + mail.Slot("contact"), "", "message.opening.placeholder"},
		"too long":          {strings.Repeat("é", OpeningRunes+1), "", "field.too_long"},
		"as long as may be": {strings.Repeat("é", OpeningRunes), strings.Repeat("é", OpeningRunes), ""},
		"too many lines":    {strings.Repeat("a\n", OpeningLines+1), "", "message.opening.lines"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tidyOpening(tt.in)
			if tt.refused != "" {
				if !errs.Is(err, errs.Invalid) || errs.FieldsOf(err)[0].Key != tt.refused || errs.FieldsOf(err)[0].Name != "opening" {
					t.Errorf("%v, want %s", err, tt.refused)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// Whatever is let through stays inside its place: no element, no merge field, and the same text again when
// it is tidied again.
func TestOpeningStaysInItsPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, err := tidyOpening(rapid.String().Draw(t, "opening"))
		if err != nil {
			return
		}
		again, err := tidyOpening(text)
		if err != nil || again != text || !utf8.ValidString(text) {
			t.Fatalf("%q becomes %q, %v", text, again, err)
		}
		page := openingHTML(text)
		for _, own := range []string{`<p dir="auto">`, "</p>", "<br>", "<hr>"} {
			page = strings.ReplaceAll(page, own, "")
		}
		if strings.ContainsAny(page, "<>") || toSlots(page, "") != page {
			t.Fatalf("%q leaves its place: %s", text, page)
		}
	})
}
