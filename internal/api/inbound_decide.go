package api

import (
	"mime"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/inbound"
)

// InboundContribution says what contribution to make of a mail: of the mail's contact, of another, or of somebody who is not on the list.
type InboundContribution struct {
	ContactID        int64  `json:"contact_id,omitempty" doc:"whom the mail is from; that of the mail if absent, and no name is given"`
	Name             string `json:"name,omitempty" doc:"of somebody who is not on the list, with the fields beside it"`
	Organization     string `json:"organization,omitempty"`
	Capacity         string `json:"capacity,omitempty" enum:"individual,organizational" doc:"individual if absent"`
	StakeholderGroup string `json:"stakeholder_group,omitempty"`
	Country          string `json:"country,omitempty" doc:"ISO 3166-1 alpha-2"`
	Language         string `json:"language,omitempty" doc:"BCP 47; the cycle's if absent"`
	Consent          bool   `json:"consent_publication,omitempty" doc:"whether its author agreed to publication"`
}

// InboundMade is what became of a mail that was made a contribution, or whose documents were added to one.
type InboundMade struct {
	ContributionID int64    `json:"contribution_id"`
	NotTaken       []string `json:"not_taken" doc:"the names of documents that were not taken, and stay with the mail"`
}

// InboundClosing says what was done about a mail otherwise.
type InboundClosing struct {
	Outcome string `json:"outcome" enum:"answered,declined,left" doc:"left: nothing is to be done"`
	Note    string `json:"note,omitempty" doc:"at most 500 characters"`
}

func (a *API) inboundDecisions() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/inbound/:id/contribution", action: account.InboundDecide, handler: a.makeOfInbound,
			summary: "Make the mail a contribution that came when it did; 409 where somebody has handled it, or its contact has contributed already",
			request: InboundContribution{}, bodiless: true, response: InboundMade{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPost, path: "/inbound/:id/documents", action: account.InboundDecide, handler: a.addInbound, response: InboundMade{},
			summary: "Add the mail's documents to the contribution that its contact has; 409 where there is none that takes them, 422 where none could be taken",
		},
		{
			method: fiber.MethodPost, path: "/inbound/:id/close", action: account.InboundDecide, handler: a.closeInbound,
			summary: "Note what was done about the mail otherwise; 409 where somebody has handled it", request: InboundClosing{}, response: InboundMessage{},
		},
		{
			method: fiber.MethodPost, path: "/inbound/:id/reopen", action: account.InboundDecide, handler: a.reopenInbound,
			summary: "Let the mail wait for an officer again; 409 where something was made of it", response: InboundMessage{},
		},
	}
}

func (a *API) makeOfInbound(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	var in InboundContribution
	if len(c.Body()) > 0 {
		if in, err = decode[InboundContribution](c); err != nil {
			return err
		}
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if in.Capacity == "" {
		in.Capacity = string(contribution.Individual)
	}
	if in.ContactID == 0 && in.Name == "" {
		o, err := a.Inbound.Open(ctx, actor, id)
		if err != nil {
			return err
		}
		in.ContactID = valueOf(o.ContactID)
	}
	made, err := a.Inbound.MakeContribution(ctx, actor, id, inbound.Order{
		ContactID: in.ContactID, Language: in.Language, Consent: in.Consent,
		Sender: inbound.Sender{Name: in.Name, Organization: in.Organization, Capacity: in.Capacity, StakeholderGroup: in.StakeholderGroup, Country: in.Country},
	})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(InboundMade{ContributionID: made.ContributionID, NotTaken: orEmpty(made.NotTaken)})
}

func (a *API) addInbound(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	made, err := a.Inbound.AddToContribution(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.JSON(InboundMade{ContributionID: made.ContributionID, NotTaken: orEmpty(made.NotTaken)})
}

func (a *API) closeInbound(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[InboundClosing](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Inbound.Close(ctx, account.ActorFrom(ctx), id, inbound.Outcome(in.Outcome), in.Note); err != nil {
		return err
	}
	return a.showInbound(c, id)
}

func (a *API) reopenInbound(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Inbound.Reopen(ctx, account.ActorFrom(ctx), id); err != nil {
		return err
	}
	return a.showInbound(c, id)
}

func (a *API) rawInbound(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	raw, err := a.Inbound.Raw(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return saved(c, "mail-"+strconv.FormatInt(id, 10)+".eml", raw)
}

func (a *API) inboundFile(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(c.Params("number"))
	if err != nil {
		number = -1 // which no file has
	}
	ctx := c.UserContext()
	f, err := a.Inbound.File(ctx, account.ActorFrom(ctx), id, number)
	if err != nil {
		return err
	}
	return saved(c, f.Name, f.Content)
}

// saved hands out what a stranger sent: unknown bytes, whatever they say that they are.
func saved(c *fiber.Ctx, name string, content []byte) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	return c.Send(content)
}
