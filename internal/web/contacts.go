package web

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const contactsPage page[contactsData] = "contacts"

// contactRow is a contact with its codes in the reader's language.
type contactRow struct {
	contact.Row
	Group, RegionName, CountryName string
	Speaks                         []string
}

// choices are what the forms about contacts choose from, each after an empty choice.
type choices struct {
	Kinds, Groups, Regions, Countries, Gaps, Expertise []form.Option
}

func (w *Web) contactRow(l *i18n.Localizer, r contact.Row) contactRow {
	return contactRow{
		Row: r, Group: w.groupName(l, r.StakeholderGroup), RegionName: w.regionName(l, r.Region),
		CountryName: w.countryName(l, r.Country), Speaks: languageNames(l, r.Languages),
	}
}

func (w *Web) countryName(l *i18n.Localizer, code string) string {
	if code == "" {
		return ""
	}
	return w.Geo.CountryName(code, l.Tag())
}

// languageNames names tags that are separated by spaces.
func languageNames(l *i18n.Localizer, tags string) []string {
	var names []string
	for _, tag := range strings.Fields(tags) {
		names = append(names, l.LanguageName(tag))
	}
	return names
}

func (w *Web) choices(l *i18n.Localizer) choices {
	all := form.Option{Label: l.T("contact.choose")}
	ch := choices{
		Groups: []form.Option{all}, Regions: []form.Option{all}, Gaps: []form.Option{all},
	}
	for _, k := range []contact.Kind{contact.Person, contact.Organization} {
		ch.Kinds = append(ch.Kinds, form.Option{Value: string(k), Label: l.T("contact.kind." + string(k))})
	}
	for _, g := range w.Geo.Groups() {
		ch.Groups = append(ch.Groups, form.Option{Value: g.Code, Label: w.Geo.GroupName(g.Code, l.Tag())})
	}
	for _, r := range geo.Regions() {
		ch.Regions = append(ch.Regions, form.Option{Value: string(r), Label: l.T("region." + string(r))})
	}
	for _, country := range w.Geo.Countries() {
		ch.Countries = append(ch.Countries, form.Option{Value: country.Code, Label: w.Geo.CountryName(country.Code, l.Tag())})
	}
	slices.SortFunc(ch.Countries, byLabel(l))
	ch.Countries = append([]form.Option{all}, ch.Countries...)
	for _, g := range contact.Gaps() {
		ch.Gaps = append(ch.Gaps, form.Option{Value: string(g), Label: l.T("outreach.gap." + string(g))})
	}
	for _, e := range w.Geo.Expertise() {
		ch.Expertise = append(ch.Expertise, form.Option{Value: e.Tag, Label: expertiseName(l, e.Tag)})
	}
	return ch
}

// toFill are the choices for a form that is filled in: nothing is chosen where a filter would take anything.
func (ch choices) toFill(l *i18n.Localizer) choices {
	for _, options := range [][]form.Option{ch.Groups, ch.Regions, ch.Countries} {
		options[0].Label = l.T("respond.choose")
	}
	return ch
}

func expertiseName(l *i18n.Localizer, tag string) string { return l.T("contact.expertise." + tag) }

func expertiseNames(l *i18n.Localizer, tags string) []string {
	var names []string
	for _, tag := range strings.Fields(tags) {
		names = append(names, expertiseName(l, tag))
	}
	return names
}
