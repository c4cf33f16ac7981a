package sheet

import "bytes"

// overlong reads over a row that is longer than the window may be, without keeping it. If a quote
// in it turns out never to be closed, reading goes on at the line after its first.
func (r *textRows) overlong(rec *Record, skip bool) error {
	o := oversized{r: r, resync: -1}
	if err := o.run(); err != nil {
		return err
	}
	if o.quoted {
		rec.refuse(o.cell, "sheet.row.unclosed_quote")
		if o.resync < 0 {
			return nil // the file ends with its first line
		}
		r.in.seek(o.resync)
		r.line++
		return nil
	}
	r.line += o.lines
	if skip {
		return nil
	}
	if o.size > MaxCell {
		rec.refuse(o.longest, "sheet.cell.too_long", "Max", MaxCell)
		return nil
	}
	rec.refuse(-1, "sheet.row.too_long", "Max", MaxRow)
	return nil
}

// oversized is the state of reading over a row byte by byte.
type oversized struct {
	r        *textRows
	cell     int // the number of the cell
	length   int // its bytes so far
	longest  int // the cell that is longest
	size     int
	lines    int
	quoted   bool // inside of quotes
	closing  bool // behind a quote that may close, or be the first of two
	begun    bool // that the cell has begun, so that a quote is a letter
	later    bool // that the quote was opened on an earlier line
	finished bool
	resync   int64 // the beginning of the second line; -1 until it is known
}

func (o *oversized) run() error {
	for !o.finished {
		window := o.r.in.window()
		if len(window) == 0 {
			if o.r.in.ended() {
				o.end()
				return nil
			}
			if err := o.r.in.more(); err != nil {
				return err
			}
			continue
		}
		used := o.through(window)
		o.r.in.consume(used)
		if o.quoted || o.lines > 0 {
			o.r.budget -= int64(used)
		}
	}
	return nil
}

// end is the end of the file: a quote behind which nothing comes has closed.
func (o *oversized) end() {
	o.quoted = o.quoted && !o.closing
	o.lines++
	o.measure()
}

// through reads over as much of the window as belongs to the row.
func (o *oversized) through(window []byte) int {
	for i, c := range window {
		if c == o.r.eol {
			o.lines++
			if o.resync < 0 {
				o.resync = o.r.in.at + o.r.in.length(window[:i+1])
			}
		}
		o.step(c)
		if o.quoted && o.r.budget < int64(i) && o.resync >= 0 {
			o.finished = true
		}
		if o.finished {
			return i + 1
		}
	}
	return len(window)
}

func (o *oversized) step(c byte) {
	ends := c == o.r.eol || c == o.r.delimiter && c != 0
	switch {
	case o.closing && c == '"':
		o.closing = false
		o.length++
	case o.closing && ends:
		o.quoted, o.closing = false, false
		o.delimit(c)
	case o.closing && (c == ' ' || c == '\r' || c == '\t'):
	case o.closing && o.later:
		o.finished = true // unclosed
	case o.closing:
		o.closing = false // a quote that nobody doubled
	case o.quoted && c == '"':
		o.closing = true
	case o.quoted:
		o.later = o.later || c == o.r.eol
		o.length++
	case ends:
		o.delimit(c)
	case c == '"' && !o.begun:
		o.quoted, o.later, o.begun = true, false, true
	default:
		o.begun = o.begun || c != ' '
		o.length++
	}
}

func (o *oversized) delimit(c byte) {
	o.measure()
	o.cell++
	o.length, o.begun = 0, false
	o.finished = c == o.r.eol
}

func (o *oversized) measure() {
	if o.length > o.size {
		o.size, o.longest = o.length, o.cell
	}
}

// resync gives up a row because of a quote that is never closed.
func (r *textRows) resync(rec *Record) error {
	window := r.in.window()
	end := len(window)
	if i := bytes.IndexByte(window, r.eol); i >= 0 {
		end = i + 1
	}
	column := len(r.spans)
	r.build(rec, window)
	rec.refuse(column, "sheet.row.unclosed_quote")
	r.in.consume(end)
	r.line++
	return nil
}
