package document

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Initiatives is the key of the variant for contacts that answer for an initiative. All other keys are
// stakeholder groups.
const Initiatives = "nri"

// Variant is what a message says otherwise to some of its readers. What is empty is the general text's.
type Variant struct {
	Subject string
	Opening string
	Why     string
	Ask     string
}

// VariantParts are the parts that may differ, in the order of a mail. The questions, and what the body says, may not.
func VariantParts() []string { return []string{subjectKey, openingKey, whyKey, askKey} }

var variantKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// splitKey parts the key of a segment: "government.ask" is the ask of a variant, "ask" the general one.
func splitKey(key string) (variant, part string) {
	if before, after, ok := strings.Cut(key, "."); ok {
		return before, after
	}
	return "", key
}

func isSubject(key string) bool {
	_, part := splitKey(key)
	return part == subjectKey
}

// oneText is a text of a segment as it is kept: cleaned, and a subject on one line.
func oneText(key, text string) string {
	text = strings.TrimSpace(cleanText(text))
	if isSubject(key) {
		text = strings.Join(strings.Fields(text), " ")
	}
	return text
}

// isPart says whether a message has the segment at most once, and not among the passages of its body.
func isPart(key string) bool {
	variant, part := splitKey(key)
	return slices.Contains(VariantParts(), part) && (part == key || variantKey.MatchString(variant))
}

func partOf(variant, part, text string) Segment {
	s := Segment{Key: part, Kind: Markdown, Text: text}
	if variant != "" {
		s.Key = variant + "." + part
	}
	if part == subjectKey {
		s.Kind = PlainText
	}
	return s
}

// Part is the text of one of VariantParts.
func (v Variant) Part(name string) string {
	switch name {
	case subjectKey:
		return v.Subject
	case openingKey:
		return v.Opening
	case whyKey:
		return v.Why
	case askKey:
		return v.Ask
	}
	return ""
}

func (v *Variant) setPart(name, text string) {
	switch name {
	case subjectKey:
		v.Subject = text
	case openingKey:
		v.Opening = text
	case whyKey:
		v.Why = text
	case askKey:
		v.Ask = text
	}
}

func (v Variant) tidy() Variant {
	block := func(text string) string { return strings.Join(splitBlocks(text), "\n\n") }
	return Variant{
		Subject: strings.Join(strings.Fields(cleanText(v.Subject)), " "),
		Opening: block(v.Opening), Why: block(v.Why), Ask: block(v.Ask),
	}
}

// check names what is wrong by the part, after a prefix.
func (v Variant) check(prefix string) []errs.Field {
	var wrong []errs.Field
	for _, part := range VariantParts() {
		limit := maxSegment
		if part == subjectKey {
			limit = maxSubject
		}
		if utf8.RuneCountInString(v.Part(part)) > limit {
			wrong = append(wrong, errs.FieldError(prefix+part, "field.too_long", "Max", limit))
		}
	}
	return wrong
}

// general is what everybody reads who has no variant, of the parts that may differ.
func (m Message) general() Variant {
	return Variant{Subject: m.Subject, Opening: m.Opening, Why: m.Why, Ask: m.Ask}
}

func (m *Message) setGeneral(v Variant) {
	m.Subject, m.Opening, m.Why, m.Ask = v.Subject, v.Opening, v.Why, v.Ask
}

// Part is the general text of one of VariantParts.
func (m Message) Part(name string) string { return m.general().Part(name) }

// Texts are the parts of the text in the order of the mail, those that are empty left out.
func (m Message) Texts() []string {
	return slices.DeleteFunc([]string{m.Opening, m.Why, m.Body, m.Ask}, func(text string) bool { return text == "" })
}

// For is the message as the readers of a variant get it: where the variant has nothing of its own, or there is none of
// that key, the general text.
func (m Message) For(variant string) Message {
	v, merged := m.Variants[variant], m.general()
	for _, part := range VariantParts() {
		if text := v.Part(part); text != "" {
			merged.setPart(part, text)
		}
	}
	m.setGeneral(merged)
	m.Variants = nil
	return m
}

// VariantEdit is a Content that writes one variant of a message and leaves the rest as it is. An empty one takes the
// variant away.
type VariantEdit struct {
	Key string
	Variant
}

func (VariantEdit) fits(k Kind) bool { return k != Survey && k.Valid() }

func (e VariantEdit) build(before wording) (wording, error) {
	st, passages, err := readMessage(before)
	if err != nil {
		return wording{}, err
	}
	m := messageOf(before.segments).with(e.Key, e.Variant).tidy()
	if err := m.check(textList(passages)); err != nil {
		return wording{}, err
	}
	return m.assemble(st, passages)
}

// with is the message with another variant of that key.
func (m Message) with(key string, v Variant) Message {
	variants := map[string]Variant{key: v}
	for k, other := range m.Variants {
		if k != key {
			variants[k] = other
		}
	}
	m.Variants = variants
	return m
}

// VariantKeys are the keys that a variant may have: the stakeholder groups, and the initiatives.
func VariantKeys() []string { return append(geo.GroupCodes(), Initiatives) }

// checkVariants refuses variants for readers that there are not.
func (c Changes) checkVariants() error {
	var keys []string
	switch content := c.Content.(type) {
	case Message:
		keys = slices.Sorted(maps.Keys(content.Variants))
	case VariantEdit:
		keys = []string{content.Key}
	}
	for key := range c.Segments {
		if variant, _ := splitKey(key); variant != "" && isPart(key) {
			keys = append(keys, variant)
		}
	}
	var wrong []errs.Field
	for _, key := range keys {
		if !slices.Contains(VariantKeys(), key) {
			wrong = append(wrong, errs.FieldError("variant", "document.variants.unknown", "Key", key))
		}
	}
	wrong = append(wrong, c.subjectsOfLines()...)
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// subjectsOfLines names the subjects that have more than one line: which of them is the subject is for their author to say.
func (c Changes) subjectsOfLines() []errs.Field {
	subjects := map[string]string{}
	switch content := c.Content.(type) {
	case Message:
		subjects = content.subjects()
	case VariantEdit:
		subjects[content.Key+"."+subjectKey] = content.Subject
	}
	for key, text := range c.Segments {
		if isSubject(key) {
			subjects[key] = text
		}
	}
	return onOneLine(subjects)
}

// subjects are those of a message and its variants, by key.
func (m Message) subjects() map[string]string {
	all := map[string]string{subjectKey: m.Subject}
	for key, v := range m.Variants {
		all[key+"."+subjectKey] = v.Subject
	}
	return all
}

func onOneLine(subjects map[string]string) []errs.Field {
	var wrong []errs.Field
	for _, key := range slices.Sorted(maps.Keys(subjects)) {
		if strings.Contains(strings.TrimSpace(cleanText(subjects[key])), "\n") {
			wrong = append(wrong, errs.FieldError(key, "field.one_line"))
		}
	}
	return wrong
}

// Variants lists the variants that a revision has, by their keys in order; a questionnaire has none.
func (s *Service) Variants(ctx context.Context, revisionID int64) ([]string, error) {
	d, _, err := s.revision(ctx, revisionID)
	if err != nil || d.Kind == Survey {
		return nil, errs.Wrap("document.variants", err)
	}
	segments, err := segmentsOf(s.DB.Read(ctx), revisionID)
	return slices.Sorted(maps.Keys(messageOf(segments).Variants)), errs.Wrap("document.variants", err)
}
