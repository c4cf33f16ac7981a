package document

import (
	"slices"
	"testing"
)

func TestFieldsAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Dear {{contact}}, {{ deadline }}": {"contact", "deadline"},
		"{{contact}} {{contact}}":          {"contact"},
		"{{nobody}} {{}}":                  {"nobody", ""},
		"{{contact":                        nil,
		"{{a\n}}":                          nil,
		"{{ {{contact}}":                   {"contact"},
		"{contact} }":                      nil,
	} {
		if got := fieldsIn(text); !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", text, got, want)
		}
	}
}

func TestStrayBracesAreProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"{{contact}}": 0, "{{contact": 1, "contact}}": 1, "{{contact}": 1, "{{contact}} }}": 1, "{{{{contact}}}}": 2, "{{contact\n}}": 2, "{ }": 0,
	} {
		n := 0
		for _, p := range fieldProblems(Segment{Key: "p1", Text: text}) {
			if p.Key == "document.problem.unbalanced" {
				n++
			}
		}
		if n != want {
			t.Errorf("%q: %d stray pairs, want %d", text, n, want)
		}
	}
}

// fieldsIn lists the names of the fields in a text, known or not, each once.
func fieldsIn(text string) []string {
	var names []string
	for _, m := range marks(text) {
		if !m.unbalanced && !slices.Contains(names, m.name) {
			names = append(names, m.name)
		}
	}
	return names
}
