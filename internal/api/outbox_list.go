package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
)

// CampaignOutbox is what a step is about to send.
type CampaignOutbox struct {
	Step    int               `json:"step"`
	Summary string            `json:"summary" doc:"the counts as a sentence"`
	Policy  string            `json:"language_policy" enum:"fallback,hold,bilingual" doc:"what those get in none of whose languages the text is approved"`
	Counts  CampaignCounts    `json:"counts"`
	Samples []CampaignMessage `json:"samples" doc:"one for each language, fallback or not, and variant; at most 12"`
	Edges   []CampaignEdge    `json:"edges,omitempty" doc:"unusual readers, each the first of its kind; their messages are at /campaigns/{id}/outbox/{contact}"`

	QuestionnaireLacks []string `json:"questionnaire_lacks,omitempty" doc:"languages in which the message is approved and the questionnaire that it leads to is not: nobody gets it in them"`

	Broken []CampaignBroken `json:"broken,omitempty" doc:"what of it cannot be put together as the text stands"`

	Recipients []OutboxContact `json:"recipients" doc:"at most 50, in the order of the list"`
	Excluded   []OutboxContact `json:"excluded" doc:"at most 50 who get nothing, with the reason"`
	Next       OutboxNext      `json:"next" doc:"what to give as parameters for the following ones; 0 where there are none"`
	Found      []OutboxContact `json:"found,omitempty" doc:"with q: who of the outbox has such a name, by name; at most 100"`
}

// OutboxNext says from where on the lists of an outbox go on.
type OutboxNext struct {
	Recipients int64 `json:"recipients"`
	Excluded   int64 `json:"excluded"`
}

// OutboxContact is somebody in an outbox; the message is at /campaigns/{id}/outbox/{contact}.
type OutboxContact struct {
	ContactID int64  `json:"contact_id"`
	Name      string `json:"name"`
	State     string `json:"state" enum:"planned,queued,sent,deferred,uncertain,failed,skipped,bounced,complained"`
	Reason    string `json:"reason,omitempty" doc:"why there is no message"`
	Locale    string `json:"locale,omitempty"`
	Fallback  bool   `json:"fallback,omitempty" doc:"for want of one of their own languages"`
	Variant   string `json:"variant,omitempty" doc:"absent for the general text"`
}

func outboxParams(step param) []param {
	return []param{
		step,
		{name: "q", doc: "who has such a name, as the list of contacts finds them"},
		{name: "recipients", doc: "recipients after this one", kind: "integer"},
		{name: "excluded", doc: "those who get nothing, after this one", kind: "integer"},
	}
}

func (a *API) campaignOutbox(c *fiber.Ctx) error {
	id, step, err := campaignAndStep(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	after := campaign.PlanCursor{Recipients: int64(c.QueryInt("recipients")), Excluded: int64(c.QueryInt("excluded"))}
	o, err := a.Campaigns.Plan(ctx, account.ActorFrom(ctx), id, step, after)
	if err != nil {
		return err
	}
	l := a.Server.Localizer(c)
	out := CampaignOutbox{
		Step: step, Policy: string(o.Policy), Counts: tallyOf(o.Tally), Summary: o.Tally.Sentence(l), Samples: []CampaignMessage{}, QuestionnaireLacks: o.FormLacks,
		Recipients: plannedOf(o.Recipients, campaign.DeliveryPlanned), Excluded: plannedOf(o.Excluded, campaign.DeliverySkipped),
		Next: OutboxNext{Recipients: nextPlanned(o.Recipients), Excluded: nextPlanned(o.Excluded)},
	}
	for _, b := range o.Broken {
		out.Broken = append(out.Broken, CampaignBroken{Locale: b.Locale, Variant: b.Variant, Why: l.Error(b.Why)})
	}
	for _, e := range o.Edges {
		out.Edges = append(out.Edges, CampaignEdge{Edge: string(e.Edge), ContactID: e.ContactID, Name: e.Name, Locale: e.Locale})
	}
	for _, m := range o.Samples {
		message, err := messageOf(m)
		if err != nil {
			return err
		}
		out.Samples = append(out.Samples, message)
	}
	if out.Found, err = a.foundInOutbox(c, &o); err != nil {
		return err
	}
	return c.JSON(out)
}

// foundInOutbox finds whom the query names, as the list of contacts finds them.
func (a *API) foundInOutbox(c *fiber.Ctx, o *campaign.Outbox) ([]OutboxContact, error) {
	query := strings.TrimSpace(c.Query("q"))
	if query == "" {
		return nil, nil
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	list, err := a.Contacts.List(ctx, by, contact.Filter{
		Query: query, CycleID: o.Campaign.CycleID, Listed: contact.Yes, Locale: a.Server.Localizer(c).Tag(), Limit: campaign.MostFound,
	})
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(list.Rows))
	for i, row := range list.Rows {
		ids[i] = row.ID
	}
	found, err := a.Campaigns.InOutbox(ctx, by, o.Campaign.ID, o.Step.Position, ids)
	out := make([]OutboxContact, len(found))
	for i := range found {
		out[i] = outboxContact(&found[i].Planned, found[i].State)
	}
	return out, err
}

func plannedOf(all []campaign.Planned, state campaign.DeliveryState) []OutboxContact {
	out := make([]OutboxContact, len(all))
	for i := range all {
		out[i] = outboxContact(&all[i], state)
	}
	return out
}

func outboxContact(p *campaign.Planned, state campaign.DeliveryState) OutboxContact {
	out := OutboxContact{ContactID: p.ContactID, Name: p.Name, State: string(state), Locale: p.Locale, Fallback: p.Fallback, Variant: p.Variant}
	if state == campaign.DeliverySkipped {
		out.Reason = string(p.Reason)
	}
	return out
}

func nextPlanned(all []campaign.Planned) int64 {
	if len(all) < campaign.PageSize {
		return 0
	}
	return all[len(all)-1].ListingID
}
