package extract

import (
	"archive/zip"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/convoke/convoke/internal/markup"
)

// relation leads from one part of a package to another, or to elsewhere (ECMA-376, part 2).
type relation struct {
	id, kind, target string // kind is the last word of its address
	address          string
	outside          bool
}

// bundle is a docx: its parts, with what each is said to be.
type bundle struct {
	*job
	*archive
	types    map[string]string // by part, else by ending ("." and it)
	kept     []keptPart
	isKept   map[string]bool
	mainPart string
	root     []relation
}

// keptPart is a part that is taken over, with its relations that are.
type keptPart struct {
	name, kind string
	relations  []relation
	gone       map[string]bool // ids of those that are not
}

// taken are the kinds of relations that a text is made of. Whatever else there is stays out.
func taken(kind string) bool {
	switch kind {
	case "officeDocument", "styles", "stylesWithEffects", "settings", "webSettings", "fontTable", "theme", "numbering", "header", "footer",
		"footnotes", "endnotes", "comments", "commentsExtended", "commentsIds", "image", "hyperlink", "chart", "chartStyle", "chartColorStyle",
		"themeOverride", "diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "diagramDrawing", "chartUserShapes":
		return true
	}
	return false
}

// why says what leaving a relation out takes away.
func why(r relation) What {
	switch {
	case r.outside:
		return Outside
	case strings.Contains(r.kind, "properties"), r.kind == "thumbnail", r.kind == "people":
		return Author
	case strings.HasPrefix(r.kind, "vba"), r.kind == "wordVbaData", r.kind == "attachedToolbars", r.kind == "keyMapCustomizations", r.kind == "ui":
		return Macros
	case r.kind == "oleObject", r.kind == "package", r.kind == "control", r.kind == "activeXControlBinary", r.kind == "aFChunk", r.kind == "subDocument":
		return Objects
	}
	return Other
}

// gather follows the relations from the document on.
func (b *bundle) gather() error {
	if err := b.readTypes(); err != nil {
		return err
	}
	root, err := b.relationsOf("")
	if err != nil {
		return err
	}
	b.isKept = map[string]bool{}
	b.root, _ = b.choose("", root)
	if b.mainPart == "" {
		return errDamaged
	}
	if err := b.checkMain(); err != nil {
		return err
	}
	for i := 0; i < len(b.kept); i++ {
		part := b.kept[i]
		found, err := b.relationsOf(part.name)
		if err != nil {
			return err
		}
		b.kept[i].relations, b.kept[i].gone = b.choose(part.name, found)
	}
	return nil
}

// choose decides on the relations of a part, and keeps the parts that the kept ones lead to.
func (b *bundle) choose(from string, found []relation) (kept []relation, gone map[string]bool) {
	gone = map[string]bool{}
	for _, r := range found {
		if !b.keeps(from, r) {
			b.stripped[why(r)] = true
			gone[r.id] = true
			continue
		}
		kept = append(kept, r)
		if r.outside || b.isKept[r.target] {
			continue
		}
		b.isKept[r.target] = true
		b.kept = append(b.kept, keptPart{name: r.target, kind: r.kind})
		if r.kind == "officeDocument" {
			b.mainPart = r.target
		}
	}
	return kept, gone
}

// keeps says whether a relation is taken over.
func (b *bundle) keeps(from string, r relation) bool {
	if !taken(r.kind) || (from == "") != (r.kind == "officeDocument") || from == "" && b.mainPart != "" {
		return false
	}
	if r.outside {
		return r.kind == "hyperlink" && harmless(r.target)
	}
	if r.kind == "hyperlink" || b.parts[r.target] == nil {
		return false
	}
	return r.kind != "image" || strings.HasPrefix(b.typeOf(r.target), "image/")
}

// harmless says of an address that a reader may follow it: to the web or to a mailbox.
func harmless(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	return err == nil && len(address) <= maxURL && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto")
}

const (
	maxRelations = 5_000
	maxSmall     = 4 << 20 // bytes of a part of which all is kept in memory
)

func relationsName(part string) string {
	return strings.ToLower(path.Join(path.Dir(part), "_rels", path.Base(part)+".rels"))
}

func (b *bundle) relationsOf(part string) ([]relation, error) {
	name := "_rels/.rels"
	if part != "" {
		name = relationsName(part)
	}
	f := b.parts[name]
	if f == nil {
		return nil, nil
	}
	var all []relation
	err := b.lookAt(f, func(x *markup.Reader) {
		if !x.Is(markup.Start, "Relationship") || len(all) >= maxRelations {
			return
		}
		r := relation{id: string(x.Attribute("Id")), address: string(x.Attribute("Type")), target: string(x.Attribute("Target"))}
		r.kind = path.Base(r.address)
		r.outside = string(x.Attribute("TargetMode")) == "External"
		if !r.outside {
			r.target = resolve(part, r.target)
		}
		all = append(all, r)
	})
	return all, err
}

// resolve is the name of the part that a target within the package means.
func resolve(part, target string) string {
	target, _, _ = strings.Cut(target, "#")
	if plain, err := url.PathUnescape(target); err == nil {
		target = plain
	}
	if strings.HasPrefix(target, "/") {
		return strings.ToLower(strings.TrimPrefix(path.Clean(target), "/"))
	}
	return strings.ToLower(path.Join(path.Dir(part), target))
}

func (b *bundle) lookAt(f *zip.File, see func(x *markup.Reader)) error {
	in, err := markup.OpenPart(f)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return b.look(in, see)
}

func (b *bundle) readTypes() error {
	f := b.parts["[content_types].xml"]
	if f == nil {
		return errDamaged
	}
	b.types = map[string]string{}
	return b.lookAt(f, func(x *markup.Reader) {
		switch {
		case len(b.types) > maxRelations:
		case x.Is(markup.Start, "Default"):
			b.types["."+strings.ToLower(string(x.Attribute("Extension")))] = string(x.Attribute("ContentType"))
		case x.Is(markup.Start, "Override"):
			name := strings.ToLower(strings.TrimPrefix(string(x.Attribute("PartName")), "/"))
			b.types[name] = string(x.Attribute("ContentType"))
		}
	})
}

// checkMain tells a document, with or without macros or as a template, from a workbook or slides.
func (b *bundle) checkMain() error {
	t := strings.ToLower(b.typeOf(b.mainPart))
	if !strings.Contains(t, "wordprocessingml.document.main") && !strings.Contains(t, "wordprocessingml.template.main") &&
		!strings.Contains(t, "ms-word.document.macroenabled") && !strings.Contains(t, "ms-word.template.macroenabled") {
		return otherKind()
	}
	if strings.Contains(t, "macroenabled") {
		b.stripped[Macros] = true
	}
	return nil
}

func (b *bundle) typeOf(part string) string {
	if t := b.types[part]; t != "" {
		return t
	}
	return b.types[path.Ext(part)]
}

// writeTypes and writeRelations say of the copy what is in it.
func (b *bundle) writeTypes(p *packer) error {
	var s strings.Builder
	s.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>`)
	for _, k := range b.kept {
		t := b.typeOf(k.name)
		if k.name == b.mainPart {
			t = Docx.ContentType() + ".main+xml"
		}
		fmt.Fprintf(&s, `<Override PartName="/%s" ContentType="%s"/>`, escaped(b.parts[k.name].Name), escaped(t))
	}
	s.WriteString("</Types>")
	return p.text("[Content_Types].xml", s.String())
}

func (b *bundle) writeRelations(p *packer, part string, all []relation) error {
	if len(all) == 0 {
		return nil
	}
	var s strings.Builder
	s.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range all {
		target, mode := r.target, ` TargetMode="External"`
		if !r.outside {
			target, mode = "/"+b.parts[r.target].Name, ""
		}
		fmt.Fprintf(&s, `<Relationship Id="%s" Type="%s" Target="%s"%s/>`, escaped(r.id), escaped(r.address), escaped(target), mode)
	}
	s.WriteString("</Relationships>")
	name := "_rels/.rels"
	if part != "" {
		own := b.parts[part].Name
		name = path.Join(path.Dir(own), "_rels", path.Base(own)+".rels")
	}
	return p.text(name, s.String())
}
