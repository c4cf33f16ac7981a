package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func built(t interface{ Fatal(...any) }, c Content, before wording) wording {
	w, err := c.build(before)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// merged merges two messages that were made from the same one.
func merged(t *testing.T, base, theirs, mine string, chosen map[string]Choice) (string, []EditClash) {
	t.Helper()
	made := func(text string, before wording) wording {
		return built(t, Message{Subject: "Subject", Body: strings.ReplaceAll(text, "|", "\n\n")}, before)
	}
	b := made(base, wording{})
	w, clashes, err := mergeWordings(Mailing, b, made(theirs, b), made(mine, b), chosen)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range w.segments {
		if seen[s.Key] {
			t.Errorf("two passages are %s", s.Key)
		}
		seen[s.Key] = true
	}
	return strings.ReplaceAll(messageOf(w.segments).Body, "\n\n", "|"), clashes
}

func TestMergeOfTwoMessages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base, theirs, mine, want string
		chosen                   map[string]Choice
		clashes                  []EditClash
	}{
		"other passages":          {base: "a|b|c", theirs: "a 1|b|c", mine: "a|b|c 2", want: "a 1|b|c 2"},
		"the same edit":           {base: "a|b", theirs: "a 1|b", mine: "a 1|b", want: "a 1|b"},
		"both add at the end":     {base: "a", theirs: "a|t", mine: "a|m", want: "a|t|m"},
		"both add the same":       {base: "a", theirs: "a|x", mine: "a|x|m", want: "a|x|m"},
		"taken out and untouched": {base: "a|b|c", theirs: "a|c", mine: "a|b|c 2", want: "a|c 2"},
		"the same passage": {
			base: "a|b", theirs: "a|b 1", mine: "a 2|b 2",
			clashes: []EditClash{{Key: "p2", Base: "b", Theirs: "b 1", Mine: "b 2", Written: true}},
		},
		"taken out and edited": {
			base: "a|b one two|c", theirs: "a|c", mine: "a|b one two three|c",
			clashes: []EditClash{{Key: "p2", Base: "b one two", Mine: "b one two three", TheirsGone: true, Written: true}},
		},
		"theirs chosen":     {base: "a|b", theirs: "a|b 1", mine: "a 2|b 2", chosen: map[string]Choice{"p2": {Take: TakeTheirs}}, want: "a 2|b 1"},
		"mine chosen":       {base: "a|b", theirs: "a|b 1", mine: "a 2|b 2", chosen: map[string]Choice{"p2": {Take: TakeMine}}, want: "a 2|b 2"},
		"a third wording":   {base: "a|b", theirs: "a|b 1", mine: "a 2|b 2", chosen: map[string]Choice{"p2": {Take: TakeOwn, Text: "b 3|b 4"}}, want: "a 2|b 3|b 4"},
		"no side chosen":    {base: "a", theirs: "a 1", mine: "a 2", chosen: map[string]Choice{"p1": {}}, clashes: []EditClash{{Key: "p1", Base: "a", Theirs: "a 1", Mine: "a 2", Written: true}}},
		"taken out, chosen": {base: "a|b one two|c", theirs: "a|c", mine: "a|b one two three|c", chosen: map[string]Choice{"p2": {Take: TakeTheirs}}, want: "a|c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, clashes := merged(t, test.base, test.theirs, test.mine, test.chosen)
			if diff := cmp.Diff(test.clashes, clashes); diff != "" || got != test.want {
				t.Errorf("got %q, want %q\n%s", got, test.want, diff)
			}
		})
	}
}

// edits makes random changes to paragraphs. Every new word is one that nobody else writes.
func edits(t *rapid.T, who string, paragraphs []string) []string {
	out := slices.Clone(paragraphs)
	words := 0
	word := func() string {
		words++
		return who + strconv.Itoa(words)
	}
	for range rapid.IntRange(0, 5).Draw(t, who+" edits") {
		at := rapid.IntRange(0, len(out)).Draw(t, who+" at")
		switch op := rapid.SampledFrom([]string{"change", "drop", "add", "move", "join"}).Draw(t, who+" does"); {
		case op == "add" || len(out) == 0:
			out = slices.Insert(out, at, word()+" "+word())
		case at == len(out):
		case op == "change":
			parts := strings.Fields(out[at])
			parts[rapid.IntRange(0, len(parts)-1).Draw(t, who+" word")] = word()
			out[at] = strings.Join(parts, " ")
		case op == "drop":
			out = slices.Delete(out, at, at+1)
		case op == "move":
			moved := out[at]
			out = append(slices.Delete(out, at, at+1), moved)
		case op == "join" && at > 0:
			out[at-1] += " " + out[at]
			out = slices.Delete(out, at, at+1)
		}
	}
	if len(out) == 0 {
		out = []string{word()}
	}
	return out
}

// nothingLost: what either wrote, and what both left standing, is in the result or in a clash.
func nothingLost(t *rapid.T, base, theirs, mine, result string, clashes []EditClash) {
	t.Helper()
	kept := result
	for _, c := range clashes {
		kept += "\n" + c.Theirs + "\n" + c.Mine
	}
	found := map[string]bool{}
	for _, w := range strings.Fields(kept) {
		found[w] = true
	}
	was := strings.Fields(base)
	for _, w := range slices.Concat(strings.Fields(theirs), strings.Fields(mine)) {
		stood := !slices.Contains(was, w) || slices.Contains(strings.Fields(theirs), w) && slices.Contains(strings.Fields(mine), w)
		if stood && !found[w] {
			t.Fatalf("%q is lost:\nbase\n%s\ntheirs\n%s\nmine\n%s\nresult\n%s\nclashes %+v", w, base, theirs, mine, result, clashes)
		}
	}
}

func TestNoWordIsLostInAMessage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var base []string
		for i := range rapid.IntRange(1, 6).Draw(t, "paragraphs") {
			base = append(base, fmt.Sprintf("w%d x%d y%d", i, i, i))
		}
		joined := func(paragraphs []string) string { return strings.Join(paragraphs, "\n\n") }
		theirs, mine := joined(edits(t, "theirs", base)), joined(edits(t, "mine", base))
		b := built(t, Message{Subject: "S", Body: joined(base)}, wording{})
		th, mi := built(t, Message{Subject: "S", Body: theirs}, b), built(t, Message{Subject: "S", Body: mine}, b)
		w, clashes, err := mergeWordings(Mailing, b, th, mi, nil)
		if err == nil && len(clashes) == 0 {
			untouchedByOne(t, b, th, mi, w)
		}
		if err == nil {
			result := messageOf(w.segments).Body
			if len(clashes) > 0 { // with one side taken everywhere, what does not clash is there
				chosen := map[string]Choice{bodyKey: {Take: TakeMine}}
				for _, c := range clashes {
					chosen[c.Key] = Choice{Take: TakeMine}
				}
				rest, more, err := mergeWordings(Mailing, b, th, mi, chosen)
				if len(more) > 0 {
					t.Fatalf("chosen, but still a clash: %v %v", more, err)
				}
				result = messageOf(rest.segments).Body
			}
			nothingLost(t, joined(base), theirs, mine, result, clashes)
		}
	})
}

// untouchedByOne: a passage that only one side changed is as that side has it.
func untouchedByOne(t *rapid.T, base, theirs, mine, result wording) {
	t.Helper()
	b, th, mi, w := textsOf(base.segments), textsOf(theirs.segments), textsOf(mine.segments), textsOf(result.segments)
	for key, was := range b {
		want := th[key]
		if th[key] == was {
			want = mi[key]
		}
		if w[key] != want {
			t.Fatalf("%s: %q became %q with %q and %q", key, was, w[key], th[key], mi[key])
		}
	}
}

func questions(texts []string, other bool) Definition {
	d := Definition{ID: "q", Language: "en", Title: "Title", Other: &other}
	for _, text := range texts {
		id, rest, _ := strings.Cut(text, " ")
		d.Questions = append(d.Questions, QuestionDefinition{ID: id, Type: LongText, Text: rest})
	}
	return d
}

func TestMergeOfTwoQuestionnaires(t *testing.T) {
	t.Parallel()
	base := questions([]string{"q1 one", "q2 two", "q3 three"}, true)
	base.Reading = []ReadingDefinition{{Title: "First", URL: ""}, {Title: "Second", URL: ""}}
	base.Overview = []ParagraphDefinition{{Text: "Over"}, {Items: []string{"i", "j"}}}
	w := built(t, base, wording{})
	theirs, mine := must(base.clone()), must(base.clone())
	theirs.Questions = slices.Insert(theirs.Questions, 1, QuestionDefinition{ID: "t1", Type: LongText, Text: "theirs"})
	theirs.Reading[0].URL = "https://example.org/1"
	theirs.Reading = append(theirs.Reading, ReadingDefinition{Title: "Theirs"})
	theirs.Overview[1].Items[0] = "i theirs"
	mine.Questions[2], mine.Questions[0] = mine.Questions[0], mine.Questions[2]
	mine.Questions[1].Type = ShortText
	mine.Reading[1].URL = "https://example.org/2"
	mine.Reading = append(mine.Reading, ReadingDefinition{Title: "Mine"})
	mine.Overview[1].Items[1] = "j mine"
	no := false
	mine.Other = &no
	got, clashes, err := mergeWordings(Survey, w, built(t, theirs, w), built(t, mine, w), nil)
	if err != nil || len(clashes) > 0 {
		t.Fatalf("%+v: %v", clashes, err)
	}
	d := must(definitionOf(got.structure, textsOf(got.segments)))
	var ids, reading []string
	for _, q := range d.Questions {
		ids = append(ids, q.ID+" "+q.Type)
	}
	for _, r := range d.Reading {
		reading = append(reading, r.Title+" "+r.URL)
	}
	if want := []string{"q3 text", "q2 short", "q1 text", "t1 text"}; !slices.Equal(ids, want) {
		t.Errorf("questions %q, want %q", ids, want)
	}
	if want := []string{"First https://example.org/1", "Second https://example.org/2", "Theirs ", "Mine "}; !slices.Equal(reading, want) {
		t.Errorf("reading %q", reading)
	}
	if *d.Other || !slices.Equal(d.Overview[1].Items, []string{"i theirs", "j mine"}) {
		t.Errorf("%+v", d)
	}

	theirs.Questions = slices.Delete(theirs.Questions, 2, 3) // q2
	theirs.Overview[0].Text, mine.Overview[0].Text = "Over theirs", "Over mine"
	theirs.Questions[0], theirs.Questions[1] = theirs.Questions[1], theirs.Questions[0]
	_, clashes, err = mergeWordings(Survey, w, built(t, theirs, w), built(t, mine, w), nil)
	var keys []string
	for _, c := range clashes {
		keys = append(keys, c.Key)
	}
	if want := []string{"overview.1", "q2.text"}; err != nil || !slices.Equal(keys, want) {
		t.Errorf("clashes %+v, want %q: %v", clashes, want, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestNoWordIsLostInAQuestionnaire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var base []string
		for i := range rapid.IntRange(1, 5).Draw(t, "questions") {
			base = append(base, fmt.Sprintf("q%d w%d x%d", i, i, i))
		}
		edited := func(who string) []string {
			texts := slices.Clone(base)
			for i := range rapid.IntRange(0, 4).Draw(t, who+" edits") {
				at, word := rapid.IntRange(0, len(texts)-1).Draw(t, who+" at"), who+strconv.Itoa(i)
				switch rapid.SampledFrom([]string{"change", "drop", "add", "move"}).Draw(t, who+" does") {
				case "change":
					texts[at] += " " + word
				case "drop":
					if len(texts) > 1 {
						texts = slices.Delete(texts, at, at+1)
					}
				case "add":
					texts = slices.Insert(texts, at, who+"_"+strconv.Itoa(i)+" "+word)
				case "move":
					moved := texts[at]
					texts = append(slices.Delete(texts, at, at+1), moved)
				}
			}
			return texts
		}
		theirs, mine := edited("theirs"), edited("mine")
		b := built(t, questions(base, true), wording{})
		th, mi := built(t, questions(theirs, true), b), built(t, questions(mine, true), b)
		w, clashes, err := mergeWordings(Survey, b, th, mi, nil)
		if err == nil && len(clashes) > 0 {
			chosen := map[string]Choice{"questions": {Take: TakeTheirs}}
			for _, c := range clashes {
				chosen[c.Key] = Choice{Take: TakeTheirs}
			}
			var more []EditClash
			if w, more, err = mergeWordings(Survey, b, th, mi, chosen); len(more) > 0 {
				t.Fatalf("chosen, but still a clash: %+v", more)
			}
		}
		if err != nil {
			return // every question is gone, each taken out by one of them
		}
		all := func(texts []string) string { return strings.Join(texts, "\n") }
		nothingLost(t, all(base), all(theirs), all(mine), all(textList(w.segments))+" "+allKeys(w), clashes)
	})
}

// allKeys writes the ids of the questions, which the test counts as words too.
func allKeys(w wording) string {
	var ids []string
	for _, s := range w.segments {
		ids = append(ids, strings.TrimSuffix(s.Key, ".text"))
	}
	return strings.Join(ids, " ")
}
