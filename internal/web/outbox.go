package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

const (
	outboxPage          page[outboxData]          = "campaign_outbox"
	campaignMessagePage page[campaignMessageData] = "campaign_message"
	deliveriesPage      page[deliveriesData]      = "campaign_deliveries"
)

type outboxData struct {
	campaign.Outbox
	Sentence string
	Samples  []outboxSample
	// Cursors of the next pages, 0 on the last.
	NextRecipient, NextExcluded int64
}

type outboxSample struct {
	campaign.Planned
	Mail mailView
}

type campaignMessageData struct {
	Campaign campaign.Campaign
	Step     int
	Person   campaign.Planned
	Mail     mailView
}

type deliveriesData struct {
	Campaign campaign.Campaign
	State    campaign.DeliveryState
	Counts   []campaignCount
	Rows     []campaign.DeliveryRow
	Next     int64 // the cursor of the next page, 0 on the last
}

// outboxStep is the step that the query names, the first where it names none.
func outboxStep(c *fiber.Ctx) int { return max(c.QueryInt("step", 1), 1) }

func (w *Web) outbox(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	after := campaign.PlanCursor{Recipients: int64(c.QueryInt("recipients")), Excluded: int64(c.QueryInt("excluded"))}
	o, err := w.Campaigns.Plan(ctx, account.ActorFrom(ctx), id, outboxStep(c), after)
	if err != nil {
		return err
	}
	data := outboxData{Outbox: o, Sentence: o.Tally.Sentence(w.Server.Localizer(c))}
	for _, m := range o.Samples {
		shown, err := w.showMail(m.Raw)
		if err != nil {
			return err
		}
		data.Samples = append(data.Samples, outboxSample{Planned: m.Planned, Mail: shown})
	}
	data.NextRecipient, data.NextExcluded = nextPlanned(data.Recipients), nextPlanned(data.Excluded)
	return outboxPage.show(w, c, data)
}

func nextPlanned(all []campaign.Planned) int64 {
	if len(all) < campaign.PageSize {
		return 0
	}
	return all[len(all)-1].ListingID
}

func (w *Web) outboxMessage(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	contact, err := httpserver.ID(c, "contact")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	one, err := w.Campaigns.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	m, err := w.Campaigns.Preview(ctx, actor, id, outboxStep(c), contact)
	if err != nil {
		return err
	}
	shown, err := w.showMail(m.Raw)
	if err != nil {
		return err
	}
	return campaignMessagePage.show(w, c, campaignMessageData{Campaign: one, Step: outboxStep(c), Person: m.Planned, Mail: shown})
}

func (w *Web) campaignDeliveries(c *fiber.Ctx) error {
	data, err := w.deliveriesData(c)
	if err != nil {
		return err
	}
	return deliveriesPage.show(w, c, data)
}

func (w *Web) deliveriesData(c *fiber.Ctx) (deliveriesData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return deliveriesData{}, err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	p, err := w.Campaigns.Progress(ctx, actor, id)
	if err != nil {
		return deliveriesData{}, err
	}
	cursor, err := strconv.ParseInt(c.Query("after", "0"), 10, 64)
	if err != nil {
		return deliveriesData{}, errs.E(errs.NotFound, "error.not_found")
	}
	data := deliveriesData{Campaign: p.Campaign, State: campaign.DeliveryState(c.Query("state"))}
	for _, s := range campaign.DeliveryStates() {
		if n := p.Tally.States[s]; n > 0 {
			data.Counts = append(data.Counts, campaignCount{State: s, Count: n})
		}
	}
	data.Rows, err = w.Campaigns.Deliveries(ctx, actor, id, campaign.DeliveryFilter{State: data.State, Cursor: cursor})
	if err != nil {
		return deliveriesData{}, err
	}
	if len(data.Rows) == campaign.PageSize {
		data.Next = data.Rows[len(data.Rows)-1].ID
	}
	return data, nil
}

func (w *Web) resolveDelivery(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	delivery, err := httpserver.ID(c, "delivery")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Campaigns.OfCampaign(ctx, delivery, id); err != nil {
		return err
	}
	if err := w.Campaigns.ResolveUncertain(ctx, account.ActorFrom(ctx), delivery, campaign.DeliveryState(c.FormValue("state"))); err != nil {
		data, failed := w.deliveriesData(c)
		if failed != nil {
			return failed
		}
		return deliveriesPage.again(w, c, data, err)
	}
	return w.redirect(c, campaignPath(id)+"/deliveries?state=uncertain", "campaign.said.resolved")
}
