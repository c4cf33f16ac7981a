package extract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/markup"
)

// editor sees every tag and text of a part before it is copied.
type editor interface {
	// start says whether an element is left out, with all that is in it. Of what is left out the editor sees nothing more.
	start(x *markup.Reader) (drop bool)
	// attribute gives the value as it is kept, in the same notation, and whether it is.
	attribute(x *markup.Reader, key, value []byte) (kept []byte, keep bool)
	end(x *markup.Reader)
	// text says whether a text is kept.
	text(x *markup.Reader) (keep bool)
}

// edit copies a part through an editor. Elements must close in their order.
func (j *job) edit(in io.Reader, to io.Writer, e editor) error {
	out := bufio.NewWriterSize(to, 32<<10)
	_, _ = out.WriteString(xmlHead)
	c := copier{job: j, x: markup.NewWhole(in), out: out, e: e}
	for {
		err := c.x.Next()
		if errors.Is(err, io.EOF) {
			if len(c.ends) > 0 || !c.any {
				return errDamaged
			}
			return out.Flush()
		}
		if err == nil {
			err = j.spend()
		}
		if err == nil {
			err = c.token()
		}
		if err != nil {
			return err
		}
	}
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// copier knows which elements are open.
type copier struct {
	*job
	x       *markup.Reader
	out     *bufio.Writer
	e       editor
	names   []byte // of the open elements, one behind the other
	ends    []int  // where each of them ends
	dropped int    // the depth of the element that is left out, 0 for none
	empty   bool   // the tag that was written closed itself
	any     bool
}

func (c *copier) token() error {
	switch c.x.Kind {
	case markup.Start:
		return c.start()
	case markup.End:
		return c.end()
	}
	if c.dropped == 0 && len(c.ends) > 0 && c.e.text(c.x) {
		escapeTo(c.out, c.x.Text)
	}
	return nil
}

func (c *copier) start() error {
	if !isName(c.x.Full) || len(c.ends) == 0 && c.any {
		return errDamaged
	}
	if len(c.ends) >= c.limits.Depth {
		return errs.E(errs.Invalid, "upload.too_deep", "Max", c.limits.Depth)
	}
	c.any = true
	c.names = append(c.names, c.x.Full...)
	c.ends = append(c.ends, len(c.names))
	if c.dropped > 0 {
		return nil
	}
	if c.e.start(c.x) {
		c.dropped = len(c.ends)
		return nil
	}
	_ = c.out.WriteByte('<')
	_, _ = c.out.Write(c.x.Full)
	for key, value := range c.x.Attributes() {
		if !isName(key) {
			return errDamaged
		}
		if kept, keep := c.e.attribute(c.x, key, value); keep {
			c.attribute(key, kept)
		}
	}
	if c.empty = c.x.Empty(); c.empty {
		_ = c.out.WriteByte('/')
	}
	return c.out.WriteByte('>')
}

func (c *copier) attribute(key, value []byte) {
	_ = c.out.WriteByte(' ')
	_, _ = c.out.Write(key)
	_, _ = c.out.WriteString(`="`)
	if isPlainValue(value) {
		_, _ = c.out.Write(value)
	} else {
		_, _ = c.out.WriteString(attributeEscaper().Replace(plainValue(value)))
	}
	_ = c.out.WriteByte('"')
}

// isName says whether XML may have a tag or an attribute of this name.
func isName(name []byte) bool {
	for i, b := range name {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b >= utf8.RuneSelf
		if !letter && (i == 0 || b != ':' && b != '-' && b != '.' && (b < '0' || b > '9')) {
			return false
		}
	}
	return len(name) > 0 && utf8.Valid(name)
}

// isPlainValue says of most values that they can be written as they stand.
func isPlainValue(value []byte) bool {
	for _, b := range value {
		if b < ' ' || b >= utf8.RuneSelf || b == '&' || b == '<' || b == '"' {
			return false
		}
	}
	return true
}

// plainValue is a value decoded, without what XML does not have.
func plainValue(value []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r&0xfffe == 0xfffe {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(markup.Unescape(bytes.Clone(value))), "\ufffd"))
}

// attributeEscaper keeps line ends and tabs too, which would else be read as spaces.
func attributeEscaper() *strings.Replacer {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;")
}

func (c *copier) end() error {
	n := len(c.ends)
	if n == 0 {
		return errDamaged
	}
	from := 0
	if n > 1 {
		from = c.ends[n-2]
	}
	if !bytes.Equal(c.names[from:], c.x.Full) {
		return errDamaged
	}
	c.names, c.ends = c.names[:from], c.ends[:n-1]
	if c.dropped > 0 {
		if c.dropped == n {
			c.dropped = 0
		}
		return nil
	}
	c.e.end(c.x)
	if c.empty {
		c.empty = false
		return nil
	}
	_, _ = c.out.WriteString("</")
	_, _ = c.out.Write(c.x.Full)
	return c.out.WriteByte('>')
}

// escapeTo writes a text as XML, without what XML does not have.
func escapeTo(out *bufio.Writer, text []byte) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	if bytes.Contains(text, []byte("\xef\xbf")) { // the two characters before U+10000 that are none
		text = bytes.Map(func(r rune) rune {
			if r&0xfffe == 0xfffe {
				return -1
			}
			return r
		}, text)
	}
	from := 0
	for i, c := range text {
		var as string
		switch c {
		case '&':
			as = "&amp;"
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case '\r':
			as = "&#13;"
		case '\t', '\n':
			continue
		default:
			if c >= ' ' {
				continue
			}
		}
		_, _ = out.Write(text[from:i])
		_, _ = out.WriteString(as)
		from = i + 1
	}
	_, _ = out.Write(text[from:])
}

// escaped is a value for an attribute.
func escaped(value string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(plain([]byte(value)))
}

// look reads the tags of a part without copying it.
func (j *job) look(in io.Reader, see func(x *markup.Reader)) error {
	x := markup.New(in, 4<<10)
	for {
		if err := x.Next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := j.spend(); err != nil {
			return err
		}
		see(x)
	}
}
