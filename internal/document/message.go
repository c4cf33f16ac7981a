package document

import (
	"encoding/json"
	"maps"
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

// Message is the content of every kind but the questionnaire: Markdown with merge fields, in the order in which a mail
// has it. Only Subject and Body must be there.
type Message struct {
	Subject string // one line, merge fields allowed
	Opening string // how it begins
	Why     string // why it matters to the reader
	Body    string
	Ask     string // what the reader is asked to do
	// Variants say parts of it otherwise to some readers, by key. In a Content, nil leaves those that there are.
	Variants map[string]Variant
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

// The keys of the parts that a message has once. The passages of its body are p1, p2, …
const (
	subjectKey = "subject"
	openingKey = "opening"
	whyKey     = "why"
	askKey     = "ask"
	bodyKey    = "body" // of what is wrong with the body as a whole: no segment has it
)

func (Message) fits(k Kind) bool { return k != Survey && k.Valid() }

func (m Message) build(before wording) (wording, error) {
	st, old, err := readMessage(before)
	if err != nil {
		return wording{}, err
	}
	if m.Variants == nil {
		m.Variants = messageOf(before.segments).Variants
	}
	m = m.tidy()
	blocks := splitBlocks(m.Body)
	if err := m.check(blocks); err != nil {
		return wording{}, err
	}
	var passages []Segment
	for i, at := range alignMoved(textList(old), blocks) {
		if at >= 0 {
			passages = append(passages, passageOf(old[at].Key, blocks[i]))
		} else {
			passages = append(passages, st.passage(blocks[i]))
		}
	}
	return m.assemble(st, passages)
}

// revise changes single passages of a message by their keys. A text of several blocks keeps the
// key for the first of them, an empty text removes the passage. Parts that it did not have are added.
func revise(before wording, changes map[string]string) (wording, error) {
	st, old, err := readMessage(before)
	if err != nil {
		return wording{}, err
	}
	var passages []Segment
	for _, s := range old {
		text, touched := changes[s.Key]
		if !touched {
			passages = append(passages, s)
			continue
		}
		for i, block := range splitBlocks(text) {
			if i == 0 {
				passages = append(passages, passageOf(s.Key, block))
			} else {
				passages = append(passages, st.passage(block))
			}
		}
	}
	m := messageOf(before.segments)
	for key, text := range changes {
		m.set(key, text)
	}
	m = m.tidy()
	m.Body = strings.Join(textList(passages), "\n\n")
	if err := m.check(textList(passages)); err != nil {
		return wording{}, err
	}
	return m.assemble(st, passages)
}

func passageOf(key, text string) Segment { return Segment{Key: key, Kind: Markdown, Text: text} }

// passage is a new one, with a key that none had before.
func (st *messageStructure) passage(text string) Segment {
	st.Next++
	return passageOf("p"+strconv.Itoa(st.Next), text)
}

// assemble puts the segments in the order in which people read them: the mail, then what its variants say otherwise.
func (m Message) assemble(st messageStructure, passages []Segment) (wording, error) {
	all := []Segment{partOf("", subjectKey, m.Subject), partOf("", openingKey, m.Opening), partOf("", whyKey, m.Why)}
	all = append(append(all, passages...), partOf("", askKey, m.Ask))
	for _, key := range slices.Sorted(maps.Keys(m.Variants)) {
		v := m.Variants[key]
		for _, part := range VariantParts() {
			all = append(all, partOf(key, part, v.Part(part)))
		}
	}
	all = slices.DeleteFunc(all, func(s Segment) bool { return s.Text == "" })
	structure, err := json.Marshal(st)
	for i := range all {
		all[i].Position = i + 1
		all[i].RevisionID = 0
	}
	return wording{structure: string(structure), segments: all}, err
}

func readMessage(w wording) (st messageStructure, passages []Segment, err error) {
	if w.structure != "" {
		err = json.Unmarshal([]byte(w.structure), &st)
	}
	for _, s := range w.segments {
		if !isPart(s.Key) {
			passages = append(passages, s)
		}
	}
	return st, passages, err
}

// messageOf puts a message together again.
func messageOf(segments []Segment) Message {
	var m Message
	var passages []string
	for _, s := range segments {
		if !m.set(s.Key, s.Text) {
			passages = append(passages, s.Text)
		}
	}
	m.Body = strings.Join(passages, "\n\n")
	return m
}

// set writes a part; false where the key is that of a passage.
func (m *Message) set(key, text string) bool {
	variant, part := splitKey(key)
	switch {
	case !isPart(key):
		return false
	case variant != "":
		if m.Variants == nil {
			m.Variants = map[string]Variant{}
		}
		v := m.Variants[variant]
		v.setPart(part, text)
		m.Variants[variant] = v
	default:
		general := m.general()
		general.setPart(part, text)
		m.setGeneral(general)
	}
	return true
}

// tidy makes what came from a form or a file as it is kept.
func (m Message) tidy() Message {
	m.setGeneral(m.general().tidy())
	variants := make(map[string]Variant, len(m.Variants))
	for key, v := range m.Variants {
		if v = v.tidy(); v != (Variant{}) {
			variants[key] = v
		}
	}
	m.Variants = variants
	return m
}

func (m Message) check(blocks []string) error {
	wrong := m.general().check("")
	if m.Subject == "" {
		wrong = append(wrong, errs.FieldError(subjectKey, "field.required"))
	}
	switch {
	case len(blocks) == 0:
		wrong = append(wrong, errs.FieldError(bodyKey, "field.required"))
	case utf8.RuneCountInString(m.Body) > maxBody:
		wrong = append(wrong, errs.FieldError(bodyKey, "field.too_long", "Max", maxBody))
	case slices.ContainsFunc(blocks, func(b string) bool { return utf8.RuneCountInString(b) > maxSegment }):
		wrong = append(wrong, errs.FieldError(bodyKey, "document.long_block", "Max", maxSegment))
	case len(blocks) > maxBlocks:
		wrong = append(wrong, errs.FieldError(bodyKey, "document.too_many_blocks", "Max", maxBlocks))
	}
	for _, key := range slices.Sorted(maps.Keys(m.Variants)) {
		wrong = append(wrong, m.Variants[key].check(key+".")...)
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
		if text := strings.TrimRight(strings.Join(open, "\n"), " \t\n"); !errs.Blank(text) {
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
// control characters. Where nothing in it can be seen, it is empty.
func cleanText(s string) string {
	if errs.Blank(s) {
		return ""
	}
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
