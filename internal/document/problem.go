package document

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/convoke/convoke/internal/errs"
)

var (
	emptyLink   = regexp.MustCompile(`(?i)\[\s*links?\s+(?:is\s+|are\s+)?(?:still\s+)?(?:to be (?:completed|added)|to come|to follow|here|missing|tbd|tba|tbc)\s*\]|\[\s*insert\s+(?:the\s+)?(?:link|url)(?:\s+here)?\s*\]|\(\s*links?\s+to\s+(?:follow|come|be\s+added)\s*\)`)
	hollowLink  = regexp.MustCompile(`\[[^\]\n]+\]\(\s*(?:#|<>)?\s*\)`)
	laterWords  = regexp.MustCompile(`(?i)\bto be (?:completed|confirmed|announced|decided|defined)\b|\blorem ipsum\b`)
	placeholder = regexp.MustCompile(`\b(?:TODO|FIXME|XXX+)\b|(?i:\bT\.?B\.?[DCA]\b)`)
	ellipsis    = regexp.MustCompile(`[\[［【]\s*(?:…+|\.{2,})\s*[\]］】]`)
	underscores = regexp.MustCompile(`(?m)^.*_{4,}.*$`)
)

// maxProblems is where listing stops: nobody reads more, and a paste of braces has thousands.
const maxProblems = 200

// problemsOf lists every place of a text that must not go out as it is, in order.
func problemsOf(segments []Segment) []errs.Field {
	texts := textsOf(segments)
	var found []errs.Field
	for _, s := range segments {
		if s.Kind == URL {
			found = append(found, urlProblems(s, texts)...)
			continue
		}
		found = append(found, textProblems(s)...)
	}
	return found[:min(len(found), maxProblems)]
}

// urlProblems looks at an item of the reading list; the item is named by its title too.
func urlProblems(s Segment, texts map[string]string) []errs.Field {
	title := texts[strings.TrimSuffix(s.Key, ".url")+".title"]
	problem := func(key string) []errs.Field {
		return []errs.Field{errs.FieldError(s.Key, key, "Place", Place(s.Key), "Title", title, "Text", s.Text)}
	}
	switch {
	case s.Text == "":
		return problem("document.problem.reading_without_url")
	case emptyLink.MatchString(s.Text), laterWords.MatchString(s.Text), placeholder.MatchString(s.Text):
		return problem("document.problem.empty_link")
	case !isWebAddress(s.Text):
		return problem("document.problem.url")
	}
	return nil
}

func textProblems(s Segment) []errs.Field {
	return append(wordingProblems(s), fieldProblems(s)...)
}

// wordingProblems are those that have nothing to do with merge fields, except in links.
func wordingProblems(s Segment) []errs.Field {
	var found []errs.Field
	add := func(key, text string) {
		found = append(found, errs.FieldError(s.Key, key, "Place", Place(s.Key), "Text", text))
	}
	rest := strings.Map(seen, s.Text)
	for _, pattern := range []*regexp.Regexp{emptyLink, hollowLink} {
		rest = pattern.ReplaceAllStringFunc(rest, func(m string) string {
			add("document.problem.empty_link", m)
			return " "
		})
	}
	blanks, links := bracketBlanks(rest)
	for i, piece := range blanks {
		if links[i] {
			add("document.problem.empty_link", piece)
		} else {
			add("document.problem.placeholder", piece)
		}
	}
	for _, piece := range braceBlanks(rest) {
		found = append(found, errs.FieldError(s.Key, "document.problem.braces", "Place", Place(s.Key), "Text", piece, "Example", "{{deadline}}"))
	}
	for _, pattern := range []*regexp.Regexp{laterWords, placeholder, ellipsis, underscores} {
		for _, m := range pattern.FindAllString(rest, -1) {
			if strings.Trim(m, "_ ") != "" || pattern != underscores { // a line of nothing else is a rule
				add("document.problem.placeholder", beginning(m))
			}
		}
	}
	if s.Kind == Markdown {
		for _, bad := range badLinks(rest) {
			add(bad.problem, bad.piece)
		}
		for _, lost := range lostIn(s.Text) {
			add(lost.problem, lost.piece)
		}
	}
	return append(found, bidiProblem(s)...)
}

// seen drops what cannot be seen, so that it parts no word.
func seen(r rune) rune {
	if errs.Invisible(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner && !unicode.IsControl(r) {
		return -1
	}
	return r
}

func fieldProblems(s Segment) []errs.Field {
	var found []errs.Field
	for _, m := range marks(s.Text) {
		switch {
		case m.unbalanced:
			found = append(found, errs.FieldError(s.Key, "document.problem.unbalanced",
				"Place", Place(s.Key), "Text", around(s.Text, m.start)))
		case !m.known():
			found = append(found, errs.FieldError(s.Key, "document.problem.unknown_field",
				"Place", Place(s.Key), "Text", s.Text[m.start:m.end], "Known", Fields()))
		case !s.takes(m.name):
			found = append(found, errs.FieldError(s.Key, "document.problem.field_here", "Place", Place(s.Key), "Text", s.Text[m.start:m.end]))
		}
	}
	return found
}

// takes says whether a merge field is filled in there: in a questionnaire none is, and a personal link has no place in
// a subject, which others see too.
func (s Segment) takes(field string) bool {
	return s.Kind == Markdown || isSubject(s.Key) && !isLink(field)
}

// around is a short piece of the text from a byte offset on.
func around(text string, at int) string {
	piece := []rune(text[at:min(len(text), at+120)])
	return strings.ToValidUTF8(string(piece[:min(len(piece), 30)]), "")
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, " \t\n[]<>\"")
}

// isTarget says whether a link of a message may point there: an address with its scheme, or a
// merge field that is a link.
func isTarget(s string) bool {
	if found := marks(s); len(found) > 0 {
		first := found[0]
		if !first.known() {
			return true // told as a field
		}
		return isLink(first.name) && wholeField(s) == first.name
	}
	u, err := url.Parse(s)
	return err == nil && (isWebAddress(s) || u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"))
}
