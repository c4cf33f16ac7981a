package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const tiePage page[tieData] = "contact_tie"

type tieData struct {
	ID           int64 // the person
	Name         string
	Tie          int64 // 0 for a new one
	Organization string
	Functions    []form.Option
	YesNo        []form.Option
}

func (w *Web) tieData(c *fiber.Ctx) (tieData, contact.Tie, error) {
	by, err := officerOnly(c)
	if err != nil {
		return tieData{}, contact.Tie{}, err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return tieData{}, contact.Tie{}, err
	}
	d, err := w.Contacts.Get(c.UserContext(), by, id)
	if err != nil {
		return tieData{}, contact.Tie{}, err
	}
	l := w.Server.Localizer(c)
	data := tieData{ID: id, Name: d.Name, Functions: functionOptions(l), YesNo: []form.Option{
		{Value: "yes", Label: l.T("common.yes")}, {Value: "no", Label: l.T("common.no")},
	}}
	if c.Params("tie") == "" {
		return data, contact.Tie{}, nil
	}
	if data.Tie, err = httpserver.ID(c, "tie"); err != nil {
		return data, contact.Tie{}, err
	}
	for _, tie := range d.Affiliations {
		if tie.ID == data.Tie {
			data.Organization = tie.Name
			return data, tie, nil
		}
	}
	return data, contact.Tie{}, errs.E(errs.NotFound, "error.not_found")
}

func (w *Web) newTie(c *fiber.Ctx) error {
	data, _, err := w.tieData(c)
	if err != nil {
		return err
	}
	return tiePage.showForm(w, c, data, form.With("represents", "yes"))
}

func (w *Web) tie(c *fiber.Ctx) error {
	data, tie, err := w.tieData(c)
	if err != nil {
		return err
	}
	return tiePage.showForm(w, c, data, form.With("function", string(tie.Function), "title", tie.Title,
		"represents", yesOrNo(tie.Represents), "since", tie.Since, "until", tie.Until))
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (w *Web) addTie(c *fiber.Ctx) error {
	return w.saveTie(c, func(by account.Actor, id int64, f form.Form) error {
		_, err := w.Contacts.AffiliateByName(c.UserContext(), by, f.Value("organization"), contact.Affiliation{
			ContactID: id, Function: contact.Function(f.Value("function")), Title: f.Value("title"),
			Represents: f.Value("represents") == "yes", Since: f.Value("since"), Until: f.Value("until"),
		})
		return err
	})
}

func (w *Web) correctTie(c *fiber.Ctx) error {
	return w.saveTie(c, func(by account.Actor, id int64, f form.Form) error {
		tie, err := httpserver.ID(c, "tie")
		if err != nil {
			return err
		}
		function, represents := contact.Function(f.Value("function")), f.Value("represents") == "yes"
		title, since, until := f.Value("title"), f.Value("since"), f.Value("until")
		_, err = w.Contacts.CorrectAffiliation(c.UserContext(), by, id, tie, contact.AffiliationEdit{
			Function: &function, Title: &title, Represents: &represents, Since: &since, Until: &until,
		})
		return err
	})
}

func (w *Web) saveTie(c *fiber.Ctx, save func(by account.Actor, id int64, f form.Form) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if err := save(account.ActorFrom(c.UserContext()), id, typed); err != nil {
		if !errs.Is(err, errs.Invalid) {
			return err
		}
		data, _, failed := w.tieData(c)
		if failed != nil {
			return failed
		}
		return tiePage.again(w, c, data, err)
	}
	return w.redirect(c, contactPath(id), "contact.affiliation.saved")
}
