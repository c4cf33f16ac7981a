package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const addressPage page[addressData] = "contact_address"

type addressData struct {
	ID      int64
	Name    string
	Address contact.ListedAddress
	Kinds   []form.Option
}

// addressOf is the address that the path names, as an officer sees it.
func (w *Web) addressOf(c *fiber.Ctx) (addressData, error) {
	by, err := officerOnly(c)
	if err != nil {
		return addressData{}, err
	}
	id, address, err := addressIDs(c)
	if err != nil {
		return addressData{}, err
	}
	d, err := w.Contacts.Get(c.UserContext(), by, id)
	if err != nil {
		return addressData{}, err
	}
	l := w.Server.Localizer(c)
	data := addressData{ID: id, Name: d.Name}
	for _, k := range []contact.AddressKind{contact.Personal, contact.Role} {
		data.Kinds = append(data.Kinds, form.Option{Value: string(k), Label: l.T("contact.address.kind." + string(k))})
	}
	for _, a := range d.Addresses {
		if a.AddressID == address {
			data.Address = a
			return data, nil
		}
	}
	return data, errs.E(errs.NotFound, "error.not_found")
}

func addressIDs(c *fiber.Ctx) (contactID, addressID int64, err error) {
	if contactID, err = httpserver.ID(c, "id"); err != nil {
		return 0, 0, err
	}
	addressID, err = httpserver.ID(c, "address")
	return contactID, addressID, err
}

func (w *Web) oneAddress(c *fiber.Ctx) error {
	data, err := w.addressOf(c)
	if err != nil {
		return err
	}
	return addressPage.showForm(w, c, data, form.With("email", data.Address.Email, "kind", string(data.Address.Kind)))
}

// onAddress does something to the address that the path names, and leads back to its contact.
func (w *Web) onAddress(c *fiber.Ctx, done string, do func(by account.Actor, contactID, addressID int64) error) error {
	id, address, err := addressIDs(c)
	if err != nil {
		return err
	}
	if err := do(account.ActorFrom(c.UserContext()), id, address); err != nil {
		if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
			return err
		}
		data, failed := w.addressOf(c)
		if failed != nil {
			return failed
		}
		return addressPage.again(w, c, data, err)
	}
	return w.redirect(c, contactPath(id)+"#addresses", done)
}

func (w *Web) correctAddress(c *fiber.Ctx) error {
	return w.onAddress(c, "contact.address.saved", func(by account.Actor, contactID, addressID int64) error {
		email, kind := c.FormValue("email"), contact.AddressKind(c.FormValue("kind"))
		_, err := w.Contacts.CorrectAddress(c.UserContext(), by, contactID, addressID, contact.AddressEdit{Email: &email, Kind: &kind})
		return err
	})
}

func (w *Web) putAddressFirst(c *fiber.Ctx) error {
	return w.onAddress(c, "contact.address.ordered", func(by account.Actor, contactID, addressID int64) error {
		return w.Contacts.OrderAddresses(c.UserContext(), by, contactID, []int64{addressID})
	})
}

func (w *Web) restoreAddress(c *fiber.Ctx) error {
	return w.onAddress(c, "contact.address.works.done", func(by account.Actor, contactID, addressID int64) error {
		return w.Contacts.RestoreAddress(c.UserContext(), by, contactID, addressID, c.FormValue("reason"))
	})
}

func (w *Web) suppressAddress(c *fiber.Ctx) error {
	return w.onAddress(c, "contact.address.suppress.done", func(by account.Actor, contactID, addressID int64) error {
		return w.Contacts.SuppressAddress(c.UserContext(), by, contactID, addressID)
	})
}

func (w *Web) removeAddress(c *fiber.Ctx) error {
	return w.onAddress(c, "contact.address.remove.done", func(by account.Actor, contactID, addressID int64) error {
		return w.Contacts.RemoveAddress(c.UserContext(), by, contactID, addressID)
	})
}
