package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/outreach"
)

// Claim is a volunteer's lease on a contact.
type Claim struct {
	ID        int64     `json:"id"`
	ContactID int64     `json:"contact_id"`
	Purpose   string    `json:"purpose" enum:"find_address,reach_out,brief"`
	State     string    `json:"state" enum:"active,done,released,expired,revoked"`
	ClaimedAt time.Time `json:"claimed_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Renewable bool      `json:"renewable"`
}

// ClaimInput says what the contact is claimed for.
type ClaimInput struct {
	Purpose string `json:"purpose" enum:"find_address,reach_out,brief"`
	Cycle   string `json:"cycle,omitempty" doc:"slug; the current cycle if absent"`
}

// AttemptInput is what was tried and what came of it.
type AttemptInput struct {
	Channel       string     `json:"channel" enum:"mail,call,meeting,colleague"`
	Outcome       string     `json:"outcome" enum:"reached,no_answer,wrong_address,declined,promised,responded"`
	Note          string     `json:"note,omitempty"`
	PromisedUntil *time.Time `json:"promised_until,omitempty" doc:"required with the outcome promised: follow-ups wait until then"`
}

// Attempt is a logged try to reach a contact.
type Attempt struct {
	ID            int64      `json:"id"`
	ClaimID       int64      `json:"claim_id"`
	ContactID     int64      `json:"contact_id"`
	Channel       string     `json:"channel" enum:"mail,call,meeting,colleague"`
	Outcome       string     `json:"outcome" enum:"reached,no_answer,wrong_address,declined,promised,responded"`
	Note          string     `json:"note,omitempty"`
	PromisedUntil *time.Time `json:"promised_until,omitempty"`
	At            time.Time  `json:"at"`
}

// Gap is a contact at which something is missing, and why the caller suits it.
type Gap struct {
	ContactID        int64       `json:"contact_id"`
	Name             string      `json:"name"`
	StakeholderGroup string      `json:"stakeholder_group"`
	Region           string      `json:"region"`
	Country          string      `json:"country,omitempty"`
	LanguageChain    []string    `json:"language_chain"`
	Kinds            []string    `json:"kinds" doc:"what is missing, the most pressing first: no_address, bounced_address, no_claimant, no_language, under_target"`
	Purpose          string      `json:"purpose" enum:"find_address,reach_out,brief" doc:"what to claim the contact for"`
	Score            int         `json:"score"`
	Reasons          []GapReason `json:"reasons"`
	Tried            int         `json:"tried" doc:"attempts in this cycle, by anybody"`
}

// GapReason is why the caller suits a contact.
type GapReason struct {
	Kind    string `json:"kind" enum:"organization,language,country,stakeholder_group,rir,expertise,region,past_organization,past_country,past_stakeholder_group,load"`
	Value   string `json:"value" doc:"a code of the kind; for an organization the id of its contact"`
	Name    string `json:"name,omitempty" doc:"of the organization"`
	Reached int    `json:"reached,omitempty" doc:"of what was done before: contacts reached"`
	Tried   int    `json:"tried,omitempty" doc:"of what was done before: contacts tried; for load the claims on hand"`
	Text    string `json:"text" doc:"a sentence in the language of Accept-Language"`
}

func (a *API) claimEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/cycles/:slug/gaps", action: account.OutreachRead, handler: a.gaps,
			summary: "Contacts at which something is missing and that the caller could take on, the best match first", response: List[Gap]{},
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/claims", action: account.ClaimMake, handler: a.makeClaim,
			summary: "Claim a contact; 409 with holder and until where somebody has it", request: ClaimInput{}, response: Claim{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodDelete, path: "/claims/:id", action: account.ClaimWork, handler: a.releaseClaim,
			summary: "Hand a contact back",
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/renew", action: account.ClaimWork, handler: a.renewClaim,
			summary: "Renew a claim, once", response: Claim{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/done", action: account.ClaimWork, handler: a.finishClaim,
			summary: "End a claim whose work is done", response: Claim{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/attempts", action: account.ClaimWork, handler: a.logAttempt,
			summary: "Log an attempt, which extends the claim", request: AttemptInput{}, response: Attempt{}, status: fiber.StatusCreated,
		},
	}
}

func (a *API) gaps(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	found, err := a.Outreach.Gaps(ctx, account.ActorFrom(ctx), round.ID)
	if err != nil {
		return err
	}
	l := a.Server.Localizer(c)
	items := make([]Gap, len(found))
	for i, g := range found {
		items[i] = Gap{
			ContactID: g.ContactID, Name: g.Name, StakeholderGroup: g.StakeholderGroup, Region: g.Region, Country: g.Country,
			LanguageChain: words(g.LanguageChain), Purpose: string(g.Purpose), Score: g.Score, Tried: g.Tried, Reasons: []GapReason{},
		}
		for _, k := range g.Kinds {
			items[i].Kinds = append(items[i].Kinds, string(k))
		}
		for _, r := range g.Reasons {
			items[i].Reasons = append(items[i].Reasons, a.reasonOf(l, r))
		}
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) reasonOf(l outreach.Speaker, r outreach.Reason) GapReason {
	return GapReason{Kind: string(r.Kind), Value: r.Value, Name: r.Name, Reached: r.Reached, Tried: r.Tried, Text: r.Say(l, a.Outreach.Reference)}
}

func claimOf(c outreach.Claim) Claim {
	return Claim{
		ID: c.ID, ContactID: c.ContactID, Purpose: string(c.Purpose), State: string(c.State),
		ClaimedAt: c.ClaimedAt, ExpiresAt: c.ExpiresAt, Renewable: c.Renewable(),
	}
}

func (a *API) makeClaim(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[ClaimInput](c)
	if err != nil {
		return err
	}
	cycleID, err := a.cycleID(c, in.Cycle)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	made, err := a.Outreach.Claim(ctx, account.ActorFrom(ctx), cycleID, id, outreach.Purpose(in.Purpose))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(claimOf(made))
}

func (a *API) releaseClaim(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := a.Outreach.Release(c.UserContext(), account.ActorFrom(c.UserContext()), id, ""); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) renewClaim(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	renewed, err := a.Outreach.Renew(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return err
	}
	return c.JSON(claimOf(renewed))
}

func (a *API) finishClaim(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	done, err := a.Outreach.Finish(c.UserContext(), account.ActorFrom(c.UserContext()), id, "")
	if err != nil {
		return err
	}
	return c.JSON(claimOf(done))
}

func (a *API) logAttempt(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[AttemptInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	t, err := a.Outreach.LogAttempt(ctx, account.ActorFrom(ctx), id, outreach.Attempt{
		Channel: outreach.Channel(in.Channel), Outcome: outreach.Outcome(in.Outcome), Note: in.Note, PromisedUntil: in.PromisedUntil,
	})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(Attempt{
		ID: t.ID, ClaimID: t.ClaimID, ContactID: t.ContactID, Channel: string(t.Channel), Outcome: string(t.Outcome),
		Note: t.Note, PromisedUntil: t.PromisedUntil, At: t.At,
	})
}
