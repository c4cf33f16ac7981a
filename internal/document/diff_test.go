package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sides puts the old and the new text together from the runs of a comparison.
func sides(runs []Change) (old, fresh string) {
	for _, r := range runs {
		if r.Kind != Added {
			old += r.Text
		}
		if r.Kind != Removed {
			fresh += r.Text
		}
	}
	return old, fresh
}

func TestAComparisonHoldsBothTexts(t *testing.T) {
	t.Parallel()
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"one", "two", " ", ". ", "\n", "字", "句。", "{{contact}}", "é"}), 0, 60).Draw(t, "words"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		was, is := text.Draw(t, "was"), text.Draw(t, "is")
		for name, runs := range map[string][]Change{"by words": wordChanges(was, is), "by sentences": sentenceFirst(was, is)} {
			if old, fresh := sides(runs); old != was || fresh != is {
				t.Errorf("%s: %q and %q became %q and %q", name, was, is, old, fresh)
			}
			for i, r := range runs {
				if r.Text == "" || i > 0 && runs[i-1].Kind == r.Kind {
					t.Errorf("%s: run %d of %v", name, i, runs)
				}
			}
		}
	})
}

// sentenceFirst is what a text too long for one table goes through.
func sentenceFirst(was, is string) []Change {
	runs, ok := partChanges(sentences(was), sentences(is))
	if !ok {
		return nil
	}
	return legible(refined(runs))
}

func TestASentenceWrittenAnewReadsAsOne(t *testing.T) {
	t.Parallel()
	want := []Change{{Kept, "Dear all, "}, {Removed, "please answer soon"}, {Added, "we wait for you"}, {Kept, "."}}
	if diff := cmp.Diff(want, wordChanges("Dear all, please answer soon.", "Dear all, we wait for you.")); diff != "" {
		t.Error(diff)
	}
}

// The longest passage that a text may have, changed at its two ends, is not shown as wholly changed.
func TestALongPassageIsComparedByWords(t *testing.T) {
	t.Parallel()
	for name, sentence := range map[string]string{"English": "Sentence %d of a b c d e. ", "Chinese": "第%d句话说得很清楚。"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			for i := 0; all.Len() < maxSegment; i++ {
				fmt.Fprintf(&all, sentence, i)
			}
			was := "Old start. " + all.String() + "Old end."
			is := "New start. " + all.String() + "New end."
			changed := ""
			for _, r := range wordChanges(was, is) {
				if r.Kind != Kept {
					changed += r.Text + " "
				}
			}
			if changed != "Old New Old New " {
				t.Errorf("changed is said to be %.200q", changed)
			}
		})
	}
}

func TestNoComparisonIsTooLarge(t *testing.T) {
	t.Parallel()
	was, is := strings.Repeat("甲", maxSegment), strings.Repeat("乙", maxSegment)
	if old, fresh := sides(wordChanges(was, is)); old != was || fresh != is {
		t.Error("the texts are not whole")
	}
}
