// Package synthesis makes one text of many contributions: passages are marked as excerpts and tagged, paragraphs are
// written that cite them, and the paragraphs are compiled into the draft of the output document, on which the
// community then comments as on every other text.
//
// Nothing that the public may not read leaves this room in a draft: of a contribution that is not published, a draft
// says only that there was one. Where a contribution is withdrawn, its excerpts lose their words, and a draft that
// still cites them cannot be compiled.
package synthesis

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// Limits in characters, and in tags.
const (
	maxQuote     = 5_000
	maxNote      = 1_000
	maxTag       = 40
	maxTags      = 12
	maxParagraph = 8_000
)

// Excerpt is a passage of an answer that somebody marked.
type Excerpt struct {
	ID             int64
	CycleID        int64
	ContributionID int64
	Question       string // the key of the answer
	Quote          string // the words as they stood when they were marked; "" of a withdrawn contribution
	Start          int    // where they began then, in characters
	Note           string // for those who work on the synthesis
	MarkedBy       *int64
	MarkedAt       time.Time
	WithdrawnAt    *time.Time // when its contribution was withdrawn
	Tags           []string   `gorm:"-"` // in alphabetical order
}

// withdraw forgets the words of somebody who took the contribution back.
func (e *Excerpt) withdraw(at time.Time) {
	e.Quote, e.Note, e.WithdrawnAt = "", "", &at
}

// retag gives other tags and another note.
func (e *Excerpt) retag(tags []string, note string) error {
	if e.WithdrawnAt != nil {
		return errs.E(errs.Conflict, "synthesis.excerpt.withdrawn")
	}
	tags, problem := cleanTags(tags)
	note = strings.TrimSpace(plain(note))
	var wrong []errs.Field
	if problem != "" {
		wrong = append(wrong, errs.FieldError("tags", problem, "Max", maxTag, "Count", maxTags))
	}
	switch {
	case !utf8.ValidString(note):
		wrong = append(wrong, errs.FieldError("note", "contribution.text.encoding"))
	case utf8.RuneCountInString(note) > maxNote:
		wrong = append(wrong, errs.FieldError("note", "field.too_long", "Max", maxNote))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	e.Tags, e.Note = tags, note
	return nil
}

// cleanTags writes tags alike: small letters, hyphens for spaces, each once, in alphabetical order. The second
// result is the key of what is wrong with them, "" for nothing.
func cleanTags(tags []string) ([]string, string) {
	var out []string
	for _, tag := range tags {
		tag = strings.Join(strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return !isTagLetter(r) }), "-")
		if tag == "" {
			continue
		}
		if utf8.RuneCountInString(tag) > maxTag {
			return nil, "synthesis.tag.too_long"
		}
		out = append(out, tag)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > maxTags {
		return nil, "synthesis.tag.too_many"
	}
	return out, ""
}

func isTagLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// SplitTags reads tags as people type them: commas, semicolons and line ends separate, in any script.
func SplitTags(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n،؛，；、", r) })
}

// plain is text without the control characters that come from pasting, of which a database takes not all. Text that is not UTF-8
// stays as it is, to be refused.
func plain(text string) string {
	if !utf8.ValidString(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// findable says whether any stored text can be equal to this one, which came in an address and may be anything.
func findable(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !utf8.ValidString(text) || strings.ContainsRune(text, 0) })
}
