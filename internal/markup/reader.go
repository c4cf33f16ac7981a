// Package markup reads what office programs write, zip archives with parts of XML, within bounds: an archive costs what was
// checked before it was opened, and a part no more than its longest tag and a piece of its text.
package markup

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
	"strconv"
	"unicode/utf8"
)

// Reader reads the XML of a part, tag by tag. encoding/xml keeps each token whole, of whatever length, and is several times
// slower. There are no document types and no entities but the five of XML in what it reads: a declaration is ErrMarkup.
// That tags close in their order is for the caller to hold.
type Reader struct {
	Kind Kind
	Name []byte // of a tag, without its prefix
	Full []byte // the same with it
	Text []byte // what stands between tags, decoded
	Long bool   // that the text was cut

	in    *bufio.Reader
	limit int    // of a text
	whole bool   // a text over the limit comes in pieces
	rest  []byte // with which the next piece begins
	tag   []byte // between the brackets
	attrs []byte // a start tag's attributes as they stand
	ends  bool   // that the start tag is an end tag too
}

// Kind is what was read.
type Kind int

// What is read.
const (
	Start Kind = iota
	End
	Text
)

const maxTag = 64 << 10

// ErrMarkup says that a text is no XML, or more than we read of it.
var ErrMarkup = errors.New("the XML is broken")

// New cuts a text between two tags that is over the limit in bytes, and says that it did.
func New(in io.Reader, limit int) *Reader {
	x := &Reader{in: bufio.NewReaderSize(in, 64<<10), limit: limit}
	if mark, err := x.in.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = x.in.Discard(3)
	}
	return x
}

// NewWhole loses nothing: a text that is over about 64 KB comes in several pieces, none of which ends within a character.
func NewWhole(in io.Reader) *Reader {
	x := New(in, 1<<20)
	x.whole = true
	return x
}

// Next reads a tag or a text; io.EOF at the end.
func (x *Reader) Next() error {
	if x.ends {
		x.Kind, x.ends = End, false
		return nil
	}
	x.Text, x.Long = append(x.Text[:0], x.rest...), false
	x.rest = x.rest[:0]
	for {
		raw, err := x.in.ReadSlice('<')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			x.keep(raw)
			if x.whole {
				x.cut()
				return x.decoded()
			}
			continue
		case errors.Is(err, io.EOF):
			return io.EOF // white space behind the last tag, or a part that breaks off
		case err != nil:
			return err
		}
		x.keep(raw[:len(raw)-1])
		if len(x.Text) > 0 {
			return errors.Join(x.decoded(), x.in.UnreadByte())
		}
		if more, err := x.afterBracket(); err != nil || !more {
			return err
		}
	}
}

func (x *Reader) decoded() error {
	x.Kind, x.Text = Text, Unescape(x.Text)
	return nil
}

// cut leaves for the next piece what would be cut in two: a reference or a character.
func (x *Reader) cut() {
	at := len(x.Text)
	if i := bytes.LastIndexByte(x.Text, '&'); i >= 0 && at-i < 12 && bytes.IndexByte(x.Text[i:], ';') < 0 {
		at = i
	} else {
		for i := 1; i <= 3 && i < at; i++ {
			if tail := x.Text[at-i:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					at -= i
				}
				break
			}
		}
	}
	x.rest = append(x.rest, x.Text[at:]...)
	x.Text = x.Text[:at]
}

// keep adds to a text as long as it is within its limit.
func (x *Reader) keep(raw []byte) {
	if room := x.limit - len(x.Text); len(raw) > room {
		raw, x.Long = raw[:room], true
	}
	x.Text = append(x.Text, raw...)
}

// afterBracket reads what stands behind "<"; more says that it was nothing of interest.
func (x *Reader) afterBracket() (more bool, err error) {
	c, err := x.in.ReadByte()
	if err != nil {
		return false, Unexpected(err)
	}
	switch c {
	case '?':
		return true, x.skip("?>")
	case '!':
		return x.declaration()
	case '/':
		x.Kind = End
		if err := x.readTag(); err != nil {
			return false, err
		}
		x.Full = bytes.TrimSpace(x.tag)
		x.Name, x.attrs = Local(x.Full), nil
		return false, nil
	}
	x.Kind = Start
	if err := x.in.UnreadByte(); err != nil {
		return false, err
	}
	if err := x.readTag(); err != nil {
		return false, err
	}
	if n := len(x.tag); n > 0 && x.tag[n-1] == '/' {
		x.tag, x.ends = x.tag[:n-1], true
	}
	end := bytes.IndexAny(x.tag, " \t\r\n")
	if end < 0 {
		end = len(x.tag)
	}
	x.Full, x.attrs = x.tag[:end], x.tag[end:]
	x.Name = Local(x.Full)
	return false, nil
}

// Empty says of a start tag that it is its end tag too, which is read next.
func (x *Reader) Empty() bool { return x.ends }

func (x *Reader) declaration() (more bool, err error) {
	if head, _ := x.in.Peek(7); bytes.Equal(head, []byte("[CDATA[")) {
		_, _ = x.in.Discard(7)
		x.Kind = Text
		return false, x.readCDATA()
	}
	if head, _ := x.in.Peek(2); bytes.Equal(head, []byte("--")) {
		return true, x.skip("-->")
	}
	return false, ErrMarkup // a document type: a workbook has none
}

// readCDATA reads to "]]>".
func (x *Reader) readCDATA() error {
	var last [2]byte
	for {
		c, err := x.in.ReadByte()
		if err != nil {
			return Unexpected(err)
		}
		if c == '>' && last == [2]byte{']', ']'} {
			x.Text = bytes.TrimSuffix(x.Text, []byte("]]"))
			if x.whole && x.Long {
				return ErrMarkup // nobody writes so much text in this way
			}
			return nil
		}
		x.keep([]byte{c})
		last[0], last[1] = last[1], c
	}
}

// readTag reads to the ">" that is not within quotes.
func (x *Reader) readTag() error {
	x.tag = x.tag[:0]
	quote := byte(0)
	for {
		raw, err := x.in.ReadSlice('>')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return Unexpected(err)
		}
		if len(x.tag)+len(raw) > maxTag {
			return ErrMarkup
		}
		x.tag = append(x.tag, raw...)
		for _, c := range raw {
			switch {
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			}
		}
		if err == nil && quote == 0 {
			x.tag = x.tag[:len(x.tag)-1]
			return nil
		}
	}
}

func (x *Reader) skip(until string) error {
	matched := 0
	for matched < len(until) {
		c, err := x.in.ReadByte()
		switch {
		case err != nil:
			return Unexpected(err)
		case c == until[matched]:
			matched++
		case matched == 2 && c == until[0]: // "--->"
		default:
			matched = 0
			if c == until[0] {
				matched = 1
			}
		}
	}
	return nil
}

// Unexpected says of an end that it came within something.
func Unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Local is a name without its prefix.
func Local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// Is says that the tag is of this name.
func (x *Reader) Is(kind Kind, name string) bool {
	return x.Kind == kind && string(x.Name) == name
}

// Attribute is the value of an attribute of the start tag, by its name without prefix; nil where it has none.
func (x *Reader) Attribute(name string) []byte {
	for key, value := range x.Attributes() {
		if string(Local(key)) == name {
			return Unescape(bytes.Clone(value))
		}
	}
	return nil
}

// Attributes are the names and values of the start tag as they stand, values without their quotes.
func (x *Reader) Attributes() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		rest := x.attrs
		for {
			equals := bytes.IndexByte(rest, '=')
			if equals < 0 {
				return
			}
			key := bytes.TrimSpace(rest[:equals])
			rest = bytes.TrimLeft(rest[equals+1:], " \t\r\n")
			if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
				return
			}
			end := bytes.IndexByte(rest[1:], rest[0])
			if end < 0 || !yield(key, rest[1:1+end]) {
				return
			}
			rest = rest[end+2:]
		}
	}
}

// Number is an attribute of the start tag, or else the usual.
func (x *Reader) Number(name string, otherwise int) int {
	raw := x.Attribute(name)
	if len(raw) == 0 || len(raw) > 9 {
		return otherwise
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return otherwise
	}
	return n
}

// Unescape decodes the references of a text in place.
func Unescape(b []byte) []byte {
	from := bytes.IndexByte(b, '&')
	if from < 0 {
		return b
	}
	out := b[:from]
	for i := from; i < len(b); {
		if b[i] == '&' {
			if end := bytes.IndexByte(b[i:min(len(b), i+12)], ';'); end > 0 {
				if r, ok := referenced(string(b[i+1 : i+end])); ok {
					out = utf8.AppendRune(out, r)
					i += end + 1
					continue
				}
			}
		}
		out = append(out, b[i])
		i++
	}
	return out
}

func referenced(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	base, digits := 10, name[1:]
	if digits[0] == 'x' || digits[0] == 'X' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	// Nothing gets longer by being decoded, so that it can be done in place.
	if err != nil || !utf8.ValidRune(rune(n)) || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}
