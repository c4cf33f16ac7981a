package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/errs"
)

// Definition is the content of a questionnaire, as its YAML file writes it. What Convoke has no use
// for is kept in the Extra maps, so that nothing is lost between reading and writing.
type Definition struct {
	ID        string                `yaml:"id" json:"id"`
	Status    string                `yaml:"status,omitempty" json:"status,omitempty"`
	AsOf      string                `yaml:"as_of,omitempty" json:"as_of,omitempty"` // YYYY-MM-DD
	Language  string                `yaml:"language" json:"language"`               // BCP 47
	Title     string                `yaml:"title" json:"title"`
	Event     *EventDefinition      `yaml:"event,omitempty" json:"event,omitempty"`
	Call      CallDefinition        `yaml:"call" json:"call"`
	Overview  []ParagraphDefinition `yaml:"overview,omitempty" json:"overview,omitempty"`
	Reading   []ReadingDefinition   `yaml:"relevant_reading,omitempty" json:"relevant_reading,omitempty"`
	Questions []QuestionDefinition  `yaml:"questions" json:"questions"`
	Other     *bool                 `yaml:"other,omitempty" json:"other,omitempty"` // a closing free-form question; unset: yes
	Extra     map[string]any        `yaml:",inline" json:"extra,omitempty"`
}

// EventDefinition is the meeting that the questionnaire prepares.
type EventDefinition struct {
	Name  string `yaml:"name" json:"name"`
	Place string `yaml:"place,omitempty" json:"place,omitempty"`
	Start string `yaml:"start,omitempty" json:"start,omitempty"` // YYYY-MM-DD
	End   string `yaml:"end,omitempty" json:"end,omitempty"`
}

// CallDefinition is the call around the questions. Text comes before the questions, After says
// what will become of the answers.
type CallDefinition struct {
	SendOn   string              `yaml:"send_on_or_around,omitempty" json:"send_on_or_around,omitempty"` // YYYY-MM-DD
	Deadline *DeadlineDefinition `yaml:"deadline,omitempty" json:"deadline,omitempty"`
	Text     string              `yaml:"text,omitempty" json:"text,omitempty"`
	After    string              `yaml:"after,omitempty" json:"after,omitempty"`
	Format   *FormatRules        `yaml:"format_rules,omitempty" json:"format_rules,omitempty"`
	Extra    map[string]any      `yaml:",inline" json:"extra,omitempty"`
}

// DeadlineDefinition is the deadline as the file tells it; the cycle has the date that counts.
type DeadlineDefinition struct {
	Date           string         `yaml:"date" json:"date"` // YYYY-MM-DD
	Kind           string         `yaml:"kind,omitempty" json:"kind,omitempty"`
	DraftingBegins string         `yaml:"drafting_begins,omitempty" json:"drafting_begins,omitempty"`
	Extra          map[string]any `yaml:",inline" json:"extra,omitempty"`
}

// FormatRules are what contributors are asked to keep to.
type FormatRules struct {
	PagesMin   int            `yaml:"pages_min,omitempty" json:"pages_min,omitempty"`
	PagesMax   int            `yaml:"pages_max,omitempty" json:"pages_max,omitempty"`
	PDFAllowed bool           `yaml:"pdf_allowed" json:"pdf_allowed"`
	Extra      map[string]any `yaml:",inline" json:"extra,omitempty"`
}

// ParagraphDefinition is a paragraph of the overview, or a list.
type ParagraphDefinition struct {
	Text  string   `json:"text,omitempty"`
	Items []string `json:"items,omitempty"`
}

// ReadingDefinition is an item of the reading list. An empty URL is still to be found, and Complete
// follows from it.
type ReadingDefinition struct {
	Title    string         `yaml:"title" json:"title"`
	URL      string         `yaml:"url" json:"url"`
	Complete bool           `yaml:"complete" json:"-"`
	Extra    map[string]any `yaml:",inline" json:"extra,omitempty"`
}

// QuestionDefinition is a question. Items are the parts of a group or the options of a choice.
type QuestionDefinition struct {
	ID       string           `yaml:"id" json:"id"`
	Type     string           `yaml:"type" json:"type"`
	Topics   []string         `yaml:"topics,omitempty,flow" json:"topics,omitempty"`
	Preamble string           `yaml:"preamble,omitempty" json:"preamble,omitempty"`
	Text     string           `yaml:"text" json:"text"`
	FollowUp string           `yaml:"follow_up,omitempty" json:"follow_up,omitempty"`
	Items    []ItemDefinition `yaml:"items,omitempty" json:"items,omitempty"`
	Other    *bool            `yaml:"other,omitempty" json:"other,omitempty"` // a free-form "other" item; unset: yes where there are items
	Extra    map[string]any   `yaml:",inline" json:"extra,omitempty"`
}

// ItemDefinition is a part of a question.
type ItemDefinition struct {
	ID     string         `yaml:"id" json:"id"`
	Topics []string       `yaml:"topics,omitempty,flow" json:"topics,omitempty"`
	Text   string         `yaml:"text" json:"text"`
	Extra  map[string]any `yaml:",inline" json:"extra,omitempty"`
}

// The types of questions.
const (
	LongText       = "text"
	ShortText      = "short"
	SingleChoice   = "single"
	MultipleChoice = "multiple"
	Group          = "group"
	File           = "file"
)

const maxYAML = 1 << 20 // bytes

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// UnmarshalYAML reads a paragraph that is a text, or a mapping with items.
func (p *ParagraphDefinition) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&p.Text)
	}
	var list struct {
		Items []string `yaml:"items"`
	}
	if err := node.Decode(&list); err != nil {
		return err
	}
	p.Items = list.Items
	return nil
}

// MarshalYAML writes a paragraph as UnmarshalYAML reads it.
func (p ParagraphDefinition) MarshalYAML() (any, error) {
	if p.Items == nil {
		return p.Text, nil
	}
	return map[string]any{"items": p.Items}, nil
}

// ParseQuestionnaire reads a questionnaire from YAML. What is wrong with it is errs.Invalid with a
// field for every place; "yaml" is the field for what cannot be read at all.
func ParseQuestionnaire(text []byte) (Definition, error) {
	var d Definition
	if len(text) > maxYAML {
		return d, errs.E(errs.TooLarge, "document.yaml.too_large")
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		return d, unreadable(err)
	}
	return d, d.check()
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func unreadable(err error) error {
	field := errs.FieldError("yaml", "document.yaml.unreadable")
	var typed *yaml.TypeError
	text := err.Error()
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		text = typed.Errors[0]
	}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		field = errs.FieldError("yaml", "document.yaml.unreadable_line", "Line", m[1])
	}
	e := errs.InvalidFields(field)
	e.Err = err
	return e
}

func (d *Definition) check() error {
	var wrong []errs.Field
	seen := map[string]bool{}
	checkID := func(name, id string) {
		switch {
		case !idPattern.MatchString(id):
			wrong = append(wrong, errs.FieldError(name+".id", "document.question.id_form"))
		case seen[id] || id == otherKey:
			wrong = append(wrong, errs.FieldError(name+".id", "document.question.id_twice", "ID", id))
		}
		seen[id] = true
	}
	for i, q := range d.Questions {
		name := "questions." + strconv.Itoa(i+1)
		checkID(name, q.ID)
		if !validType(q) {
			wrong = append(wrong, errs.FieldError(name+".type", "document.question.type"))
		}
		for j, item := range q.Items {
			checkID(fmt.Sprintf("%s.items.%d", name, j+1), item.ID)
		}
	}
	if len(d.Questions) == 0 {
		wrong = append(wrong, errs.FieldError("questions", "field.required"))
	}
	d.walk(func(p passage) {
		*p.text = strings.TrimSpace(cleanText(*p.text))
		if *p.text == "" && p.kind != URL && !p.optional {
			wrong = append(wrong, errs.FieldError(p.key, "field.required"))
		}
		if utf8.RuneCountInString(*p.text) > maxSegment {
			wrong = append(wrong, errs.FieldError(p.key, "field.too_long", "Max", maxSegment))
		}
	})
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func validType(q QuestionDefinition) bool {
	switch q.Type {
	case LongText, ShortText, File:
		return len(q.Items) == 0
	case SingleChoice, MultipleChoice, Group:
		return len(q.Items) > 0
	}
	return false
}

// passage is a place of a definition that has a text.
type passage struct {
	key      string
	kind     SegmentKind
	text     *string
	optional bool // has no segment while it is empty
}

// walk visits every passage in the order of reading. It is the one place that knows their keys.
func (d *Definition) walk(visit func(passage)) {
	must := func(key string, text *string) { visit(passage{key: key, kind: PlainText, text: text}) }
	may := func(key string, text *string) {
		visit(passage{key: key, kind: PlainText, text: text, optional: true})
	}
	must("title", &d.Title)
	may("call.text", &d.Call.Text)
	may("call.after", &d.Call.After)
	for i := range d.Overview {
		p, key := &d.Overview[i], "overview."+strconv.Itoa(i+1)
		if p.Items == nil {
			must(key, &p.Text)
		}
		for j := range p.Items {
			must(key+"."+strconv.Itoa(j+1), &p.Items[j])
		}
	}
	for i := range d.Reading {
		key := "reading." + strconv.Itoa(i+1)
		must(key+".title", &d.Reading[i].Title)
		visit(passage{key: key + ".url", kind: URL, text: &d.Reading[i].URL})
	}
	for i := range d.Questions {
		q := &d.Questions[i]
		may(q.ID+".preamble", &q.Preamble)
		must(q.ID+".text", &q.Text)
		for j := range q.Items {
			must(q.Items[j].ID+".text", &q.Items[j].Text)
		}
		may(q.ID+".follow_up", &q.FollowUp)
	}
}

func (Definition) fits(k Kind) bool { return k == Survey }

// build takes the texts out of the definition: they are segments, the rest is the structure.
func (d Definition) build(wording) (wording, error) {
	d, err := d.clone()
	if err != nil {
		return wording{}, err
	}
	if err := d.check(); err != nil {
		return wording{}, err
	}
	var w wording
	d.walk(func(p passage) {
		if *p.text != "" || !p.optional {
			w.segments = append(w.segments, Segment{Key: p.key, Kind: p.kind, Position: len(w.segments) + 1, Text: *p.text})
		}
		*p.text = ""
	})
	structure, err := json.Marshal(d)
	w.structure = string(structure)
	return w, err
}

func (d Definition) clone() (Definition, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return d, err
	}
	var c Definition
	return c, json.Unmarshal(b, &c)
}

// definitionOf puts a questionnaire together again from its structure and texts by key.
func definitionOf(structure string, texts map[string]string) (Definition, error) {
	var d Definition
	if err := json.Unmarshal([]byte(structure), &d); err != nil {
		return d, err
	}
	d.walk(func(p passage) { *p.text = texts[p.key] })
	for i := range d.Reading {
		d.Reading[i].Complete = d.Reading[i].URL != ""
	}
	return d, nil
}
