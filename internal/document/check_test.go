package document

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRulesOfTranslations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		source, text string
		want         string // codes; those that only remind are in brackets
	}{
		{"Dear {{contact}},", "Hola {{ contact }}:", ""},
		{"Dear {{contact}},", "Hola {{contacto}}:", "field_missing field_extra"},
		{"{{a}} {{a}}", "{{a}}: x", "(field_count)"},
		{"{{a}} {{a}}", "{{a}} {{a}} {{a}}", ""},
		{"{{a}} {{b}}", "{{a}}", "field_missing"},
		{"a", "b {{", "unbalanced"},
		{"a", "b }} {{x}} {", "field_extra unbalanced"},
		{"See https://a.example/x.", "Véase https://a.example/x, por favor.", ""},
		{"See (https://a.example/x).", "参见（https://a.example/x）。", ""},
		{"See https://a.example/x", "Véase https://b.example/x", "link_missing link_extra"},
		{"Write to bpf@example.org", "Escriba a bpf@ejemplo.org", "address_missing address_extra"},
		{"Answer q3a in `code`", "Responda q3b en `código`", "(id_missing) (id_missing) (id_extra) (id_extra)"},
		{"Items:\n- a\n- b", "Puntos:\n* a\n* b", ""},
		{"1. a\n2. b", "١. أ\n٢. ب", ""},
		{"Items:\n- a\n- b", "Puntos:\n- a y b", "(list_items)"},
		{"Read [the call](https://a.example/)", "Lea [el llamado](https://a.example/)", ""},
		{"Read [the call](https://a.example/)", "Lea el llamado: https://a.example/", "(markdown_links)"},
		{"Read the call: https://a.example/", "Lea [el llamado](https://a.example/)", ""},
		{"Thank you.", "Thank you.", "(same)"},
		{"{{personal_link}} https://a.example/", "{{personal_link}} https://a.example/", ""},
	}
	c := newChecker()
	for _, tt := range tests {
		var got []string
		for _, f := range c.findings(Segment{Key: "p1", Text: tt.source}, tt.text) {
			code := strings.TrimPrefix(f.Key, "document.translation.problem.")
			if !f.Blocks {
				code = "(" + code + ")"
			}
			got = append(got, code)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q for %q: %q, want %q", tt.text, tt.source, got, tt.want)
		}
	}
}

// What a translation shares with its source is never held against it, whatever stands around.
func TestRulesFindNothingInWhatIsShared(t *testing.T) {
	t.Parallel()
	c := newChecker()
	rapid.Check(t, func(t *rapid.T) {
		shared := rapid.SliceOf(rapid.SampledFrom([]string{"{{contact}}", "https://a.example/x", "bpf@example.org", "q1", "\n- item"})).Draw(t, "shared")
		source := "words " + strings.Join(shared, " words ") + " end"
		slices.Reverse(shared)
		text := "палабры " + strings.Join(shared, " слова ") + " конец"
		if found := c.findings(Segment{Key: "p1", Text: source}, text); len(found) > 0 {
			t.Fatalf("%q for %q: %v", text, source, found)
		}
	})
}
