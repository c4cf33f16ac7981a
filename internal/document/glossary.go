package document

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/geo"
)

// hints finds words of the glossary in texts of one language.
type hints struct{ terms []hintTerm }

type hintTerm struct {
	forms []string // in small letters
	hint  Hint
}

// anyField is what a glossary says nothing about.
var anyField = regexp.MustCompile(fieldPattern)

var inBrackets = regexp.MustCompile(`^(.*?)\s*\(([^)]+)\)\s*$`)

func newHints(glossary []geo.Term, source, target string) hints {
	var h hints
	for _, term := range glossary {
		from, to := term.Text[source], term.Text[target]
		if from == "" || to == "" {
			continue
		}
		forms := []string{strings.ToLower(from)}
		if m := inBrackets.FindStringSubmatch(from); m != nil {
			forms = []string{strings.ToLower(m[1]), strings.ToLower(m[2])}
		}
		forms = append(strings.Split(forms[0], " / "), forms[1:]...)
		h.terms = append(h.terms, hintTerm{forms: forms, hint: Hint{Source: from, Translation: to, Note: term.Note}})
	}
	return h
}

// in lists the terms that occur in a text as whole words.
func (h hints) in(text string) []Hint {
	text = strings.ToLower(anyField.ReplaceAllString(text, " "))
	var found []Hint
	for _, t := range h.terms {
		for _, form := range t.forms {
			if containsWord(text, form) {
				found = append(found, t.hint)
				break
			}
		}
	}
	return found
}

func containsWord(text, word string) bool {
	for at := 0; word != ""; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at+i])
		after, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text[at+i+len(word):], "s"))
		if !wordRune(before) && !wordRune(after) {
			return true
		}
		at += i + len(word)
	}
	return false
}

func wordRune(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
