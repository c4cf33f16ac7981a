package campaign

import (
	"context"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
)

// Names of the other direction are kept from disturbing the sentence around them; others stay bare in plain text.
func TestNamesHaveTheirOwnDirection(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		s := h.texts.revision(h.texts.byDocument(h.message))
		s.locales = append(s.locales, "ar")
		text := "{{contact}}, {{organization}}: {{personal_link}}"
		s.said = map[string]Text{}
		for _, locale := range s.locales {
			s.said[locale] = Text{Locale: locale, Subject: "To {{contact}}", Text: text, HTML: `<p>{{contact}} <a href="https://e.org/?n={{contact}}">{{organization}}</a></p>`}
		}
		for name, m := range map[string]struct{ locale, name, plain string }{
			"an Arabic mail, a Latin name":   {"ar", "Amina", "\u2068Amina\u2069"},
			"an Arabic mail, an Arabic name": {"ar", "أمينة", "أمينة"},
			"an Arabic mail, a number":       {"ar", "2017", "2017"},
			"an English mail, a Latin name":  {"en", "Amina", "Amina"},
			"an English mail, Arabic":        {"en", "أمينة", "\u2068أمينة\u2069"},
			"an English mail, both":          {"en", "A & أ", "\u2068A & أ\u2069"},
		} {
			id := h.contact(m.name, strings.ReplaceAll(strings.NewReplacer(" ", "", ",", "").Replace(name), "an", "x")+"@example.org", m.locale)
			p, err := h.PreviewText(ctx, h.officer, h.message, TextChoice{ContactID: id})
			h.must(err)
			read, err := mail.Read(p.Raw)
			h.must(err)
			if !strings.HasPrefix(read.Text, m.plain+", ") || read.Header("Subject") != "To "+m.plain {
				t.Errorf("%s: %q, subject %q", name, read.Text, read.Header("Subject"))
			}
			escaped := strings.ReplaceAll(m.name, "&", "&amp;")
			if want := "<p><bdi>" + escaped + `</bdi> <a href="https://e.org/?n=` + escaped + `"><bdi>`; !strings.Contains(read.HTML, want) {
				t.Errorf("%s: no %s in %s", name, want, read.HTML)
			}
			if !strings.Contains(read.HTML, "<bdi>BPF 2017</bdi>") {
				t.Errorf("%s: %s", name, read.HTML)
			}
		}
	})
}
