package document

import (
	"strings"
	"unicode"
)

// sameWeight outweighs any number of merely similar pairs, so that the alignment is a longest
// common subsequence first and a best guess for what was changed second.
const sameWeight = 1_000_000

// align says, for each new block, which old block it continues, -1 for none. Order is kept:
// identical blocks find each other, then changed blocks go to the most similar old one between the same neighbours.
func align(old, fresh []string) []int {
	at := make([]int, len(fresh))
	head := 0
	for head < len(old) && head < len(fresh) && old[head] == fresh[head] {
		at[head] = head
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(fresh)-head && old[len(old)-1-tail] == fresh[len(fresh)-1-tail] {
		at[len(fresh)-1-tail] = len(old) - 1 - tail
		tail++
	}
	middle := alignMiddle(old[head:len(old)-tail], fresh[head:len(fresh)-tail])
	for i, o := range middle {
		if o >= 0 {
			o += head
		}
		at[head+i] = o
	}
	return at
}

// alignMiddle finds the heaviest alignment by dynamic programming.
func alignMiddle(old, fresh []string) []int {
	weights := pairWeights(old, fresh)
	best := make([][]int, len(old)+1)
	for i := range best {
		best[i] = make([]int, len(fresh)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(fresh) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1], best[i+1][j+1]+weights[i][j])
		}
	}
	at := make([]int, len(fresh))
	for j := range at {
		at[j] = -1
	}
	for i, j := 0, 0; i < len(old) && j < len(fresh); {
		switch best[i][j] {
		case best[i+1][j+1] + weights[i][j]:
			at[j] = i
			i, j = i+1, j+1
		case best[i+1][j]:
			i++
		default:
			j++
		}
	}
	return at
}

func pairWeights(old, fresh []string) [][]int {
	oldWords, freshWords := wordSets(old), wordSets(fresh)
	weights := make([][]int, len(old))
	for i := range old {
		weights[i] = make([]int, len(fresh))
		for j := range fresh {
			if old[i] == fresh[j] {
				weights[i][j] = sameWeight
				continue
			}
			weights[i][j] = 1 + shared(oldWords[i], freshWords[j])
		}
	}
	return weights
}

func wordSets(texts []string) []map[string]bool {
	sets := make([]map[string]bool, len(texts))
	for i, t := range texts {
		sets[i] = map[string]bool{}
		for _, w := range strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			sets[i][w] = true
		}
	}
	return sets
}

// shared is how much two sets of words have in common, from 0 to 1000.
func shared(a, b map[string]bool) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) == 0 {
		return 0
	}
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n * 1000 / len(b)
}
