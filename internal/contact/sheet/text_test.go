package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/convoke/convoke/internal/errs"
)

func openText(t testing.TB, text string, o Options) *Table {
	t.Helper()
	table, err := OpenAs(strings.NewReader(text), int64(len(text)), "list.csv", o)
	if err != nil {
		t.Fatalf("%.80q: %v", text, err)
	}
	return table
}

// cells are all cells, with what was wrong behind them.
func cells(t testing.TB, table *Table) [][]string {
	t.Helper()
	var all [][]string
	for r, err := range table.Records(0) {
		if err != nil {
			t.Fatal(err)
		}
		row := append([]string{fmt.Sprint(r.Number)}, r.Cells...)
		if r.Problem != nil {
			row = append(row, r.Problem.Key+" "+r.Problem.Name)
		}
		for _, n := range r.Notes {
			row = append(row, n.Key)
		}
		all = append(all, row)
	}
	return all
}

func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       [][]string
	}{
		{"plain", "name,email\nAnna,a@example.org\nBo,b@example.org\n", [][]string{{"2", "Anna", "a@example.org"}, {"3", "Bo", "b@example.org"}}},
		{"no end", "name,email\nAnna,a@example.org", [][]string{{"2", "Anna", "a@example.org"}}},
		{"empty last cell", "name,email\nAnna,", [][]string{{"2", "Anna", ""}}},
		{"empty last cell after quotes", "name,email\n\"Anna\",", [][]string{{"2", "Anna", ""}}},
		{"crlf", "name,email\r\nAnna,a@example.org\r\n\r\nBo,\"b@example.org\"\r\n", [][]string{{"2", "Anna", "a@example.org"}, {"4", "Bo", "b@example.org"}}},
		{"cr", "name,email\rAnna,a@example.org\rBo,b@example.org", [][]string{{"2", "Anna", "a@example.org"}, {"3", "Bo", "b@example.org"}}},
		{"semicolons", "name;email\nBerg, Anna;a@example.org\n", [][]string{{"2", "Berg, Anna", "a@example.org"}}},
		{"tabs", "name\temail\nBerg, Anna\ta@example.org\n", [][]string{{"2", "Berg, Anna", "a@example.org"}}},
		{"pipes", "name|email\nBerg, Anna|a@example.org\n", [][]string{{"2", "Berg, Anna", "a@example.org"}}},
		{"sep", "sep=;\nname;email\nAnna;a@example.org\n", [][]string{{"3", "Anna", "a@example.org"}}},
		{"titles above", "List of contacts\n\nname,email\nAnna,a@example.org\n", [][]string{{"4", "Anna", "a@example.org"}}},
		{"quotes", "name,notes\n\"Berg, \"\"A\"\"\",\"one\ntwo\"\n", [][]string{{"2", `Berg, "A"`, "one\ntwo"}}},
		{"quote inside", "name,notes\n5\" disk,x\n", [][]string{{"2", `5" disk`, "x"}}},
		{"nobody doubled", "name,notes\n\"Anna \"Nina\" Berg\",x\n", [][]string{{"2", `Anna "Nina" Berg`, "x"}}},
		{"name and address", "name,email\n\"Berg, Anna\" <a@example.org>,x\n", [][]string{{"2", `"Berg, Anna" <a@example.org>`, "x"}}},
		{"space before a quote", "name,email\nAnna, \"a,b\"\n", [][]string{{"2", "Anna", "a,b"}}},
		{"unclosed to the end", "name,email\nAnna,\"a@example.org\nBo,b@example.org\n", [][]string{{"2", "Anna", "sheet.row.unclosed_quote B"}, {"3", "Bo", "b@example.org"}}},
		{"unclosed to the next quote", "name,email\n\"Anna,a@example.org\n\"Bo\",b@example.org\n", [][]string{{"2", "sheet.row.unclosed_quote A"}, {"3", "Bo", "b@example.org"}}},
		{"nul", "name,email\nAn\x00na,a@example.org\n", [][]string{{"2", "Anna", "a@example.org", "sheet.note.nul"}}},
		{"extra", "name,email\nAnna,a@example.org,x\nBo,b@example.org,\n", [][]string{{"2", "Anna", "a@example.org", "x", "sheet.note.extra_columns"}, {"3", "Bo", "b@example.org", ""}}},
		{"missing", "name,email,country\nAnna,a@example.org\n", [][]string{{"2", "Anna", "a@example.org", "sheet.note.missing_columns"}}},
		{"blank rows", "name,email\n,\n \nAnna,a@example.org\n\n\n", [][]string{{"4", "Anna", "a@example.org"}}},
		{"one Latin cell", "name,email\nJosé,a@example.org\nZoë,b@example.org\nÅsa,c@example.org\nÉva,c@example.org\nÀ,c@x.org\nJos\xe9,c@example.org\n", [][]string{
			{"2", "José", "a@example.org"},
			{"3", "Zoë", "b@example.org"},
			{"4", "Åsa", "c@example.org"},
			{"5", "Éva", "c@example.org"},
			{"6", "À", "c@x.org"},
			{"7", "José", "c@example.org", "sheet.note.encoding"},
		}},
		{"no header", "Anna,a@example.org\nBo,b@example.org\n", [][]string{{"1", "Anna", "a@example.org"}, {"2", "Bo", "b@example.org"}}},
		{"one column", "a@example.org\nBerg, Anna <b@example.org>\n", [][]string{{"1", "a@example.org"}, {"2", "Berg, Anna <b@example.org>"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, cells(t, openText(t, c.text, Options{}))); diff != "" {
				t.Errorf("%q:\n%s", c.text, diff)
			}
		})
	}
}

// A cell of 10 MB costs its own row only, and no more memory than the limits.
func TestLargeCells(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 10<<20)
	for name, cell := range map[string]string{
		"bare": large, "quoted": `"` + large + `"`, "lines": `"` + strings.Repeat("line\n", 500_000) + `"`, "doubled": `"` + strings.Repeat(`""`, 1<<20) + `"`,
	} {
		text := "name,email\nAnna,a@example.org\nBo," + cell + "\nCy,c@example.org\n"
		got := cells(t, openText(t, text, Options{}))
		if len(got) != 3 || got[1][len(got[1])-1] != "sheet.cell.too_long B" || got[2][1] != "Cy" {
			t.Errorf("%s: %d rows, %.200q", name, len(got), got)
		}
	}
	unclosed := "name,email\nAnna,a@example.org\nBo,\"b\nCy,c@example.org\n" + strings.Repeat("Dee,d@example.org\n", 80_000)
	got := cells(t, openText(t, unclosed, Options{}))
	if len(got) != 80_003 || got[1][len(got[1])-1] != "sheet.row.unclosed_quote B" || got[2][1] != "Cy" {
		t.Errorf("%d rows, %.200q", len(got), got)
	}
	many := "name,email\n" + strings.Repeat("x,", 2<<20) + "\nCy,c@example.org\n"
	got = cells(t, openText(t, many, Options{}))
	if len(got) != 2 || got[0][len(got[0])-1] != "sheet.row.too_long " {
		t.Errorf("%d rows, %.200q", len(got), got)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	wide := func(text string, big bool, bom bool) string {
		var b bytes.Buffer
		units := utf16.Encode([]rune(text))
		if bom {
			units = append([]uint16{0xfeff}, units...)
		}
		for _, u := range units {
			if big {
				b.Write([]byte{byte(u >> 8), byte(u)})
			} else {
				b.Write([]byte{byte(u), byte(u >> 8)})
			}
		}
		return b.String()
	}
	latin := "nom;courriel;pays\nJosé Ñuñez;jose@example.org;España\nZoë Müller;zoe@example.org;Österreich\nFrançois;f@example.org;France\n"
	cyrillic := "имя;почта;страна\nАнна Иванова;anna@example.org;Россия\nПётр Смирнов;p@example.org;Беларусь\nОльга Кузнецова;o@example.org;Казахстан\n"
	arabic := "الاسم;البريد;البلد\nمحمد علي;m@example.org;مصر\nفاطمة الزهراء;f@example.org;المغرب\nعبد الله بن عمر;a@example.org;الأردن\n"
	chinese := "姓名,电子邮件,国家\n王小明,w@example.org,中国\n李华,l@example.org,新加坡\n张伟和他的朋友,z@example.org,中国\n"
	emoji := "name,notes\nAnna,𝒜 and 😀\n"
	encode := func(enc interface{ String(string) (string, error) }, text string) string {
		out, err := enc.String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"ascii", "name,email\nAnna,a@example.org\n", "name,email\nAnna,a@example.org\n", UTF8},
		{"utf-8", latin, latin, UTF8},
		{"utf-8 with mark", "\xef\xbb\xbf" + latin, latin, UTF8},
		{"utf-16le with mark", wide(emoji, false, true), emoji, UTF16LE},
		{"utf-16be with mark", wide(emoji, true, true), emoji, UTF16BE},
		{"utf-16le", wide(latin, false, false), latin, UTF16LE},
		{"utf-16be", wide(latin, true, false), latin, UTF16BE},
		{"utf-16le arabic", wide(arabic, false, false), arabic, UTF16LE},
		{"utf-16be chinese", wide(chinese, true, false), chinese, UTF16BE},
		{"windows-1252", encode(charmap.Windows1252.NewEncoder(), latin), latin, Windows1252},
		{"windows-1251", encode(charmap.Windows1251.NewEncoder(), cyrillic), cyrillic, Windows1251},
		{"windows-1256", encode(charmap.Windows1256.NewEncoder(), arabic), arabic, Windows1256},
		{"gb18030", encode(simplifiedchinese.GB18030.NewEncoder(), chinese), chinese, GB18030},
		{"one accent late", "name,email\n" + strings.Repeat("Anna,a@example.org\n", 20_000) + "Jos\xe9,j@example.org\n", "name,email\nAnna,a@example.org\n", Windows1252},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table := openText(t, c.file, Options{})
			if table.Encoding != c.want {
				t.Errorf("is %s, want %s", table.Encoding, c.want)
			}
			want := strings.Split(strings.Split(c.text, "\n")[1], string(table.Delimiter))
			if len(table.Sample) == 0 || !cmp.Equal(table.Sample[0].Cells, want) {
				t.Errorf("header %q, first row %v, want %q", table.Header, table.Sample, want)
			}
		})
	}
}

func TestNoTable(t *testing.T) {
	t.Parallel()
	random := make([]byte, 4096)
	x := uint32(1)
	for i := range random {
		x = x*1664525 + 1013904223
		random[i] = byte(x >> 24)
	}
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "sheet.file.empty"},
		{"blanks", " \n\r\n\t\n", "sheet.file.empty"},
		{"mark only", "\xef\xbb\xbf", "sheet.file.empty"},
		{"zeros", strings.Repeat("\x00", 500), "sheet.file.no_text"},
		{"pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "sheet.file.other_kind"},
		{"png", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "sheet.file.other_kind"},
		{"html", "\n<!DOCTYPE html><html><body><table><tr><td>name</td></tr></table>", "sheet.file.other_kind"},
		{"json", `[{"name": "Anna", "email": "a@example.org"}, {"name": "Bo"}]`, "sheet.file.other_kind"},
		{"json cut", `{"name": "Anna", "list": [`, "sheet.file.other_kind"},
		{"old office", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1000), "sheet.file.old_office"},
		{"encrypted", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1000) + "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00", "sheet.file.encrypted"},
		{"random", string(random), "sheet.file.no_text"},
		{"prose", "It was a dark and stormy night.\nThe rain fell in torrents, except at occasional intervals,\nwhen it was checked by a violent gust of wind.\nFor it is in London that our scene lies.\n", "sheet.file.no_table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(strings.NewReader(c.file), int64(len(c.file)), c.name)
			if key, _ := errs.Message(err); key != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// Reading may go on from any record, and then gives what is left.
func TestResume(t *testing.T) {
	t.Parallel()
	text := "\xef\xbb\xbfname,notes\nAnna,x\n\nBo,\"one\ntwo\"\nCy,\"open\nDee,é\nEd,z"
	utf16le := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(strings.TrimPrefix(text, "\xef\xbb\xbf"))) {
		utf16le = append(utf16le, byte(u), byte(u>>8))
	}
	for _, file := range []string{text, string(utf16le)} {
		table := openText(t, file, Options{})
		all := cells(t, table)
		i := 0
		for r, err := range table.Records(0) {
			if err != nil {
				t.Fatal(err)
			}
			i++
			var again [][]string
			for r, err := range table.RecordsAt(r.Next) {
				if err != nil {
					t.Fatal(err)
				}
				again = append(again, append([]string{fmt.Sprint(r.Number)}, r.Cells...))
			}
			if len(again) != len(all)-i {
				t.Errorf("from %+v: %d rows, want %d", r.Next, len(again), len(all)-i)
			}
			if len(again) > 0 && (again[0][0] != all[i][0] || again[0][1] != all[i][1]) {
				t.Errorf("from %+v: %q, want %q", r.Next, again[0], all[i])
			}
		}
		if i != 5 {
			t.Errorf("%d rows", i)
		}
		from := 0
		for r, err := range table.Records(5) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Number < 5 {
				t.Errorf("row %d", r.Number)
			}
			from++
		}
		if from != 3 {
			t.Errorf("%d rows from row 5", from)
		}
	}
}
