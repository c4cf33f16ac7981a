package document

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// htmlIn lists the pieces of HTML in a Markdown text, each as it begins: none of them is sent.
func htmlIn(markdown string) []string {
	if !strings.ContainsRune(markdown, '<') {
		return nil
	}
	source := []byte(tidyFields(cleanText(markdown)))
	var found []string
	_ = ast.Walk(newMarkdown().Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || len(found) >= maxProblems {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if n.Lines().Len() > 0 {
				found = append(found, beginning(string(n.Lines().Value(source))))
			}
		case *ast.RawHTML:
			found = append(found, beginning(string(n.Segments.Value(source))))
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
