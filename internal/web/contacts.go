package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	contactsPage    page[contactsData]    = "contacts"
	contactEditPage page[contactEditData] = "contact_edit"
)

type contactsData struct {
	Cycle    cycle.Cycle
	Rows     []contactRow
	Next     string // address of the next page
	Filtered bool
	CanAdd   bool
	Choices  choices
}

// contactRow is a contact with its codes in the reader's language.
type contactRow struct {
	contact.Row
	Group, RegionName, CountryName string
	Speaks                         []string
}

type contactEditData struct {
	ID      int64 // 0 for a new one
	Name    string
	Choices choices
}

// choices are what the forms about contacts choose from, each after an empty choice.
type choices struct {
	Kinds, Groups, Regions, Countries, Gaps, Expertise []form.Option
}

func (w *Web) contactsSection() section {
	return section{
		pages: []definition{contactsPage, contactEditPage, contactPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/contacts", account.ContactRead, w.contacts)
			r.Handle(fiber.MethodGet, "/contacts/new", account.ContactCreate, w.newContact)
			r.Handle(fiber.MethodPost, "/contacts/new", account.ContactCreate, w.createContact)
			r.Handle(fiber.MethodGet, "/contacts/:id", account.ContactRead, w.contact)
			r.Handle(fiber.MethodGet, "/contacts/:id/edit", account.ContactWrite, w.editContact)
			r.Handle(fiber.MethodPost, "/contacts/:id/edit", account.ContactWrite, w.updateContact)
			r.Handle(fiber.MethodPost, "/contacts/:id/addresses", account.ContactWrite, w.addAddress)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims", account.ClaimMake, w.makeClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/renew", account.ClaimWork, w.renewClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/release", account.ClaimWork, w.releaseClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/done", account.ClaimWork, w.finishClaim)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/attempts", account.ClaimWork, w.logAttempt)
			r.Handle(fiber.MethodPost, "/contacts/:id/claims/:claim/revoke", account.ClaimRevoke, w.revokeClaim)
		},
	}
}

// contactFilters are the fields of the filter, which live in the address of the page.
func contactFilters() []string {
	return []string{"q", "stakeholder_group", "region", "country", "language", "gap"}
}

func (w *Web) contacts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	data := contactsData{Cycle: current, Choices: w.choices(l), CanAdd: by.May(account.ContactCreate)}
	typed, query := form.Form{Values: map[string][]string{}}, url.Values{}
	for _, name := range append(contactFilters(), "cycle") {
		if v := c.Query(name); v != "" {
			typed.Values[name] = []string{v}
			query.Set(name, v)
			data.Filtered = data.Filtered || name != "cycle"
		}
	}
	found, err := w.Contacts.List(ctx, by, contact.Filter{
		Query: c.Query("q"), StakeholderGroup: c.Query("stakeholder_group"), Region: c.Query("region"),
		Country: c.Query("country"), Language: c.Query("language"), Gap: contact.Gap(c.Query("gap")),
		CycleID: current.ID, Cursor: c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	for _, r := range found.Rows {
		data.Rows = append(data.Rows, w.contactRow(l, r))
	}
	if found.Next != "" {
		query.Set("cursor", found.Next)
		data.Next = "/contacts?" + query.Encode()
	}
	return contactsPage.showForm(w, c, data, typed)
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

func expertiseName(l *i18n.Localizer, tag string) string { return l.T("contact.expertise." + tag) }

func (w *Web) newContact(c *fiber.Ctx) error {
	data := contactEditData{Choices: w.choices(w.Server.Localizer(c))}
	return contactEditPage.showForm(w, c, data, form.With("kind", string(contact.Person)))
}

func (w *Web) createContact(c *fiber.Ctx) error {
	ctx := c.UserContext()
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
		Organization: typed.Value("organization"), Function: typed.Value("function"), StakeholderGroup: typed.Value("stakeholder_group"),
		Country: typed.Value("country"), Region: typed.Value("region"), Languages: typed.Value("language"),
		Expertise: strings.Join(typed.Values["expertise"], " "), Source: typed.Value("source"),
		LawfulBasis: typed.Value("lawful_basis"), Notes: typed.Value("notes"), Email: typed.Value("email"), CycleID: current.ID,
	})
	if err != nil {
		return contactEditPage.again(w, c, contactEditData{Choices: w.choices(w.Server.Localizer(c))}, err)
	}
	return w.redirect(c, contactPath(made.ID), "contact.created", "Name", made.Name)
}

func (w *Web) editContact(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if err := account.ActorFrom(ctx).RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	d, err := w.Contacts.Get(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	typed := form.With("name", d.Name, "transliteration", d.Transliteration, "stakeholder_group", d.StakeholderGroup,
		"country", d.Country, "language", d.Languages, "source", d.Source, "lawful_basis", d.LawfulBasis, "notes", d.Notes)
	typed.Values["expertise"] = strings.Fields(d.Expertise)
	if d.RegionOverridden {
		typed.Values["region"] = []string{d.Region}
	}
	return contactEditPage.showForm(w, c, contactEditData{ID: id, Name: d.Name, Choices: w.choices(w.Server.Localizer(c))}, typed)
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
	value := func(name string) *string {
		v := strings.Join(typed.Values[name], " ")
		return &v
	}
	_, err = w.Contacts.Update(ctx, account.ActorFrom(ctx), id, contact.Edit{
		Name: value("name"), Transliteration: value("transliteration"), StakeholderGroup: value("stakeholder_group"),
		Country: value("country"), Region: value("region"), Languages: value("language"), Expertise: value("expertise"),
		Source: value("source"), LawfulBasis: value("lawful_basis"), Notes: value("notes"), CycleID: current.ID,
	})
	if err != nil {
		data := contactEditData{ID: id, Name: typed.Value("name"), Choices: w.choices(w.Server.Localizer(c))}
		return contactEditPage.again(w, c, data, err)
	}
	return w.redirect(c, contactPath(id), "contact.saved")
}
