package document

import (
	"slices"
	"strings"
	"testing"
)

func TestWhereMergeFieldsMayStand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key  string
		kind SegmentKind
		text string
		want string
	}{
		{"p1", Markdown, "Dear {{contact}}, [answer]({{personal_link}}) by {{deadline}}", ""},
		{"subject", PlainText, "A word to {{contact}}", ""},
		{"government.subject", PlainText, "A word to {{organization}}", ""},
		{"subject", PlainText, "Answer at {{personal_link}}", "field_here"},
		{"q5.text", PlainText, "What do you think, {{contact}}?", "field_here"},
		{"title", PlainText, "{{cycle}}", "field_here"},
		{"p1", Markdown, "[a]({{contact}})", "link"},
		{"p1", Markdown, "[a]({{personal_link}}#q3)", "link"},
		{"p1", Markdown, "[a]({{call_link}}/{{organization}})", "link"},
		{"p1", Markdown, "[a](mailto:{{contact}})", "link"},
		{"p1", Markdown, "[a](mailto:)", "link"},
		{"p1", Markdown, "[a](mailto:bpf@example.org)", ""},
		{"p1", Markdown, "[a]({{nobody}})", "unknown_field"},
		{"p1", Markdown, "See [insert link] and [link to be added].", "empty_link empty_link"},
	}
	for _, tt := range tests {
		var got []string
		for _, p := range problemsOf([]Segment{{Key: tt.key, Kind: tt.kind, Text: tt.text}}) {
			got = append(got, strings.TrimPrefix(p.Key, "document.problem."))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.key, tt.text, got, tt.want)
		}
	}
}

// What would forbid freezing a text keeps its translation from review, unless the source has it too.
func TestTranslationsHoldNothingThatSourcesMayNot(t *testing.T) {
	t.Parallel()
	c := newChecker()
	tests := []struct{ source, text, want string }{
		{"Answer here: {{personal_link}}", "<div>Responda: {{personal_link}}</div>", "html"},
		{"Read it.", "[enlace]() [link to be completed]", "empty_link"},
		{"See [link to be completed].", "Véase [link to be completed].", ""},
		{"It is flexible.", "El plazo es flexible.", ""},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range c.findings(Segment{Key: "p1", Kind: Markdown, Text: tt.source}, tt.text) {
			if key, blocks := strings.CutPrefix(f.Key, "document.problem."); blocks && f.Blocks {
				got = append(got, key)
			}
		}
		if got = slices.Compact(got); strings.Join(got, " ") != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestHintsSayNothingOfMergeFields(t *testing.T) {
	t.Parallel()
	h := hints{terms: []hintTerm{{forms: []string{"contact"}, hint: Hint{Source: "contact"}}}}
	if found := h.in("Dear {{contact}},"); len(found) != 0 {
		t.Errorf("%v", found)
	}
	if found := h.in("Write to your contact."); len(found) != 1 {
		t.Errorf("%v", found)
	}
}
