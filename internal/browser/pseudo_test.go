//go:build unix

package browser

import (
	"testing"

	"github.com/convoke/convoke/internal/browser/crawl"
	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
)

// TestNothingIsUntranslated reads every page that each role can come to in the pseudo-locale: what
// does not come from the texts shows.
func TestNothingIsUntranslated(t *testing.T) {
	t.Parallel()
	h := house.Start(t, house.Small(), "--pseudo")
	routes := h.Routes(t)
	known := referenceNames(t)
	for _, who := range roles() {
		t.Run(who.name, func(t *testing.T) {
			t.Parallel()
			told := map[string]bool{}
			c := crawl.Follow(t, clientOf(t, h, who), routes, i18n.PseudoTag, "/")
			for _, p := range c.Pages {
				if p.Doc.Lang != i18n.PseudoTag {
					t.Errorf("%s is in %q", p.Path, p.Doc.Lang)
				}
				for _, text := range p.Doc.Untranslated(known) {
					if key := p.Route.Path + text; !told[key] {
						told[key] = true
						t.Errorf("%s: %s", p.Path, text)
					}
				}
			}
			for _, w := range c.Wrong {
				t.Error(w)
			}
		})
	}
}

// referenceNames knows the names of countries and groups: they come from the reference data, whose
// own tests hold that every language has them.
func referenceNames(t *testing.T) func(string) bool {
	t.Helper()
	reference, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range reference.Countries() {
		names[crawl.Plain(reference.CountryName(c.Code, i18n.PseudoTag))] = true
		names[c.RIR] = true
	}
	for _, g := range reference.Groups() {
		names[crawl.Plain(reference.GroupName(g.Code, i18n.PseudoTag))] = true
	}
	return func(name string) bool { return names[name] }
}
