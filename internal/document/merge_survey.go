package document

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// surveys merges questionnaires, as trees in which every part has the name by which its texts are known.
func (c clashing) surveys(base, theirs, mine wording) (wording, []EditClash, error) {
	var st [3]surveyStructure
	for i, w := range []wording{base, theirs, mine} {
		var err error
		if st[i], err = readSurvey(w.structure, textsOf(w.segments)); err != nil {
			return wording{}, nil, err
		}
	}
	if err := st[2].comesAfter(st[0], st[1]); err != nil {
		return wording{}, nil, err
	}
	var trees [3]map[string]any
	for i, s := range st {
		var err error
		if trees[i], err = surveyTree(s.Definition); err != nil {
			return wording{}, nil, err
		}
		for _, v := range trees[i]["sections"].([]any) {
			section, _ := v.(map[string]any)
			c.headings[leafText(section["id"])] = leafText(section["title"])
		}
	}
	tree, clashes := c.merge(trees[0], trees[1], trees[2])
	if len(clashes) > 0 {
		return wording{}, clashes, nil
	}
	root, _ := tree.(map[string]any)
	d, err := surveyOf(root)
	if err != nil {
		return wording{}, nil, err
	}
	d.keepWhole(st[:])
	if err := d.check(); err != nil {
		return wording{}, nil, err
	}
	next, _ := st[1].spend(d) // what was taken out meanwhile may come back with other words: it is the same thing
	next.NextReading = max(st[1].NextReading, st[2].NextReading)
	next.NextOverview = max(st[1].NextOverview, st[2].NextOverview)
	w, err := next.assemble()
	return w, nil, err
}

// surveyTree is a definition with lists of named parts, and with what only makes sense together in one part: the
// kind of a question with its items, and the closing question with its words.
func surveyTree(d Definition) (map[string]any, error) {
	v, err := treeOf(d)
	if err != nil {
		return nil, err
	}
	tree, _ := v.(map[string]any)
	overview, reading := []any{}, []any{}
	for i, v := range listIn(tree, "overview") {
		o, p := v.(map[string]any), d.Overview[i]
		name := "overview." + strconv.Itoa(p.Number)
		part := map[string]any{"id": name}
		keep(part, o, "text", "extra")
		if p.Items != nil {
			items := []any{}
			for j, item := range p.Items {
				items = append(items, map[string]any{"id": name + "." + strconv.Itoa(p.Numbers[j]), "text": item})
			}
			part["items"] = items
		}
		overview = append(overview, part)
	}
	for i, v := range listIn(tree, "relevant_reading") {
		part := map[string]any{"id": "reading." + strconv.Itoa(d.Reading[i].Number)}
		keep(part, v.(map[string]any), "title", "url", "extra")
		reading = append(reading, part)
	}
	for _, v := range listIn(tree, "questions") {
		group(v.(map[string]any), formPart, "type", "items", otherKey)
	}
	group(tree, closingPart, otherKey, "other_text")
	tree["overview"], tree["relevant_reading"] = overview, reading
	tree["sections"], tree["questions"] = listIn(tree, "sections"), listIn(tree, "questions")
	return tree, nil
}

// The parts of a tree that a definition does not have.
const (
	formPart    = "form"
	closingPart = "closing"
)

func listIn(tree map[string]any, name string) []any {
	list, _ := tree[name].([]any)
	return list
}

func keep(to, from map[string]any, names ...string) {
	for _, name := range names {
		if v, ok := from[name]; ok {
			to[name] = v
		}
	}
}

// group moves some fields of an object into a part of it.
func group(o map[string]any, part string, names ...string) {
	inner := map[string]any{}
	keep(inner, o, names...)
	for _, name := range names {
		delete(o, name)
	}
	o[part] = inner
}

// surveyOf is the way back.
func surveyOf(tree map[string]any) (Definition, error) {
	number := func(v any) int {
		id := leafText(v.(map[string]any)["id"])
		n, _ := strconv.Atoi(id[strings.LastIndexByte(id, '.')+1:])
		return n
	}
	overview := []any{}
	for _, v := range listIn(tree, "overview") {
		o := v.(map[string]any)
		p := map[string]any{"number": number(o)}
		keep(p, o, "text", "extra")
		items, numbers := []any{}, []any{}
		for _, item := range listIn(o, "items") {
			items, numbers = append(items, item.(map[string]any)["text"]), append(numbers, number(item))
		}
		if len(items) > 0 {
			p["items"], p["numbers"] = items, numbers
		} else if _, list := o["items"]; list {
			continue // each of the two took out what the other had left
		}
		overview = append(overview, p)
	}
	for _, v := range listIn(tree, "relevant_reading") {
		v.(map[string]any)["number"] = number(v)
		delete(v.(map[string]any), "id")
	}
	for _, v := range listIn(tree, "questions") {
		ungroup(v.(map[string]any), formPart)
	}
	ungroup(tree, closingPart)
	tree["overview"] = overview
	for _, name := range []string{"overview", "relevant_reading", "sections"} {
		if len(listIn(tree, name)) == 0 {
			delete(tree, name)
		}
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return Definition{}, err
	}
	var d Definition
	return d, json.Unmarshal(b, &d)
}

func ungroup(o map[string]any, part string) {
	inner, _ := o[part].(map[string]any)
	delete(o, part)
	for name, v := range inner {
		o[name] = v
	}
}

// keepWhole mends what no single part shows: the highest numbers, questions whose section one of the two took away, and
// an item that one of them took to another question.
func (d *Definition) keepWhole(from []surveyStructure) {
	for i := range d.Overview {
		p := &d.Overview[i]
		p.Next = max(0, slices.Max(append(slices.Clone(p.Numbers), 0)))
		for _, st := range from {
			if at, err := st.paragraph(p.Number); err == nil {
				p.Next = max(p.Next, st.Overview[at].Next)
			}
		}
		if p.Items == nil {
			p.Numbers = nil
		}
	}
	for i := range d.Questions {
		d.Questions[i].Section = d.home(d.Questions[i].Section, from)
	}
	d.nameOnce()
}

// nameOnce gives an item that stands in two questions another id in the second, or leaves it out where it says the same.
func (d *Definition) nameOnce() {
	seen := map[string]string{}
	for _, q := range d.Questions {
		seen[q.ID] = q.Text
	}
	st := surveyStructure{Definition: *d, Spent: map[string]string{}}
	for i := range d.Questions {
		q := &d.Questions[i]
		var items []ItemDefinition
		for _, item := range q.Items {
			text, twice := seen[item.ID]
			if twice && text == item.Text && len(q.Items) > 1 {
				continue
			}
			if twice {
				item.ID = freeItem(q.ID, func(id string) bool { return seen[id] == "" && st.free(id) })
			}
			seen[item.ID] = item.Text
			items = append(items, item)
		}
		q.Items = items
	}
}

// home is the section of a question, else the nearest that stood before it.
func (d *Definition) home(section string, from []surveyStructure) string {
	for d.section(section) == nil && section != "" {
		before := ""
		for _, st := range from {
			if at := slices.IndexFunc(st.Sections, func(s SectionDefinition) bool { return s.ID == section }); at > 0 {
				before = st.Sections[at-1].ID
				break
			}
		}
		section = before
	}
	return section
}
