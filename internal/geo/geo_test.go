package geo

import (
	"slices"
	"strings"
	"testing"
)

func load(t testing.TB) *Reference {
	t.Helper()
	r, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rows(t *testing.T, file string) int {
	t.Helper()
	table, err := readTable(file)
	if err != nil {
		t.Fatal(err)
	}
	return len(table)
}

func TestRowCounts(t *testing.T) {
	t.Parallel()
	r := load(t)
	for name, count := range map[string][2]int{
		"countries":       {len(r.Countries()), 249},
		"country names":   {len(r.countryNames), 249},
		"groups":          {len(r.Groups()), 7},
		"expertise":       {len(r.Expertise()), 14},
		"initiatives":     {len(r.NRIs()), 164},
		"glossary":        {len(r.Glossary()), 85},
		"country aliases": {rows(t, "country_aliases.csv"), 303},
		"group aliases":   {rows(t, "group_aliases.csv"), 140},
		"locales":         {len(Locales()), 7},
		"regions":         {len(Regions()), 6},
		"questions of q3": {strings.Count(string(r.Questionnaire()), "- {id: q3"), 10},
	} {
		if count[0] != count[1] {
			t.Errorf("%s: %d, want %d", name, count[0], count[1])
		}
	}
}

func TestNoEmptyCells(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, locale := range Locales() {
		for _, c := range r.Countries() {
			if strings.TrimSpace(r.countryNames[c.Code][locale]) == "" {
				t.Errorf("country %s has no name in %s", c.Code, locale)
			}
		}
		for _, g := range r.Groups() {
			if r.groupNames[g.Code][locale] == "" || r.groupSources[g.Code][locale] == "" {
				t.Errorf("group %s has no name or no source in %s", g.Code, locale)
			}
		}
		for _, term := range r.Glossary() {
			if term.Text[locale] == "" || (locale != "en" && term.Source[locale] == "") {
				t.Errorf("term %s has no text or no source in %s", term.Key, locale)
			}
		}
	}
}

func TestExpertiseIsUsedByTheQuestionnaire(t *testing.T) {
	t.Parallel()
	r := load(t)
	yaml := string(r.Questionnaire())
	for _, e := range r.Expertise() {
		if !strings.Contains(yaml, "topics: ["+e.Tag+"]") || !strings.Contains(yaml, "id: "+e.QuestionRef) {
			t.Errorf("%s (%s) is not in the questionnaire", e.Tag, e.QuestionRef)
		}
		if e.Label == "" || e.Description == "" {
			t.Errorf("%s has an empty cell", e.Tag)
		}
	}
}

func TestPickFallsBackToEnglish(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"en": "Brazil", "pt": "Brasil", "fr": ""}
	for locale, want := range map[string]string{
		"pt": "Brasil", "pt-BR": "Brasil", "PT_br": "Brasil", "en": "Brazil",
		"fr": "Brazil", "de": "Brazil", "": "Brazil", "-": "Brazil", "pts": "Brazil",
	} {
		if got := pick(texts, locale); got != want {
			t.Errorf("pick(%q) = %q, want %q", locale, got, want)
		}
	}
}

func TestInitiatives(t *testing.T) {
	t.Parallel()
	r := load(t)
	names := map[string]bool{}
	unconfirmed := 0
	for _, row := range r.NRIs() {
		if names[row.Name] {
			t.Errorf("%s is there twice", row.Name)
		}
		names[row.Name] = true
		for _, code := range row.Countries {
			if _, ok := r.Country(code); !ok {
				t.Errorf("%s: unknown country %q", row.Name, code)
			}
		}
		if len(row.Countries) == 0 && row.Scope == "" {
			t.Errorf("%s has neither country nor scope", row.Name)
		}
		if !slices.Contains([]string{KindNational, KindSubregional, KindRegional, KindYouth}, row.Kind) {
			t.Errorf("%s: unknown kind %q", row.Name, row.Kind)
		}
		if row.Kind == KindNational && len(row.Countries) != 1 {
			t.Errorf("%s is national and has countries %v", row.Name, row.Countries)
		}
		if !strings.HasPrefix(row.Source, "http") {
			t.Errorf("%s has no source", row.Name)
		}
		if !row.Confirmed {
			unconfirmed++
		}
	}
	if unconfirmed != 51 {
		t.Errorf("%d initiatives are unconfirmed, want 51", unconfirmed)
	}
	i := slices.IndexFunc(r.NRIs(), func(row InitiativeRow) bool { return row.Name == "Namibia IGF" })
	if i < 0 || !slices.Equal(r.NRIs()[i].Countries, []string{"NA"}) || r.NRIs()[i].YearFounded != 2017 {
		t.Error("Namibia was taken for a missing value")
	}
}

func TestAccessorsHandOutCopies(t *testing.T) {
	t.Parallel()
	r := load(t)
	r.Countries()[0].Code = "XX"
	r.Groups()[0].Code = "x"
	r.NRIs()[0].Name = "x"
	r.Glossary()[0].Key = "x"
	r.Expertise()[0].Tag = "x"
	r.Questionnaire()[0] = 'x'
	if r.Countries()[0].Code == "XX" || r.Groups()[0].Code == "x" || r.NRIs()[0].Name == "x" ||
		r.Glossary()[0].Key == "x" || r.Expertise()[0].Tag == "x" || r.Questionnaire()[0] == 'x' {
		t.Error("a caller changed the reference data")
	}
}

func TestWithNames(t *testing.T) {
	t.Parallel()
	r := load(t)
	own := r.WithNames(map[string]map[string]string{
		"CZ": {"en": "Bohemia and Moravia", "fr": " ", "xx": "nothing"},
		"PS": {"fr": "État de Palestine"},
		"DE": {"en": "France"},
		"ZZ": {"en": "Nowhere"},
	})
	for _, c := range []struct{ code, locale, want string }{
		{"CZ", "en", "Bohemia and Moravia"},
		{"CZ", "fr", "Tchéquie"},
		{"PS", "fr", "État de Palestine"},
		{"PS", "en", "Palestine, State of"},
		{"ZZ", "en", "ZZ"},
	} {
		if got := own.CountryName(c.code, c.locale); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.code, c.locale, got, c.want)
		}
	}
	for text, want := range map[string]string{"bohemia AND moravia": "CZ", "Czechia": "CZ", "France": "FR", "Nowhere": ""} {
		if got, _ := own.ParseCountry(text); got != want {
			t.Errorf("%q reads as %q, want %q", text, got, want)
		}
	}
	if r.CountryName("CZ", "en") != "Czechia" {
		t.Error("the original changed")
	}
	if _, ok := r.ParseCountry("Bohemia and Moravia"); ok {
		t.Error("the original's index changed")
	}
}
