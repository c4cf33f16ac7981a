package document

import (
	"slices"
	"strings"
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

func FuzzFields(f *testing.F) {
	for _, s := range []string{"", "{{contact}}", "{{", "}}", "{{{", "{{a}}}}{{b", "{{\n}}", "{{contact}}{{ cycle }}\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, m := range marks(text) {
			if m.start < last || m.end <= m.start || m.end > len(text) {
				t.Fatalf("marks of %q overlap or leave it: %+v", text, m)
			}
			if m.unbalanced && m.end-m.start != 2 {
				t.Fatalf("%q: a stray pair is two bytes: %+v", text, m)
			}
			last = m.end
		}
		same := replaceFields(text, func(string) (string, bool) { return "", false })
		if same != text {
			t.Fatalf("%q became %q though nothing was replaced", text, same)
		}
		gone := replaceFields(text, func(string) (string, bool) { return "x", true })
		if strings.Contains(gone, "{{contact}}") && !strings.Contains(strings.ReplaceAll(text, " ", ""), "{") {
			t.Fatalf("%q still has a field: %q", text, gone)
		}
		if tidy := tidyFields(text); tidyFields(tidy) != tidy {
			t.Fatalf("%q is not tidy after tidying", tidy)
		}
	})
}
