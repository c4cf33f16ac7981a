package extract

import "github.com/convoke/convoke/internal/markup"

// read takes from a start tag what it means for the text.
func (e *docxEditor) read(x *markup.Reader) {
	switch string(x.Name) {
	case "p":
		e.page.begin()
		if e.inNote {
			e.page.kind = note
		}
	case "t":
		e.inText = true
	case "tab", "ptab":
		e.page.write([]byte("\t"))
	case "br", "cr":
		e.page.write([]byte("\n"))
	case "noBreakHyphen":
		e.page.write([]byte("-"))
	case "pStyle":
		e.style(string(x.Attribute("val")))
	case "outlineLvl":
		if x.Number("val", 9) < 9 {
			e.page.kind = heading
		}
	case "numId":
		if e.page.kind == paragraph && x.Number("val", 0) > 0 {
			e.page.kind = item
		}
	case "tbl":
		e.page.table()
	case "txbxContent":
		e.page.box()
	case "del", "moveFrom", "Fallback", "rubyPr", "rt", "tabs":
		// What is deleted is no text any more; the fallback says again what the choice before it says; a tab among tabs is a stop.
		e.quiet = e.depth
	case "hyperlink":
		e.follow(string(x.Attribute("id")))
	case "fldSimple":
		if address := hyperlinkOf(string(x.Attribute("instr"))); address != "" {
			e.link = &linkAt{address: address, from: len(e.page.line)}
		}
	case "footnoteReference", "endnoteReference":
		if n := string(x.Attribute("id")); e.part.kind == "officeDocument" {
			e.page.write([]byte(e.mark(string(x.Name[:3]) + n)))
		}
	case "footnote", "endnote":
		e.note(x)
	}
}

func (e *docxEditor) style(id string) {
	switch {
	case e.inNote:
	case e.headings[id]:
		e.page.kind = heading
	case e.lists[id] && e.page.kind == paragraph:
		e.page.kind = item
	}
}

// note begins a note, unless it is one of those that only draw the line above notes.
func (e *docxEditor) note(x *markup.Reader) {
	if x.Attribute("type") != nil && string(x.Attribute("type")) != "normal" {
		e.quiet = e.depth
		return
	}
	e.inNote = true
	e.page.out.pending = e.mark(string(x.Name[:3]) + string(x.Attribute("id")))
}

// follow begins a hyperlink.
func (e *docxEditor) follow(id string) {
	for _, r := range e.part.relations {
		if r.id == id && r.outside {
			e.link = &linkAt{address: r.target, from: len(e.page.line)}
		}
	}
}

func (e *docxEditor) fieldChar(kind string) {
	n := len(e.fields)
	switch {
	case kind == "begin" && n < e.limits.Depth:
		e.fields = append(e.fields, field{})
	case kind == "separate" && n > 0:
		e.fields[n-1].shows, e.fields[n-1].from = true, len(e.page.line)
	case kind == "end" && n > 0:
		f := e.fields[n-1]
		if address := hyperlinkOf(f.instruction); address != "" && f.shows {
			e.links.add(e.since(f.from), address)
		}
		e.fields = e.fields[:n-1]
	}
}

// since is what was written in this line from a place on.
func (e *docxEditor) since(from int) string { return string(e.page.line[min(from, len(e.page.line)):]) }

func (e *docxEditor) end(x *markup.Reader) {
	depth := e.depth
	e.depth--
	e.inField = false
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
	case "p":
		e.page.end()
	case "t":
		e.inText = false
	case "tc":
		e.page.endCell()
	case "tr":
		e.page.endRow()
	case "tbl":
		e.page.endTable()
	case "txbxContent":
		e.page.unbox()
	case "hyperlink", "fldSimple":
		if e.link != nil {
			e.links.add(e.since(e.link.from), e.link.address)
			e.link = nil
		}
	case "footnote", "endnote":
		e.inNote = false
	}
}
