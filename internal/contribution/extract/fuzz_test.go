package extract_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
)

// holds says what must be true of whatever is read: a refusal that a person understands, or a clean text, and a copy that
// reads the same and has nothing left to be taken out.
func holds(t *testing.T, content []byte) {
	t.Helper()
	limits := extract.DefaultLimits()
	limits.Unpacked, limits.Tokens = 1<<20, 100_000
	d, err := extract.Read(bytes.NewReader(content), int64(len(content)), "x.txt", limits)
	if err != nil {
		if e := errs.Find(err); e == nil || e.Key == "" {
			t.Fatalf("refused without a sentence: %v", err)
		}
		return
	}
	if !utf8.ValidString(d.Text) || strings.ContainsRune(d.Text, 0) || d.Words < 0 || d.Pages < 1 {
		t.Fatalf("text %q, %d words", d.Text, d.Words)
	}
	wellFormed(t, d.Clean)
	again, err := extract.Read(bytes.NewReader(d.Clean), int64(len(d.Clean)), "x.txt", limits)
	if err != nil {
		t.Fatalf("the copy cannot be read: %v: %q", err, d.Clean)
	}
	if again.Kind != d.Kind || len(again.Stripped) > 0 {
		t.Fatalf("of the copy: kind %s, stripped %v", again.Kind, again.Stripped)
	}
}

// wellFormed holds the parts of a copy against the reader of the standard library, which is stricter than ours.
func wellFormed(t *testing.T, clean []byte) {
	t.Helper()
	a, err := zip.NewReader(bytes.NewReader(clean), int64(len(clean)))
	if err != nil {
		return // no container
	}
	for _, f := range a.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f.Name, ".xml") && !strings.HasSuffix(f.Name, ".rels") {
			continue
		}
		for x := xml.NewDecoder(in); ; {
			_, err := x.RawToken()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s of the copy: %v", f.Name, err)
			}
		}
	}
}

func FuzzDocx(f *testing.F) {
	for _, body := range []string{
		paragraph("text"), `<w:tbl><w:tr><w:tc>` + paragraph("x") + `</w:tc></w:tr></w:tbl>`,
		`<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK "https://example.org"</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>x</w:t><w:fldChar w:fldCharType="end"/></w:r></w:p>`,
		`<w:p><w:r><w:txbxContent>` + paragraph("box") + `</w:txbxContent></w:r></w:p>`, `<w:p a='"'><![CDATA[x]]>&amp;&#0;&#xD800;</w:p>`, `</w:tc></w:tr>`, "<w:p b='&foo; &#10;\x01\xff<'/>", "<w:p \x00='a'/>", "<w\xff/>", "<w:t>a\ufffeb\uffff</w:t>",
	} {
		f.Add(body, `<w:styles/>`)
	}
	f.Fuzz(func(t *testing.T, body, styles string) {
		holds(t, word(t, body, part{"word/styles.xml", styles}, relations("word/_rels/document.xml.rels", relationTo("rId9", "styles", "styles.xml", false))))
	})
}

func FuzzOdt(f *testing.F) {
	f.Add(`<text:h>x</text:h><text:list><text:list-item><text:p>a<text:s text:c="3"/>b</text:p></text:list-item></text:list>`)
	f.Add(`<text:p>x<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>n</text:p></text:note-body></text:note></text:p>`)
	f.Add(`<text:p><text:a xlink:href="https://example.org">x</text:a></text:p></table:table-row>`)
	f.Fuzz(func(t *testing.T, body string) { holds(t, odt(t, body)) })
}

func FuzzRTF(f *testing.F) {
	for _, s := range []string{
		`{\rtf1 x}`, `{\rtf1{\field{\*\fldinst HYPERLINK "https://example.org"}{\fldrslt x}}}`, `{\rtf1\u-1?\'zz}`, `{\rtf1\bin3 {{{x\par}`, `{\rtf1{\*\x{\info}}a\cell\row b{\footnote n}}`,
		`{\rtf1{\upr a{\*\ud b}}\uc3\u65 abc\intbl x\par}`, "{\\rtf1\\\n\\\r\\\tx}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if bytes.HasPrefix(in, []byte(`{\rtf`)) {
			holds(t, in)
		}
	})
}

func FuzzAnything(f *testing.F) {
	f.Add([]byte("text"))
	f.Add([]byte("\xff\xfet\x00"))
	f.Add(packed(f, part{"mimetype", "application/vnd.oasis.opendocument.text"}, part{"content.xml", "<x/>"}))
	f.Fuzz(func(t *testing.T, in []byte) { holds(t, in) })
}
