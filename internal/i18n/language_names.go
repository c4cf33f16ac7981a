package i18n

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// LanguageTags reads languages as people list them, in the order of preference: names in any of
// our languages or in the language itself, and BCP 47 tags, parted by commas. Tags may be parted by
// spaces, too. What is neither name nor tag stays as it is, for whoever checks tags to refuse.
func (b *Bundle) LanguageTags(text string) string {
	b.learnNames.Do(func() { b.languages = languagesByName(b.localizers) })
	var tags []string
	for _, part := range strings.FieldsFunc(text, parts) {
		part = strings.TrimSpace(part)
		if tag, ok := b.languages[foldName(part)]; ok {
			part = tag
		}
		if part != "" {
			tags = append(tags, part)
		}
	}
	return strings.Join(tags, " ")
}

func parts(r rune) bool { return strings.ContainsRune(",;/\n،؛、，；", r) }

// variants are the tags of more than one part that people name.
func variants() []string { return []string{"pt-BR", "pt-PT", "zh-Hans", "zh-Hant", "es-419", "fil"} }

func languagesByName(localizers map[string]*Localizer) map[string]string {
	names := map[string]string{}
	learn := func(name, tag string) {
		if key := foldName(name); key != "" && names[key] == "" {
			names[key] = tag
			if bare := withoutArticles(key); names[bare] == "" {
				names[bare] = tag
			}
		}
	}
	all := variants()
	for first := 'a'; first <= 'z'; first++ {
		for second := 'a'; second <= 'z'; second++ {
			if base, err := language.ParseBase(string([]rune{first, second})); err == nil {
				all = append(all, base.String())
			}
		}
	}
	for _, code := range all {
		tag := language.Make(code)
		for _, l := range localizers {
			learn(l.LanguageName(code), code)
		}
		learn(display.Self.Name(tag), code)
	}
	return names
}

// withoutArticles takes the article from each word of an Arabic name, because people write فرنسية as well as الفرنسية.
func withoutArticles(name string) string {
	words := strings.Fields(name)
	for i, word := range words {
		words[i] = strings.TrimPrefix(word, "ال")
	}
	return strings.Join(words, " ")
}

// foldName brings spellings of a name together: without case and diacritics.
func foldName(name string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))), " ")
}
