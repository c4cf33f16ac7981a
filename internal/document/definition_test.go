package document

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

func draft2017(t *testing.T) Definition {
	t.Helper()
	r, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := ParseQuestionnaire(r.Questionnaire())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDraftOf2017(t *testing.T) {
	t.Parallel()
	d := draft2017(t)
	w, err := d.build(wording{})
	if err != nil {
		t.Fatal(err)
	}
	texts := textsOf(w.segments)
	for _, key := range []string{
		"title", "call.text", "call.after", "overview.1", "overview.2.1", "overview.2.2", "overview.5", "reading.1.title", "reading.1.url",
		"reading.4.url", "q1.text", "q3.text", "q3a.text", "q3j.text", "q4.preamble", "q4.text", "q5.text", "q5.follow_up",
	} {
		if _, ok := texts[key]; !ok {
			t.Errorf("no segment %s", key)
		}
	}
	problems := problemsOf(w.segments)
	var names []string
	for _, p := range problems {
		names = append(names, p.Name+" "+p.Key)
	}
	want := []string{"reading.3.url document.problem.reading_without_url", "reading.4.url document.problem.reading_without_url"}
	if !slices.Equal(names, want) {
		t.Errorf("problems %q, want %q", names, want)
	}
	if got := problems[0].Args["Title"]; got != "Security focused reading of CENB Phase I" {
		t.Errorf("the first is called %q", got)
	}
}

func TestTheDraftOf2017ComesBackFromItsStructure(t *testing.T) {
	t.Parallel()
	d := draft2017(t)
	w, err := d.build(wording{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.structure, "Sustainable Development") {
		t.Error("texts are kept in the structure too")
	}
	back, err := definitionOf(w.structure, textsOf(w.segments))
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseQuestionnaire(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(d, again); diff != "" {
		t.Errorf("lost between reading and writing:\n%s", diff)
	}
}

func TestTheQuestionnaireAsContributorsSeeIt(t *testing.T) {
	t.Parallel()
	q := draft2017(t).view()
	want := []string{
		"q1", "q2", "q3a", "q3b", "q3c", "q3d", "q3e", "q3f", "q3g", "q3h", "q3i", "q3j", "q3.other", "q4", "q5", "q5.follow_up", "other",
	}
	if got := q.AnswerKeys(); !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
	if len(q.Call) != 2 || len(q.Intro) != 5 || len(q.Reading) != 4 || q.Format.PagesMax != 3 || q.Format.PDFAllowed {
		t.Errorf("got %+v", q)
	}
}

func TestBadQuestionnairesAreToldWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"title: [":                "yaml",
		"title: {a: b}":           "title",
		"title: t\nquestions: []": "questions",
		"questions: [{id: q1, type: text, text: x}]":                                                      "title",
		"title: t\nquestions: [{id: Q 1, type: text, text: x}]":                                           "questions.1.id",
		"title: t\nquestions: [{id: other, type: text, text: x}]":                                         "questions.1.id",
		"title: t\nquestions: [{id: q1, type: poem, text: x}]":                                            "questions.1.type",
		"title: t\nquestions: [{id: q1, type: group, text: x}]":                                           "questions.1.items",
		"title: t\nquestions: [{id: q1, type: text, text: x}, {id: q1, type: text, text: y}]":             "questions.2.id",
		"title: t\nquestions: [{id: q1, type: group, text: x, items: [{id: q1, text: y}]}]":               "questions.1.items.1.id",
		"title: t\nquestions: [{id: q1, type: text, text: ''}]":                                           "questions.1.text",
		"title: t\nrelevant_reading: [{url: 'https://x.org'}]\nquestions: [{id: a, type: text, text: b}]": "relevant_reading.1.title",
	} {
		_, err := ParseQuestionnaire([]byte(text))
		fields := errs.FieldsOf(err)
		if !errs.Is(err, errs.Invalid) || len(fields) == 0 || fields[0].Name != want {
			t.Errorf("%q: %v, want a field %s", text, err, want)
		}
	}
	if _, err := ParseQuestionnaire(make([]byte, maxYAML+1)); !errs.Is(err, errs.TooLarge) {
		t.Errorf("a huge file: %v", err)
	}
}

func TestProblemsOfTexts(t *testing.T) {
	t.Parallel()
	const link, word, field, brace = "document.problem.empty_link", "document.problem.placeholder", "document.problem.unknown_field", "document.problem.unbalanced"
	for text, want := range map[string][]string{
		"Fine, {{contact}}. See [this](https://example.org/a) or [answer]({{personal_link}}).": nil,
		"See [link to be completed].":                             {link},
		"See https://www.intgovforum.org/[link to be completed]":  {link},
		"[a](https://www.intgovforum.org/[link to be completed])": {link},
		"See [the call]().":                                       {link},
		"See [the call](#).":                                      {link},
		"By [TBD], TODO: ask. XXX":                                {word, word, word},
		"The date is to be completed":                             {word},
		"Lorem ipsum dolor":                                       {word},
		"Dear {{name}}":                                           {field},
		"Dear {{contact}":                                         {brace},
		"[a](example.org)":                                        {"document.problem.link"},
		"[a](javascript:x)":                                       {"document.problem.link"},
		"todo el mundo, xxx":                                      nil,
		"[a](mailto:a@example.org)":                               nil,
	} {
		var got []string
		for _, p := range problemsOf([]Segment{{Key: "p1", Kind: Markdown, Text: text}}) {
			if p.Name != "p1" || p.Args["Place"] == nil {
				t.Errorf("%q: the problem is nowhere: %+v", text, p)
			}
			got = append(got, p.Key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestGlossaryHints(t *testing.T) {
	t.Parallel()
	r, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := newHints(r.Glossary(), "en", "es")
	var found []string
	for _, hint := range h.in("The IGF and its Best Practice Forums.") {
		found = append(found, hint.Translation)
	}
	if got := strings.Join(found, "|"); !strings.Contains(got, "Foro de Gobernanza de Internet (IGF)") || !strings.Contains(got, "Foro de Mejores Prácticas (BPF)") {
		t.Errorf("hints %q", got)
	}
	if got := newHints([]geo.Term{{Text: map[string]string{"en": "call", "es": "convocatoria"}}}, "en", "es").in("recalled callers"); got != nil {
		t.Errorf("a part of a word gives %v", got)
	}
}
