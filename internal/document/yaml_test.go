package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

func parsed(t testing.TB, text string) Definition {
	t.Helper()
	d, err := ParseQuestionnaire([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return d
}

func written(t testing.TB, d Definition) string {
	t.Helper()
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func stored(t testing.TB, d Definition, before wording) wording {
	t.Helper()
	w, err := d.build(before)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func restored(t testing.TB, w wording) Definition {
	t.Helper()
	d, err := definitionOf(w.structure, textsOf(w.segments))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheFileOf2017ComesBackFromItsExport(t *testing.T) {
	t.Parallel()
	d := draft2017(t)
	first := written(t, d)
	again := parsed(t, first)
	if diff := cmp.Diff(d, again); diff != "" {
		t.Errorf("lost between reading and writing:\n%s", diff)
	}
	if second := written(t, again); second != first {
		t.Errorf("written differently:\n%s", cmp.Diff(first, second))
	}
	w := stored(t, d, wording{})
	exported := written(t, restored(t, w))
	if exported != first {
		t.Errorf("the export differs from the file:\n%s", cmp.Diff(first, exported))
	}
	if back := stored(t, parsed(t, exported), w); !same(w, back) {
		t.Error("importing what was exported changes something")
	}
}

// everything is a file with all that there is, and with keys and values that Convoke has no use for.
const everything = `
id: all
language: en
title: All
hex: 0x1F
version: 1.0
day: 2017-08-07
big: 123456789012345678901234567890
nothing: ~
not: .nan
deep: {1: [a, {b: 2017-01-01}], true: yes, "<<": 3, 2.50: x}
event: {name: IGF, start: 2017-12-18, hashtag: "#igf"}
dates: {comments_close: 2017-08-15}
call: {text: Come, after: Later, channel: {kind: list}, deadline: {date: 2017-09-15, soft: true}, format_rules: {pages_max: 3, pdf_allowed: false, font: serif}}
overview:
  - One paragraph
  - {items: [first, second], style: dots}
relevant_reading: [{title: A book, url: 'https://example.org', isbn: 12-3}]
sections:
  - {id: s1, title: First part, text: With words, colour: blue}
  - {id: s2, title: Second part}
questions:
  - {id: q1, section: s2, type: text, text: 'Long?', weight: 3}
  - {id: q2, type: short, text: 'Short?'}
  - {id: q3, section: s1, type: single, text: 'Which?', other: false, items: [{id: q3a, text: This, value: 7}, {id: q3b, text: That}]}
  - {id: q4, section: s1, type: multiple, text: 'Which ones?', items: [{id: q4a, text: This}]}
  - {id: q5, section: s1, type: file, text: 'Your paper?'}
other_text: What did we forget?
`

func TestWhatConvokeHasNoUseForIsKeptThroughAnEdit(t *testing.T) {
	t.Parallel()
	d := parsed(t, everything)
	w := stored(t, d, wording{})
	if diff := cmp.Diff(d, parsed(t, written(t, restored(t, w)))); diff != "" {
		t.Errorf("lost on the way through the house:\n%s", diff)
	}
	st, err := readSurvey(w.structure, textsOf(w.segments))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.take([]Step{MoveQuestion("q2", 1), AddItems("q4", []string{"Third"})}); err != nil {
		t.Fatal(err)
	}
	edited := parsed(t, written(t, restored(t, stored(t, st.Definition, w))))
	for name, pair := range map[string][2]any{
		"of the file": {d.Extra, edited.Extra}, "of the event": {d.Event, edited.Event}, "of the call": {d.Call, edited.Call},
		"of the overview": {d.Overview, edited.Overview}, "of the reading list": {d.Reading, edited.Reading}, "of a section": {d.Sections[0], edited.Sections[0]},
		"of a question": {d.question("q1").Extra, edited.question("q1").Extra}, "of an item": {d.question("q3").Items, edited.question("q3").Items},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("keys %s:\n%s", name, diff)
		}
	}
	if text := written(t, edited); !strings.Contains(text, `"0x1F"`) || !strings.Contains(text, `day: "2017-08-07"`) || !strings.Contains(text, "id: q4b") {
		t.Errorf("got\n%s", text)
	}
}

func TestSectionsComeInTheirOrder(t *testing.T) {
	t.Parallel()
	d := parsed(t, everything)
	var order []string
	for _, q := range d.view().Questions {
		order = append(order, q.ID)
	}
	if want := []string{"q2", "q3", "q4", "q5", "q1"}; !slices.Equal(order, want) {
		t.Errorf("questions %q, want %q", order, want)
	}
	var keys []string
	for _, s := range stored(t, d, wording{}).segments {
		if strings.HasPrefix(s.Key, "section.") || strings.HasPrefix(s.Key, "q") || strings.HasPrefix(s.Key, "other") {
			keys = append(keys, s.Key)
		}
	}
	want := []string{
		"q2.text", "section.s1.title", "section.s1.text", "q3.text", "q3a.text", "q3b.text", "q4.text", "q4a.text", "q5.text",
		"section.s2.title", "q1.text", "other.text",
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
	if got := d.view().AnswerKeys(); !slices.Equal(got, []string{"q2", "q3", "q4", "q4.other", "q5", "q1", "other"}) {
		t.Errorf("answers %q", got)
	}
}

// Each mistake is told with its line and its key, and all of them at once.
func TestMistakesInAFileAreToldWithTheirLines(t *testing.T) {
	t.Parallel()
	const good = "title: t\nquestions:\n- {id: q1, type: text, text: x}\n"
	for name, c := range map[string]struct{ text, want string }{
		"a duplicate id":          {"title: t\nquestions:\n- {id: q1, type: text, text: x}\n- id: q1\n  type: text\n  text: y\n", "4 questions.2.id document.question.id_twice"},
		"an unknown kind":         {"title: t\nquestions:\n- id: q1\n  type: poem\n  text: x\n", "4 questions.1.type document.question.type"},
		"no items":                {"title: t\nquestions:\n- id: q1\n  type: single\n  text: x\n", "3 questions.1.items document.question.items_missing"},
		"items of a text":         {"title: t\nquestions:\n- id: q1\n  type: text\n  text: x\n  items: [{id: q1a, text: y}]\n", "6 questions.1.items document.question.items_not_here"},
		"an unknown section":      {"title: t\nquestions:\n- id: q1\n  type: text\n  text: x\n  section: s9\n", "6 questions.1.section document.question.section_unknown"},
		"a reserved id":           {"title: t\nquestions:\n- {id: call, type: text, text: x}\n", "3 questions.1.id document.question.id_reserved"},
		"the id of a passage":     {"title: t\nquestions:\n- id: q1\n  type: single\n  text: x\n  items: [{id: title, text: y}]\n", "6 questions.1.items.1.id document.question.id_reserved"},
		"a section of that name":  {good + "sections:\n- {id: overview, title: x}\n", "5 sections.1.id document.question.id_reserved"},
		"a list for a text":       {"title: [a]\nquestions:\n- {id: q1, type: text, text: x}\n", "1 title document.yaml.want_text"},
		"a text for a list":       {"title: t\nquestions: none\n", "2 questions document.yaml.want_list"},
		"a text for keys":         {good + "call: soon\n", "4 call document.yaml.want_keys"},
		"a list for keys":         {good + "event: [a]\n", "4 event document.yaml.want_keys"},
		"a word for yes":          {good + "other: maybe\n", "4 other document.yaml.want_yes_no"},
		"a word for a number":     {good + "call:\n  format_rules:\n    pages_max: three\n", "6 call.format_rules.pages_max document.yaml.want_number"},
		"a key twice":             {good + "title: u\n", "4 title document.yaml.key_twice"},
		"a key that is a list":    {good + "x: {[a]: b}\n", "4 x document.yaml.key_form"},
		"a missing text":          {"title: t\nquestions:\n- {id: q1, type: text}\n", "3 questions.1.text field.required"},
		"a missing reading title": {good + "relevant_reading:\n- url: https://example.org\n", "5 relevant_reading.1.title field.required"},
		"an alias":                {"title: &a t\nquestions:\n- {id: q1, type: text, text: *a}\n", "1 title document.yaml.anchor; 3 questions.1.text document.yaml.alias"},
		"a name for an alias":     {good + "x: &a [b]\n", "4 x document.yaml.anchor"},
		"a tag":                   {good + "x: !!binary aGk=\n", "4 x document.yaml.tag"},
		"a tag of one's own":      {good + "x: !thing {a: b}\n", "4 x document.yaml.tag"},
		"a tag of a text":         {"title: !!str 5\nquestions:\n- {id: q1, type: text, text: x}\n", "1 title document.yaml.tag"},
		"a tag of a key":          {good + "!!str x: y\n", "4 x document.yaml.tag"},
		"a merged mapping":        {good + "event: {<<: {name: IGF}}\n", "4 event.<< document.yaml.merge"},
		"too deep":                {good + "x: " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n", "4 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseQuestionnaire([]byte(c.text))
			var got []string
			for _, f := range errs.FieldsOf(err) {
				problem, _ := f.Args["Problem"].(*errs.Error)
				if problem == nil {
					t.Fatalf("got %v", err)
				}
				got = append(got, fmt.Sprintf("%s %s %s", f.Args["Line"], f.Name, problem.Key))
			}
			if all := strings.Join(got, "; "); !errs.Is(err, errs.Invalid) || len(got) != strings.Count(c.want, ";")+1 || !strings.HasPrefix(all, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	_, err := ParseQuestionnaire([]byte("title: {a: b}\nother: 3\nquestions:\n- {id: 'Q 1', type: poem, text: x}\n- {id: q2, type: group, text: ''}\n"))
	if got := len(errs.FieldsOf(err)); got != 6 {
		t.Errorf("six mistakes are told as %d: %v", got, err)
	}
}

func TestWhatIsNoQuestionnaireAtAll(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "document.yaml.empty",
		"# only a remark":             "document.yaml.empty",
		"title: [":                    "document.yaml.unreadable_line",
		"title: t\n--- \ntitle: u":    "document.yaml.several",
		"a: 1\nb:\n- {x: line 3?}\n":  "document.yaml.unreadable_line",
		"a: 1\nb: 2\nc: d: line 3\n":  "document.yaml.unreadable_line",
		"title: t\nx: \xff\xfe":       "document.yaml.not_utf8",
		"\xff\xfet\x00i\x00":          "document.yaml.not_utf8",
		"a: &a [x]\nb: *c":            "document.yaml.unreadable",
		"title: t\nquestions: [\x01]": "document.yaml.unreadable",
	} {
		_, err := ParseQuestionnaire([]byte(text))
		fields := errs.FieldsOf(err)
		if strings.Contains(text, "line 3") && (len(fields) != 1 || fields[0].Args["Line"] != "3") {
			t.Errorf("%q: %+v", text, fields)
		}
		if !errs.Is(err, errs.Invalid) || len(fields) != 1 || fields[0].Name != "yaml" || !strings.HasPrefix(fields[0].Key, want) {
			t.Errorf("%q: %v %+v, want %s", text, err, fields, want)
		}
	}
	if _, err := ParseQuestionnaire(bytes.Repeat([]byte("x"), 5<<20)); !errs.Is(err, errs.TooLarge) {
		t.Errorf("5 MB: %v", err)
	}
}

func TestHostileFilesEndSoon(t *testing.T) {
	t.Parallel()
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 20; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9))
	}
	keys := &strings.Builder{}
	for i := 0; keys.Len() < maxYAML-20; i++ {
		fmt.Fprintf(keys, "k%d: 1\n", i)
	}
	for name, text := range map[string]string{
		"aliases": bomb, "keys": keys.String(), "brackets": strings.Repeat("[", maxYAML), "braces": strings.Repeat("{a: ", maxYAML/4),
		"indents": strings.Repeat("- ", maxYAML/2), "questions": strings.Repeat("? ", maxYAML/2), "quotes": strings.Repeat(`"`, maxYAML),
		"lines": "title: |\n" + strings.Repeat("  x\n", maxYAML/4-10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if _, err := ParseQuestionnaire([]byte(text)); err == nil {
				t.Error("taken")
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestAnyQuestionnaireComesBackFromItsFile(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.StringN(1, 30, 60), rapid.SampledFrom([]string{
		"yes", "~", "null", "1.0", "0x1F", "2017-08-07", "- a", "a: b", "# x", "'", `"`, "a\n\nb", "> x", "| y", "{{contact}}", "*a", "&a", "!!int 3", "…", "\u2028x", "سؤال", "<<", "%", "@",
	}))
	rapid.Check(t, func(rt *rapid.T) {
		d := Definition{ID: "x", Language: "en", Title: text.Draw(rt, "title") + ".", OtherText: text.Draw(rt, "other")}
		d.Extra = Extra{"k" + text.Draw(rt, "key"): text.Draw(rt, "value"), "n": rapid.IntRange(-9, 1<<40).Draw(rt, "number")}
		for i := range rapid.IntRange(0, 2).Draw(rt, "sections") {
			d.Sections = append(d.Sections, SectionDefinition{ID: fmt.Sprintf("s%d", i), Title: "S" + text.Draw(rt, "s"), Text: text.Draw(rt, "st")})
		}
		for i := range rapid.IntRange(1, 4).Draw(rt, "questions") {
			q := QuestionDefinition{ID: fmt.Sprintf("q%d", i), Type: rapid.SampledFrom(QuestionKinds()).Draw(rt, "kind"), Text: "Q" + text.Draw(rt, "q"), FollowUp: text.Draw(rt, "f")}
			if HasItems(q.Type) {
				q.Items = []ItemDefinition{{ID: q.ID + "a", Text: "I" + text.Draw(rt, "i"), Topics: []string{text.Draw(rt, "topic")}}}
			}
			if len(d.Sections) > 0 && rapid.Bool().Draw(rt, "inside") {
				q.Section = d.Sections[len(d.Sections)-1].ID
			}
			d.Questions = append(d.Questions, q)
		}
		if err := d.check(); err != nil {
			rt.Skip("not one that is taken")
		}
		back, err := ParseQuestionnaire([]byte(written(t, d)))
		if err != nil {
			rt.Fatalf("%v\n%s", err, written(t, d))
		}
		if diff := cmp.Diff(d, back); diff != "" {
			rt.Fatalf("lost:\n%s\n%s", diff, written(t, d))
		}
	})
}

func FuzzQuestionnaireYAML(f *testing.F) {
	r, err := geo.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.Questionnaire())
	f.Add([]byte(everything))
	f.Add([]byte("title: t\nquestions:\n- {id: q1, type: single, text: x, items: [{id: q1a, text: y}]}\nx: &a {<<: *a}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ParseQuestionnaire(text)
		if err != nil {
			if code := errs.CodeOf(err); code != errs.Invalid && code != errs.TooLarge {
				t.Fatalf("%v", err)
			}
			return
		}
		exported := written(t, d)
		back, err := ParseQuestionnaire([]byte(exported))
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, exported)
		}
		if again := written(t, back); again != exported {
			t.Fatalf("written differently:\n%s\n%s", exported, again)
		}
		w, err := d.build(wording{})
		if err != nil {
			t.Fatalf("read, but not kept: %v", err)
		}
		if kept := written(t, restored(t, w)); kept != exported {
			t.Fatalf("kept differently:\n%s\n%s", exported, kept)
		}
	})
}
