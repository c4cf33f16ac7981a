package i18n

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/locales"
)

// sameAsEnglish are the texts of more than three words that rightly read like English, as "tag key".
var sameAsEnglish = []string{}

// TestLocalesComplete holds every language against English: the same keys and placeholders, every
// plural form, and no text that was left in English.
func TestLocalesComplete(t *testing.T) {
	t.Parallel()
	catalogs, err := load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range known() {
		t.Run(s.Tag, func(t *testing.T) {
			t.Parallel()
			defects := compare(s, catalogs[s.Tag], catalogs[English])
			const shown = 40
			for i, d := range defects {
				if i == shown {
					t.Errorf("… and %d more", len(defects)-shown)
					break
				}
				t.Error(d)
			}
		})
	}
}

// compare lists what is wrong with the texts of a language, sorted by key.
func compare(s spec, own, english catalog) []string {
	var defects []string
	for key, source := range english {
		e, ok := own[key]
		if !ok {
			defects = append(defects, key+": missing")
			continue
		}
		for _, d := range compareEntry(s, e, source) {
			defects = append(defects, key+": "+d)
		}
	}
	for key := range own {
		if _, ok := english[key]; !ok {
			defects = append(defects, key+": unknown in English")
		}
	}
	slices.Sort(defects)
	return defects
}

func compareEntry(s spec, e, source entry) []string {
	var defects []string
	wanted := []string{"other"}
	if source.plural {
		wanted = s.forms
	}
	for form, text := range forms(e.Message) {
		required := slices.Contains(wanted, form)
		switch {
		case required && strings.TrimSpace(text) == "":
			defects = append(defects, "no plural form "+form)
			continue
		case !required && text != "":
			defects = append(defects, "has a form it does not need: "+form)
			continue
		case text == "":
			continue
		}
		defects = append(defects, comparePlaceholders(form, text, source)...)
		if s.Tag != English && len(strings.Fields(text)) > 3 && slices.Contains(wordsOf(source), text) &&
			!slices.Contains(sameAsEnglish, s.Tag+" "+e.ID) {
			defects = append(defects, "left in English: "+text)
		}
	}
	return defects
}

// comparePlaceholders allows a plural form to say its number in words.
func comparePlaceholders(form, text string, source entry) []string {
	var defects []string
	has := fieldsOf(text)
	for _, f := range has {
		if !slices.Contains(source.fields, f) {
			defects = append(defects, fmt.Sprintf("form %s has a placeholder that English has not: %s", form, f))
		}
	}
	for _, f := range source.fields {
		mayBeWord := f == "Count" && source.plural && form != "other"
		if !slices.Contains(has, f) && !mayBeWord {
			defects = append(defects, fmt.Sprintf("form %s lacks the placeholder %s", form, f))
		}
	}
	return defects
}

func wordsOf(e entry) []string {
	return []string{e.Zero, e.One, e.Two, e.Few, e.Many, e.Other}
}

// The check itself must find each kind of defect.
func TestCompareFindsDefects(t *testing.T) {
	t.Parallel()
	const english = `
"a" = "Hello {{.Name}}"
"b" = "A text of more than three words"
["n"]
one = "{{.Count}} thing"
other = "{{.Count}} things"
`
	complete := `
"a" = "Привет, {{.Name}}"
"b" = "Текст"
["n"]
one = "{{.Count}} вещь"
few = "{{.Count}} вещи"
many = "{{.Count}} вещей"
other = "{{.Count}} вещи"
`
	for _, test := range []struct{ name, old, new, want string }{
		{"complete", "", "", ""},
		{"missing key", `"b" = "Текст"`, "", "b: missing"},
		{"unknown key", `"b" =`, "\"c\" = \"x\"\n\"b\" =", "c: unknown in English"},
		{"placeholder lost", ", {{.Name}}", "", "a: form other lacks the placeholder Name"},
		{"placeholder renamed", ".Name", ".Nom", "a: form other has a placeholder that English has not: Nom"},
		{"form lost", `few = "{{.Count}} вещи"`, "", "n: no plural form few"},
		{"number in words", `one = "{{.Count}} вещь"`, `one = "вещь"`, ""},
		{"left in English", "Текст", "A text of more than three words", "b: left in English: A text of more than three words"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(complete, test.old, test.new, 1)
			catalogs, err := load(fstest.MapFS{
				"active.en.toml": {Data: []byte(english)}, "parts/active.ru.toml": {Data: []byte(text)},
			})
			if err != nil {
				t.Fatal(err)
			}
			ru := known()[5]
			got := compare(ru, catalogs["ru"], catalogs["en"])
			if test.want == "" && len(got) > 0 || test.want != "" && !slices.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Every code of errs has its sentence.
func TestErrorCodesHaveSentences(t *testing.T) {
	t.Parallel()
	b := realBundle(t)
	for _, code := range errs.Codes() {
		key, _ := errs.Message(errs.E(code, ""))
		if !b.For(English).Has(key) {
			t.Errorf("%s has no text %s", code, key)
		}
	}
}
