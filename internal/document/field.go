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
	for at := 0; at+1 < len(text); {
		switch text[at : at+2] {
		case "}}":
			found = append(found, mark{start: at, end: at + 2, unbalanced: true})
		case "{{":
			found = append(found, markAt(text, at))
		default:
			at++
			continue
		}
		at = found[len(found)-1].end
	}
	return found
}

// markAt reads the mark that opens there. It closes on its own line and before another opens.
func markAt(text string, start int) mark {
	for i := start + 2; i+1 < len(text); i++ {
		switch {
		case text[i] == '\n', text[i:i+2] == "{{":
			return mark{start: start, end: start + 2, unbalanced: true}
		case text[i:i+2] == "}}":
			return mark{name: strings.TrimSpace(text[start+2 : i]), start: start, end: i + 2}
		}
	}
	return mark{start: start, end: start + 2, unbalanced: true}
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
