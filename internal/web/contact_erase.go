package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const contactErasePage page[contactEraseData] = "contact_erase"

type contactEraseData struct {
	ID   int64
	Name string
	Sure []form.Option
	Also []form.Option
}

func (w *Web) contactEraseData(c *fiber.Ctx) (contactEraseData, error) {
	by, err := officerOnly(c)
	if err != nil {
		return contactEraseData{}, err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return contactEraseData{}, err
	}
	d, err := w.Contacts.Get(c.UserContext(), by, id)
	switch {
	case err != nil:
		return contactEraseData{}, err
	case d.ErasedAt != nil:
		return contactEraseData{}, errs.E(errs.Gone, "contact.erased")
	case d.Kind != contact.Person:
		return contactEraseData{}, errs.E(errs.NotFound, "error.not_found")
	}
	l := w.Server.Localizer(c)
	return contactEraseData{
		ID: id, Name: d.Name,
		Sure: []form.Option{{Value: "yes", Label: l.T("contact.erase.sure")}},
		Also: []form.Option{{Value: "yes", Label: l.T("contact.erase.suppress")}},
	}, nil
}

func (w *Web) askErase(c *fiber.Ctx) error {
	data, err := w.contactEraseData(c)
	if err != nil {
		return err
	}
	return contactErasePage.show(w, c, data)
}

func (w *Web) eraseContact(c *fiber.Ctx) error {
	data, err := w.contactEraseData(c)
	if err != nil {
		return err
	}
	if c.FormValue("sure") != "yes" {
		return contactErasePage.again(w, c, data, errs.InvalidFields(errs.FieldError("sure", "contact.erase.sure_required")))
	}
	by, err := officerOnly(c)
	if err != nil {
		return err
	}
	if err := w.Contacts.Erase(c.UserContext(), by, data.ID, c.FormValue("suppress") == "yes"); err != nil {
		return err
	}
	return w.redirect(c, contactPath(data.ID), "contact.erase.done")
}
