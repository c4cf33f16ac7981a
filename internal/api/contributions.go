package api

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/httpserver"
)

// contributionBody is the limit of a body with answers.
const contributionBody = 4 << 20

// Contribution is what somebody contributed, by any channel. Its address is never in it.
type Contribution struct {
	ID               int64              `json:"id"`
	ContactID        int64              `json:"contact_id,omitempty" doc:"absent for somebody who is not on the list"`
	State            string             `json:"state" enum:"draft,received,checked,published,withheld,withdrawn"`
	Channel          string             `json:"channel" enum:"personal_link,public_form,email,mailing_list,phone,meeting,post,other"`
	Name             string             `json:"name"`
	Organization     string             `json:"organization,omitempty"`
	Capacity         string             `json:"capacity" enum:"individual,organizational"`
	StakeholderGroup string             `json:"stakeholder_group"`
	Region           string             `json:"region"`
	Country          string             `json:"country,omitempty"`
	Language         string             `json:"language" doc:"BCP 47, of the answers"`
	Consent          bool               `json:"consent_publication"`
	ReceivedAt       *time.Time         `json:"received_at,omitempty"`
	DeadlineAt       *time.Time         `json:"deadline_at,omitempty" doc:"the end of the deadline that lateness was judged by"`
	Late             bool               `json:"late"`
	PublishedAt      *time.Time         `json:"published_at,omitempty"`
	PublicNumber     int                `json:"public_number,omitempty" doc:"its place among the published ones, for ever"`
	Answers          map[string]string  `json:"answers,omitempty" doc:"by question; absent in listings"`
	Files            []ContributionFile `json:"files,omitempty" doc:"its documents; absent in listings"`
}

// ContributionInput is a contribution written down on behalf of somebody: contact_id, or name with the fields beside it.
type ContributionInput struct {
	ContactID        int64             `json:"contact_id,omitempty"`
	Name             string            `json:"name,omitempty"`
	Organization     string            `json:"organization,omitempty"`
	Capacity         string            `json:"capacity,omitempty" enum:"individual,organizational" doc:"individual if absent"`
	StakeholderGroup string            `json:"stakeholder_group,omitempty"`
	Country          string            `json:"country,omitempty" doc:"ISO 3166-1 alpha-2"`
	Channel          string            `json:"channel" enum:"email,mailing_list,phone,meeting,post,other"`
	ReceivedAt       *time.Time        `json:"received_at,omitempty" doc:"when it truly arrived; now if absent"`
	Language         string            `json:"language,omitempty" doc:"BCP 47; the cycle's if absent"`
	Consent          bool              `json:"consent_publication,omitempty" doc:"whether its author agreed to publication"`
	Answers          map[string]string `json:"answers" doc:"by question: q1, q3a, q3.other, other"`
}

// WithholdInput is why a contribution is kept from the public.
type WithholdInput struct {
	Reason string `json:"reason"`
}

func (a *API) contributionEndpoints() []endpoint {
	states := []string{"draft", "received", "checked", "published", "withheld", "withdrawn"}
	return slices.Concat([]endpoint{
		{
			method: fiber.MethodPost, path: "/cycles/:slug/contributions", action: account.ContributionRecord, handler: a.recordContribution,
			summary: "Record a contribution on behalf of somebody", request: ContributionInput{}, response: Contribution{},
			status: fiber.StatusCreated, options: []httpserver.Option{httpserver.BodyLimit(contributionBody)},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/contributions", action: account.ContributionRead, handler: a.listContributions,
			summary: "Contributions, the newest first", params: pagingParams(param{name: "state", doc: "only those in this state", enum: states}),
			response: List[Contribution]{},
		},
		{
			method: fiber.MethodGet, path: "/contributions/:id", action: account.ContributionRead, handler: a.getContribution,
			summary: "A contribution with its answers", response: Contribution{},
		},
		{
			method: fiber.MethodPost, path: "/contributions/:id/check", action: account.ContributionDecide, handler: a.checkContribution,
			summary: "Note that it was looked at", response: Contribution{},
		},
		{
			method: fiber.MethodPost, path: "/contributions/:id/publish", action: account.ContributionDecide, handler: a.publishContribution,
			summary: "Publish it, checking it where nobody has; 409 without its author's consent", response: Contribution{},
		},
		{
			method: fiber.MethodPost, path: "/contributions/:id/withhold", action: account.ContributionDecide, handler: a.withholdContribution,
			summary: "Keep it from the public; it stays counted", request: WithholdInput{}, response: Contribution{},
		},
	}, a.contributionFileEndpoints(), a.respondEndpoints())
}

func (a *API) recordContribution(c *fiber.Ctx) error {
	in, err := decode[ContributionInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	round, err := a.Contributions.RoundBySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	if in.Capacity == "" {
		in.Capacity = string(contribution.Individual)
	}
	arrival := contribution.Arrival{
		CycleID: round.ID, ContactID: in.ContactID, Channel: contribution.Channel(in.Channel), Language: in.Language,
		Consent: in.Consent, Answers: in.Answers, Profile: contribution.Profile{
			Name: in.Name, Organization: in.Organization, Capacity: contribution.Capacity(in.Capacity),
			StakeholderGroup: in.StakeholderGroup, Country: in.Country,
		},
	}
	if in.ReceivedAt != nil {
		arrival.ReceivedAt = *in.ReceivedAt
	}
	made, err := a.Contributions.Record(ctx, account.ActorFrom(ctx), arrival)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(contributionOf(made, nil))
}

func (a *API) listContributions(c *fiber.Ctx) error {
	p, err := pagingOf(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	round, err := a.Contributions.RoundBySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	f := contribution.Filter{CycleID: round.ID, State: contribution.State(c.Query("state")), Limit: p.limit}
	if err := p.after(&f.Before); err != nil {
		return err
	}
	rows, next, err := a.Contributions.List(ctx, account.ActorFrom(ctx), f)
	if err != nil {
		return err
	}
	items := make([]Contribution, len(rows))
	for i, r := range rows {
		items[i] = contributionOf(r, nil)
	}
	var cursor any
	if next != 0 {
		cursor = next
	}
	l, err := listOf(items, cursor)
	if err != nil {
		return err
	}
	return c.JSON(l)
}

func (a *API) getContribution(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	full, err := a.Contributions.Get(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	out := contributionOf(full.Contribution, full.Answers)
	out.Files = filesOf(full.Files)
	return c.JSON(out)
}

func (a *API) checkContribution(c *fiber.Ctx) error {
	return decided(c, a.Contributions.Check)
}

func (a *API) publishContribution(c *fiber.Ctx) error {
	return decided(c, a.Contributions.Publish)
}

func (a *API) withholdContribution(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[WithholdInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	k, err := a.Contributions.Withhold(ctx, account.ActorFrom(ctx), id, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(contributionOf(k, nil))
}

func contributionOf(k contribution.Contribution, answers contribution.Answers) Contribution {
	out := Contribution{
		ID: k.ID, State: string(k.State), Channel: string(k.Channel), Name: k.Name, Organization: k.Organization,
		Capacity: string(k.Capacity), StakeholderGroup: k.StakeholderGroup, Region: k.Region, Country: k.Country,
		Language: k.Language, Consent: k.ConsentPublication, ReceivedAt: k.ReceivedAt, DeadlineAt: k.DeadlineAt,
		Late: k.Late, PublishedAt: k.PublishedAt, Answers: answers,
	}
	if k.ContactID != nil {
		out.ContactID = *k.ContactID
	}
	if k.PublicNumber != nil {
		out.PublicNumber = *k.PublicNumber
	}
	return out
}

// decided does one of the moves that need nothing but the id.
func decided(c *fiber.Ctx, move func(context.Context, account.Actor, int64) (contribution.Contribution, error)) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	k, err := move(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.JSON(contributionOf(k, nil))
}
