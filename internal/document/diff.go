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

// maxDiffCells bounds the table of one comparison. What needs a larger one is compared sentence by
// sentence first, and word by word within what differs.
const maxDiffCells = 4_000_000

// WordChanges is for texts that stand side by side on a page; see wordChanges.
func WordChanges(old, fresh string) []Change { return wordChanges(old, fresh) }

// wordChanges compares two texts word by word. The kept and added runs make the new text, the kept
// and removed ones the old.
func wordChanges(old, fresh string) []Change {
	if runs, ok := partChanges(tokens(old), tokens(fresh)); ok {
		return legible(runs)
	}
	runs, ok := partChanges(sentences(old), sentences(fresh))
	if !ok {
		return replaced(nil, old, fresh)
	}
	return legible(refined(runs))
}

// legible puts changes together that only a space keeps apart: a sentence that was written anew reads
// as one, not as words in turn.
func legible(runs []Change) []Change {
	var plain []Change
	var out, in string
	for i, r := range runs {
		switch {
		case r.Kind == Removed:
			out += r.Text
		case r.Kind == Added:
			in += r.Text
		case i > 0 && i < len(runs)-1 && strings.TrimSpace(r.Text) == "":
			out, in = out+r.Text, in+r.Text
		default:
			plain = extend(replaced(plain, out, in), Kept, r.Text)
			out, in = "", ""
		}
	}
	return replaced(plain, out, in)
}

// refined compares word by word what was replaced between sentences that stayed.
func refined(runs []Change) []Change {
	var fine []Change
	var out, in string
	flush := func() {
		words, ok := partChanges(tokens(out), tokens(in))
		if !ok {
			fine = replaced(fine, out, in)
		}
		for _, w := range words {
			fine = extend(fine, w.Kind, w.Text)
		}
		out, in = "", ""
	}
	for _, r := range runs {
		switch r.Kind {
		case Removed:
			out += r.Text
		case Added:
			in += r.Text
		case Kept:
			flush()
			fine = extend(fine, Kept, r.Text)
		}
	}
	flush()
	return fine
}

func replaced(runs []Change, old, fresh string) []Change {
	if old != "" {
		runs = extend(runs, Removed, old)
	}
	if fresh != "" {
		runs = extend(runs, Added, fresh)
	}
	return runs
}

// partChanges finds a longest common subsequence. It is not ok where the table would be too large.
func partChanges(a, b []string) (runs []Change, ok bool) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		runs = extend(runs, Kept, a[head])
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	end := a[len(a)-tail:]
	a, b = a[head:len(a)-tail], b[head:len(b)-tail]
	if (len(a)+1)*(len(b)+1) > maxDiffCells {
		return nil, false
	}
	length := commonLengths(a, b)
	for i, j := 0, 0; i < len(a) || j < len(b); {
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
	for _, part := range end {
		runs = extend(runs, Kept, part)
	}
	return runs, true
}

// commonLengths tells for every pair of places how long the longest common subsequence from there on is.
func commonLengths(a, b []string) [][]uint16 {
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
	return length
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

// sentences cuts a text after the marks that end a sentence in the scripts of our languages, and after lines.
func sentences(s string) []string {
	var all []string
	start, ended := 0, false
	for i, r := range s {
		if ended && !unicode.IsSpace(r) {
			all = append(all, s[start:i])
			start, ended = i, false
		}
		ended = ended || strings.ContainsRune(".!?;:؟۔。！？；：\n", r)
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
