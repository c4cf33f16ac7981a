package document

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/convoke/convoke/internal/errs"
)

// passage is a place of a definition that has a text.
type passage struct {
	key      string // of its segment
	path     string // where a file has it
	kind     SegmentKind
	text     *string
	optional bool // has no segment while it is empty
}

// walk visits every passage in the order of reading. It is the one place that knows their keys.
func (d *Definition) walk(visit func(passage)) {
	must := func(key, path string, text *string) {
		visit(passage{key: key, path: path, kind: PlainText, text: text})
	}
	may := func(key, path string, text *string) {
		visit(passage{key: key, path: path, kind: PlainText, text: text, optional: true})
	}
	must("title", "title", &d.Title)
	may("call.text", "call.text", &d.Call.Text)
	may("call.after", "call.after", &d.Call.After)
	d.walkOverview(must)
	for i := range d.Reading {
		r := &d.Reading[i]
		key, path := "reading."+strconv.Itoa(numberOr(r.Number, i)), "relevant_reading."+strconv.Itoa(i+1)
		must(key+".title", path+".title", &r.Title)
		visit(passage{key: key + ".url", path: path + ".url", kind: URL, text: &r.URL})
	}
	d.walkQuestions(must, may, "")
	for i := range d.Sections {
		s, path := &d.Sections[i], "sections."+strconv.Itoa(i+1)
		must(s.titleKey(), path+".title", &s.Title)
		may("section."+s.ID+".text", path+".text", &s.Text)
		d.walkQuestions(must, may, s.ID)
	}
	may(otherKey+".text", "other_text", &d.OtherText)
}

func (s SectionDefinition) titleKey() string { return "section." + s.ID + ".title" }

func (d *Definition) walkOverview(must func(key, path string, text *string)) {
	for i := range d.Overview {
		p := &d.Overview[i]
		key, path := "overview."+strconv.Itoa(numberOr(p.Number, i)), "overview."+strconv.Itoa(i+1)
		if p.Items == nil {
			must(key, path, &p.Text)
		}
		for j := range p.Items {
			number := 0
			if j < len(p.Numbers) {
				number = p.Numbers[j]
			}
			must(key+"."+strconv.Itoa(numberOr(number, j)), path+".items."+strconv.Itoa(j+1), &p.Items[j])
		}
	}
}

// walkQuestions visits the questions of one section.
func (d *Definition) walkQuestions(must, may func(key, path string, text *string), section string) {
	for i := range d.Questions {
		q, path := &d.Questions[i], "questions."+strconv.Itoa(i+1)
		if q.Section != section {
			continue
		}
		may(q.ID+".preamble", path+".preamble", &q.Preamble)
		must(q.ID+".text", path+".text", &q.Text)
		for j := range q.Items {
			must(q.Items[j].ID+".text", fmt.Sprintf("%s.items.%d.text", path, j+1), &q.Items[j].Text)
		}
		may(q.ID+".follow_up", path+".follow_up", &q.FollowUp)
	}
}

// numberOr is the number of a thing, or its place where it has none yet.
func numberOr(number, index int) int {
	if number > 0 {
		return number
	}
	return index + 1
}

// surveyStructure is what is stored of a questionnaire beside its texts: the definition without them, and the
// names that must not come back for something else.
type surveyStructure struct {
	Definition
	NextReading  int               `json:"next_reading,omitempty"` // the highest number that was given
	NextOverview int               `json:"next_overview,omitempty"`
	Spent        map[string]string `json:"spent,omitempty"` // ids that were removed, with a hash of their text
}

// build makes the wording that comes after the one before.
func (d Definition) build(before wording) (wording, error) {
	d, err := d.clone()
	if err != nil {
		return wording{}, err
	}
	if err := d.check(); err != nil {
		return wording{}, err
	}
	old, err := readSurvey(before.structure, textsOf(before.segments))
	if err != nil {
		return wording{}, err
	}
	st, wrong := old.follow(d)
	if len(wrong) > 0 {
		return wording{}, errs.InvalidFields(wrong...)
	}
	return st.assemble()
}

// assemble takes the texts out: they are segments, the rest is the structure.
func (st surveyStructure) assemble() (wording, error) {
	var w wording
	st.walk(func(p passage) {
		if *p.text != "" || !p.optional {
			w.segments = append(w.segments, Segment{Key: p.key, Kind: p.kind, Position: len(w.segments) + 1, Text: *p.text})
		}
		*p.text = ""
	})
	structure, err := json.Marshal(st)
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
	st, err := readSurvey(structure, texts)
	return st.Definition, err
}

// readSurvey is the empty one for no structure.
func readSurvey(structure string, texts map[string]string) (surveyStructure, error) {
	var st surveyStructure
	if structure == "" {
		return st, nil
	}
	if err := json.Unmarshal([]byte(structure), &st); err != nil {
		return st, err
	}
	st.walk(func(p passage) { *p.text = texts[p.key] })
	for i := range st.Reading {
		st.Reading[i].Complete = st.Reading[i].URL != ""
		st.Reading[i].Number = numberOr(st.Reading[i].Number, i)
	}
	for i := range st.Overview {
		p := &st.Overview[i]
		p.Number = numberOr(p.Number, i)
		for j := len(p.Numbers); j < len(p.Items); j++ {
			p.Numbers = append(p.Numbers, j+1)
		}
	}
	return st, nil
}
