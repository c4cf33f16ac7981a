package document

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// What a questionnaire may have. More is refused with a message.
const (
	maxQuestions = 200
	maxItems     = 100
	maxSections  = 50
	maxList      = 200 // paragraphs, and items of the reading list
)

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// checking collects what is wrong with a definition.
type checking struct {
	wrong []errs.Field
	seen  map[string]bool
}

// check cleans the texts, puts the questions in order and says what is wrong, each at its place in a file.
// A passage that is wrong is named by its key, as where it is edited.
func (d *Definition) check() error {
	d.tidy()
	c := &checking{seen: map[string]bool{}}
	c.sections(d)
	if len(d.Questions) == 0 {
		c.add("questions", "field.required")
	}
	for i, q := range d.Questions {
		c.question("questions."+strconv.Itoa(i+1), q, d)
	}
	c.atMost("questions", len(d.Questions), maxQuestions)
	c.atMost("overview", len(d.Overview), maxList)
	c.atMost("relevant_reading", len(d.Reading), maxList)
	d.walk(func(p passage) {
		switch n := utf8.RuneCountInString(*p.text); {
		case n == 0 && p.kind != URL && !p.optional:
			c.add(p.key, "field.required")
		case n > maxSegment:
			c.add(p.key, "field.too_long", "Max", maxSegment)
		}
	})
	if len(c.wrong) > 0 {
		return errs.InvalidFields(c.wrong[:min(len(c.wrong), maxProblems)]...)
	}
	return nil
}

func (d *Definition) tidy() {
	if !d.Closes() {
		d.OtherText = ""
	}
	d.walk(func(p passage) { *p.text = strings.TrimSpace(cleanText(*p.text)) })
	for i := range d.Reading {
		d.Reading[i].Complete = d.Reading[i].URL != ""
	}
	d.sort()
}

func (c *checking) add(name, key string, args ...any) {
	c.wrong = append(c.wrong, errs.FieldError(name, key, args...))
}

func (c *checking) atMost(name string, n, most int) {
	if n > most {
		c.add(name, "document.question.too_many", "Max", most)
	}
}

func (c *checking) sections(d *Definition) {
	c.atMost("sections", len(d.Sections), maxSections)
	for i, s := range d.Sections {
		c.id("sections."+strconv.Itoa(i+1), s.ID)
	}
}

// reserved are the words by which passages of the whole are named.
var reserved = map[string]bool{
	"title": true, "call": true, "overview": true, "reading": true, "section": true, "questions": true, "order": true, otherKey: true,
}

// id must be new, and no word that a passage of the whole is named by.
func (c *checking) id(name, id string) {
	switch {
	case !idPattern.MatchString(id):
		c.add(name+".id", "document.question.id_form")
	case reserved[id]:
		c.add(name+".id", "document.question.id_reserved", "ID", id)
	case c.seen[id]:
		c.add(name+".id", "document.question.id_twice", "ID", id)
	}
	c.seen[id] = true
}

func (c *checking) question(name string, q QuestionDefinition, d *Definition) {
	c.id(name, q.ID)
	switch {
	case !isKind(q.Type):
		c.add(name+".type", "document.question.type", "Type", q.Type)
	case HasItems(q.Type) && len(q.Items) == 0:
		c.add(name+".items", "document.question.items_missing")
	case !HasItems(q.Type) && len(q.Items) > 0:
		c.add(name+".items", "document.question.items_not_here")
	}
	if q.Section != "" && d.section(q.Section) == nil {
		c.add(name+".section", "document.question.section_unknown", "ID", q.Section)
	}
	c.atMost(name+".items", len(q.Items), maxItems)
	for j, item := range q.Items {
		c.id(name+".items."+strconv.Itoa(j+1), item.ID)
	}
}
