package geo

import (
	"slices"
	"strings"
	"testing"
)

func TestGroupsInDisplayOrder(t *testing.T) {
	t.Parallel()
	r := load(t)
	var codes []string
	for _, g := range r.Groups() {
		codes = append(codes, g.Code)
		if got, ok := r.Group(g.Code); !ok || got.Code != g.Code || got.Note == "" || len(got.Aliases) == 0 {
			t.Errorf("Group(%q) = %+v, %v", g.Code, got, ok)
		}
	}
	want := []string{"government", "intergovernmental", "civil_society", "private_sector", "technical_community", "academia", "media"}
	if !slices.Equal(codes, want) {
		t.Errorf("groups are %v, want %v", codes, want)
	}
	if _, ok := r.Group("nri"); ok {
		t.Error("an initiative is no stakeholder group")
	}
}

func TestParseGroupRoundTrip(t *testing.T) {
	t.Parallel()
	r := load(t)
	check := func(text, want string) {
		for _, typed := range []string{text, strings.ToUpper(text), " " + strings.ToLower(text) + "\u00a0", keyOf(text)} {
			if got, ok := r.ParseGroup(typed); !ok || got != want {
				t.Errorf("ParseGroup(%q) = %q, want %q", typed, got, want)
			}
		}
	}
	for _, g := range r.Groups() {
		check(g.Code, g.Code)
		for _, alias := range g.Aliases {
			check(alias, g.Code)
		}
		for _, locale := range Locales() {
			check(r.GroupName(g.Code, locale), g.Code)
		}
	}
	for _, term := range r.Glossary() {
		if _, ok := r.Group(term.Key); ok {
			for _, text := range term.Text {
				check(text, term.Key)
			}
		}
	}
}

func TestParseGroup(t *testing.T) {
	t.Parallel()
	r := load(t)
	for text, want := range map[string]string{
		"NGO": GroupCivilSociety, "ngos": GroupCivilSociety, "Gov": GroupGovernment, "Gobiernos": GroupGovernment,
		"SOCIETE CIVILE": GroupCivilSociety, "civil-society": GroupCivilSociety, "Civil society": GroupCivilSociety,
		"Press/Media": GroupMedia, "press & media": GroupMedia, "СМИ": GroupMedia, "Mídia": GroupMedia,
		"Inter-Governmental Organization": GroupIntergovernmental, "IGO": GroupIntergovernmental,
		"المجتمع المدنى": GroupCivilSociety, "私营部门": GroupPrivateSector, "RIR": GroupTechnicalCommunity,
		"Academic": GroupAcademia, "NRI": "", "other": "", "": "", "/": "", "\xc3": "",
	} {
		if got, ok := r.ParseGroup(text); got != want || ok != (want != "") {
			t.Errorf("ParseGroup(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}

func TestGroupNameAndSource(t *testing.T) {
	t.Parallel()
	r := load(t)
	for _, c := range []struct{ code, locale, name, source string }{
		{GroupGovernment, "es", "Gobiernos", "found: Tunis Agenda in Spanish"},
		{GroupGovernment, "pt", "Governos", "own translation"},
		{GroupMedia, "pt-BR", "Imprensa e mídia", "own translation"},
		{GroupMedia, "de", "Press / Media", "IGF registration 2022 (press 1%); IGF 2008 (media 14%)"},
		{"youth", "fr", "youth", ""},
	} {
		if got := r.GroupName(c.code, c.locale); got != c.name {
			t.Errorf("GroupName(%q, %q) = %q, want %q", c.code, c.locale, got, c.name)
		}
		if got := r.GroupSource(c.code, c.locale); got != c.source {
			t.Errorf("GroupSource(%q, %q) = %q, want %q", c.code, c.locale, got, c.source)
		}
	}
}

func FuzzParseGroup(f *testing.F) {
	r := load(f)
	for _, seed := range []string{"NGO", "Press / Media", "Société civile", "الحكومات", "\xff", "政府"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := r.ParseGroup(text)
		if _, known := r.Group(code); ok != known {
			t.Errorf("ParseGroup(%q) = %q, %v", text, code, ok)
		}
	})
}
