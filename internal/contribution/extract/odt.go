package extract

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/markup"
)

const odtType = "application/vnd.oasis.opendocument.text"

// readOdt reads a text in OpenDocument (ISO/IEC 26300) and copies its content, its styles and its pictures.
func (j *job) readOdt(a *archive, p *packer) error {
	if err := j.checkManifest(a); err != nil {
		return err
	}
	if a.parts["content.xml"] == nil {
		return errDamaged
	}
	if err := p.stored("mimetype", odtType); err != nil {
		return err
	}
	var manifest strings.Builder
	for _, name := range a.names {
		f := a.parts[name]
		media, taken := odtPart(name)
		switch {
		case !taken:
			if what := odtLeft(name); what != "" {
				j.stripped[what] = true
			}
			continue
		case media == "text/xml":
			e := &odtEditor{job: j, archive: a, page: newPage(j.out), reads: name == "content.xml"}
			if err := p.edited(j, f, f.Name, e); err != nil {
				return err
			}
		default:
			if err := p.picture(j, f); err != nil {
				return err
			}
		}
		fmt.Fprintf(&manifest, `<manifest:file-entry manifest:full-path="%s" manifest:media-type="%s"/>`, escaped(f.Name), media)
	}
	return p.text("META-INF/manifest.xml", xmlHead+`<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" `+
		`manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="`+odtType+`"/>`+manifest.String()+`</manifest:manifest>`)
}

// checkManifest refuses what is encrypted: the list of parts says so.
func (j *job) checkManifest(a *archive) error {
	f := a.parts["meta-inf/manifest.xml"]
	if f == nil {
		return nil
	}
	in, err := markup.OpenPart(f)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	encrypted := false
	err = j.look(in, func(x *markup.Reader) { encrypted = encrypted || x.Is(markup.Start, "encryption-data") })
	if err == nil && encrypted {
		return errs.E(errs.Invalid, "upload.encrypted")
	}
	return err
}

// odtPart says whether a part is taken over, and as what. A picture's kind follows from its name, as for the programs.
func odtPart(name string) (media string, taken bool) {
	switch name {
	case "content.xml", "styles.xml":
		return "text/xml", true
	}
	if dir := path.Dir(name); dir == "pictures" || dir == "objectreplacements" {
		return "", true
	}
	return "", false
}

// odtLeft says what leaving out a part takes away.
func odtLeft(name string) What {
	dir, _, _ := strings.Cut(name, "/")
	switch {
	case name == "meta.xml", dir == "thumbnails":
		return Author
	case name == "mimetype", name == "settings.xml", dir == "meta-inf", dir == "configurations2", name == "manifest.rdf", name == "layout-cache":
		return ""
	case dir == "basic", dir == "scripts", dir == "dialogs":
		return Macros
	case strings.HasPrefix(dir, "object "):
		return Objects
	}
	return Other
}

// odtEditor copies a part and reads, where it is the content, its text.
type odtEditor struct {
	*job
	*archive
	page   *page
	reads  bool
	depth  int
	quiet  int
	inText int // paragraphs and headings around
	lists  int
	links  []linkAt
	note   []byte   // the note that is being read
	notes  [][]byte // those that were, to follow behind the text
	inNote bool
	author bool // in an element whose text is a name or a day
	space  bool // the text so far ends with a space that stands for several
}

// odtDropped are elements that do not belong to a text, and what leaving them out takes away.
func odtDropped(name string) (What, bool) {
	switch name {
	case "scripts", "event-listeners", "script":
		return Macros, true
	case "object", "object-ole", "applet", "plugin", "floating-frame":
		return Objects, true
	case "dde-connection-decls", "dde-connection-decl", "dde-connection", "dde-source", "dde-links", "section-source", "table-source", "database-display",
		"database-next", "database-row-select", "filter-name", "execute-macro":
		return Outside, true
	case "forms":
		return Other, true
	}
	return "", false
}

func (e *odtEditor) start(x *markup.Reader) bool {
	name := string(x.Name)
	if what, drop := odtDropped(name); drop && !bytes.HasPrefix(x.Full, []byte("math:")) {
		e.stripped[what] = true
		return true
	}
	if target := x.Attribute("href"); target != nil && !e.stays(name, string(target)) {
		if strings.Contains(string(target), ":") {
			e.stripped[Outside] = true
		}
		if name != "a" {
			return true
		}
	}
	e.depth++
	e.author = e.isName(x)
	if e.reads && e.quiet == 0 {
		e.read(x)
	}
	return false
}

// isName says of an element that it names who changed or remarked something, or when.
func (e *odtEditor) isName(x *markup.Reader) bool {
	switch string(x.Full) {
	case "dc:creator", "dc:date", "meta:creator-initials", "loext:sender-initials", "meta:date-string":
		return true
	}
	return false
}

// stays says whether what an element refers to is in the copy, or is a link that may be followed.
func (e *odtEditor) stays(element, target string) bool {
	if element == "a" {
		return strings.HasPrefix(target, "#") || harmless(target)
	}
	if strings.HasPrefix(target, "#") {
		return true
	}
	name := strings.ToLower(strings.TrimPrefix(target, "./"))
	_, taken := odtPart(name)
	return taken && e.parts[name] != nil
}

func (e *odtEditor) attribute(x *markup.Reader, key, value []byte) ([]byte, bool) {
	if string(markup.Local(key)) == "href" && string(x.Name) == "a" {
		return value, e.stays("a", string(x.Attribute("href")))
	}
	return value, true
}

func (e *odtEditor) text(x *markup.Reader) bool {
	if e.author {
		e.stripped[Reviewers] = true
		return false
	}
	if e.reads && e.quiet == 0 && e.inText > 0 {
		e.write(x.Text)
	}
	return true
}

// write makes one space of several, as OpenDocument means it.
func (e *odtEditor) write(text []byte) {
	for len(text) > 0 {
		at := bytes.IndexAny(text, " \t\r\n")
		if at < 0 {
			at = len(text)
		}
		if at > 0 {
			e.page.write(text[:at])
			e.space = false
			text = text[at:]
			continue
		}
		if !e.space {
			e.page.write([]byte(" "))
		}
		e.space = true
		text = text[1:]
	}
}
