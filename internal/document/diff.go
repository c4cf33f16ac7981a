package document

import (
	"strings"
	"unicode"
)

// Change is a run of text that stayed, was taken out or was put in.
type Change struct {
	Kind ChangeKind
	Text string
}

// ChangeKind says what became of a run of text.
type ChangeKind string

// What may become of a run.
const (
	Kept    ChangeKind = "kept"
	Removed ChangeKind = "removed"
	Added   ChangeKind = "added"
)

// maxDiffTokens bounds the table of a comparison; longer texts are shown as wholly changed.
const maxDiffTokens = 2000

// wordChanges compares two texts word by word. The kept and added runs make the new text, the kept
// and removed ones the old.
func wordChanges(old, fresh string) []Change {
	a, b := tokens(old), tokens(fresh)
	if len(a) > maxDiffTokens || len(b) > maxDiffTokens {
		return []Change{{Removed, old}, {Added, fresh}}
	}
	length := make([][]uint16, len(a)+1)
	for i := range length {
		length[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var runs []Change
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			runs = extend(runs, Kept, a[i])
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || length[i+1][j] >= length[i][j+1]):
			runs = extend(runs, Removed, a[i])
			i++
		default:
			runs = extend(runs, Added, b[j])
			j++
		}
	}
	return runs
}

func extend(runs []Change, kind ChangeKind, text string) []Change {
	if n := len(runs); n > 0 && runs[n-1].Kind == kind {
		runs[n-1].Text += text
		return runs
	}
	return append(runs, Change{kind, text})
}

// tokens cuts a text into words, spaces and single marks; ideographs stand alone.
func tokens(s string) []string {
	var all []string
	start, class := 0, -1
	for i, r := range s {
		c := classOf(r)
		if i > start && (c != class || c == 2) {
			all = append(all, s[start:i])
			start = i
		}
		class = c
	}
	if start < len(s) {
		all = append(all, s[start:])
	}
	return all
}

func classOf(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 0
	case !ideograph(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || strings.ContainsRune("'’-", r)):
		return 1
	}
	return 2
}
