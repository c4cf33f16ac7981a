package i18n

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/bidi"
)

// List joins items as the language does: "a", "a and b", "a, b and c".
func (l *Localizer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	case 2:
		return l.T("list.two", "First", items[0], "Second", items[1])
	}
	text := items[0]
	for _, next := range items[1 : len(items)-1] {
		text = l.T("list.middle", "Before", text, "Next", next)
	}
	return l.T("list.end", "Before", text, "Last", items[len(items)-1])
}

// LanguageName names a language in this one, as within a sentence: "espagnol" for es. A tag without
// a name is returned as it is.
func (l *Localizer) LanguageName(tag string) string {
	parsed, ok := parseTag(tag)
	if !ok {
		return tag
	}
	name := display.Tags(l.spec.tag()).Name(parsed)
	if name == "" {
		return tag
	}
	if l.spec.Tag == PseudoTag {
		return Pseudo(name)
	}
	return name
}

// Compare orders two strings as the reader's language does: negative, 0 or positive.
// To sort many, use Comparer.
func (l *Localizer) Compare(a, b string) int { return l.Comparer()(a, b) }

// Comparer gives the order of the reader's language, for slices.SortFunc and the like. One
// comparer must not be used by two goroutines at a time.
func (l *Localizer) Comparer() func(a, b string) int {
	return collate.New(l.spec.tag()).CompareString
}

// Sort sorts strings in place in the reader's order.
func (l *Localizer) Sort(items []string) { collate.New(l.spec.tag()).SortStrings(items) }

// Isolate wraps a name in U+2068 and U+2069, so that its direction does not disturb the sentence
// around it. It is for plain text; pages use <bdi>.
func Isolate(s string) string { return "\u2068" + s + "\u2069" }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Isolate wraps a name as the function does, where it has letters of the other direction than the language: what
// needs no wrapping stays free of signs that some programs show. Signs of the kind within the name are left out.
func (l *Localizer) Isolate(s string) string {
	rightToLeft := l.Dir() == "rtl"
	if !rightToLeft && isASCII(s) { // as most names are
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, s)
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			if rightToLeft {
				return Isolate(s)
			}
		case bidi.R, bidi.AL:
			if !rightToLeft {
				return Isolate(s)
			}
		}
	}
	return s
}
