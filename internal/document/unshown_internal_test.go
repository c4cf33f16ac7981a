package document

import (
	"slices"
	"testing"
)

func TestWhatRestsOnAnUnshownContributionIsNotShown(t *testing.T) {
	t.Parallel()
	passage := func(text string) Segment { return Segment{Kind: Markdown, Text: text} }
	segments := []Segment{
		{Kind: PlainText, Text: "Title /calls/x/contributions/9"},
		passage("## Question"),
		passage("Begins."), passage("Ends ([7](https://a.example/calls/x/contributions/7))."),
		passage("Begins."), passage("Ends ([71](https://a.example/calls/x/contributions/71))."),
		passage("- [7](/calls/x/contributions/7)\n- [71](/calls/x/contributions/71)"),
		passage("- [7](/calls/x/contributions/7/versions/1)"),
		passage("Of last year ([7](https://a.example/calls/y/contributions/7))."),
	}
	got := shown(segments, []string{"/calls/x/contributions/7", "/calls/z/contributions/71"})
	var hidden []int
	for i, s := range got {
		if s.Unshown {
			hidden = append(hidden, i)
		}
	}
	if !slices.Equal(hidden, []int{2, 3, 7}) || got[6].Text != "- [71](/calls/x/contributions/71)" {
		t.Errorf("not shown %v, list %q", hidden, got[6].Text)
	}
	if segments[3].Text == "" || segments[3].Unshown {
		t.Error("what the editors read was changed")
	}
}
