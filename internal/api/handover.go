package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/outreach"
)

// HandOverInput names the colleague who is asked to take a claim on.
type HandOverInput struct {
	VolunteerID int64  `json:"volunteer_id"`
	Note        string `json:"note,omitempty"`
}

// Offer is a claim that its holder offers to a colleague.
type Offer struct {
	ClaimID   int64     `json:"claim_id"`
	ContactID int64     `json:"contact_id,omitempty"`
	Contact   string    `json:"contact,omitempty" doc:"its name"`
	Purpose   string    `json:"purpose,omitempty" enum:"find_address,reach_out,brief"`
	FromID    int64     `json:"from_id"`
	ToID      int64     `json:"to_id"`
	State     string    `json:"state" enum:"offered,accepted,declined,withdrawn,lapsed"`
	Note      string    `json:"note,omitempty"`
	OfferedAt time.Time `json:"offered_at"`
}

// AnswerInput is a word to the colleague who offered a claim.
type AnswerInput struct {
	Answer string `json:"answer,omitempty"`
}

// ReasonInput says why an officer takes a claim back. The volunteer reads it.
type ReasonInput struct {
	Reason string `json:"reason"`
}

// ReassignInput says to whom an officer gives a claim that holds, and why. Both are told.
type ReassignInput struct {
	VolunteerID int64  `json:"volunteer_id"`
	Reason      string `json:"reason"`
}

// GiveInput says to whom an officer gives a contact.
type GiveInput struct {
	VolunteerID int64  `json:"volunteer_id"`
	Purpose     string `json:"purpose" enum:"find_address,reach_out,brief"`
	Cycle       string `json:"cycle,omitempty" doc:"slug; the current cycle if absent"`
	Note        string `json:"note,omitempty"`
}

func (a *API) handoverEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/claims/:id/hand-over", action: account.ClaimWork, handler: a.handOver,
			summary: "Offer a claim to a colleague, who accepts or declines", request: HandOverInput{}, response: Offer{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodDelete, path: "/claims/:id/hand-over", action: account.ClaimWork, handler: a.withdrawOffer,
			summary: "Take the offer of a claim back",
		},
		{
			method: fiber.MethodGet, path: "/me/offers", action: account.OutreachRead, handler: a.offers,
			summary: "What colleagues offer to the caller, in the current cycle", response: List[Offer]{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/accept", action: account.ClaimTake, handler: a.acceptOffer,
			summary: "Accept a claim that was offered to the caller; 409 where it cannot be theirs", response: Claim{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/decline", action: account.ClaimTake, handler: a.declineOffer,
			summary: "Decline a claim that was offered to the caller", request: AnswerInput{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/revoke", action: account.ClaimRevoke, handler: a.revokeClaim,
			summary: "Take a claim back; the volunteer reads the reason", request: ReasonInput{}, response: Claim{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/reassign", action: account.ClaimAssign, handler: a.reassignClaim,
			summary: "Give a claim that holds to another volunteer", request: ReassignInput{}, response: Claim{},
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/give", action: account.ClaimAssign, handler: a.giveContact,
			summary: "Give a contact to a volunteer", request: GiveInput{}, response: Claim{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/inherit", action: account.ClaimInherit, handler: a.inheritContact,
			summary: "Take a contact on for the secretariat, after the last day for volunteers", request: ClaimInput{}, response: Claim{}, status: fiber.StatusCreated,
		},
	}
}

func (a *API) handOver(c *fiber.Ctx) error {
	id, in, err := idAnd[HandOverInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	o, err := a.Outreach.HandOver(ctx, account.ActorFrom(ctx), id, in.VolunteerID, in.Note)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(Offer{
		ClaimID: o.ClaimID, FromID: o.FromID, ToID: o.ToID, State: string(o.State), Note: o.Note, OfferedAt: o.OfferedAt,
	})
}

// idAnd reads the id of the path and the body.
func idAnd[T any](c *fiber.Ctx) (int64, T, error) {
	var in T
	id, err := httpserver.ID(c, "id")
	if err == nil {
		in, err = decode[T](c)
	}
	return id, in, err
}

func (a *API) withdrawOffer(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := a.Outreach.WithdrawOffer(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) offers(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.Current(ctx)
	if err != nil {
		return err
	}
	all, err := a.Outreach.Invitations(ctx, account.ActorFrom(ctx), round.ID)
	if err != nil {
		return err
	}
	items := make([]Offer, len(all))
	for i, o := range all {
		items[i] = Offer{
			ClaimID: o.ClaimID, ContactID: o.Card.ContactID, Contact: o.Name, Purpose: string(o.Purpose), FromID: o.FromID, ToID: o.ToID,
			State: string(o.Offer.State), Note: o.Note, OfferedAt: o.OfferedAt,
		}
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) acceptOffer(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	next, err := a.Outreach.AcceptOffer(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return err
	}
	return c.JSON(claimOf(next))
}

func (a *API) declineOffer(c *fiber.Ctx) error {
	id, in, err := idAnd[AnswerInput](c)
	if err != nil {
		return err
	}
	if err := a.Outreach.DeclineOffer(c.UserContext(), account.ActorFrom(c.UserContext()), id, in.Answer); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) revokeClaim(c *fiber.Ctx) error {
	id, in, err := idAnd[ReasonInput](c)
	if err != nil {
		return err
	}
	ended, err := a.Outreach.Revoke(c.UserContext(), account.ActorFrom(c.UserContext()), id, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(claimOf(ended))
}

func (a *API) reassignClaim(c *fiber.Ctx) error {
	id, in, err := idAnd[ReassignInput](c)
	if err != nil {
		return err
	}
	next, err := a.Outreach.Reassign(c.UserContext(), account.ActorFrom(c.UserContext()), id, in.VolunteerID, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(claimOf(next))
}

func (a *API) giveContact(c *fiber.Ctx) error {
	id, in, err := idAnd[GiveInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	round, err := a.roundOf(c, in.Cycle)
	if err != nil {
		return err
	}
	made, err := a.Outreach.Give(ctx, account.ActorFrom(ctx), round.ID, id, in.VolunteerID, outreach.Purpose(in.Purpose), in.Note)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(claimOf(made))
}

func (a *API) inheritContact(c *fiber.Ctx) error {
	id, in, err := idAnd[ClaimInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	round, err := a.roundOf(c, in.Cycle)
	if err != nil {
		return err
	}
	made, err := a.Outreach.Inherit(ctx, account.ActorFrom(ctx), round.ID, id, outreach.Purpose(in.Purpose))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(claimOf(made))
}
