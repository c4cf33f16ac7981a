package sheet

import (
	"bytes"
	"io"
	"strings"
)

// Delimiters are those that a person may choose.
func Delimiters() []rune { return []rune{',', ';', '\t', '|'} }

// columnLimit stops counting where a line of some other text has very many commas.
const columnLimit = 200

// guessDelimiter finds what parts the cells: what parts nearly all rows into the same number of
// them, the more the better. A text that nothing parts has one column.
func guessDelimiter(head []byte, f form) rune {
	if isRoster(head, f) {
		return NoDelimiter
	}
	best, chosen := 0.0, NoDelimiter
	for _, d := range Delimiters() {
		if score := consistency(head, f, d); score > best {
			best, chosen = score, d
		}
	}
	return chosen
}

// isRoster says that each line is one address, perhaps with a name before it in which there may
// be commas: Berg, Anna <anna@example.org>.
func isRoster(head []byte, f form) bool {
	f.delimiter = NoDelimiter
	lines := headRows(head, f, 60)
	good := 0
	for _, r := range lines {
		if r.Problem != nil {
			continue
		}
		line := strings.TrimSpace(r.Cells[0])
		before, address, named := strings.Cut(line, "<")
		bare := !named && !strings.ContainsAny(line, ",;|\t ")
		named = named && strings.HasSuffix(address, ">") && (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "\""))
		if (bare || named) && strings.Count(line, "@") == 1 && !strings.ContainsAny(before, "@") == named {
			good++
		}
	}
	return good > 0 && 10*good >= 9*len(lines)
}

// consistency is 0 where a delimiter parts fewer than half of the rows alike.
func consistency(head []byte, f form, delimiter rune) float64 {
	f.delimiter = delimiter
	widths := widthsOf(head, f, 60)
	counts := map[int]int{}
	for _, w := range widths {
		counts[w]++
	}
	mode, most := 0, 0
	for w, n := range counts {
		if n > most || n == most && w > mode {
			mode, most = w, n
		}
	}
	if mode < 2 || len(widths) == 0 {
		return 0
	}
	alike := float64(most) / float64(len(widths))
	if alike < 0.5 && (len(widths) == 0 || widths[0] < 3) {
		return 0
	}
	// The first row is a header more often than not, and headers are rarely ragged.
	if widths[0] == mode {
		alike += 0.25
	}
	return alike + float64(min(mode, columnLimit))/1000
}

// widthsOf counts the cells of the first rows, blank ones left out.
func widthsOf(head []byte, f form, limit int) []int {
	var widths []int
	for _, r := range headRows(head, f, limit) {
		if r.Problem == nil {
			widths = append(widths, len(r.Cells))
		}
	}
	return widths
}

// headRows reads the first rows of a text, without a last one that the head may have cut.
func headRows(head []byte, f form, limit int) []Record {
	head = head[f.bom:]
	f.bom = 0
	in := newTextRows(bytes.NewReader(head), int64(len(head)), f)
	in.partial = len(head) >= headSize-8
	if f.preamble {
		_, _ = in.next(&Record{}, true)
	}
	var found []Record
	for len(found) < limit {
		var rec Record
		if ok, err := in.next(&rec, false); err != nil || !ok {
			break
		}
		if in.partial && rec.Next.Offset >= int64(len(head)) && len(found) > 0 {
			break
		}
		if !rec.blank() {
			rec.Cells = append([]string(nil), rec.Cells...)
			found = append(found, rec)
		}
	}
	return found
}

// endOfLine is CR for texts that have nothing else (old Macintosh), else LF, before which a CR may
// stand.
func endOfLine(head []byte, w wide) byte {
	if w.unit > 0 {
		head, _ = w.appendUTF8(nil, head[:len(head)/w.unit*w.unit], true)
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

// preambleOf reads the line "sep=;" with which spreadsheets are told the delimiter.
func preambleOf(head []byte, f form) (rune, bool) {
	head = head[f.bom:]
	if f.wide.unit > 0 {
		head, _ = f.wide.appendUTF8(nil, head[:min(len(head)/f.wide.unit, 16)*f.wide.unit], true)
	}
	line, _, _ := bytes.Cut(head, []byte{f.eol})
	line = bytes.Trim(line, "\r\" ")
	if len(line) != 5 || !bytes.EqualFold(line[:4], []byte("sep=")) {
		return 0, false
	}
	for _, d := range Delimiters() {
		if rune(line[4]) == d {
			return d, true
		}
	}
	return 0, false
}

// probes are pieces from all over a file, so that a guess does not rest on its beginning alone.
func probes(r io.ReaderAt, size int64) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		const pieces, length = 16, 16 << 10
		if size <= headSize {
			return
		}
		piece := make([]byte, length)
		for i := range int64(pieces) {
			at := headSize + (size-headSize-length)*i/(pieces-1)
			n, _ := r.ReadAt(piece, max(at, headSize))
			if n > 0 && !yield(piece[:n]) {
				return
			}
		}
	}
}
