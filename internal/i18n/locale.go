package i18n

import "golang.org/x/text/language"

// English is the source language: what is missing elsewhere is shown in it.
const English = "en"

// PseudoTag is the tag of the pseudo-locale that WithPseudo adds.
const PseudoTag = "en-x-pseudo"

// Locale is a language that Convoke speaks.
type Locale struct {
	Tag  string // BCP 47: "es"
	Dir  string // "ltr" or "rtl", for the dir attribute
	Name string // the language's name in itself: "Español"
}

// spec is a locale with what is needed to write in it.
type spec struct {
	Locale
	format string   // the tag whose CLDR data writes numbers, names of languages and sorts
	forms  []string // the CLDR cardinal plural forms that each plural text must have
	cal    calendar
}

// known are the languages in the order in which they are offered.
//
// Arabic is written with the digits 0–9 (nu-latn), as the Arabic documents of the United Nations
// are: the same n/N stands beside it in six other languages. Chinese is zh-Hans, Portuguese is
// the common language of Brazil and Portugal as far as there is one.
func known() []spec {
	return []spec{
		{Locale{English, "ltr", "English"}, "en", []string{"one", "other"}, englishCalendar},
		{Locale{"fr", "ltr", "Français"}, "fr", []string{"one", "many", "other"}, frenchCalendar},
		{Locale{"es", "ltr", "Español"}, "es", []string{"one", "many", "other"}, spanishCalendar},
		{Locale{"ar", "rtl", "العربية"}, "ar-u-nu-latn", []string{"zero", "one", "two", "few", "many", "other"}, arabicCalendar},
		{Locale{"zh", "ltr", "中文(简体)"}, "zh", []string{"other"}, chineseCalendar},
		{Locale{"ru", "ltr", "Русский"}, "ru", []string{"one", "few", "many", "other"}, russianCalendar},
		{Locale{"pt", "ltr", "Português"}, "pt", []string{"one", "many", "other"}, portugueseCalendar},
	}
}

// pseudoSpec is English made strange.
func pseudoSpec() spec {
	return spec{Locale{PseudoTag, "ltr", Pseudo("Pseudo")}, "en", []string{"one", "other"}, englishCalendar}
}

func (s spec) tag() language.Tag { return language.Make(s.format) }
