package web

import (
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/web/form"
)

func TestEachKindOfQuestionHasItsPlaces(t *testing.T) {
	t.Parallel()
	items := []contribution.Item{{ID: "q1a", Text: "This"}, {ID: "q1b", Text: "That"}}
	q := contribution.Questionnaire{
		Sections: []contribution.Section{{ID: "s1", Title: "One"}}, FreeForm: true, FreeText: "What else?",
		Questions: []contribution.Question{
			{ID: "q0", Kind: "text", Text: "Long"},
			{ID: "q1", Kind: contribution.MultipleChoice, Section: "s1", Items: items, Other: true},
			{ID: "q2", Kind: contribution.SingleChoice, Section: "s1", Items: items},
			{ID: "q3", Kind: contribution.ShortText},
			{ID: "q4", Kind: contribution.FileQuestion},
			{ID: "q5", Kind: "group", Items: []contribution.Item{{ID: "q5a"}, {ID: "q5b"}}},
		},
	}
	all := sectionsOf("/r/x", q, contribution.Answers{"q1": "q1a\nq1b", "q2": "q1b", "q3": "Short"})
	var got []string
	for _, s := range all {
		for _, p := range s.Places {
			got = append(got, s.Heading.Title+" "+p.Name+" "+p.Choice+" "+p.Read())
		}
	}
	want := []string{" q0  ", "One q1 multiple This\nThat", "One q1.other  ", " q2 single That", " q3  Short", " q4  ", " q5a  ", " q5b  ", " other  "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if last := all[len(all)-1]; !last.Free || last.Text != "What else?" {
		t.Errorf("it ends with %+v", last)
	}
	many, one, line := all[1].Places[0], all[2].Places[0], all[3].Places[0]
	if text, given := many.posted(form.With("q1", "q1b", "q1", "q1a")); text != "q1b\nq1a" || !given {
		t.Errorf("two boxes: %q", text)
	}
	if text, given := many.posted(form.With()); text != "" || !given {
		t.Error("no box at all takes the answer back")
	}
	if _, given := one.posted(form.With()); given {
		t.Error("no button leaves the answer as it is")
	}
	if text, given := line.posted(form.With("q3", "x")); text != "x" || !given || line.Rows != 1 {
		t.Errorf("a line: %q", text)
	}
}
