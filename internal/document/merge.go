package document

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// EditClash is a place that two people changed differently at the same time. A text that was taken out is gone.
type EditClash struct {
	Key        string // of the segment, where it is one
	Base       string // as both found it
	Theirs     string // as it is saved now
	Mine       string // as the later of the two has it
	TheirsGone bool
	MineGone   bool
	Written    bool // a third wording may take the place of both
}

// Choice says how a clash ends.
type Choice struct {
	Take Side
	Text string // of Own
}

// Side is whose wording a Choice takes.
type Side string

// The sides.
const (
	TakeTheirs Side = "theirs"
	TakeMine   Side = "mine"
	TakeOwn    Side = "own" // a text that was written anew
)

// mergeWordings makes one wording of two that were made from the same one. What only one changed is
// taken as it is; what both changed goes as chosen, and what was not chosen yet is an EditClash.
func mergeWordings(kind Kind, base, theirs, mine wording, chosen map[string]Choice) (wording, []EditClash, error) {
	c := clashing{survey: kind == Survey, chosen: chosen, texts: map[string]bool{}}
	for _, w := range []wording{base, theirs, mine} {
		for _, s := range w.segments {
			c.texts[s.Key] = true
		}
	}
	if !c.survey {
		return c.messages(base, theirs, mine)
	}
	trees := make([]any, 3)
	for i, w := range []wording{base, theirs, mine} {
		d, err := definitionOf(w.structure, textsOf(w.segments))
		if err != nil {
			return wording{}, nil, err
		}
		if trees[i], err = treeOf(d); err != nil {
			return wording{}, nil, err
		}
	}
	tree, clashes := c.merge(trees[0], trees[1], trees[2])
	if len(clashes) > 0 {
		return wording{}, clashes, nil
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return wording{}, nil, err
	}
	var d Definition
	if err := json.Unmarshal(b, &d); err != nil {
		return wording{}, nil, err
	}
	w, err := d.build(theirs)
	return w, nil, err
}

// clashing knows what was chosen, and how places are called outside of the tree.
type clashing struct {
	survey bool
	chosen map[string]Choice
	texts  map[string]bool // the keys of segments
}

func (c clashing) merge(base, theirs, mine any) (any, []EditClash) {
	m := merging{choose: c.choose}
	tree := m.merge("", base, theirs, mine)
	clashes := make([]EditClash, len(m.clashes))
	for i, found := range m.clashes {
		clashes[i] = EditClash{
			Key: c.key(found), Base: partText(found.base), Theirs: partText(found.theirs), Mine: partText(found.mine),
			TheirsGone: gone(found.theirs), MineGone: gone(found.mine), Written: c.texts[c.key(found)],
		}
	}
	return tree, clashes
}

func (c clashing) choose(path string, base, theirs, mine any) (any, bool) {
	key := c.key(clash{path, base, theirs, mine})
	choice := c.chosen[key]
	switch choice.Take {
	case TakeTheirs:
		return theirs, true
	case TakeMine:
		return mine, true
	case TakeOwn:
		return c.written(key, choice.Text, theirs, mine)
	}
	return nil, false
}

// written puts a new text in the place of both.
func (c clashing) written(key, text string, theirs, mine any) (any, bool) {
	if !c.texts[key] {
		return nil, false
	}
	for _, v := range []any{mine, theirs} {
		switch v := v.(type) {
		case string:
			return text, true
		case map[string]any:
			v = maps.Clone(v)
			v["text"] = text
			return v, true
		}
	}
	return nil, false
}

// key is the segment at a place of the tree, where there is one: a part that was changed here and taken
// out there is known by its text.
func (c clashing) key(found clash) string {
	path := found.path
	for _, v := range []any{found.base, found.theirs, found.mine} {
		if o, ok := v.(map[string]any); ok && o["text"] != nil {
			path = found.path + ".text"
		}
	}
	if !c.survey {
		return strings.TrimSuffix(path, ".text")
	}
	if rest, ok := strings.CutPrefix(path, "relevant_reading."); ok {
		return "reading." + rest
	}
	if rest, ok := strings.CutPrefix(path, "overview."); ok {
		return "overview." + strings.Replace(strings.TrimSuffix(rest, ".text"), ".items.", ".", 1)
	}
	return path
}

// partText is what a person reads of a part of a tree.
func partText(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var lines []string
		for _, name := range []string{"title", "text", "url", "preamble", "items", "follow_up"} {
			if line := partText(field(v, name)); line != "" {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n")
	case []any:
		lines := make([]string, len(v))
		for i, part := range v {
			lines[i] = partText(part)
		}
		return strings.Join(lines, "\n")
	}
	return leafText(v)
}

// messages merges what is no questionnaire: a list of segments, whose kinds and order follow from their keys.
func (c clashing) messages(base, theirs, mine wording) (wording, []EditClash, error) {
	st, _, err := readMessage(theirs)
	if err != nil {
		return wording{}, nil, err
	}
	mine = withNewKeys(&st, base, theirs, mine)
	tree := func(w wording) any {
		parts := make([]any, len(w.segments))
		for i, s := range w.segments {
			parts[i] = map[string]any{"id": s.Key, "text": s.Text}
		}
		return map[string]any{"segments": parts}
	}
	merged, clashes := c.merge(tree(base), tree(theirs), tree(mine))
	if len(clashes) > 0 {
		return wording{}, clashes, nil
	}
	root, _ := merged.(map[string]any)
	parts, _ := root["segments"].([]any)
	w, err := messageFrom(st, parts)
	return w, nil, err
}

// messageFrom puts a message together from what was merged. A passage that was written anew may be two, or none.
func messageFrom(st messageStructure, parts []any) (wording, error) {
	var m Message
	var passages []Segment
	for _, v := range parts {
		part, _ := v.(map[string]any)
		key, text := leafText(part["id"]), leafText(part["text"])
		if m.set(key, text) {
			continue
		}
		for i, block := range splitBlocks(text) {
			if i == 0 {
				passages = append(passages, passageOf(key, block))
			} else {
				passages = append(passages, st.passage(block))
			}
		}
	}
	m = m.tidy()
	m.Body = strings.Join(textList(passages), "\n\n")
	if err := m.check(textList(passages)); err != nil {
		return wording{}, err
	}
	return m.assemble(st, passages)
}

// withNewKeys gives passages that only one side has keys of their own: both sides count on from the
// same number. A passage that both added alike has one key.
func withNewKeys(st *messageStructure, base, theirs, mine wording) wording {
	had := textsOf(base.segments)
	added := map[string]string{}
	for _, s := range theirs.segments {
		if _, ok := had[s.Key]; !ok && !isPart(s.Key) {
			added[s.Text] = s.Key
		}
	}
	mine.segments = slices.Clone(mine.segments)
	for i, s := range mine.segments {
		if _, ok := had[s.Key]; ok || isPart(s.Key) {
			continue
		}
		key, same := added[s.Text]
		if !same {
			key = st.passage("").Key
		}
		delete(added, s.Text)
		mine.segments[i].Key = key
	}
	return mine
}

// clashError says where two people wrote at the same time.
func clashError(number int, clashes []EditClash) error {
	e := errs.E(errs.Conflict, "document.edit.newer", "Number", number)
	for _, c := range clashes {
		e.Fields = append(e.Fields, errs.FieldError(c.Key, "document.edit.clash", "Place", Place(c.Key)))
	}
	return e
}
