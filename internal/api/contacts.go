package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// Contact is a person or an organization. Addresses and notes are there only for those who may see them.
type Contact struct {
	ID               int64            `json:"id"`
	Kind             string           `json:"kind" enum:"person,organization"`
	Name             string           `json:"name"`
	Transliteration  string           `json:"transliteration,omitempty"`
	Organization     string           `json:"organization,omitempty" doc:"to which the contact belongs now"`
	StakeholderGroup string           `json:"stakeholder_group"`
	Country          string           `json:"country,omitempty" doc:"ISO 3166-1 alpha-2"`
	Region           string           `json:"region" enum:"african_group,asia_pacific_group,eastern_european_group,grulac,weog,none"`
	Languages        []string         `json:"languages" doc:"BCP 47, in order of preference"`
	LanguageChain    []string         `json:"language_chain" doc:"in which to write, best first"`
	Addressable      bool             `json:"addressable" doc:"whether an address may be mailed"`
	OptedOut         bool             `json:"opted_out"`
	Expertise        []string         `json:"expertise,omitempty"`
	Source           string           `json:"source,omitempty"`
	LawfulBasis      string           `json:"lawful_basis,omitempty" enum:"legitimate_interest,public_interest,consent,contract,legal_obligation,vital_interest,other"`
	LawfulBasisNote  string           `json:"lawful_basis_note,omitempty"`
	Notes            string           `json:"notes,omitempty"`
	RegionDerived    string           `json:"region_derived,omitempty" doc:"what group and country give, where region was set by hand"`
	Affiliations     []Affiliation    `json:"affiliations,omitempty" doc:"of a person, those that last first"`
	People           []Affiliation    `json:"people,omitempty" doc:"of an organization, now"`
	Listings         []ContactListing `json:"listings,omitempty" doc:"the places on the lists of cycles"`
	UpdatedAt        *time.Time       `json:"updated_at,omitempty" doc:"send it back as seen_at, so that nobody's change is overwritten unseen"`
	ErasedAt         *time.Time       `json:"erased_at,omitempty" doc:"when the person was forgotten at their request"`
	Addresses        []ContactAddress `json:"addresses,omitempty" doc:"for officers, and for volunteers who hold a live claim"`
}

// ContactAddress is an address of a contact.
type ContactAddress struct {
	ID         int64  `json:"id"`
	Email      string `json:"email" format:"email"`
	Kind       string `json:"kind" enum:"personal,role"`
	Status     string `json:"status" enum:"ok,bounced,complained"`
	Suppressed bool   `json:"suppressed"`
	Reason     string `json:"suppression_reason,omitempty" enum:"unsubscribed,asked,complained"`
}

// ContactInput is a contact as it is entered.
type ContactInput struct {
	Kind             string   `json:"kind" enum:"person,organization"`
	Name             string   `json:"name"`
	Transliteration  string   `json:"transliteration,omitempty"`
	Organization     string   `json:"organization,omitempty" doc:"by name; added to the contacts where it is new"`
	Function         string   `json:"function,omitempty" doc:"see Affiliation; what is none of those becomes other, with the text as the title"`
	Title            string   `json:"title,omitempty"`
	StakeholderGroup string   `json:"stakeholder_group"`
	Country          string   `json:"country,omitempty" doc:"ISO 3166-1 alpha-2"`
	Region           string   `json:"region,omitempty" doc:"only where it is not the country's"`
	Language         string   `json:"language,omitempty" doc:"BCP 47; several in order of preference, separated by spaces"`
	Expertise        []string `json:"expertise,omitempty"`
	Source           string   `json:"source,omitempty"`
	LawfulBasis      string   `json:"lawful_basis,omitempty" doc:"see Contact; what is none of those becomes other, with the text as the note"`
	LawfulBasisNote  string   `json:"lawful_basis_note,omitempty"`
	Notes            string   `json:"notes,omitempty"`
	Email            string   `json:"email,omitempty" format:"email"`
	Cycle            string   `json:"cycle,omitempty" doc:"slug of the cycle whose list the contact goes on; the current one if absent"`
}

// ContactPatch changes a contact; what is absent stays.
type ContactPatch struct {
	Name             *string    `json:"name,omitempty"`
	Transliteration  *string    `json:"transliteration,omitempty"`
	StakeholderGroup *string    `json:"stakeholder_group,omitempty"`
	Country          *string    `json:"country,omitempty"`
	Region           *string    `json:"region,omitempty" doc:"empty goes back to the country's"`
	Language         *string    `json:"language,omitempty"`
	Expertise        *[]string  `json:"expertise,omitempty"`
	Source           *string    `json:"source,omitempty"`
	LawfulBasis      *string    `json:"lawful_basis,omitempty"`
	LawfulBasisNote  *string    `json:"lawful_basis_note,omitempty"`
	Notes            *string    `json:"notes,omitempty"`
	SeenAt           *time.Time `json:"seen_at,omitempty" doc:"updated_at as it was read: 409 with what is saved now where somebody changed the contact since"`
}

func (a *API) contactEndpoints() []endpoint {
	gaps := []string{}
	for _, g := range contact.Gaps() {
		gaps = append(gaps, string(g))
	}
	addressStates := []string{}
	for _, state := range contact.AddressStates() {
		addressStates = append(addressStates, string(state))
	}
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/contacts", action: account.ContactRead, handler: a.contacts,
			summary: "Contacts that match, by name", response: List[Contact]{},
			params: pagingParams(
				param{name: "q", doc: "words in any order, whatever their case and diacritics"},
				param{name: "stakeholder_group"}, param{name: "region"}, param{name: "country"},
				param{name: "function", doc: "that a person has now at an organization, see Affiliation"},
				param{name: "language", doc: "BCP 47; pt finds pt-BR too"}, param{name: "gap", enum: gaps},
				param{name: "kind", enum: []string{string(contact.Person), string(contact.Organization)}}, param{name: "expertise"},
				param{name: "listed", doc: "whether the contact is on the list of the cycle", enum: []string{contact.Yes, contact.No}},
				param{name: "address_state", enum: addressStates},
				param{name: "source", doc: "for those who may read it of all contacts"},
				param{name: "has_notes", doc: "for those who may read them of all contacts", enum: []string{contact.Yes, contact.No}},
				param{name: "import", doc: "id of the import that added the contact", kind: "integer"},
				param{name: "cycle", doc: "slug of the cycle by which is judged; the current one if absent"},
			),
		},
		{
			method: fiber.MethodPost, path: "/contacts", action: account.ContactCreate, handler: a.createContact,
			summary: "Add a contact", request: ContactInput{}, response: Contact{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodGet, path: "/contacts/:id", action: account.ContactRead, handler: a.contact,
			summary: "One contact", response: Contact{},
		},
		{
			method: fiber.MethodPatch, path: "/contacts/:id", action: account.ContactWrite, handler: a.updateContact,
			summary: "Change a contact", request: ContactPatch{}, response: Contact{},
		},
	}
}

func (a *API) contacts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	wanted, err := pagingOf(c)
	if err != nil {
		return err
	}
	after := ""
	if err := wanted.after(&after); err != nil {
		return err
	}
	cycleID, err := a.cycleID(c, c.Query("cycle"))
	if err != nil {
		return err
	}
	page, err := a.Contacts.List(ctx, account.ActorFrom(ctx), contact.Filter{
		Query: c.Query("q"), StakeholderGroup: c.Query("stakeholder_group"), Region: c.Query("region"), Country: c.Query("country"),
		Function: contact.Function(c.Query("function")), Language: c.Query("language"), Gap: contact.Gap(c.Query("gap")), CycleID: cycleID, Cursor: after, Limit: wanted.limit,
		Kind: contact.Kind(c.Query("kind")), Expertise: c.Query("expertise"), Listed: c.Query("listed"), Source: c.Query("source"),
		AddressState: contact.AddressState(c.Query("address_state")), HasNotes: c.Query("has_notes"), Import: int64(c.QueryInt("import")),
		Locale: account.ActorFrom(ctx).Language,
	})
	if err != nil {
		return err
	}
	items := make([]Contact, len(page.Rows))
	for i, r := range page.Rows {
		items[i] = Contact{
			ID: r.ID, Kind: string(r.Kind), Name: r.Name, Transliteration: r.Transliteration, Organization: r.Organization,
			StakeholderGroup: r.StakeholderGroup, Country: r.Country, Region: r.Region, Languages: words(r.Languages),
			LanguageChain: words(r.LanguageChain), Addressable: r.Addressable, OptedOut: r.OptedOut,
		}
	}
	var next any
	if page.Next != "" {
		next = page.Next
	}
	list, err := listOf(items, next)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

// cycleID is the cycle of a slug, the current one for "", and 0 where there is none yet.
func (a *API) cycleID(c *fiber.Ctx, slug string) (int64, error) {
	if slug != "" {
		found, err := a.Cycles.BySlug(c.UserContext(), slug)
		return found.ID, err
	}
	current, err := a.Cycles.Current(c.UserContext())
	if errs.Is(err, errs.NotFound) {
		return 0, nil
	}
	return current.ID, err
}

func words(text string) []string { return orEmpty(strings.Fields(text)) }

func (a *API) createContact(c *fiber.Ctx) error {
	in, err := decode[ContactInput](c)
	if err != nil {
		return err
	}
	cycleID, err := a.cycleID(c, in.Cycle)
	if err != nil {
		return err
	}
	made, err := a.Contacts.Create(c.UserContext(), account.ActorFrom(c.UserContext()), contact.Draft{
		Kind: contact.Kind(in.Kind), Name: in.Name, Transliteration: in.Transliteration, Organization: in.Organization, Function: in.Function, Title: in.Title,
		StakeholderGroup: in.StakeholderGroup, Country: in.Country, Region: in.Region, Languages: in.Language,
		Expertise: strings.Join(in.Expertise, " "), Source: in.Source, LawfulBasis: in.LawfulBasis, LawfulBasisNote: in.LawfulBasisNote,
		Notes: in.Notes, Email: in.Email, CycleID: cycleID,
	})
	if err != nil {
		return err
	}
	return a.showContact(c, fiber.StatusCreated, made.ID)
}

func (a *API) contact(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showContact(c, fiber.StatusOK, id)
}

func (a *API) showContact(c *fiber.Ctx, status int, id int64) error {
	d, err := a.Contacts.Get(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if errs.Is(err, errs.NotFound) {
		if survivor, ok, failed := a.Contacts.Successor(c.UserContext(), id); failed == nil && ok { // it was merged
			return c.Redirect("/api/v1/contacts/"+strconv.FormatInt(survivor, 10), fiber.StatusMovedPermanently)
		}
	}
	if err != nil {
		return err
	}
	return c.Status(status).JSON(a.contactOf(d))
}

func (a *API) updateContact(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[ContactPatch](c)
	if err != nil {
		return err
	}
	cycleID, err := a.cycleID(c, "")
	if err != nil {
		return err
	}
	edit := contact.Edit{
		Name: in.Name, Transliteration: in.Transliteration, StakeholderGroup: in.StakeholderGroup, Country: in.Country, Region: in.Region,
		Languages: in.Language, Source: in.Source, LawfulBasis: in.LawfulBasis, LawfulBasisNote: in.LawfulBasisNote,
		Notes: in.Notes, Seen: in.SeenAt, CycleID: cycleID,
	}
	if in.Expertise != nil {
		tags := strings.Join(*in.Expertise, " ")
		edit.Expertise = &tags
	}
	if _, err := a.Contacts.Update(c.UserContext(), account.ActorFrom(c.UserContext()), id, edit); err != nil {
		return err
	}
	return a.showContact(c, fiber.StatusOK, id)
}
