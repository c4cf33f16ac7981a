package document

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

func stepped(t testing.TB, w wording, steps ...Step) (wording, error) {
	t.Helper()
	return Changes{Steps: steps}.apply(Document{Kind: Survey, SourceLanguage: "en"}, w)
}

func mustStep(t testing.TB, w wording, steps ...Step) wording {
	t.Helper()
	after, err := stepped(t, w, steps...)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

func TestReadingKeepsItsNumbers(t *testing.T) {
	t.Parallel()
	w := stored(t, draft2017(t), wording{})
	texts := textsOf(w.segments)
	w = mustStep(t, w, MoveReading(4, -1), RemoveReading(2))
	now := textsOf(w.segments)
	if now["reading.4.title"] != texts["reading.4.title"] || now["reading.3.title"] != texts["reading.3.title"] || now["reading.2.title"] != "" {
		t.Errorf("got %q", now)
	}
	w, err := Changes{AddReading: []Link{{Title: "New one", URL: "https://example.org"}}}.apply(Document{Kind: Survey}, w)
	if err != nil {
		t.Fatal(err)
	}
	if got := textsOf(w.segments)["reading.5.title"]; got != "New one" {
		t.Errorf("the new one is at %q", slices.Sorted(maps.Keys(textsOf(w.segments))))
	}
	// A file has no numbers: what is edited and moved in it is known again by its words.
	d := restored(t, w)
	file := parsed(t, written(t, d))
	slices.Reverse(file.Reading)
	file.Reading[0].Title = "A new one"
	after := textsOf(stored(t, file, w).segments)
	if after["reading.5.title"] != "A new one" && after["reading.6.title"] != "A new one" || after["reading.1.title"] == "A new one" {
		t.Errorf("got %q", after)
	}
}

func TestAnIDIsNotGivenTwice(t *testing.T) {
	t.Parallel()
	w := stored(t, draft2017(t), wording{})
	was := restored(t, w)
	w = mustStep(t, w, RemoveQuestion("q5"), RemoveItem("q3j"))
	w = mustStep(t, w, AddQuestion(QuestionDefinition{Type: LongText, Text: "Another?"}, nil), AddItems("q3", []string{"Another item"}))
	texts := textsOf(w.segments)
	if texts["q6.text"] != "Another?" || texts["q3k.text"] != "Another item" || texts["q5.text"] != "" || texts["q3j.text"] != "" {
		t.Fatalf("got %q", slices.Sorted(maps.Keys(texts)))
	}
	file := restored(t, w)
	file.Questions = append(file.Questions, QuestionDefinition{ID: "q5", Type: LongText, Text: "Something else?"})
	if _, err := file.build(w); errs.FieldsOf(err) == nil || errs.FieldsOf(err)[0].Key != "document.question.id_spent" {
		t.Errorf("another question under the id of a removed one: %v", err)
	}
	file.Questions[len(file.Questions)-1] = *was.question("q5") // the same one comes back
	if back, err := file.build(w); err != nil || textsOf(back.segments)["q5.text"] == "" {
		t.Errorf("the removed question comes back: %v", err)
	}
}

func TestQuestionsMoveThroughTheSections(t *testing.T) {
	t.Parallel()
	w := stored(t, parsed(t, everything), wording{})
	order := func() string {
		var all []string
		for _, q := range restored(t, w).Questions {
			all = append(all, q.Section+"/"+q.ID)
		}
		return fmt.Sprint(all)
	}
	for _, move := range []struct {
		step Step
		want string
	}{
		{MoveQuestion("q2", 1), "[s1/q2 s1/q3 s1/q4 s1/q5 s2/q1]"},
		{MoveQuestion("q2", 1), "[s1/q3 s1/q2 s1/q4 s1/q5 s2/q1]"},
		{MoveQuestion("q1", -1), "[s1/q3 s1/q2 s1/q4 s1/q5 s1/q1]"},
		{MoveQuestion("q1", 1), "[s1/q3 s1/q2 s1/q4 s1/q5 s2/q1]"},
		{MoveQuestion("q1", 1), "[s1/q3 s1/q2 s1/q4 s1/q5 s2/q1]"},
		{MoveSection("s2", -1), "[s2/q1 s1/q3 s1/q2 s1/q4 s1/q5]"},
		{RemoveSection("s1"), "[s2/q1 s2/q3 s2/q2 s2/q4 s2/q5]"},
		{RemoveSection("s2"), "[/q1 /q3 /q2 /q4 /q5]"},
		{AddSection("New", ""), "[/q1 /q3 /q2 /q4 /q5]"},
		{MoveQuestion("q5", 1), "[/q1 /q3 /q2 /q4 s3/q5]"},
		{MoveItem("q3a", 1), "[/q1 /q3 /q2 /q4 s3/q5]"},
	} {
		if w = mustStep(t, w, move.step); order() != move.want {
			t.Fatalf("got %s, want %s", order(), move.want)
		}
	}
}

func TestStepsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	w := stored(t, parsed(t, everything), wording{})
	for field, step := range map[string]Step{
		"new_text":      AddQuestion(QuestionDefinition{Type: LongText, Text: " "}, nil),
		"new_kind":      AddQuestion(QuestionDefinition{Type: "poem", Text: "x"}, nil),
		"new_items":     AddQuestion(QuestionDefinition{Type: Group, Text: "x"}, nil),
		"new_section":   AddQuestion(QuestionDefinition{Type: LongText, Text: "x", Section: "s9"}, nil),
		"items":         AddItems("q1", []string{"x"}),
		"q4a.text":      RemoveItem("q4a"),
		"kind":          SetQuestion("q1", "poem", "", true),
		"section":       SetQuestion("q1", LongText, "s9", true),
		"section_title": AddSection("", "x"),
	} {
		if _, err := stepped(t, w, step); errs.FieldsOf(err) == nil || errs.FieldsOf(err)[0].Name != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	for _, step := range []Step{RemoveQuestion("q9"), MoveQuestion("q9", 1), MoveItem("x", 1), RemoveItem("x"), MoveReading(9, 1), RemoveReading(9), MoveSection("x", 1), RemoveSection("x"), SetSection("x", "", ""), SetWords("x", "", "")} {
		if _, err := stepped(t, w, step); !errs.Is(err, errs.NotFound) {
			t.Errorf("what is not there: %v", err)
		}
	}
}

// Whatever is done to a questionnaire, a key means the same passage for ever: it either says what it said before, or
// it is one that was never there.
func TestKeysMeanTheSameForEver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := stored(t, parsed(t, everything), wording{})
		ever := textsOf(w.segments)
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			d := restored(t, w)
			after, err := stepped(t, w, anyStep(rt, d, i))
			if err != nil {
				continue // refused, and nothing changed
			}
			for key, text := range textsOf(after.segments) {
				if was, known := ever[key]; known && was != text {
					rt.Fatalf("%s said %q and says %q", key, was, text)
				}
				ever[key] = text
			}
			for _, q := range restored(t, after).Questions {
				if HasItems(q.Type) != (len(q.Items) > 0) {
					rt.Fatalf("%s is %s with %d items", q.ID, q.Type, len(q.Items))
				}
			}
			w = after
			if file := parsed(t, written(t, restored(t, w))); !same(w, stored(t, file, w)) {
				rt.Fatalf("its own file changes it:\n%s", written(t, restored(t, w)))
			}
		}
	})
}

func anyStep(rt *rapid.T, d Definition, i int) Step {
	q := rapid.SampledFrom(d.Questions).Draw(rt, "question")
	item := "none"
	if len(q.Items) > 0 {
		item = rapid.SampledFrom(q.Items).Draw(rt, "item").ID
	}
	section := ""
	if len(d.Sections) > 0 {
		section = rapid.SampledFrom(d.Sections).Draw(rt, "section").ID
	}
	by := rapid.SampledFrom([]int{-1, 1}).Draw(rt, "by")
	number := rapid.IntRange(1, 3).Draw(rt, "number")
	fresh := fmt.Sprintf("Never said before %d", i)
	kind := rapid.SampledFrom(QuestionKinds()).Draw(rt, "kind")
	return rapid.SampledFrom([]Step{
		AddQuestion(QuestionDefinition{Type: kind, Text: fresh, Section: section}, []string{fresh + " a", fresh + " b"}),
		MoveQuestion(q.ID, by), RemoveQuestion(q.ID), SetQuestion(q.ID, kind, section, by > 0), AddItems(q.ID, []string{fresh}),
		MoveItem(item, by), RemoveItem(item), AddSection(fresh, ""), MoveSection(section, by), RemoveSection(section),
		MoveReading(number, by), RemoveReading(number), SetClosing(by > 0, ""),
	}).Draw(rt, "step")
}
