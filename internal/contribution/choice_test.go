package contribution

import (
	"slices"
	"testing"
)

func TestChoicesAreAnsweredWithTheirOptions(t *testing.T) {
	t.Parallel()
	items := []Item{{ID: "q1a"}, {ID: "q1b"}, {ID: "q1c"}}
	for _, c := range []struct{ kind, answer, kept, wrong string }{
		{SingleChoice, "q1b", "q1b", ""},
		{SingleChoice, "q1a\nq1b", "q1a\nq1b", "q1"},
		{MultipleChoice, "q1c\nq1a\nq1c", "q1a\nq1c", ""},
		{MultipleChoice, "q1a\nq9", "q1a\nq9", "q1"},
		{MultipleChoice, "", "", ""},
		{"text", "any words", "any words", ""},
	} {
		q := Questionnaire{Questions: []Question{{ID: "q1", Kind: c.kind, Other: true, Items: items}}}
		if c.kind == "text" {
			q.Questions[0].Items = nil
		}
		if got := q.Keys(); !slices.Equal(got, []string{"q1", "q1.other"}) {
			t.Errorf("%s has the keys %q", c.kind, got)
		}
		a := Answers{"q1": c.answer}
		wrong := ""
		for _, f := range q.choose(a) {
			wrong += f.Name
		}
		if a["q1"] != c.kept || wrong != c.wrong {
			t.Errorf("%s %q is kept as %q, wrong at %q", c.kind, c.answer, a["q1"], wrong)
		}
	}
}
