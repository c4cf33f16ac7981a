package document

import (
	"cmp"
	"maps"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// EditClash is a place that two people changed differently at the same time. A text that was taken out is gone.
type EditClash struct {
	Key        string // of the segment, where it is one
	Base       string // as both found it
	Theirs     string // as it is saved now
	Mine       string // as the later of the two has it
	TheirsKind string // of a question, where that differs
	MineKind   string
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
	switch {
	case same(base, mine):
		return theirs, nil, nil
	case same(base, theirs):
		return mine, nil, nil
	}
	c := clashing{survey: kind == Survey, chosen: chosen, texts: map[string]bool{}, headings: map[string]string{}}
	for _, w := range []wording{base, theirs, mine} {
		for _, s := range w.segments {
			c.texts[s.Key] = true
		}
	}
	if c.survey {
		return c.surveys(base, theirs, mine)
	}
	return c.messages(base, theirs, mine)
}

// clashing knows what was chosen, and how places are called outside of the tree.
type clashing struct {
	survey   bool
	chosen   map[string]Choice
	texts    map[string]bool   // the keys of segments
	headings map[string]string // of sections, by id
}

func (c clashing) merge(base, theirs, mine any) (any, []EditClash) {
	m := merging{choose: c.choose}
	tree := m.merge("", base, theirs, mine)
	clashes := make([]EditClash, len(m.clashes))
	for i, found := range m.clashes {
		clashes[i] = c.told(found)
	}
	return tree, clashes
}

// told is a clash as a person is asked about it.
func (c clashing) told(found clash) EditClash {
	e := EditClash{
		Key: c.key(found), Base: c.text(found, found.base), Theirs: c.text(found, found.theirs), Mine: c.text(found, found.mine),
		TheirsKind: kindOf(found, found.theirs), MineKind: kindOf(found, found.mine),
		TheirsGone: gone(found.theirs), MineGone: gone(found.mine),
	}
	if e.TheirsKind == e.MineKind || e.TheirsGone || e.MineGone {
		e.TheirsKind, e.MineKind = "", ""
	}
	if isSetting(e.Key) { // what is not said is so
		e.TheirsGone, e.MineGone = false, false
	}
	e.Written = c.texts[e.Key] && !found.whole && single(found.theirs) && single(found.mine)
	return e
}

func isSetting(key string) bool {
	return key == otherKey || strings.HasSuffix(key, "."+otherKey) || strings.HasSuffix(key, ".type") || strings.HasSuffix(key, ".section")
}

// text is what a person reads of one side.
func (c clashing) text(found clash, v any) string {
	switch {
	case strings.HasSuffix(found.path, ".section"):
		return c.headings[leafText(v)]
	case strings.HasSuffix(found.path, ".type"):
		return ""
	case gone(v) && strings.HasSuffix(found.path, "."+otherKey):
		return "true"
	}
	return partText(v)
}

// kindOf is the kind of a question, of its part that has it, or where that is the place.
func kindOf(found clash, v any) string {
	if o, ok := v.(map[string]any); ok {
		if form, ok := o[formPart].(map[string]any); ok {
			o = form
		}
		return leafText(o["type"])
	}
	if strings.HasSuffix(found.path, ".type") {
		return leafText(v)
	}
	return ""
}

// single says whether there is one text at most.
func single(v any) bool {
	o, ok := v.(map[string]any)
	if !ok {
		_, text := v.(string)
		return text || gone(v)
	}
	return o["text"] != nil && partText(v) == leafText(o["text"])
}

func (c clashing) choose(found clash) (any, bool) {
	key := c.key(found)
	choice := c.chosen[key]
	switch choice.Take {
	case TakeTheirs:
		return found.theirs, true
	case TakeMine:
		return found.mine, true
	case TakeOwn:
		if c.told(found).Written {
			return thirdWording(choice.Text, found)
		}
	}
	return nil, false
}

// thirdWording puts a new text in the place of both.
func thirdWording(text string, found clash) (any, bool) {
	for _, v := range []any{found.mine, found.theirs} {
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
		o, _ := v.(map[string]any)
		if part := cmp.Or(whichOf(o, "text", "title", "type"), whichOf(o, otherKey)); part != "" {
			path = found.path + "." + part
			break
		}
	}
	if !c.survey || strings.HasPrefix(path, "overview.") {
		path = strings.TrimSuffix(path, ".text")
	}
	if path == closingPart+".other_text" {
		return otherKey + ".text"
	}
	path = strings.TrimPrefix(path, closingPart+".")
	return strings.Replace(path, "."+formPart+".", ".", 1)
}

// whichOf is the first of these fields that there is.
func whichOf(o map[string]any, names ...string) string {
	for _, name := range names {
		if o[name] != nil {
			return name
		}
	}
	return ""
}

// partText is what a person reads of a part of a tree.
func partText(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var lines []string
		for _, name := range []string{"title", "preamble", "text", "url", "items", formPart, "follow_up", "other_text"} {
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

// clashError says where two people wrote at the same time.
func clashError(number int, clashes []EditClash) error {
	e := errs.E(errs.Conflict, "document.edit.newer", "Number", number)
	for _, c := range clashes {
		e.Fields = append(e.Fields, errs.FieldError(c.Key, "document.edit.clash", "Place", ClashPlace(c.Key)))
	}
	return e
}
