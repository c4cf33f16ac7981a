package i18n_test

import (
	"testing"

	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

func TestLanguagesAreUnderstoodByNameAndByTag(t *testing.T) {
	t.Parallel()
	b := i18ntest.Bundle(t)
	for typed, want := range map[string]string{
		"":                    "",
		"es":                  "es",
		"es en":               "es en",
		"Spanish, English":    "es en",
		"espagnol,anglais":    "es en",
		"  ESPAÑOL ; inglés ": "es en",
		"الإسبانية، الإنجليزية":           "es en",
		"الاسبانية":                       "es",
		"فرنسية، ألبانية، ألمانية":        "fr sq de",
		"西班牙语，英语":                         "es en",
		"испанский, английский":           "es en",
		"русский / Kiswahili":             "ru sw",
		"pt_BR":                           "pt_BR",
		"Brazilian Portuguese":            "pt-BR",
		"portugais brésilien":             "pt-BR",
		"Klingon speech":                  "Klingon speech",
		"français, wolof, <script>, zulu": "fr wo <script> zu",
	} {
		if got := b.LanguageTags(typed); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
	for _, l := range b.Tags() {
		for _, tag := range []string{"es", "zh", "ar", "sw", "uk", "pt-BR"} {
			if got := b.LanguageTags(b.For(l).LanguageName(tag)); got != tag {
				t.Errorf("%s: the name of %s, %q, is read as %q", l, tag, b.For(l).LanguageName(tag), got)
			}
		}
	}
}
