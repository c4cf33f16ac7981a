package document

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// modelWord is one word of a model document: which one it is stays known through every edit.
type modelWord struct {
	id   int
	text string
}

// model is a text as its author sees it: paragraphs of words, of which each is known.
type model struct {
	paragraphs [][]modelWord
	next       int
	word       func(t *rapid.T, id int) string
}

func (m *model) words(t *rapid.T, from, to int) []modelWord {
	var all []modelWord
	for range rapid.IntRange(from, to).Draw(t, "words") {
		m.next++
		all = append(all, modelWord{m.next, m.word(t, m.next)})
	}
	return all
}

func (m *model) clone() *model {
	c := *m
	c.paragraphs = nil
	for _, p := range m.paragraphs {
		c.paragraphs = append(c.paragraphs, append([]modelWord{}, p...))
	}
	return &c
}

func (m *model) body() string {
	var all []string
	for _, p := range m.paragraphs {
		all = append(all, textOfWords(p))
	}
	return strings.Join(all, "\n\n")
}

func textOfWords(all []modelWord) string {
	var texts []string
	for _, w := range all {
		texts = append(texts, w.text)
	}
	return strings.Join(texts, " ")
}

// edit does one thing to the text, as an author would.
func (m *model) edit(t *rapid.T) {
	at := rapid.IntRange(0, len(m.paragraphs)-1).Draw(t, "at")
	p := m.paragraphs[at]
	cut := rapid.IntRange(0, len(p)).Draw(t, "cut")
	end := rapid.IntRange(cut, min(cut+3, len(p))).Draw(t, "end")
	kind := rapid.SampledFrom([]string{"insert", "delete", "replace", "join", "split", "move", "carry", "add", "drop"}).Draw(t, "edit")
	join := func(parts ...[]modelWord) []modelWord {
		var all []modelWord
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	switch kind {
	case "insert":
		m.paragraphs[at] = join(p[:cut], m.words(t, 1, 3), p[cut:])
	case "delete":
		if left := join(p[:cut], p[end:]); len(left) > 0 {
			m.paragraphs[at] = left
		}
	case "replace":
		m.paragraphs[at] = join(p[:cut], m.words(t, 1, 3), p[end:])
	case "join":
		if at+1 < len(m.paragraphs) {
			m.paragraphs[at] = join(p, m.paragraphs[at+1])
			m.paragraphs = append(m.paragraphs[:at+1], m.paragraphs[at+2:]...)
		}
	case "split":
		if cut > 0 && cut < len(p) {
			m.paragraphs = join2(m.paragraphs[:at], [][]modelWord{p[:cut:cut], p[cut:]}, m.paragraphs[at+1:])
		}
	case "move":
		rest := join2(m.paragraphs[:at], nil, m.paragraphs[at+1:])
		to := rapid.IntRange(0, len(rest)).Draw(t, "to")
		m.paragraphs = join2(rest[:to], [][]modelWord{p}, rest[to:])
	case "carry": // some words go to another paragraph
		to := rapid.IntRange(0, len(m.paragraphs)-1).Draw(t, "to")
		if left := join(p[:cut], p[end:]); to != at && len(left) > 0 {
			m.paragraphs[to] = join(m.paragraphs[to], p[cut:end])
			m.paragraphs[at] = left
		}
	case "add":
		m.paragraphs = join2(m.paragraphs[:at], [][]modelWord{m.words(t, 1, 8)}, m.paragraphs[at:])
	case "drop":
		if len(m.paragraphs) > 1 {
			m.paragraphs = join2(m.paragraphs[:at], nil, m.paragraphs[at+1:])
		}
	}
}

func join2(parts ...[][]modelWord) [][]modelWord {
	var all [][]modelWord
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// where says in which paragraph, and where in it, these words stand together, and how long the piece is with which
// they came from the other text.
func (m *model) where(meant []modelWord, from *model) (paragraph, start, piece int, ok bool) {
	for i, p := range m.paragraphs {
		for j := range p {
			if p[j].id != meant[0].id || j+len(meant) > len(p) {
				continue
			}
			for k := range meant {
				if p[j+k].id != meant[k].id {
					return 0, 0, 0, false
				}
			}
			lo, hi := j, j+len(meant)
			for lo > 0 && from.follows(p[lo-1].id, p[lo].id) {
				lo--
			}
			for hi < len(p) && from.follows(p[hi-1].id, p[hi].id) {
				hi++
			}
			before := textOfWords(p[:j])
			if before != "" {
				before += " "
			}
			return i, utf8.RuneCountInString(before), utf8.RuneCountInString(textOfWords(p[lo:hi])), true
		}
	}
	return 0, 0, 0, false
}

func (m *model) follows(a, b int) bool {
	for _, p := range m.paragraphs {
		for i := range p[1:] {
			if p[i].id == a && p[i+1].id == b {
				return true
			}
		}
	}
	return false
}

func wordingFor(t *rapid.T, m *model, before wording) wording {
	w, err := Message{Subject: "Subject 0", Body: m.body()}.build(before)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// begin draws some words of the model, or a whole paragraph, and anchors a thread to them.
func (m *model) begin(t *rapid.T, w wording) (Anchor, []modelWord) {
	at := rapid.IntRange(0, len(m.paragraphs)-1).Draw(t, "paragraph")
	p := m.paragraphs[at]
	a := Anchor{SegmentKey: w.segments[at+1].Key, Length: utf8.RuneCountInString(textOfWords(p))}
	if rapid.Bool().Draw(t, "all of it") {
		return a, p
	}
	i := rapid.IntRange(0, len(p)-1).Draw(t, "first")
	j := rapid.IntRange(i+1, len(p)).Draw(t, "last")
	a.Quote = textOfWords(p[i:j])
	if before := textOfWords(p[:i]); before != "" {
		a.Start = utf8.RuneCountInString(before) + 1
	}
	a.Length = utf8.RuneCountInString(a.Quote)
	return a, p[i:j]
}

// checkAnchor holds what is true of every anchor.
func checkAnchor(t *rapid.T, a Anchor, w wording, meant string) {
	text, there := textOf(w.segments, a.SegmentKey)
	if a.Start < 0 || a.Length < 0 || a.Start+a.Length > utf8.RuneCountInString(text) {
		t.Fatalf("%+v lies outside of %q", a, text)
	}
	if (there && a.present(text) == meant) == a.Touched {
		t.Fatalf("%+v over %q, meant was %q", a, a.present(text), meant)
	}
}

// Where each word is known: words that still stand together are what the thread is about, wherever paragraphs were
// joined, split or moved to, and however short they are; words that are gone are touched.
func TestAnchorsFollowTheirWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{word: func(t *rapid.T, id int) string {
			return rapid.SampledFrom([]string{"", "a", "bc", "def"}).Draw(t, "word") + fmt.Sprintf("%02dz", id) // no word ends in another
		}}
		for range rapid.IntRange(1, 5).Draw(t, "paragraphs") {
			m.paragraphs = append(m.paragraphs, m.words(t, 1, 10))
		}
		w := wordingFor(t, m, wording{})
		a, words := m.begin(t, w)
		was, meant := begun{textOfWords(words), a.Start}, textOfWords(words)
		if a.Quote != "" {
			was.text, _ = textOf(w.segments, a.SegmentKey)
		}
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			edited := m.clone()
			edited.edit(t)
			next := wordingFor(t, edited, w)
			moved := a.carried(newFlow(w.segments, next.segments), was)
			checkAnchor(t, moved, next, meant)
			i, start, piece, stands := edited.where(words, m)
			if stands && !a.Touched {
				key := next.segments[i+1].Key
				whole := a.Quote == "" && key == a.SegmentKey && moved.Touched // words were added to the passage that was meant
				known := key == a.SegmentKey || piece >= recognized
				if known && !whole && (moved.Touched || moved.SegmentKey != key || moved.Start != start) {
					t.Fatalf("%q → %q: %q is %+v, not at %s %d", m.body(), edited.body(), meant, moved, key, start)
				}
			}
			m, w, a = edited, next, moved
		}
	})
}

// Where the same few words stand everywhere: whatever is done, an anchor is over its words, or touched.
func TestAnchorsAmongTheirLikes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{word: func(t *rapid.T, _ int) string {
			return rapid.SampledFrom([]string{"a", "b", "ab", "été"}).Draw(t, "word")
		}}
		for range rapid.IntRange(1, 4).Draw(t, "paragraphs") {
			m.paragraphs = append(m.paragraphs, m.words(t, 1, 8))
		}
		w := wordingFor(t, m, wording{})
		a, words := m.begin(t, w)
		text, _ := textOf(w.segments, a.SegmentKey)
		was, meant := begun{text, a.Start}, textOfWords(words)
		for range rapid.IntRange(1, 5).Draw(t, "edits") {
			m = m.clone()
			m.edit(t)
			next := wordingFor(t, m, w)
			a = a.carried(newFlow(w.segments, next.segments), was)
			checkAnchor(t, a, next, meant)
			w = next
		}
	})
}
