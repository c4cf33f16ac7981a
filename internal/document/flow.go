package document

import (
	"slices"
	"strings"
	"unicode"
)

// flow says what became of each character of a wording in the one that follows it. Of the two it holds the passages
// that differ; in all others everything stayed where it was.
type flow struct {
	before, after map[string]string // all passages, by key
	was, is       strip             // those that differ
	to, from      []int             // for each character of one strip its place in the other, nowhere for none
}

const nowhere = -1

// strip is some passages one after another, with a character between them that stands in none.
type strip struct {
	text   []rune
	starts map[string]int
	ends   map[string]int
	keys   []string
}

const between = '\x00' // texts are kept without it

func (s *strip) add(key, text string) {
	if s.starts == nil {
		s.starts, s.ends = map[string]int{}, map[string]int{}
	}
	if len(s.text) > 0 {
		s.text = append(s.text, between)
	}
	s.starts[key] = len(s.text)
	s.text = append(s.text, []rune(text)...)
	s.ends[key] = len(s.text)
	s.keys = append(s.keys, key)
}

// of are the characters of a passage.
func (s *strip) of(key string) []rune { return s.text[s.starts[key]:s.ends[key]] }

// at is the place of a character of a passage in the strip; nowhere for a passage that is not in it.
func (s *strip) at(key string, offset int) int {
	start, ok := s.starts[key]
	if !ok {
		return nowhere
	}
	return start + offset
}

// keyAt is the passage of a place, "" between two of them.
func (s *strip) keyAt(place int) string {
	i, found := slices.BinarySearchFunc(s.keys, place, func(key string, place int) int {
		switch {
		case s.ends[key] <= place:
			return -1
		case s.starts[key] > place:
			return 1
		}
		return 0
	})
	if !found {
		return ""
	}
	return s.keys[i]
}

// newFlow compares two wordings of a text: passages that read the same under another key first, then all that is left
// word by word, and what is left then once more, as long as larger pieces are found that stand elsewhere.
func newFlow(before, after []Segment) *flow {
	f := &flow{before: textsOf(before), after: textsOf(after)}
	for _, s := range before {
		if is, ok := f.after[s.Key]; (!ok || is != s.Text) && s.Text != "" {
			f.was.add(s.Key, s.Text)
		}
	}
	for _, s := range after {
		if was, ok := f.before[s.Key]; (!ok || was != s.Text) && s.Text != "" {
			f.is.add(s.Key, s.Text)
		}
	}
	f.to, f.from = filled(len(f.was.text)), filled(len(f.is.text))
	f.pairPassages()
	least := 0
	for range flowRounds {
		if !f.pairWords(least) {
			break
		}
		least = recognized
	}
	return f
}

// flowRounds bounds how often what is left is compared again.
const flowRounds = 4

func filled(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = nowhere
	}
	return all
}

// touches says whether the passage differs, or is in neither wording.
func (f *flow) touches(key string) bool {
	was, had := f.before[key]
	is, has := f.after[key]
	return !had || !has || was != is
}

func (f *flow) pair(old, fresh, n int) {
	for i := range n {
		f.to[old+i], f.from[fresh+i] = fresh+i, old+i
	}
}

// pairPassages pairs passages that read the same, in their order.
func (f *flow) pairPassages() {
	fresh := map[string][]string{}
	for _, key := range f.is.keys {
		fresh[f.after[key]] = append(fresh[f.after[key]], key)
	}
	for _, key := range f.was.keys {
		if same := fresh[f.before[key]]; len(same) > 0 {
			f.pair(f.was.starts[key], f.is.starts[same[0]], len(f.was.of(key)))
			fresh[f.before[key]] = same[1:]
		}
	}
}

// pairWords pairs runs of so many characters or more among what has no partner yet, and says whether there were any.
func (f *flow) pairWords(least int) (found bool) {
	old, fresh := left(f.to), left(f.from)
	if len(old) == 0 || len(fresh) == 0 {
		return false
	}
	i, j := 0, 0
	for _, run := range wordChanges(string(pick(f.was.text, old)), string(pick(f.is.text, fresh))) {
		n := len([]rune(run.Text))
		switch run.Kind {
		case Removed:
			i += n
		case Added:
			j += n
		case Kept:
			if n >= least && strings.TrimFunc(run.Text, func(r rune) bool { return r == between || unicode.IsSpace(r) }) != "" {
				found = true
				for k := range n {
					f.to[old[i+k]], f.from[fresh[j+k]] = fresh[j+k], old[i+k]
				}
			}
			i, j = i+n, j+n
		}
	}
	return found
}

// left are the places without a partner.
func left(partners []int) []int {
	var all []int
	for i, p := range partners {
		if p == nowhere {
			all = append(all, i)
		}
	}
	return all
}

func pick(text []rune, places []int) []rune {
	picked := make([]rune, len(places))
	for i, p := range places {
		picked[i] = text[p]
	}
	return picked
}

// follow says where a range of a passage stands now; ok where all of it stands together in one passage. In another
// passage it must be part of a longer piece that came along, or of all of a passage.
func (f *flow) follow(key string, start, end int) (p placed, ok bool) {
	lo, hi := f.was.at(key, start), f.was.at(key, end)
	if lo < 0 || hi <= lo || hi > f.was.ends[key] {
		return p, false
	}
	for i := lo; i < hi; i++ {
		if f.to[i] == nowhere || f.to[i] != f.to[lo]+i-lo {
			return p, false
		}
	}
	p.key = f.is.keyAt(f.to[lo])
	first := f.is.starts[p.key]
	p.lo, p.hi = f.to[lo]-first, f.to[hi-1]+1-first
	if p.key == "" || p.hi > len(f.is.of(p.key)) {
		return p, false
	}
	return p, p.key == key || f.run(lo, hi) >= min(recognized, len(f.was.of(key)), len(f.is.of(p.key)))
}

// run is how long the piece is that came along with a range.
func (f *flow) run(lo, hi int) int {
	for lo > 0 && f.to[lo] > 0 && f.to[lo-1] == f.to[lo]-1 && f.was.text[lo-1] != between {
		lo--
	}
	for hi < len(f.to) && f.to[hi] == f.to[hi-1]+1 && f.was.text[hi] != between {
		hi++
	}
	return hi - lo
}

// onlyAdded says whether what else stands in the passage of a place was written by the edit, and is not just space.
func (f *flow) onlyAdded(p placed) bool {
	first, added := f.is.starts[p.key], false
	for i, r := range f.is.of(p.key) {
		if i >= p.lo && i < p.hi || unicode.IsSpace(r) {
			continue
		}
		if f.from[first+i] != nowhere {
			return false
		}
		added = true
	}
	return added
}

// mostOf is the place of most of a range, of a passage that is gone; without so much of it anywhere, the passage itself.
func (f *flow) mostOf(key string, start, end int) placed {
	type share struct{ letters, lo, hi int }
	shares := map[string]share{}
	best, letters := placed{key: key}, 0
	text := f.was.of(key)
	for i := max(start, 0); i < min(end, len(text)); i++ {
		if unicode.IsSpace(text[i]) {
			continue
		}
		letters++
		to := f.to[f.was.starts[key]+i]
		if to == nowhere {
			continue
		}
		in := f.is.keyAt(to)
		at := to - f.is.starts[in]
		s, ok := shares[in]
		if !ok {
			s = share{lo: at, hi: at + 1}
		}
		shares[in] = share{s.letters + 1, min(s.lo, at), max(s.hi, at+1)}
	}
	for in, s := range shares {
		if in != "" && s.letters*2 > letters && s.letters >= recognized {
			best = placed{in, s.lo, s.hi}
		}
	}
	return best
}

// written are the places of words in what the edit touched, without those that are known to have been another place of
// the same words before. own is where the words stood that are looked for.
func (f *flow) written(words string, own int) []placed {
	var all []placed
	for _, key := range f.is.keys {
		first := f.is.starts[key]
		for _, at := range occurrences(f.after[key], words) {
			p := placed{key, at, at + len([]rune(words))}
			if from := f.from[first+p.lo]; from == own || !f.cameFrom(first+p.lo, first+p.hi) {
				all = append(all, p)
			}
		}
	}
	return all
}

// cameFrom says whether a range was just this in the earlier wording, together in one passage.
func (f *flow) cameFrom(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		if f.from[i] == nowhere || f.from[i] != f.from[lo]+i-lo {
			return false
		}
	}
	return true
}
