package document

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// textWidth is the width of a line in a plain text mail, in columns.
const textWidth = 76

// Text is a Markdown text as plain text for a mail: wrapped, lists with their marks, links as
// "text (address)". Merge fields are in it as they were written.
func (r *bodyRenderer) Text(markdown string) string {
	source := []byte(asWords(tidyFields(cleanText(markdown))))
	w := &plainWriter{source: source}
	w.blocks(r.markdown.Parser().Parse(text.NewReader(source)), "", "")
	return strings.Trim(asFields(w.out.String()), "\n ") + "\n"
}

type plainWriter struct {
	source []byte
	out    strings.Builder
}

// blocks writes what is inside of a block. first and rest begin its lines.
func (w *plainWriter) blocks(parent ast.Node, first, rest string) {
	tight := false
	if list, ok := parent.Parent().(*ast.List); ok {
		tight = list.IsTight
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n != parent.FirstChild() && !tight {
			w.line(rest, "")
		}
		w.block(n, first, rest)
		first = rest
	}
}

func (w *plainWriter) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.List:
		w.list(n, first, rest)
	case *ast.Blockquote:
		w.blocks(n, first+"> ", rest+"> ")
	case *ast.ThematicBreak:
		w.line(first, "---")
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		lines := n.Lines()
		for i := range lines.Len() {
			segment := lines.At(i)
			w.line(first+"    ", strings.TrimRight(string(segment.Value(w.source)), "\n"))
			first = rest
		}
	case *ast.HTMLBlock:
	default:
		for _, line := range wrap(w.inline(n), first, rest, textWidth) {
			w.line("", line)
		}
	}
}

func (w *plainWriter) list(list *ast.List, first, rest string) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if item != list.FirstChild() && !list.IsTight {
			w.line(rest, "")
		}
		if item.FirstChild() == nil {
			w.line(first, mark)
		}
		w.blocks(item, first+mark, rest+strings.Repeat(" ", len(mark)))
		first = rest
	}
}

func (w *plainWriter) line(prefix, s string) {
	w.out.WriteString(strings.TrimRight(prefix+s, " \t"))
	w.out.WriteByte('\n')
}

// inline is the running text of a block; a forced line break is "\n".
func (w *plainWriter) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(unescape(n.Value(w.source)))
			if n.HardLineBreak() {
				b.WriteByte('\n')
			} else if n.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *fieldNode:
			b.WriteString("{{" + n.name + "}}")
		case *ast.AutoLink:
			b.Write(n.Label(w.source))
		case *ast.Link:
			b.WriteString(linkText(w.inline(n), string(n.Destination)))
		case *ast.RawHTML:
		case *ast.CodeSpan:
			b.WriteString(w.code(n))
		default:
			b.WriteString(w.inline(n))
		}
	}
	return b.String()
}

// code is what stands between backticks, where nothing is escaped.
func (w *plainWriter) code(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*ast.Text); ok {
			b.WriteString(strings.ReplaceAll(string(t.Value(w.source)), "\n", " "))
		}
	}
	return b.String()
}

// linkText writes a link so that it can be read and copied.
func linkText(label, target string) string {
	if name, ok := strings.CutPrefix(target, fieldHost); ok {
		target = "{{" + name + "}}"
	}
	bare := strings.TrimPrefix(target, "mailto:")
	switch trimmed := strings.TrimSpace(label); {
	case !isTarget(target):
		return label
	case trimmed == "" || trimmed == target || trimmed == bare:
		return bare
	}
	return label + " (" + bare + ")"
}
