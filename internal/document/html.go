package document

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// lost is a piece of a Markdown text that does not reach its readers as its author means it.
type lost struct{ problem, piece string }

// linkInCode is what would be a link, if it did not stand in an indented block.
var linkInCode = regexp.MustCompile(`https?://|mailto:|\]\(|\{\{\s*[a-z_]+_link\s*\}\}`)

// lostIn lists, in their order, HTML and pictures, which are never sent, and links in blocks that are indented like code.
func lostIn(markdown string) []lost {
	if !strings.ContainsAny(markdown, "<!\t") && !strings.Contains(markdown, "    ") {
		return nil
	}
	source := []byte(tidyFields(cleanText(markdown)))
	var found []lost
	add := func(problem, piece string) {
		found = append(found, lost{"document.problem." + problem, beginning(piece)})
	}
	_ = ast.Walk(newMarkdown().Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || len(found) >= maxProblems {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if n.Lines().Len() > 0 {
				add("html", string(n.Lines().Value(source)))
			}
		case *ast.RawHTML:
			add("html", string(n.Segments.Value(source)))
		case *ast.Image:
			add("image", "!["+(&plainWriter{source: source}).inline(n)+"]("+string(n.Destination)+")")
		case *ast.CodeBlock:
			if code := string(n.Lines().Value(source)); linkInCode.MatchString(code) {
				add("code_link", code)
			}
		}
		return ast.WalkContinue, nil
	})
	return found
}

// beginning is a short piece of a text from its start on, on one line.
func beginning(s string) string {
	piece := []rune(strings.Join(strings.Fields(s), " "))
	if len(piece) > 60 {
		return string(piece[:60]) + "…"
	}
	return string(piece)
}
