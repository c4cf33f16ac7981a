package synthesis

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// closings end what Markdown leaves open to the end of a text: code, and a comment in HTML.
func closings() []string { return []string{"", "\n```", "\n~~~", "\n-->"} }

// ended is a paragraph with what is added to its end: on its last line where that is a line of text, else below. What the paragraph
// leaves open is closed, because it would swallow everything that follows.
func ended(paragraph, addition string) string {
	for _, end := range closings() {
		if open(paragraph + end) {
			continue
		}
		paragraph += end
		break
	}
	if endsInText(paragraph) {
		return paragraph + addition
	}
	return paragraph + "\n\n" + strings.TrimLeft(addition, " ")
}

// open says whether what follows a text would be a part of it.
func open(source string) bool {
	next, ok := parsed(source + "\n\nx").LastChild().(*ast.Paragraph)
	return !ok || next.Lines().Len() != 1
}

// endsInText says whether the last line of a text is one of a paragraph or of an item in a list.
func endsInText(source string) bool {
	last := parsed(source).LastChild()
	for last != nil && (last.Kind() == ast.KindList || last.Kind() == ast.KindListItem || last.Kind() == ast.KindBlockquote) {
		last = last.LastChild()
	}
	return last != nil && (last.Kind() == ast.KindParagraph || last.Kind() == ast.KindTextBlock)
}

// hasHeading says whether Markdown reads any line as a heading, however it is written.
func hasHeading(source string) bool {
	found := false
	_ = ast.Walk(parsed(source), func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		found = found || n.Kind() == ast.KindHeading
		return ast.WalkContinue, nil
	}) // the function returns no error
	return found
}

func parsed(source string) ast.Node {
	return goldmark.DefaultParser().Parse(text.NewReader([]byte(source)))
}
