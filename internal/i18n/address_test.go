package i18n

import (
	"regexp"
	"strings"
	"testing"

	"github.com/convoke/convoke/locales"
)

// otherAddress are words by which a language speaks to its reader otherwise than all its other texts do: the
// familiar forms, and in Arabic the singular, which would be of one sex. They are no other words of the language.
func otherAddress() map[string]*regexp.Regexp {
	words := func(list string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\p{L}\p{M}])((?:` + strings.Join(strings.Fields(list), "|") + `))(?:[^\p{L}\p{M}]|$)`)
	}
	return map[string]*regexp.Regexp{
		"fr": words("tu toi tes ton ta peux"),
		"es": words("tú tu tus contigo puedes debes tienes"),
		"pt": words("tu teu tua teus tuas podes tens"),
		"ru": words("ты тебя тебе тобой твой твоя твои твоё твое можешь выбери введи"),
		"zh": regexp.MustCompile("(你)"),
		"ar": words(`[وف]?(?:اختر|اكتب|اترك|اذكر|اسحب|ادمج|افعل|ابحث|انظر|احذف|اضغط|انقر|انتظر|اسأل|اطلب|ارجع|ابدأ|اقرأ)(?:ها?|هم)?
			[وف]?(?:يمكنك|بإمكانك|لديك|عليك|إليك|عندك|أنت|كنت|تريد|اسمك|بريدك|حسابك|بلدك|لغتك|منظمتك|مبادرتك|اقتراحك|إجابتك|مساهمتك|رسالتك|زميلك)`),
	}
}

// Whoever reads a page is spoken to in one way on all of it.
func TestALanguageAddressesItsReaderInOneWay(t *testing.T) {
	t.Parallel()
	catalogs, err := load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	marks := regexp.MustCompile("[\u064B-\u0652\u0670]")
	for tag, other := range otherAddress() {
		for key, e := range catalogs[tag] {
			for _, text := range forms(e.Message) {
				if m := other.FindStringSubmatch(marks.ReplaceAllString(text, "")); m != nil {
					t.Errorf("%s %s says %q: %s", tag, key, m[1], text)
				}
			}
		}
	}
}
