package document

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// What a person may paste. More is refused with a message, not cut.
const (
	maxSubject = 300    // characters
	maxSegment = 10_000 // characters; also what keeps Markdown of brackets alone from taking seconds
	maxBody    = 100_000
	maxBlocks  = 500
)

// Message is the content of every kind but the questionnaire: Markdown with merge fields.
type Message struct {
	Subject string // one line, merge fields allowed
	Body    string // Markdown
}

// Content is what a revision is made from: a Message or a Definition.
type Content interface {
	fits(k Kind) bool
	// build makes the segments, giving passages that were there before the keys they had.
	build(before wording) (wording, error)
}

// wording is the content of a revision as it is stored.
type wording struct {
	structure string
	segments  []Segment
}

// messageStructure remembers the next key, so that the key of a deleted passage is never used for another.
type messageStructure struct {
	Next int `json:"next"`
}

const subjectKey = "subject"

func (Message) fits(k Kind) bool { return k != Survey && k.Valid() }

func (m Message) build(before wording) (wording, error) {
	subject := strings.Join(strings.Fields(m.Subject), " ")
	blocks := splitBlocks(m.Body)
	if err := checkMessage(subject, m.Body, blocks); err != nil {
		return wording{}, err
	}
	st, old, err := readMessage(before)
	if err != nil {
		return wording{}, err
	}
	segments := []Segment{{Key: subjectKey, Kind: PlainText, Text: subject}}
	for i, at := range align(textList(old), blocks) {
		var key string
		if at >= 0 {
			key = old[at].Key
		} else {
			st.Next++
			key = "p" + strconv.Itoa(st.Next)
		}
		segments = append(segments, Segment{Key: key, Kind: Markdown, Text: blocks[i]})
	}
	return sealMessage(st, segments)
}

// revise changes single passages of a message by their keys. A text of several blocks keeps the
// key for the first of them, an empty text removes the passage.
func revise(before wording, changes map[string]string) (wording, error) {
	st, _, err := readMessage(before)
	if err != nil {
		return wording{}, err
	}
	var segments []Segment
	for _, s := range before.segments {
		text, touched := changes[s.Key]
		if !touched {
			segments = append(segments, s)
			continue
		}
		if s.Key == subjectKey {
			s.Text = strings.Join(strings.Fields(text), " ")
			segments = append(segments, s)
			continue
		}
		for i, block := range splitBlocks(text) {
			key := s.Key
			if i > 0 {
				st.Next++
				key = "p" + strconv.Itoa(st.Next)
			}
			segments = append(segments, Segment{Key: key, Kind: Markdown, Text: block})
		}
	}
	m := messageOf(segments)
	if err := checkMessage(m.Subject, m.Body, textList(segments[1:])); err != nil {
		return wording{}, err
	}
	return sealMessage(st, segments)
}

func sealMessage(st messageStructure, segments []Segment) (wording, error) {
	structure, err := json.Marshal(st)
	for i := range segments {
		segments[i].Position = i + 1
		segments[i].RevisionID = 0
	}
	return wording{structure: string(structure), segments: segments}, err
}

func readMessage(w wording) (st messageStructure, blocks []Segment, err error) {
	if w.structure != "" {
		err = json.Unmarshal([]byte(w.structure), &st)
	}
	for _, s := range w.segments {
		if s.Key != subjectKey {
			blocks = append(blocks, s)
		}
	}
	return st, blocks, err
}

// messageOf puts a message together again.
func messageOf(segments []Segment) Message {
	var m Message
	var blocks []string
	for _, s := range segments {
		if s.Key == subjectKey {
			m.Subject = s.Text
			continue
		}
		blocks = append(blocks, s.Text)
	}
	m.Body = strings.Join(blocks, "\n\n")
	return m
}

func checkMessage(subject, body string, blocks []string) error {
	var wrong []errs.Field
	switch n := utf8.RuneCountInString(subject); {
	case n == 0:
		wrong = append(wrong, errs.FieldError(subjectKey, "field.required"))
	case n > maxSubject:
		wrong = append(wrong, errs.FieldError(subjectKey, "field.too_long", "Max", maxSubject))
	}
	switch {
	case len(blocks) == 0:
		wrong = append(wrong, errs.FieldError("body", "field.required"))
	case utf8.RuneCountInString(body) > maxBody:
		wrong = append(wrong, errs.FieldError("body", "field.too_long", "Max", maxBody))
	case slices.ContainsFunc(blocks, func(b string) bool { return utf8.RuneCountInString(b) > maxSegment }):
		wrong = append(wrong, errs.FieldError("body", "document.long_block", "Max", maxSegment))
	case len(blocks) > maxBlocks:
		wrong = append(wrong, errs.FieldError("body", "document.too_many_blocks", "Max", maxBlocks))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// splitBlocks cuts Markdown at blank lines. A fenced block stays whole, and what is indented
// belongs to the list item before it. Joined with blank lines, the blocks mean what the text meant.
func splitBlocks(markdown string) []string {
	var blocks []string
	var open []string
	fence, gap := "", false
	flush := func() {
		if text := strings.TrimRight(strings.Join(open, "\n"), " \t\n"); strings.TrimSpace(text) != "" {
			blocks = append(blocks, text)
		}
		open = nil
	}
	for line := range strings.SplitSeq(cleanText(markdown), "\n") {
		trimmed := strings.TrimSpace(line)
		if fence == "" && trimmed == "" {
			gap = true
			continue
		}
		if gap && fence == "" {
			if indented(line) && len(open) > 0 {
				open = append(open, "")
			} else {
				flush()
			}
		}
		gap = false
		fence = nextFence(fence, trimmed)
		open = append(open, strings.TrimRight(line, " \t"))
	}
	flush()
	return blocks
}

func indented(line string) bool {
	return strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "\t")
}

// nextFence is the fence that is open after a line, "" for none.
func nextFence(fence, line string) string {
	if fence != "" {
		if strings.HasPrefix(line, fence) && strings.Trim(line, fence[:1]) == "" {
			return ""
		}
		return fence
	}
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, mark) {
			return mark
		}
	}
	return ""
}

// cleanText makes what came from a form or a file one kind of text: UTF-8, lines ended by \n, no
// control characters.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

func textList(segments []Segment) []string {
	texts := make([]string, len(segments))
	for i, s := range segments {
		texts[i] = s.Text
	}
	return texts
}
