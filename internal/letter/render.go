package letter

import (
	"bytes"
	"embed"
	"html"
	htmltemplate "html/template"
	"strings"
	"text/template"

	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

//go:embed templates/letter.html templates/letter.txt
var files embed.FS

// Text is a letter that the secretariat wrote itself, in one language, with merge fields such as
// {{contact}} still in it.
type Text struct{ Subject, Text, HTML string }

// templates are parsed once. What differs from language to language is in the content, so that one
// pair serves all.
type templates struct {
	html *htmltemplate.Template
	text *template.Template
}

func parseTemplates() (templates, error) {
	h, err := htmltemplate.ParseFS(files, "templates/letter.html")
	if err != nil {
		return templates{}, err
	}
	t, err := template.ParseFS(files, "templates/letter.txt")
	return templates{html: h, text: t}, err
}

// render makes subject, text and HTML of a letter's content.
func (t templates) render(c content) (Text, error) {
	var text, page bytes.Buffer
	if err := t.text.Execute(&text, c); err != nil {
		return Text{}, err
	}
	if err := t.html.Execute(&page, c); err != nil {
		return Text{}, err
	}
	return Text{Subject: c.Subject, Text: text.String(), HTML: page.String()}, nil
}

// fill puts values into the merge fields of the secretariat's own text. A field without a value
// disappears.
func (t Text) fill(values map[string]string) Text {
	plain := make([]string, 0, 2*len(values))
	isolated := make([]string, 0, 2*len(values))
	escaped := make([]string, 0, 2*len(values))
	for name, v := range values {
		mark := "{{" + name + "}}"
		plain = append(plain, mark, v)
		isolated = append(isolated, mark, isolate(v))
		escaped = append(escaped, mark, html.EscapeString(v))
	}
	return Text{
		Subject: strings.NewReplacer(plain...).Replace(t.Subject),
		Text:    strings.NewReplacer(isolated...).Replace(t.Text),
		HTML:    strings.NewReplacer(escaped...).Replace(t.HTML),
	}
}

// isolate protects the direction of a name. A link stays bare, so that mail programs find its end.
func isolate(v string) string {
	if v == "" || isLink(v) {
		return v
	}
	return i18n.Isolate(v)
}

func isLink(v string) bool {
	return strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "http://")
}

// compose makes the whole message.
func compose(from mail.Address, to mail.Recipient, t Text, l *i18n.Localizer) ([]byte, error) {
	skeleton, err := mail.NewSkeleton(mail.Parts{
		From: from, Subject: t.Subject, Text: t.Text, HTML: t.HTML, Locale: l.Tag(), Dir: l.Dir(),
		AutoSubmitted: "auto-generated",
	})
	if err != nil {
		return nil, err
	}
	return skeleton.Render(nil, to), nil
}
