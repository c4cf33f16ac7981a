package geo

import (
	"maps"
	"slices"
)

// index collects what a folded text may mean before it is known whether it means one thing.
type index struct {
	meanings map[string][]string
}

func newIndex() *index { return &index{meanings: map[string][]string{}} }

// add gives a text one more meaning; a text that folds to nothing is passed over.
func (x *index) add(text, code string) {
	key := keyOf(text)
	if key == "" || slices.Contains(x.meanings[key], code) {
		return
	}
	x.meanings[key] = append(x.meanings[key], code)
}

// set gives a text this meaning and no other.
func (x *index) set(text, code string) { x.meanings[keyOf(text)] = []string{code} }

// split parts the texts with one meaning from those with several, which are sorted.
func (x *index) split() (one map[string]string, several []string) {
	one = make(map[string]string, len(x.meanings))
	for _, key := range slices.Sorted(maps.Keys(x.meanings)) {
		codes := x.meanings[key]
		if len(codes) > 1 {
			several = append(several, key)
			continue
		}
		one[key] = codes[0]
	}
	return one, several
}
