package contact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/geo"
)

// The words of a contact's search document say by their first sign what they are of. Those of names
// have none: geo.Fold leaves letters and digits only, so that they can be nothing else.
const (
	ofNotes   = "~"
	ofAddress = "@"
)

const (
	longestWord = 64 // in characters; what follows is not searched
	longestRun  = 4  // characters of a script without spaces that stand together as a word
)

// textWords are the words by which a text is found, some of them twice: folded, each with and without what people leave
// out when they type. Words of scripts without spaces give one from each of their characters on, so
// that every character and every sequence begins a word.
func textWords(text string) []string {
	var all []string
	add := func(word string) {
		if word = clip(word, longestWord); word != "" {
			all = append(all, word)
		}
	}
	for _, word := range foldedWords(text) {
		for _, piece := range pieces(word) {
			if !unspaced(firstRune(piece)) {
				add(piece)
				add(withoutArticle(piece))
				continue
			}
			run := []rune(piece)
			for i := range run {
				add(string(run[i:min(i+longestRun, len(run))]))
			}
		}
	}
	return all
}

// foldedWords folds a text, and again with the signs as gaps that folding lets vanish: "d'Ivoire" is
// found by "divoire" and by "ivoire".
func foldedWords(text string) []string {
	words := strings.Fields(geo.Fold(text))
	if !strings.ContainsFunc(text, joins) {
		return words
	}
	apart := strings.Map(func(r rune) rune {
		if joins(r) {
			return ' '
		}
		return r
	}, text)
	return append(words, strings.Fields(geo.Fold(apart))...)
}

// joins says of a sign that it vanishes in folding, though people may leave a space for it.
func joins(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', '`', '´', '.':
		return true
	}
	return false
}

// pieces parts a word where a script without spaces begins or ends.
func pieces(word string) []string {
	var all []string
	start, was := 0, unspaced(firstRune(word))
	for i, r := range word {
		if is := unspaced(r); is != was {
			all = append(all, word[start:i])
			start, was = i, is
		}
	}
	return append(all, word[start:])
}

// unspaced says of a letter that its script writes words without spaces between them.
func unspaced(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

// withoutArticle is an Arabic word without its article and what is written together with it; "" for
// a word that has none.
func withoutArticle(word string) string {
	for _, article := range []string{"وال", "بال", "كال", "فال", "ال", "لل"} {
		if rest, ok := strings.CutPrefix(word, article); ok && utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	return ""
}

// addressWords are the words by which an address is found: itself and so its local part, the later
// parts of the local part, the domain and everything above it.
func addressWords(email string) []string {
	email = addressWord(email)
	local, domain, _ := strings.Cut(email, "@")
	all := []string{clip(email, 4*longestWord)}
	for _, part := range strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune(".-_+", r) }) {
		if !strings.HasPrefix(email, part) && !slices.Contains(all, part) {
			all = append(all, part)
		}
	}
	for domain != "" {
		all = append(all, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return all
}

// addressWord writes an address, or what somebody typed of one, in the signs that words may have.
func addressWord(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(".-_+@", r):
			return r
		case unicode.In(r, unicode.Mn, unicode.Mc):
			return r
		}
		return '_'
	}, strings.ToLower(text))
}

// facetWord is a word for a filter by a value that may be any text.
func facetWord(value string) string {
	return clip(strings.ReplaceAll(geo.Fold(value), " ", "_"), longestWord)
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	n := 0
	for i := range text {
		if n == limit {
			return text[:i]
		}
		n++
	}
	return text
}
