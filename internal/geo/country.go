package geo

import (
	"fmt"
	"slices"
	"strings"
)

// Country is a country or territory of ISO 3166-1.
type Country struct {
	Code             string // ISO 3166-1 alpha-2, upper case; the key everywhere
	Alpha3           string
	NameISO          string // English name of the standard
	UNMember         bool
	Region           Region   // NoRegion for whatever is no member of the United Nations
	RegionNote       string   // what there is to know about the placement, in English
	Languages        []string // official languages, BCP 47; empty for three uninhabited places
	BriefingLanguage string   // derived, one of Locales; a coordinator's choice comes first
	RIR              string   // Regional Internet Registry
	M49Region        string   // statistical region of the United Nations; empty for Antarctica and Taiwan
	M49Subregion     string
}

// Country is the country of an alpha-2 code in upper case.
func (r *Reference) Country(code string) (Country, bool) {
	i, ok := r.byCode[code]
	if !ok {
		return Country{}, false
	}
	return r.countries[i], true
}

// Countries are all countries in the order of their codes. Sort them by CountryName with the
// collation of the reader's language where people choose from them.
func (r *Reference) Countries() []Country { return slices.Clone(r.countries) }

// CountryName is the name in a language: the installation's own (WithNames), else in English
// that of ISO 3166-1 and in other languages that of CLDR. A locale without names falls back to
// English, a code that is unknown to the code itself, so that a screen is never blank.
func (r *Reference) CountryName(code, locale string) string {
	if name := pick(r.countryNames[code], locale); name != "" {
		return name
	}
	return code
}

// RegionOf is the regional group of a country; NoRegion where it has none or is unknown.
func (r *Reference) RegionOf(code string) Region {
	if c, ok := r.Country(code); ok {
		return c.Region
	}
	return NoRegion
}

// ParseCountry reads an alpha-2 code out of what a person typed: a code of two or three letters,
// a name in one of our languages or a common alias, whatever its case and diacritics. It answers
// no where the text may mean several countries ("Korea").
func (r *Reference) ParseCountry(text string) (code string, ok bool) {
	key := keyOf(text)
	if code, ok = r.countryIndex[key]; ok {
		return code, true
	}
	if rest, found := strings.CutPrefix(key, "the "); found {
		code, ok = r.countryIndex[rest]
	}
	return code, ok
}

func loadCountries(r *Reference) error {
	rows, err := readTable("countries.csv", "alpha2", "alpha3", "name_iso_en", "name_common_en", "m49_region", "m49_subregion",
		"un_member", "un_regional_group", "un_group_note", "official_languages", "suggested_briefing_language", "rir")
	if err != nil {
		return err
	}
	r.byCode = make(map[string]int, len(rows))
	for i, row := range rows {
		region, ok := ParseRegion(row["un_regional_group"])
		if !ok {
			return fmt.Errorf("countries.csv: %s has no region that we know", row["alpha2"])
		}
		r.countries = append(r.countries, Country{
			Code: row["alpha2"], Alpha3: row["alpha3"], NameISO: row["name_iso_en"],
			UNMember: row["un_member"] == "yes", Region: region, RegionNote: row["un_group_note"],
			Languages:        strings.Fields(row["official_languages"]),
			BriefingLanguage: row["suggested_briefing_language"], RIR: row["rir"],
			M49Region: row["m49_region"], M49Subregion: row["m49_subregion"],
		})
		r.byCode[row["alpha2"]] = i
	}
	return r.loadCountryNames()
}

// loadCountryNames fills the names and the index of what ParseCountry understands. A code wins
// over a name, so that two letters always mean what the standard says.
func (r *Reference) loadCountryNames() error {
	rows, err := readTable("country_names.csv", append([]string{"alpha2"}, Locales()...)...)
	if err != nil {
		return err
	}
	aliases, err := readTable("country_aliases.csv", "alpha2", "alias")
	if err != nil {
		return err
	}
	names := newIndex()
	r.countryNames = make(map[string]map[string]string, len(rows))
	for _, row := range rows {
		c, ok := r.Country(row["alpha2"])
		if !ok {
			return fmt.Errorf("country_names.csv: unknown code %q", row["alpha2"])
		}
		r.countryNames[c.Code] = make(map[string]string, len(Locales()))
		for _, locale := range Locales() {
			r.countryNames[c.Code][locale] = row[locale]
			names.add(row[locale], c.Code)
		}
		r.countryNames[c.Code][DefaultLocale] = c.NameISO
		names.add(c.NameISO, c.Code)
		names.add(turned(c.NameISO), c.Code)
	}
	for _, row := range aliases {
		if _, ok := r.byCode[row["alpha2"]]; !ok {
			return fmt.Errorf("country_aliases.csv: unknown code %q", row["alpha2"])
		}
		names.add(row["alias"], row["alpha2"])
	}
	for _, c := range r.countries {
		names.set(c.Code, c.Code)
		names.set(c.Alpha3, c.Code)
	}
	r.countryIndex, r.ambiguous = names.split()
	return nil
}

// turned puts the inverted names of the standard in the order of speech: "Iran, Islamic
// Republic of" becomes "Islamic Republic of Iran". Other names give "".
func turned(name string) string {
	head, tail, found := strings.Cut(name, ", ")
	if !found || !strings.HasSuffix(tail, " of") && !strings.HasSuffix(tail, " of the") {
		return ""
	}
	return tail + " " + head
}
