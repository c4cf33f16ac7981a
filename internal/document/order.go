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

// woveOrder is an order of the first list in which any two stand as in that of the two others which changed it. It is
// not ok where there is none: one of them moved something before a second and the other this before a third, and so on
// in a circle.
func woveOrder(base, a, b []string) ([]string, bool) {
	inA, inB := placesOf(a), placesOf(b)
	before := make(map[string]int, len(base)) // how many stand behind each
	for i, x := range base {
		for _, y := range base[i+1:] {
			if swapped(inA, x, y) || swapped(inB, x, y) {
				before[y]++
			} else {
				before[x]++
			}
		}
	}
	order := slices.Clone(base)
	slices.SortStableFunc(order, func(x, y string) int { return before[y] - before[x] })
	for i, id := range order {
		if before[id] != len(order)-1-i {
			return nil, false
		}
	}
	return order, true
}

func placesOf(ids []string) map[string]int {
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	return at
}

// swapped says whether both are there, the second before the first.
func swapped(at map[string]int, x, y string) bool {
	i, hasX := at[x]
	j, hasY := at[y]
	return hasX && hasY && j < i
}

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
