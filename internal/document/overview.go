package document

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// AddParagraph adds a paragraph at the end of the overview: a text, or a list with an item for each of its lines. It gets
// the next number that was never used.
func AddParagraph(text string, list bool) Step {
	return func(st *surveyStructure) error {
		p := ParagraphDefinition{Text: text}
		if list {
			p = ParagraphDefinition{Items: Lines(text)}
		}
		if errs.Blank(p.Text) && len(p.Items) == 0 {
			return errs.InvalidFields(errs.FieldError("paragraph", "field.required"))
		}
		if utf8.RuneCountInString(text) > maxSegment {
			return errs.InvalidFields(errs.FieldError("paragraph", "field.too_long", "Max", maxSegment))
		}
		st.Overview = append(st.Overview, p)
		return nil
	}
}

// MoveParagraph moves a paragraph of the overview up (-1) or down (1).
func MoveParagraph(number, by int) Step {
	return func(st *surveyStructure) error {
		at, err := st.paragraph(number)
		if err != nil {
			return err
		}
		moveBy(st.Overview, at, by)
		return nil
	}
}

// RemoveParagraph takes a paragraph out of the overview. Its number is never given to another.
func RemoveParagraph(number int) Step {
	return func(st *surveyStructure) error {
		at, err := st.paragraph(number)
		if err == nil {
			st.Overview = slices.Delete(st.Overview, at, at+1)
		}
		return err
	}
}

// AddParagraphItems adds items at the end of a paragraph that is a list.
func AddParagraphItems(number int, items []string) Step {
	return func(st *surveyStructure) error {
		at, err := st.paragraph(number)
		if err != nil {
			return err
		}
		p := &st.Overview[at]
		if p.Items == nil && len(items) > 0 {
			return unknownPart(strconv.Itoa(number))
		}
		p.Items = append(p.Items, items...)
		return nil
	}
}

// RemoveParagraphItem takes an item out of a paragraph that is a list, and with the last one the paragraph.
func RemoveParagraphItem(number, item int) Step {
	return func(st *surveyStructure) error {
		at, err := st.paragraph(number)
		if err != nil {
			return err
		}
		p := &st.Overview[at]
		i := slices.Index(p.Numbers, item)
		switch {
		case i < 0:
			return unknownPart(strconv.Itoa(number) + "." + strconv.Itoa(item))
		case len(p.Items) == 1:
			st.Overview = slices.Delete(st.Overview, at, at+1)
		default:
			p.Items, p.Numbers = slices.Delete(p.Items, i, i+1), slices.Delete(p.Numbers, i, i+1)
		}
		return nil
	}
}

func (st *surveyStructure) paragraph(number int) (int, error) {
	at := slices.IndexFunc(st.Overview, func(p ParagraphDefinition) bool { return p.Number == number })
	if at < 0 {
		return at, unknownPart(strconv.Itoa(number))
	}
	return at, nil
}

// Lines are the lines of a text that say something.
func Lines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// moveBy lets something of a list change places with its neighbour, unless it stands at the end already.
func moveBy[T any](list []T, at, by int) {
	if to := at + by; to >= 0 && to < len(list) {
		list[at], list[to] = list[to], list[at]
	}
}
