package document

import "slices"

// Definition is the content of a questionnaire, as its YAML file writes it. What Convoke has no use
// for is kept in the Extra maps, so that nothing is lost between reading and writing.
type Definition struct {
	ID        string                `yaml:"id" json:"id"`
	Name      string                `yaml:"name,omitempty" json:"name,omitempty"` // of the cycle, where it is not the title
	Status    string                `yaml:"status,omitempty" json:"status,omitempty"`
	AsOf      string                `yaml:"as_of,omitempty" json:"as_of,omitempty"` // YYYY-MM-DD
	Language  string                `yaml:"language" json:"language"`               // BCP 47
	Title     string                `yaml:"title" json:"title"`
	Event     *EventDefinition      `yaml:"event,omitempty" json:"event,omitempty"`
	Dates     map[string]string     `yaml:"dates,omitempty" json:"dates,omitempty"` // of the cycle, by kind, beside those of the call
	Call      CallDefinition        `yaml:"call,omitempty" json:"call"`
	Overview  []ParagraphDefinition `yaml:"overview,omitempty" json:"overview,omitempty"`
	Reading   []ReadingDefinition   `yaml:"relevant_reading,omitempty" json:"relevant_reading,omitempty"`
	Sections  []SectionDefinition   `yaml:"sections,omitempty" json:"sections,omitempty"`
	Questions []QuestionDefinition  `yaml:"questions" json:"questions"`
	Other     *bool                 `yaml:"other,omitempty" json:"other,omitempty"` // a closing free-form question; unset: yes
	OtherText string                `yaml:"other_text,omitempty" json:"other_text,omitempty"`
	Extra     Extra                 `yaml:",inline" json:"extra,omitempty"`
}

// EventDefinition is the meeting that the questionnaire prepares.
type EventDefinition struct {
	Name  string `yaml:"name" json:"name"`
	Place string `yaml:"place,omitempty" json:"place,omitempty"`
	Start string `yaml:"start,omitempty" json:"start,omitempty"` // YYYY-MM-DD
	End   string `yaml:"end,omitempty" json:"end,omitempty"`
	Extra Extra  `yaml:",inline" json:"extra,omitempty"`
}

// CallDefinition is the call around the questions. Text comes before the questions, After says
// what will become of the answers.
type CallDefinition struct {
	SendOn   string              `yaml:"send_on_or_around,omitempty" json:"send_on_or_around,omitempty"` // YYYY-MM-DD
	Deadline *DeadlineDefinition `yaml:"deadline,omitempty" json:"deadline,omitempty"`
	Text     string              `yaml:"text,omitempty" json:"text,omitempty"`
	After    string              `yaml:"after,omitempty" json:"after,omitempty"`
	Format   *FormatRules        `yaml:"format_rules,omitempty" json:"format_rules,omitempty"`
	Extra    Extra               `yaml:",inline" json:"extra,omitempty"`
}

// DeadlineDefinition is the deadline as the file tells it; the cycle has the date that counts.
type DeadlineDefinition struct {
	Date           string `yaml:"date" json:"date"` // YYYY-MM-DD
	Kind           string `yaml:"kind,omitempty" json:"kind,omitempty"`
	DraftingBegins string `yaml:"drafting_begins,omitempty" json:"drafting_begins,omitempty"`
	Extra          Extra  `yaml:",inline" json:"extra,omitempty"`
}

// FormatRules are what contributors are asked to keep to.
type FormatRules struct {
	PagesMin   int   `yaml:"pages_min,omitempty" json:"pages_min,omitempty"`
	PagesMax   int   `yaml:"pages_max,omitempty" json:"pages_max,omitempty"`
	PDFAllowed bool  `yaml:"pdf_allowed" json:"pdf_allowed"`
	Extra      Extra `yaml:",inline" json:"extra,omitempty"`
}

// ParagraphDefinition is a paragraph of the overview, or a list. Its number is its name for ever; a
// file has none and is compared with the wording before.
type ParagraphDefinition struct {
	Text    string   `json:"text,omitempty"`
	Items   []string `json:"items,omitempty"`
	Number  int      `json:"number,omitempty"`
	Numbers []int    `json:"numbers,omitempty"` // of the items
	Next    int      `json:"next,omitempty"`    // the highest number that an item has had
	Extra   Extra    `json:"extra,omitempty"`
}

// ReadingDefinition is an item of the reading list. An empty URL is still to be found, and Complete
// follows from it. Its number is its name for ever, as a paragraph's.
type ReadingDefinition struct {
	Title    string `yaml:"title" json:"title"`
	URL      string `yaml:"url" json:"url"`
	Complete bool   `yaml:"complete" json:"-"`
	Number   int    `yaml:"-" json:"number,omitempty"`
	Extra    Extra  `yaml:",inline" json:"extra,omitempty"`
}

// SectionDefinition is a heading over the questions that name it.
type SectionDefinition struct {
	ID    string `yaml:"id" json:"id"`
	Title string `yaml:"title" json:"title"`
	Text  string `yaml:"text,omitempty" json:"text,omitempty"`
	Extra Extra  `yaml:",inline" json:"extra,omitempty"`
}

// QuestionDefinition is a question. Items are the parts of a group or the options of a choice.
// Questions without a section come first.
type QuestionDefinition struct {
	ID       string           `yaml:"id" json:"id"`
	Section  string           `yaml:"section,omitempty" json:"section,omitempty"`
	Type     string           `yaml:"type" json:"type" enum:"text,short,single,multiple,group,file"`
	Topics   []string         `yaml:"topics,omitempty,flow" json:"topics,omitempty"`
	Preamble string           `yaml:"preamble,omitempty" json:"preamble,omitempty"`
	Text     string           `yaml:"text" json:"text"`
	FollowUp string           `yaml:"follow_up,omitempty" json:"follow_up,omitempty"`
	Items    []ItemDefinition `yaml:"items,omitempty" json:"items,omitempty"`
	Other    *bool            `yaml:"other,omitempty" json:"other,omitempty"` // a free-form "other" item; unset: yes where there are items
	Extra    Extra            `yaml:",inline" json:"extra,omitempty"`
}

// ItemDefinition is a part of a question.
type ItemDefinition struct {
	ID     string   `yaml:"id" json:"id"`
	Topics []string `yaml:"topics,omitempty,flow" json:"topics,omitempty"`
	Text   string   `yaml:"text" json:"text"`
	Extra  Extra    `yaml:",inline" json:"extra,omitempty"`
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

// QuestionKinds lists the types of questions in display order.
func QuestionKinds() []string {
	return []string{LongText, ShortText, SingleChoice, MultipleChoice, Group, File}
}

func isKind(kind string) bool { return slices.Contains(QuestionKinds(), kind) }

// HasItems says whether a question of this type consists of items.
func HasItems(kind string) bool {
	return kind == SingleChoice || kind == MultipleChoice || kind == Group
}

// HasOther says whether an "other" item closes the list.
func (q QuestionDefinition) HasOther() bool { return len(q.Items) > 0 && (q.Other == nil || *q.Other) }

// Closes says whether a free-form question closes the questionnaire.
func (d Definition) Closes() bool { return d.Other == nil || *d.Other }

// sort puts the questions in the order of their sections, those without one first.
func (d *Definition) sort() {
	place := map[string]int{}
	for i, s := range d.Sections {
		place[s.ID] = i + 1
	}
	slices.SortStableFunc(d.Questions, func(a, b QuestionDefinition) int { return place[a.Section] - place[b.Section] })
}

func (d *Definition) question(id string) *QuestionDefinition {
	for i := range d.Questions {
		if d.Questions[i].ID == id {
			return &d.Questions[i]
		}
	}
	return nil
}

func (d *Definition) section(id string) *SectionDefinition {
	for i := range d.Sections {
		if d.Sections[i].ID == id {
			return &d.Sections[i]
		}
	}
	return nil
}

func (Definition) fits(k Kind) bool { return k == Survey }
