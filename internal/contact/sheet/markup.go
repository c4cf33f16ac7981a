package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// xmlReader reads the XML of a workbook's parts. encoding/xml keeps each token whole, of whatever
// length; here a text beyond its limit is cut, and said to be, so that a cell of any size costs no
// more than the limit. There are no document types, entities or namespaces in what it reads.
type xmlReader struct {
	in *bufio.Reader

	kind xmlKind
	raw  []byte // a tag
	name []byte // of a tag, without its prefix
	tag  []byte // a start tag's attributes as they stand
	text []byte // what stands between tags, decoded
	long bool   // that the text was cut
	ends bool   // that the start tag is an end tag too
}

// xmlKind is what was read.
type xmlKind int

const (
	xmlStart xmlKind = iota
	xmlEnd
	xmlText
)

const maxTag = 64 << 10

var errMarkup = errors.New("the XML of the workbook is broken")

func newXMLReader(in io.Reader) *xmlReader {
	x := &xmlReader{in: bufio.NewReaderSize(in, 64<<10)}
	if mark, err := x.in.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = x.in.Discard(3)
	}
	return x
}

// next reads a tag or a text; io.EOF at the end.
func (x *xmlReader) next() error {
	if x.ends {
		x.kind, x.ends = xmlEnd, false
		return nil
	}
	x.text, x.long = x.text[:0], false
	for {
		raw, err := x.in.ReadSlice('<')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			x.keep(raw)
			continue
		case errors.Is(err, io.EOF):
			return io.EOF // white space behind the last tag, or a part that breaks off
		case err != nil:
			return err
		}
		x.keep(raw[:len(raw)-1])
		if len(x.text) > 0 {
			x.kind = xmlText
			x.text = unescape(x.text)
			return x.in.UnreadByte()
		}
		if more, err := x.afterBracket(); err != nil || !more {
			return err
		}
	}
}

// keep adds to a text as long as it is within its limit.
func (x *xmlReader) keep(raw []byte) {
	if room := MaxCell + 1 - len(x.text); len(raw) > room {
		raw, x.long = raw[:room], true
	}
	x.text = append(x.text, raw...)
}

// afterBracket reads what stands behind "<"; more says that it was nothing of interest.
func (x *xmlReader) afterBracket() (more bool, err error) {
	c, err := x.in.ReadByte()
	if err != nil {
		return false, unexpected(err)
	}
	switch c {
	case '?':
		return true, x.skip("?>")
	case '!':
		return x.declaration()
	case '/':
		x.kind = xmlEnd
		if err := x.readTag(); err != nil {
			return false, err
		}
		x.name, x.tag = local(bytes.TrimSpace(x.raw)), nil
		return false, nil
	}
	x.kind = xmlStart
	if err := x.in.UnreadByte(); err != nil {
		return false, err
	}
	if err := x.readTag(); err != nil {
		return false, err
	}
	if n := len(x.raw); n > 0 && x.raw[n-1] == '/' {
		x.raw, x.ends = x.raw[:n-1], true
	}
	end := bytes.IndexAny(x.raw, " \t\r\n")
	if end < 0 {
		end = len(x.raw)
	}
	x.name, x.tag = local(x.raw[:end]), x.raw[end:]
	return false, nil
}

func (x *xmlReader) declaration() (more bool, err error) {
	if head, _ := x.in.Peek(7); bytes.Equal(head, []byte("[CDATA[")) {
		_, _ = x.in.Discard(7)
		x.kind = xmlText
		return false, x.readCDATA()
	}
	if head, _ := x.in.Peek(2); bytes.Equal(head, []byte("--")) {
		return true, x.skip("-->")
	}
	return false, errMarkup // a document type: a workbook has none
}

// readCDATA reads to "]]>".
func (x *xmlReader) readCDATA() error {
	var last [2]byte
	for {
		c, err := x.in.ReadByte()
		if err != nil {
			return unexpected(err)
		}
		if c == '>' && last == [2]byte{']', ']'} {
			x.text = bytes.TrimSuffix(x.text, []byte("]]"))
			return nil
		}
		x.keep([]byte{c})
		last[0], last[1] = last[1], c
	}
}

// readTag reads to the ">" that is not within quotes.
func (x *xmlReader) readTag() error {
	x.raw = x.raw[:0]
	quote := byte(0)
	for {
		c, err := x.in.ReadByte()
		switch {
		case err != nil:
			return unexpected(err)
		case quote == 0 && c == '>':
			return nil
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
		if len(x.raw) >= maxTag {
			return errMarkup
		}
		x.raw = append(x.raw, c)
	}
}

func (x *xmlReader) skip(until string) error {
	matched := 0
	for matched < len(until) {
		c, err := x.in.ReadByte()
		switch {
		case err != nil:
			return unexpected(err)
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

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// is says that the tag is of this name.
func (x *xmlReader) is(kind xmlKind, name string) bool {
	return x.kind == kind && string(x.name) == name
}

// attribute is the value of an attribute of the start tag, by its name without prefix; the text is
// valid until the next call of next.
func (x *xmlReader) attribute(name string) []byte {
	rest := x.tag
	for {
		equals := bytes.IndexByte(rest, '=')
		if equals < 0 {
			return nil
		}
		key := bytes.TrimSpace(rest[:equals])
		rest = bytes.TrimLeft(rest[equals+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(local(key)) == name {
			return unescape(bytes.Clone(rest[1 : 1+end]))
		}
		rest = rest[end+2:]
	}
}

func (x *xmlReader) number(name string, otherwise int) int {
	raw := x.attribute(name)
	if len(raw) == 0 || len(raw) > 9 {
		return otherwise
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return otherwise
	}
	return n
}

// unescape decodes the references of a text in place.
func unescape(b []byte) []byte {
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
