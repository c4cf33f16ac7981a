package document

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/convoke/convoke/internal/errs"
)

// These two are part of how names are written in some scripts.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// maxMarks is how many marks one letter of a name may carry: Vietnamese needs two, Hebrew three.
const maxMarks = 3

// visible is a name without what cannot be seen, what turns the direction of the words after it, and what only looks
// like ordinary letters because it is wide or ornamented; a name without a letter is none.
func visible(name string) string {
	letters := []rune(norm.NFKC.String(cleanText(name)))
	var kept []rune
	marks := 0
	for i, r := range letters {
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
			if i == 0 || i+1 == len(letters) || !joins(letters[i-1]) || !joins(letters[i+1]) {
				continue
			}
		case errs.Invisible(r), marks > maxMarks:
			continue
		}
		kept = append(kept, r)
	}
	name = strings.Join(strings.Fields(string(kept)), " ")
	if !strings.ContainsFunc(name, unicode.IsLetter) {
		return ""
	}
	return name
}

// joins says whether letters of its script are written with invisible joiners between them.
func joins(r rune) bool {
	return unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		unicode.Is(unicode.M, r)
}

// bracketedMark is what pages put in brackets behind a name, to say whose words it stands over, in the languages of the product.
var bracketedMark = regexp.MustCompile(`(?i)[(\[{<‹«【〔〖「『《〈⟨⟪❨].*(?:member|membre|miembro|membro|участни|عضو|成员|成員` +
	`|the public|du public|del público|do público|публик|الجمهور|公众|公眾)`)

// claimsMark says whether a name carries such a mark of its own, by which it would be taken for somebody else's.
func claimsMark(name string) bool { return bracketedMark.MatchString(name) }

// mixesScripts says whether one word has letters of several scripts that look alike, as no name has.
func mixesScripts(name string) bool {
	for word := range strings.FieldsSeq(name) {
		scripts := 0
		for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee} {
			if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(script, r) }) {
				scripts++
			}
		}
		if scripts > 1 {
			return true
		}
	}
	return false
}
