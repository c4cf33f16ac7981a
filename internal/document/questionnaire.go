package document

// Questionnaire is a questionnaire as contributors see it, all in one language.
type Questionnaire struct {
	RevisionID int64
	Locale     string // the language of every text in it
	Fallback   bool   // another language was asked for and is not approved: this is the source
	Title      string
	Call       []Block // the call: who is asked, by when, and what will become of the answers
	Intro      []Block // the overview
	Reading    []Link
	Sections   []Section
	Questions  []Question // in the order of their sections, those without one first
	Other      bool       // a free-form question closes it, with the answer key "other"
	OtherText  string     // its own wording, "" for the usual one
	Format     FormatRules
}

// Section is a heading over the questions that name it.
type Section struct{ ID, Title, Text string }

// Block is a paragraph, or a list of items.
type Block struct {
	Text  string
	Items []string
}

// Link is an item of the reading list. URL is empty where it is still to be completed.
type Link struct{ Title, URL string }

// Question is one question. Its answer has the key ID; a Group has answers for its items only.
type Question struct {
	ID       string
	Section  string // "" for none
	Kind     string // LongText, ShortText, SingleChoice, MultipleChoice, Group, File
	Text     string
	Preamble string
	FollowUp string // a second question, with the answer key FollowUpKey
	Topics   []string
	Items    []Item
	Other    bool // one more item in the contributor's own words, with the answer key OtherKey
}

// Item is a part of a group, answered by its ID, or an option of a choice.
type Item struct {
	ID     string
	Text   string
	Topics []string
}

const otherKey = "other"

// OtherKey is the answer key of the question's own "other" item: "q3.other".
func (q Question) OtherKey() string { return q.ID + "." + otherKey }

// FollowUpKey is the answer key of the follow-up: "q5.follow_up".
func (q Question) FollowUpKey() string { return q.ID + ".follow_up" }

// AnswerKeys lists every key under which an answer may be given, in the order of the questions.
func (q Questionnaire) AnswerKeys() []string {
	var keys []string
	for _, question := range q.Questions {
		if question.Kind == Group {
			for _, item := range question.Items {
				keys = append(keys, item.ID)
			}
		} else {
			keys = append(keys, question.ID)
		}
		if question.Other {
			keys = append(keys, question.OtherKey())
		}
		if question.FollowUp != "" {
			keys = append(keys, question.FollowUpKey())
		}
	}
	if q.Other {
		keys = append(keys, otherKey)
	}
	return keys
}

// view is the definition as contributors see it.
func (d Definition) view() Questionnaire {
	q := Questionnaire{Title: d.Title, Other: d.Closes(), OtherText: d.OtherText}
	for _, text := range []string{d.Call.Text, d.Call.After} {
		if text != "" {
			q.Call = append(q.Call, Block{Text: text})
		}
	}
	for _, p := range d.Overview {
		q.Intro = append(q.Intro, Block{Text: p.Text, Items: p.Items})
	}
	for _, s := range d.Sections {
		q.Sections = append(q.Sections, Section{ID: s.ID, Title: s.Title, Text: s.Text})
	}
	for _, r := range d.Reading {
		q.Reading = append(q.Reading, Link{Title: r.Title, URL: r.URL})
	}
	for _, question := range d.Questions {
		q.Questions = append(q.Questions, question.view())
	}
	if d.Call.Format != nil {
		q.Format = *d.Call.Format
	}
	return q
}

func (q QuestionDefinition) view() Question {
	v := Question{
		ID: q.ID, Section: q.Section, Kind: q.Type, Text: q.Text, Preamble: q.Preamble, FollowUp: q.FollowUp, Topics: q.Topics,
		Other: q.HasOther(),
	}
	for _, item := range q.Items {
		v.Items = append(v.Items, Item{ID: item.ID, Text: item.Text, Topics: item.Topics})
	}
	return v
}

// withReading is the definition with more items at the end of the reading list.
func (d Definition) withReading(more []Link) Definition {
	for _, link := range more {
		d.Reading = append(d.Reading, ReadingDefinition{Title: link.Title, URL: link.URL})
	}
	return d
}
