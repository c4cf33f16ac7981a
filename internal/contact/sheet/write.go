package sheet

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// Writer writes a table, a row at a time. Close writes what is left; it does not close what lies
// below. Cells that a spreadsheet would take for formulas are made inert (see Inert), so that what
// is written can be read again as it was.
type Writer interface {
	Write(cells []string) error
	Close() error
}

// NewCSV writes CSV as RFC 4180 has it, in UTF-8, with CRLF. A byte order mark tells Excel that it
// is UTF-8; other programs do without.
func NewCSV(to io.Writer, mark bool) Writer {
	w := &csvWriter{to: bufio.NewWriterSize(to, 64<<10)}
	if mark {
		_, _ = w.to.WriteString("\ufeff") // an error stays with the buffer
	}
	return w
}

type csvWriter struct {
	to   *bufio.Writer
	line []byte
}

func (w *csvWriter) Write(cells []string) error {
	w.line = w.line[:0]
	for i, c := range cells {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = appendCSV(w.line, Inert(printable(c)), len(cells) == 1)
	}
	w.line = append(w.line, "\r\n"...)
	_, err := w.to.Write(w.line)
	return err
}

func (w *csvWriter) Close() error { return w.to.Flush() }

// appendCSV puts quotes around a cell that needs them: for what is in it, for white space at its
// ends, which some readers take off, or because an empty row of one cell would be a blank line.
func appendCSV(to []byte, cell string, alone bool) []byte {
	bare := !strings.ContainsAny(cell, "\",;\t|\r\n") && strings.TrimSpace(cell) == cell && !strings.HasPrefix(cell, "\ufeff")
	if bare && (cell != "" || !alone) {
		return append(to, cell...)
	}
	to = append(to, '"')
	for {
		i := strings.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		to = append(append(to, cell[:i+1]...), '"')
		cell = cell[i+1:]
	}
	return append(append(to, cell...), '"')
}

// printable is a cell without what no table holds: what is not UTF-8, and signs that control a machine, for which a reader, ours as well, takes
// the whole file for something else.
func printable(cell string) string {
	return strings.Map(func(r rune) rune {
		if r == 0 || r <= 0x7f && controls(byte(r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(cell, "\ufffd"))
}

// Cells are the cells of a row under ExportHeader(emails, ties). Reading them again gives the same Row.
func (r Row) Cells(emails, ties int) []string {
	cells := make([]string, 0, len(exported())+2*emails+len(tieFields())*ties)
	all := r.Ties()
	for _, f := range exported() {
		switch f {
		case ID:
			id := ""
			if r.ID != 0 {
				id = strconv.FormatInt(r.ID, 10)
			}
			cells = append(cells, id)
		case Organization:
			for n := range max(ties, 1) {
				var t Tie
				if n < len(all) {
					t = all[n]
				}
				cells = append(cells, t.Organization, t.Function, t.Title, t.Since, t.Until)
			}
		case Email:
			for n := range max(emails, 1) {
				var e Mailbox
				if n < len(r.Emails) {
					e = r.Emails[n]
				}
				cells = append(cells, e.Address, e.Kind)
			}
		case Function, Title, Since, Until, AddressKind:
		default:
			cells = append(cells, r.text(f))
		}
	}
	return cells
}

func (r Row) text(f Field) string {
	switch f {
	case Kind:
		return r.Kind
	case Name:
		return r.Name
	case Transliteration:
		return r.Transliteration
	case StakeholderGroup:
		return r.StakeholderGroup
	case Country:
		return r.Country
	case Region:
		return string(r.Region)
	case Languages:
		return strings.Join(r.Languages, " ")
	case Expertise:
		return strings.Join(r.Expertise, " ")
	case Source:
		return r.Source
	case LawfulBasis:
		return r.LawfulBasis
	}
	return r.Notes
}
