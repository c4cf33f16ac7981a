package campaign

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/convoke/convoke/internal/errs"
)

// Audience is a filter over the contacts on the cycle's list. What is named within one field is
// alternatives, the fields narrow each other. An empty filter means nobody: everybody must be
// said by All, which then still is narrowed by the fields.
type Audience struct {
	Groups    []string `json:"stakeholder_groups,omitempty"`
	Regions   []string `json:"regions,omitempty"`
	Countries []string `json:"countries,omitempty"` // ISO 3166-1 alpha-2
	Languages []string `json:"languages,omitempty"` // BCP 47; es takes es-MX too
	All       bool     `json:"all,omitempty"`
}

// Empty says whether the filter means nobody.
func (a Audience) Empty() bool {
	return !a.All && len(a.Groups)+len(a.Regions)+len(a.Countries)+len(a.Languages) == 0
}

// A language is put into a pattern, where a sign such as _ would stand for any letter and "__" for
// nearly everybody.
var (
	wordPattern     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	countryPattern  = regexp.MustCompile(`^[A-Z]{2}$`)
	languagePattern = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

func (a Audience) validate() []errs.Field {
	if a.Empty() {
		return []errs.Field{errs.FieldError("audience", "campaign.audience.nobody")}
	}
	var wrong []errs.Field
	check := func(name string, words []string, pattern *regexp.Regexp) {
		if slices.ContainsFunc(words, func(w string) bool { return !pattern.MatchString(w) }) {
			wrong = append(wrong, errs.FieldError(name, "field.choice"))
		}
	}
	check("audience.stakeholder_groups", a.Groups, wordPattern)
	check("audience.regions", a.Regions, wordPattern)
	check("audience.countries", a.Countries, countryPattern)
	check("audience.languages", a.Languages, languagePattern)
	return wrong
}

func fieldName(list string, i int) string { return list + "." + strconv.Itoa(i) }
