package xliff

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/errs"
)

// maxElements bounds the memory of a file of small elements.
const maxElements = 200_000

var declared = regexp.MustCompile(`^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._:-]+)["']`)

// Read reads a file of XLIFF 2.0 to 2.2 as it comes back from a tool. What is wrong with the whole is
// errs.Invalid or errs.TooLarge, where possible with the line; what is wrong with a unit is its fault.
func Read(file []byte) (unit.File, error) {
	charset := ""
	if m := declared.FindSubmatch(file[:min(len(file), 200)]); m != nil {
		charset = string(m[1])
	}
	text, err := unit.Text(file, charset)
	if err != nil {
		return unit.File{}, err
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // it is UTF-8 by now
	r := &reader{d: d, seen: map[string]bool{}}
	if err := r.read(); err != nil {
		return unit.File{}, err
	}
	return r.file, nil
}

type reader struct {
	d        *xml.Decoder
	file     unit.File
	files    int
	elements int
	seen     map[string]bool
}

func (r *reader) line() int {
	line, _ := r.d.InputPos()
	return line
}

func (r *reader) broken() error {
	return errs.E(errs.Invalid, "document.exchange.broken", "Line", strconv.Itoa(r.line()))
}

// next is the next token. A document type is refused: whoever writes one wants entities, and those are not for us.
func (r *reader) next() (xml.Token, error) {
	token, err := r.d.Token()
	switch token.(type) {
	case xml.Directive:
		return nil, errs.E(errs.Invalid, "document.exchange.doctype", "Line", strconv.Itoa(r.line()))
	case xml.StartElement:
		if r.elements++; r.elements > maxElements {
			return nil, errs.E(errs.TooLarge, "document.exchange.too_many", "Max", maxElements)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, r.broken()
	}
	return token, err
}

// read goes through root, files and groups, and takes units as they come.
func (r *reader) read() error {
	depth := 0
	for {
		token, err := r.next()
		if errors.Is(err, io.EOF) {
			return r.whole()
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth == 0 {
				if err := r.root(t); err != nil {
					return err
				}
			}
			inside, err := r.element(t, depth)
			if err != nil {
				return err
			}
			if inside {
				depth++
			}
		}
	}
}

func (r *reader) whole() error {
	switch {
	case r.elements == 0:
		return errs.E(errs.Invalid, "document.exchange.not_xliff")
	case r.files > 1:
		return errs.E(errs.Invalid, "document.exchange.several")
	}
	return nil
}

func (r *reader) root(t xml.StartElement) error {
	version := attributeOf(t.Attr, "", "version")
	switch {
	case t.Name.Local != "xliff" || version == "":
		return errs.E(errs.Invalid, "document.exchange.not_xliff")
	case !strings.HasPrefix(version, "2."):
		return errs.E(errs.Invalid, "document.exchange.xliff_version", "Version", version)
	}
	r.file.Source, r.file.Target = attributeOf(t.Attr, "", "srcLang"), attributeOf(t.Attr, "", "trgLang")
	return nil
}

// element takes a unit whole, and says of all else whether its content is looked at.
func (r *reader) element(t xml.StartElement, depth int) (inside bool, err error) {
	if depth > unit.MaxDepth {
		return false, errs.E(errs.Invalid, "document.exchange.deep", "Line", strconv.Itoa(r.line()))
	}
	switch t.Name.Local {
	case "xliff", "group":
		return true, nil
	case "file":
		if r.files++; r.files == 1 {
			r.file.ID = attributeOf(t.Attr, "", "id")
		}
		return true, nil
	case "unit":
		if len(r.file.Units) == unit.MaxUnits {
			return false, errs.E(errs.TooLarge, "document.exchange.too_many", "Max", unit.MaxUnits)
		}
		line := r.line()
		n, err := r.tree(t, depth)
		if err != nil {
			return false, err
		}
		u := unitOf(n)
		u.Line = line
		if r.seen[u.Key] {
			u.Fault = unit.FaultTwice
		}
		r.seen[u.Key] = true
		r.file.Units = append(r.file.Units, u)
		return false, nil
	}
	return false, r.skip(depth)
}

func (r *reader) skip(depth int) error {
	for open := 1; open > 0; {
		token, err := r.next()
		if err != nil {
			return r.ended(err)
		}
		switch token.(type) {
		case xml.StartElement:
			if open++; open+depth > unit.MaxDepth {
				return errs.E(errs.Invalid, "document.exchange.deep", "Line", strconv.Itoa(r.line()))
			}
		case xml.EndElement:
			open--
		}
	}
	return nil
}

func (r *reader) ended(err error) error {
	if errors.Is(err, io.EOF) {
		return r.broken()
	}
	return err
}

// node is an element, or a text where it has no name.
type node struct {
	name xml.Name
	attr []xml.Attr
	text string
	kids []*node
}

func (r *reader) tree(start xml.StartElement, depth int) (*node, error) {
	if depth > unit.MaxDepth {
		return nil, errs.E(errs.Invalid, "document.exchange.deep", "Line", strconv.Itoa(r.line()))
	}
	n := &node{name: start.Name, attr: start.Copy().Attr}
	for {
		token, err := r.next()
		if err != nil {
			return nil, r.ended(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			kid, err := r.tree(t, depth+1)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		case xml.CharData:
			n.kids = append(n.kids, &node{text: string(t)})
		case xml.EndElement:
			return n, nil
		}
	}
}

func attributeOf(all []xml.Attr, space, name string) string {
	for _, a := range all {
		if a.Name.Local == name && a.Name.Space == space {
			return a.Value
		}
	}
	return ""
}

func (n *node) get(name string) string { return attributeOf(n.attr, "", name) }

// kid is the first child of that name, nil for none.
func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name.Local == name {
			return k
		}
	}
	return nil
}
