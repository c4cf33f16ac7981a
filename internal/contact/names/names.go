// Package names brings spellings of one name together: whatever their case, diacritics, order, script, letters that only
// look like others, titles and legal forms. It knows no database and no contact.
//
// Key is what equal names share. Bones is what a name written without vowels shares with the same name in Latin
// letters. Both throw away much, so that equal keys only make two names worth comparing: Compare does that.
package names

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/convoke/convoke/internal/geo"
)

// Kind says what sort of thing has the name, because titles belong to persons and legal forms to organizations.
type Kind int

// The kinds.
const (
	Person Kind = iota
	Organization
)

// longest bounds what is looked at, in bytes: what is longer is no name.
const longest = 1000

// Key is the same for all spellings of a name, in whatever order its words stand: words in a Latin skeleton, sorted and
// joined by single spaces. A transliteration in Latin letters counts instead of a name in another script. The key of a
// key is the key.
func Key(kind Kind, name, transliteration string) string {
	return keyOf(Words(kind, chosen(name, transliteration)))
}

// Bones is what is left of a name without its vowels: what محمد and Mohamed share. For a name that is written without
// vowels it equals the key.
func Bones(kind Kind, name, transliteration string) string {
	return bonesOf(Words(kind, chosen(name, transliteration)))
}

// KeyAndBones are both, for the price of one.
func KeyAndBones(kind Kind, name, transliteration string) (key, bare string) {
	words := Words(kind, chosen(name, transliteration))
	return keyOf(words), bonesOf(words)
}

func keyOf(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = skeleton(w)
	}
	return joined(all)
}

func bonesOf(words []string) string {
	var all []string
	for _, w := range words {
		all = append(all, bones(w)...)
	}
	return joined(all)
}

// Words are the words of a name that tell it from others, in Latin letters where we know how to write them so: folded,
// without titles or legal forms.
func Words(kind Kind, name string) []string {
	name = latinLookalikes(visible(clip(name)))
	var words []string
	for _, field := range strings.Fields(breakHan(name)) {
		words = append(words, strings.Fields(geo.Fold(transliterate(field)))...)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if kind == Organization {
		return withoutForms(words)
	}
	return withoutTitles(syllables(words))
}

// Tight is a name as it is written, folded: what differs only in signs that nobody sees, in case or in diacritics.
func Tight(name string) string {
	return geo.Fold(latinLookalikes(visible(clip(name))))
}

// Disguised says whether a name holds characters that cannot be seen, or letters of one script among those of another
// that they look like.
func Disguised(name string) bool {
	shown := visible(name)
	return norm.NFC.String(shown) != norm.NFC.String(name) || latinLookalikes(shown) != norm.NFKC.String(shown)
}

func clip(name string) string {
	if len(name) > longest {
		name = name[:longest]
	}
	return strings.ToValidUTF8(name, "")
}

// chosen is the transliteration where there is one in Latin letters and the name is in others.
func chosen(name, transliteration string) string {
	if transliteration != "" && !hasScript(name, unicode.Latin) && hasScript(transliteration, unicode.Latin) {
		return transliteration
	}
	return name
}

func hasScript(text string, script *unicode.RangeTable) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(script, r) })
}

// visible drops what takes no room: joiners, direction marks, tags, fillers.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u034f', r == '\u2800',
			unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Variation_Selector):
			return -1
		}
		return r
	}, text)
}

func joined(words []string) string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	slices.Sort(words)
	return strings.Join(words, " ")
}
