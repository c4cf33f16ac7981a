package document

import (
	"cmp"
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

// begun is the passage of a thread as it read when the thread was begun, and where the quote stood in it.
type begun struct {
	text  string
	start int
}

// recognized is how many characters of a text must be the same to be known again in another passage: "the" stands
// everywhere.
const recognized = 8

// placed is a range of a passage, in code points.
type placed struct {
	key    string
	lo, hi int
}

// carried brings the anchor through an edit. Where the alignment of the two wordings knows what became of the words
// that are meant, the anchor follows them, into whichever passage they came by splitting, joining or moving. Else it
// goes to where the same words were put, and of several such places to the one with the most of the same text around.
// Words that are gone leave the anchor touched, over what stands in their place.
func (a Anchor) carried(f *flow, was begun) Anchor {
	if a.SegmentKey == "" || !f.touches(a.SegmentKey) {
		return a
	}
	words := a.Quote
	if words == "" {
		words = was.text
	}
	p, known := a.followed(f, words)
	if !known {
		p = a.elsewhere(f, was, words, p)
	}
	return a.over(f, p, words)
}

// over puts the anchor over a place of the new wording.
func (a Anchor) over(f *flow, p placed, words string) Anchor {
	text, there := f.after[p.key]
	letters := utf8.RuneCountInString(text)
	a.SegmentKey, a.Start = p.key, min(max(p.lo, 0), letters)
	a.Length = min(max(p.hi, a.Start), letters) - a.Start
	a.Touched = !there || a.present(text) != words
	return a
}

// followed says where what stood under the anchor stands now; known says that these are the same words, and not just
// what came in their place.
func (a Anchor) followed(f *flow, words string) (p placed, known bool) {
	was, had := f.before[a.SegmentKey]
	is, has := f.after[a.SegmentKey]
	if !had {
		return placed{key: a.SegmentKey}, false
	}
	if !a.Touched && words != "" {
		if p, ok := f.follow(a.SegmentKey, a.Start, a.Start+a.Length); ok {
			return a.widened(f, p), true
		}
	}
	if !has {
		return f.mostOf(a.SegmentKey, a.Start, a.Start+a.Length), false
	}
	old, fresh := []rune(was), []rune(is)
	start := min(a.Start, len(old))
	end := min(start+a.Length, len(old))
	if a.Quote == "" && start == 0 && end == len(old) { // all of a passage stays all of it
		return placed{a.SegmentKey, 0, len(fresh)}, is == words
	}
	lo, hi, _ := moveRange(old, fresh, start, end)
	return placed{a.SegmentKey, lo, hi}, string(fresh[lo:hi]) == words
}

// widened is the place of what was all of a passage: where words were only added to it, it is all of it still.
func (a Anchor) widened(f *flow, p placed) placed {
	letters := utf8.RuneCountInString(f.before[a.SegmentKey])
	if a.Quote != "" || p.key != a.SegmentKey || a.Start > 0 || a.Length < letters || !f.onlyAdded(p) {
		return p
	}
	return placed{p.key, 0, utf8.RuneCountInString(f.after[p.key])}
}

// elsewhere looks for the words among what the edit wrote. Without any it is the place that was found already.
func (a Anchor) elsewhere(f *flow, was begun, words string, near placed) placed {
	before := []rune(f.before[a.SegmentKey])
	end := min(a.Start+a.Length, len(before))
	own := f.was.at(a.SegmentKey, min(a.Start, end))
	around := []surroundings{surroundingsOf([]rune(was.text), was.start, utf8.RuneCountInString(words))}
	if !a.Touched && a.Length > 0 {
		around = append(around, surroundingsOf(before, min(a.Start, end), end-min(a.Start, end)))
	}
	type candidate struct {
		placed
		same, away int
	}
	var all []candidate
	for _, p := range f.written(words, own) {
		c := candidate{placed: p, away: max(p.lo-near.lo, near.lo-p.lo)}
		for _, here := range around {
			c.same = max(c.same, here.shared(f.is.of(p.key), p.lo, p.hi))
		}
		if p.key != near.key {
			if c.same+p.hi-p.lo < min(recognized, len(f.is.of(p.key))) {
				continue
			}
			c.away = len(f.is.text)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return near
	}
	return slices.MinFunc(all, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.same, x.same), cmp.Compare(x.away, y.away))
	}).placed
}

// surroundings are the text around some words, of which so much is looked at on each side.
type surroundings struct{ before, after []rune }

const contextLength = 60

func surroundingsOf(text []rune, start, length int) surroundings {
	start = min(max(start, 0), len(text))
	end := min(start+length, len(text))
	return surroundings{text[max(0, start-contextLength):start], text[end:min(len(text), end+contextLength)]}
}

// shared is how much of the text around a range of a passage is the same.
func (c surroundings) shared(text []rune, lo, hi int) int {
	return commonTail(c.before, text[:lo]) + commonHead(c.after, text[hi:])
}

// moveRange says where a range of a passage lies after an edit of that passage; whole says that its words are the
// same. A range that was edited becomes what stands in its place, and an empty one takes in what was written there.
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

// occurrences are all the places of words in a text, in code points.
func occurrences(text, words string) []int {
	var all []int
	if words == "" {
		return nil
	}
	for at, letters := 0, 0; ; {
		next := strings.Index(text[at:], words)
		if next < 0 {
			return all
		}
		letters += utf8.RuneCountInString(text[at : at+next])
		all = append(all, letters)
		_, size := utf8.DecodeRuneInString(text[at+next:])
		at, letters = at+next+size, letters+1
	}
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
