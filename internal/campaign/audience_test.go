package campaign

import "testing"

func TestAudienceSaysWhom(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		audience Audience
		wrong    string
	}{
		"nobody":                      {Audience{}, "audience"},
		"everybody":                   {Audience{All: true}, ""},
		"a dialect":                   {Audience{Languages: []string{"es", "zh-Hant-TW", "es-419"}}, ""},
		"a pattern for any language":  {Audience{Languages: []string{"__"}}, "audience.languages"},
		"a pattern beside a language": {Audience{Languages: []string{"es", "e%"}}, "audience.languages"},
		"no language":                 {Audience{Languages: []string{""}}, "audience.languages"},
		"a country":                   {Audience{Countries: []string{"MX"}}, ""},
		"no country":                  {Audience{Countries: []string{"_"}}, "audience.countries"},
		"a group of a cycle's own":    {Audience{Groups: []string{"civil_society", "own-group"}}, ""},
		"no group":                    {Audience{Groups: []string{""}}, "audience.stakeholder_groups"},
		"no region":                   {Audience{Regions: []string{"weog", " "}}, "audience.regions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := tt.audience.validate()
			if got := len(wrong); (got == 0) != (tt.wrong == "") || got > 1 || got == 1 && wrong[0].Name != tt.wrong {
				t.Errorf("got %v, want %q", wrong, tt.wrong)
			}
		})
	}
}
