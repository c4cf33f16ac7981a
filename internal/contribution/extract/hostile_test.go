package extract_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
)

// part is one of a container that a test makes.
type part struct{ name, text string }

func packed(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
		if err == nil {
			_, err = io.WriteString(f, p.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	wordNS   = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:o="urn:schemas-microsoft-com:office:office"`
	relType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	wordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
)

func types(main string) part {
	return part{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override PartName="/word/document.xml" ContentType="` + main + `"/></Types>`}
}

func relations(of string, rows ...string) part {
	return part{of, `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + strings.Join(rows, "") + `</Relationships>`}
}

func relationTo(id, kind, target string, outside bool) string {
	mode := ""
	if outside {
		mode = ` TargetMode="External"`
	}
	return fmt.Sprintf(`<Relationship Id="%s" Type="%s%s" Target="%s"%s/>`, id, relType, kind, target, mode)
}

// word is a docx with this body.
func word(t testing.TB, body string, more ...part) []byte {
	t.Helper()
	return packed(t, append([]part{
		types(wordType), relations("_rels/.rels", relationTo("rId1", "officeDocument", "word/document.xml", false)),
		{"word/document.xml", `<w:document ` + wordNS + `><w:body>` + body + `</w:body></w:document>`},
	}, more...)...)
}

func paragraph(text string) string { return `<w:p><w:r><w:t>` + text + `</w:t></w:r></w:p>` }

func odt(t testing.TB, body string, more ...part) []byte {
	t.Helper()
	const ns = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"`
	return packed(t, append([]part{
		{"mimetype", "application/vnd.oasis.opendocument.text"},
		{"content.xml", `<office:document-content ` + ns + ` office:version="1.2"><office:body><office:text>` + body + `</office:text></office:body></office:document-content>`},
	}, more...)...)
}

// keyOf is the message of a refusal.
func keyOf(err error) string {
	if e := errs.Find(err); e != nil {
		return e.Key
	}
	return fmt.Sprint(err)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<w:x>", 300) + strings.Repeat("</w:x>", 300)
	wide := make([]part, 2_100)
	for i := range wide {
		wide[i] = part{fmt.Sprintf("p%d", i), ""}
	}
	raw := func(mend func(h *zip.FileHeader)) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		h := &zip.FileHeader{Name: "word/document.xml"}
		mend(h)
		_, err := w.CreateRaw(h)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	whole := word(t, paragraph("text"))
	for _, tt := range []struct {
		name, file string
		content    []byte
		key        string
	}{
		{"a PDF", "a.docx", []byte("%PDF-1.4 …"), "upload.pdf"},
		{"a PDF behind other bytes", "a.txt", []byte("\r\n\r\n%PDF-1.4 …"), "upload.pdf"},
		{"an old document", "a.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), "upload.old_word"},
		{"an encrypted document", "a.docx", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), utf16le("EncryptedPackage")...), "upload.encrypted"},
		{"a picture", "a.txt", []byte("\x89PNG\r\n\x1a\n"), "upload.picture"},
		{"a page of the web", "a.txt", []byte("  <!DOCTYPE html><p>x"), "upload.other_kind"},
		{"XML", "a.docx", []byte("<?xml version='1.0'?><x/>"), "upload.other_kind"},
		{"a program", "a.txt", []byte("\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x01\x02", 100)), "upload.other_kind"},
		{"nothing", "a.txt", nil, "upload.empty"},
		{"white space", "a.md", []byte(" \n\t\u200b "), "upload.empty"},
		{"a document without a word", "a.docx", word(t, `<w:p/>`), "upload.empty"},
		{"any archive", "a.docx", packed(t, part{"readme.txt", "x"}), "upload.other_kind"},
		{"half of a document", "a.docx", whole[:len(whole)/2], "upload.damaged"},
		{"half of an RTF", "a.rtf", []byte(`{\rtf1 one {\b two`), "upload.damaged"},
		{"a workbook", "a.docx", packed(t, types("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
			relations("_rels/.rels", relationTo("rId1", "officeDocument", "word/document.xml", false)), part{"word/document.xml", "<x/>"}), "upload.other_kind"},
		{"a presentation of OpenDocument", "a.odt", packed(t, part{"mimetype", "application/vnd.oasis.opendocument.presentation"}), "upload.other_kind"},
		{"a bomb", "a.docx", word(t, paragraph(strings.Repeat("a", 40<<20))), "upload.too_large_inside"},
		{"a bomb of many parts", "a.docx", packed(t, wide...), "upload.too_many_parts"},
		{"deep nesting", "a.docx", word(t, deep), "upload.too_deep"},
		{"an instruction that stands where none may", "a.rtf", []byte(`{\rtf1{\field{\b\fldinst DDEAUTO cmd}}}`), "upload.damaged"},
		{"deep groups", "a.rtf", []byte(`{\rtf1 ` + strings.Repeat("{", 300) + "x" + strings.Repeat("}", 301)), "upload.too_deep"},
		{"entities", "a.docx", packed(t, types(wordType), relations("_rels/.rels", relationTo("rId1", "officeDocument", "word/document.xml", false)),
			part{"word/document.xml", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document ` + wordNS + `>&b;</w:document>`}), "upload.damaged"},
		{"entities in OpenDocument", "a.odt", packed(t, part{"mimetype", "application/vnd.oasis.opendocument.text"},
			part{"content.xml", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><x>&x;</x>`}), "upload.damaged"},
		{"tags that do not close", "a.docx", word(t, `<w:p><w:r></w:p></w:r>`), "upload.damaged"},
		{"a path out of the archive", "a.docx", word(t, paragraph("x"), part{"../../etc/cron.d/x", "x"}), "upload.damaged"},
		{"an absolute path", "a.docx", word(t, paragraph("x"), part{"/etc/cron.d/x", "x"}), "upload.damaged"},
		{"a path of Windows", "a.docx", word(t, paragraph("x"), part{`..\x`, "x"}), "upload.damaged"},
		{"a path with a drive", "a.docx", word(t, paragraph("x"), part{`C:x`, "x"}), "upload.damaged"},
		{"two parts of one name", "a.docx", word(t, paragraph("x"), part{"word/document.xml", "<x/>"}), "upload.damaged"},
		{"two parts that differ in case", "a.docx", word(t, paragraph("x"), part{"WORD/document.xml", "<x/>"}), "upload.damaged"},
		{"an encrypted part", "a.docx", raw(func(h *zip.FileHeader) { h.Flags |= 1 }), "upload.encrypted"},
		{"a link", "a.docx", raw(func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink | 0o777) }), "upload.damaged"},
		{"a part that says it is huge", "a.docx", raw(func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }), "upload.too_large_inside"},
		{"binary data longer than the file", "a.rtf", []byte(`{\rtf1 x\bin2000000000 y}`), "upload.damaged"},
		{"an encrypted OpenDocument", "a.odt", odt(t, "<text:p>x</text:p>", part{"META-INF/manifest.xml", `<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>`}), "upload.encrypted"},
	} {
		if d, err := read(t, tt.file, tt.content); keyOf(err) != tt.key {
			t.Errorf("%s: %v (%+.80v), want %s", tt.name, err, d.Text, tt.key)
		}
	}
	limits := extract.DefaultLimits()
	limits.Size = 10
	if _, err := extract.Read(strings.NewReader("eleven bytes"), 12, "a.txt", limits); !errs.Is(err, errs.TooLarge) {
		t.Errorf("over the size: %v", err)
	}
}

func utf16le(text string) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func TestTextsAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	be := []byte("\xfe\xff")
	for _, u := range utf16.Encode([]rune("Größe مرحبا 𝄞")) {
		be = binary.BigEndian.AppendUint16(be, u)
	}
	for _, tt := range []struct {
		name, content, want string
		kind                extract.Kind
	}{
		{"a.txt", "one\r\ntwo\r\n\r\nthree", "one\ntwo\n\nthree", extract.Text},
		{"a.MD", "# One", "# One", extract.Markdown},
		{"renamed.pdf", "plain", "plain", extract.Text},
		{"a.txt", "\xef\xbb\xbfmarked", "marked", extract.Text},
		{"a.txt", "\xff\xfe" + string(utf16le("weit ü")), "weit ü", extract.Text},
		{"a.txt", string(utf16le("without a mark, but wide")), "without a mark, but wide", extract.Text},
		{"a.txt", string(be), "Größe مرحبا 𝄞", extract.Text},
		{"a.txt", "\xff\xfea\x00\x00\xd8b\x00", "a\ufffdb", extract.Text}, // a lone surrogate
		{"a.txt", "El ni\xf1o dijo \x93s\xed\x94", "El niño dijo “sí”", extract.Text},
		{"a.txt", "nul\x00led a\x00 text with words", "nulled a text with words", extract.Text},
		{"a.rtf", `{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2 \u-10179?\u-8704? \u55296?x}`, "Привет 😀 \ufffdx", extract.RTF},
		{"a.rtf", `{\rtf1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 B;}}\f0 caf\'e9 \f1\'93\'fa\'96\'7b}`, "café 日本", extract.RTF},
		{"a.rtf", `{\rtf1{\upr{\'e9}{\*\ud{\u233 e}}} {\deleted gone} a\~b\emdash c}`, "é  a\u00a0b—c", extract.RTF},
	} {
		d, err := read(t, tt.name, []byte(tt.content))
		if err != nil || d.Text != tt.want || d.Kind != tt.kind {
			t.Errorf("%.40q: %q (%s), %v; want %q", tt.content, d.Text, d.Kind, err, tt.want)
		}
	}
}

func TestNothingButTheTextIsHandedOut(t *testing.T) {
	t.Parallel()
	body := paragraph("Kept") +
		`<w:p><w:ins w:id="1" w:author="Ruth" w:date="2017-08-01T00:00:00Z"><w:r w:rsidR="00AB12"><w:t>inserted</w:t></w:r></w:ins><w:del w:id="2" w:author="Ruth"><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>` +
		`<w:p><w:r><w:object><o:OLEObject r:id="rIdOle" ProgID="Excel.Sheet"/></w:object></w:r></w:p>` +
		`<w:p><w:r><a:blip r:link="rIdTracker"/><a:blip r:embed="rIdPicture"/></w:r></w:p>` +
		`<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:\\cmd.exe</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>shown</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>` +
		`<w:p><w:fldSimple w:instr="INCLUDEPICTURE http://tracker.example.net/p.png"><w:r><w:t>simple</w:t></w:r></w:fldSimple></w:p>` +
		`<w:p><w:hyperlink r:id="rIdLink"><w:r><w:t>guide</w:t></w:r></w:hyperlink> <w:hyperlink r:id="rIdFile"><w:r><w:t>drive</w:t></w:r></w:hyperlink></w:p>` +
		`<w:altChunk r:id="rIdChunk"/>`
	made := word(t, body,
		relations("word/_rels/document.xml.rels",
			relationTo("rIdVba", "vbaProject", "vbaProject.bin", false), relationTo("rIdOle", "oleObject", "embeddings/x.bin", false),
			relationTo("rIdTracker", "image", "http://tracker.example.net/i.png", true), relationTo("rIdPicture", "image", "media/i.png", false),
			relationTo("rIdLink", "hyperlink", "https://example.org/guide", true), relationTo("rIdFile", "hyperlink", "file:///C:/Users/zenobia/x", true),
			relationTo("rIdChunk", "aFChunk", "chunk.html", false), relationTo("rIdSettings", "settings", "settings.xml", false)),
		part{"word/settings.xml", `<w:settings ` + wordNS + `><w:attachedTemplate r:id="rIdT"/><w:rsids><w:rsid w:val="00AB12"/></w:rsids><w:zoom w:percent="100"/></w:settings>`},
		relations("word/_rels/settings.xml.rels", relationTo("rIdT", "attachedTemplate", "http://tracker.example.net/evil.dotm", true)),
		part{"word/vbaProject.bin", "MACROCODE"}, part{"word/embeddings/x.bin", "EMBEDDED"}, part{"word/chunk.html", "CHUNKED"},
		part{"word/media/i.png", "\x89PNG picture"}, part{"customXml/item1.xml", "<x>CUSTOM</x>"}, part{"docProps/core.xml", "<x>Zenobia</x>"})
	d, err := read(t, "a.docm", made)
	if err != nil {
		t.Fatal(err)
	}
	inside := unpacked(t, d.Clean)
	for _, gone := range []string{"MACROCODE", "EMBEDDED", "CHUNKED", "CUSTOM", "Zenobia", "zenobia", "Ruth", "2017-08-01", "00AB12", "tracker", "DDE", "AUTO", "OLEObject", "altChunk", "attachedTemplate"} {
		if strings.Contains(inside, gone) {
			t.Errorf("the copy has %q", gone)
		}
	}
	for _, kept := range []string{"Kept", "inserted", "shown", "simple", "https://example.org/guide", "\x89PNG picture", "zoom"} {
		if !strings.Contains(inside, kept) {
			t.Errorf("the copy lacks %q", kept)
		}
	}
	if d.Text != "Kept\n\ninserted\n\nshown\n\nsimple\n\nguidedrive" {
		t.Errorf("text %q", d.Text)
	}
	if len(d.Links) != 1 || d.Links[0].URL != "https://example.org/guide" {
		t.Errorf("links %v", d.Links)
	}
	if got := fmt.Sprint(d.Stripped); got != "[reviewers macros objects outside]" {
		t.Errorf("stripped %s", got)
	}
}

func TestNothingButTheTextOfAnOpenDocument(t *testing.T) {
	t.Parallel()
	made := odt(t, `<office:scripts><office:event-listeners><script:event-listener xlink:href="vnd.sun.star.script:x"/></office:event-listeners></office:scripts>`+
		`<text:p>Kept <text:a xlink:href="javascript:alert(1)">link</text:a><draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="./ObjectReplacements/Object 1"/></draw:frame>`+
		`<draw:frame><draw:image xlink:href="http://tracker.example.net/i.png"/></draw:frame></text:p><text:section><text:section-source xlink:href="file:///etc/passwd"/><text:p>Section</text:p></text:section>`,
		part{"Basic/Standard/Module1.xml", "MACROCODE"}, part{"Scripts/python/x.py", "MACROCODE"}, part{"meta.xml", "<x>Zenobia</x>"},
		part{"Object 1/content.xml", "EMBEDDED"}, part{"ObjectReplacements/Object 1", "shown picture"}, part{"settings.xml", "<x>Printer of Zenobia</x>"})
	d, err := read(t, "a.odt", made)
	if err != nil {
		t.Fatal(err)
	}
	inside := unpacked(t, d.Clean)
	for _, gone := range []string{"MACROCODE", "EMBEDDED", "Zenobia", "tracker", "javascript", "passwd", "vnd.sun.star"} {
		if strings.Contains(inside, gone) {
			t.Errorf("the copy has %q", gone)
		}
	}
	if !strings.Contains(inside, "shown picture") || d.Text != "Kept link\n\nSection" || fmt.Sprint(d.Stripped) != "[author macros objects outside]" {
		t.Errorf("text %q, stripped %v", d.Text, d.Stripped)
	}
}

func TestNothingButTheTextOfAnRTF(t *testing.T) {
	t.Parallel()
	made := `{\rtf1\ansi{\*\generator Zenobia 1}{\info{\author Zenobia}{\company Secret}}{\*\revtbl{Unknown;}{Ruth;}}{\*\template http://tracker.example.net/x.dot}` +
		`{\*\userprops{\propname x}}\revised\revauth1\revdttm12345 Kept\insrsid123 {\object\objemb\objautlink{\*\objclass Package}{\*\objdata 4d5a}{\result shown}}` +
		`{\field{\*\fldinst{DDEAUTO cmd}}{\fldrslt result}}{\*\fldinst DDEAUTO alone}{\field{\*\fldinst HYPERLINK x}{\*\fldinst DDEAUTO second}}{\field{\*\fldinst{HYPERLINK "https://example.org/guide"}}{\fldrslt guide}}{\pict\pngblip 89504e47}{\*\unknown hidden}\par}trailing`
	d, err := read(t, "a.doc", []byte(made))
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"Zenobia", "Secret", "Ruth", "tracker", "revauth", "12345", "4d5a", "objautlink", "DDEAUTO", "hidden", "insrsid", "trailing"} {
		if bytes.Contains(d.Clean, []byte(gone)) {
			t.Errorf("the copy has %q: %s", gone, d.Clean)
		}
	}
	if d.Text != "Keptshownresultguide" || fmt.Sprint(d.Stripped) != "[author reviewers objects outside]" || len(d.Links) != 1 ||
		strings.Count(string(d.Clean), "{") != strings.Count(string(d.Clean), "}") {
		t.Errorf("text %q, stripped %v, links %v, copy %s", d.Text, d.Stripped, d.Links, d.Clean)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	limits := extract.DefaultLimits()
	limits.Text = 101
	long := word(t, paragraph(strings.Repeat("é", 80))+paragraph("more words than fit"))
	d, err := extract.Read(bytes.NewReader(long), int64(len(long)), "a.docx", limits)
	if err != nil || !d.Cut || len(d.Text) > 110 || strings.ContainsRune(d.Text, '\ufffd') {
		t.Errorf("%q, cut %v, %v", d.Text, d.Cut, err)
	}
}

// A bomb costs no more than it is allowed to, whatever it unpacks to.
func TestABombCostsLittle(t *testing.T) { //nolint:paralleltest // it measures what is allocated
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 9) })
	f, err := w.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 500 {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = read(t, "a.docx", b.Bytes())
	runtime.ReadMemStats(&after)
	if keyOf(err) != "upload.too_large_inside" || after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("%v, %d bytes allocated", err, after.TotalAlloc-before.TotalAlloc)
	}
}
