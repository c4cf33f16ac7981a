package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/nri"
)

// NRI is a National, sub-regional, regional or youth Initiative, as far as it has come in a cycle.
type NRI struct {
	ID            int64    `json:"id"`
	Name          string   `json:"name"`
	Kind          string   `json:"kind" enum:"national,subregional,regional,youth"`
	Countries     []string `json:"countries" doc:"ISO 3166-1 alpha-2"`
	Scope         string   `json:"scope,omitempty"`
	Languages     []string `json:"languages" doc:"BCP 47"`
	Website       string   `json:"website,omitempty"`
	Confirmed     bool     `json:"confirmed" doc:"false: the source does not show that the IGF recognizes it"`
	Source        string   `json:"source,omitempty"`
	Note          string   `json:"note,omitempty"`
	State         string   `json:"state" enum:"not_yet_briefed,silent,briefed,relayed,contributed"`
	Relays        int      `json:"relays"`
	Contributions int      `json:"contributions"`
	Coordinators  []string `json:"coordinators" doc:"names of who speaks for it now"`
}

// RelayInput is what an initiative passed on.
type RelayInput struct {
	Cycle        string `json:"cycle,omitempty" doc:"its slug; the current cycle if absent"`
	Kind         string `json:"kind" enum:"passed_to_government,sent_to_list,presented_at_meeting,other"`
	AudienceSize int    `json:"audience_size,omitempty" doc:"0 where it is not known"`
	Language     string `json:"language,omitempty" doc:"BCP 47"`
	Note         string `json:"note,omitempty" doc:"private: only who wrote it reads it"`
	OnDate       string `json:"on_date" format:"date"`
}

// Relay is what was logged, without its private note.
type Relay struct {
	ID           int64     `json:"id"`
	NRIID        int64     `json:"nri_id"`
	Cycle        string    `json:"cycle"`
	Kind         string    `json:"kind"`
	AudienceSize int       `json:"audience_size"`
	Language     string    `json:"language"`
	OnDate       string    `json:"on_date" format:"date"`
	CreatedAt    time.Time `json:"created_at"`
}

func (a *API) nriEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/nris", action: account.NRIRead, handler: a.nris,
			summary: "Initiatives, a coordinator's own only", response: List[NRI]{},
			params: pagingParams(param{name: "cycle", doc: "slug of the cycle whose facts are wanted; the current one if absent"}),
		},
		{
			method: fiber.MethodPost, path: "/nris/:id/relays", action: account.RelayLog, handler: a.logRelay,
			summary: "Log what an initiative passed on", request: RelayInput{}, response: Relay{}, status: fiber.StatusCreated,
		},
	}
}

func (a *API) nris(c *fiber.Ctx) error {
	p, err := pagingOf(c)
	if err != nil {
		return err
	}
	var after int64
	if err := p.after(&after); err != nil {
		return err
	}
	current, err := a.cycleNamed(c, c.Query("cycle"))
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	found, err := a.NRIs.List(ctx, account.ActorFrom(ctx), nri.Filter{CycleID: current.ID, After: after, Limit: p.limit})
	if err != nil {
		return err
	}
	out := make([]NRI, 0, len(found))
	for _, n := range found {
		out = append(out, nriOf(n))
	}
	var next any
	if len(found) == p.limit {
		next = found[len(found)-1].ID
	}
	list, err := listOf(out, next)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

// cycleNamed is the cycle of a slug, the current one for "".
func (a *API) cycleNamed(c *fiber.Ctx, slug string) (cycle.Cycle, error) {
	if slug == "" {
		return a.Cycles.Current(c.UserContext())
	}
	return a.Cycles.BySlug(c.UserContext(), slug)
}

func nriOf(n nri.Initiative) NRI {
	out := NRI{
		ID: n.ID, Name: n.Name, Kind: n.Kind, Countries: orEmpty(n.Countries), Scope: n.Scope, Languages: orEmpty(n.Languages),
		Website: n.Website, Confirmed: n.Confirmed, Source: n.Source, Note: n.Note, State: string(n.State),
		Relays: n.Facts.Relays, Contributions: n.Facts.Contributions, Coordinators: []string{},
	}
	for _, c := range n.Coordinators {
		out.Coordinators = append(out.Coordinators, c.Name)
	}
	return out
}

func (a *API) logRelay(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[RelayInput](c)
	if err != nil {
		return err
	}
	current, err := a.cycleNamed(c, in.Cycle)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	r, err := a.NRIs.LogRelay(ctx, account.ActorFrom(ctx), nri.Relay{
		CycleID: current.ID, NRIID: id, Kind: nri.RelayKind(in.Kind), AudienceSize: in.AudienceSize,
		Language: in.Language, Note: in.Note, OnDate: in.OnDate,
	})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(Relay{
		ID: r.ID, NRIID: r.NRIID, Cycle: current.Slug, Kind: string(r.Kind), AudienceSize: r.AudienceSize,
		Language: r.Language, OnDate: r.OnDate, CreatedAt: r.CreatedAt,
	})
}
