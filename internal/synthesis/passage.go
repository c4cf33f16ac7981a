package synthesis

import (
	"strings"
	"unicode"
)

// Passage is a sentence of an answer, or a line without one. Start and End count characters.
type Passage struct {
	Start, End int
	Text       string
}

// Passages splits an answer where sentences and lines end, so that somebody who cannot select words can mark
// sentences. Every character that is not space lies in exactly one passage, and the passages are in order.
func Passages(text string) []Passage {
	var all []Passage
	runes := []rune(text)
	begin := -1
	for i, r := range runes {
		if begin < 0 {
			if !unicode.IsSpace(r) {
				begin = i
			} else {
				continue
			}
		}
		if r == '\n' || endsSentence(runes, i) {
			all = append(all, passage(runes, begin, i+1))
			begin = -1
		}
	}
	if begin >= 0 {
		all = append(all, passage(runes, begin, len(runes)))
	}
	return all
}

// passage is what lies between the two, without space at its end.
func passage(runes []rune, begin, end int) Passage {
	for end > begin && unicode.IsSpace(runes[end-1]) {
		end--
	}
	return Passage{Start: begin, End: end, Text: string(runes[begin:end])}
}

// endsSentence says whether a sentence is over after the sign at i. A full stop within a number, an address or an
// abbreviation of one letter ends none.
func endsSentence(runes []rune, i int) bool {
	switch runes[i] {
	case '。', '！', '？', '؟', '۔', '।':
		return i+1 == len(runes) || !closes(runes[i+1])
	case '.', '!', '?', '…':
		after := i + 1
		if after < len(runes) && !unicode.IsSpace(runes[after]) {
			return false
		}
		return !initial(runes, i)
	}
	if closes(runes[i]) && i > 0 {
		return strings.ContainsRune("。！？؟۔।.!?…", runes[i-1]) && (i+1 == len(runes) || !closes(runes[i+1]) && spaced(runes, i))
	}
	return false
}

// spaced says whether a space follows, or need not: after the full stops of scripts that write none.
func spaced(runes []rune, i int) bool {
	return i+1 == len(runes) || unicode.IsSpace(runes[i+1]) || strings.ContainsRune("。！？", runes[i-1])
}

func closes(r rune) bool { return strings.ContainsRune(`"'”’»)）」』`, r) }

// initial says whether the stop at i stands behind a single letter, as in "J. Silva".
func initial(runes []rune, i int) bool {
	if runes[i] != '.' || i == 0 || !unicode.IsUpper(runes[i-1]) {
		return false
	}
	return i == 1 || !unicode.IsLetter(runes[i-2]) && !unicode.IsDigit(runes[i-2])
}

// find looks for words in a text, as they are or with other spaces between them, and gives the characters between
// which they stand. Of several places it is the one nearest to near.
func find(text, words string, near int) (start, end int, ok bool) {
	runes := []rune(text)
	wanted := strings.Fields(words)
	if len(wanted) == 0 {
		return 0, 0, false
	}
	start = -1
	for i := range runes {
		length, hit := matches(runes[i:], wanted)
		if hit && (start < 0 || abs(i-near) < abs(start-near)) {
			start, end = i, i+length
		}
	}
	return start, end, start >= 0
}

// matches says whether the runes begin with the words, whatever space lies between them, and where those end.
func matches(runes []rune, words []string) (end int, ok bool) {
	for n, word := range words {
		if n > 0 {
			from := end
			for end < len(runes) && unicode.IsSpace(runes[end]) {
				end++
			}
			if end == from {
				return 0, false
			}
		}
		for _, r := range word {
			if end == len(runes) || runes[end] != r {
				return 0, false
			}
			end++
		}
	}
	return end, true
}

func abs(n int) int { return max(n, -n) }

// stands says whether the words of an excerpt are still in the answer.
func stands(text, quote string) bool {
	_, _, ok := find(text, quote, 0)
	return ok
}
