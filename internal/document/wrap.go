package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"
	"golang.org/x/text/width"
)

// unescape undoes what Markdown escapes: \* and &amp;.
func unescape(value []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value))))
}

// wrap breaks a text into lines of so many columns, beginning with first and then rest. It breaks
// at spaces, and between ideographs, which have none; what has no place to break stays whole.
func wrap(s, first, rest string, columns int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		line, used, begun := first, columnsOf(first), false
		for _, p := range pieces(paragraph) {
			gap := 0
			if p.spaced && begun {
				gap = 1
			}
			if w := columnsOf(p.text); begun && used+gap+w > columns {
				lines = append(lines, line)
				line, used, gap = rest, columnsOf(rest), 0
			}
			line += strings.Repeat(" ", gap) + p.text
			used += gap + columnsOf(p.text)
			begun = true
		}
		lines = append(lines, line)
		first = rest
	}
	return lines
}

// piece is a part of a line that is not broken.
type piece struct {
	text   string
	spaced bool // a space comes before it
}

func pieces(s string) []piece {
	var all []piece
	for _, word := range strings.Fields(s) {
		spaced := true
		start := 0
		var before rune
		link := linkIn(word)
		for i, r := range word {
			if i > start && breakable(before, r) && !link.holds(i) {
				all = append(all, piece{word[start:i], spaced})
				start, spaced = i, false
			}
			before = r
		}
		all = append(all, piece{word[start:], spaced})
	}
	return all
}

// span is where in a word something stands.
type span struct{ from, to int }

// holds says whether a break before the byte at i would be within the span.
func (s span) holds(i int) bool { return i > s.from && i < s.to }

// linkIn is the web address in a word, up to the bracket that closes around it: an address in a script without spaces
// stays whole too, because half an address leads nowhere.
func linkIn(word string) span {
	at := strings.Index(word, "://")
	if at < 0 {
		return span{}
	}
	from := strings.LastIndexFunc(word[:at], func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) }) + 1
	for from < at && !utf8.RuneStart(word[from]) {
		from++
	}
	if end := strings.IndexAny(word[at:], ")>"); end >= 0 {
		return span{from, at + end}
	}
	return span{from, len(word)}
}

// breakable says whether a line may end between the two: beside an ideograph, but not before a
// mark that closes or after one that opens.
func breakable(before, after rune) bool {
	if !ideograph(before) && !ideograph(after) {
		return false
	}
	return !unicode.In(after, unicode.Pe, unicode.Pf, unicode.Po, unicode.Mn) && !unicode.In(before, unicode.Ps, unicode.Pi)
}

func ideograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || (r >= 0x3000 && r <= 0x303f) || (r >= 0xff00 && r <= 0xff60)
}

// columnsOf is the width in columns; ideographs take two, marks that combine none. A merge field counts
// as much as its value usually does, so that lines are still even when it is filled in.
func columnsOf(s string) int {
	n := 0
	s = replaceFields(s, func(name string) (string, bool) {
		n += usualColumns(name)
		return "", true
	})
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return true
	}
	return false
}

// usualColumns is how long the value of a merge field tends to be. A date comes with its weekday, month
// and zone; an address is as long as its signature.
func usualColumns(field string) int {
	switch {
	case isLink(field):
		return 75
	case field == "deadline":
		return 54
	}
	return 22
}
