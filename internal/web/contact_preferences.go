package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const contactPreferencesPage page[contactPreferences] = "contact_preferences"

// contactPreferences is what a contact asked for, as officers see it.
type contactPreferences struct {
	ID     int64
	Name   string
	Asked  []contact.AskedRow
	Scopes []form.Option
	Erased bool
}

func (w *Web) contactPreferences(c *fiber.Ctx) error {
	data, err := w.contactPreferencesData(c)
	if err != nil {
		return err
	}
	return contactPreferencesPage.show(w, c, data)
}

func (w *Web) contactPreferencesData(c *fiber.Ctx) (contactPreferences, error) {
	ctx := c.UserContext()
	by, err := officerOnly(c)
	if err != nil {
		return contactPreferences{}, err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return contactPreferences{}, err
	}
	known, err := w.Contacts.Get(ctx, by, id)
	if err != nil {
		return contactPreferences{}, err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return contactPreferences{}, err
	}
	if err := w.callThem(c, []named{{id, &known.Name}}); err != nil {
		return contactPreferences{}, err
	}
	data := contactPreferences{ID: id, Name: known.Name, Erased: known.ErasedAt != nil}
	l := w.Server.Localizer(c)
	for _, s := range contact.Recordable() {
		data.Scopes = append(data.Scopes, form.Option{Value: string(s), Label: l.T("preferences.scope."+string(s), "Cycle", l.Isolate(current.Name))})
	}
	data.Asked, err = w.Contacts.AskedOf(ctx, by, id)
	return data, err
}

func (w *Web) recordAsked(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	err = w.Contacts.RecordAsked(ctx, account.ActorFrom(ctx), id, contact.Recorded{
		Scope: contact.Scope(c.FormValue("scope")), CycleID: current.ID, Note: c.FormValue("note"),
	})
	return w.askedDone(c, id, "preferences.record.done", err)
}

func (w *Web) endAsked(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	asked, err := httpserver.ID(c, "preference")
	if err != nil {
		return err
	}
	field := "reason-" + strconv.FormatInt(asked, 10)
	err = w.Contacts.EndAsked(ctx, account.ActorFrom(ctx), id, asked, c.FormValue(field))
	if wrong := errs.FieldsOf(err); len(wrong) > 0 {
		wrong[0].Name = field // the page has one for each
		err = errs.InvalidFields(wrong[0])
	}
	return w.askedDone(c, id, "preferences.end.done", err)
}

func (w *Web) askedDone(c *fiber.Ctx, id int64, done string, err error) error {
	if err == nil {
		return w.redirect(c, contactPath(id)+"/preferences", done)
	}
	if errs.Is(err, errs.Forbidden) {
		return err
	}
	data, failed := w.contactPreferencesData(c)
	if failed != nil {
		return failed
	}
	return contactPreferencesPage.again(w, c, data, err)
}
