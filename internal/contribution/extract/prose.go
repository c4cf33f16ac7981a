package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// block is a kind of lines.
type block int

const (
	paragraph block = iota
	heading
	item // of a list
	row  // of a table
	note // at the foot of a page
)

// prose collects what a person reads.
type prose struct {
	text  strings.Builder
	limit int // bytes
	cut   bool
	words int
	last  block

	pending string // the number of a note, before its first block
}

func newProse(limit int) *prose { return &prose{limit: limit} }

func (p *prose) String() string { return p.text.String() }

// add puts a block behind the others. Blank ones are nothing.
func (p *prose) add(kind block, line []byte) {
	text := plain(line)
	if text == "" {
		return
	}
	if p.pending != "" {
		text, p.pending = p.pending+" "+text, ""
	}
	p.words += Words(text)
	if p.text.Len()+len(text) > p.limit {
		text, p.cut = shorten(text, p.limit-p.text.Len()), true
		if text == "" {
			return
		}
	}
	if p.text.Len() > 0 {
		p.text.WriteByte('\n')
		if kind != p.last || kind == paragraph || kind == heading {
			p.text.WriteByte('\n')
		}
	}
	if kind == item {
		p.text.WriteString("• ")
	}
	p.text.WriteString(text)
	p.last = kind
}

// shorten cuts between characters.
func shorten(text string, bytes int) string {
	bytes = max(0, min(bytes, len(text)))
	for bytes > 0 && bytes < len(text) && !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return text[:bytes]
}

// plain is text without what has no place in one: no control characters but tabs and line ends, nothing that is not UTF-8, no
// space at the ends.
func plain(raw []byte) string {
	text := strings.ToValidUTF8(string(raw), "\ufffd")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\v' || r == '\f' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r) || r == '\ufeff' || r&0xfffe == 0xfffe:
			return -1
		}
		return r
	}, text))
}

// Words counts words, as advice on the length of a text. Text without spaces, such as Chinese, counts two characters as a word.
func Words(text string) int {
	n, inside, wide := 0, false, 0
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf: // most of most texts
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
			if letter && !inside {
				n++
			}
			inside = letter || inside && r > ' '
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			wide++
			inside = false
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if !inside {
				n++
			}
			inside = true
		case unicode.IsSpace(r):
			inside = false
		}
	}
	return n + (wide+1)/2
}

// page collects lines as they are laid out: paragraphs, with text boxes and notes within them, and the cells of tables.
type page struct {
	out    *prose
	limit  int
	line   []byte
	kind   block
	boxes  []held // paragraphs around a text box
	tables []grid
}

type held struct {
	line []byte
	kind block
}

// grid is a table being read: a table within a cell becomes part of its text.
type grid struct {
	row, cell []byte
	begun     bool // the row has a cell
}

func newPage(out *prose) *page { return &page{out: out, limit: out.limit} }

// write adds to the line, which is bounded as the whole is.
func (p *page) write(text []byte) {
	if room := p.limit - len(p.line); len(text) > room {
		text, p.out.cut = []byte(shorten(string(text), room)), true
	}
	p.line = append(p.line, text...)
}

// begin opens a paragraph.
func (p *page) begin() { p.line, p.kind = p.line[:0], paragraph }

// end closes a paragraph.
func (p *page) end() {
	if n := len(p.tables); n > 0 {
		t := &p.tables[n-1]
		if len(t.cell) > 0 && len(p.line) > 0 {
			t.cell = append(t.cell, ' ')
		}
		if len(t.cell) < p.limit {
			t.cell = append(t.cell, p.line...)
		}
	} else {
		p.out.add(p.kind, p.line)
	}
	p.line, p.kind = p.line[:0], paragraph
}

// box opens a text box within a paragraph; unbox goes on with that.
func (p *page) box() {
	p.boxes = append(p.boxes, held{p.line, p.kind})
	p.line = nil
}

func (p *page) unbox() {
	n := len(p.boxes)
	if n == 0 {
		return
	}
	p.line, p.kind = p.boxes[n-1].line, p.boxes[n-1].kind
	p.boxes = p.boxes[:n-1]
}

func (p *page) table() { p.tables = append(p.tables, grid{}) }

func (p *page) endCell() {
	n := len(p.tables)
	if n == 0 {
		return
	}
	t := &p.tables[n-1]
	if t.begun {
		t.row = append(t.row, " | "...)
	}
	if len(t.row) < p.limit {
		t.row = append(t.row, t.cell...)
	}
	t.begun, t.cell = true, t.cell[:0]
}

func (p *page) endRow() {
	n := len(p.tables)
	if n == 0 {
		return
	}
	t := &p.tables[n-1]
	text := string(t.row)
	t.row, t.cell, t.begun = t.row[:0], t.cell[:0], false
	if strings.Trim(text, " |\t\n") == "" {
		return
	}
	if n == 1 {
		p.out.add(row, []byte(strings.ReplaceAll(text, "\n", " ")))
		return
	}
	outer := &p.tables[n-2]
	if len(outer.cell) < p.limit {
		outer.cell = append(append(outer.cell, ' '), text...)
	}
}

func (p *page) endTable() {
	if n := len(p.tables); n > 0 {
		p.tables = p.tables[:n-1]
	}
}
