package contact

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/geo"
)

// match is a condition on the words of a search document: one of the types below, which each database writes in its
// own way. Nil holds for every document.
type match any

// The conditions: a word, a word that begins so, all of them, one of them, none of it.
type (
	exactly string
	begins  string
	allOf   []match
	oneOf   []match
	not     struct{ match }
)

// nothing holds for no document.
func nothing() match { return oneOf{} }

// both joins conditions of which either may be nil.
func both(a, b match) match {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	if list, ok := a.(allOf); ok {
		return append(slices.Clone(list), b)
	}
	return allOf{a, b}
}

func oneWordOf(prefix string, values []string) match {
	m := make(oneOf, len(values))
	for i, v := range values {
		m[i] = exactly(prefix + v)
	}
	return m
}

// longestQuery is how many words of a query are searched, and how many that signs part in each of them; what follows is not.
const longestQuery = 12

// queryMatch wants every word of the query somewhere, in any order: in names, and in notes and addresses
// too where everything says so.
func queryMatch(query string, everything bool, normalize func(string) (string, error)) match {
	words := strings.Fields(query)
	var all match
	for _, word := range words[:min(len(words), longestQuery)] {
		all = both(all, wordMatch(word, everything, normalize))
	}
	return all
}

func wordMatch(word string, everything bool, normalize func(string) (string, error)) match {
	var either oneOf
	if names := foldedMatch(word, ""); names != nil {
		either = append(either, names)
		if everything {
			either = append(either, foldedMatch(word, ofNotes))
		}
	}
	if everything {
		either = append(either, addressMatch(word, normalize)...)
	}
	if len(either) == 1 {
		return either[0]
	}
	return either
}

// foldedMatch is nil for a word of signs that no name has.
func foldedMatch(word, of string) match {
	var parts []string
	for _, folded := range strings.Fields(geo.Fold(word)) {
		parts = append(parts, pieces(folded)...)
	}
	var all match
	for _, piece := range parts[:min(len(parts), longestQuery)] {
		piece = clip(piece, longestWord)
		switch {
		case unspaced(firstRune(piece)):
			all = both(all, runMatch([]rune(piece), of))
		case withoutArticle(piece) != "":
			all = both(all, oneOf{begins(of + piece), exactly(of + withoutArticle(piece))})
		default:
			all = both(all, begins(of+piece))
		}
	}
	return all
}

// runMatch finds characters that stand together.
func runMatch(run []rune, of string) match {
	if len(run) <= longestRun {
		return begins(of + string(run))
	}
	var all match
	for i := range len(run) - longestRun + 1 {
		all = both(all, begins(of+string(run[i:i+longestRun])))
	}
	return all
}

// addressMatch also takes the spelling under which an address is kept.
func addressMatch(word string, normalize func(string) (string, error)) []match {
	typed := addressWord(strings.TrimLeft(word, "@"))
	if typed == "" {
		return nil
	}
	all := []match{begins(ofAddress + clip(typed, 4*longestWord))}
	if kept, err := normalize(word); err == nil && addressWord(kept) != typed {
		all = append(all, exactly(ofAddress+clip(addressWord(kept), 4*longestWord)))
	}
	return all
}
