package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
)

func stepOf(c *fiber.Ctx) (id int64, step int, err error) {
	if id, err = httpserver.ID(c, "id"); err != nil {
		return 0, 0, err
	}
	position, err := httpserver.ID(c, "step")
	return id, int(position), err
}

func (a *API) heldPlan(c *fiber.Ctx) error {
	id, step, err := stepOf(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	o, err := a.Campaigns.HeldPlan(ctx, account.ActorFrom(ctx), id, step)
	if err != nil {
		return err
	}
	return c.JSON(tallyOf(o.Tally))
}

func (a *API) moveCompletion(do func(context.Context, account.Actor, int64, int) (campaign.Campaign, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, step, err := stepOf(c)
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		if _, err := do(ctx, account.ActorFrom(ctx), id, step); err != nil {
			return err
		}
		return a.answerCampaign(c, id, fiber.StatusOK, false)
	}
}

func (a *API) approveCompletion(c *fiber.Ctx) error {
	id, step, err := stepOf(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	l, err := a.Campaigns.ApproveCompletion(ctx, account.ActorFrom(ctx), id, step)
	if err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusAccepted, l.Waiting)
}
