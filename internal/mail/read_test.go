package mail_test

import (
	"html"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// spoken is text in each of the seven languages, and what people put into names and subjects by mistake or on purpose.
var spoken = []string{
	"The call for contributions", "L’appel à contributions : dernière semaine", "¿Qué piensa usted? Año, señal", "دعوة إلى تقديم المساهمات", "意见征集：网络安全",
	"Призыв к представлению вкладов", "Chamada de contribuições", "👩🏽‍💻🇺🇳", "e\u0301a\u0323\u0308", "a\u200db", "\u202eabc\u202c", "\u2066x\u2069",
	`"quoted"`, `O'Neill, Mary (MP)`, "<script>&amp;", "a\\b", "=?UTF-8?Q?x?=", "\x00\x07\x1b", "\r\nBcc: eve@example.org\r\n", "\u2028\u0085", ".", "From me",
	"=20=", " ", "\t", "Zq7slot0contact0slot7qZ", strings.Repeat("Donaudampfschifffahrt", 20), strings.Repeat("词", 200), strings.Repeat("x ", 300),
}

// written is a text put together of those, and of anything.
func written() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(spoken), rapid.String()), 1, 5).Draw(t, "parts")
		return strings.Join(parts, rapid.SampledFrom([]string{"", " "}).Draw(t, "glue"))
	})
}

// onOneLine is what of a name or a subject arrives: everything but signs that control, which become single spaces, and
// signs that reorder, which go.
func onOneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\u061c':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// inBody is what of a text arrives.
func inBody(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, s)
}

// Whatever names, subjects and texts hold, another program's parser reads the same back and finds no header of theirs.
func TestMailIsReadByAParserThatIsNotOurs(t *testing.T) {
	t.Parallel()
	headers := []string{
		"Date", "From", "To", "Subject", "Message-ID", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "List-ID",
		"Content-Language", "Auto-Submitted", "MIME-Version", "Content-Type",
	}
	rapid.Check(t, func(t *rapid.T) {
		locale := rapid.SampledFrom([]string{"en", "fr", "es", "ar", "zh", "ru", "pt"}).Draw(t, "locale")
		dir := map[bool]string{true: "rtl", false: "ltr"}[locale == "ar"]
		name, volunteer, organization := written().Draw(t, "name"), written().Draw(t, "volunteer"), written().Draw(t, "organization")
		text, list := written().Draw(t, "text"), written().Draw(t, "list")
		subject := onOneLine(written().Draw(t, "subject"))
		if mail.HasSlot(text) || mail.HasSlot(subject) || mail.HasSlot(volunteer) {
			t.Skip("a frozen text has no such words")
		}
		s, err := mail.NewSkeleton(mail.Parts{
			From: mail.Address{Name: volunteer, Email: "bpf@convoke.test"}, Subject: "x " + subject + mail.Slot("name"),
			Text: "x" + text + mail.Slot("organization") + "\n" + mail.Slot("name") + ".", HTML: "<p title=\"" + mail.Slot("name") + "\">" + mail.Slot("organization") + "</p>",
			Locale: locale, Dir: dir, ListID: strings.ReplaceAll(list, "<", "") + " <bpf.convoke.test>", AutoSubmitted: "auto-generated",
		})
		if err != nil {
			t.Fatalf("%v", err)
		}
		link := "https://convoke.test/u/" + rapid.StringMatching(`[a-z2-7]{20,60}`).Draw(t, "token")
		raw := s.Render(nil, mail.Recipient{
			To: mail.Address{Name: name, Email: "anna@example.org"}, ReplyTo: mail.Address{Name: volunteer, Email: "bpf+re-abc@convoke.test"},
			ReplyToo: mail.Address{Name: volunteer, Email: "volunteer@example.org"}, MessageID: "d1@convoke.test",
			Date: time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC), UnsubscribeURL: link, Values: valuesOf(s, name, organization),
		})
		m := mailtest.Read(t, raw)
		if !slices.Equal(m.Names, headers) {
			t.Fatalf("headers %q", m.Names)
		}
		if m.To.Name != onOneLine(name) || m.To.Address != "anna@example.org" || m.From.Name != onOneLine(volunteer) || len(m.ReplyTo) != 2 || m.ReplyTo[1].Name != onOneLine(volunteer) {
			t.Fatalf("from %v to %v, answers to %v", m.From, m.To, m.ReplyTo)
		}
		if got, want := onOneLine(m.Subject), onOneLine("x "+subject+name); got != want {
			t.Fatalf("subject %q, want %q", got, want)
		}
		if want := inBody("x"+text) + inBody(organization) + "\n" + inBody(name) + "."; m.Text != want {
			t.Fatalf("text %q, want %q", m.Text, want)
		}
		if want := "<p title=\"" + html.EscapeString(inBody(name)) + "\">" + html.EscapeString(inBody(organization)) + "</p>"; !strings.Contains(m.HTML, want) {
			t.Fatalf("page %q, want %q", m.HTML, want)
		}
		if m.Value("List-Unsubscribe") != "<"+link+">" {
			t.Fatalf("%q", m.Value("List-Unsubscribe"))
		}
	})
}

func valuesOf(s *mail.Skeleton, name, organization string) []string {
	var values []string
	for _, slot := range s.Slots() {
		if slot == "name" {
			values = append(values, name)
		} else {
			values = append(values, organization)
		}
	}
	return values
}
