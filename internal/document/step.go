package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// Step is one change of a questionnaire's structure. What it cannot do is errs.Invalid at the form's field.
type Step func(*surveyStructure) error

// take makes the changes one after the other.
func (st *surveyStructure) take(steps []Step) error {
	for _, step := range steps {
		if err := step(st); err != nil {
			return err
		}
	}
	return nil
}

// AddQuestion adds a question at the end of its section. It gets the next id that was never used.
func AddQuestion(q QuestionDefinition, items []string) Step {
	return func(st *surveyStructure) error {
		if strings.TrimSpace(q.Text) == "" {
			return errs.InvalidFields(errs.FieldError("new_text", "field.required"))
		}
		if !isKind(q.Type) {
			return errs.InvalidFields(errs.FieldError("new_kind", "field.choice"))
		}
		if HasItems(q.Type) && len(items) == 0 {
			return errs.InvalidFields(errs.FieldError("new_items", "document.question.items_missing"))
		}
		if q.Section != "" && st.section(q.Section) == nil {
			return errs.InvalidFields(errs.FieldError("new_section", "field.choice"))
		}
		q.ID = st.freeID("q")
		st.Questions = append(st.Questions, q)
		st.addItems(q.ID, items)
		st.sort()
		return nil
	}
}

// MoveQuestion moves a question up (-1) or down (1), past the edge of its section into the neighbouring one.
func MoveQuestion(id string, by int) Step {
	return func(st *surveyStructure) error {
		st.sort()
		at := slices.IndexFunc(st.Questions, func(q QuestionDefinition) bool { return q.ID == id })
		if at < 0 {
			return unknownPart(id)
		}
		q := &st.Questions[at]
		to := at + by
		if to >= 0 && to < len(st.Questions) && st.Questions[to].Section == q.Section {
			st.Questions[at], st.Questions[to] = st.Questions[to], st.Questions[at]
			return nil
		}
		section, ok := st.neighbour(q.Section, by)
		if !ok {
			return nil
		}
		moved := *q
		moved.Section = section
		st.Questions = slices.Delete(st.Questions, at, at+1)
		if by > 0 { // the first of the next section
			st.Questions = slices.Insert(st.Questions, 0, moved)
		} else {
			st.Questions = append(st.Questions, moved)
		}
		st.sort()
		return nil
	}
}

// neighbour is the section before or after one; "" stands before all of them.
func (d *Definition) neighbour(section string, by int) (string, bool) {
	order := []string{""}
	for _, s := range d.Sections {
		order = append(order, s.ID)
	}
	to := slices.Index(order, section) + by
	if to < 0 || to >= len(order) {
		return "", false
	}
	return order[to], true
}

// RemoveQuestion takes a question out. Its id is never given to another.
func RemoveQuestion(id string) Step {
	return func(st *surveyStructure) error {
		if st.question(id) == nil {
			return unknownPart(id)
		}
		st.Questions = slices.DeleteFunc(st.Questions, func(q QuestionDefinition) bool { return q.ID == id })
		return nil
	}
}

// SetQuestion gives a question its kind, its section, and whether an "other" item closes its list. Items that
// the kind does not have are taken out.
func SetQuestion(id, kind, section string, other bool) Step {
	return func(st *surveyStructure) error {
		q := st.question(id)
		if q == nil {
			return unknownPart(id)
		}
		if !isKind(kind) {
			return errs.InvalidFields(errs.FieldError("kind", "field.choice"))
		}
		if section != "" && st.section(section) == nil {
			return errs.InvalidFields(errs.FieldError("section", "field.choice"))
		}
		q.Type, q.Section = kind, section
		if !HasItems(kind) {
			q.Items, q.Other = nil, nil
			return nil
		}
		if q.Other = nil; !other {
			q.Other = &other
		}
		return nil
	}
}

// SetWords gives a question texts that it may lack.
func SetWords(id, preamble, followUp string) Step {
	return func(st *surveyStructure) error {
		q := st.question(id)
		if q == nil {
			return unknownPart(id)
		}
		q.Preamble, q.FollowUp = preamble, followUp
		return nil
	}
}

// AddItems adds items at the end of a question's list.
func AddItems(question string, texts []string) Step {
	return func(st *surveyStructure) error {
		q := st.question(question)
		if q == nil {
			return unknownPart(question)
		}
		if len(texts) > 0 && !HasItems(q.Type) {
			return errs.InvalidFields(errs.FieldError("items", "document.question.items_not_here"))
		}
		st.addItems(question, texts)
		if HasItems(q.Type) && len(q.Items) == 0 {
			return errs.InvalidFields(errs.FieldError("items", "document.question.items_missing"))
		}
		return nil
	}
}

func (st *surveyStructure) addItems(question string, texts []string) {
	for _, text := range texts {
		item := ItemDefinition{ID: st.freeItemID(question), Text: text}
		q := st.question(question)
		q.Items = append(q.Items, item)
	}
}

// MoveItem moves an item up (-1) or down (1) within its list.
func MoveItem(id string, by int) Step {
	return func(st *surveyStructure) error {
		items, at := st.item(id)
		if at < 0 {
			return unknownPart(id)
		}
		moveBy(items, at, by)
		return nil
	}
}

// RemoveItem takes an item out; the last one stays, because its question would have nothing to answer.
func RemoveItem(id string) Step {
	return func(st *surveyStructure) error {
		for i := range st.Questions {
			q := &st.Questions[i]
			at := slices.IndexFunc(q.Items, func(item ItemDefinition) bool { return item.ID == id })
			switch {
			case at < 0:
				continue
			case len(q.Items) == 1:
				return errs.InvalidFields(errs.FieldError(id+".text", "document.question.items_missing"))
			}
			q.Items = slices.Delete(q.Items, at, at+1)
			return nil
		}
		return unknownPart(id)
	}
}

func (d *Definition) item(id string) ([]ItemDefinition, int) {
	for _, q := range d.Questions {
		if at := slices.IndexFunc(q.Items, func(item ItemDefinition) bool { return item.ID == id }); at >= 0 {
			return q.Items, at
		}
	}
	return nil, -1
}

// SetClosing says whether a free-form question closes the questionnaire, and how it is worded; "" is the usual wording.
func SetClosing(on bool, text string) Step {
	return func(st *surveyStructure) error {
		st.OtherText = text
		if st.Other = nil; !on {
			st.Other, st.OtherText = &on, ""
		}
		return nil
	}
}

// AddSection adds a section after the others.
func AddSection(title, text string) Step {
	return func(st *surveyStructure) error {
		if strings.TrimSpace(title) == "" {
			return errs.InvalidFields(errs.FieldError("section_title", "field.required"))
		}
		st.Sections = append(st.Sections, SectionDefinition{ID: st.freeID("s"), Title: title, Text: text})
		return nil
	}
}

// SetSection gives a section its words.
func SetSection(id, title, text string) Step {
	return func(st *surveyStructure) error {
		s := st.section(id)
		if s == nil {
			return unknownPart(id)
		}
		s.Title, s.Text = title, text
		return nil
	}
}

// MoveSection moves a section with its questions up (-1) or down (1).
func MoveSection(id string, by int) Step {
	return func(st *surveyStructure) error {
		at := slices.IndexFunc(st.Sections, func(s SectionDefinition) bool { return s.ID == id })
		if at < 0 {
			return unknownPart(id)
		}
		moveBy(st.Sections, at, by)
		st.sort()
		return nil
	}
}

// RemoveSection takes a heading away. Its questions stay where they are read, in the section before.
func RemoveSection(id string) Step {
	return func(st *surveyStructure) error {
		st.sort()
		before, ok := st.neighbour(id, -1)
		if !ok || st.section(id) == nil {
			return unknownPart(id)
		}
		for i := range st.Questions {
			if st.Questions[i].Section == id {
				st.Questions[i].Section = before
			}
		}
		st.Sections = slices.DeleteFunc(st.Sections, func(s SectionDefinition) bool { return s.ID == id })
		return nil
	}
}

// MoveReading moves an item of the reading list up (-1) or down (1).
func MoveReading(number, by int) Step {
	return func(st *surveyStructure) error {
		at := slices.IndexFunc(st.Reading, func(r ReadingDefinition) bool { return r.Number == number })
		if at < 0 {
			return unknownPart(strconv.Itoa(number))
		}
		moveBy(st.Reading, at, by)
		return nil
	}
}

// RemoveReading takes an item out of the reading list.
func RemoveReading(number int) Step {
	return func(st *surveyStructure) error {
		before := len(st.Reading)
		st.Reading = slices.DeleteFunc(st.Reading, func(r ReadingDefinition) bool { return r.Number == number })
		if len(st.Reading) == before {
			return unknownPart(strconv.Itoa(number))
		}
		return nil
	}
}

func unknownPart(id string) error {
	return errs.E(errs.NotFound, "document.question.unknown", "ID", id)
}

// freeID is the first id of this form that nothing has or had.
func (st *surveyStructure) freeID(prefix string) string { return freeFrom(prefix, st.free) }

func (st *surveyStructure) freeItemID(question string) string { return freeItem(question, st.free) }

func freeFrom(prefix string, free func(string) bool) string {
	for n := 1; ; n++ {
		if id := prefix + strconv.Itoa(n); free(id) {
			return id
		}
	}
}

// freeItem goes on with letters, q3a to q3z, and then with numbers, q3_27.
func freeItem(question string, free func(string) bool) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s_%d", question, n)
		if n <= 26 {
			id = question + string(rune('a'+n-1))
		}
		if free(id) {
			return id
		}
	}
}

// free says whether nothing has or had an id.
func (st *surveyStructure) free(id string) bool {
	_, taken := st.ids()[id]
	_, spent := st.Spent[id]
	return !taken && !spent
}
