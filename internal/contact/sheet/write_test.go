package sheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
)

func TestInert(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "Anna": "Anna", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "\r1": "'\r1",
		" =1": "' =1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "'=1": "''=1", "'t Hart": "'t Hart", "'": "'", "''": "''",
		"a=1": "a=1", "anna@example.org": "anna@example.org",
	} {
		if got := Inert(cell); got != want {
			t.Errorf("Inert(%q) = %q, want %q", cell, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`['= +@\t\r\n-]{0,6}.{0,5}`).Draw(t, "cell")
		if got := Plain(Inert(cell)); got != cell {
			t.Fatalf("%q → %q → %q", cell, Inert(cell), got)
		}
	})
}

// anyCell is a text of the kind that breaks tables.
func anyCell() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`['"=+@,;|\t\r\n _x0D-]{0,12}`),
		rapid.String(),
		rapid.SampledFrom([]string{"", "Анна", "王小明", "محمد", "_x000D_", "_x005F_", "'=1", `"`, `""`, "a\r\nb", " x ", "sep=;", "😀", "\ufeffx", "=cmd|' /C calc'!A0", "\x02\x03\x06\x7f\x1b"}),
	)
}

// What is written is read again as it was, cell by cell, in both formats.
func TestRoundTripOfCells(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 5).Draw(t, "width")
		header := ExportHeader(1, 1)[1 : 1+width]
		rows := rapid.SliceOfN(rapid.SliceOfN(anyCell(), width, width), 0, 6).Draw(t, "rows")
		for _, format := range []Format{Text, XLSX} {
			got := readBack(t, format, header, rows)
			want := [][]string{}
			for _, row := range rows {
				row = slices.Clone(row)
				written := make([]string, len(row))
				for i := range row {
					row[i] = printable(row[i])
					written[i] = Inert(row[i])
				}
				if !(&Record{Cells: written}).blank() {
					want = append(want, row)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: %s", format, diff)
			}
		}
	})
}

func write(t testing.TB, w Writer, rows ...[]string) {
	t.Helper()
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func readBack(t *rapid.T, format Format, header []string, rows [][]string) [][]string {
	var file bytes.Buffer
	w := NewCSV(&file, true)
	if format == XLSX {
		var err error
		if w, err = NewXLSX(&file, "Contacts"); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range append([][]string{header}, rows...) {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	table, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "x")
	if err != nil {
		t.Fatalf("%q: %v", file.String(), err)
	}
	got := [][]string{}
	for r, err := range table.Records(0) {
		if err != nil || r.Problem != nil {
			t.Fatal(err, r.Problem)
		}
		row := make([]string, len(header))
		for i, c := range r.Cells {
			row[i] = Plain(c)
		}
		got = append(got, row)
	}
	return got
}

// Our export, read again, is the same list of rows: importing it changes nothing.
func TestRoundTripOfRows(t *testing.T) {
	t.Parallel()
	ref := reference(t)
	line := rapid.Custom(func(t *rapid.T) string {
		text, _ := cleanLine(anyCell().Draw(t, "text"))
		return text
	})
	rapid.Check(t, func(t *rapid.T) {
		row := Row{
			ID: rapid.Int64Range(1, 1<<40).Draw(t, "id"), Kind: rapid.SampledFrom([]string{"person", "organization"}).Draw(t, "kind"),
			Name: "x" + line.Draw(t, "name"), Transliteration: line.Draw(t, "transliteration"),
			StakeholderGroup: rapid.SampledFrom([]string{"", "academia", "civil_society"}).Draw(t, "group"),
			Country:          rapid.SampledFrom([]string{"", "NA", "BR", "NO"}).Draw(t, "country"), Region: rapid.SampledFrom([]geo.Region{"", geo.NoRegion, geo.GRULAC}).Draw(t, "region"),
			Languages: rapid.SampledFrom([][]string{nil, {"es"}, {"pt-BR", "zh-Hant", "no"}}).Draw(t, "languages"),
			Emails:    rapid.SampledFrom([][]Mailbox{nil, {{Address: "a@example.org"}}, {{Address: "a@example.org", Kind: "personal"}, {Address: "info@xn--bcher-kva.example", Kind: "role"}}}).Draw(t, "emails"),
			Expertise: rapid.SampledFrom([][]string{nil, {"ddos"}, {"ddos", "ics"}}).Draw(t, "expertise"), Source: line.Draw(t, "source"), LawfulBasis: line.Draw(t, "basis"),
		}
		row.Notes, _ = cleanText(anyCell().Draw(t, "notes"))
		for _, s := range []*string{&row.Transliteration, &row.Source, &row.LawfulBasis, &row.Notes} {
			if isNothing(*s) || isHeader(*s) {
				*s = ""
			}
		}
		row.Name, _ = cleanLine(row.Name)
		for n := range rapid.IntRange(0, 3).Draw(t, "ties") {
			for _, f := range tieFields() {
				text := "o" + line.Draw(t, string(f))
				if f == Since || f == Until {
					text = rapid.SampledFrom([]string{"", "2017", "2017-03", "2017-03-04"}).Draw(t, string(f))
				}
				*row.ofTie(f, n), _ = cleanLine(text)
			}
		}
		var file bytes.Buffer
		w := NewCSV(&file, true)
		for _, cells := range [][]string{ExportHeader(2, 3), row.Cells(2, 3)} {
			if err := w.Write(cells); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		table, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), "export.csv")
		if err != nil || table.Preset != Convoke {
			t.Fatal(err, table)
		}
		for rec, err := range table.Records(0) {
			if err != nil {
				t.Fatal(err)
			}
			got, problems := Interpret(rec, table.Guess(ref), ref, mail.Normalize)
			row.Number = 2
			if diff := cmp.Diff(row, got, cmpopts.IgnoreUnexported(Mailbox{}), cmpopts.EquateEmpty()); diff != "" || len(problems) > 0 {
				t.Fatalf("%s\n%+v", diff, problems)
			}
		}
	})
}

func TestExportHeader(t *testing.T) {
	t.Parallel()
	want := "id,kind,name,transliteration,organization,function,title,since,until,organization_2,function_2,title_2,since_2,until_2,stakeholder_group,country,region,languages,email,address_kind,email_2,address_kind_2,expertise,source,lawful_basis,notes"
	if got := strings.Join(ExportHeader(2, 2), ","); got != want {
		t.Error(got)
	}
	if got := len(Row{}.Cells(2, 0)); got != len(ExportHeader(2, 0)) {
		t.Errorf("%d cells under %d columns", got, len(ExportHeader(2, 0)))
	}
}
