package i18n

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	b := realBundle(t)
	for _, test := range []struct {
		preferences []string
		want        string
	}{
		{nil, "en"},
		{[]string{""}, "en"},
		{[]string{"es"}, "es"},
		{[]string{"pt-BR"}, "pt"},
		{[]string{"pt-PT"}, "pt"},
		{[]string{"pt-AO"}, "pt"},
		{[]string{"es-419"}, "es"},
		{[]string{"es_MX"}, "es"},
		{[]string{"fr-CA"}, "fr"},
		{[]string{"AR-eg"}, "ar"},
		{[]string{"en-GB"}, "en"},
		{[]string{"zh-CN"}, "zh"},
		{[]string{"zh-Hans-SG"}, "zh"},
		{[]string{"cmn"}, "zh"},
		{[]string{"zh-TW"}, "zh"}, // nothing better
		{[]string{"zh-Hant-HK"}, "zh"},
		{[]string{"zh-Hant-HK", "fr-CA"}, "fr"},
		{[]string{"zh-TW,en;q=0.5"}, "en"},
		{[]string{"zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7"}, "zh"},
		{[]string{"uk", "de"}, "en"}, // never a neighbour's language
		{[]string{"uk,ru;q=0.3"}, "ru"},
		{[]string{"de-CH,fr-CH;q=0.8,it;q=0.9"}, "fr"},
		{[]string{"en;q=0.3, es;q=0.9"}, "es"},
		{[]string{"es;q=0,fr;q=0.1"}, "fr"},
		{[]string{"es-QQ"}, "es"},
		{[]string{"*"}, "en"},
		{[]string{"fr-!!, ,;;q=1,\x00\xff,ru;q=0.2"}, "ru"},
		{[]string{"es;q=nine,fr;q=NaN,pt;q=0.1"}, "pt"},
		{[]string{"garbage header, which is no language"}, "en"},
		{[]string{strings.Repeat("x-", 5000), strings.Repeat("de,", 5000), "ar"}, "en"},
		{[]string{"de", "ar"}, "ar"},
		{[]string{PseudoTag}, PseudoTag},
		{[]string{"en-x-other"}, "en"},
	} {
		if got := b.Match(test.preferences...); got != test.want {
			t.Errorf("Match(%.60q) = %s, want %s", test.preferences, got, test.want)
		}
	}
}

func TestResolveAmong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		available, preferences string
		want                   string
	}{
		{"en fr", "fr", "fr"},
		{"en fr", "fr-CA", "fr"},
		{"en fr-FR", "fr-CA", ""},
		{"en fr-FR", "fr", ""},
		{"en fr-fr", "fr-FR", "fr-fr"},
		{"pt-PT pt", "pt-BR", "pt"},
		{"pt-PT", "pt-BR", ""},
		{"en es es-419", "es-MX", "es-419"},
		{"en es es-MX", "es-AR", "es"},
		{"en zh", "zh-TW", ""},
		{"en zh", "zh-Hant-HK", ""},
		{"en zh zh-Hant", "zh-HK", "zh-Hant"},
		{"en zh-Hans", "zh", "zh-Hans"},
		{"en zh-Hans", "zh-CN", "zh-Hans"},
		{"en zh-Hant", "zh", ""},
		{"en sr", "sr-Latn", ""},
		{"en ca-valencia", "ca", ""},
		{"en ca", "ca-valencia", "ca"},
		{"en ru", "uk", ""},
		{"en ru", "uk ru", "ru"},
		{"en fr", "de-DE en-GB fr", "en"},
		{"", "en", ""},
		{"en not/a/tag fr", "fr", "fr"},
		{"he", "iw", "he"},
	} {
		got, ok := ResolveAmong(strings.Fields(test.available), strings.Fields(test.preferences)...)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("ResolveAmong(%q, %q) = %q %v, want %q", test.available, test.preferences, got, ok, test.want)
		}
	}
}

func TestForFallsBackToTheBestMatch(t *testing.T) {
	t.Parallel()
	b := realBundle(t)
	for tag, want := range map[string]string{"es": "es", "es-MX": "es", "de": "en", "": "en", "☃": "en"} {
		if got := b.For(tag).Tag(); got != want {
			t.Errorf("For(%q) speaks %s, want %s", tag, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"", "zh-TW,zh;q=0.9", "*;q=0.1", "es-419", "en-x-pseudo", "i-klingon", "und-Latn", "sl-rozaj-biske-1994", "de-u-co-phonebk", "a;q=", ",;,"} {
		f.Add(seed, "fr")
	}
	b, err := New(smallFS())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		got := b.Match(first, second)
		if !b.Supported(got) {
			t.Fatalf("Match(%q, %q) = %q, which is none of ours", first, second, got)
		}
		if got != b.Match(first, second) {
			t.Fatalf("Match(%q, %q) is not stable", first, second)
		}
		if tag, ok := ResolveAmong([]string{first, second}, first); ok && tag != first && tag != second {
			t.Fatalf("ResolveAmong gave %q, which was not available", tag)
		}
	})
}
