package document

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBlocksKeepTheirOldPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		old, fresh []string
		want       []int
	}{
		{[]string{"a", "b", "c"}, []string{"a", "b", "c"}, []int{0, 1, 2}},
		{[]string{"a", "b", "c"}, []string{"a", "c"}, []int{0, 2}},
		{[]string{"a", "b"}, []string{"a", "x", "b"}, []int{0, -1, 1}},
		{[]string{"a", "please answer by Friday", "c"}, []string{"a", "please answer by Monday", "c"}, []int{0, 1, 2}},
		{[]string{"please answer by Friday"}, []string{"a new greeting", "please answer by Monday"}, []int{-1, 0}},
		{[]string{"a", "b"}, []string{"b", "a"}, []int{1, -1}},
		{nil, []string{"a"}, []int{-1}},
		{[]string{"a", "a", "a"}, []string{"a", "a"}, []int{0, 1}},
	} {
		if got := align(c.old, c.fresh); !slices.Equal(got, c.want) {
			t.Errorf("%q to %q: %v, want %v", c.old, c.fresh, got, c.want)
		}
	}
}

func TestBlocksMeanWhatTheTextMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"a\n\nb\r\n\r\n\r\nc":              {"a", "b", "c"},
		"- a\n\n  more of a\n\n- b":        {"- a\n\n  more of a", "- b"},
		"```\ncode\n\nmore\n```\n\nafter":  {"```\ncode\n\nmore\n```", "after"},
		"line\nof a paragraph\n \t\nother": {"line\nof a paragraph", "other"},
		"":                                 nil,
		" \n\n ":                           nil,
	} {
		if got := splitBlocks(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever is done to a message, a translation of it is stale exactly where the words of a passage
// were changed, and missing exactly where a passage is new.
func TestEditsMakeExactlyTheTouchedSegmentsStale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "blocks")
		blocks := make([]string, n)
		for i := range blocks {
			blocks[i] = fmt.Sprintf("passage %d speaks of subject%d and of matter%d", i, i, i)
		}
		before, err := Message{Subject: "s", Body: strings.Join(blocks, "\n\n")}.build(wording{})
		if err != nil {
			t.Fatal(err)
		}
		translation := translateAll(before.segments)
		var body []string
		stale, missing := map[string]bool{}, 0
		for i, s := range before.segments[1:] {
			switch rapid.SampledFrom([]string{"keep", "keep", "change", "drop", "insert"}).Draw(t, "edit") {
			case "keep":
				body = append(body, blocks[i])
			case "change":
				body = append(body, blocks[i]+" changed")
				stale[s.Key] = true
			case "insert":
				body = append(body, blocks[i], fmt.Sprintf("novelty%d", i))
				missing++
			}
		}
		if len(body) == 0 {
			return
		}
		after, err := Message{Subject: "s", Body: strings.Join(body, "\n\n")}.build(before)
		if err != nil {
			t.Fatal(err)
		}
		kept, complete := carry(after.segments, translation)
		// A dropped passage beside a new one may lend it its key: it is then stale instead of missing.
		lent := 0
		for _, k := range kept {
			if strings.HasPrefix(textsOf(after.segments)[k.Key], "novelty") {
				lent++
				continue
			}
			if k.Stale != stale[k.Key] {
				t.Fatalf("%s: stale %v, want %v", k.Key, k.Stale, stale[k.Key])
			}
			if k.Text != translated1(translation, k.Key) {
				t.Fatalf("%s lost its translation", k.Key)
			}
		}
		if got := len(after.segments) - len(kept); got != missing-lent {
			t.Fatalf("%d segments are missing, want %d", got, missing-lent)
		}
		if complete != (len(stale) == 0 && missing == 0) {
			t.Fatalf("complete %v with %d stale and %d missing", complete, len(stale), missing)
		}
		keys := map[string]bool{}
		for _, s := range after.segments {
			if keys[s.Key] {
				t.Fatalf("%s twice", s.Key)
			}
			keys[s.Key] = true
		}
	})
}

func TestKeysAreNeverUsedAgain(t *testing.T) {
	t.Parallel()
	one, err := Message{Subject: "s", Body: "alpha\n\nbeta"}.build(wording{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Message{Subject: "s", Body: "alpha"}.build(one)
	if err != nil {
		t.Fatal(err)
	}
	three, err := Message{Subject: "s", Body: "alpha\n\ngamma"}.build(two)
	if err != nil {
		t.Fatal(err)
	}
	if got := three.segments[2].Key; got != "p3" {
		t.Errorf("the new passage has the key %s, want p3", got)
	}
}

func TestRevisingByKeyKeepsKeys(t *testing.T) {
	t.Parallel()
	one, err := Message{Subject: "s", Body: "alpha\n\nbeta\n\ngamma"}.build(wording{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := revise(one, map[string]string{"p1": "beta", "p2": "", "p3": "delta\n\nepsilon", "subject": " new\n subject "})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range two.segments {
		got = append(got, s.Key+"="+s.Text)
	}
	if want := "subject=new subject|p1=beta|p3=delta|p4=epsilon"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := revise(one, map[string]string{"subject": ""}); err == nil {
		t.Error("a message without a subject was accepted")
	}
}

func TestWordChangesMakeBothTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab ,.意见\né")), 0, 40, -1)
		old, fresh := text.Draw(t, "old"), text.Draw(t, "new")
		var a, b strings.Builder
		for _, c := range wordChanges(old, fresh) {
			if c.Kind != Added {
				a.WriteString(c.Text)
			}
			if c.Kind != Removed {
				b.WriteString(c.Text)
			}
		}
		if a.String() != old || b.String() != fresh {
			t.Fatalf("%q and %q became %q and %q", old, fresh, a.String(), b.String())
		}
	})
}

func translateAll(source []Segment) []TranslationSegment {
	var all []TranslationSegment
	for _, s := range source {
		if s.Translatable() {
			all = append(all, TranslationSegment{Key: s.Key, Text: "t:" + s.Text, SourceHash: sourceHash(s.Text)})
		}
	}
	return all
}

func translated1(all []TranslationSegment, key string) string {
	for _, t := range all {
		if t.Key == key {
			return t.Text
		}
	}
	return ""
}
