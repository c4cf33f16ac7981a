package web

import (
	"html/template"
	"strings"

	"github.com/convoke/convoke/internal/contribution/extract"
)

const maxLinked = 500 // addresses of one text that become links

// linked is what somebody wrote, with its web addresses as links. Where they lead is their writer's business: search engines
// are not to follow them.
func linked(text string) template.HTML {
	var b strings.Builder
	at := 0
	for _, a := range extract.Addresses(text, maxLinked) {
		b.WriteString(template.HTMLEscapeString(text[at:a.From]))
		b.WriteString(`<a href="` + template.HTMLEscapeString(a.URL) + `" rel="nofollow noopener ugc">`)
		b.WriteString(template.HTMLEscapeString(text[a.From:a.To]) + "</a>")
		at = a.To
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String()) //nolint:gosec // all of it is escaped
}
