package sheet

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// The limits of a worksheet, which are Excel's.
const (
	maxSheetRows = 1_048_576
	maxSheetCell = 32_767 // characters
)

// NewXLSX writes a workbook with one sheet, as a stream. All cells are texts, the first row is a
// header that stays in sight. The worksheet ends at 1,048,576 rows: Write then gives an error of
// the code TooLarge, and CSV is the way.
func NewXLSX(to io.Writer, sheet string) (Writer, error) {
	w := &xlsxWriter{zip: zip.NewWriter(to)}
	for _, p := range []struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", relations + `<Relationship Id="rId1" Type="` + officeRelation + `officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + spreadsheetSpace + ` xmlns:r="` + strings.TrimSuffix(officeRelation, "/") + `"><sheets>` +
			`<sheet name="` + escapeXML(sheetName(sheet)) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", relations + `<Relationship Id="rId1" Type="` + officeRelation + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + officeRelation + `styles" Target="styles.xml"/></Relationships>`},
		// Format 1 is that of texts (49), so that a person who edits a cell keeps one.
		{"xl/styles.xml", `<styleSheet ` + spreadsheetSpace + `><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
			`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
			`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
			`<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`},
	} {
		part, err := w.zip.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(part, xmlHead+p.text); err != nil {
			return nil, err
		}
	}
	part, err := w.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	w.to = bufio.NewWriterSize(part, 64<<10)
	_, err = w.to.WriteString(xmlHead + `<worksheet ` + spreadsheetSpace + `><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`)
	return w, err
}

const (
	xmlHead          = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	relations        = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	officeRelation   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	spreadsheetSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
)

type xlsxWriter struct {
	zip *zip.Writer
	to  *bufio.Writer
	row int
}

func (w *xlsxWriter) Write(cells []string) error {
	if w.row++; w.row > maxSheetRows {
		return errs.E(errs.TooLarge, "sheet.export.too_many_rows", "Max", maxSheetRows)
	}
	fmt.Fprintf(w.to, `<row r="%d">`, w.row)
	for i, c := range cells {
		text := Inert(printable(c))
		if text == "" {
			continue
		}
		if utf8.RuneCountInString(text) > maxSheetCell {
			return errs.E(errs.TooLarge, "sheet.cell.too_long", "Max", maxSheetCell)
		}
		fmt.Fprintf(w.to, `<c r="%s%d" s="1" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, Letter(i), w.row, escapeXML(text))
	}
	_, err := w.to.WriteString("</row>")
	return err
}

func (w *xlsxWriter) Close() error {
	if _, err := w.to.WriteString("</sheetData></worksheet>"); err != nil {
		return err
	}
	if err := w.to.Flush(); err != nil {
		return err
	}
	return w.zip.Close()
}

// sheetName is a name that Excel takes: at most 31 characters, none of :\/?*[].
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, name)
	if runes := []rune(strings.TrimSpace(name)); len(runes) > 31 {
		name = string(runes[:31])
	}
	if strings.TrimSpace(name) == "" {
		return "Sheet1"
	}
	return strings.TrimSpace(name)
}

// escapeXML writes a text so that XML, and Excel within it, gives it back as it was: characters
// that XML does not allow and would change as _x000D_, and what looks like that as _x005F_x000D_.
func escapeXML(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || strings.ContainsRune("&<>\"_\ufffe\uffff", r) }) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '_' && len(text) >= i+7 && text[i+1] == 'x' && text[i+6] == '_':
			b.WriteString("_x005F_")
		case r < ' ' && r != '\n' && r != '\t', r == '\ufffe', r == '\uffff':
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
