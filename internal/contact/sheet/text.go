package sheet

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// textRows reads a delimited text. What it makes of quotes:
//
//   - A cell in quotes may hold delimiters, ends of lines and doubled quotes (RFC 4180).
//   - Text between the closing quote and the next delimiter makes the quotes part of the cell:
//     "Berg, Anna" <anna@example.org> is one cell, as it stands.
//   - Quotes inside of a cell that does not begin with one are letters.
//   - A quote that is never closed, or closed on a later line only by what must be the opening
//     quote of another cell, makes its row a Problem, and reading goes on at the next line.
type textRows struct {
	in        *source
	eol       byte
	delimiter byte // 0 where each line is one cell
	decode    decoder
	plain     bool // that the text is UTF-8

	partial bool // that what is read is the beginning of something longer

	number int // of the row before
	line   int // of the row that comes
	budget int64

	spans  []span
	cells  []string
	buffer []byte
	ends   []int
}

// span is where a cell stands in the window.
type span struct {
	from, to int
	quotes   bool // that doubled quotes stand in it for single ones
}

// verdict is what scanning a row came to.
type verdict int

const (
	whole    verdict = iota
	cut              // the window ends before the row does
	unclosed         // a quote is never closed
)

func newTextRows(file io.ReaderAt, size int64, f form) *textRows {
	// Looking in vain for the end of a quote may cost as much as reading the file, not more.
	r := &textRows{
		in: newSource(file, size, f.wide, int64(f.bom)), eol: f.eol, decode: f.decode,
		plain: f.decode == nil, line: 1, budget: size + MaxRow,
	}
	if f.delimiter > 0 {
		r.delimiter = byte(f.delimiter)
	}
	return r
}

func (r *textRows) close() {}

func (r *textRows) seek(p Position) error {
	r.in.seek(p.Offset)
	r.number, r.line = p.Number-1, p.Line
	return nil
}

func (r *textRows) next(rec *Record, skip bool) (bool, error) {
	if err := r.fill(); err != nil {
		return false, err
	}
	if len(r.in.window()) == 0 {
		return false, nil
	}
	r.number++
	*rec = Record{Number: r.number, Line: r.line}
	if err := r.row(rec, skip); err != nil {
		return false, err
	}
	rec.Next = Position{Number: r.number + 1, Line: r.line, Offset: r.in.at}
	return true, nil
}

// fill sees to it that the window is not empty, unless the file is at its end.
func (r *textRows) fill() error {
	for len(r.in.window()) == 0 && !r.in.ended() {
		if err := r.in.more(); err != nil {
			return err
		}
	}
	return nil
}

func (r *textRows) row(rec *Record, skip bool) error {
	line, size, err := r.firstLine()
	if err != nil {
		return err
	}
	if size > 0 && bytes.IndexByte(line, '"') < 0 {
		if !skip {
			r.split(line)
			r.build(rec, line)
		}
		r.in.consume(size)
		r.line++
		return nil
	}
	return r.quotedRow(rec, skip)
}

// firstLine is the line at the beginning of the window, and its length with its end; 0 if it is
// longer than a row may be.
func (r *textRows) firstLine() ([]byte, int, error) {
	seen := 0
	for {
		window := r.in.window()
		if i := bytes.IndexByte(window[seen:], r.eol); i >= 0 {
			return trimReturn(window[:seen+i]), seen + i + 1, nil
		}
		if r.in.ended() {
			return trimReturn(window), len(window), nil
		}
		if len(window) > MaxRow {
			return nil, 0, nil
		}
		seen = len(window)
		if err := r.in.more(); err != nil {
			return nil, 0, err
		}
	}
}

func trimReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}

// split finds the cells of a line without quotes.
func (r *textRows) split(line []byte) {
	r.spans = r.spans[:0]
	from := 0
	if r.delimiter != 0 {
		for {
			i := bytes.IndexByte(line[from:], r.delimiter)
			if i < 0 {
				break
			}
			r.spans = append(r.spans, span{from: from, to: from + i})
			from += i + 1
		}
	}
	r.spans = append(r.spans, span{from: from, to: len(line)})
}

func (r *textRows) quotedRow(rec *Record, skip bool) error {
	for {
		window := r.in.window()
		end, v := r.scan(window, r.in.ended() && !r.partial)
		switch {
		case v == whole:
			if !skip {
				r.build(rec, window)
			}
			r.line += lines(window[:end], r.eol)
			r.in.consume(end)
			return nil
		case v == unclosed:
			return r.resync(rec)
		case r.partial && r.in.ended():
			return io.ErrUnexpectedEOF
		case len(window) > MaxRow:
			return r.overlong(rec, skip)
		}
		if err := r.in.more(); err != nil {
			return err
		}
	}
}

// lines is how many lines a row took: one, and one for each end of a line before its own.
func lines(row []byte, eol byte) int {
	n := bytes.Count(row, []byte{eol})
	if len(row) > 0 && row[len(row)-1] != eol {
		n++
	}
	return n
}

// scan finds the cells of the row at the beginning of the window, and where it ends.
func (r *textRows) scan(window []byte, ended bool) (end int, v verdict) {
	r.spans = r.spans[:0]
	at := 0
	for {
		s, next, v := r.cell(window, at, ended)
		if v != whole {
			return 0, v
		}
		r.spans = append(r.spans, s)
		if next >= len(window) {
			// A delimiter at the very end of the file is followed by an empty cell.
			if r.delimiter != 0 && len(window) > 0 && window[len(window)-1] == r.delimiter && s.to < len(window) {
				r.spans = append(r.spans, span{from: len(window), to: len(window)})
			}
			return len(window), whole
		}
		if window[next-1] == r.eol {
			return next, whole
		}
		at = next
	}
}

// cell finds the end of the cell that begins at a place; next is behind its delimiter.
func (r *textRows) cell(window []byte, at int, ended bool) (s span, next int, v verdict) {
	open := at
	for open < len(window) && (window[open] == ' ' || window[open] == '\t') && window[open] != r.delimiter {
		open++
	}
	if open < len(window) && window[open] == '"' {
		return r.quoted(window, at, open+1, ended)
	}
	return r.bare(window, at, at, ended)
}

// bare is a cell without quotes, which goes to the next delimiter or end of the line after seen.
func (r *textRows) bare(window []byte, at, seen int, ended bool) (s span, next int, v verdict) {
	for i := seen; i < len(window); i++ {
		if c := window[i]; c == r.eol {
			return span{from: at, to: at + len(trimReturn(window[at:i]))}, i + 1, whole
		} else if c == r.delimiter && c != 0 {
			return span{from: at, to: i}, i + 1, whole
		}
	}
	if !ended {
		return span{}, 0, cut
	}
	return span{from: at, to: at + len(trimReturn(window[at:]))}, len(window), whole
}

// quoted is a cell whose opening quote stands before inside.
func (r *textRows) quoted(window []byte, at, inside int, ended bool) (s span, next int, v verdict) {
	doubled, later := false, false
	line, from := inside, inside
	for {
		i := bytes.IndexByte(window[from:], '"')
		if i < 0 {
			break
		}
		from += i
		if !later {
			later = bytes.IndexByte(window[line:from], r.eol) >= 0
			line = from
		}
		if from+1 < len(window) && window[from+1] == '"' {
			doubled = true
			from += 2
			continue
		}
		next, v := r.behind(window, from+1, ended)
		switch {
		case v == cut:
			return span{}, 0, cut
		case v == whole:
			return span{from: inside, to: from, quotes: doubled}, next, whole
		case later:
			return span{}, 0, unclosed
		case !r.closes(window, from+1):
			return r.bare(window, at, from+1, ended)
		}
		// A quote that nobody doubled: "Anna "Nina" Berg".
		from++
	}
	if ended {
		return span{}, 0, unclosed
	}
	return span{}, 0, cut
}

// behind says whether a delimiter, the end of the line or of the file follows a closing quote,
// spaces aside; unclosed stands for no.
func (r *textRows) behind(window []byte, i int, ended bool) (next int, v verdict) {
	for ; i < len(window); i++ {
		switch c := window[i]; {
		case c == r.eol, c == r.delimiter && c != 0:
			return i + 1, whole
		case c == '\r' && i+1 < len(window) && window[i+1] == r.eol:
			return i + 2, whole
		case c == ' ', c == '\t', c == '\r':
		default:
			return 0, unclosed
		}
	}
	if ended {
		return len(window), whole
	}
	return 0, cut
}

// closes says whether a later quote on the same line closes the cell properly.
func (r *textRows) closes(window []byte, from int) bool {
	line := window[from:]
	if i := bytes.IndexByte(line, r.eol); i >= 0 {
		line = line[:i]
	}
	for i := 0; ; i++ {
		j := bytes.IndexByte(line[i:], '"')
		if j < 0 {
			return false
		}
		i += j
		if _, v := r.behind(line, i+1, true); v == whole {
			return true
		}
	}
}

// build puts the cells that scanning found into the record.
func (r *textRows) build(rec *Record, window []byte) {
	r.buffer, r.ends = r.buffer[:0], r.ends[:0]
	spans := r.spans
	if len(spans) > MaxColumns {
		rec.note("sheet.note.extra_columns", "Has", len(spans), "Wants", MaxColumns)
		spans = spans[:MaxColumns]
	}
	mended := mends{}
	for i, s := range spans {
		raw := window[s.from:s.to]
		if len(raw) > MaxCell {
			rec.refuse(i, "sheet.cell.too_long", "Max", MaxCell)
			break
		}
		r.append(raw, s.quotes, &mended)
		if n := len(r.ends); n > 0 && len(r.buffer)-r.ends[n-1] > MaxCell || n == 0 && len(r.buffer) > MaxCell {
			rec.refuse(i, "sheet.cell.too_long", "Max", MaxCell)
			break
		}
		r.ends = append(r.ends, len(r.buffer))
	}
	mended.tell(rec)
	text := string(r.buffer)
	r.cells = r.cells[:0]
	from := 0
	for _, to := range r.ends {
		r.cells = append(r.cells, text[from:to])
		from = to
	}
	rec.Cells = r.cells
}

// mends says what had to be done to the cells of a row.
type mends struct{ nul, bytes bool }

func (m mends) tell(rec *Record) {
	if m.nul {
		rec.note("sheet.note.nul")
	}
	if m.bytes {
		rec.note("sheet.note.encoding")
	}
}

// append adds one cell to the buffer: decoded, with single quotes for doubled ones, without NUL.
func (r *textRows) append(raw []byte, quotes bool, m *mends) {
	from := len(r.buffer)
	switch {
	case r.decode != nil && !isASCII(raw):
		var whole bool
		r.buffer, whole = r.decode.appendUTF8(r.buffer, raw)
		m.bytes = m.bytes || !whole
	case r.plain && !utf8.Valid(raw):
		// One cell came from another file than the rest.
		r.buffer, _ = latin.appendUTF8(r.buffer, raw)
		m.bytes = true
	default:
		r.buffer = append(r.buffer, raw...)
	}
	cell := r.buffer[from:]
	if bytes.IndexByte(cell, 0) >= 0 {
		m.nul = true
		cell = deleteByte(cell, 0)
	}
	if quotes {
		cell = undouble(cell)
	}
	r.buffer = r.buffer[:from+len(cell)]
}

func deleteByte(b []byte, c byte) []byte {
	kept := b[:0]
	for _, x := range b {
		if x != c {
			kept = append(kept, x)
		}
	}
	return kept
}

func undouble(b []byte) []byte {
	kept := b[:0]
	for i := 0; i < len(b); i++ {
		kept = append(kept, b[i])
		if b[i] == '"' && i+1 < len(b) && b[i+1] == '"' {
			i++
		}
	}
	return kept
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
