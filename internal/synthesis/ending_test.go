package synthesis

import (
	"strings"
	"testing"
)

// What somebody writes in one paragraph must not swallow the marks behind it, nor the paragraphs and headings that follow.
func TestAParagraphEndsWhereItEnds(t *testing.T) {
	t.Parallel()
	for _, paragraph := range []string{
		"Words.", "- one\n- two", "> said", "```\ncode\n```", "```\ncode", "~~~\ncode", "```", "Words\n\n    code", "<!-- note", "<div>\nx\n</div>", "- item\n\n  ```\n  code\n  ```",
	} {
		d := Draft{words: Words{Sources: "Sources"}, Sections: []DraftSection{
			{ID: "q1", Title: "First", Paragraphs: []DraftParagraph{{Text: paragraph, Cites: []Citation{{Label: "Unpublished"}}}}},
			{ID: "q2", Title: "Second", Paragraphs: []DraftParagraph{{Text: "More.", Cites: []Citation{{Label: "Unpublished"}}}}},
		}}
		var md strings.Builder
		if err := d.WriteMarkdown(&md); err != nil {
			t.Fatal(err)
		}
		for of, written := range map[string]string{"document": d.body(), "file": md.String()} {
			var blocks []string
			source := []byte(written)
			for n := parsed(written).FirstChild(); n != nil; n = n.NextSibling() {
				if n.Lines().Len() > 0 {
					blocks = append(blocks, n.Kind().String()+" "+string(n.Lines().Value(source)))
				}
			}
			all := strings.Join(blocks, "|")
			if !strings.Contains(all, "Heading Second|Paragraph More.") {
				t.Errorf("%q in the %s swallows what follows: %s", paragraph, of, all)
			}
			for _, b := range blocks {
				if !strings.HasPrefix(b, "Paragraph ") && (strings.Contains(b, "(Unpublished)") || strings.Contains(b, "[^1]") && !strings.Contains(b, "[^1]:")) {
					t.Errorf("%q in the %s swallows its marks: %s", paragraph, of, b)
				}
			}
		}
	}
	for _, paragraph := range []string{"Title\n=====", "Title\n---", "# Title", "- a\n\n  Title\n  ==="} {
		if wrongText(paragraph) != "synthesis.paragraph.heading" {
			t.Errorf("%q is no heading", paragraph)
		}
	}
}
