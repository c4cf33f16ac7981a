//go:build unix

package crawl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Document is a page that was read without a browser.
type Document struct {
	Lang string // of the whole page
	root *html.Node
}

// Parse reads a page.
func Parse(text string) (Document, error) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return Document{}, err
	}
	d := Document{root: root}
	d.each(func(n *html.Node) {
		if n.DataAtom == atom.Html {
			d.Lang = attribute(n, "lang")
		}
	})
	return d, nil
}

// each visits every element.
func (d Document) each(visit func(*html.Node)) {
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

// Links are the addresses that the page leads to.
func (d Document) Links() []string {
	var found []string
	d.each(func(n *html.Node) {
		if n.DataAtom == atom.A && attribute(n, "href") != "" {
			found = append(found, attribute(n, "href"))
		}
	})
	return found
}

// Streams are the addresses from which a script of the page reads what is new.
func (d Document) Streams() []string {
	var found []string
	d.each(func(n *html.Node) {
		if from := attribute(n, "data-stream"); from != "" {
			found = append(found, from)
		}
	})
	return found
}

// Form is where a form sends what is typed into it.
type Form struct {
	Method string // in capitals
	Action string // as it stands there; "" for the page itself
}

// Forms are the forms of the page.
func (d Document) Forms() []Form {
	var found []Form
	d.each(func(n *html.Node) {
		if n.DataAtom == atom.Form {
			found = append(found, Form{strings.ToUpper(cmp.Or(attribute(n, "method"), "get")), attribute(n, "action")})
		}
		if to := attribute(n, "formaction"); to != "" {
			found = append(found, Form{"POST", to})
		}
	})
	return found
}

// Shape is the kinds of elements the page is made of, sorted.
func (d Document) Shape() []string {
	kinds := map[string]bool{}
	d.each(func(n *html.Node) {
		classes := strings.Fields(attribute(n, "class"))
		slices.Sort(classes)
		kinds[n.Data+"["+attribute(n, "type")+"]."+strings.Join(classes, ".")] = true
	})
	all := make([]string, 0, len(kinds))
	for k := range kinds {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Untranslated is what a person reads on a page in the pseudo-locale that did not come from the
// texts: pseudo texts stand in ⟦ ⟧. Data is exempt where the page says that it is: names in <bdi>,
// instants in <time>, code, whatever is marked translate="no", and what is marked as being in
// another language than the page. The same words are exempt where no mark can stand, as in a
// title; so are names that known knows.
func (d Document) Untranslated(known func(name string) bool) []string {
	r := reader{doc: d, data: map[string]bool{}, known: known}
	r.visit(d.root, false, r.collect)
	r.visit(d.root, false, r.check)
	return r.found
}

// reader goes through a page's texts.
type reader struct {
	doc   Document
	data  map[string]bool // texts that are marked as data
	known func(string) bool
	depth int // of ⟦: a sentence goes on after a name in it
	found []string
}

func (r *reader) visit(n *html.Node, data bool, see func(n *html.Node, data bool)) {
	if n.Type == html.ElementNode {
		data = r.doc.isData(n, data)
	}
	see(n, data)
	for child := range n.ChildNodes() {
		r.visit(child, data, see)
	}
}

func (r *reader) collect(n *html.Node, data bool) {
	if data && n.Type == html.TextNode {
		r.data[Plain(n.Data)] = true
		for part := range strings.FieldsFuncSeq(n.Data, separates) {
			r.data[Plain(part)] = true
		}
	}
}

func (r *reader) check(n *html.Node, data bool) {
	switch {
	case data:
	case n.Type == html.TextNode:
		r.depth = r.note(place(n.Parent), n.Data, r.depth)
	case n.Type == html.ElementNode:
		for _, name := range []string{"alt", "title", "placeholder", "aria-label", "aria-description", "data-label", "data-copied", "label"} {
			r.note(place(n)+"["+name+"]", attribute(n, name), 0)
		}
		if kind := attribute(n, "type"); n.DataAtom == atom.Input && (kind == "submit" || kind == "button") {
			r.note(place(n)+"[value]", attribute(n, "value"), 0)
		}
	}
}

func (r *reader) note(where, text string, depth int) int {
	rest, depth := beside(text, depth)
	if strings.HasPrefix(rest, "http") {
		return depth // an address, shown as it is
	}
	for part := range strings.FieldsFuncSeq(rest, separates) {
		part = Plain(part)
		if strings.ContainsFunc(part, unicode.IsLetter) && part != product && !r.data[part] && !r.known(part) {
			r.found = append(r.found, fmt.Sprintf("%s: %q", where, rest))
			break
		}
	}
	return depth
}

// separates says whether a character stands between things that may come from different places.
func separates(c rune) bool { return strings.ContainsRune("·:;", c) }

// Plain has single spaces, and no brackets or commas around it.
func Plain(text string) string {
	return strings.Trim(strings.Join(strings.Fields(text), " "), " ,()–-")
}

// isData says whether what is in the element is data, if what is around it is (around). Texts of
// ours within data in another language are marked as being in the page's.
func (d Document) isData(n *html.Node, around bool) bool {
	switch n.DataAtom {
	case atom.Bdi, atom.Time, atom.Code, atom.Script, atom.Style, atom.Textarea:
		return true
	}
	if attribute(n, "translate") == "no" {
		return true
	}
	for _, a := range n.Attr {
		if a.Key == "lang" { // empty where nobody knows the language
			return a.Val != d.Lang
		}
	}
	return around
}

// product is the one word that is the same in every language.
const product = "Convoke"

// beside is what of a text stands outside of ⟦ ⟧, and how deep within them the text ends.
func beside(text string, depth int) (string, int) {
	var rest strings.Builder
	for _, r := range text {
		switch {
		case r == '⟦':
			depth++
		case r == '⟧':
			depth--
		case depth == 0:
			rest.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(rest.String()), " "), depth
}

func place(n *html.Node) string {
	if n == nil {
		return ""
	}
	name := n.Data
	if class := attribute(n, "class"); class != "" {
		name += "." + strings.ReplaceAll(class, " ", ".")
	}
	return name
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
