package document

import "slices"

// woven is the first list with what only the second has, each after what precedes it there: at once, or
// late, behind what only the first has in that place.
func woven(first, second []string, late bool) []string {
	all := slices.Clone(first)
	known := make(map[string]bool, len(first))
	for _, id := range first {
		known[id] = true
	}
	at := 0
	for _, id := range second {
		if known[id] {
			at = slices.Index(all, id) + 1
			continue
		}
		for late && at < len(all) && !slices.Contains(second, all[at]) {
			at++
		}
		all = slices.Insert(all, at, id)
		known[id] = true
		at++
	}
	return all
}

// common is the first list without what the second does not have.
func common(first, second []string) []string {
	return slices.DeleteFunc(slices.Clone(first), func(id string) bool { return !slices.Contains(second, id) })
}

// sameOrder says whether what both lists have stands in the same order in both.
func sameOrder(a, b []string) bool { return slices.Equal(common(a, b), common(b, a)) }

// movedIn says which of what both lists have stands in another order: as few as explain it.
func movedIn(before, after []string) map[string]bool {
	was := common(before, after)
	place := make(map[string]int, len(after))
	for i, id := range after {
		place[id] = i
	}
	longest, follows := make([]int, len(was)), make([]int, len(was))
	start := -1
	for i := len(was) - 1; i >= 0; i-- {
		longest[i], follows[i] = 1, -1
		for j := i + 1; j < len(was); j++ {
			if place[was[j]] > place[was[i]] && longest[j] >= longest[i] {
				longest[i], follows[i] = longest[j]+1, j
			}
		}
		if start < 0 || longest[i] >= longest[start] {
			start = i
		}
	}
	moved := make(map[string]bool, len(was))
	for _, id := range was {
		moved[id] = true
	}
	for i := start; i >= 0; i = follows[i] {
		delete(moved, was[i])
	}
	return moved
}
