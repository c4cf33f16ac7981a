package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// smallestChange is what a suggested wording of a passage changes: the words of the passage, from Start on, in
// whose place the replacement stands. What only adds takes the word beside it along, so that it has words to
// hold on to; only in an empty passage the quote is empty.
func smallestChange(passage, suggested string) (a Anchor, replacement string) {
	old, fresh := tokens(passage), tokens(suggested)
	head := 0
	for head < len(old) && head < len(fresh) && old[head] == fresh[head] {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(fresh)-head && old[len(old)-1-tail] == fresh[len(fresh)-1-tail] {
		tail++
	}
	for head+tail > 0 && blank(old[head:len(old)-tail]) {
		if head > 0 {
			head--
		} else {
			tail--
		}
	}
	a.Quote = strings.Join(old[head:len(old)-tail], "")
	a.Start = utf8.RuneCountInString(strings.Join(old[:head], ""))
	a.Length = utf8.RuneCountInString(a.Quote)
	return a, strings.Join(fresh[head:len(fresh)-tail], "")
}

func blank(words []string) bool {
	return strings.TrimFunc(strings.Join(words, ""), unicode.IsSpace) == ""
}

// applied is the present text of the passage with the replacement in it. Where the words were changed since they
// were suggested upon, the error is errs.Conflict and says what stood there, what stands there and what was suggested.
func (t *Thread) applied(text string, there bool) (string, error) {
	now := t.present(text)
	if !there || t.Touched || now != t.Quote {
		return "", errs.E(errs.Conflict, "comment.suggestion.moved_on", "Then", t.Quote, "Now", now, "Suggested", t.Replacement)
	}
	letters := []rune(text)
	return string(letters[:t.Start]) + t.Replacement + string(letters[t.Start+t.Length:]), nil
}

// acceptable is nil where the text could become the passage's: an edit would take it, and it brings nothing that may
// not go out, such as a merge field without its braces. What is still to be completed may be suggested. The fields of
// the error are all the suggestion's.
func acceptable(d Document, current wording, key, text string) error {
	var wrong []errs.Field
	after, err := Changes{Segments: map[string]string{key: text}}.apply(d, current)
	if e := errs.Find(err); e != nil && len(e.Fields) > 0 {
		wrong = e.Fields
	} else if err != nil {
		return err
	}
	had := map[string]int{}
	for _, f := range problemsOf(current.segments) {
		had[f.Key]++
	}
	for _, f := range problemsOf(after.segments) {
		if had[f.Key]--; had[f.Key] < 0 && !unfinished[f.Key] {
			wrong = append(wrong, f)
		}
	}
	for i := range wrong {
		wrong[i].Name = "suggestion"
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// unfinished are the problems that somebody may yet mend.
var unfinished = map[string]bool{
	"document.problem.empty_link": true, "document.problem.placeholder": true, "document.problem.reading_without_url": true,
}

// maxNearest bounds the search for words that are most alike, in tokens.
const maxNearest = 2000

// nearest are the words of a text that are most like a quote that does not stand in it, "" where none are.
func nearest(text, quote string) string {
	have, want := tokens(text), wordSets([]string{quote})[0]
	length := min(len(tokens(quote)), len(have))
	if len(want) == 0 || len(have) > maxNearest {
		return ""
	}
	best, score := 0, 0
	for i := 0; i+length <= len(have); i++ {
		if n := shared(wordSets([]string{strings.Join(have[i:i+length], "")})[0], want); n > score {
			best, score = i, n
		}
	}
	if score < 400 {
		return ""
	}
	return strings.TrimSpace(strings.Join(have[best:best+length], ""))
}

// sameWords finds a quote whose spaces, letter case or quotation marks differ from the text's, as they do after
// copying, and gives it as the text has it; "" where it is not there, or not just once.
func sameWords(text, quote string) string {
	var kept []int // for each kept character of the text, where it stands
	fold := func(s string, note bool) string {
		var b strings.Builder
		for i, r := range []rune(s) {
			switch {
			case unicode.IsSpace(r) || strings.ContainsRune("\"'“”‘’«»„*_`", r):
				continue
			case note:
				kept = append(kept, i)
			}
			b.WriteRune(unicode.ToLower(r))
		}
		return b.String()
	}
	plain, wanted := fold(text, true), fold(quote, false)
	at, times := find(plain, wanted)
	if times != 1 {
		return ""
	}
	letters := []rune(text)
	return string(letters[kept[at] : kept[at+utf8.RuneCountInString(wanted)-1]+1])
}
