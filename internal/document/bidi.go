package document

import (
	"fmt"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// Characters that cannot be seen and that turn the direction of what follows them.
const (
	leftEmbedding, rightEmbedding = '\u202a', '\u202b'
	popEmbedding                  = '\u202c'
	leftOverride, rightOverride   = '\u202d', '\u202e'
	leftIsolate, firstIsolate     = '\u2066', '\u2068' // and the one for right to left between them
	popIsolate                    = '\u2069'
)

// turned is the first character of a text that turns the direction of what follows, beyond its end or against the
// letters, with the words that stand there; ok is false where there is none. What is opened and closed may stay.
func turned(text string) (r rune, words string, ok bool) {
	type opened struct {
		closer rune
		at     int
	}
	var open []opened
	for i, r := range text {
		switch {
		case r == leftOverride, r == rightOverride:
			return r, wordsAt(text, i), true
		case r == leftEmbedding, r == rightEmbedding:
			open = append(open, opened{popEmbedding, i})
		case r >= leftIsolate && r <= firstIsolate:
			open = append(open, opened{popIsolate, i})
		case r == popEmbedding, r == popIsolate:
			if len(open) == 0 || open[len(open)-1].closer != r {
				return r, wordsAt(text, i), true
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return 0, "", false
	}
	at := open[0].at
	return []rune(text[at:])[0], wordsAt(text, at), true
}

// wordsAt are the words around a place in a text, without what cannot be seen.
func wordsAt(text string, at int) string {
	before := []rune(text[:at])
	after := []rune(text[at:])
	piece := string(before[max(0, len(before)-15):]) + string(after[:min(len(after), 30)])
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if errs.Invisible(r) {
			return -1
		}
		return r
	}, piece)), " ")
}

// bidiProblem says at a passage that something in it turns the direction of reading, nil where nothing does.
func bidiProblem(s Segment) []errs.Field {
	r, words, ok := turned(s.Text)
	if !ok {
		return nil
	}
	return []errs.Field{errs.FieldError(s.Key, "document.problem.bidi", "Place", Place(s.Key), "Text", words, "Character", fmt.Sprintf("U+%04X", r))}
}
