package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
)

// Segment is a saved filter of a cycle. Campaigns copy it.
type Segment struct {
	ID        int64            `json:"id"`
	Name      string           `json:"name"`
	Audience  CampaignAudience `json:"audience"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`
}

// SegmentInput is a filter and its name.
type SegmentInput struct {
	Name     string           `json:"name"`
	Audience CampaignAudience `json:"audience"`
}

// CampaignSegment is the segment that a campaign's filter was copied from.
type CampaignSegment struct {
	ID    int64  `json:"id"`
	Name  string `json:"name" doc:"as it was called then"`
	State string `json:"state" enum:"same,adjusted,changed,deleted" doc:"adjusted for this campaign when it was made; changed or deleted since"`
}

func (a *API) segmentEndpoints() []endpoint {
	return []endpoint{
		{method: fiber.MethodGet, path: "/cycles/:slug/segments", action: account.CampaignRead, handler: a.segments, summary: "Saved filters of a cycle, by name", response: List[Segment]{}},
		{method: fiber.MethodPost, path: "/cycles/:slug/segments", action: account.CampaignWrite, handler: a.createSegment, summary: "Save a filter under a name", request: SegmentInput{}, response: Segment{}, status: fiber.StatusCreated},
		{method: fiber.MethodGet, path: "/segments/:id", action: account.CampaignRead, handler: a.segment, summary: "A saved filter", response: Segment{}},
		{method: fiber.MethodPut, path: "/segments/:id", action: account.CampaignWrite, handler: a.changeSegment, summary: "Give it another name or filter; campaigns made from it keep theirs", request: SegmentInput{}, response: Segment{}},
		{method: fiber.MethodDelete, path: "/segments/:id", action: account.CampaignWrite, handler: a.deleteSegment, summary: "Remove it; campaigns made from it keep their filter"},
	}
}

func segmentOf(g campaign.Segment) Segment {
	return Segment{ID: g.ID, Name: g.Name, Audience: audienceOf(g.Audience), CreatedAt: g.CreatedAt, UpdatedAt: g.UpdatedAt}
}

func (in *SegmentInput) draft() campaign.SegmentDraft {
	return campaign.SegmentDraft{Name: in.Name, Audience: in.Audience.filter()}
}

func (a *API) segments(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	all, err := a.Campaigns.Segments(ctx, account.ActorFrom(ctx), round.ID)
	if err != nil {
		return err
	}
	items := make([]Segment, len(all))
	for i, g := range all {
		items[i] = segmentOf(g)
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) createSegment(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	in, err := decode[SegmentInput](c)
	if err != nil {
		return err
	}
	g, err := a.Campaigns.SaveSegment(ctx, account.ActorFrom(ctx), round.ID, in.draft())
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(segmentOf(g))
}

func (a *API) segment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	g, err := a.Campaigns.Segment(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return err
	}
	return c.JSON(segmentOf(g))
}

func (a *API) changeSegment(c *fiber.Ctx) error {
	id, in, err := idAnd[SegmentInput](c)
	if err != nil {
		return err
	}
	g, err := a.Campaigns.ChangeSegment(c.UserContext(), account.ActorFrom(c.UserContext()), id, in.draft())
	if err != nil {
		return err
	}
	return c.JSON(segmentOf(g))
}

func (a *API) deleteSegment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := a.Campaigns.DeleteSegment(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
