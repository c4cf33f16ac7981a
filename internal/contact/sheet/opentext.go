package sheet

import (
	"io"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

func (t *Table) openText(r io.ReaderAt, size int64, head []byte, o Options) error {
	if err := refuseByMark(head); err != nil {
		return err
	}
	f, err := t.formOf(r, size, head, o)
	if err != nil {
		return err
	}
	t.Format, t.Encoding, t.Delimiter = Text, f.encoding, f.delimiter
	t.open = func() rows { return newTextRows(r, size, f) }
	first := headRows(head, f, headerSearch+sampleRows)
	if len(first) == 0 {
		if size > headSize {
			return errs.E(errs.Invalid, "sheet.file.no_table")
		}
		return errs.E(errs.Invalid, "sheet.file.empty")
	}
	t.settle(first, o.Header)
	if f.preamble && t.HeaderRow == 0 {
		t.HeaderRow = 1 // the line "sep=;" is no row
		t.Header = nil
	}
	if o == (Options{}) && !t.looksLikeTable(first) {
		return errs.E(errs.Invalid, "sheet.file.no_table")
	}
	return nil
}

// formOf is how the text is written, by what the person says, else by what it looks like.
func (t *Table) formOf(r io.ReaderAt, size int64, head []byte, o Options) (form, error) {
	f := sniff(head, probes(r, size))
	if o.Encoding != "" {
		chosen, ok := encodingOf(o.Encoding)
		if !ok {
			return f, errs.InvalidFields(errs.FieldError("encoding", "field.choice"))
		}
		if f.encoding == chosen.encoding {
			chosen.bom = f.bom
		}
		f = chosen
	}
	if err := refuseNoText(head, f); err != nil {
		return f, err
	}
	f.eol = endOfLine(head, f.wide)
	said, found := preambleOf(head, f)
	f.preamble = found
	switch {
	case o.Delimiter != 0:
		if o.Delimiter != NoDelimiter && !slices.Contains(Delimiters(), o.Delimiter) {
			return f, errs.InvalidFields(errs.FieldError("delimiter", "field.choice"))
		}
		f.delimiter = o.Delimiter
	case found:
		f.delimiter = said
	default:
		f.delimiter = guessDelimiter(head, f)
	}
	return f, nil
}

// settle finds the header among the first rows, and takes the sample from below it.
func (t *Table) settle(first []Record, said Header) {
	at := headerAt(first, said)
	if at >= 0 {
		t.HeaderRow = first[at].Number
		for _, name := range first[at].Cells {
			t.Header = append(t.Header, cleanHeader(name))
		}
		for len(t.Header) > 1 && t.Header[len(t.Header)-1] == "" {
			t.Header = t.Header[:len(t.Header)-1]
		}
		t.Columns = len(t.Header)
	}
	t.Sample = first[at+1:]
	t.Sample = t.Sample[:min(len(t.Sample), sampleRows)]
	if at < 0 {
		t.Columns = commonWidth(t.Sample)
	}
	for i := range t.Sample {
		t.fit(&t.Sample[i])
	}
	t.Preset = presetOf(t)
}

func commonWidth(sample []Record) int {
	counts := map[int]int{}
	best := 0
	for _, r := range sample {
		n := len(r.Cells)
		counts[n]++
		if counts[n] > counts[best] || counts[n] == counts[best] && n > best {
			best = n
		}
	}
	return best
}

// cleanHeader is a column's name as a person reads it.
func cleanHeader(name string) string {
	name = strings.Join(strings.Fields(dropInvisible(strings.ToValidUTF8(name, ""))), " ")
	return shorten(name, 80)
}

// shorten cuts a text to a number of characters.
func shorten(text string, limit int) string {
	n := 0
	for i := range text {
		if n == limit {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// headerAt is the index of the row that names the columns, -1 if none does. It is the first with
// two names that we know (titles may stand above it), else the first row, unless there are things
// in it that name no column.
func headerAt(first []Record, said Header) int {
	if said == NoHeader || len(first) == 0 {
		return -1
	}
	for i := range first[:min(len(first), headerSearch)] {
		if known, alien := headerSigns(first[i].Cells); alien == 0 && (known >= 2 || known == 1 && filled(first[i].Cells) == 1 && i == 0) {
			return i
		}
	}
	if said == WithHeader {
		return 0
	}
	known, alien := headerSigns(first[0].Cells)
	switch {
	case alien > 0, len(first[0].Cells) == 1 && known == 0:
		return -1
	case known > 0, first[0].Problem == nil && distinct(first[0].Cells):
		return 0
	}
	return -1
}

// headerSigns counts the cells that name a column of ours, and those that cannot name one.
func headerSigns(cells []string) (known, alien int) {
	for _, c := range cells {
		switch _, ok := byHeader(c); {
		case ok:
			known++
		case strings.Contains(c, "@") && strings.Contains(c, "."), isNumber(c), len(c) > 200:
			alien++
		}
	}
	return known, alien
}

func isNumber(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && strings.Trim(s, "0123456789.,- /") == ""
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

func distinct(cells []string) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		c = strings.ToLower(strings.TrimSpace(c))
		if c == "" || seen[c] {
			return false
		}
		seen[c] = true
	}
	return true
}

// looksLikeTable tells a table from prose: columns that we know, or addresses, or rows that are
// alike.
func (t *Table) looksLikeTable(first []Record) bool {
	known, _ := headerSigns(t.Header)
	if known > 0 || t.Preset != "" {
		return true
	}
	addresses, alike := 0, 0
	for _, r := range first {
		if len(r.Cells) == t.Columns {
			alike++
		}
		for _, c := range r.Cells {
			if len(c) < 300 && strings.Count(c, "@") == 1 && len(strings.Fields(c)) < 8 {
				addresses++
				break
			}
		}
	}
	if 2*addresses >= len(first) {
		return true
	}
	return t.Delimiter != NoDelimiter && 4*alike >= 3*len(first) && len(first) > 1
}
