package sheet

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/markup"
)

// sheetRows reads the rows of one sheet as a stream.
type sheetRows struct {
	book *workbook
	part sheetPart
	in   io.ReadCloser
	x    *markup.Reader
	err  error

	number int
	cells  []string
	cell   sheetCell
}

// sheetCell is the cell that is being read.
type sheetCell struct {
	column int
	kind   string // the attribute t
	style  int
	value  []byte
	inV    bool
	inIs   bool
	inline sharedText
	long   bool
}

func newSheetRows(book *workbook, part sheetPart) *sheetRows {
	r := &sheetRows{book: book, part: part}
	r.in, r.err = book.open(part.path)
	if r.in != nil {
		r.x = markup.New(r.in, MaxCell+1)
	}
	return r
}

func (r *sheetRows) close() {
	if r.in != nil {
		_ = r.in.Close()
	}
}

// seek has nothing to do: a stream has no places, and reading begins at the first row.
func (r *sheetRows) seek(Position) error { return nil }

func (r *sheetRows) next(rec *Record, _ bool) (bool, error) {
	if r.err != nil {
		return false, r.fail(r.err)
	}
	if r.x == nil {
		return false, nil // a sheet without a part is empty
	}
	for {
		if err := r.x.Next(); err != nil {
			return false, r.fail(err)
		}
		if r.x.Is(markup.End, "sheetData") {
			r.err = io.EOF
			return false, nil
		}
		if r.x.Is(markup.Start, "row") {
			break
		}
	}
	r.number = max(r.number+1, r.x.Number("r", 0))
	*rec = Record{Number: r.number, Line: r.number, Next: Position{Number: r.number + 1, Line: r.number + 1}}
	r.cells = r.cells[:0]
	if err := r.row(rec); err != nil {
		return false, r.fail(err)
	}
	rec.Cells = r.cells
	return true, nil
}

// fail keeps what ended the reading; the end of the part is no error.
func (r *sheetRows) fail(err error) error {
	r.err = err
	if errors.Is(err, io.EOF) {
		return nil
	}
	return bookError(err)
}

// row reads to the end of the row.
func (r *sheetRows) row(rec *Record) error {
	column, size := -1, 0
	for {
		if err := r.x.Next(); err != nil {
			return markup.Unexpected(err)
		}
		switch {
		case r.x.Is(markup.End, "row"):
			return nil
		case r.x.Is(markup.Start, "c"):
			column = columnOf(r.x.Attribute("r"), column)
			r.cell = sheetCell{
				column: column, kind: string(r.x.Attribute("t")), style: r.x.Number("s", -1),
				value: r.cell.value[:0], inline: sharedText{text: r.cell.inline.text[:0]},
			}
		case r.x.Is(markup.End, "c"):
			r.put(rec, &size)
		default:
			r.cell.take(r.x)
		}
	}
}

// take reads a token within a cell. What a formula is stays unread.
func (c *sheetCell) take(x *markup.Reader) {
	switch {
	case x.Is(markup.Start, "v"):
		c.inV = true
	case x.Is(markup.End, "v"):
		c.inV = false
	case c.inV && x.Kind == markup.Text:
		c.long = c.long || x.Long
		c.value = append(c.value, x.Text[:min(len(x.Text), MaxCell+1-min(len(c.value), MaxCell+1))]...)
	case x.Is(markup.Start, "is"):
		c.inIs = true
		c.inline.take(x)
	case c.inIs:
		if c.inline.take(x) {
			c.inIs = false
			c.long = c.long || c.inline.long
		}
	}
}

// columnOf reads the column of "AB12"; a cell that does not say is the next one.
func columnOf(ref []byte, before int) int {
	n := 0
	for _, c := range ref {
		if c|0x20 < 'a' || c|0x20 > 'z' || n > MaxColumns*26 {
			break
		}
		n = n*26 + int(c|0x20-'a') + 1
	}
	if n == 0 || n-1 <= before {
		return before + 1
	}
	return n - 1
}

// put adds the cell to its row.
func (r *sheetRows) put(rec *Record, size *int) {
	text, failed := r.text()
	if text == "" && !failed {
		return
	}
	c := r.cell.column
	if c >= MaxColumns {
		if len(rec.Notes) == 0 {
			rec.note("sheet.note.extra_columns", "Has", c+1, "Wants", MaxColumns)
		}
		return
	}
	for len(r.cells) <= c {
		r.cells = append(r.cells, "")
	}
	*size += len(text)
	switch {
	case rec.Problem != nil:
	case failed:
		rec.note("sheet.note.formula_error")
	case r.cell.long || len(text) > MaxCell:
		rec.refuse(c, "sheet.cell.too_long", "Max", MaxCell)
	case *size > MaxRow:
		rec.refuse(-1, "sheet.row.too_long", "Max", MaxRow)
	default:
		r.cells[c] = text
	}
}

// text is what stands in the cell; failed says that it is an error such as #REF!.
func (r *sheetRows) text() (text string, failed bool) {
	c := &r.cell
	switch c.kind {
	case "s":
		if i, err := strconv.Atoi(string(c.value)); err == nil && i >= 0 && i < len(r.book.shared) {
			return r.book.shared[i], false
		}
		return "", len(c.value) > 0
	case "inlineStr":
		return validText(c.inline.text), false
	case "str":
		return validText(unescapeExcel(c.value)), false
	case "b":
		if string(c.value) == "1" {
			return "true", false
		}
		return "false", false
	case "e":
		return "", true
	case "d":
		return validText(c.value), false
	}
	if len(c.value) > 400 {
		return validText(c.value), false
	}
	return r.book.numberText(string(c.value), c.style), false
}

// firstRows are those by which a sheet is judged.
func (w *workbook) firstRows(s sheetPart) ([]Record, error) {
	in := newSheetRows(w, s)
	defer in.close()
	var found []Record
	for len(found) < headerSearch+sampleRows {
		var rec Record
		ok, err := in.next(&rec, false)
		if err != nil {
			return nil, err
		}
		if !ok {
			return found, nil
		}
		if !rec.blank() {
			rec.Cells = append([]string(nil), rec.Cells...)
			found = append(found, rec)
		}
	}
	return found, nil
}

// validText copies a text, without bytes that are none and without zeros.
func validText(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\ufffd"), "\x00", "")
}
