package geo

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings spellings of a name together for looking up, sorting and searching: without case, diacritics
// and punctuation, words parted by single spaces. Folding twice changes nothing. The result holds
// only letters and digits, so that it can stand in a LIKE pattern as it is.
func Fold(text string) string {
	decomposed := norm.NFKD.String(strings.ToLower(norm.NFKD.String(strings.ToValidUTF8(text, " "))))
	var b strings.Builder
	gap := false
	for _, r := range decomposed {
		switch {
		case vanishes(r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r):
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteString(plain(r))
	}
	return b.String()
}

// vanishes says of marks, invisible characters, apostrophes and full stops that they join what
// they part: "d'Ivoire", "U.N.".
func vanishes(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', '`', '´', '.', 'ـ':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}

// plain writes letters that Unicode does not take apart as people type them who have no such key.
func plain(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'ς':
		return "σ"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ı':
		return "i"
	case 'ى', 'ی':
		return "ي"
	case 'ٱ':
		return "ا"
	case 'ک':
		return "ك"
	case 'ة':
		return "ه"
	}
	return string(r)
}

// longestName bounds what is looked up, in bytes: a longer cell is not a name.
const longestName = 400

// keyOf is what names are looked up by.
func keyOf(text string) string {
	if len(text) > longestName {
		return ""
	}
	return Fold(text)
}
