package document

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Anchor is what a thread is about: a passage, and in it the words that are meant. Start and Length are the
// place of these words in the present wording, in code points.
type Anchor struct {
	SegmentKey string // "" for the text as a whole
	Quote      string // the words as they read when the thread was begun; "" for the whole passage
	Start      int
	Length     int
	Touched    bool // what stands there now reads otherwise, or is gone
}

// shortestSearched is how many characters a quote must have to be looked for in other passages: "the" would be
// found where nobody meant it.
const shortestSearched = 8

// carried brings the anchor through an edit of the whole text. meant is its passage as it read when the thread
// was begun. Words that an edit took elsewhere, by splitting, joining or moving passages, are followed there;
// those that are gone leave the anchor at its old passage, touched.
func (a Anchor) carried(before, after []Segment, meant string) Anchor {
	if a.SegmentKey == "" {
		return a
	}
	was, had := textOf(before, a.SegmentKey)
	is, has := textOf(after, a.SegmentKey)
	if had && has && was == is {
		return a
	}
	stayed := a
	switch {
	case had && has:
		stayed = a.through(was, is, meant)
	case has:
		stayed = a.at(a.SegmentKey, is, meant)
	default:
		stayed.Start, stayed.Length, stayed.Touched = 0, 0, true
	}
	if !stayed.Touched {
		return stayed
	}
	if moved, ok := a.elsewhere(before, after, was, meant); ok {
		return moved
	}
	return stayed
}

// elsewhere finds the one other passage into which the edit brought what is meant.
func (a Anchor) elsewhere(before, after []Segment, was, meant string) (Anchor, bool) {
	var found []Anchor
	for _, s := range after {
		old, _ := textOf(before, s.Key)
		if s.Key == a.SegmentKey || s.Text == "" || s.Text == old {
			continue
		}
		if s.Text == was && !a.Touched {
			moved := a
			moved.SegmentKey = s.Key
			found = append(found, moved)
			continue
		}
		if a.Quote != "" && s.Text != meant && (utf8.RuneCountInString(a.Quote) < shortestSearched || strings.Contains(old, a.Quote)) {
			continue
		}
		if moved := a.at(s.Key, s.Text, meant); !moved.Touched {
			found = append(found, moved)
		}
	}
	if len(found) != 1 {
		return Anchor{}, false
	}
	return found[0], true
}

// at puts the anchor into a passage in which it has no place yet. It is touched where what is meant does not
// stand there, or stands there twice.
func (a Anchor) at(key, text, meant string) Anchor {
	a.SegmentKey, a.Start, a.Length = key, 0, 0
	if a.Quote == "" {
		a.Length, a.Touched = utf8.RuneCountInString(text), text != meant
		return a
	}
	start, times := find(text, a.Quote)
	a.Touched = times != 1
	if !a.Touched {
		a.Start, a.Length = start, utf8.RuneCountInString(a.Quote)
	}
	return a
}

// through brings the anchor through an edit of its passage. An edit beside the words keeps exactly them; one
// inside of them leaves the anchor over what stands in their place, touched, until they read again as they did.
func (a Anchor) through(was, is, meant string) Anchor {
	if a.Quote == "" {
		return a.at(a.SegmentKey, is, meant)
	}
	old, fresh := []rune(was), []rune(is)
	start := min(a.Start, len(old))
	lo, hi, whole := moveRange(old, fresh, start, min(start+a.Length, len(old)))
	back, times := find(is, a.Quote)
	length := utf8.RuneCountInString(a.Quote)
	switch {
	case string(fresh[lo:hi]) == a.Quote:
		a.Touched = false
	case times == 1 && ((back <= hi && lo <= back+length) || !strings.Contains(was, a.Quote)):
		lo, hi, a.Touched = back, back+length, false
	case !whole:
		a.Touched = true
	}
	a.Start, a.Length = lo, hi-lo
	return a
}

// moveRange says where a range of a text lies after an edit; whole says that its words are the same. A range
// that was edited becomes what stands in its place, and an empty one takes in what was written there.
func moveRange(old, fresh []rune, start, end int) (lo, hi int, whole bool) {
	head, tail := commonHead(old, fresh), commonTail(old, fresh)
	switch {
	case start == end:
		return moveEmpty(old, fresh, start, head, tail)
	case end <= head:
		return start, end, true
	case start >= len(old)-tail:
		shift := len(fresh) - len(old)
		return start + shift, end + shift, true
	}
	lo, hi = spanOf(old, fresh, head, min(tail, min(len(old), len(fresh))-head), start, end)
	words := string(old[start:end])
	if at, times := find(string(fresh[lo:hi]), words); times == 1 {
		return lo + at, lo + at + end - start, true
	}
	if _, times := find(string(old), words); times == 1 {
		if at, times := find(string(fresh), words); times == 1 {
			return at, at + end - start, true
		}
	}
	return lo, hi, false
}

func moveEmpty(old, fresh []rune, at, head, tail int) (lo, hi int, whole bool) {
	switch {
	case at < head:
		return at, at, true
	case at > len(old)-tail:
		at += len(fresh) - len(old)
		return at, at, true
	}
	tail = min(tail, min(len(old), len(fresh))-head)
	return head, len(fresh) - tail, false
}

// spanOf follows both ends of a range through the differences of two texts, of which head and tail are the same.
func spanOf(old, fresh []rune, head, tail, start, end int) (lo, hi int) {
	runs := slices.Concat(
		[]Change{{Kept, string(old[:head])}},
		wordChanges(string(old[head:len(old)-tail]), string(fresh[head:len(fresh)-tail])),
		[]Change{{Kept, string(old[len(old)-tail:])}},
	)
	from, to := 0, 0 // how far the runs have come in the old text and in the new one
	edit := 0        // where in the new text the changes began that have no kept run after them yet
	lo, hi = -1, -1
	for _, run := range runs {
		n := utf8.RuneCountInString(run.Text)
		switch run.Kind {
		case Added:
			to += n
			continue
		case Removed:
			if start >= from && start < from+n {
				lo = edit
			}
			from += n
			continue
		}
		if n == 0 {
			continue
		}
		if hi < 0 && end <= from { // the range ended in what was taken out before this run
			hi = to
		}
		if start >= from && start < from+n {
			lo = to + start - from
		}
		if hi < 0 && end <= from+n {
			hi = to + end - from
		}
		from, to = from+n, to+n
		edit = to
	}
	if hi < 0 {
		hi = to
	}
	return max(lo, 0), max(hi, lo, 0)
}

func commonHead(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonTail(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// find says where words stand in a text, in code points, and whether once (1), more often (2) or not at all (0).
func find(text, words string) (at, times int) {
	first := strings.Index(text, words)
	if first < 0 || words == "" {
		return 0, 0
	}
	_, size := utf8.DecodeRuneInString(text[first:])
	times = 1
	if strings.Contains(text[first+size:], words) {
		times = 2
	}
	return utf8.RuneCountInString(text[:first]), times
}

// textOf is the text of a passage; ok is false where there is no such passage.
func textOf(segments []Segment, key string) (text string, ok bool) {
	i := slices.IndexFunc(segments, func(s Segment) bool { return s.Key == key })
	if i < 0 {
		return "", false
	}
	return segments[i].Text, true
}

// present are the words that stand under the anchor now, in the passage's present text.
func (a Anchor) present(text string) string {
	letters := []rune(text)
	start := min(max(a.Start, 0), len(letters))
	return string(letters[start:min(start+max(a.Length, 0), len(letters))])
}
