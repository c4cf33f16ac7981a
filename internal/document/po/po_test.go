package po_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/convoke/convoke/internal/document/po"
	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/document/unit/unittest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func format() unittest.Format {
	return unittest.Format{Read: po.Read, Write: po.Write, Golden: "message.ar.po", None: "not_po"}
}

func TestGolden(t *testing.T) { t.Parallel(); format().TestGolden(t, *update) }

func TestWhatIsWrittenIsRead(t *testing.T) { t.Parallel(); format().TestRoundTrip(t) }

func TestUnits(t *testing.T) { t.Parallel(); format().TestUnits(t) }

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
	format().TestRefusals(t, map[string]unittest.Refusal{
		"prose":                  {File: "Dear reader", Key: "broken"},
		"a quote left open":      {File: "msgid \"a\nmsgstr \"b\"", Key: "broken"},
		"a quote in the middle":  {File: `msgid "a" "b"`, Key: "broken"},
		"a backslash at the end": {File: `msgid "a\"`, Key: "broken"},
		"an unknown escape":      {File: `msgid "\q"`, Key: "broken"},
		"no translation":         {File: `msgid "a"`, Key: "broken"},
		"no source":              {File: `msgstr "a"`, Key: "broken"},
		"twice the same word":    {File: "msgid \"a\"\nmsgid \"b\"", Key: "broken"},
		"a text of nothing":      {File: `"a"`, Key: "broken"},
	})
}

func FuzzRead(f *testing.F) {
	named := func(key string) string { return key + "." } // a message without context and source would be the header
	format().Fuzz(f, named, poedit, "msgid \"\\777\\x\"\nmsgstr[0] \"\"")
}
