package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
)

// CampaignAudience is a filter over the contacts on the cycle's list. What is named within one field is alternatives,
// the fields narrow each other. An empty one means nobody.
type CampaignAudience struct {
	StakeholderGroups []string          `json:"stakeholder_groups,omitempty"`
	Regions           []string          `json:"regions,omitempty"`
	Countries         []string          `json:"countries,omitempty" doc:"ISO 3166-1 alpha-2"`
	Languages         []string          `json:"languages,omitempty" doc:"BCP 47; es takes es-MX too"`
	Tags              []string          `json:"tags,omitempty" doc:"areas of expertise"`
	NRIs              []string          `json:"nris,omitempty" doc:"any, none, or ids of initiatives that the contact answers for"`
	Response          []string          `json:"response,omitempty" doc:"in this cycle: not_started, started, answered"`
	Sent              []CampaignStepRef `json:"sent,omitempty" doc:"was sent one of these messages"`
	NotSent           []CampaignStepRef `json:"not_sent,omitempty" doc:"leaves out whoever was sent one of these messages"`
	NeverWritten      bool              `json:"never_written,omitempty" doc:"was never sent any message, in any cycle"`
	All               bool              `json:"all,omitempty" doc:"everybody on the list, as far as the fields do not narrow it"`
}

// CampaignStepRef names a message of a campaign, of this cycle or an earlier one.
type CampaignStepRef struct {
	Campaign int64 `json:"campaign"`
	Step     int   `json:"step" doc:"its position, from 1"`
}

// AudienceCount is whom a filter finds.
type AudienceCount struct {
	Count    int                  `json:"count"`
	Mailable int                  `json:"mailable" doc:"of them, with an address that may be mailed"`
	Groups   []AudienceGroupCount `json:"stakeholder_groups" doc:"the most frequent first"`
}

// AudienceGroupCount is how many of a group a filter finds.
type AudienceGroupCount struct {
	Group    string `json:"stakeholder_group"`
	Count    int    `json:"count"`
	Mailable int    `json:"mailable"`
}

func (in *CampaignAudience) filter() campaign.Audience {
	a := campaign.Audience{
		Groups: in.StakeholderGroups, Regions: in.Regions, Countries: in.Countries, Languages: in.Languages,
		Tags: in.Tags, NRIs: in.NRIs, NeverWritten: in.NeverWritten, All: in.All,
	}
	for _, r := range in.Response {
		a.Response = append(a.Response, campaign.Response(r))
	}
	for _, ref := range in.Sent {
		a.Sent = append(a.Sent, campaign.StepRef(ref))
	}
	for _, ref := range in.NotSent {
		a.NotSent = append(a.NotSent, campaign.StepRef(ref))
	}
	return a
}

func audienceOf(a campaign.Audience) CampaignAudience {
	out := CampaignAudience{
		StakeholderGroups: a.Groups, Regions: a.Regions, Countries: a.Countries, Languages: a.Languages,
		Tags: a.Tags, NRIs: a.NRIs, NeverWritten: a.NeverWritten, All: a.All,
	}
	for _, r := range a.Response {
		out.Response = append(out.Response, string(r))
	}
	for _, ref := range a.Sent {
		out.Sent = append(out.Sent, CampaignStepRef(ref))
	}
	for _, ref := range a.NotSent {
		out.NotSent = append(out.NotSent, CampaignStepRef(ref))
	}
	return out
}

func (a *API) countAudience(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	in, err := decode[CampaignAudience](c)
	if err != nil {
		return err
	}
	found, err := a.Campaigns.Find(ctx, account.ActorFrom(ctx), round.ID, in.filter())
	if err != nil {
		return err
	}
	out := AudienceCount{Count: found.Count, Mailable: found.Mailable, Groups: []AudienceGroupCount{}}
	for _, g := range found.Groups {
		out.Groups = append(out.Groups, AudienceGroupCount(g))
	}
	return c.JSON(out)
}
