package document

import (
	"cmp"
	"slices"
)

// The likeness, of 1000, from which a block that stands elsewhere is an old one that was moved and edited.
const movedLikeness = 600

// maxAlike bounds how many pairs of blocks are compared for their likeness.
const maxAlike = 250_000

// alignMoved is align for blocks that may have been moved: what reads the same, or nearly, is known again wherever it
// stands. Only what is left then is matched by its neighbours.
func alignMoved(old, fresh []string) []int {
	at := align(old, fresh)
	fixed, used := make([]bool, len(fresh)), make([]bool, len(old))
	take := func(i, o int) {
		at[i], fixed[i], used[o] = o, true, true
	}
	for i, o := range at {
		if o >= 0 && old[o] == fresh[i] {
			take(i, o)
		}
	}
	places := map[string][]int{}
	for o, text := range old {
		if !used[o] {
			places[text] = append(places[text], o)
		}
	}
	for i, text := range fresh {
		if same := places[text]; !fixed[i] && len(same) > 0 {
			take(i, same[0])
			places[text] = same[1:]
		}
	}
	takeAlike(old, fresh, fixed, used, take)
	alignBetween(old, fresh, at, fixed, used)
	return at
}

// takeAlike pairs what is nearly the same, the most alike first and of those the nearest.
func takeAlike(old, fresh []string, fixed, used []bool, take func(i, o int)) {
	type pair struct{ i, o, likeness int }
	if len(old)*len(fresh) > maxAlike {
		return
	}
	oldWords, freshWords := wordSets(old), wordSets(fresh)
	var pairs []pair
	for i := range fresh {
		for o := range old {
			if fixed[i] || used[o] {
				continue
			}
			if likeness := shared(oldWords[o], freshWords[i]); likeness >= movedLikeness {
				pairs = append(pairs, pair{i, o, likeness})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(b.likeness-a.likeness, abs(a.i-a.o)-abs(b.i-b.o))
	})
	for _, p := range pairs {
		if !fixed[p.i] && !used[p.o] {
			take(p.i, p.o)
		}
	}
}

func abs(n int) int { return max(n, -n) }

// alignBetween matches what is left between the same neighbours, in its order. Between two neighbours that moved apart
// nothing is.
func alignBetween(old, fresh []string, at []int, fixed, used []bool) {
	for i := range fresh {
		if !fixed[i] {
			at[i] = -1
		}
	}
	for from := range fresh {
		if fixed[from] || from > 0 && !fixed[from-1] {
			continue
		}
		to := from
		for to < len(fresh) && !fixed[to] {
			to++
		}
		first, last := leftBeside(at, used, from, to)
		for i, o := range align(old[first:last], fresh[from:to]) {
			if o >= 0 && !pieceOfAnother(old, first+o, fresh[from+i]) {
				at[from+i], used[first+o] = first+o, true
			}
		}
	}
}

// leftBeside are the old blocks after the one neighbour of fresh blocks that nobody took, else those before the other.
func leftBeside(at []int, used []bool, from, to int) (first, last int) {
	if from > 0 {
		first = at[from-1] + 1
	}
	for last = first; last < len(used) && !used[last]; {
		last++
	}
	if first == last && to < len(at) {
		last = at[to]
		for first = last; first > 0 && !used[first-1]; {
			first--
		}
	}
	return first, last
}

// pieceOfAnother says whether a block that has hardly anything of one old block has most of its words from another.
func pieceOfAnother(old []string, at int, fresh string) bool {
	if continues(old[at], fresh) {
		return false
	}
	words := wordSets([]string{fresh})[0]
	for o, text := range old {
		if o != at && containsWords(wordSets([]string{text})[0], words) {
			return true
		}
	}
	return false
}

// The share, of 1000, of its words from which a block is taken for a piece of another.
const pieceLikeness = 600

// containsWords says whether most of the words of a piece are among those of a whole.
func containsWords(whole, piece map[string]bool) bool {
	n := 0
	for w := range piece {
		if whole[w] {
			n++
		}
	}
	return len(piece) > 0 && n*1000 >= len(piece)*pieceLikeness
}
