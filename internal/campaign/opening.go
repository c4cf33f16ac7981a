package campaign

import (
	"html"
	"html/template"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

// The limits of the lines that a volunteer puts before the text: enough to say who one is and where one
// met, too little for another call.
const (
	OpeningRunes = 600
	OpeningLines = 12
)

// What looks like a merge field or a placeholder was meant to be replaced.
var openingField = regexp.MustCompile(`\{\{|\}\}|\[[^\]\n]*\]`)

// tidyOpening is the opening as it is sent: whole lines of plain text, without control characters and
// without signs that would reorder what follows. What must not be sent is errs.Invalid.
func tidyOpening(opening string) (string, error) {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == utf8.RuneError:
			return -1
		}
		return r
	}, strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(strings.ToValidUTF8(opening, "")))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	text = strings.Join(lines, "\n")
	wrong := func(key string, args ...any) (string, error) {
		return text, errs.InvalidFields(errs.FieldError("opening", key, args...))
	}
	switch {
	case utf8.RuneCountInString(text) > OpeningRunes:
		return wrong("field.too_long", "Max", OpeningRunes)
	case len(lines) > OpeningLines:
		return wrong("message.opening.lines", "Max", OpeningLines)
	case hasLink(text): // nobody approved it, in a mail that people trust for its others
		return wrong("message.opening.link")
	case openingField.MatchString(text), mail.HasSlot(text):
		return wrong("message.opening.placeholder")
	}
	return text, nil
}

// openingText stands before the plain text, under the name of whoever wrote it; a line of dashes says where the text
// begins that everybody gets.
func openingText(l *i18n.Localizer, opening string) string {
	if opening == "" {
		return ""
	}
	return l.T("mail.opening.by", "Name", mail.Slot(plainPrefix+fieldVolunteer)) + "\n\n" + opening + "\n\n----------\n\n"
}

// openingHTML is the same for the other half of the mail. Its direction is its own: it may be in another
// script than the text.
func openingHTML(l *i18n.Localizer, opening string) string {
	if opening == "" {
		return ""
	}
	var b strings.Builder
	name := template.HTML("<bdi>" + mail.Slot(fieldVolunteer) + "</bdi>") //nolint:gosec // its value is escaped
	b.WriteString("<p>" + string(l.HTML("mail.opening.by", "Name", name)) + "</p>\n")
	for _, paragraph := range strings.Split(opening, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			b.WriteString(`<p dir="auto">` + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n") + "</p>\n")
		}
	}
	return b.String() + "<hr>\n"
}
