package sheet

import (
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/convoke/convoke/internal/geo"
)

// languageNames maps the folded names of languages, in our languages and in themselves, to tags.
var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	add := func(name, tag string) {
		if key := geo.Fold(name); key != "" {
			if _, taken := names[key]; !taken {
				names[key] = tag
			}
		}
	}
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			base, err := language.ParseBase(string([]rune{a, b}))
			if err != nil || base.String() != string([]rune{a, b}) {
				continue
			}
			tag := language.Make(base.String())
			for _, locale := range geo.Locales() {
				add(display.Languages(language.Make(locale)).Name(tag), base.String())
			}
			add(display.Self.Name(tag), base.String())
			add(base.ISO3(), base.String())
		}
	}
	for name, tag := range map[string]string{
		"Mandarin": "zh", "Mandarin Chinese": "zh", "Putonghua": "zh", "普通话": "zh", "汉语": "zh", "漢語": "zh", "华语": "zh", "国语": "zh", "中文": "zh",
		"Simplified Chinese": "zh-Hans", "Chinese (Simplified)": "zh-Hans", "简体中文": "zh-Hans", "简体": "zh-Hans", "chinois simplifié": "zh-Hans",
		"Traditional Chinese": "zh-Hant", "Chinese (Traditional)": "zh-Hant", "繁體中文": "zh-Hant", "繁体中文": "zh-Hant", "繁體": "zh-Hant", "Cantonese": "yue",
		"Castellano": "es", "Castilian": "es", "Castillan": "es", "Farsi": "fa", "Dari": "fa-AF", "Flemish": "nl", "Moldovan": "ro", "Tagalog": "tl", "Filipino": "fil",
		"Brazilian": "pt-BR", "Brazilian Portuguese": "pt-BR", "Português do Brasil": "pt-BR", "European Portuguese": "pt-PT",
		"فصحى": "ar", "عربي": "ar", "انجليزي": "en", "فرنسي": "fr", "اسباني": "es", "по-русски": "ru", "по-английски": "en",
		"Greek": "el", "Norwegian": "no", "Serbo-Croatian": "sh", "Creole": "ht", "Kreyòl": "ht",
		"eng": "en", "fre": "fr", "fra": "fr", "spa": "es", "esp": "es", "ara": "ar", "chi": "zh", "zho": "zh", "rus": "ru", "por": "pt", "ger": "de", "cn": "zh", "jp": "ja", "英": "en", "法": "fr", "俄": "ru", "西": "es", "阿": "ar", "葡": "pt", "中": "zh",
	} {
		names[geo.Fold(name)] = tag
	}
	return names
})

func languageByName(text string) (tag string, ok bool) {
	if len(text) > 100 {
		return "", false
	}
	tag, ok = languageNames()[geo.Fold(text)]
	return tag, ok
}
