package web

import (
	"slices"
	"testing"

	"github.com/jba/templatecheck"

	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

func allPages() []definition {
	var all []definition
	for _, s := range (&Web{}).sections() {
		all = append(all, s.pages...)
	}
	return all
}

func parsed(t *testing.T) *templates {
	t.Helper()
	set, err := parseTemplates(files, i18ntest.Bundle(t))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestEveryTemplateSuitsItsData(t *testing.T) {
	t.Parallel()
	set := parsed(t)
	for _, p := range allPages() {
		page, err := set.in(i18n.English, p.name())
		if err != nil {
			t.Errorf("page %q has no templates/%s.html: %v", p.name(), p.name(), err)
			continue
		}
		if err := templatecheck.CheckHTMLStrict(page.Lookup("layout.html"), p.sample()); err != nil {
			t.Errorf("page %q: %v", p.name(), err)
		}
	}
}

func TestEveryTemplateHasItsPage(t *testing.T) {
	t.Parallel()
	names, err := pageNames(files)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, p := range allPages() {
		if slices.Contains(declared, p.name()) {
			t.Errorf("two pages are named %q", p.name())
		}
		declared = append(declared, p.name())
	}
	for _, n := range names {
		if !slices.Contains(declared, n) {
			t.Errorf("templates/%s.html belongs to no page", n)
		}
	}
}
