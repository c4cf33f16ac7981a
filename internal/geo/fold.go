package geo

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// longestName bounds what is looked up, in bytes: a longer cell is not a name.
const longestName = 400

// fold brings spellings of one name together: without case, diacritics and punctuation, with
// single spaces between words. Apostrophes and full stops join what they part ("d'Ivoire",
// "U.S.A."); everything else that is no letter or digit parts words.
func fold(text string) string {
	if len(text) > longestName {
		return ""
	}
	var b strings.Builder
	gap := false
	for _, c := range norm.NFKD.String(strings.ToValidUTF8(text, " ")) {
		if joins(c) {
			continue
		}
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.Mc, c) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(arabic(c))
	}
	return cases.Fold().String(b.String())
}

// joins says that a rune vanishes: combining marks, invisible format characters (direction
// marks stand in many pasted Arabic cells), the Arabic tatweel, apostrophes and full stops.
func joins(c rune) bool {
	switch c {
	case '\'', '’', '‘', 'ʼ', '`', '´', '.', 'ـ':
		return true
	}
	return unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf)
}

// arabic joins letters that writers of Arabic use for one another at the end of a word.
func arabic(c rune) rune {
	switch c {
	case 'ى':
		return 'ي'
	case 'ة':
		return 'ه'
	}
	return c
}
