package letter

import (
	"bytes"
	"embed"
	"html"
	htmltemplate "html/template"
	"regexp"
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

// mergeField is {{name}}.
var mergeField = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)

// fill puts values into the merge fields of the secretariat's own text. A field without a value
// disappears. The direction of a name does not disturb the sentence around it.
func (t Text) fill(values map[string]string, l *i18n.Localizer) Text {
	isolated := func(text string) string {
		return mergeField.ReplaceAllStringFunc(text, func(m string) string {
			v, ok := values[m[2:len(m)-2]]
			switch {
			case !ok:
				return m
			case isLink(v): // stays bare, so that mail programs find its end
				return v
			}
			return l.Isolate(v)
		})
	}
	return Text{Subject: isolated(t.Subject), Text: isolated(t.Text), HTML: fillHTML(t.HTML, values)}
}

func fillHTML(page string, values map[string]string) string {
	var b strings.Builder
	at := 0
	for _, m := range mergeField.FindAllStringSubmatchIndex(page, -1) {
		name := page[m[2]:m[3]]
		v, ok := values[name]
		if !ok {
			continue
		}
		b.WriteString(page[at:m[0]])
		at = m[1]
		text := html.EscapeString(v)
		if isName(name) && v != "" && !mail.InTag(page, m[0]) {
			text = "<bdi>" + text + "</bdi>"
		}
		b.WriteString(text)
	}
	b.WriteString(page[at:])
	return b.String()
}

// isName says whether the value of a merge field is in whatever language people and cycles are named in.
func isName(field string) bool {
	return field == "contact" || field == "organization" || field == "cycle"
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

// oneLine is a subject in which the names that people gave themselves begin no line of their own.
var oneLine = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ")

// compose makes the whole message. What people wrote in it is never taken for a slot.
func compose(from mail.Address, to mail.Recipient, t Text, l *i18n.Localizer) ([]byte, error) {
	return mail.Compose(mail.Message{
		From: from, To: to.To, MessageID: to.MessageID, Date: to.Date, Subject: oneLine.Replace(t.Subject), Text: t.Text, HTML: t.HTML,
		Locale: l.Tag(), Dir: l.Dir(), AutoSubmitted: "auto-generated",
	})
}
