package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// bad are the files under testdata/bad: one for each row of the list of bad input, and what they
// were cut from.
func bad(f *testing.F) map[string][]byte {
	f.Helper()
	names, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(names) < 20 {
		f.Fatalf("%d files, %v", len(names), err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			f.Fatal(err)
		}
	}
	return files
}

// FuzzRecords: whatever the bytes are, they are a table of bounded rows that go forward and end,
// or a refusal with a reason.
func FuzzRecords(f *testing.F) {
	for _, file := range bad(f) {
		f.Add(file, "", rune(0))
	}
	f.Add([]byte("\"\"x\"\n"), UTF16LE, ';')
	ref := reference(f)
	f.Fuzz(func(t *testing.T, file []byte, encoding string, delimiter rune) {
		table, err := OpenAs(bytes.NewReader(file), int64(len(file)), "x", Options{Encoding: encoding, Delimiter: delimiter})
		if err != nil {
			if errs.CodeOf(err) == errs.Internal {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		in := NewInterpreter(table.Guess(ref), ref, mail.Normalize)
		number, offset, rows := table.HeaderRow, int64(-1), 0
		for r, err := range table.Records(0) {
			if err != nil {
				if errs.CodeOf(err) == errs.Internal {
					t.Fatalf("broke off without a reason: %v", err)
				}
				return
			}
			if r.Number <= number || table.Format == Text && r.Next.Offset <= offset || table.Format == Text && r.Next.Offset > int64(len(file)) {
				t.Fatalf("row %d after %d, byte %d after %d", r.Number, number, r.Next.Offset, offset)
			}
			number, offset = r.Number, r.Next.Offset
			if rows++; table.Format == Text && rows > len(file) {
				t.Fatal("more rows than bytes")
			}
			for _, c := range r.Cells {
				if len(c) > MaxCell || !utf8.ValidString(c) || strings.ContainsRune(c, 0) {
					t.Fatalf("cell of %d bytes: %.80q", len(c), c)
				}
			}
			row, problems := in.Row(r)
			checkRow(t, row, problems)
		}
	})
}

// checkRow holds what no row may have, whatever it was made of.
func checkRow(t *testing.T, row Row, problems []CellProblem) {
	t.Helper()
	for _, line := range []string{row.Name, row.Transliteration, row.Organization, row.Function, row.Title, row.Source, row.LawfulBasis} {
		if strings.ContainsAny(line, "\r\n\t\x00") || strings.ContainsFunc(line, deceives) || !fits(line, maxLine) {
			rejected := false
			for _, p := range problems {
				rejected = rejected || p.Rejects
			}
			if !rejected {
				t.Fatalf("%q in a row", line)
			}
		}
	}
	if !fits(row.Notes, maxNotes) || len(row.Emails) > maxEmails {
		t.Fatalf("%d characters of notes, %d addresses", len(row.Notes), len(row.Emails))
	}
	for _, p := range problems {
		if p.Key == "" || !fits(p.Value, 61) || strings.ContainsAny(p.Value, "\r\n") {
			t.Fatalf("%+v", p)
		}
	}
}

// The files of the list of bad input are opened or refused as the list says.
func TestBadInput(t *testing.T) {
	t.Parallel()
	ref := reference(t)
	for name, want := range map[string]string{
		"invalid-addresses.csv": "mail.address.form mail.address.characters mail.address.domain", "international-addresses.csv": "",
		"unknown-country-and-group.csv": "sheet.cell.country_near sheet.cell.group", "extra-and-missing-columns.csv": "~sheet.note.extra_columns ~sheet.note.missing_columns",
		"bom.csv": "", "latin-1.csv": "", "utf-16.csv": "", "semicolons.csv": "", "tabs.tsv": "", "nul-bytes.csv": "~sheet.note.nul",
		"unclosed-quote.csv": "sheet.row.unclosed_quote", "formulas.csv": "", "formulas.xlsx": "~sheet.note.formula_error", "header-injection.csv": "sheet.cell.header_injection",
		"bidi-injection.csv": "~sheet.note.invisible mail.address.characters", "zero-width.csv": "~sheet.note.invisible ~sheet.note.invisible", "homoglyphs.csv": "",
		"long-cell.csv": "sheet.cell.too_long", "zip-bomb.xlsx": "!sheet.file.too_large_inside", "no-table.pdf": "!sheet.file.other_kind", "no-table.html": "!sheet.file.other_kind",
		"no-table.json": "!sheet.file.other_kind", "no-table.txt": "!sheet.file.no_table", "no-table.png": "!sheet.file.other_kind", "no-table.docx": "!sheet.file.no_workbook",
		"random.bin": "!sheet.file.no_text", "encrypted.xlsx": "!sheet.file.encrypted", "empty.csv": "!sheet.file.empty",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(filepath.Join("testdata/bad", name))
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			table, err := Open(bytes.NewReader(file), int64(len(file)), name)
			if err != nil {
				key, _ := errs.Message(err)
				found = append(found, "!"+key)
			} else {
				in := NewInterpreter(table.Guess(ref), ref, mail.Normalize)
				for r, err := range table.Records(0) {
					if err != nil {
						t.Fatal(err)
					}
					_, problems := in.Row(r)
					for _, p := range problems {
						if p.Rejects {
							found = append(found, p.Key)
						} else {
							found = append(found, "~"+p.Key)
						}
					}
				}
			}
			if got := strings.Join(found, " "); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func FuzzGuess(f *testing.F) {
	f.Add("name|email", "Anna|a@example.org")
	f.Add("Prénom|Nom|(|[]|E-mail 1 - Value", "a|b|c|d|e")
	ref := reference(f)
	f.Fuzz(func(t *testing.T, header, row string) {
		names := strings.Split(header, "|")
		found := Guess(ref, names, []Record{{Cells: strings.Split(row, "|")}})
		if len(found) != len(names) {
			t.Fatalf("%d mappings of %d columns", len(found), len(names))
		}
		seen := map[Field]bool{}
		for i, m := range found {
			if m.Column != i || !m.Field.Valid() || seen[m.Field] && m.Field != Ignore && !m.Field.several() {
				t.Fatalf("%+v", found)
			}
			seen[m.Field] = true
		}
	})
}

func FuzzInterpret(f *testing.F) {
	for _, c := range []string{"Berg, Anna", "a@example.org, b <c@example.org>", "pt_BR", "Anna\r\nBcc: x@example.org", `{"country":["x",{}]}`, "'=1", "\u202eA\u200b", "03/04/2017", "NGO/Gov"} {
		for i := range Fields() {
			f.Add(i, c, "x")
		}
	}
	ref := reference(f)
	f.Fuzz(func(t *testing.T, field int, cell, name string) {
		fields := Fields()
		mapping := []Mapping{{Column: 0, Header: "h", Field: fields[uint(field)%uint(len(fields))]}, {Column: 1, Header: "name", Field: Name}}
		row, problems := Interpret(Record{Number: 1, Cells: []string{cell, name}}, mapping, ref, mail.Normalize)
		checkRow(t, row, problems)
		for _, e := range row.Emails {
			if again, err := mail.Normalize(e.Address); err != nil || again != e.Address {
				t.Fatalf("%q", e.Address)
			}
		}
		if _, known := ref.Country(row.Country); row.Country != "" && !known {
			t.Fatalf("country %q", row.Country)
		}
	})
}

// FuzzRoundTrip: two cells that were written are read again.
func FuzzRoundTrip(f *testing.F) {
	f.Add("Anna", "=1")
	f.Add("\"", "a\r\nb,c;\t|")
	f.Add("'", "sep=;")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > MaxCell/4 || len(b) > MaxCell/4 {
			return
		}
		a, b = printable(a), printable(b)
		if control := strings.Count(strings.Map(onlyControl, a+b), ""); control > 3 {
			return // a text of control characters is refused for no text
		}
		var file bytes.Buffer
		write(t, NewCSV(&file, true), []string{"name", "notes"}, []string{"x", "y"}, []string{a, b})
		table, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "x")
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range table.Records(3) {
			if err != nil || r.Problem != nil || len(r.Cells) != 2 || Plain(r.Cells[0]) != a || Plain(r.Cells[1]) != b {
				t.Fatalf("%q, %q became %+v (%v)", a, b, r, err)
			}
		}
	})
}

func onlyControl(r rune) rune {
	if unicode.IsControl(r) && !unicode.IsSpace(r) {
		return r
	}
	return -1
}

// Reading a long file costs the memory of its longest row, whatever its size.
//
//nolint:paralleltest // what other tests hold in memory would be counted
func TestMemoryIsFlat(t *testing.T) {
	file := repeated{head: "name,email,country\n", rows: strings.Repeat("Amina Diallo,amina.diallo@example.org,Senegal\n", 1000), times: 1300}
	table, err := Open(file, file.size(), "long.csv")
	if err != nil {
		t.Fatal(err)
	}
	var stats runtime.MemStats
	highest, n := uint64(0), 0
	for r, err := range table.Records(0) {
		if err != nil || r.Problem != nil {
			t.Fatal(err, r)
		}
		if n++; n%100_000 == 0 {
			runtime.ReadMemStats(&stats)
			highest = max(highest, stats.HeapAlloc)
		}
	}
	if n != 1_300_000 || highest > 60<<20 {
		t.Errorf("%d rows, %d MB in use", n, highest>>20)
	}
}
