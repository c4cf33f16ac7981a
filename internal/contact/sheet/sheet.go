// Package sheet reads the tables that people have, as they come, and writes ours.
//
// A table is a CSV file in whatever encoding and with whatever delimiter, or an XLSX workbook.
// Open looks at its content, never at its name, and refuses what is no table with the reason and
// the limit. Everything after that is a matter of single rows: a row that cannot be read is a
// Record with a Problem, a cell that cannot be understood is a CellProblem, and the rest of the
// file goes on. Memory is bounded by the limits below, whatever the size of the file.
//
// The package knows no database and no HTTP. What an address is, is said by whoever calls
// (mail.Normalize); what a country or a group is, by the reference data.
package sheet

import (
	"io"
	"iter"

	"github.com/convoke/convoke/internal/errs"
)

// The limits, stated in the messages of what goes beyond them.
const (
	MaxCell      = 100_000   // bytes of a cell as UTF-8
	MaxRow       = 1_000_000 // bytes of a row
	MaxColumns   = 1_000     // columns of a table; what is beyond is noted and left out
	sampleRows   = 20        // rows that the mapping page shows and the guesses look at
	headSize     = 256 << 10 // bytes by which the form of a text is judged
	headerSearch = 10        // rows among which the header is looked for, below titles
)

// Format is the kind of file that a table came in.
type Format string

// The formats.
const (
	Text Format = "text"
	XLSX Format = "xlsx"
)

// Options are what a person says against our guess; the zero value leaves everything to it.
type Options struct {
	Encoding  string // one of Encodings
	Delimiter rune   // one of Delimiters, or NoDelimiter for a single column
	Header    Header
	Sheet     string // a sheet of a workbook, by its name
}

// NoDelimiter says that each line is one cell.
const NoDelimiter rune = -1

// Header says whether the first row names the columns.
type Header string

// The answers to whether there is a header; the zero value asks for a guess.
const (
	GuessHeader Header = ""
	WithHeader  Header = "yes"
	NoHeader    Header = "no"
)

// Table is an opened file. It holds no more than its sample in memory, never changes after Open,
// and may be read by several goroutines at once as far as its io.ReaderAt may.
type Table struct {
	Name      string // of the file, for people
	Format    Format
	Encoding  string   // one of Encodings; empty for a workbook
	Delimiter rune     // NoDelimiter where there is one column only; 0 for a workbook
	Sheet     string   // the sheet that is read
	Sheets    []string // all sheets of a workbook
	HeaderRow int      // the row that names the columns, as a spreadsheet numbers them; 0 without
	Header    []string // as they stand there; empty without a header
	Columns   int      // how many cells a row should have
	Preset    Preset   // the product whose export this is, "" where unknown
	Sample    []Record // the first rows below the header

	open func() rows
}

// Record is one row of a table.
type Record struct {
	Number int // as a spreadsheet numbers its rows; the header is one of them
	Line   int // the physical line on which it begins; the Number in a workbook
	// Cells are as they stand in the file, decoded, without the quotes of CSV. The slice is reused
	// by the next record, the strings are not.
	Cells []string
	// Problem says why the row cannot be read; its Name is the letter of the column, or empty.
	// Cells then holds what could be read before that.
	Problem *errs.Field
	// Notes say what was mended: bytes removed, cells too many or too few. Usually nil.
	Notes []errs.Field
	// Next is where the record after this one begins; see RecordsAt.
	Next Position
}

// Position is a place between two records. It survives a restart: write it down as it is.
type Position struct {
	Number int   `json:"number"` // of the record that begins here
	Line   int   `json:"line"`
	Offset int64 `json:"offset"` // in bytes of the file; meaningless in a workbook
}

// rows is what a format has to offer.
type rows interface {
	// next reads one row into rec; false at the end. An error is one of reading the file.
	// With skip it need not fill in the cells.
	next(rec *Record, skip bool) (bool, error)
	// seek goes to a position that an earlier record gave out.
	seek(Position) error
	close()
}

// Open finds out what kind of table a file holds. name is for people only. A file that is no
// table, or beyond a limit, is an errs.Error of the codes Invalid or TooLarge that says so.
func Open(r io.ReaderAt, size int64, name string) (*Table, error) {
	return OpenAs(r, size, name, Options{})
}

// OpenAs is Open for somebody who knows better in some respect.
func OpenAs(r io.ReaderAt, size int64, name string, o Options) (*Table, error) {
	t, err := open(r, size, name, o)
	return t, errs.Wrap("sheet.open", err)
}

func open(r io.ReaderAt, size int64, name string, o Options) (*Table, error) {
	head, err := readHead(r, size)
	if err != nil {
		return nil, err
	}
	t := &Table{Name: name}
	if isZip(head) {
		err = t.openWorkbook(r, size, o)
	} else {
		err = t.openText(r, size, head, o)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

func readHead(r io.ReaderAt, size int64) ([]byte, error) {
	if size <= 0 {
		return nil, errs.E(errs.Invalid, "sheet.file.empty")
	}
	head := make([]byte, min(size, headSize))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return nil, readError(n, len(head), err)
	}
	return head, nil
}

// Records gives the rows below the header, from the row of a number on (0 for all), blank ones left
// out. It reads everything before that row again; RecordsAt does not. The iteration ends with the
// first error, which is one of reading the file: a bad row is a Record with a Problem.
func (t *Table) Records(from int) iter.Seq2[Record, error] {
	return t.records(from, Position{})
}

// RecordsAt gives the rows from a position on that Record.Next gave out, of this Table or of
// another one that was opened from the same file with the same options.
func (t *Table) RecordsAt(p Position) iter.Seq2[Record, error] {
	return t.records(p.Number, p)
}

func (t *Table) records(from int, p Position) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in := t.open()
		defer in.close()
		if p.Number > 0 {
			if err := in.seek(p); err != nil {
				yield(Record{}, errs.Wrap("sheet.seek", err))
				return
			}
		}
		from = max(from, t.HeaderRow+1)
		number := max(p.Number-1, 0)
		var rec Record
		for {
			ok, err := in.next(&rec, number+1 < from)
			if err != nil {
				yield(Record{}, errs.Wrap("sheet.read", err))
				return
			}
			if !ok {
				return
			}
			number = rec.Number
			if number < from || rec.blank() {
				continue
			}
			t.fit(&rec)
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// Verify reads a workbook to its end. That it is damaged far behind its first rows shows only there; a text can be
// read whatever it holds. The error is as from Open.
func (t *Table) Verify() error {
	if t.Format != XLSX {
		return nil
	}
	in := t.open()
	defer in.close()
	var rec Record
	for {
		if ok, err := in.next(&rec, true); err != nil || !ok {
			return errs.Wrap("sheet.verify", err)
		}
	}
}

// blank says that there is nothing in a row.
func (r *Record) blank() bool {
	if r.Problem != nil {
		return false
	}
	for _, c := range r.Cells {
		for i := range len(c) {
			if c[i] != ' ' && c[i] != '\t' {
				return false
			}
		}
	}
	return true
}

// fit notes what a row has too much or too little.
func (t *Table) fit(r *Record) {
	if r.Problem != nil || t.Columns == 0 || len(r.Cells) == t.Columns {
		return
	}
	if len(r.Cells) < t.Columns {
		// Spreadsheets leave out empty cells at the end of a row.
		if t.Format == Text {
			r.note("sheet.note.missing_columns", "Has", len(r.Cells), "Wants", t.Columns)
		}
		return
	}
	for _, c := range r.Cells[t.Columns:] {
		if c != "" {
			r.note("sheet.note.extra_columns", "Has", len(r.Cells), "Wants", t.Columns)
			return
		}
	}
}

func (r *Record) note(key string, args ...any) {
	r.Notes = append(r.Notes, errs.FieldError("", key, args...))
}

func (r *Record) refuse(column int, key string, args ...any) {
	f := errs.FieldError("", key, args...)
	if column >= 0 {
		f.Name = Letter(column)
	}
	r.Problem = &f
}

// Letter is how a spreadsheet names a column: A for 0, AA for 26.
func Letter(column int) string {
	var b [8]byte
	i := len(b)
	for n := column + 1; n > 0 && i > 0; n = (n - 1) / 26 {
		i--
		b[i] = byte('A' + (n-1)%26)
	}
	return string(b[i:])
}
