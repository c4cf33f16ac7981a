package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/convoke/convoke/internal/errs"
)

// book is a workbook of parts that a test wrote by hand.
func book(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// oneSheet is a workbook of one sheet with these rows.
func oneSheet(rows string) map[string]string {
	return map[string]string{
		"xl/workbook.xml":            `<x:workbook xmlns:x="m" xmlns:r="r"><x:workbookPr date1904="0"/><x:sheets><x:sheet name="One" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\/mm\/yyyy;@"/><numFmt numFmtId="165" formatCode="0.00&quot;day&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>name</t></si><si><t>email</t></si><si><r><t>Anna </t></r><r><t>Berg</t></r><rPh><t>アンナ</t></rPh></si><si><t>a_x000D_b &amp; &#x43;</t></si></sst>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><!-- x --><worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c t="inlineStr"><is><t>since</t></is></c><c r="D1" t="str"><v>notes</v></c></row>` + rows + `</sheetData></worksheet>`,
	}
}

func TestWorkbookCells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, cell, want string }{
		{"shared runs", `<c r="D2" t="s"><v>2</v></c>`, "Anna Berg"},
		{"escapes", `<c r="D2" t="s"><v>3</v></c>`, "a\rb & C"},
		{"inline", `<c r="D2" t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>`, " x "},
		{"formula, its value", `<c r="D2" t="str"><f>HYPERLINK("http://x")</f><v>text</v></c>`, "text"},
		{"formula without value", `<c r="D2"><f>1+1</f></c>`, ""},
		{"number", `<c r="D2"><v>2017</v></c>`, "2017"},
		{"rounding", `<c r="D2"><v>0.30000000000000004</v></c>`, "0.3"},
		{"large", `<c r="D2"><v>3.5699999999E10</v></c>`, "35699999999"},
		{"day", `<c r="D2" s="1"><v>42818</v></c>`, "2017-03-24"},
		{"day with time", `<c r="D2" s="2"><v>42818.75</v></c>`, "2017-03-24"},
		{"early day", `<c r="D2" s="1"><v>1</v></c>`, "1900-01-01"},
		{"no day", `<c r="D2" s="3"><v>42818</v></c>`, "42818"},
		{"boolean", `<c r="D2" t="b"><v>1</v></c>`, "true"},
		{"cdata", `<c r="D2" t="str"><v><![CDATA[a<b]]]]><![CDATA[>c]]></v></c>`, "a<b]]>c"},
		{"index too large", `<c r="D2" t="s"><v>99</v></c>`, ""},
		{"error", `<c r="D2" t="e"><v>#REF!</v></c>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := book(t, oneSheet(`<row r="2"><c r="A2" t="inlineStr"><is><t>Bo</t></is></c>`+c.cell+`</row>`))
			table, err := Open(bytes.NewReader(file), int64(len(file)), "x.xlsx")
			if err != nil {
				t.Fatal(err)
			}
			for r, err := range table.Records(0) {
				if err != nil || r.Problem != nil {
					t.Fatal(err, r.Problem)
				}
				got := ""
				if len(r.Cells) > 3 {
					got = r.Cells[3]
				}
				if got != c.want || r.Cells[0] != "Bo" || r.Number != 2 {
					t.Errorf("%d %q, want %q", r.Number, r.Cells, c.want)
				}
				if (c.name == "error" || c.name == "index too large") != (len(r.Notes) == 1) {
					t.Errorf("notes %v", r.Notes)
				}
			}
		})
	}
}

// Numbers of rows are those that a person sees, gaps included, and so is what goes on from one.
func TestWorkbookRows(t *testing.T) {
	t.Parallel()
	file := book(t, oneSheet(`<row r="3"><c r="A3"><v>1</v></c></row><row r="7"/><row r="9"><c r="A9"><v>2</v></c></row><row><c><v>3</v></c></row>`))
	table, err := Open(bytes.NewReader(file), int64(len(file)), "x.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(cells(t, table)), "[[3 1] [9 2] [10 3]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for r, err := range table.Records(0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Number != 3 {
			continue
		}
		again := 0
		for s, err := range table.RecordsAt(r.Next) {
			if err != nil {
				t.Fatal(err)
			}
			if again++; s.Number < 9 {
				t.Errorf("row %d again", s.Number)
			}
		}
		if again != 2 {
			t.Errorf("%d rows after row 3", again)
		}
	}
}

func TestWorkbookRefused(t *testing.T) {
	t.Parallel()
	with := func(name, text string) map[string]string {
		parts := oneSheet("")
		if text == "" {
			delete(parts, name)
		} else {
			parts[name] = text
		}
		return parts
	}
	many := oneSheet("")
	for i := range maxParts + 1 {
		many[fmt.Sprintf("x/%d", i)] = ""
	}
	shared := "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("a", 99_000)+"</t></si>", 600) + "</sst>"
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"document", book(t, map[string]string{"word/document.xml": "<x/>", "_rels/.rels": `<R><Relationship Type="http://x/officeDocument" Target="word/document.xml"/></R>`}), "sheet.file.no_workbook"},
		{"archive", book(t, map[string]string{"a.txt": "x"}), "sheet.file.no_workbook"},
		{"no rows", book(t, with("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>")), "sheet.file.empty"},
		{"no sheet", book(t, with("xl/worksheets/sheet1.xml", "")), "sheet.file.empty"},
		{"broken off", book(t, with("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="A1"><v>`)), "sheet.file.damaged"},
		{"document type", book(t, with("xl/workbook.xml", `<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>`)), "sheet.file.damaged"},
		{"shared texts", book(t, with("xl/sharedStrings.xml", shared)), "sheet.file.too_large_inside"},
		{"parts", book(t, many), "sheet.file.too_many_parts"},
		{"cut archive", book(t, oneSheet(""))[:900], "sheet.file.damaged"},
		{"bomb", bomb(t, 60<<20), "sheet.file.too_large_inside"},
		{"size", declared(book(t, oneSheet("")), 600<<20), "sheet.file.too_large_inside"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(bytes.NewReader(c.file), int64(len(c.file)), c.name)
			if key, _ := errs.Message(err); key != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	liar := declared(book(t, oneSheet(strings.Repeat(`<row><c><v>1</v></c></row>`, 5000))), 100)
	if _, err := Open(bytes.NewReader(liar), int64(len(liar)), "liar"); err == nil {
		t.Error("a part that is larger than it says was read")
	}
}

// declared changes what the list of parts says of the sheet's unpacked size.
func declared(file []byte, size uint32) []byte {
	i := bytes.LastIndex(file, []byte("xl/worksheets/sheet1.xml"))
	binary.LittleEndian.PutUint32(file[i-46+24:], size)
	return file
}

// bomb is a workbook whose sheet unpacks to so many bytes of blanks.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for name, text := range oneSheet("") {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if name != "xl/worksheets/sheet1.xml" {
			continue
		}
		blanks := bytes.Repeat([]byte(" "), 1<<20)
		for range size >> 20 {
			if _, err := w.Write(blanks); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestLargeCellInWorkbook(t *testing.T) {
	t.Parallel()
	large := oneSheet(`<row r="2"><c r="A2" t="inlineStr"><is><t>` + strings.Repeat("ab&amp;", 2<<20) + `</t></is></c></row><row r="3"><c r="A3"><v>1</v></c></row>`)
	file := book(t, large)
	table, err := Open(bytes.NewReader(file), int64(len(file)), "x")
	if err != nil {
		t.Fatal(err)
	}
	got := cells(t, table)
	if len(got) != 2 || got[0][len(got[0])-1] != "sheet.cell.too_long A" || got[1][1] != "1" {
		t.Errorf("%.200q", got)
	}
}

// A library that others wrote reads what we write, and we read what it writes.
func TestSecondOpinionOnWorkbooks(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"name", "email", "notes"}, {"Анна & <b>", "a@example.org", "one\ntwo _x000D_ \u0001"}, {"王小明", "", `"x"`}, {"'=1", "b@example.org", " y "}}
	var file bytes.Buffer
	w, err := NewXLSX(&file, "A: very/long name of a sheet, longer than Excel takes")
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, rows...)
	theirs, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = theirs.Close() }()
	got, err := theirs.GetRows(theirs.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{rows[0], {"Анна & <b>", "a@example.org", "one\ntwo _x000D_ "}, rows[2], {"''=1", "b@example.org", " y "}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if _, err := book.NewSheet("People"); err != nil {
		t.Fatal(err)
	}
	for cell, value := range map[string]any{
		"A1": "Title of the list", "A3": "name", "B3": "since", "C3": "email", "D3": "n",
		"A4": "Anna\nBerg", "B4": time.Date(2017, 3, 24, 0, 0, 0, 0, time.UTC), "C4": "a@example.org", "D4": 12.5, "A6": "Bo", "D6": true,
	} {
		if err := book.SetCellValue("People", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SetCellFormula("People", "C6", `="b@"&"example.org"`); err != nil {
		t.Fatal(err)
	}
	file.Reset()
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	table, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "x")
	if err != nil {
		t.Fatal(err)
	}
	if table.Sheet != "People" || len(table.Sheets) != 2 || table.HeaderRow != 3 {
		t.Errorf("sheet %q of %q, header in row %d", table.Sheet, table.Sheets, table.HeaderRow)
	}
	if diff := cmp.Diff([][]string{{"4", "Anna\nBerg", "2017-03-24", "a@example.org", "12.5"}, {"6", "Bo", "", "", "true"}}, cells(t, table)); diff != "" {
		t.Error(diff)
	}
	if _, err := OpenAs(bytes.NewReader(file.Bytes()), int64(file.Len()), "x", Options{Sheet: "none"}); err == nil {
		t.Error("a sheet that is not there was opened")
	}
}

// An encrypted workbook is told from a damaged one.
func TestEncryptedWorkbook(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	var file bytes.Buffer
	if err := book.Write(&file, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	_, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "x")
	if key, _ := errs.Message(err); key != "sheet.file.encrypted" {
		t.Errorf("%v", err)
	}
}
