// Package geo owns the reference data: countries and their names, regional groups, stakeholder
// groups, areas of expertise, initiatives, the questionnaire of 2017 and the glossary.
//
// The files under data are embedded and parsed once by Load; data/README.md says where each came
// from and what in it is unsure. A Reference never changes after Load, so that any number of
// goroutines may share one. Slices inside of what it returns are shared too: read them only.
package geo

import (
	"bytes"
	"embed"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

//go:embed data/*.csv data/questionnaire.yaml
var files embed.FS

// DefaultLocale is the language of a name that the wanted language does not have.
const DefaultLocale = "en"

// Locales are the BCP 47 tags in which the reference data has names, in display order.
func Locales() []string { return []string{"en", "fr", "es", "ar", "zh", "ru", "pt"} }

// Reference is the parsed reference data. Make one with Load.
type Reference struct {
	countries    []Country // by code
	byCode       map[string]int
	countryNames map[string]map[string]string // alpha-2 → locale → name
	countryIndex map[string]string            // folded name, code or alias → alpha-2
	ambiguous    []string                     // folded names that belong to several countries

	zones map[string]*time.Location // alpha-2 → principal zone

	groups       []Group // display order
	groupNames   map[string]map[string]string
	groupSources map[string]map[string]string
	groupIndex   map[string]string // folded name or alias → code

	expertise     []Expertise
	nris          []InitiativeRow
	glossary      []Term
	questionnaire []byte
}

// Load parses the embedded files. An error means that a file of the build is broken, never that
// something is wrong with the installation.
func Load() (*Reference, error) {
	r := &Reference{}
	for _, load := range []func(*Reference) error{
		loadCountries, loadZones, loadGroups, loadExpertise, loadInitiatives, loadGlossary, loadQuestionnaire,
	} {
		if err := load(r); err != nil {
			return nil, errs.Wrap("geo.load", err)
		}
	}
	return r, nil
}

// Questionnaire is the call and questionnaire of 2017 as YAML; the caller owns the bytes.
func (r *Reference) Questionnaire() []byte { return bytes.Clone(r.questionnaire) }

// WithNames is a copy of the Reference in which an installation's own country names come before
// those that are shipped: overrides maps an alpha-2 code to locales and their names. Codes and
// locales that are not ours, and empty names, are passed over. ParseCountry of the copy reads the
// new names too, except where a name is another country's already; the old names stay readable.
func (r *Reference) WithNames(overrides map[string]map[string]string) *Reference {
	c := *r
	c.countryNames = maps.Clone(r.countryNames)
	c.countryIndex = maps.Clone(r.countryIndex)
	for _, code := range slices.Sorted(maps.Keys(overrides)) {
		names, ok := r.countryNames[code]
		if !ok {
			continue
		}
		names = maps.Clone(names)
		for _, locale := range Locales() {
			name := strings.TrimSpace(overrides[code][locale])
			if name == "" {
				continue
			}
			names[locale] = name
			c.learn(code, name)
		}
		c.countryNames[code] = names
	}
	return &c
}

// learn makes a name readable for ParseCountry unless it already means something.
func (r *Reference) learn(code, name string) {
	key := keyOf(name)
	if _, taken := r.countryIndex[key]; key == "" || taken || slices.Contains(r.ambiguous, key) {
		return
	}
	r.countryIndex[key] = code
}

// pick is the text for a locale: of the tag itself, else of its shorter forms ("pt-BR", "pt"),
// else of English.
func pick(texts map[string]string, locale string) string {
	tag := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(locale)), "_", "-")
	for tag != "" {
		if text := texts[tag]; text != "" {
			return text
		}
		cut := strings.LastIndexByte(tag, '-')
		tag = tag[:max(cut, 0)]
	}
	return texts[DefaultLocale]
}

func loadQuestionnaire(r *Reference) error {
	var err error
	r.questionnaire, err = files.ReadFile("data/questionnaire.yaml")
	return err
}
