package sheet

import (
	"strings"
	"unicode"
)

// dropInvisible takes out what cannot be seen: control and direction characters, characters
// without width. Spaces of all kinds become spaces; the joiners that Persian and Indic names are
// written with stay.
func dropInvisible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}
