package contact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

// badFile is a file as people send it, and what becomes of it.
type badFile struct {
	name    string
	content string
	want    string // row, verdict and, for each cell, its letter and message (~ where it was mended); or ! and why it is no table
	says    string // what one of the messages says, in English
}

func badFiles(t *testing.T) []badFile {
	t.Helper()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join("sheet/testdata/bad", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	utf16 := func(text string, big bool) string {
		var b strings.Builder
		for _, r := range "\ufeff" + text {
			low, high := byte(r), byte(r>>8)
			if big {
				low, high = high, low
			}
			b.WriteByte(low)
			b.WriteByte(high)
		}
		return b.String()
	}
	workbook := func(rows ...[]string) string {
		var b bytes.Buffer
		w, err := sheet.NewXLSX(&b, "List")
		for _, row := range rows {
			if err == nil {
				err = w.Write(row)
			}
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	return []badFile{
		{
			name: "invalid addresses", content: lines("name,email", "A,anna", "B,b b@@example.org", "C,c@localhost", "D,d@example..org", "E,@example.org", "F,f@exa_mple.org", "G,g@example.org"),
			want: "2 rejected B mail.address.form; 3 rejected B mail.address.characters; 4 rejected B mail.address.domain; 5 rejected B mail.address.domain; 6 rejected B mail.address.form; 7 rejected B mail.address.domain; 8 new",
		},
		{
			name: "internationalized addresses", content: lines("name,email", "A,jürgen@bücher.example", "B,用户@例え.テスト", "C,user@xn--bcher-kva.example", "D,مستخدم@مثال.إختبار", "E,x@"+strings.Repeat("ü", 70)+".example"),
			want: "2 new; 3 new; 4 new; 5 new; 6 rejected B mail.address.domain",
		},
		{
			name: "unknown country and group", content: lines("name,email,country,group", "A,a@example.org,Brazl,NGO", "B,b@example.org,Norway,Pirates", "C,c@example.org,XX,Gov", "D,d@example.org,Atlantis,Marshians"),
			want: "2 rejected C sheet.cell.country_near; 3 rejected D sheet.cell.group; 4 rejected C sheet.cell.country; 5 rejected C sheet.cell.country D sheet.cell.group", says: "Did you mean Brazil?",
		},
		{
			name: "extra and missing columns", content: lines("name,country,email", "A,Norway,a@example.org,x,y", "B,Norway", "C,Norway,c@example.org,,"),
			want: "2 new ~sheet.note.extra_columns; 3 new ~sheet.note.missing_columns; 4 new", says: "(2, not 3)",
		},
		{name: "byte order mark", content: "\ufeff" + lines("name,email", "Zoë,z@example.org"), want: "2 new"},
		{name: "Latin-1", content: read("latin-1.csv"), want: "2 new; 3 new"},
		{name: "UTF-16", content: utf16(lines("name,email", "محمد,m@example.org", "Zoë,z@example.org"), false), want: "2 new; 3 new"},
		{name: "UTF-16, the other way round", content: utf16(lines("name,email", "Анна,a@example.org"), true), want: "2 new"},
		{name: "half a character of UTF-16", content: utf16(lines("name,email", "Анна,a@example.org"), false) + "x", want: "2 new"},
		{name: "semicolons", content: "name;country;email\r\nBerg, Anna;Norway;a@example.org\r\n", want: "2 new A ~sheet.note.turned"},
		{name: "tabs", content: lines("name\tcountry\temail", "Anna\tNorway\ta@example.org"), want: "2 new"},
		{name: "zero bytes", content: lines("name,email", "An\x00na,a\x00@example.org"), want: "2 new ~sheet.note.nul"},
		{name: "unclosed quotation mark", content: lines("name,notes,email", `Anna,"met in Geneva,a@example.org`, "Bo,x,b@example.org"), want: "2 rejected B sheet.row.unclosed_quote; 3 new"},
		{name: "unclosed quotation mark at the end", content: lines("name,email", "Bo,b@example.org", `"Anna,a@example.org`), want: "2 new; 3 rejected A sheet.row.unclosed_quote"},
		{
			name: "cell of ten megabytes", content: lines("name,notes,email", "A,"+strings.Repeat("x", 10<<20)+",a@example.org", "B,,b@example.org"),
			want: "2 rejected B sheet.cell.too_long; 3 new", says: "100,000",
		},
		{
			name: "long quoted cell of many lines", content: lines("name,notes,email", `A,"`+strings.Repeat("x\n", 1<<17)+`",a@example.org`, "B,,b@example.org"),
			want: "2 rejected B sheet.cell.too_long; 3 new",
		},
		{
			name: "texts that are too long for a contact", content: lines("name,notes", strings.Repeat("n", 201)+",", "B,"+strings.Repeat("x", 4001), strings.Repeat("名", 200)+","+strings.Repeat("x", 4000)),
			want: "2 rejected A field.too_long; 3 rejected B field.too_long; 4 new", says: "200",
		},
		{
			name: "twenty-one addresses", content: lines("name,email", `A,"`+manyAddresses(21)+`"`),
			want: "2 rejected B sheet.cell.too_many_addresses", says: "20",
		},
		{
			name: "formulas", content: lines("name,notes,email", `"=HYPERLINK(""http://x.example"",""x"")",@SUM(1),a@example.org`, "'+1,-2,b@example.org", "C,,=1+1"),
			want: "2 new; 3 new; 4 rejected C mail.address.form",
		},
		{name: "formulas in a workbook", content: read("formulas.xlsx"), want: "2 new ~sheet.note.formula_error"},
		{
			name: "header injection", content: lines("name,email", "\"Anna\r\nBcc: eve@example.org\",a@example.org", "Bo,\"b@example.org\nCc: eve@example.org\""),
			want: "2 rejected A sheet.cell.header_injection; 3 rejected B sheet.cell.header_injection",
		},
		{
			name: "direction characters", content: lines("name,email", "Anna \u202egreB,a@example.org", "Bo,b\u202e@example.org"),
			want: "2 new A ~sheet.note.invisible; 3 rejected B mail.address.characters",
		},
		{name: "homoglyphs of somebody", content: lines("name,email,country", "Kn\u043ewn P\u0435rs\u043en,other@example.org,PE"), want: "2 possible_duplicate name_country"},
		{name: "homoglyphs of an earlier row", content: lines("name,email", "Anna Berg,a@example.org", "Аnnа Веrg,b@example.org"), want: "2 new; 3 possible_duplicate name"},
		{name: "characters without width", content: lines("name,email", "Kno\u200bwn Person,kno\u200bwn@example.org"), want: "2 unchanged A ~sheet.note.invisible B ~sheet.note.invisible"},
		{name: "the same twice", content: lines("name,email", "A,a@example.org", "A,A@EXAMPLE.ORG"), want: "2 new; 3 unchanged"},
		{name: "somebody who asked to be left alone", content: lines("name,email", "Gone,gone@example.org", "Gone,GONE@example.ORG"), want: "2 suppressed; 3 suppressed"},
		{name: "no name and no address", content: lines("name,email,country", ",,Norway", "A,,"), want: "2 rejected A sheet.cell.name_missing; 3 new"},
		{name: "an id of somebody else", content: lines("id,name", "1,Quite Another", "x,Zoe", "99999999999999999999,Zoe"), want: "2 possible_duplicate number; 3 rejected A sheet.cell.id; 4 rejected A sheet.cell.id"},
		{name: "a workbook", content: workbook([]string{"name", "country"}, []string{"A", "Brazl"}, []string{"B", "Brasil"}), want: "2 rejected B sheet.cell.country_near; 3 new"},
		{name: "columns that mean nothing", content: lines("colour,shape", "red,round", "blue,square"), want: "!contact.import.no_name_column"},
		{name: "zip bomb", content: read("zip-bomb.xlsx"), want: "!sheet.file.too_large_inside", says: "500"},
		{name: "cut workbook", content: cut(workbook([]string{"name", "country"}, []string{"A", "Brasil"})), want: "!sheet.file.damaged"},
		{name: "workbook that is damaged behind its first rows", content: bruised(workbook(longTable()...)), want: "!sheet.file.damaged"},
		{name: "PDF", content: read("no-table.pdf"), want: "!sheet.file.other_kind", says: "PDF"},
		{name: "picture", content: read("no-table.png"), want: "!sheet.file.other_kind"},
		{name: "web page", content: read("no-table.html"), want: "!sheet.file.other_kind"},
		{name: "JSON", content: read("no-table.json"), want: "!sheet.file.other_kind"},
		{name: "prose", content: read("no-table.txt"), want: "!sheet.file.no_table"},
		{name: "document", content: read("no-table.docx"), want: "!sheet.file.no_workbook"},
		{name: "noise", content: read("random.bin"), want: "!sheet.file.no_text"},
		{name: "workbook with a password", content: read("encrypted.xlsx"), want: "!sheet.file.encrypted"},
		{name: "nothing", content: "", want: "!sheet.file.empty"},
		{name: "a header only", content: "name,email\n", want: ""},
	}
}

func manyAddresses(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("x%d@example.org", i))
	}
	return strings.Join(all, "; ")
}

// longTable does not become short by packing.
func longTable() [][]string {
	rows := [][]string{{"name", "notes"}}
	for i := range 3000 {
		rows = append(rows, []string{fmt.Sprint("Person ", i), fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))})
	}
	return rows
}

// bruised has other bytes in its middle.
func bruised(file string) string {
	half := len(file) / 2
	return file[:half] + strings.Repeat("\xff", 64) + file[half+64:]
}

func cut(file string) string { return file[:len(file)*2/3] }

// What cannot be read to its end is not begun, where no check goes before either.
func TestDamagedWorkbookIsNotBegun(t *testing.T) {
	t.Parallel()
	k := newDesk(t, dbtest.SQLite(t))
	var content string
	for _, f := range badFiles(t) {
		if strings.HasPrefix(f.name, "workbook that is damaged") {
			content = f.content
		}
	}
	before, ctx := k.dump(), context.Background()
	if _, err := k.imports.Commit(ctx, k.officer, fileOf(content), ImportPlan{StakeholderGroup: "academia"}, nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("%v", err)
	}
	if _, err := k.imports.ImportFile(ctx, k.officer, fileOf(content), ImportPlan{StakeholderGroup: "academia"}, nil, nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("%v", err)
	}
	if after := k.dump(); after != before || k.count("select count(*) from import") != 0 {
		t.Errorf("%s", differing(before, after))
	}
}

// Whatever a file holds, each row gets a verdict that names the cell and the reason in words that a person can use, what the
// check says is what is done, and a file that is no table is refused before anything is kept of it.
func TestBadInput(t *testing.T) {
	t.Parallel()
	english := i18ntest.Bundle(t).For("en")
	files := badFiles(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.add(Draft{Name: "Known Person", Country: "PE", Email: "known@example.org"})
		if err := k.Suppress(context.Background(), k.officer, "gone@example.org", AskedUs); err != nil {
			t.Fatal(err)
		}
		before := k.dump()
		for _, f := range files {
			got, said := k.tried(f, english)
			if got != f.want {
				t.Errorf("%s: %s\nwant %s", f.name, got, f.want)
			}
			if !strings.Contains(strings.Join(said, "\n"), f.says) {
				t.Errorf("%s: %q in none of %q", f.name, f.says, said)
			}
			if after := k.dump(); after != before {
				t.Fatalf("%s: %s", f.name, differing(before, after))
			}
		}
	})
}

// tried takes a file through the dry run, the import and its undoing, and tells what was said of it.
func (k *desk) tried(f badFile, l *i18n.Localizer) (got string, said []string) {
	k.t.Helper()
	ctx, p := context.Background(), ImportPlan{StakeholderGroup: "academia"}
	imports, contacts := k.count("select count(*) from import"), k.count("select count(*) from contact")
	say := func(key string, args errs.Args) {
		text := l.FieldMessage(errs.Field{Key: key, Args: args})
		if !l.Has(key) || text == key || strings.Contains(text, "{{") || strings.Contains(text, "<no value>") || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
			k.t.Errorf("%s: %s says %q", f.name, key, text)
		}
		said = append(said, text)
	}
	up := fileOf(f.content)
	i, err := k.imports.Upload(ctx, k.officer, up)
	if err != nil {
		if k.count("select count(*) from import") != imports {
			k.t.Errorf("%s: it was refused and kept", f.name)
		}
		return k.refused(err, say), said
	}
	if i, err = k.imports.Map(ctx, k.officer, i.ID, p); err != nil {
		return k.refused(err, say), said
	}
	var rows []string
	dry := k.judged(f.content, p)
	for _, r := range dry {
		words := []string{fmt.Sprint(r.Number), string(r.Verdict)}
		for _, c := range r.Problems {
			say(c.Key, c.Args)
			mended := ""
			if strings.Contains(c.Key, ".note.") {
				mended = "~"
			}
			words = append(words, strings.TrimSpace(c.Letter+" "+mended+c.Key))
		}
		rows = append(rows, strings.Join(append(words, r.Reasons...), " "))
	}
	checked := i.Tally
	if i, err = k.imports.Start(ctx, k.officer, i.ID, DuplicatesSkip); err != nil || i.State != ImportDone || i.Tally != checked || i.Rows() != len(dry) {
		k.t.Fatalf("%s: %s, %v: checked %+v, imported %+v", f.name, i.State, err, checked, i.Tally)
	}
	if added := k.count("select count(*) from contact where kind = 'person'") - contacts; added != i.New {
		k.t.Errorf("%s: %d contacts added for %d new rows", f.name, added, i.New)
	}
	k.undo(i.ID)
	return strings.Join(rows, "; "), said
}

func (k *desk) refused(err error, say func(string, errs.Args)) string {
	k.t.Helper()
	e := errs.Find(err)
	if e == nil || e.Code != errs.Invalid && e.Code != errs.TooLarge {
		k.t.Fatalf("refused without a reason: %v", err)
	}
	key, args := e.Key, e.Args
	if len(e.Fields) > 0 {
		key, args = e.Fields[0].Key, e.Fields[0].Args
	}
	say(key, args)
	return "!" + key
}
