package extract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/convoke/convoke/internal/errs"
)

// rtf reads the Rich Text Format 1.9.1 and copies it group by group: a group that is not of a text is cut out of the copy as
// soon as its first word says so.
type rtf struct {
	*job
	in     *bufio.Reader
	left   int64 // bytes that the file has from here
	copy   bytes.Buffer
	page   *page
	groups []group
	field  *rtfField // the innermost field
	font   int       // that the table of fonts is defining

	coded   []byte // bytes of text that wait to be decoded together
	codes   codepages
	high    rune // the first half of a pair of surrogates
	skip    int  // characters that say again what a \u has said
	notes   [][]byte
	numbers int
	inTable bool // the paragraph stands in a row
	digits  []byte
}

// rtfField is a field whose instruction is being read.
type rtfField struct {
	instruction []byte
	begun       bool // it has an instruction: of a second one nobody knows what it would mean
	from        int
	outer       *rtfField
}

// group is what holds within braces.
type group struct {
	from    int  // where it begins in the copy
	first   bool // nothing but its brace was read
	starred bool // it began with \*: who does not know its first word leaves it out
	dropped bool
	quiet   bool // its text is none of the document's
	deleted bool
	dest    string
	font    int
	uc      int // characters that follow a \u
}

func (j *job) readRTF(r io.ReaderAt, size int64) error {
	t := &rtf{job: j, in: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10), left: size, page: newPage(j.out)}
	t.codes.fonts = map[int]int{}
	t.copy.Grow(int(size))
	for {
		more, err := t.token()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	t.endParagraph()
	for _, n := range t.notes {
		j.out.add(note, n)
	}
	j.clean = append(t.copy.Bytes(), '\n')
	return nil
}

func (t *rtf) top() *group { return &t.groups[len(t.groups)-1] }

// token reads one; more is false behind the last brace.
func (t *rtf) token() (more bool, err error) {
	c, err := t.in.ReadByte()
	if err != nil {
		return false, err
	}
	t.left--
	if c == '{' || c == '\\' {
		if err := t.spend(); err != nil {
			return false, err
		}
	}
	if c != '{' && len(t.groups) == 0 {
		return false, errDamaged
	}
	switch c {
	case '{':
		return true, t.open()
	case '}':
		t.close()
		return len(t.groups) > 0, nil
	case '\\':
		return true, t.control()
	}
	return true, t.run(c)
}

func (t *rtf) open() error {
	t.flush()
	t.skip = 0
	if len(t.groups) >= t.limits.Depth {
		return errs.E(errs.Invalid, "upload.too_deep", "Max", t.limits.Depth)
	}
	g := group{uc: 1}
	if len(t.groups) > 0 {
		g = *t.top()
		g.starred, g.dest = false, ""
		t.top().first = false
	}
	g.first, g.from = true, t.copy.Len()
	t.groups = append(t.groups, g)
	t.keep('{')
	return nil
}

func (t *rtf) close() {
	t.flush()
	t.skip = 0
	g := *t.top()
	drop := t.leave(g)
	t.groups = t.groups[:len(t.groups)-1]
	if !g.dropped && !drop {
		t.copy.WriteByte('}')
	}
}

// keep copies bytes unless their group is left out.
func (t *rtf) keep(raw ...byte) {
	if !t.top().dropped {
		t.copy.Write(raw)
	}
}

// run reads a piece of text up to what is none.
func (t *rtf) run(first byte) error {
	if first != '\r' && first != '\n' {
		t.top().first = false
	}
	if !t.top().quiet || t.within("fldinst") {
		t.plainByte(first)
		t.keep(first)
		return nil
	}
	// Of pictures there is much, and none of it is text.
	t.keep(first)
	t.skip = 0
	for {
		if _, err := t.in.Peek(1); err != nil {
			return err
		}
		buffered, _ := t.in.Peek(t.in.Buffered())
		n := bytes.IndexAny(buffered, "{}\\")
		if n == 0 {
			return nil
		}
		if n < 0 {
			n = len(buffered)
		}
		t.keep(buffered[:n]...)
		_, _ = t.in.Discard(n)
		t.left -= int64(n)
	}
}

func (t *rtf) plainByte(c byte) {
	if c == '\r' || c == '\n' {
		return
	}
	if t.skip > 0 {
		t.skip--
		return
	}
	t.coded = append(t.coded, c)
}

// control reads what a backslash begins.
func (t *rtf) control() error {
	c, err := t.in.ReadByte()
	if err != nil {
		return err
	}
	t.left--
	switch {
	case c == '\'':
		return t.hex()
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return t.word(c)
	}
	t.flush()
	if t.skip > 0 && c != '*' {
		t.skip--
		t.keep('\\', c)
		return nil
	}
	first := t.top().first
	t.top().first = false
	switch c {
	case '*':
		t.top().first, t.top().starred = first, first
	case '~':
		t.say("\u00a0")
	case '_':
		t.say("\u2011")
	case '\\', '{', '}':
		t.say(string(c))
	case '\n', '\r':
		t.endParagraph()
	case '\t':
		t.say("\t")
	}
	t.keep('\\', c)
	return nil
}

func (t *rtf) hex() error {
	var b [2]byte
	if _, err := io.ReadFull(t.in, b[:]); err != nil {
		return err
	}
	t.left -= 2
	t.top().first = false
	t.keep('\\', '\'', b[0], b[1])
	n, err := strconv.ParseUint(string(b[:]), 16, 8)
	if err != nil {
		return errDamaged
	}
	if t.skip > 0 {
		t.skip--
		return nil
	}
	t.coded = append(t.coded, byte(n))
	return nil
}

const maxWord = 32 // letters of a control word, as its specification has it

// word reads a control word with its number, and the space that ends it.
func (t *rtf) word(first byte) error {
	raw := append(t.digits[:0], '\\', first)
	number := -1
	for {
		c, err := t.in.ReadByte()
		if err != nil {
			return err
		}
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9' || c == '-' && number < 0
		switch {
		case letter && number < 0, digit:
			if digit && number < 0 {
				number = len(raw)
			}
			raw = append(raw, c)
			t.left--
			if len(raw) > maxWord+12 {
				return errDamaged
			}
			continue
		case c == ' ':
			t.left--
		default:
			_ = t.in.UnreadByte()
		}
		t.digits = raw
		return t.worded(raw, number)
	}
}

func (t *rtf) worded(raw []byte, number int) error {
	name, value, given := string(raw[1:]), 0, number >= 0
	if given {
		name = string(raw[1:number])
		value, _ = strconv.Atoi(string(raw[number:])) // what is no number is 0
	}
	if name == "bin" {
		return t.binary(raw, int64(value))
	}
	if name != "u" {
		t.flush()
		if t.skip > 0 {
			t.skip--
		}
	}
	g := t.top()
	if g.first {
		g.first = false
		if t.enter(g, name) {
			return nil
		}
	} else if misplaced(name) {
		return errDamaged
	}
	if !names(name) {
		t.keep(raw...)
		t.keep(' ')
	}
	t.do(name, value, given)
	return nil
}

// binary passes by the bytes of a picture, of which none means anything else.
func (t *rtf) binary(raw []byte, n int64) error {
	t.flush()
	if n < 0 || n > t.left {
		return errDamaged
	}
	t.left -= n
	if t.top().dest == "pict" && !t.top().dropped {
		picture := make([]byte, n)
		if _, err := io.ReadFull(t.in, picture); err != nil {
			return err
		}
		t.binaryPicture(picture)
		return nil
	}
	t.keep(raw...)
	t.keep(' ')
	var to io.Writer = &t.copy
	if t.top().dropped {
		to = io.Discard
	}
	_, err := io.CopyN(to, t.in, n)
	return err
}
