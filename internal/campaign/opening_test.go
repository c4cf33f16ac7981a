package campaign

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
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
		"an address":        {"I am at marta@example.org", "", "message.opening.link"},
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
	english := i18ntest.Bundle(t).For("en")
	rapid.Check(t, func(t *rapid.T) {
		text, err := tidyOpening(rapid.String().Draw(t, "opening"))
		if err != nil {
			return
		}
		again, err := tidyOpening(text)
		if err != nil || again != text || !utf8.ValidString(text) {
			t.Fatalf("%q becomes %q, %v", text, again, err)
		}
		page := openingHTML(english, text)
		_, page, _ = strings.Cut(page, "</p>\n") // the name
		for _, own := range []string{`<p dir="auto">`, "</p>", "<br>", "<hr>"} {
			page = strings.ReplaceAll(page, own, "")
		}
		if strings.ContainsAny(page, "<>") || toSlots(page, "") != page {
			t.Fatalf("%q leaves its place: %s", text, page)
		}
	})
}

// Mail programs make links of more than what begins with http.
func TestLinksInAnOpening(t *testing.T) {
	t.Parallel()
	links := []string{
		"See evil.com/x", "bit.ly/abc", "t.co/abc", "x.com", "bob@evil.com", "bob@evil.invalid", "Go to EVIL.COM.", "(evil.com)", "evil.co.uk", "Geneva,evil.org,now",
		"evil．com", "ｅｖｉｌ．ｃｏｍ", "evil。com", "evil｡com", "bob＠evil.com", "ev\u200bil.com", "evil\u200b.com", "evil\u00ad.com", "evil․com",
		"пример.рф", "例え.中国", "例子。com", "مثال.السعودية", "münchen.de", "xn--mnchen-3ya.de", "ｈｔｔｐ：／／evil", "ftp://evil", "mailto:bob", "WWW.evil.example", "evil.com:8080",
	}
	for _, text := range links {
		if _, err := tidyOpening(text); err == nil {
			t.Errorf("%q is let through", text)
		}
	}
	prose := []string{
		"We met, e.g. in Geneva, i.e. at the U.N., at 15.30 on 12.06.2017.", "Estimado Sr. Pérez, EE.UU. y p.ej. otros.", "Dr.Smith, Ph.D., M.Sc., wrote 3.5 pages... then left.",
		"The U.S.A. and the U.K. at 9 a.m.", "v2.0.1 of No.1", "Mary@home", "我们在日内瓦见过。您好！谢谢。中国的朋友", "来自日内瓦。中国。", "التقينا في جنيف. مع أطيب التحيات. السعودية.",
		"Мы виделись в г. Москва, т.е. давно, и т.д. С уважением, И.И. Иванов", "Écrivez p. ex. à M. Dupont, 3 rue de la Paix.", "St.Petersburg, S.A. de C.V.", "and/or", "a: b", "5.000,00",
	}
	for _, text := range prose {
		if _, err := tidyOpening(text); err != nil {
			t.Errorf("%q is refused: %v", text, err)
		}
	}
}
