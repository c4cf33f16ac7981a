package document

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/convoke/convoke/internal/errs"
)

// rawLink is a link that Markdown does not take for one, so that it would be sent as it was typed.
var rawLink = regexp.MustCompile(`\[[^\[\]\n]*\]\(\s*<?(?:https?:|mailto:|www\.|\{\{)[^)\n]*\)?`)

var linkTarget = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)`)

// What is wrong with a link that leads nowhere, or that has no words to follow.
const (
	hollow    = "document.problem.empty_link" // it has no address, or no words
	misguided = "document.problem.link"
)

// badLinks lists them as the mail would have them: those in code are none.
func badLinks(markdown string) []lost {
	if !strings.ContainsAny(markdown, "[<:") {
		return nil
	}
	source := []byte(tidyFields(cleanText(markdown)))
	var found []lost
	_ = ast.Walk(newMarkdown().Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || len(found) >= maxProblems {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			found = append(found, badTarget(n, source)...)
		case *ast.HTMLBlock: // what stands in it is a link again, once the HTML is taken out
			found = append(found, besideHTML(string(n.Lines().Value(source)))...)
		case *ast.AutoLink:
			if address := string(n.URL(source)); n.AutoLinkType == ast.AutoLinkURL && !isTarget(address) {
				found = append(found, lost{misguided, address})
			}
		}
		if n.Type() == ast.TypeBlock && n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeInline {
			for _, piece := range rawLink.FindAllString(unlinked(n, source), -1) {
				found = append(found, lost{misguided, piece})
			}
		}
		return ast.WalkContinue, nil
	})
	return found
}

func besideHTML(block string) []lost {
	var found []lost
	for _, m := range linkTarget.FindAllStringSubmatch(block, -1) {
		if !isTarget(m[1]) {
			found = append(found, lost{misguided, m[1]})
		}
	}
	return found
}

func badTarget(n *ast.Link, source []byte) []lost {
	address := string(n.Destination)
	if name, ok := strings.CutPrefix(address, fieldHost); ok {
		address = "{{" + name + "}}"
	}
	words := (&plainWriter{source: source}).inline(n)
	switch target := strings.TrimSpace(address); {
	case target == "", target == "#":
		return []lost{{hollow, "[" + words + "](" + target + ")"}}
	case errs.Blank(words):
		return []lost{{hollow, "[](" + target + ")"}}
	case !isTarget(target):
		return []lost{{misguided, target}}
	}
	return nil
}

// unlinked is the text of a block as it was typed, without its links and without code.
func unlinked(block ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(block, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.CodeSpan:
			if entering {
				b.WriteByte(' ')
			}
			return ast.WalkSkipChildren, nil
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(source))
			}
		case *fieldNode:
			if entering {
				b.WriteString("{{" + n.name + "}}")
			}
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte('\n')
				}
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
