// Package word writes text documents in the format of Office Open XML (ISO/IEC 29500, "docx"): headings, paragraphs
// of running text, lists, links and footnotes, from left to right or from right to left. It writes what a draft needs and
// reads nothing.
package word

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Document is a text to be written. Title is its first heading and stands among its properties too.
type Document struct {
	Title    string
	Language string // BCP 47
	RTL      bool   // it is written from right to left
	At       time.Time
	Blocks   []Block
}

// Block is a paragraph. Level is 0 for running text, else that of a heading, from 1.
type Block struct {
	Level int
	Item  bool // of a list
	Runs  []Run
}

// Run is text of one look. A run with a Note has the mark of a footnote behind it.
type Run struct {
	Text   string
	Bold   bool
	Italic bool
	URL    string // where a link leads, "" for none
	Note   []Run  // nil for none
}

// writer keeps what the parts of a file share.
type writer struct {
	doc   Document
	links []string // the targets of the text's links; their number is that of the relationship
	notes []note
}

// note is a footnote.
type note struct{ runs []Run }

// Write writes the file.
func Write(w io.Writer, d Document) error {
	x := &writer{doc: d}
	body := x.body()
	notes, noteLinks := x.footnotes()
	z := zip.NewWriter(w)
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"docProps/core.xml", x.core()},
		{"word/styles.xml", x.styles()},
		{"word/settings.xml", settings},
		{"word/footnotes.xml", notes},
		{"word/_rels/footnotes.xml.rels", relations(nil, noteLinks)},
		{"word/document.xml", body},
		{"word/_rels/document.xml.rels", relations(documentRels, x.links)},
	}
	for _, part := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: d.At})
		if err != nil {
			return fmt.Errorf("word: %w", err)
		}
		if _, err := io.WriteString(f, xml.Header+part.text); err != nil {
			return fmt.Errorf("word: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("word: %w", err)
	}
	return nil
}

func (x *writer) body() string {
	var b strings.Builder
	b.WriteString(`<w:document ` + namespaces + `><w:body>`)
	x.block(&b, "Title", Block{Runs: []Run{{Text: x.doc.Title}}})
	for _, block := range x.doc.Blocks {
		style := ""
		switch {
		case block.Level > 0:
			style = fmt.Sprintf("Heading%d", min(block.Level, 3))
		case block.Item:
			style = "ListItem"
		}
		x.block(&b, style, block)
	}
	b.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/>`)
	if x.doc.RTL {
		b.WriteString(`<w:bidi/>`)
	}
	b.WriteString(`</w:sectPr></w:body></w:document>`)
	return b.String()
}

func (x *writer) block(b *strings.Builder, style string, block Block) {
	b.WriteString(`<w:p><w:pPr>`)
	if style != "" {
		b.WriteString(`<w:pStyle w:val="` + style + `"/>`)
	}
	if x.doc.RTL {
		b.WriteString(`<w:bidi/>`)
	}
	b.WriteString(`</w:pPr>`)
	if block.Item {
		x.run(b, Run{Text: "•\t"}, &x.links)
	}
	for _, r := range block.Runs {
		x.run(b, r, &x.links)
		if r.Note != nil {
			x.notes = append(x.notes, note{r.Note})
			fmt.Fprintf(b, `<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="%d"/></w:r>`, len(x.notes))
		}
	}
	b.WriteString(`</w:p>`)
}

// run writes text; links are the targets of the part in which it stands.
func (x *writer) run(b *strings.Builder, r Run, links *[]string) {
	if r.Text == "" {
		return
	}
	if r.URL != "" {
		*links = append(*links, r.URL)
		fmt.Fprintf(b, `<w:hyperlink r:id="link%d">`, len(*links))
		defer b.WriteString(`</w:hyperlink>`)
	}
	b.WriteString(`<w:r><w:rPr>`)
	if r.URL != "" {
		b.WriteString(`<w:rStyle w:val="Hyperlink"/>`)
	}
	if r.Bold {
		b.WriteString(`<w:b/><w:bCs/>`)
	}
	if r.Italic {
		b.WriteString(`<w:i/><w:iCs/>`)
	}
	if rightToLeft(r.Text, x.doc.RTL) {
		b.WriteString(`<w:rtl/>`)
	}
	b.WriteString(`</w:rPr>`)
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(r.Text)
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		for j, piece := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteString(`<w:tab/>`)
			}
			b.WriteString(`<w:t xml:space="preserve">` + escaped(piece) + `</w:t>`)
		}
	}
	b.WriteString(`</w:r>`)
}

// footnotes writes the part of the notes, and gives the targets of its links.
func (x *writer) footnotes() (text string, links []string) {
	var b strings.Builder
	b.WriteString(`<w:footnotes ` + namespaces + `>` + separators)
	for i, n := range x.notes {
		fmt.Fprintf(&b, `<w:footnote w:id="%d"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/>`, i+1)
		if x.doc.RTL {
			b.WriteString(`<w:bidi/>`)
		}
		b.WriteString(`</w:pPr><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>`)
		x.run(&b, Run{Text: " "}, &links)
		for _, r := range n.runs {
			x.run(&b, r, &links)
		}
		b.WriteString(`</w:p></w:footnote>`)
	}
	b.WriteString(`</w:footnotes>`)
	return b.String(), links
}

// escaped is text as XML; what XML does not know becomes the replacement character.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder refuses nothing
	return b.String()
}
