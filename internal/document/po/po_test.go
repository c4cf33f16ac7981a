package po_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/document/po"
	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/document/unit/unittest"
	"github.com/convoke/convoke/internal/errs"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "message.ar.po")
	got := po.Write(unittest.Sample())
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Error(d)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := unittest.Draw(t)
		got, err := po.Read(po.Write(f))
		if err != nil {
			t.Fatalf("%v\n%s", err, po.Write(f))
		}
		if d := cmp.Diff(unittest.Bare(f), unittest.Bare(got)); d != "" {
			t.Fatalf("%s\n%s", d, po.Write(f))
		}
	})
}

// poedit is a file as Poedit leaves it: reordered, wrapped at 80, with plural headers, a message put aside and CRLF.
const poedit = `# Spanish
msgid ""
msgstr ""
"Project-Id-Version: \n"
"Language: pt_BR\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=UTF-8\n"
"X-Convoke-File: 12:message:3:pt-BR\n"
"X-Generator: Poedit 3.4\n"

#. Passage 2
#. [1a2b3c4d]
msgctxt "p2"
msgid ""
"One line that goes "
"on.\n"
"Next"
msgstr "Uma \"linha\" \303\251\x21"

# somebody's own words
#: src/x.c:1
#, fuzzy, c-format
#| msgctxt "p1"
#| msgid "Hello"
msgctxt "p1"
msgid "Hi"
msgstr "Oi"

msgctxt "p3"
msgid "one"
msgid_plural "many"
msgstr[0] "um"
msgstr[1] "muitos"

msgctxt "p4"
msgid "Empty"
msgstr ""

#~ msgctxt "p9"
#~ msgid "gone"
#~ msgstr "foi"
`

func TestFileOfPoedit(t *testing.T) {
	t.Parallel()
	want := unit.File{ID: "12:message:3:pt-BR", Target: "pt-BR", Units: []unit.Unit{
		{Key: "p2", Source: "One line that goes on.\nNext", Target: "Uma \"linha\" é!", Base: "1a2b3c4d", State: unit.Done},
		{Key: "p1", Source: "Hi", Was: "Hello", Target: "Oi", State: unit.Doubt},
		{Key: "p3", Source: "one", Target: "um", State: unit.Done},
		{Key: "p4", Source: "Empty"},
	}}
	for name, file := range map[string]string{
		"as it is": poedit, "CRLF": strings.ReplaceAll(poedit, "\n", "\r\n"), "with a mark": "\uFEFF" + poedit, "without empty lines": strings.ReplaceAll(poedit, "\n\n", "\n"),
	} {
		got, err := po.Read([]byte(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(want, unittest.Bare(got)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	message := "msgctxt \"a\"\nmsgid \"b\"\nmsgstr \"c\"\n"
	tests := map[string]struct{ file, key string }{
		"nothing":                {"\n", "not_po"},
		"prose":                  {"Dear reader", "broken"},
		"a quote left open":      {"msgid \"a\nmsgstr \"b\"", "broken"},
		"a quote in the middle":  {`msgid "a" "b"`, "broken"},
		"a backslash at the end": {`msgid "a\"`, "broken"},
		"an unknown escape":      {`msgid "\q"`, "broken"},
		"no translation":         {`msgid "a"`, "broken"},
		"no source":              {`msgstr "a"`, "broken"},
		"twice the same word":    {"msgid \"a\"\nmsgid \"b\"", "broken"},
		"a text of nothing":      {`"a"`, "broken"},
		"NUL":                    {"msgid \"\x00\"", "encoding"},
		"many messages":          {strings.Repeat(message, unit.MaxUnits+1), "too_many"},
		"too large":              {strings.Repeat(" ", unit.MaxBytes+1), "too_large"},
	}
	for name, tt := range tests {
		_, err := po.Read([]byte(tt.file))
		e := errs.Find(err)
		if e == nil || (e.Code != errs.Invalid && e.Code != errs.TooLarge) || e.Key != "document.exchange."+tt.key {
			t.Errorf("%s: %v, want %s", name, err, tt.key)
		}
	}
	f, err := po.Read([]byte(message + message))
	if err != nil || len(f.Units) != 2 || f.Units[0].Fault != "" || f.Units[1].Fault != unit.FaultTwice || f.Units[1].Line != 4 {
		t.Errorf("%+v %v", f, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(po.Write(unittest.Sample()))
	f.Add([]byte(poedit))
	f.Add([]byte("msgid \"\\777\\x\"\nmsgstr[0] \"\""))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := po.Read(file)
		if err != nil {
			if e := errs.Find(err); e == nil || (e.Code != errs.Invalid && e.Code != errs.TooLarge) {
				t.Fatalf("told as %v", err)
			}
			return
		}
		for i := range got.Units {
			got.Units[i].Key += "." // a message without context and source would be the header
		}
		again, err := po.Read(po.Write(got))
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if len(again.Units) != len(got.Units) {
			t.Fatalf("%d units became %d", len(got.Units), len(again.Units))
		}
		for i, u := range again.Units {
			if was := got.Units[i]; u.Source != was.Source || u.Target != was.Target {
				t.Fatalf("%+v became %+v", was, u)
			}
		}
	})
}
