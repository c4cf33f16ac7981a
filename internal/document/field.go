package document

import (
	"slices"
	"strings"
)

// Fields are the merge fields that a text may hold, written {{contact}}.
func Fields() []string {
	return []string{"contact", "organization", "cycle", "deadline", "personal_link", "volunteer", "unsubscribe_link", "call_link"}
}

// isLink says whether the value of a field is an address.
func isLink(field string) bool { return strings.HasSuffix(field, "_link") }

// mark is one thing between double braces, or a pair of braces without its partner.
type mark struct {
	name       string // trimmed
	start, end int    // in bytes, braces included
	unbalanced bool
}

func (m mark) known() bool { return !m.unbalanced && slices.Contains(Fields(), m.name) }

// marks finds every merge field and every stray pair of braces, in order.
func marks(text string) []mark {
	var found []mark
	for at := 0; at < len(text); {
		open := strings.Index(text[at:], "{{")
		shut := strings.Index(text[at:], "}}")
		switch {
		case open < 0 && shut < 0:
			return found
		case open < 0 || (shut >= 0 && shut < open):
			found = append(found, mark{start: at + shut, end: at + shut + 2, unbalanced: true})
			at += shut + 2
		default:
			m := markAt(text, at+open)
			found = append(found, m)
			at = m.end
		}
	}
	return found
}

// markAt reads the mark that opens there. It closes on its own line and before another opens.
func markAt(text string, start int) mark {
	rest := text[start+2:]
	shut := strings.Index(rest, "}}")
	if shut < 0 || strings.Contains(rest[:shut], "{{") || strings.Contains(rest[:shut], "\n") {
		return mark{start: start, end: start + 2, unbalanced: true}
	}
	return mark{name: strings.TrimSpace(rest[:shut]), start: start, end: start + 2 + shut + 2}
}

// tidyFields writes known fields without spaces inside of the braces, so that they are one word.
func tidyFields(text string) string {
	return replaceFields(text, func(name string) (string, bool) { return "{{" + name + "}}", true })
}

// replaceFields puts values in place of known fields; where value says no, the field stays.
func replaceFields(text string, value func(name string) (string, bool)) string {
	var b strings.Builder
	at := 0
	for _, m := range marks(text) {
		if !m.known() {
			continue
		}
		v, ok := value(m.name)
		if !ok {
			continue
		}
		b.WriteString(text[at:m.start])
		b.WriteString(v)
		at = m.end
	}
	b.WriteString(text[at:])
	return b.String()
}

// fieldsIn lists the names of the fields in a text, known or not, each once.
func fieldsIn(text string) []string {
	var names []string
	for _, m := range marks(text) {
		if !m.unbalanced && !slices.Contains(names, m.name) {
			names = append(names, m.name)
		}
	}
	return names
}
