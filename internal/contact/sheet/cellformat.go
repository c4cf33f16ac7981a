package sheet

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/markup"
)

// readStyles finds out which cell formats show a day.
func (w *workbook) readStyles(name string) error {
	custom := map[int]bool{}
	inCells := false
	return w.each(name, func(x *markup.Reader) (bool, error) {
		switch {
		case x.Is(markup.Start, "numFmt"):
			if len(custom) < maxParts {
				custom[x.Number("numFmtId", -1)] = showsDay(string(x.Attribute("formatCode")))
			}
		case x.Is(markup.Start, "cellXfs"):
			inCells = true
		case x.Is(markup.End, "cellXfs"):
			return true, nil
		case x.Is(markup.Start, "xf") && inCells && len(w.dates) < 1<<16:
			id := x.Number("numFmtId", 0)
			day, ok := custom[id]
			w.dates = append(w.dates, ok && day || !ok && builtinDay(id))
		}
		return false, nil
	})
}

// builtinDay: the formats that every workbook has without listing them (ECMA-376 part 1, 18.8.30).
func builtinDay(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58
}

// showsDay reads a format such as "dd/mm/yyyy;@": one that shows a year or a day of the month,
// outside of its literal parts.
func showsDay(format string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == 'y' || c == 'Y' || c == 'd' || c == 'D':
			return true
		case c == ';':
			return false
		}
	}
	return false
}

// numberText is how a number is read: as a person would write it, or as a day.
func (w *workbook) numberText(raw string, style int) string {
	raw = strings.TrimSpace(raw)
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || n != n {
		return raw
	}
	if style >= 0 && style < len(w.dates) && w.dates[style] {
		if day, ok := w.dayOf(n); ok {
			return day
		}
	}
	if n > -1e15 && n < 1e15 {
		// Fifteen digits are what a spreadsheet shows; what is behind them is rounding.
		short, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
		return strconv.FormatFloat(short, 'f', -1, 64)
	}
	return raw
}

// dayOf turns a serial number into a day. In the calendar of 1900 there is a 29 February 1900, so
// that the days before it are off by one.
func (w *workbook) dayOf(serial float64) (string, bool) {
	if serial < 1 || serial > 2_958_465 {
		return "", false
	}
	days := int(serial)
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case w.from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		first = first.AddDate(0, 0, 1)
	}
	return first.AddDate(0, 0, days).Format(time.DateOnly), true
}

// unescapeExcel decodes what Excel writes for characters that XML does not allow: _x000D_.
func unescapeExcel(b []byte) []byte {
	if !bytes.Contains(b, []byte("_x")) {
		return b
	}
	out := b[:0]
	for i := 0; i < len(b); {
		if i+7 <= len(b) && b[i] == '_' && b[i+1] == 'x' && b[i+6] == '_' {
			if n, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 16); err == nil && (n < 0xd800 || n > 0xdfff) {
				out = append(out, string(rune(n))...)
				i += 7
				continue
			}
		}
		out = append(out, b[i])
		i++
	}
	return out
}
