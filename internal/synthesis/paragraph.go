package synthesis

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// Paragraph is a paragraph of the draft and what it rests on.
type Paragraph struct {
	ID        int64
	CycleID   int64
	Section   string // the id of the question under which it stands, or Findings
	Position  int    // from 1, in its section
	Text      string // Markdown, without headings
	Version   int    // counts the wordings, from 1
	WrittenBy *int64
	WrittenAt time.Time
	Excerpts  []int64 `gorm:"-"` // whom it cites, in the order of their ids
}

// Findings is the section that opens the draft and belongs to no question.
const Findings = "findings"

// write replaces the wording and what it cites, if base is the version that the writer had read.
func (p *Paragraph) write(base int, text string, excerpts []int64) error {
	if base != p.Version {
		return errs.E(errs.Conflict, "synthesis.paragraph.newer")
	}
	text = strings.TrimSpace(plain(strings.ReplaceAll(text, "\r\n", "\n")))
	if problem := wrongText(text); problem != "" {
		return errs.InvalidFields(errs.FieldError("text", problem, "Max", maxParagraph))
	}
	excerpts = slices.Compact(slices.Sorted(slices.Values(excerpts)))
	p.Text, p.Excerpts, p.Version = text, excerpts, p.Version+1
	return nil
}

func wrongText(text string) string {
	switch {
	case text == "":
		return "field.required"
	case !utf8.ValidString(text):
		return "contribution.text.encoding"
	case utf8.RuneCountInString(text) > maxParagraph:
		return "field.too_long"
	case hasHeading(text):
		return "synthesis.paragraph.heading"
	}
	return ""
}

// ProblemKind says why a paragraph cannot be compiled.
type ProblemKind string

// What keeps a draft from being compiled.
const (
	CitesNothing   ProblemKind = "cites_nothing"
	CitesWithdrawn ProblemKind = "cites_withdrawn" // a contribution that its author took back
	WordsChanged   ProblemKind = "words_changed"   // its author corrected what was marked
)

// Problem is what keeps a draft from being compiled.
type Problem struct {
	Paragraph int64
	Number    int // its place in the draft
	Kind      ProblemKind
}
