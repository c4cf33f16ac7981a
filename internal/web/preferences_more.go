package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/web/form"
)

// The parts of the preferences that are folded until somebody wants them.
const (
	addressPart   = "address"
	colleaguePart = "colleague"
)

// Whether somebody who names a colleague wants the messages as well.
const (
	stillYes = "yes"
	stillNo  = "no"
)

// preferencesAddress has a letter written to another address. The answer says nothing of that address.
func (w *Web) preferencesAddress(c *fiber.Ctx) error {
	ctx := c.UserContext()
	return w.preferencesDo(c, saidAddress, addressPart, func(f form.Form) error {
		if _, err := w.preferencesData(c); err != nil { // says in which language the letter is
			return err
		}
		return w.Contacts.AskAddress(ctx, account.ActorFrom(ctx), c.Params("token"), f.Value("new_email"), w.Server.Localizer(c).Tag())
	})
}

func (w *Web) preferencesBack(c *fiber.Ctx) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if typed.Value(sure) == "" {
		return w.preferences(c)
	}
	ctx := c.UserContext()
	return w.preferencesDo(c, saidBack, "", func(form.Form) error {
		return w.Contacts.BackToThis(ctx, account.ActorFrom(ctx), c.Params("token"))
	})
}

func (w *Web) preferencesColleague(c *fiber.Ctx) error {
	ctx := c.UserContext()
	return w.preferencesDo(c, saidColleague, colleaguePart, func(f form.Form) error {
		return w.Contacts.SuggestColleague(ctx, account.ActorFrom(ctx), c.Params("token"), contact.Colleague{
			Name: f.Value("name"), Email: f.Value("email"), Why: f.Value("why"), Still: f.Value("still") != stillNo,
		})
	})
}

type confirmData struct {
	contact.PendingAddress
	Path string
}

// confirmAddress asks before anything is confirmed: programs look at the links of letters too.
func (w *Web) confirmAddress(c *fiber.Ctx) error {
	data, err := w.confirmData(c)
	if err != nil {
		return err
	}
	return confirmAddressPage.show(w, c, data)
}

func (w *Web) confirmData(c *fiber.Ctx) (confirmData, error) {
	p, err := w.Contacts.PendingAddress(c.UserContext(), c.Params("secret"))
	if err != nil {
		return confirmData{}, err
	}
	locale := p.Language
	if asked := c.Query("lang"); w.Bundle.Supported(asked) {
		locale = asked
	}
	w.Server.Speak(c, locale)
	return confirmData{PendingAddress: p, Path: c.Path()}, nil
}

func (w *Web) addressConfirmed(c *fiber.Ctx) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if typed.Value(sure) == "" {
		return w.confirmAddress(c)
	}
	ctx := c.UserContext()
	err = w.Contacts.ConfirmAddress(ctx, account.ActorFrom(ctx), c.Params("secret"))
	data, failed := w.confirmData(c)
	if failed != nil {
		return failed
	}
	if err != nil {
		return confirmAddressPage.again(w, c, data, err)
	}
	return c.Redirect(c.Path()+"?lang="+w.Server.Localizer(c).Tag(), http.StatusSeeOther)
}
