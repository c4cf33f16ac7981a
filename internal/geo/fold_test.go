package geo

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"María-José  Ñandú":    "maria jose nandu",
		"Côte d'Ivoire":        "cote divoire",
		"U.N. Søren Łukasz":    "un soren lukasz",
		"Straße":               "strasse",
		"İstanbul ılık":        "istanbul ilik",
		"Ирина Ёлкина":         "ирина елкина",
		"مُحَمَّد على":         "محمد علي",
		"王小明":                  "王小明",
		"100%_done; --":        "100 done",
		"\u200eЮ\u202e \u0000": "ю",
		"":                     "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		folded := Fold(text)
		if again := Fold(folded); again != folded {
			t.Fatalf("Fold is not idempotent: %q, then %q", folded, again)
		}
		if nfd := Fold(norm.NFD.String(text)); nfd != folded {
			t.Fatalf("Fold depends on the normal form: %q and %q", folded, nfd)
		}
		if strings.ContainsFunc(folded, func(r rune) bool {
			return r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r)
		}) {
			t.Fatalf("Fold left a sign: %q", folded)
		}
		if strings.TrimSpace(folded) != folded || strings.Contains(folded, "  ") {
			t.Fatalf("Fold left spaces: %q", folded)
		}
	})
}
