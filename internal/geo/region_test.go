package geo

import "testing"

func TestRegionsAreValid(t *testing.T) {
	t.Parallel()
	for _, g := range Regions() {
		if !g.Valid() {
			t.Errorf("%s is not valid", g)
		}
		if got, ok := ParseRegion(string(g)); !ok || got != g {
			t.Errorf("ParseRegion(%q) = %q, %v", g, got, ok)
		}
	}
	for _, g := range []Region{"", "GRULAC", "europe"} {
		if g.Valid() {
			t.Errorf("%q is valid", g)
		}
	}
}

// The glossary has the names of the five groups in seven languages; all of them can be read.
func TestParseRegionReadsTheGlossary(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, term := range load(t).Glossary() {
		want := Region(term.Key)
		if !want.Valid() {
			continue
		}
		seen++
		for locale, text := range term.Text {
			if got, ok := ParseRegion(text); !ok || got != want {
				t.Errorf("%s: ParseRegion(%q) = %q, want %q", locale, text, got, want)
			}
		}
	}
	if seen != 5 {
		t.Errorf("%d regions are in the glossary, want 5", seen)
	}
}

func TestParseRegion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Region{
		"GRULAC": GRULAC, "ГРУЛАК": GRULAC, "latin america & caribbean": GRULAC, "Latin America and the Caribbean": GRULAC,
		"América Latina": GRULAC, "Western European and Others Group (WEOG)": WEOG, "weog": WEOG, "WESTERN EUROPEAN AND OTHERS GROUP": WEOG,
		"Africa": AfricanGroup, "Afrique": AfricanGroup, "África": AfricanGroup, "Африканская группа": AfricanGroup,
		"Asia Pacific": AsiaPacificGroup, "asia-pacific": AsiaPacificGroup, "亚太": AsiaPacificGroup, "Азия и Тихий океан": AsiaPacificGroup,
		"Eastern Europe": EasternEuropeanGroup, "Восточная Европа": EasternEuropeanGroup, "Europe de l'Est": EasternEuropeanGroup,
		"none": NoRegion, "IGO": NoRegion, "No region (intergovernmental bodies)": NoRegion,
		"Europe": "", "Asia": "", "Western Europe": "", "Oceania": "", "Pacific": "", "North America": "", "Middle East": "",
		"Arab States": "", "n/a": "", "": "", " - ": "",
	} {
		if got, ok := ParseRegion(text); got != want || ok != (want != "") {
			t.Errorf("ParseRegion(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}
