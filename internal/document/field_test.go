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
