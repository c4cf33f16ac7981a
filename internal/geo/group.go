package geo

import (
	"fmt"
	"slices"
	"strings"
)

// The codes of the stakeholder groups. A cycle may add its own; those are not here.
const (
	GroupGovernment         = "government"
	GroupIntergovernmental  = "intergovernmental"
	GroupCivilSociety       = "civil_society"
	GroupPrivateSector      = "private_sector"
	GroupTechnicalCommunity = "technical_community"
	GroupAcademia           = "academia"
	GroupMedia              = "media"
)

// Group is a stakeholder group.
type Group struct {
	Code    string
	Aliases []string // what ParseGroup understands beside code and names, in several languages
	Note    string   // what there is to know about its use, in English
}

// GroupCodes are the seven codes in display order.
func GroupCodes() []string {
	return []string{
		GroupGovernment, GroupIntergovernmental, GroupCivilSociety, GroupPrivateSector,
		GroupTechnicalCommunity, GroupAcademia, GroupMedia,
	}
}

// Groups are the stakeholder groups in display order.
func (r *Reference) Groups() []Group { return slices.Clone(r.groups) }

// Group is the stakeholder group of a code.
func (r *Reference) Group(code string) (Group, bool) {
	for _, g := range r.groups {
		if g.Code == code {
			return g, true
		}
	}
	return Group{}, false
}

// GroupName is the name of a group in a language, in English where the language has none. A
// code that is unknown (one of a cycle's own) comes back as it is.
func (r *Reference) GroupName(code, locale string) string {
	if name := pick(r.groupNames[code], locale); name != "" {
		return name
	}
	return code
}

// GroupTexts are the names of the groups as texts for i18n.WithTexts, by language and key: "group." and the code.
func (r *Reference) GroupTexts() map[string]map[string]string {
	texts := map[string]map[string]string{}
	for _, locale := range Locales() {
		texts[locale] = map[string]string{}
		for code := range r.groupNames {
			texts[locale]["group."+code] = r.GroupName(code, locale)
		}
	}
	return texts
}

// GroupSource says where the name that GroupName gives came from, in English: where it was
// found, "own translation", or for English where the IGF uses it. Empty for an unknown code.
func (r *Reference) GroupSource(code, locale string) string {
	return pick(r.groupSources[code], locale)
}

// ParseGroup reads a group's code out of what a person typed: the code, a name or an alias in
// one of our languages, whatever its case and diacritics.
func (r *Reference) ParseGroup(text string) (code string, ok bool) {
	code, ok = r.groupIndex[keyOf(text)]
	return code, ok
}

func loadGroups(r *Reference) error {
	rows, err := readTable("stakeholder_groups.csv", "code", "igf_label_en", "aliases_en", "used_in", "note")
	if err != nil {
		return err
	}
	own, err := readTable("group_aliases.csv", "code", "language", "alias")
	if err != nil {
		return err
	}
	found := make(map[string]Group, len(rows))
	r.groupNames = make(map[string]map[string]string, len(rows))
	r.groupSources = make(map[string]map[string]string, len(rows))
	for _, row := range rows {
		code := row["code"]
		found[code] = Group{Code: code, Aliases: strings.Split(row["aliases_en"], ";"), Note: row["note"]}
		r.groupNames[code] = map[string]string{DefaultLocale: row["igf_label_en"]}
		r.groupSources[code] = map[string]string{DefaultLocale: row["used_in"]}
		for _, locale := range Locales()[1:] {
			r.groupNames[code][locale] = row[locale]
			r.groupSources[code][locale] = row[locale+"_source"]
		}
	}
	for _, row := range own {
		g, ok := found[row["code"]]
		if !ok {
			return fmt.Errorf("group_aliases.csv: unknown code %q", row["code"])
		}
		g.Aliases = append(g.Aliases, row["alias"])
		found[g.Code] = g
	}
	return r.orderGroups(found)
}

// orderGroups puts the groups into display order and indexes what they are called.
func (r *Reference) orderGroups(found map[string]Group) error {
	texts := newIndex()
	for _, code := range GroupCodes() {
		g, ok := found[code]
		if !ok {
			return fmt.Errorf("stakeholder_groups.csv: no row for %q", code)
		}
		r.groups = append(r.groups, g)
		texts.add(code, code)
		for _, alias := range g.Aliases {
			texts.add(alias, code)
		}
		for _, name := range r.groupNames[code] {
			texts.add(name, code)
		}
	}
	if len(found) != len(r.groups) {
		return fmt.Errorf("stakeholder_groups.csv: %d groups where %d are known", len(found), len(r.groups))
	}
	var several []string
	r.groupIndex, several = texts.split()
	if len(several) > 0 {
		return fmt.Errorf("stakeholder groups: %q mean several groups", several)
	}
	return nil
}
