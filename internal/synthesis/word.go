package synthesis

import (
	"io"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/convoke/convoke/internal/synthesis/word"
)

// WriteWord writes the draft as a document for word processors, with what is cited in footnotes.
func (d Draft) WriteWord(w io.Writer, at time.Time) error {
	out := word.Document{Title: d.Title, Language: d.Language, RTL: d.words.Dir == "rtl", At: at}
	for _, s := range d.Sections {
		if len(s.Paragraphs) == 0 {
			continue
		}
		out.Blocks = append(out.Blocks, word.Block{Level: 1, Runs: []word.Run{{Text: oneLine(s.Title)}}})
		for _, p := range s.Paragraphs {
			blocks := markdownBlocks(p.Text)
			last := &blocks[len(blocks)-1]
			for _, c := range p.Cites {
				last.Runs = append(last.Runs, word.Run{Note: c.note()})
			}
			out.Blocks = append(out.Blocks, blocks...)
		}
	}
	if len(d.Sources) > 0 {
		out.Blocks = append(out.Blocks, word.Block{Level: 1, Runs: []word.Run{{Text: d.words.Sources}}})
		for _, c := range d.Sources {
			out.Blocks = append(out.Blocks, word.Block{Item: true, Runs: []word.Run{{Text: c.Label, URL: c.URL}}})
		}
	}
	return word.Write(w, out)
}

// note is what stands in the footnote.
func (c Citation) note() []word.Run {
	if c.Source == 0 {
		return []word.Run{{Text: c.Label}}
	}
	whose := word.Run{Text: c.Label, URL: c.URL}
	if c.Quote == "" {
		return []word.Run{whose}
	}
	return []word.Run{{Text: "“" + oneLine(c.Quote) + "” — "}, whose}
}

// markdownBlocks makes blocks of Markdown, at least one. What has no place in a paragraph of a draft, such as a picture,
// becomes its text.
func markdownBlocks(source string) []word.Block {
	src := []byte(source)
	var blocks []word.Block
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindParagraph, ast.KindTextBlock, ast.KindHeading:
			var r runs
			r.inline(n, src, word.Run{})
			_, item := n.Parent().(*ast.ListItem)
			blocks = append(blocks, word.Block{Item: item, Runs: r})
			return ast.WalkSkipChildren, nil
		case ast.KindCodeBlock, ast.KindFencedCodeBlock, ast.KindHTMLBlock:
			blocks = append(blocks, word.Block{Runs: []word.Run{{Text: linesOf(n, src)}}})
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	}) // the function returns no error
	if len(blocks) == 0 {
		return []word.Block{{Runs: []word.Run{{Text: source}}}}
	}
	return blocks
}

func linesOf(n ast.Node, src []byte) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(src))
	}
	return strings.TrimRight(b.String(), "\n")
}

type runs []word.Run

// inline adds what stands in a node; look is how it looks because of what is around it.
func (r *runs) inline(n ast.Node, src []byte, look word.Run) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		inner := look
		switch c := c.(type) {
		case *ast.Text:
			inner.Text = written(c, src)
			if c.SoftLineBreak() {
				inner.Text += " "
			}
			if c.HardLineBreak() {
				inner.Text += "\n"
			}
			*r = append(*r, inner)
			continue
		case *ast.String:
			inner.Text = string(c.Value)
			*r = append(*r, inner)
			continue
		case *ast.AutoLink:
			inner.Text, inner.URL = string(c.Label(src)), string(c.URL(src))
			*r = append(*r, inner)
			continue
		case *ast.Emphasis:
			inner.Italic, inner.Bold = inner.Italic || c.Level == 1, inner.Bold || c.Level == 2
		case *ast.Link:
			inner.URL = safeURL(string(c.Destination))
		}
		r.inline(c, src, inner)
	}
}

// written is the text of a node as its reader sees it, without the signs that keep it from being Markdown.
func written(n *ast.Text, src []byte) string {
	value := n.Segment.Value(src)
	if n.IsRaw() {
		return string(value)
	}
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value))))
}

// safeURL is the address of a link that a word processor may open, "" for any other.
func safeURL(address string) string {
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if strings.HasPrefix(strings.ToLower(address), scheme) {
			return address
		}
	}
	return ""
}
