package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/outreach"
)

// Plan proposes who takes which open contact of a cycle.
type Plan struct {
	ID         int64      `json:"id"`
	State      string     `json:"state" enum:"proposed,confirmed,dropped"`
	ProposedAt time.Time  `json:"proposed_at"`
	Lines      []PlanLine `json:"lines"`
}

// PlanLine is one contact of a plan.
type PlanLine struct {
	ID          int64       `json:"id"`
	ContactID   int64       `json:"contact_id"`
	Contact     string      `json:"contact" doc:"its name"`
	Purpose     string      `json:"purpose" enum:"find_address,reach_out,brief"`
	State       string      `json:"state" enum:"proposed,open,confirmed,dropped,overtaken"`
	VolunteerID int64       `json:"volunteer_id,omitempty"`
	Volunteer   string      `json:"volunteer,omitempty"`
	Fit         int         `json:"fit"`
	Reasons     []GapReason `json:"reasons"`
	Why         string      `json:"why,omitempty" doc:"why it stays open or was overtaken, in the language of Accept-Language"`
	ClaimID     int64       `json:"claim_id,omitempty"`
}

// PlanLineInput says who is to take a contact of a plan.
type PlanLineInput struct {
	VolunteerID int64 `json:"volunteer_id,omitempty" doc:"absent to leave the contact out of the plan"`
}

// PlanResult is what came of confirming a plan.
type PlanResult struct {
	Made       int `json:"made" doc:"claims"`
	Overtaken  int `json:"overtaken" doc:"lines that events were faster than"`
	Volunteers int `json:"volunteers" doc:"who were given something, each told by one mail"`
}

// PlateInput is what the caller wants to take on.
type PlateInput struct {
	Cycle    string      `json:"cycle,omitempty" doc:"slug; the current cycle if absent"`
	Count    int         `json:"count,omitempty" doc:"the best so many, 3 if absent; only without contacts"`
	Contacts []PlatePick `json:"contacts,omitempty" doc:"these, and no others"`
}

// PlatePick is a contact and what it is claimed for.
type PlatePick struct {
	ContactID int64  `json:"contact_id"`
	Purpose   string `json:"purpose" enum:"find_address,reach_out,brief"`
}

// PlateItem is what came of one contact.
type PlateItem struct {
	ContactID int64  `json:"contact_id"`
	Contact   string `json:"contact,omitempty" doc:"its name"`
	Claim     *Claim `json:"claim,omitempty"`
	Refused   string `json:"refused,omitempty" doc:"why it was not claimed, in the language of Accept-Language"`
}

func (a *API) planEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/cycles/:slug/plans", action: account.PlanWrite, handler: a.proposePlan,
			summary: "Assign the rest: propose who takes which open contact. Nothing is claimed yet", response: Plan{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodGet, path: "/plans/:id", action: account.PlanWrite, handler: a.plan,
			summary: "A plan with its lines", response: Plan{},
		},
		{
			method: fiber.MethodPatch, path: "/plans/:id/lines/:line", action: account.PlanWrite, handler: a.changeLine,
			summary: "Propose another volunteer for a line, or leave its contact out", request: PlanLineInput{}, response: Plan{},
		},
		{
			method: fiber.MethodPost, path: "/plans/:id/confirm", action: account.PlanWrite, handler: a.confirmPlan,
			summary: "Make the claims of a plan; lines that events have overtaken are skipped", response: PlanResult{},
		},
		{
			method: fiber.MethodDelete, path: "/plans/:id", action: account.PlanWrite, handler: a.dropPlan,
			summary: "Drop a plan without effect",
		},
		{
			method: fiber.MethodPost, path: "/me/plate", action: account.ClaimMake, handler: a.fillPlate,
			summary: "Fill my plate: claim the best few of GET /cycles/{slug}/gaps, or those that are named, each for itself", request: PlateInput{}, response: List[PlateItem]{},
		},
	}
}

// roundOf is the cycle of a slug, the current one for "".
func (a *API) roundOf(c *fiber.Ctx, slug string) (cycle.Cycle, error) {
	if slug == "" {
		return a.Cycles.Current(c.UserContext())
	}
	return a.Cycles.BySlug(c.UserContext(), slug)
}

func (a *API) proposePlan(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	made, err := a.Outreach.ProposePlan(ctx, account.ActorFrom(ctx), round.ID)
	if err != nil {
		return err
	}
	return a.showPlan(c, fiber.StatusCreated, made.ID)
}

func (a *API) plan(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showPlan(c, fiber.StatusOK, id)
}

func (a *API) showPlan(c *fiber.Ctx, status int, id int64) error {
	ctx := c.UserContext()
	v, err := a.Outreach.PlanByID(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	p := Plan{ID: v.ID, State: string(v.State), ProposedAt: v.ProposedAt, Lines: []PlanLine{}}
	for _, g := range v.Groups {
		for _, line := range g.Lines {
			p.Lines = append(p.Lines, a.planLineOf(c, line))
		}
	}
	for _, line := range v.Open {
		p.Lines = append(p.Lines, a.planLineOf(c, line))
	}
	return c.Status(status).JSON(p)
}

func (a *API) planLineOf(c *fiber.Ctx, v outreach.LineView) PlanLine {
	l := a.Server.Localizer(c)
	line := PlanLine{
		ID: v.ID, ContactID: v.ContactID, Contact: v.Name, Purpose: string(v.Purpose), State: string(v.State), Fit: v.Fit, Reasons: []GapReason{},
	}
	if v.VolunteerID != nil {
		line.VolunteerID, line.Volunteer = *v.VolunteerID, v.Volunteer
	}
	if v.ClaimID != nil {
		line.ClaimID = *v.ClaimID
	}
	if v.Why != "" {
		line.Why = l.T(v.Why, "Max", outreach.MaxLive)
	}
	for _, r := range v.Because {
		reason := a.reasonOf(l, r)
		reason.Text = r.Brief(l, a.Outreach.Reference)
		line.Reasons = append(line.Reasons, reason)
	}
	return line
}

func (a *API) changeLine(c *fiber.Ctx) error {
	id, in, err := idAnd[PlanLineInput](c)
	if err != nil {
		return err
	}
	line, err := httpserver.ID(c, "line")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	if in.VolunteerID == 0 {
		err = a.Outreach.DropLine(ctx, by, id, line)
	} else {
		err = a.Outreach.ChangeLine(ctx, by, id, line, in.VolunteerID)
	}
	if err != nil {
		return err
	}
	return a.showPlan(c, fiber.StatusOK, id)
}

func (a *API) confirmPlan(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	done, err := a.Outreach.ConfirmPlan(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return err
	}
	return c.JSON(PlanResult(done))
}

func (a *API) dropPlan(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := a.Outreach.DropPlan(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) fillPlate(c *fiber.Ctx) error {
	in, err := decode[PlateInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	round, err := a.roundOf(c, in.Cycle)
	if err != nil {
		return err
	}
	picks, err := a.picks(c, by, round.ID, in)
	if err != nil {
		return err
	}
	picked, err := a.Outreach.TakePlate(ctx, by, round.ID, picks)
	if err != nil {
		return err
	}
	l := a.Server.Localizer(c)
	items := make([]PlateItem, len(picked))
	for i, p := range picked {
		items[i] = PlateItem{ContactID: p.ContactID, Contact: p.Name}
		if p.Refused != nil {
			items[i].Refused = l.Error(p.Refused)
			continue
		}
		made := claimOf(p.Claim)
		items[i].Claim = &made
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

// picks are the contacts that are named, else the best few.
func (a *API) picks(c *fiber.Ctx, by account.Actor, cycleID int64, in PlateInput) ([]outreach.Pick, error) {
	var picks []outreach.Pick
	for _, p := range in.Contacts {
		picks = append(picks, outreach.Pick{ContactID: p.ContactID, Purpose: outreach.Purpose(p.Purpose)})
	}
	if len(picks) > 0 {
		return picks, nil
	}
	if in.Count == 0 {
		in.Count = outreach.PlateDefault
	}
	gaps, _, err := a.Outreach.Plate(c.UserContext(), by, cycleID, in.Count)
	for _, g := range gaps {
		picks = append(picks, outreach.Pick{ContactID: g.ContactID, Purpose: g.Purpose})
	}
	return picks, err
}
