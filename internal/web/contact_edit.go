package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const contactEditPage page[contactEditData] = "contact_edit"

type contactEditData struct {
	ID        int64 // 0 for a new one
	Name      string
	Choices   choices
	Functions []form.Option
	Bases     []form.Option
	Derived   string // the region that follows from the country, "" for a new one
	Seen      string // when the contact was changed last, as the editor saw it
}

func (w *Web) contactsSection() section {
	return section{
		pages: []definition{contactsPage, contactEditPage, contactPage, addressPage, contactPreferencesPage, tiePage, listingPage, contactErasePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/contacts", account.ContactRead, w.contacts)
			r.Handle(fiber.MethodGet, "/contacts/new", account.ContactCreate, w.newContact)
			r.Handle(fiber.MethodPost, "/contacts/new", account.ContactCreate, w.createContact)
			r.Handle(fiber.MethodGet, "/contacts/:id", account.ContactRead, w.contact)
			w.contactRoutes(r)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims", account.ClaimMake, w.makeClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/renew", account.ClaimWork, w.renewClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/release", account.ClaimWork, w.releaseClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/done", account.ClaimWork, w.finishClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/attempts", account.ClaimWork, w.logAttempt)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/revoke", account.ClaimRevoke, w.revokeClaim)
		},
	}
}

// contactRoutes are those by which officers keep what is known of a contact.
func (w *Web) contactRoutes(r *httpserver.Router) {
	write := account.ContactWrite
	r.Handle(fiber.MethodGet, "/contacts/:id/edit", write, w.editContact)
	r.Handle(fiber.MethodPost, "/contacts/:id/edit", write, w.updateContact)
	r.Handle(fiber.MethodPost, "/contacts/:id/addresses", write, w.addAddress)
	r.Handle(fiber.MethodGet, "/contacts/:id/addresses/:address", write, w.oneAddress)
	r.Handle(fiber.MethodPost, "/contacts/:id/addresses/:address", write, w.correctAddress)
	r.Handle(fiber.MethodPost, "/contacts/:id/addresses/:address/first", write, w.putAddressFirst)
	r.Handle(fiber.MethodPost, "/contacts/:id/addresses/:address/works", write, w.restoreAddress)
	r.Handle(fiber.MethodPost, "/contacts/:id/addresses/:address/suppress", write, w.suppressAddress)
	r.Handle(fiber.MethodPost, "/contacts/:id/addresses/:address/remove", write, w.removeAddress)
	r.Handle(fiber.MethodGet, "/contacts/:id/affiliations/new", write, w.newTie)
	r.Handle(fiber.MethodPost, "/contacts/:id/affiliations/new", write, w.addTie)
	r.Handle(fiber.MethodGet, "/contacts/:id/affiliations/:tie", write, w.tie)
	r.Handle(fiber.MethodPost, "/contacts/:id/affiliations/:tie", write, w.correctTie)
	r.Handle(fiber.MethodGet, "/contacts/:id/preferences", write, w.contactPreferences)
	r.Handle(fiber.MethodPost, "/contacts/:id/preferences", write, w.recordAsked)
	r.Handle(fiber.MethodPost, "/contacts/:id/preferences/:preference/end", write, w.endAsked)
	r.Handle(fiber.MethodGet, "/contacts/:id/erase", write, w.askErase)
	r.Handle(fiber.MethodPost, "/contacts/:id/erase", write, w.eraseContact)
	r.Handle(fiber.MethodGet, "/contacts/:id/listing", write, w.listing)
	r.Handle(fiber.MethodPost, "/contacts/:id/listing", write, w.placeOnList)
}

// officerOnly refuses those who may write to a contact only in part: by adding an address to what they claimed.
func officerOnly(c *fiber.Ctx) (account.Actor, error) {
	by := account.ActorFrom(c.UserContext())
	return by, by.RequireOn(account.ContactWrite, false, "")
}

func (w *Web) contactEditData(l *i18n.Localizer) contactEditData {
	ch := w.choices(l).toFill(l)
	ch.Regions[0].Label = l.T("contact.region_override.none")
	return contactEditData{Choices: ch, Functions: functionOptions(l), Bases: basisOptions(l)}
}

func functionOptions(l *i18n.Localizer) []form.Option {
	options := []form.Option{{Label: l.T("contact.function.unknown")}}
	for _, f := range contact.Functions() {
		options = append(options, form.Option{Value: string(f), Label: l.T("contact.function." + string(f))})
	}
	return options
}

func basisOptions(l *i18n.Localizer) []form.Option {
	options := []form.Option{{Label: l.T("contact.basis.unknown")}}
	for _, b := range contact.Bases() {
		options = append(options, form.Option{Value: string(b), Label: l.T("contact.basis." + string(b))})
	}
	return options
}

func (w *Web) newContact(c *fiber.Ctx) error {
	typed := form.With("kind", string(contact.Person), "organization", c.Query("organization"),
		"stakeholder_group", c.Query("stakeholder_group"), "country", c.Query("country"))
	return contactEditPage.showForm(w, c, w.contactEditData(w.Server.Localizer(c)), typed)
}

func (w *Web) createContact(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	made, err := w.Contacts.Create(ctx, account.ActorFrom(ctx), contact.Draft{
		Kind: contact.Kind(typed.Value("kind")), Name: typed.Value("name"), Transliteration: typed.Value("transliteration"),
		Organization: typed.Value("organization"), Function: typed.Value("function"), Title: typed.Value("title"),
		StakeholderGroup: typed.Value("stakeholder_group"), Country: typed.Value("country"), Region: typed.Value("region"),
		Languages: w.Bundle.LanguageTags(typed.Value("language")), Expertise: strings.Join(typed.Values["expertise"], " "),
		Source: typed.Value("source"), LawfulBasis: typed.Value("lawful_basis"), LawfulBasisNote: typed.Value("lawful_basis_note"),
		Notes: typed.Value("notes"), Email: typed.Value("email"), CycleID: current.ID,
	})
	if err != nil {
		return contactEditPage.again(w, c, w.contactEditData(l), err)
	}
	return w.redirect(c, contactPath(made.ID), "contact.created", "Name", made.Name)
}

func (w *Web) editContact(c *fiber.Ctx) error {
	by, err := officerOnly(c)
	if err != nil {
		return err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	d, err := w.Contacts.Get(c.UserContext(), by, id)
	if err != nil {
		return err
	}
	if d.ErasedAt != nil {
		return errs.E(errs.Gone, "contact.erased")
	}
	l := w.Server.Localizer(c)
	typed := form.With("name", d.Name, "transliteration", d.Transliteration, "stakeholder_group", d.StakeholderGroup,
		"country", d.Country, "language", strings.Join(languageNames(l, d.Languages), ", "), "source", d.Source,
		"lawful_basis", string(d.LawfulBasis), "lawful_basis_note", d.LawfulBasisNote, "notes", d.Notes)
	typed.Values["expertise"] = strings.Fields(d.Expertise)
	if d.RegionOverridden {
		typed.Values["region"] = []string{d.Region}
	}
	data := w.contactEditData(l)
	data.describe(w, l, d.Contact)
	return contactEditPage.showForm(w, c, data, typed)
}

func (d *contactEditData) describe(w *Web, l *i18n.Localizer, c contact.Contact) {
	d.ID, d.Name, d.Seen = c.ID, c.Name, c.UpdatedAt.Format(time.RFC3339Nano)
	d.Derived = w.regionName(l, w.Contacts.RegionFor(c.StakeholderGroup, c.Country))
}

func (w *Web) updateContact(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	_, err = w.Contacts.Update(ctx, account.ActorFrom(ctx), id, w.editOf(typed, current.ID))
	if err != nil {
		return w.editAgain(c, id, err)
	}
	return w.redirect(c, contactPath(id), "contact.saved")
}

func (w *Web) editOf(typed form.Form, cycleID int64) contact.Edit {
	value := func(name string) *string {
		v := strings.Join(typed.Values[name], " ")
		return &v
	}
	languages := w.Bundle.LanguageTags(typed.Value("language"))
	e := contact.Edit{
		Name: value("name"), Transliteration: value("transliteration"), StakeholderGroup: value("stakeholder_group"),
		Country: value("country"), Region: value("region"), Languages: &languages, Expertise: value("expertise"),
		Source: value("source"), LawfulBasis: value("lawful_basis"), LawfulBasisNote: value("lawful_basis_note"), Notes: value("notes"),
		CycleID: cycleID,
	}
	if seen, err := time.Parse(time.RFC3339Nano, typed.Value("seen")); err == nil {
		e.Seen = &seen
	}
	return e
}

// editAgain shows the form with what was wrong and, where somebody else was quicker, what is saved now, in words.
func (w *Web) editAgain(c *fiber.Ctx, id int64, why error) error {
	if !errs.Is(why, errs.Invalid) && !errs.Is(why, errs.Conflict) {
		return why
	}
	l := w.Server.Localizer(c)
	saved, err := w.Contacts.Get(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return err
	}
	for _, f := range errs.FieldsOf(why) {
		if code, ok := f.Args["Value"].(string); ok && f.Key == "contact.edit.saved_meanwhile" {
			f.Args["Value"] = w.fieldInWords(l, f.Name, code)
		}
	}
	data := w.contactEditData(l)
	data.describe(w, l, saved.Contact)
	return contactEditPage.again(w, c, data, why)
}

func (w *Web) fieldInWords(l *i18n.Localizer, field, value string) string {
	switch field {
	case "stakeholder_group":
		return w.groupName(l, value)
	case "country":
		return w.countryName(l, value)
	case "region":
		return w.regionName(l, value)
	case "language":
		return l.List(languageNames(l, value))
	case "lawful_basis":
		return l.T("contact.basis." + value)
	case "expertise":
		return strings.Join(expertiseNames(l, value), " · ")
	}
	return value
}
