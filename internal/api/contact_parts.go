package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
)

// Affiliation is a tie between a person and an organization, with the name at its other end.
type Affiliation struct {
	ID         int64  `json:"id"`
	ContactID  int64  `json:"contact_id" doc:"what is at the other end"`
	Name       string `json:"name"`
	Function   string `json:"function,omitempty" enum:"decision_maker,implementer,policy_analyst,operator,technical_expert,researcher,advocate,journalist,legal_adviser,liaison,other"`
	Title      string `json:"title,omitempty" doc:"what the person is called there"`
	Represents bool   `json:"represents" doc:"whether the person answers for the organization"`
	Since      string `json:"since,omitempty" doc:"a year, a month or a day"`
	Until      string `json:"until,omitempty" doc:"absent while it lasts"`
}

// AffiliationInput is a tie of a person to an organization.
type AffiliationInput struct {
	Organization string `json:"organization" doc:"by name; added to the contacts where it is new"`
	Function     string `json:"function,omitempty"`
	Title        string `json:"title,omitempty"`
	Represents   *bool  `json:"represents,omitempty" doc:"true if absent"`
	Since        string `json:"since,omitempty"`
	Until        string `json:"until,omitempty"`
}

// AffiliationPatch corrects a tie; what is absent stays. To end a tie, send until.
type AffiliationPatch struct {
	Function   *string `json:"function,omitempty"`
	Title      *string `json:"title,omitempty"`
	Represents *bool   `json:"represents,omitempty"`
	Since      *string `json:"since,omitempty"`
	Until      *string `json:"until,omitempty"`
}

// ContactListing is a contact's place on the list of a cycle.
type ContactListing struct {
	CycleID          int64  `json:"cycle_id"`
	StakeholderGroup string `json:"stakeholder_group"`
	Region           string `json:"region"`
}

// ListingInput is a place on the list of a cycle.
type ListingInput struct {
	StakeholderGroup string `json:"stakeholder_group,omitempty" doc:"the contact's own if absent"`
	Region           string `json:"region,omitempty" doc:"that of group and country if absent"`
}

// AddressPatch corrects an address of a contact; what is absent stays.
type AddressPatch struct {
	Email *string `json:"email,omitempty" format:"email" doc:"another address in its place"`
	Kind  *string `json:"kind,omitempty" enum:"personal,role"`
}

// AddressOrder is the order in which the addresses of a contact are tried.
type AddressOrder struct {
	Addresses []int64 `json:"addresses" doc:"ids; those that are not named follow as they were"`
}

// AddressReason says how somebody knows.
type AddressReason struct {
	Reason string `json:"reason"`
}

// AddressInput is an address for a contact.
type AddressInput struct {
	Email string `json:"email" format:"email"`
}

// AddressAdded says which address it is now.
type AddressAdded struct {
	ID int64 `json:"id"`
}

func (a *API) contactPartEndpoints() []endpoint {
	const write = account.ContactWrite
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/contacts/:id/addresses", action: write, handler: a.addAddress,
			summary: "Add an address; a volunteer needs a live claim on the contact", request: AddressInput{}, response: AddressAdded{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPut, path: "/contacts/:id/addresses", action: write, handler: a.orderAddresses,
			summary: "Put the addresses in order: the first that works is written to", request: AddressOrder{}, response: Contact{},
		},
		{
			method: fiber.MethodPatch, path: "/contacts/:id/addresses/:address", action: write, handler: a.correctAddress,
			summary: "Correct an address", request: AddressPatch{}, response: Contact{},
		},
		{
			method: fiber.MethodDelete, path: "/contacts/:id/addresses/:address", action: write, handler: a.removeAddress,
			summary: "Take an address off a contact",
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/addresses/:address/works", action: write, handler: a.restoreAddress,
			summary: "Say that an address works again after mail came back", request: AddressReason{}, response: Contact{},
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/addresses/:address/suppress", action: write, handler: a.suppressAddress,
			summary: "Record that its owner asked in words not to be written to", response: Contact{}, status: fiber.StatusOK,
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/affiliations", action: write, handler: a.affiliate,
			summary: "Tie a person to an organization", request: AffiliationInput{}, response: Contact{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPatch, path: "/contacts/:id/affiliations/:tie", action: write, handler: a.correctAffiliation,
			summary: "Correct or end a tie to an organization", request: AffiliationPatch{}, response: Contact{},
		},
		{
			method: fiber.MethodDelete, path: "/contacts/:id", action: write, handler: a.eraseContact,
			summary: "Erase a person who asked to be forgotten", params: []param{
				{name: "suppress", doc: "whether nobody may write to their addresses again", kind: "boolean"},
			},
		},
		{
			method: fiber.MethodPut, path: "/contacts/:id/listings/:slug", action: write, handler: a.placeOnList,
			summary: "Put a contact on the list of a cycle, or change its place there", request: ListingInput{}, response: Contact{},
		},
	}
}

// contactOf shows what the actor may know of a contact.
func (a *API) contactOf(d contact.Detail) Contact {
	updated := d.UpdatedAt
	out := Contact{
		ID: d.ID, Kind: string(d.Kind), Name: d.Name, Transliteration: d.Transliteration, StakeholderGroup: d.StakeholderGroup,
		Country: d.Country, Region: d.Region, Languages: words(d.Languages), LanguageChain: words(d.LanguageChain),
		Addressable: d.Addressable, OptedOut: d.OptedOut, Expertise: strings.Fields(d.Expertise), Notes: d.Notes,
		Affiliations: tiesOf(d.Affiliations, func(t contact.Tie) int64 { return t.OrganizationID }),
		People:       tiesOf(d.Members, func(t contact.Tie) int64 { return t.ContactID }),
		UpdatedAt:    &updated, ErasedAt: d.ErasedAt,
	}
	if d.RegionOverridden {
		out.RegionDerived = a.Contacts.RegionFor(d.StakeholderGroup, d.Country)
	}
	if d.Revealed {
		out.Source, out.LawfulBasis, out.LawfulBasisNote = d.Source, string(d.LawfulBasis), d.LawfulBasisNote
	}
	for _, t := range d.Affiliations {
		if t.Until == "" && out.Organization == "" {
			out.Organization = t.Name
		}
	}
	for _, l := range d.Listings {
		out.Listings = append(out.Listings, ContactListing{CycleID: l.CycleID, StakeholderGroup: l.StakeholderGroup, Region: l.Region})
	}
	for _, m := range d.Addresses {
		out.Addresses = append(out.Addresses, ContactAddress{
			ID: m.AddressID, Email: m.Email, Kind: string(m.Kind), Status: string(m.Status), Suppressed: m.Suppressed, Reason: string(m.SuppressedFor),
		})
	}
	return out
}

func tiesOf(all []contact.Tie, other func(contact.Tie) int64) []Affiliation {
	out := make([]Affiliation, len(all))
	for i, t := range all {
		out[i] = Affiliation{
			ID: t.ID, ContactID: other(t), Name: t.Name, Function: string(t.Function), Title: t.Title,
			Represents: t.Represents, Since: t.Since, Until: t.Until,
		}
	}
	return out
}

// onContact does something to the contact that the path names, and shows it.
func (a *API) onContact(c *fiber.Ctx, status int, do func(by account.Actor, id int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := do(account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return a.showContact(c, status, id)
}

// onAddress is onContact for one of its addresses.
func (a *API) onAddress(c *fiber.Ctx, do func(by account.Actor, id, address int64) error) error {
	return a.onContact(c, fiber.StatusOK, func(by account.Actor, id int64) error {
		address, err := httpserver.ID(c, "address")
		if err != nil {
			return err
		}
		return do(by, id, address)
	})
}

func (a *API) addAddress(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[AddressInput](c)
	if err != nil {
		return err
	}
	added, err := a.Outreach.AddAddress(c.UserContext(), account.ActorFrom(c.UserContext()), id, in.Email)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(AddressAdded{ID: added})
}

func (a *API) orderAddresses(c *fiber.Ctx) error {
	in, err := decode[AddressOrder](c)
	if err != nil {
		return err
	}
	return a.onContact(c, fiber.StatusOK, func(by account.Actor, id int64) error {
		return a.Contacts.OrderAddresses(c.UserContext(), by, id, in.Addresses)
	})
}

func (a *API) correctAddress(c *fiber.Ctx) error {
	in, err := decode[AddressPatch](c)
	if err != nil {
		return err
	}
	edit := contact.AddressEdit{Email: in.Email}
	if in.Kind != nil {
		kind := contact.AddressKind(*in.Kind)
		edit.Kind = &kind
	}
	return a.onAddress(c, func(by account.Actor, id, address int64) error {
		_, err := a.Contacts.CorrectAddress(c.UserContext(), by, id, address, edit)
		return err
	})
}

func (a *API) removeAddress(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	address, err := httpserver.ID(c, "address")
	if err != nil {
		return err
	}
	if err := a.Contacts.RemoveAddress(c.UserContext(), account.ActorFrom(c.UserContext()), id, address); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) restoreAddress(c *fiber.Ctx) error {
	in, err := decode[AddressReason](c)
	if err != nil {
		return err
	}
	return a.onAddress(c, func(by account.Actor, id, address int64) error {
		return a.Contacts.RestoreAddress(c.UserContext(), by, id, address, in.Reason)
	})
}

func (a *API) suppressAddress(c *fiber.Ctx) error {
	return a.onAddress(c, func(by account.Actor, id, address int64) error {
		return a.Contacts.SuppressAddress(c.UserContext(), by, id, address)
	})
}

func (a *API) affiliate(c *fiber.Ctx) error {
	in, err := decode[AffiliationInput](c)
	if err != nil {
		return err
	}
	return a.onContact(c, fiber.StatusCreated, func(by account.Actor, id int64) error {
		_, err := a.Contacts.AffiliateByName(c.UserContext(), by, in.Organization, contact.Affiliation{
			ContactID: id, Function: contact.Function(in.Function), Title: in.Title,
			Represents: in.Represents == nil || *in.Represents, Since: in.Since, Until: in.Until,
		})
		return err
	})
}

func (a *API) correctAffiliation(c *fiber.Ctx) error {
	in, err := decode[AffiliationPatch](c)
	if err != nil {
		return err
	}
	edit := contact.AffiliationEdit{Title: in.Title, Represents: in.Represents, Since: in.Since, Until: in.Until}
	if in.Function != nil {
		function := contact.Function(*in.Function)
		edit.Function = &function
	}
	return a.onContact(c, fiber.StatusOK, func(by account.Actor, id int64) error {
		tie, err := httpserver.ID(c, "tie")
		if err != nil {
			return err
		}
		_, err = a.Contacts.CorrectAffiliation(c.UserContext(), by, id, tie, edit)
		return err
	})
}

func (a *API) placeOnList(c *fiber.Ctx) error {
	in, err := decode[ListingInput](c)
	if err != nil {
		return err
	}
	cycleID, err := a.cycleID(c, c.Params("slug"))
	if err != nil {
		return err
	}
	return a.onContact(c, fiber.StatusOK, func(by account.Actor, id int64) error {
		return a.Contacts.AddToCycle(c.UserContext(), by, cycleID, id, in.StakeholderGroup, in.Region)
	})
}

func (a *API) eraseContact(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := a.Contacts.Erase(c.UserContext(), account.ActorFrom(c.UserContext()), id, c.Query("suppress") == "true"); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
