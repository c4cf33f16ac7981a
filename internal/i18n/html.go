package i18n

import (
	"html/template"
	"strconv"
	"strings"
)

// HTML is T for a page, where a name within the sentence needs its own direction: the text is
// escaped, a string value is escaped and wrapped in <bdi>, a template.HTML value (a link, say) is
// put in as it is, and everything else is written as T writes it.
func (l *Localizer) HTML(key string, args ...any) template.HTML {
	values := named(args)
	var count any
	if c, ok := values["Count"]; ok && isInteger(c) {
		count = c
	}
	// The sentence is said with marks in place of the values, so that escaping it leaves them alone.
	marks := make([]string, 0, 2*len(values))
	for name, v := range values {
		mark := "\ue000" + strconv.Itoa(len(marks)) + "\ue001"
		marks = append(marks, mark, l.markup(v))
		values[name] = mark
	}
	text := template.HTMLEscapeString(l.say(key, count, values))
	return template.HTML(strings.NewReplacer(marks...).Replace(text)) //nolint:gosec // every part was escaped above or is HTML of ours
}

func (l *Localizer) markup(v any) string {
	switch v := v.(type) {
	case template.HTML:
		return string(v)
	case string:
		return "<bdi>" + template.HTMLEscapeString(v) + "</bdi>"
	}
	return template.HTMLEscapeString(l.value(v))
}
