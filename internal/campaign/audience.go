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

var wordPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (a Audience) validate() []errs.Field {
	if a.Empty() {
		return []errs.Field{errs.FieldError("audience", "campaign.audience.nobody")}
	}
	var wrong []errs.Field
	for name, words := range map[string][]string{
		"audience.stakeholder_groups": a.Groups, "audience.regions": a.Regions,
		"audience.countries": a.Countries, "audience.languages": a.Languages,
	} {
		if slices.ContainsFunc(words, func(w string) bool { return !wordPattern.MatchString(w) }) {
			wrong = append(wrong, errs.FieldError(name, "field.choice"))
		}
	}
	slices.SortFunc(wrong, func(a, b errs.Field) int { return len(a.Name) - len(b.Name) })
	return wrong
}

func fieldName(list string, i int) string { return list + "." + strconv.Itoa(i) }
