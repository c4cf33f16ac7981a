package contribution

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
)

// Limits in characters.
const (
	AnswerLimit = 20_000
	LineLimit   = 200
)

// FreeForm is the key of the closing free-form answer. ItemOther is added to a question's id for
// what its items do not name: "q3.other"; ItemFollowUp for its second question.
const (
	FreeForm     = "other"
	ItemOther    = ".other"
	ItemFollowUp = ".follow_up"
)

// Answers are texts by question key.
type Answers map[string]string

// Words counts the words of all answers, as advice on their length. Text without spaces, such
// as Chinese, counts two characters as a word.
func (a Answers) Words() int {
	n := 0
	for _, text := range a {
		n += extract.Words(text)
	}
	return n
}

// keys are the answers' questions in alphabetical order, so that errors and statements are stable.
func (a Answers) keys() []string { return slices.Sorted(maps.Keys(a)) }

// clean checks answers against the questionnaire and makes plain text of them. An empty text means that the
// answer is taken back; it stays in the result as "".
func clean(answers Answers, known map[string]bool) (Answers, []errs.Field) {
	var wrong []errs.Field
	out := make(Answers, len(answers))
	for _, key := range answers.keys() {
		if !known[key] {
			wrong = append(wrong, errs.FieldError(printable(key), "contribution.answer.unknown"))
			continue
		}
		text, problem := cleanText(answers[key], AnswerLimit)
		if problem != "" {
			wrong = append(wrong, errs.FieldError(key, problem, "Max", AnswerLimit))
		}
		out[key] = text
	}
	return out, wrong
}

// cleanText is text as it is kept: line ends are \n, no other control characters, no space at the
// ends. Control characters come from pasting and are dropped; text that is not UTF-8 has no
// meaning that could be kept, and is refused.
func cleanText(text string, limit int) (string, string) {
	if !utf8.ValidString(text) {
		return "", "contribution.text.encoding"
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text))
	if utf8.RuneCountInString(text) > limit {
		return text, "field.too_long"
	}
	return text, ""
}

// cleanLine is cleanText on one line.
func cleanLine(text string) (string, string) {
	text, problem := cleanText(text, LineLimit)
	return strings.Join(strings.Fields(text), " "), problem
}

// printable keeps a stranger's field name from being told back at length.
func printable(name string) string {
	name, _ = cleanText(strings.ToValidUTF8(name, "\ufffd"), LineLimit)
	if r := []rune(name); len(r) > 40 {
		return string(r[:40])
	}
	return name
}

// merge puts the new answers over the old and says whether anything changed. An empty text removes.
func merge(old, change Answers) (Answers, bool) {
	out := maps.Clone(old)
	if out == nil {
		out = Answers{}
	}
	for key, text := range change {
		if text == "" {
			delete(out, key)
			continue
		}
		out[key] = text
	}
	return out, !maps.Equal(old, out)
}
