package document

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// comesAfter gives what only this structure has names that the other one, which was made from the same base and saved
// first, has not given to anything. What both added alike has one name.
func (st *surveyStructure) comesAfter(base, first surveyStructure) error {
	st.readingAfter(base, first)
	st.overviewAfter(base, first)
	d, err := st.clone()
	if err != nil {
		return err
	}
	st.Definition = d
	n := naming{st: st, first: &first, had: base.ids(), given: map[string]bool{}}
	for id := range base.Spent { // may come back, as itself
		n.had[id] = named{}
	}
	n.sections()
	n.questions()
	return nil
}

func (st *surveyStructure) readingAfter(base, first surveyStructure) {
	had := map[int]bool{}
	for _, r := range base.Reading {
		had[r.Number] = true
	}
	next := max(first.NextReading, base.NextReading)
	for _, r := range first.Reading {
		next = max(next, r.Number)
	}
	st.Reading = slices.Clone(st.Reading)
	for i := range st.Reading {
		r := &st.Reading[i]
		if had[r.Number] {
			continue
		}
		same := slices.IndexFunc(first.Reading, func(f ReadingDefinition) bool {
			return !had[f.Number] && f.Title == r.Title && f.URL == r.URL && reflect.DeepEqual(f.Extra, r.Extra)
		})
		if same >= 0 {
			r.Number = first.Reading[same].Number
			had[r.Number] = true
			continue
		}
		next++
		r.Number = next
	}
	st.NextReading = max(st.NextReading, next)
}

func (st *surveyStructure) overviewAfter(base, first surveyStructure) {
	had := map[int]ParagraphDefinition{}
	for _, p := range base.Overview {
		had[p.Number] = p
	}
	next := max(first.NextOverview, base.NextOverview)
	for _, p := range first.Overview {
		next = max(next, p.Number)
	}
	st.Overview = slices.Clone(st.Overview)
	for i := range st.Overview {
		p := &st.Overview[i]
		if was, ok := had[p.Number]; ok {
			p.itemsAfter(was, first)
			continue
		}
		same := slices.IndexFunc(first.Overview, func(f ParagraphDefinition) bool {
			_, old := had[f.Number]
			return !old && f.Text == p.Text && slices.Equal(f.Items, p.Items) && reflect.DeepEqual(f.Extra, p.Extra)
		})
		if same >= 0 {
			*p = first.Overview[same]
			had[p.Number] = *p
			continue
		}
		next++
		p.Number = next
	}
	st.NextOverview = max(st.NextOverview, next)
}

func (p *ParagraphDefinition) itemsAfter(was ParagraphDefinition, first surveyStructure) {
	next := max(was.Next, slices.Max(append(slices.Clone(was.Numbers), 0)))
	var other ParagraphDefinition
	if at, err := first.paragraph(p.Number); err == nil {
		other = first.Overview[at]
		next = max(next, other.Next, slices.Max(append(slices.Clone(other.Numbers), 0)))
	}
	p.Numbers = slices.Clone(p.Numbers)
	taken := slices.Clone(was.Numbers)
	for i, item := range p.Items {
		if slices.Contains(was.Numbers, p.Numbers[i]) {
			continue
		}
		same := -1
		for j, text := range other.Items {
			if text == item && !slices.Contains(taken, other.Numbers[j]) {
				same = other.Numbers[j]
				break
			}
		}
		if same < 0 {
			next++
			same = next
		}
		p.Numbers[i] = same
		taken = append(taken, same)
	}
	p.Next = max(p.Next, next)
}

// naming gives sections, questions and items their ids.
type naming struct {
	st, first *surveyStructure
	had       map[string]named // by both, when they began
	given     map[string]bool
}

func (n *naming) isNew(id string) bool {
	_, had := n.had[id]
	return !had
}

// free says whether neither of the two has or had an id.
func (n *naming) free(id string) bool {
	return n.isNew(id) && !n.given[id] && n.st.free(id) && n.first.free(id)
}

// id is the one that something new keeps, or the next that is free.
func (n *naming) id(id string, next func() string) string {
	if !n.first.free(id) || n.given[id] {
		id = next()
	}
	n.given[id] = true
	return id
}

func (n *naming) sections() {
	renamed := map[string]string{}
	for i := range n.st.Sections {
		s := &n.st.Sections[i]
		if !n.isNew(s.ID) {
			continue
		}
		id := ""
		for _, f := range n.first.Sections {
			if n.isNew(f.ID) && !n.given[f.ID] && sameButID(f, *s) {
				id = f.ID
				break
			}
		}
		if id == "" {
			id = n.id(s.ID, func() string { return freeFrom("s", n.free) })
		}
		n.given[id] = true
		renamed[s.ID], s.ID = id, id
	}
	for i := range n.st.Questions {
		if id, ok := renamed[n.st.Questions[i].Section]; ok {
			n.st.Questions[i].Section = id
		}
	}
}

func (n *naming) questions() {
	for i := range n.st.Questions {
		q := &n.st.Questions[i]
		was := q.ID
		if n.isNew(q.ID) {
			if n.shares(q) {
				continue
			}
			q.ID = n.id(q.ID, func() string { return freeFrom("q", n.free) })
		}
		for j := range q.Items {
			n.item(q, &q.Items[j], was)
		}
	}
}

// item names an item. That of a question which got another id than it was to have follows it.
func (n *naming) item(q *QuestionDefinition, item *ItemDefinition, was string) {
	if !n.isNew(item.ID) {
		return
	}
	next := func() string { return freeItem(q.ID, n.free) }
	shared := n.sharedItem(q.ID, *item)
	switch {
	case shared != "":
		item.ID = shared
	case was != q.ID && strings.HasPrefix(item.ID, was):
		item.ID = next()
	default:
		item.ID = n.id(item.ID, next)
	}
	n.given[item.ID] = true
}

// shares lets a question that the other side added too be the same one.
func (n *naming) shares(q *QuestionDefinition) bool {
	for _, f := range n.first.Questions {
		if n.isNew(f.ID) && !n.given[f.ID] && sameButID(f, *q) {
			q.ID, n.given[f.ID] = f.ID, true
			for j := range q.Items {
				q.Items[j].ID = f.Items[j].ID
				n.given[f.Items[j].ID] = true
			}
			return true
		}
	}
	return false
}

func (n *naming) sharedItem(question string, item ItemDefinition) string {
	if q := n.first.question(question); q != nil {
		for _, f := range q.Items {
			if n.isNew(f.ID) && !n.given[f.ID] && sameButID(f, item) {
				return f.ID
			}
		}
	}
	return ""
}

// sameButID says whether two parts of a questionnaire differ in their ids only.
func sameButID(a, b any) bool {
	return reflect.DeepEqual(withoutIDs(a), withoutIDs(b))
}

func withoutIDs(v any) any {
	b, err := json.Marshal(v)
	var tree any
	if err == nil {
		err = json.Unmarshal(b, &tree)
	}
	o, _ := tree.(map[string]any)
	if err != nil || o == nil {
		return v
	}
	delete(o, "id")
	for _, item := range listIn(o, "items") {
		delete(item.(map[string]any), "id")
	}
	return o
}
