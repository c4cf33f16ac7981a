package document

import (
	"slices"
	"strings"
	"testing"
)

// raced lets two people change one questionnaire at once by steps and texts.
func raced(t *testing.T, base Definition, theirs, mine Changes, chosen map[string]Choice) (Definition, []EditClash) {
	t.Helper()
	b := built(t, base, wording{})
	doc := Document{Kind: Survey, SourceLanguage: "en"}
	th, mi := must(theirs.apply(doc, b)), must(mine.apply(doc, b))
	w, clashes, err := mergeWordings(Survey, b, th, mi, chosen)
	if err != nil {
		t.Fatal(err)
	}
	if len(clashes) > 0 {
		return Definition{}, clashes
	}
	return must(definitionOf(w.structure, textsOf(w.segments))), nil
}

func bothMay() Definition {
	d := questions([]string{"q1 one", "q2 two", "q3 three"}, true)
	d.Overview = []ParagraphDefinition{{Text: "first"}, {Items: []string{"an item"}}, {Text: "third"}, {Text: "fourth"}}
	d.Reading = []ReadingDefinition{{Title: "One"}, {Title: "Two"}, {Title: "Three"}, {Title: "Four"}}
	return d
}

func TestTwoInTheOverview(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		theirs, mine Changes
		want         string
	}{
		"both add to one list and move": {
			Changes{Segments: map[string]string{"overview.1": "O first"}, Steps: []Step{AddParagraphItems(2, []string{"item olu"}), MoveParagraph(1, 1)}},
			Changes{Segments: map[string]string{"overview.3": "M third"}, Steps: []Step{AddParagraphItems(2, []string{"item maren"}), MoveParagraph(1, 1)}},
			"[an item, item olu, item maren]|O first|M third|fourth",
		},
		"both move the list to which they add": {
			Changes{Steps: []Step{AddParagraphItems(2, []string{"ITEM O"}), MoveParagraph(2, 1)}},
			Changes{Steps: []Step{AddParagraphItems(2, []string{"ITEM M"}), MoveParagraph(2, 1)}},
			"first|third|[an item, ITEM O, ITEM M]|fourth",
		},
		"one takes out what the other left": {
			Changes{Steps: []Step{RemoveParagraph(3)}},
			Changes{Steps: []Step{AddParagraph("fifth", false), RemoveParagraph(1)}},
			"[an item]|fourth|fifth",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, clashes := raced(t, bothMay(), test.theirs, test.mine, nil)
			var got []string
			for _, p := range d.Overview {
				if p.Items != nil {
					p.Text = "[" + strings.Join(p.Items, ", ") + "]"
				}
				got = append(got, p.Text)
			}
			if strings.Join(got, "|") != test.want {
				t.Errorf("%q, want %q: %+v", got, test.want, clashes)
			}
		})
	}
}

func TestTwoInTheReadingList(t *testing.T) {
	t.Parallel()
	d, clashes := raced(t, bothMay(),
		Changes{Segments: map[string]string{"reading.3.url": "https://o.org/3"}, Steps: []Step{MoveReading(3, 1)}},
		Changes{Segments: map[string]string{"reading.3.title": "M title"}, Steps: []Step{MoveReading(3, 1)}}, nil)
	var got []string
	for _, r := range d.Reading {
		got = append(got, r.Title+r.URL)
	}
	if want := []string{"One", "Two", "Four", "M titlehttps://o.org/3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q: %+v", got, want, clashes)
	}
}

func TestWhatTwoAddAtOnceIsKept(t *testing.T) {
	t.Parallel()
	base := bothMay()
	base.Questions[2].Type, base.Questions[2].Items = Group, []ItemDefinition{{ID: "q3a", Text: "alpha"}}
	theirs := Changes{Steps: []Step{
		AddQuestion(QuestionDefinition{Text: "theirs", Type: SingleChoice}, []string{"yes", "no"}), AddItems("q3", []string{"item theirs"}), AddSection("Section theirs", ""),
	}}
	mine := Changes{Steps: []Step{
		AddSection("Section mine", ""), AddQuestion(QuestionDefinition{Text: "mine", Type: MultipleChoice, Section: "s1"}, []string{"red", "blue"}),
		AddQuestion(QuestionDefinition{Text: "more", Type: LongText}, nil), AddItems("q3", []string{"item mine"}),
	}}
	d, clashes := raced(t, base, theirs, mine, nil)
	var got []string
	for _, q := range d.Questions {
		line := q.ID + " " + q.Section + " " + q.Type + " " + q.Text
		for _, item := range q.Items {
			line += " " + item.ID + "=" + item.Text
		}
		got = append(got, line)
	}
	want := []string{
		"q1  text one", "q2  text two", "q3  group three q3a=alpha q3b=item theirs q3c=item mine", "q4  single theirs q4a=yes q4b=no", "q5  text more",
		"q6 s2 multiple mine q6a=red q6b=blue",
	}
	if slices.Sort(got); len(clashes) > 0 || !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%q\nwant %q\n%+v", got, want, clashes)
	}
}

func TestWhatWasTakenOutComesBackWithWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		theirs, mine Changes
		key          string
	}{
		{Changes{Steps: []Step{RemoveQuestion("q2")}}, Changes{Segments: map[string]string{"q2.text": "my two"}}, "q2.text"},
		{Changes{Steps: []Step{RemoveParagraph(3)}}, Changes{Segments: map[string]string{"overview.3": "my third"}}, "overview.3"},
		{Changes{Steps: []Step{RemoveReading(2)}}, Changes{Segments: map[string]string{"reading.2.title": "my Two"}}, "reading.2.title"},
	} {
		_, clashes := raced(t, bothMay(), test.theirs, test.mine, nil)
		if len(clashes) != 1 || clashes[0].Key != test.key || !clashes[0].TheirsGone || !strings.HasPrefix(clashes[0].Mine, "my ") {
			t.Fatalf("%s: %+v", test.key, clashes)
		}
		d, more := raced(t, bothMay(), test.theirs, test.mine, map[string]Choice{test.key: {Take: TakeMine}})
		w := built(t, d, wording{})
		if len(more) > 0 || textsOf(w.segments)[test.key] != clashes[0].Mine {
			t.Errorf("%s is %q", test.key, textsOf(w.segments)[test.key])
		}
	}
}

func TestMovedPassagesKeepTheirKeys(t *testing.T) {
	t.Parallel()
	const a, b, c, d = "Alpha text begins it all for readers.", "Bravo is a second and unlike thing.", "Charlie closes what was opened before.", "Delta ends with kind greetings everyone."
	edited := strings.Replace(a, "all", "everything", 1)
	for name, test := range map[string]struct{ theirs, mine, want string }{
		"both reorder":      {strings.Join([]string{d, c, b, a}, "|"), strings.Join([]string{b, c, d, a}, "|"), strings.Join([]string{d, c, b, a}, "|")},
		"edited and moved":  {strings.Join([]string{edited, b, c, d}, "|"), strings.Join([]string{b, c, d, a}, "|"), strings.Join([]string{b, c, d, edited}, "|")},
		"two swaps":         {strings.Join([]string{a, c, b, d}, "|"), strings.Join([]string{b, a, c, d}, "|"), ""},
		"moved, both edits": {strings.Join([]string{b, edited, c, d}, "|"), strings.Join([]string{a, b, d, c + " So."}, "|"), strings.Join([]string{b, edited, d, c + " So."}, "|")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := strings.Join([]string{a, b, c, d}, "|")
			got, clashes := merged(t, base, test.theirs, test.mine, nil)
			if test.want == "" {
				if len(clashes) != 1 || clashes[0].Key != "segments.order" {
					t.Errorf("%q %+v", got, clashes)
				}
				return
			}
			if got != test.want {
				t.Errorf("%q, want %q: %+v", got, test.want, clashes)
			}
		})
	}
}

func TestASplitPassageIsDecidedAboutWhole(t *testing.T) {
	t.Parallel()
	const whole = "First sentence of a long paragraph that says much. Second sentence of the same that says more. Third sentence."
	split := strings.Replace(whole, " Second", "|Second", 1)
	mine := strings.Replace(whole, "Third", "Third altered", 1)
	_, clashes := merged(t, whole, split, mine, nil)
	if len(clashes) != 1 || clashes[0].Mine != mine {
		t.Fatalf("%+v", clashes)
	}
	for take, want := range map[Side]string{TakeMine: mine, TakeTheirs: split} {
		if got, _ := merged(t, whole, split, mine, map[string]Choice{clashes[0].Key: {Take: take}}); got != want {
			t.Errorf("%s: %q", take, got)
		}
	}
}
