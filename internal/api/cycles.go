package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
)

// Cycle is a round of the process with the dates that apply now.
type Cycle struct {
	Slug            string      `json:"slug"`
	Name            string      `json:"name"`
	State           string      `json:"state" enum:"preparing,open,closed"`
	DefaultLanguage string      `json:"default_language" doc:"BCP 47"`
	Dates           []CycleDate `json:"dates"`
}

// CycleDate is a day that people are told, its zone, and the instant at which the day ends there.
type CycleDate struct {
	Kind   string    `json:"kind" enum:"comments_close,send_on,outreach_cutoff,deadline,nri_grace,meeting_grace"`
	OnDate string    `json:"on_date" format:"date"`
	Zone   string    `json:"zone" doc:"IANA name, or aoe for anywhere on earth"`
	At     time.Time `json:"at" doc:"the end of the day in the zone"`
	Note   string    `json:"note,omitempty"`
}

func (a *API) cycleEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/cycles", action: account.CycleRead, handler: a.cycles,
			summary: "All cycles, the newest first", response: List[Cycle]{},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug", action: account.CycleRead, handler: a.cycle,
			summary: "One cycle", response: Cycle{},
		},
	}
}

func (a *API) cycles(c *fiber.Ctx) error {
	ctx := c.UserContext()
	all, err := a.Cycles.List(ctx)
	if err != nil {
		return err
	}
	out := make([]Cycle, 0, len(all))
	for _, one := range all {
		described, err := a.cycleOf(ctx, one)
		if err != nil {
			return err
		}
		out = append(out, described)
	}
	list, err := listOf(out, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) cycle(c *fiber.Ctx) error {
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	described, err := a.cycleOf(ctx, one)
	if err != nil {
		return err
	}
	return c.JSON(described)
}

func (a *API) cycleOf(ctx context.Context, one cycle.Cycle) (Cycle, error) {
	all, err := a.Cycles.History(ctx, one.ID)
	if err != nil {
		return Cycle{}, errs.Wrap("api.cycle", err)
	}
	out := Cycle{Slug: one.Slug, Name: one.Name, State: string(one.State), DefaultLanguage: one.DefaultLanguage, Dates: []CycleDate{}}
	for _, kind := range cycle.DateKinds() {
		for _, d := range all {
			if d.Kind == kind && d.SupersededAt == nil {
				out.Dates = append(out.Dates, CycleDate{Kind: string(d.Kind), OnDate: d.OnDate, Zone: d.Zone, At: d.At, Note: d.Note})
			}
		}
	}
	return out, nil
}
