package extract

import (
	"bytes"
	"sort"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/markup"
)

// readDocx reads a package of Word (ECMA-376) and copies what a text is made of.
func (j *job) readDocx(a *archive, p *packer) error {
	b := &bundle{job: j, archive: a}
	if err := b.gather(); err != nil {
		return err
	}
	d := &docx{bundle: b, page: newPage(j.out), headings: map[string]bool{}, lists: map[string]bool{}, notes: map[string]int{}}
	if err := d.readStyles(); err != nil {
		return err
	}
	if err := b.writeTypes(p); err != nil {
		return err
	}
	if err := b.writeRelations(p, "", b.root); err != nil {
		return err
	}
	// Notes come behind the text that refers to them, whatever their order in the file.
	sort.SliceStable(b.kept, func(x, y int) bool { return rank(b.kept[x].kind) < rank(b.kept[y].kind) })
	for _, k := range b.kept {
		if err := d.copyPart(p, k); err != nil {
			return err
		}
	}
	return nil
}

func rank(kind string) int {
	switch kind {
	case "officeDocument":
		return 0
	case "footnotes":
		return 1
	case "endnotes":
		return 2
	}
	return 3
}

// docx reads one package.
type docx struct {
	*bundle
	page     *page
	headings map[string]bool // styles of headings
	lists    map[string]bool // styles of lists
	notes    map[string]int  // numbers of the notes that the text refers to
}

func (d *docx) copyPart(p *packer, k keptPart) error {
	f := d.parts[k.name]
	if strings.HasPrefix(d.typeOf(k.name), "image/") && k.kind == "image" {
		return p.picture(d.job, f)
	}
	e := &docxEditor{docx: d, part: k, reads: rank(k.kind) < 3}
	if err := p.edited(d.job, f, f.Name, e); err != nil {
		return err
	}
	return d.writeRelations(p, k.name, k.relations)
}

// readStyles finds out which styles make a heading or an item of a list: their ids are in the language of the program.
func (d *docx) readStyles() error {
	for _, k := range d.kept {
		if k.kind != "styles" {
			continue
		}
		id := ""
		return d.lookAt(d.parts[k.name], func(x *markup.Reader) {
			switch {
			case x.Kind != markup.Start || len(d.headings)+len(d.lists) > maxRelations:
			case x.Is(markup.Start, "style"):
				id = string(x.Attribute("styleId"))
			case x.Is(markup.Start, "name"):
				if name := strings.ToLower(string(x.Attribute("val"))); strings.HasPrefix(name, "heading") || name == "title" {
					d.headings[id] = true
				}
			case x.Is(markup.Start, "outlineLvl"):
				d.headings[id] = d.headings[id] || id != "" && x.Number("val", 9) < 9
			case x.Is(markup.Start, "numPr"):
				d.lists[id] = id != ""
			}
		})
	}
	return nil
}

// docxEditor copies a part of a package and reads, where it is one of those, its text.
type docxEditor struct {
	*docx
	part    keptPart
	reads   bool
	depth   int
	quiet   int // the depth of an element whose text is not read, 0 for none
	authors bool

	inText  bool
	inField bool // in an instruction
	link    *linkAt
	fields  []field
	inNote  bool
}

// linkAt is a hyperlink that is being read.
type linkAt struct {
	address string
	from    int
}

// field is a field of a text, such as a page number or a link: its instruction, then what it shows.
type field struct {
	instruction string
	refused     bool
	shows       bool
	from        int
}

// dropped are elements that never belong to a text, and what leaving them out takes away.
func dropped(name string) (What, bool) {
	switch name {
	case "attachedTemplate", "mailMerge", "frameset", "sourceFileName":
		return Outside, true
	case "OLEObject", "control", "altChunk", "subDoc", "externalData", "fldData":
		return Objects, true
	case "entryMacro", "exitMacro":
		return Macros, true
	case "docVars", "dataBinding", "attachedSchema", "schemaLibrary", "documentProtection", "writeProtection":
		return Other, true
	case "rsids":
		return "", true
	}
	return "", false
}

func (e *docxEditor) start(x *markup.Reader) bool {
	if what, drop := dropped(string(x.Name)); drop {
		if what != "" {
			e.stripped[what] = true
		}
		return true
	}
	e.authors = false
	if e.refersToNothing(x) {
		return true
	}
	e.depth++
	switch string(x.Name) {
	case "fldChar":
		e.fieldChar(string(x.Attribute("fldCharType")))
	case "instrText", "delInstrText":
		e.inField = true
	}
	if e.reads && e.quiet == 0 {
		e.read(x)
	}
	return false
}

// refersToNothing looks at the attributes for names and for parts that are not taken over. A picture or a link stays without
// what it referred to; other elements mean nothing without.
func (e *docxEditor) refersToNothing(x *markup.Reader) bool {
	spared := x.Is(markup.Start, "blip") || x.Is(markup.Start, "hyperlink")
	for key, value := range x.Attributes() {
		if bytes.IndexByte(key, ':') < 0 {
			continue
		}
		if string(markup.Local(key)) == "author" {
			e.authors = true
		}
		if !spared && e.isGone(key, value) {
			return true
		}
	}
	return false
}

// isGone says of an attribute that it names a relation that is not taken over.
func (e *docxEditor) isGone(key, value []byte) bool {
	if len(e.part.gone) == 0 || !e.part.gone[string(value)] {
		return false
	}
	switch string(markup.Local(key)) {
	case "id", "embed", "link", "pict", "href", "relid", "dm", "lo", "qs", "cs":
		return bytes.IndexByte(key, ':') > 0
	}
	return false
}

func (e *docxEditor) attribute(x *markup.Reader, key, value []byte) ([]byte, bool) {
	name := markup.Local(key)
	switch {
	case e.authors && string(name) == "author":
		if len(value) > 0 && string(value) != "Author" {
			e.stripped[Reviewers] = true
		}
		return []byte("Author"), true // as Word itself writes it without personal information
	case e.authors && (string(name) == "initials" || string(name) == "date" || string(name) == "dateUtc"):
		return nil, false
	case bytes.HasPrefix(name, []byte("rsid")): // tells which sittings a text was written in
		return nil, false
	case string(name) == "instr" && x.Is(markup.Start, "fldSimple") && !allowedField(string(value), true):
		e.stripped[Outside] = true
		return nil, true
	}
	return value, !e.isGone(key, value)
}

func (e *docxEditor) text(x *markup.Reader) bool {
	if e.inField {
		if n := len(e.fields); n > 0 {
			return e.instruct(&e.fields[n-1], x.Text)
		}
		return false
	}
	if e.reads && e.quiet == 0 && e.inText {
		e.page.write(x.Text)
	}
	return true
}

// instruct reads a piece of a field's instruction, and keeps it as long as the field may do what it begins to say.
func (e *docxEditor) instruct(f *field, text []byte) bool {
	if f.refused {
		return false
	}
	if len(f.instruction) < maxURL {
		f.instruction += string(text)
	}
	if !allowedField(f.instruction, false) {
		f.refused = true
		e.stripped[Outside] = true
	}
	return !f.refused
}

// allowedField says whether a field does nothing but show what is in the document. With whole the instruction is at its end,
// else it may be but the beginning of one.
func allowedField(instruction string, whole bool) bool {
	word, _, ended := strings.Cut(strings.ToUpper(strings.TrimLeft(instruction, " \t\r\n")), " ")
	for _, name := range []string{
		"HYPERLINK", "PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "NOTEREF", "REF", "TOC", "TC", "SEQ", "STYLEREF",
		"DATE", "TIME", "INDEX", "XE", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "SYMBOL", "EQ", "QUOTE", "BIBLIOGRAPHY", "CITATION", "TITLE", "ADVANCE",
		"LISTNUM", "=",
	} {
		if word == name || !ended && !whole && strings.HasPrefix(name, word) || name == "=" && strings.HasPrefix(word, "=") {
			return true
		}
	}
	return word == ""
}

// hyperlinkOf is the address in the instruction of a field: HYPERLINK "https://…".
func hyperlinkOf(instruction string) string {
	rest, found := strings.CutPrefix(strings.TrimSpace(instruction), "HYPERLINK")
	if !found {
		return ""
	}
	rest = strings.TrimSpace(rest)
	if quoted, found := strings.CutPrefix(rest, `"`); found {
		address, _, _ := strings.Cut(quoted, `"`)
		return address
	}
	address, _, _ := strings.Cut(rest, " ")
	return address
}

func (e *docxEditor) mark(id string) string {
	if e.notes[id] == 0 {
		e.notes[id] = len(e.notes) + 1
	}
	return "[" + strconv.Itoa(e.notes[id]) + "]"
}
