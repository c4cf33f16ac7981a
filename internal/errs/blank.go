package errs

import (
	"strings"
	"unicode"
)

// brailleBlank is a letter in name only.
const brailleBlank = '\u2800'

// Invisible says whether a character takes no place of its own on the screen.
func Invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Cs, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		!unicode.IsSpace(r) || r == brailleBlank
}

// Blank says whether there is nothing to be seen in a text: where a text is required, a blank one is none.
func Blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsSpace(r) && !Invisible(r) && !unicode.Is(unicode.Mn, r) })
}
