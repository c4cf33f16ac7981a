package document

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// fieldNode is a merge field standing in a text.
type fieldNode struct {
	ast.BaseInline
	name string
}

var fieldKind = ast.NewNodeKind("MergeField")

func (n *fieldNode) Kind() ast.NodeKind            { return fieldKind }
func (n *fieldNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// fieldParser reads {{contact}} in running text.
type fieldParser struct{}

func (fieldParser) Trigger() []byte { return []byte{'{'} }

func (fieldParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("{{")) {
		return nil
	}
	m := markAt(string(line), 0)
	if !m.known() {
		return nil
	}
	block.Advance(m.end)
	return &fieldNode{name: m.name}
}

// fieldHost stands for a merge field where HTML wants an address, because the sanitizer lets
// nothing through that is none. The domain is reserved and never exists.
const fieldHost = "https://field.invalid/"

// fieldLinks gives links to merge fields an address that survives until the end.
type fieldLinks struct{}

func (fieldLinks) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		link, ok := n.(*ast.Link)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		if m := wholeField(string(link.Destination)); m != "" {
			link.Destination = []byte(fieldHost + m)
		}
		return ast.WalkContinue, nil
	})
}

// wholeField is the name of the known field that a text is, "" where it is something else.
func wholeField(s string) string {
	if !strings.HasPrefix(s, "{{") {
		return ""
	}
	if m := markAt(s, 0); m.known() && m.end == len(s) {
		return m.name
	}
	return ""
}

type fieldRenderer struct{}

func (fieldRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(fieldKind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		f, ok := n.(*fieldNode)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		marker := "{{" + f.name + "}}"
		if isLink(f.name) && !insideLink(n) {
			marker = `<a href="` + fieldHost + f.name + `">` + marker + `</a>`
		}
		_, err := w.WriteString(marker)
		return ast.WalkContinue, err
	})
}

func insideLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

// bodyRenderer turns Markdown with merge fields into the two bodies of a mail. It is safe for use by
// several goroutines.
type bodyRenderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

func newBodyRenderer() *bodyRenderer {
	return &bodyRenderer{markdown: newMarkdown(), policy: mailPolicy()}
}

func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Linkify),
		goldmark.WithParserOptions(
			parser.WithInlineParsers(util.Prioritized(fieldParser{}, 50)),
			parser.WithASTTransformers(util.Prioritized(fieldLinks{}, 50)),
		),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(fieldRenderer{}, 50))),
	)
}

// mailPolicy lets through what mail programs show alike. No pictures: they tell who has read.
func mailPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "code", "pre")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto")
	p.RequireParseableURLs(true)
	return p
}

var (
	fieldAfter  = regexp.MustCompile(`([*_])(\{\{[a-z_]+\}\})`)
	fieldBefore = regexp.MustCompile(`(\{\{[a-z_]+\}\})([*_])`)
)

// wordJoiner has no width, and is neither a space nor punctuation.
const wordJoiner = "\u2060"

// asWords lets emphasis begin and end at a merge field as it does at a word: 于**{{deadline}}**之前. Beside a letter,
// Markdown would take the braces for punctuation, at which emphasis neither begins nor ends.
func asWords(markdown string) string {
	return fieldBefore.ReplaceAllString(fieldAfter.ReplaceAllString(markdown, "${1}"+wordJoiner+"${2}"), "${1}"+wordJoiner+"${2}")
}

// asFields takes out what asWords put in.
func asFields(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, wordJoiner+"{{", "{{"), "}}"+wordJoiner, "}}")
}

// HTML is the sanitized HTML of a Markdown text, to stand inside of a body. Merge fields are in it
// as they were written; those that are links became links.
func (r *bodyRenderer) HTML(markdown string) string {
	var b bytes.Buffer
	if err := r.markdown.Convert([]byte(asWords(tidyFields(cleanText(markdown)))), &b); err != nil {
		return "" // a bytes.Buffer takes everything
	}
	clean := r.policy.Sanitize(asFields(b.String()))
	for _, name := range Fields() {
		clean = strings.ReplaceAll(clean, `"`+fieldHost+name+`"`, `"{{`+name+`}}"`)
		clean = strings.ReplaceAll(clean, "%7B%7B"+name+"%7D%7D", "{{"+name+"}}")
	}
	return clean
}

// fill puts values in place of the fields of a rendered mail.
func (m MailText) fill(values map[string]string) MailText {
	plain := func(name string) (string, bool) { v, ok := values[name]; return v, ok }
	m.Subject, m.Text = replaceFields(m.Subject, plain), replaceFields(m.Text, plain)
	m.HTML = replaceFields(m.HTML, func(name string) (string, bool) {
		v, ok := values[name]
		return html.EscapeString(v), ok
	})
	return m
}
