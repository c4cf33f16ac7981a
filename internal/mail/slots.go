package mail

import (
	"html"
	"regexp"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// A marker is letters and digits only, so that no template, Markdown or URL escaper alters it
// on the way into the text.
const (
	markerStart = "Zq7slot0"
	markerEnd   = "0slot7qZ"
)

var (
	slotName   = regexp.MustCompile(`^[a-z][a-z_]*$`)
	slotMarker = regexp.MustCompile(markerStart + `([a-z_]+)` + markerEnd)
)

// Slot is the marker to put into a subject, text or HTML where a recipient's value will stand,
// also inside an attribute of an HTML element. The name is of lower-case letters and "_".
func Slot(name string) string { return markerStart + name + markerEnd }

// InTag says whether a place in HTML is inside of an element's tag, where no element may stand.
func InTag(page string, at int) bool {
	before := page[:at]
	return strings.LastIndexByte(before, '<') > strings.LastIndexByte(before, '>')
}

// piece is a fixed text and the slot that follows it, -1 at the end.
type piece struct {
	literal string
	slot    int
}

// slotIndex numbers the names of slots in the order of their first appearance.
type slotIndex struct{ names []string }

func (x *slotIndex) number(name string) int {
	for i, n := range x.names {
		if n == name {
			return i
		}
	}
	x.names = append(x.names, name)
	return len(x.names) - 1
}

// split cuts a text at its markers.
func (x *slotIndex) split(field, s string) ([]piece, error) {
	var pieces []piece
	at := 0
	for _, m := range slotMarker.FindAllStringSubmatchIndex(s, -1) {
		name := s[m[2]:m[3]]
		if !slotName.MatchString(name) {
			return nil, badSlot(field, name)
		}
		pieces = append(pieces, piece{literal: s[at:m[0]], slot: x.number(name)})
		at = m[1]
	}
	rest := s[at:]
	if strings.Contains(rest, markerStart) || strings.Contains(rest, markerEnd) {
		return nil, badSlot(field, "")
	}
	return append(pieces, piece{literal: rest, slot: -1}), nil
}

func badSlot(field, name string) error {
	return errs.InvalidFields(errs.FieldError(field, "mail.slot.name", "Name", name))
}

// body is one part of the message, encoded but for its slots.
type body struct {
	base64 bool
	html   bool
	chunks []chunk
}

type chunk struct {
	qp      []byte          // the fixed text in quoted-printable
	col     int             // column where it ends
	aligned *alignedLiteral // the fixed text in base64
	slot    int             // the value that follows, -1 at the end
}

// newBody encodes the fixed texts once. Text mostly outside of ASCII is shorter in base64.
func newBody(pieces []piece, isHTML bool) *body {
	b := &body{html: isHTML, base64: prefersBase64(pieces)}
	for i, p := range pieces {
		c := chunk{slot: p.slot}
		switch {
		case b.base64:
			c.aligned = newAlignedLiteral(strings.ReplaceAll(p.literal, "\n", "\r\n"))
		default:
			if i > 0 && !strings.HasPrefix(p.literal, "\n") && (p.literal != "" || p.slot >= 0) {
				c.qp = append(c.qp, "=\r\n"...) // the value before ends at an unknown column
			}
			c.qp, c.col = appendQP(c.qp, p.literal, 0)
		}
		b.chunks = append(b.chunks, c)
	}
	return b
}

func prefersBase64(pieces []piece) bool {
	plain, other := 0, 0
	for _, p := range pieces {
		for i := range len(p.literal) {
			if p.literal[i] < 0x80 {
				plain++
			} else {
				other++
			}
		}
	}
	return 3*(plain+3*other) > 4*(plain+other)
}

// size is the length of what is fixed, encoded.
func (b *body) size() int {
	n := 0
	for i := range b.chunks {
		n += len(b.chunks[i].qp)
		if a := b.chunks[i].aligned; a != nil {
			n += len(a[0].body)
		}
	}
	return n
}

func (b *body) encoding() string {
	if b.base64 {
		return "base64"
	}
	return "quoted-printable"
}

func (b *body) render(dst []byte, values []string) []byte {
	if b.base64 {
		return b.renderBase64(dst, values)
	}
	for i := range b.chunks {
		c := &b.chunks[i]
		dst = append(dst, c.qp...)
		if c.slot >= 0 {
			dst, _ = appendQP(dst, b.value(values, c.slot), c.col)
		}
	}
	return dst
}

func (b *body) renderBase64(dst []byte, values []string) []byte {
	var s base64Stream
	for i := range b.chunks {
		c := &b.chunks[i]
		dst = s.literal(dst, c.aligned)
		if c.slot >= 0 {
			dst = s.text(dst, b.value(values, c.slot))
		}
	}
	return s.end(dst)
}

func (b *body) value(values []string, slot int) string {
	if slot >= len(values) {
		return ""
	}
	v := cleanBody(values[slot])
	if b.html {
		return html.EscapeString(v)
	}
	return v
}

// HasSlot says whether a text that somebody typed contains what a marker is made of. Such a text must
// not become a part of a skeleton.
func HasSlot(s string) bool {
	return strings.Contains(s, markerStart) || strings.Contains(s, markerEnd)
}
