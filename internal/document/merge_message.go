package document

import (
	"maps"
	"slices"
	"strings"
)

// messages merges what is no questionnaire: a list of segments, whose kinds and order follow from their keys.
func (c clashing) messages(base, theirs, mine wording) (wording, []EditClash, error) {
	st, _, err := readMessage(theirs)
	if err != nil {
		return wording{}, nil, err
	}
	mine = withNewKeys(&st, base, theirs, mine)
	p := putTogether(base, theirs, mine)
	merged, clashes := c.merge(p.tree(base), p.tree(theirs), p.tree(mine))
	if len(clashes) > 0 {
		return wording{}, clashes, nil
	}
	root, _ := merged.(map[string]any)
	parts, clashes := c.someBody(root["segments"].([]any), base, theirs, mine)
	if len(clashes) > 0 {
		return wording{}, clashes, nil
	}
	w, err := messageFrom(st, parts, slices.Concat(theirs.segments, mine.segments, base.segments))
	return w, nil, err
}

// someBody asks whose body stays where each took out what the other had left.
func (c clashing) someBody(parts []any, base, theirs, mine wording) ([]any, []EditClash) {
	for _, v := range parts {
		if part, _ := v.(map[string]any); !isPart(leafText(part["id"])) {
			return parts, nil
		}
	}
	whose := theirs
	switch c.chosen[bodyKey].Take {
	case TakeTheirs:
	case TakeMine:
		whose = mine
	default:
		return nil, []EditClash{{
			Key: bodyKey, Base: messageOf(base.segments).Body, Theirs: messageOf(theirs.segments).Body, Mine: messageOf(mine.segments).Body,
		}}
	}
	for _, s := range whose.segments {
		if !isPart(s.Key) {
			parts = append(parts, map[string]any{"id": s.Key, "text": s.Text})
		}
	}
	return parts, nil
}

// messageFrom puts a message together from what was merged. A passage that was written anew may be two, or none. What
// has stood somewhere as a passage of its own keeps the key that it had there.
func messageFrom(st messageStructure, parts []any, known []Segment) (wording, error) {
	var m Message
	var passages []Segment
	used := map[string]bool{}
	for _, v := range parts {
		part, _ := v.(map[string]any)
		used[leafText(part["id"])] = true
	}
	for _, v := range parts {
		part, _ := v.(map[string]any)
		key, text := leafText(part["id"]), leafText(part["text"])
		if m.set(key, text) {
			continue
		}
		blocks := splitBlocks(text)
		lead := 0 // the block that keeps the key
		for i, block := range blocks {
			if slices.ContainsFunc(known, func(s Segment) bool { return s.Key == key && s.Text == block }) {
				lead = i
				break
			}
		}
		for i, block := range blocks {
			if i == lead {
				passages = append(passages, passageOf(key, block))
				continue
			}
			at := slices.IndexFunc(known, func(s Segment) bool { return s.Text == block && !used[s.Key] && !isPart(s.Key) })
			if at < 0 {
				passages = append(passages, st.passage(block))
				continue
			}
			used[known[at].Key] = true
			passages = append(passages, passageOf(known[at].Key, block))
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

// bundles are passages that one of the two made of one another by splitting or joining, and in which the other wrote
// too. They are decided about as one, or the same words would stand twice.
type bundles struct {
	of map[string]string // the first key of its bundle, for each key that is in one
}

func putTogether(base, theirs, mine wording) bundles {
	b := bundles{of: map[string]string{}}
	for _, side := range []wording{theirs, mine} {
		b.link(base, side)
	}
	alone := bundles{of: map[string]string{}}
	for key, first := range b.of {
		is := func(w wording) string { return b.text(w, first) }
		if was, t, m := is(base), is(theirs), is(mine); was != t && was != m && t != m {
			alone.of[key] = first
		}
	}
	return alone
}

// link puts passages together between which one side moved words: taken out here, put in there.
func (b bundles) link(base, side wording) {
	was, is := textsOf(base.segments), textsOf(side.segments)
	differ := func(segments []Segment, here, there map[string]string) map[string]map[string]bool {
		only := map[string]map[string]bool{}
		for _, s := range segments {
			if here[s.Key] == there[s.Key] || isPart(s.Key) {
				continue
			}
			sets := wordSets([]string{here[s.Key], there[s.Key]})
			maps.DeleteFunc(sets[0], func(word string, _ bool) bool { return sets[1][word] })
			only[s.Key] = sets[0]
		}
		return only
	}
	lost, gained := differ(base.segments, was, is), differ(side.segments, is, was)
	for _, from := range base.segments {
		for _, to := range side.segments {
			if from.Key != to.Key && mostly(lost[from.Key], gained[to.Key]) {
				b.join(from.Key, to.Key)
			}
		}
	}
}

// mostly says whether at least half of one of two sets of words are in the other.
func mostly(a, b map[string]bool) bool {
	n := 0
	for word := range a {
		if b[word] {
			n++
		}
	}
	return n > 0 && (2*n >= len(a) || 2*n >= len(b))
}

func (b bundles) first(key string) string {
	if first, ok := b.of[key]; ok {
		return first
	}
	return key
}

func (b bundles) join(key, other string) {
	to, from := b.first(key), b.first(other)
	b.of[key], b.of[other] = to, to
	for k, first := range b.of {
		if first == from {
			b.of[k] = to
		}
	}
}

// text is all that a wording has of a bundle.
func (b bundles) text(w wording, first string) string {
	var texts []string
	for _, s := range w.segments {
		if b.first(s.Key) == first {
			texts = append(texts, s.Text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// tree is a wording with its bundles as one passage each.
func (b bundles) tree(w wording) any {
	parts := []any{}
	done := map[string]bool{}
	for _, s := range w.segments {
		first := b.first(s.Key)
		if done[first] {
			continue
		}
		done[first] = true
		parts = append(parts, map[string]any{"id": first, "text": b.text(w, first)})
	}
	return map[string]any{"segments": parts}
}
