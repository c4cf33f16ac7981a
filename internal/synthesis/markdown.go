package synthesis

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteMarkdown writes the draft as Markdown with footnotes: each note has the words that were cited and whose they are.
func (d Draft) WriteMarkdown(w io.Writer) error {
	var b, notes strings.Builder
	b.WriteString("# " + escape(d.Title) + "\n")
	n := 0
	for _, s := range d.Sections {
		if len(s.Paragraphs) == 0 {
			continue
		}
		b.WriteString("\n## " + escape(s.Title) + "\n")
		for _, p := range s.Paragraphs {
			var marks strings.Builder
			for _, c := range p.Cites {
				n++
				marks.WriteString("[^" + strconv.Itoa(n) + "]")
				fmt.Fprintf(&notes, "[^%d]: %s\n", n, c.markdown())
			}
			b.WriteString("\n" + ended(p.Text, marks.String()) + "\n")
		}
	}
	if notes.Len() > 0 {
		b.WriteString("\n" + notes.String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c Citation) markdown() string {
	if c.Source == 0 {
		return escape(c.Label)
	}
	whose := fmt.Sprintf("[%s](%s)", escape(c.Label), c.URL)
	if c.Quote == "" {
		return whose
	}
	return "“" + escape(c.Quote) + "” — " + whose
}
