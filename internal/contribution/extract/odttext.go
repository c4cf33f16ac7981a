package extract

import (
	"bytes"

	"github.com/convoke/convoke/internal/markup"
)

// read takes from a start tag what it means for the text.
func (e *odtEditor) read(x *markup.Reader) {
	switch string(x.Name) {
	case "p", "h":
		if bytes.HasPrefix(x.Full, []byte("text:")) {
			e.paragraph(string(x.Name) == "h")
		}
	case "list":
		e.lists++
	case "tab":
		e.page.write([]byte("\t"))
	case "s":
		e.page.write(bytes.Repeat([]byte(" "), min(max(x.Number("c", 1), 1), 100)))
	case "line-break":
		e.page.write([]byte("\n"))
	case "table":
		e.page.table()
	case "a":
		e.links = append(e.links, linkAt{address: string(x.Attribute("href")), from: len(e.page.line)})
	case "note":
		e.inNote = true
	case "note-citation":
		e.page.write([]byte("["))
	case "note-body", "text-box":
		e.page.box()
	case "tracked-changes", "annotation", "title", "desc", "ruby-text", "change-info", "table-of-content-source":
		// What was deleted and what was remarked is no text of the document.
		if string(x.Full) != "text:title" {
			e.quiet = e.depth
		}
	}
}

func (e *odtEditor) paragraph(isHeading bool) {
	e.inText++
	e.space = true
	e.page.begin()
	switch {
	case e.inNote:
	case isHeading:
		e.page.kind = heading
	case e.lists > 0:
		e.page.kind = item
	}
}

func (e *odtEditor) end(x *markup.Reader) {
	depth := e.depth
	e.depth--
	e.author = false
	if !e.reads {
		return
	}
	if e.quiet > 0 {
		if e.quiet == depth {
			e.quiet = 0
		}
		return
	}
	switch string(x.Name) {
	case "p", "h":
		if bytes.HasPrefix(x.Full, []byte("text:")) {
			e.endParagraph()
		}
	case "list":
		e.lists--
	case "table-cell", "covered-table-cell":
		e.page.endCell()
	case "table-row":
		e.page.endRow()
	case "table":
		e.page.endTable()
	case "a":
		if n := len(e.links); n > 0 {
			l := e.links[n-1]
			e.job.links.add(string(e.page.line[min(l.from, len(e.page.line)):]), l.address)
			e.links = e.links[:n-1]
		}
	case "note-citation":
		e.endCitation()
	case "note-body", "text-box":
		e.page.unbox()
	case "note":
		e.inNote = false
		e.notes = append(e.notes, e.note)
		e.note = nil
	case "text":
		if string(x.Full) == "office:text" {
			for _, n := range e.notes {
				e.page.out.add(note, n)
			}
		}
	}
}

// endParagraph puts a paragraph where it belongs: that of a note behind the text.
func (e *odtEditor) endParagraph() {
	e.inText--
	e.space = false
	if !e.inNote {
		e.page.end()
		return
	}
	if len(e.note) < e.page.limit {
		e.note = append(append(e.note, ' '), e.page.line...)
	}
	e.page.line = e.page.line[:0]
}

// endCitation takes the number of a note for the note itself.
func (e *odtEditor) endCitation() {
	if at := bytes.LastIndexByte(e.page.line, '['); at >= 0 {
		e.page.line = append(e.page.line, ']')
		e.note = bytes.Clone(e.page.line[at:])
	}
}
