package geo

import (
	"slices"
	"strings"
	"testing"
)

func TestMembersByRegion(t *testing.T) {
	t.Parallel()
	r := load(t)
	members := map[Region]int{}
	for _, c := range r.Countries() {
		if c.UNMember != (c.Region != NoRegion) {
			t.Errorf("%s: member %v in %s", c.Code, c.UNMember, c.Region)
		}
		if r.RegionOf(c.Code) != c.Region {
			t.Errorf("RegionOf(%s) = %s, want %s", c.Code, r.RegionOf(c.Code), c.Region)
		}
		if c.UNMember {
			members[c.Region]++
		}
	}
	want := map[Region]int{AfricanGroup: 54, AsiaPacificGroup: 54, EasternEuropeanGroup: 23, GRULAC: 33, WEOG: 29}
	total := 0
	for region, count := range want {
		if members[region] != count {
			t.Errorf("%s has %d members, want %d", region, members[region], count)
		}
		total += members[region]
	}
	if total != 193 {
		t.Errorf("%d members, want 193", total)
	}
}

func TestPlacementsWithANote(t *testing.T) {
	t.Parallel()
	r := load(t)
	for code, want := range map[string]Region{
		"KI": AsiaPacificGroup, "TR": WEOG, "US": WEOG, "IL": WEOG, "PS": NoRegion, "VA": NoRegion, "TW": NoRegion, "ZZ": NoRegion, "": NoRegion,
	} {
		if got := r.RegionOf(code); got != want {
			t.Errorf("%s is in %s, want %s", code, got, want)
		}
		if c, ok := r.Country(code); ok && code != "TW" && c.RegionNote == "" {
			t.Errorf("%s lost its note", code)
		}
	}
}

func TestCountryFacts(t *testing.T) {
	t.Parallel()
	r := load(t)
	rirs := map[string]int{}
	for _, c := range r.Countries() {
		rirs[c.RIR]++
		if len(c.Code) != 2 || len(c.Alpha3) != 3 || c.NameISO == "" {
			t.Errorf("%+v has an empty cell", c)
		}
		if c.M49Region == "" && c.Code != "AQ" && c.Code != "TW" {
			t.Errorf("%s has no statistical region", c.Code)
		}
		if c.BriefingLanguage != "" && !slices.Contains(Locales(), c.BriefingLanguage) {
			t.Errorf("%s: briefing in %q, which we do not have", c.Code, c.BriefingLanguage)
		}
		if (len(c.Languages) == 0) != (c.BriefingLanguage == "") {
			t.Errorf("%s: languages %v, briefing %q", c.Code, c.Languages, c.BriefingLanguage)
		}
	}
	for rir, want := range map[string]int{"AFRINIC": 57, "APNIC": 56, "ARIN": 29, "LACNIC": 31, "RIPE NCC": 76} {
		if rirs[rir] != want {
			t.Errorf("%s serves %d, want %d", rir, rirs[rir], want)
		}
	}
	c, _ := r.Country("CH")
	if want := []string{"de", "fr", "it", "rm"}; c.Alpha3 != "CHE" || !slices.Contains(c.Languages, "rm") || len(c.Languages) < len(want) {
		t.Errorf("CH = %+v", c)
	}
	if _, ok := r.Country("ch"); ok {
		t.Error("codes are upper case")
	}
}

// Every code, name and alias leads back to its country, in capitals, without diacritics and with
// spaces around it, except for the texts listed here.
func TestParseCountryRoundTrip(t *testing.T) {
	t.Parallel()
	r := load(t)
	if want := []string{}; !slices.Equal(r.ambiguous, want) {
		t.Errorf("ambiguous names are %q, want %q", r.ambiguous, want)
	}
	check := func(text, want string) {
		for _, typed := range []string{text, strings.ToUpper(text), strings.ToLower(text), " " + text + "\u200f\n", keyOf(text)} {
			if got, ok := r.ParseCountry(typed); !ok || got != want {
				t.Errorf("ParseCountry(%q) = %q, want %q", typed, got, want)
			}
		}
	}
	for _, c := range r.Countries() {
		check(c.Code, c.Code)
		check(c.Alpha3, c.Code)
		check(c.NameISO, c.Code)
		for _, locale := range Locales() {
			check(r.CountryName(c.Code, locale), c.Code)
		}
	}
	for _, file := range []string{"country_names.csv", "country_aliases.csv", "countries.csv"} {
		rows, err := readTable(file, "alpha2")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, column := range append(Locales(), "alias", "name_common_en") {
				if row[column] != "" {
					check(row[column], row["alpha2"])
				}
			}
		}
	}
}

func TestParseCountry(t *testing.T) {
	t.Parallel()
	r := load(t)
	for text, want := range map[string]string{
		"Brasil": "BR", "USA": "US", "U.S.A.": "US", "u.s.": "US", "UK": "GB", "Ivory Coast": "CI",
		"Côte d'Ivoire": "CI", "cote d’ivoire": "CI", "Cote D Ivoire": "CI", "COTE-D'IVOIRE": "CI",
		"Turkey": "TR", "TÜRKİYE": "TR", "turkiye": "TR", "Viet Nam": "VN", "vietnam": "VN",
		"The Gambia": "GM", "the bahamas": "BS", "The Netherlands": "NL", "Holland": "NL",
		"Iran (Islamic Republic of)": "IR", "Islamic Republic of Iran": "IR", "Democratic Republic of the Congo": "CD",
		"State of Palestine": "PS", "Bolivia (Plurinational State of)": "BO", "Republic of Korea": "KR",
		"КОТ-ДИВУАР": "CI", "сша": "US", "Российская Федерация": "RU", "Россия": "RU", "Соединённые Штаты": "US",
		"الامارات": "AE", "السعودية": "SA", "السعوديه": "SA", "عمان": "OM", "سوريه": "SY",
		"中国": "CN", "台灣": "TW", "刚果(金)": "CD", "NA": "NA", "no": "NO", "Polónia": "PL", "Czech Republic": "CZ",
		"Curacao": "CW", "Aland Islands": "AX", "Sao Tome and Principe": "ST", "Antigua and Barbuda": "AG",
		"Korea": "", "Virgin Islands": "", "America": "", "Europe": "", "EU": "", "the": "", "": "", " ": "", "—": "",
		"Brazil, Portugal": "", "\xff\xfe": "", strings.Repeat("a", 5000): "",
	} {
		if got, ok := r.ParseCountry(text); got != want || ok != (want != "") {
			t.Errorf("ParseCountry(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}

func TestCountryName(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, c := range []struct{ code, locale, want string }{
		{"BR", "en", "Brazil"},
		{"BR", "pt", "Brasil"},
		{"BR", "pt-PT", "Brasil"},
		{"BR", "de", "Brazil"},
		{"BR", "", "Brazil"},
		{"NA", "ru", "Намибия"},
		{"TW", "en", "Taiwan, Province of China"},
		{"PS", "en", "Palestine, State of"},
		{"ZZ", "fr", "ZZ"},
		{"", "fr", ""},
	} {
		if got := r.CountryName(c.code, c.locale); got != c.want {
			t.Errorf("CountryName(%q, %q) = %q, want %q", c.code, c.locale, got, c.want)
		}
	}
}

func FuzzParseCountry(f *testing.F) {
	r := load(f)
	for _, seed := range []string{"Brasil", "the ", "İ", "ΐ", "ſ", "U.S.A.", "\xff", "\xf2Ǆ", "刚果（金）", "عُمان", "q\u0307\u0323", "ﬀ", "\u0345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := r.ParseCountry(text)
		if _, known := r.Country(code); ok != known {
			t.Errorf("ParseCountry(%q) = %q, %v", text, code, ok)
		}
		if len(text) < longestName/2 {
			if again, _ := r.ParseCountry(" (" + text + ") "); again != code {
				t.Errorf("ParseCountry(%q) = %q, in brackets %q", text, code, again)
			}
		}
		if region, ok := ParseRegion(text); ok != region.Valid() {
			t.Errorf("ParseRegion(%q) = %q, %v", text, region, ok)
		}
	})
}
