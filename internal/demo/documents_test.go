package demo

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/document"
)

// TestTextsAreWholeInEveryLanguage holds the translations against the English text: the same parts and variants, and as
// many passages, except where one is left half-way for a translator. Whoever is asked finds the way to answer.
func TestTextsAreWholeInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		source, err := Text(text.slug, "en")
		if err != nil {
			t.Fatal(err)
		}
		if text.kind.Mailed() && len(source.Variants) != 3 {
			t.Errorf("%s has %d variants, want governments, initiatives and the private sector", text.slug, len(source.Variants))
		}
		for _, locale := range append([]string{"en"}, text.languages...) {
			m, err := Text(text.slug, locale)
			if err != nil {
				t.Fatal(err)
			}
			name := text.slug + " " + locale
			want := strings.Count(source.Body, "\n\n")
			if got := strings.Count(m.Body, "\n\n"); got != want && locale != text.unfinished {
				t.Errorf("%s has %d passages, want %d", name, got+1, want+1)
			}
			if len(m.Variants) != len(source.Variants) {
				t.Errorf("%s has %d variants, want %d", name, len(m.Variants), len(source.Variants))
			}
			for _, key := range append([]string{""}, slices.Sorted(maps.Keys(source.Variants))...) {
				for _, part := range document.VariantParts() {
					has, wants := m.Variants[key].Part(part), source.Variants[key].Part(part)
					if key == "" {
						has, wants = m.Part(part), source.Part(part)
					}
					if (has == "") != (wants == "") {
						t.Errorf("%s, variant %q: its %s is %q, in English %q", name, key, part, has, wants)
					}
				}
				if all := strings.Join(m.For(key).Texts(), "\n"); text.kind.Mailed() && !strings.Contains(all, "{{personal_link}}") {
					t.Errorf("%s, variant %q leads to no page to answer on", name, key)
				}
			}
		}
	}
}
