package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

// againView is what of a step can be sent after all, in words.
type againView struct {
	campaign.AgainPlan
	StepName string
	Why      string // why not the others, "" where there are none
}

func againViews(l *i18n.Localizer, plans []campaign.AgainPlan) []againView {
	var views []againView
	for _, p := range plans {
		v := againView{AgainPlan: p, StepName: stepName(l, p.Position)}
		var reasons []string
		for _, r := range p.Why {
			reasons = append(reasons, l.T("campaign.again.reason", "Reason", l.T("campaign.reason."+string(r.Reason)), "Number", l.Number(int64(r.Count))))
		}
		if len(reasons) > 0 {
			v.Why = l.T("campaign.again.cannot", "Number", l.Number(int64(p.Cannot)), "Reasons", l.List(reasons))
		}
		views = append(views, v)
	}
	return views
}

// sendKindAgain queues what of a step of a kind can be sent after all.
func (w *Web) sendKindAgain(kind campaign.AgainKind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := httpserver.ID(c, "id")
		if err != nil {
			return err
		}
		step, err := httpserver.ID(c, "step")
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		n, err := w.Campaigns.Again(ctx, account.ActorFrom(ctx), id, int(step), kind)
		if err != nil {
			return w.campaignAgain(c, err)
		}
		return w.redirect(c, campaignPath(id), "campaign.again.said", "Number", w.Server.Localizer(c).Number(int64(n)))
	}
}

// sendDeliveryAgain sends a message to somebody who got it, for a reason.
func (w *Web) sendDeliveryAgain(c *fiber.Ctx) error {
	return w.deliveryMove(c, "campaign.next_for.going", func(ctx context.Context, by account.Actor, id int64) error {
		return w.Campaigns.SendAgain(ctx, by, id, c.FormValue("because"))
	})
}
