package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

func (w *Web) respondAbout(c *fiber.Ctx) error {
	d, err := w.about(c)
	if err != nil {
		return err
	}
	k := d.Contribution
	return respondAboutPage.showForm(w, c, d, form.With("name", k.Name, "organization", k.Organization,
		"capacity", string(k.Capacity), "email", k.Email, "stakeholder_group", k.StakeholderGroup, "country", k.Country))
}

func (w *Web) about(c *fiber.Ctx) (respondAbout, error) {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return respondAbout{}, err
	}
	c.Locals(languageFormKey, languageForm)
	return respondAbout{respondData: d, Capacities: w.capacities(c), Groups: w.groups(c), Countries: w.countries(c)}, nil
}

func (w *Web) saveAbout(c *fiber.Ctx) error {
	d, err := w.about(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	p := profileOf(posted)
	e := contribution.Entry{Profile: &p, Language: chosenLanguage(posted, d.Locale)}
	ctx := c.UserContext()
	if _, err := w.Contributions.Save(ctx, account.ActorFrom(ctx), c.Params("token"), e); err != nil {
		return respondAboutPage.again(w, c, d, err)
	}
	switch {
	case posted.Value("lang") != "":
		return w.redirect(c, d.Base+"/about", "")
	case posted.Value("action") == laterAction:
		return w.redirect(c, d.Base, "respond.saved")
	}
	return w.redirect(c, d.Base+"/check", "")
}

func profileOf(f form.Form) contribution.Profile {
	return contribution.Profile{
		Name: f.Value("name"), Organization: f.Value("organization"), Capacity: contribution.Capacity(f.Value("capacity")),
		Email: f.Value("email"), StakeholderGroup: f.Value("stakeholder_group"), Country: f.Value("country"),
	}
}

func (w *Web) capacities(c *fiber.Ctx) []form.Option {
	l := w.Server.Localizer(c)
	var all []form.Option
	for _, k := range []contribution.Capacity{contribution.Individual, contribution.Organizational} {
		all = append(all, form.Option{Value: string(k), Label: l.T("contribution.capacity." + string(k))})
	}
	return all
}

// groups are the stakeholder groups to choose from, after an empty choice.
func (w *Web) groups(c *fiber.Ctx) []form.Option {
	l := w.Server.Localizer(c)
	all := []form.Option{{Label: l.T("respond.choose")}}
	for _, g := range w.Geo.Groups() {
		all = append(all, form.Option{Value: g.Code, Label: w.Geo.GroupName(g.Code, l.Tag())})
	}
	return all
}

// countries are the countries to choose from, after an empty choice, in the reader's order.
func (w *Web) countries(c *fiber.Ctx) []form.Option {
	l := w.Server.Localizer(c)
	var all []form.Option
	for _, country := range w.Geo.Countries() {
		all = append(all, form.Option{Value: country.Code, Label: w.Geo.CountryName(country.Code, l.Tag())})
	}
	slices.SortFunc(all, byLabel(l))
	return append([]form.Option{{Label: l.T("respond.choose")}}, all...)
}

func byLabel(l *i18n.Localizer) func(a, b form.Option) int {
	compare := l.Comparer()
	return func(a, b form.Option) int {
		if n := compare(a.Label, b.Label); n != 0 {
			return n
		}
		return strings.Compare(a.Value, b.Value)
	}
}
