package api

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

func (a *API) campaignEndpoints() []endpoint {
	step := param{name: "step", doc: "the position of the step, 1 if absent", kind: "integer"}
	move := func(name, summary string, action account.Action, do func(context.Context, account.Actor, int64) (campaign.Campaign, error)) endpoint {
		return endpoint{
			method: fiber.MethodPost, path: "/campaigns/:id/" + name, action: action, handler: a.moveCampaign(do),
			summary: summary, response: Campaign{},
		}
	}
	complete := func(name, summary string, action account.Action, do func(context.Context, account.Actor, int64, int) (campaign.Campaign, error)) endpoint {
		return endpoint{
			method: fiber.MethodPost, path: "/campaigns/:id/steps/:step/" + name, action: action, handler: a.moveCompletion(do),
			summary: summary, response: Campaign{},
		}
	}
	s := a.Campaigns
	return []endpoint{
		{method: fiber.MethodGet, path: "/cycles/:slug/campaigns", action: account.CampaignRead, handler: a.campaigns, summary: "Campaigns of a cycle, the newest first", response: List[Campaign]{}},
		{method: fiber.MethodPost, path: "/cycles/:slug/campaigns", action: account.CampaignWrite, handler: a.createCampaign, summary: "Make a campaign", request: CampaignInput{}, response: Campaign{}, status: fiber.StatusCreated},
		{method: fiber.MethodPost, path: "/cycles/:slug/audience", action: account.CampaignRead, handler: a.countAudience, summary: "Whom a filter finds on the list of a cycle, by stakeholder group; nothing is kept", request: CampaignAudience{}, response: AudienceCount{}},
		{method: fiber.MethodGet, path: "/campaigns/:id", action: account.CampaignRead, handler: a.campaign, summary: "A campaign and what became of its deliveries", response: Campaign{}},
		{method: fiber.MethodGet, path: "/campaigns/:id/progress", action: account.CampaignRead, handler: a.campaignProgress, summary: "How far a campaign is at the moment, how fast, and why it waits; two looks within half a second are one", response: CampaignProgress{}},
		{method: fiber.MethodPut, path: "/campaigns/:id/texts/:locale", action: account.CampaignWrite, handler: a.setCampaignText, params: []param{step}, summary: "Set a step's text in a language; a translation then waits for review", request: CampaignText{}, response: Campaign{}},
		move("freeze", "Freeze the texts; what forbids it is 422 with every place", account.CampaignWrite, s.Freeze),
		move("submit", "Ask for approval", account.CampaignWrite, s.Submit),
		{method: fiber.MethodPost, path: "/campaigns/:id/approve", action: account.CampaignApprove, handler: a.approveCampaign, summary: "Approve, as a second person; a body may name what was looked at", request: CampaignApproval{}, bodiless: true, response: Campaign{}},
		move("pause", "Hold back what has not left", account.CampaignLaunch, s.Pause),
		move("resume", "Go on", account.CampaignLaunch, s.Resume),
		{method: fiber.MethodPut, path: "/campaigns/:id/rate", action: account.CampaignLaunch, handler: a.setRate, summary: "Limit how many messages of a campaign leave in a time, also while it is sending", request: CampaignRate{}, response: Campaign{}},
		{method: fiber.MethodPut, path: "/campaigns/:id/schedule", action: account.CampaignLaunch, handler: a.scheduleCampaign, summary: "Let an approved campaign go out by itself, or change when", request: CampaignSchedule{}, response: Campaign{}},
		{method: fiber.MethodDelete, path: "/campaigns/:id/schedule", action: account.CampaignLaunch, handler: a.moveCampaign(s.Unschedule), summary: "Take a campaign off the schedule", response: Campaign{}},
		{method: fiber.MethodPut, path: "/campaigns/:id/steps/:step/hour", action: account.CampaignLaunch, handler: a.setOwnHour, summary: "Let a follow-up reach its readers at an hour of their own day", request: CampaignHour{}, response: Campaign{}},
		move("cancel", "End the campaign; what has not left never will", account.CampaignLaunch, s.Cancel),
		{method: fiber.MethodPost, path: "/campaigns/:id/launch", action: account.CampaignLaunch, handler: a.launchCampaign, summary: "Send an approved campaign", response: Campaign{}, status: fiber.StatusAccepted},
		{method: fiber.MethodPost, path: "/campaigns/:id/steps/:step/launch", action: account.CampaignLaunch, handler: a.launchCampaignStep, summary: "Send a follow-up now", response: Campaign{}, status: fiber.StatusAccepted},
		{method: fiber.MethodGet, path: "/campaigns/:id/steps/:step/held", action: account.CampaignRead, handler: a.heldPlan, summary: "Of those whose message of a launched step was held for a translation, who would get it now", response: CampaignCounts{}},
		complete("completion", "Ask a second person to send a launched step to those whose message was held and who have a translation now", account.CampaignLaunch, s.AskCompletion),
		complete("completion/fallback", "Ask a second person to send a launched step to everybody whose message was held, in the language of the cycle where there is no translation still", account.CampaignLaunch, s.AskFallback),
		complete("completion/decline", "Leave held what somebody asked to send", account.CampaignApprove, s.DeclineCompletion),
		{method: fiber.MethodPost, path: "/campaigns/:id/steps/:step/completion/approve", action: account.CampaignApprove, handler: a.approveCompletion, summary: "Send what somebody else asked to send", response: Campaign{}, status: fiber.StatusAccepted},
		{method: fiber.MethodPost, path: "/campaigns/:id/steps/:step/stuck/retry", action: account.CampaignLaunch, handler: a.moveStuck(s.RetryStuck), summary: "Try again what waits in a language because its text cannot be put together", request: CampaignLocale{}, response: Campaign{}},
		{method: fiber.MethodPost, path: "/campaigns/:id/steps/:step/stuck/drop", action: account.CampaignLaunch, handler: a.moveStuck(s.DropStuck), summary: "Take out what waits in a language because its text cannot be put together", request: CampaignLocale{}, response: Campaign{}},
		{method: fiber.MethodGet, path: "/campaigns/:id/outbox", action: account.CampaignRead, handler: a.campaignOutbox, params: outboxParams(step), summary: "What a step would send if it were launched now", response: CampaignOutbox{}},
		{method: fiber.MethodPost, path: "/campaigns/:id/test", action: account.CampaignRead, handler: a.testCampaign, params: []param{step}, summary: "Send a step to one's own address, once in each approved language, marked as a test", request: CampaignTest{}, response: CampaignTested{}, status: fiber.StatusAccepted},
		{method: fiber.MethodGet, path: "/campaigns/:id/outbox/:contact", action: account.CampaignRead, handler: a.outboxMessage, params: []param{step}, summary: "A contact's part in a step: its message, or why there is none", response: OutboxMessage{}},
		{method: fiber.MethodPut, path: "/campaigns/:id/outbox/:contact/drop", action: account.CampaignWrite, handler: a.dropMessage, params: []param{step}, summary: "Leave a contact out of a step: before its launch, and as long as the message waits", request: MessageDrop{}, response: OutboxMessage{}},
		{method: fiber.MethodDelete, path: "/campaigns/:id/outbox/:contact/drop", action: account.CampaignWrite, handler: a.exceptMessage(s.UndropMessage), params: []param{step}, summary: "Take that back before the launch; 409 for what the campaign was approved without", response: OutboxMessage{}},
		{method: fiber.MethodPut, path: "/campaigns/:id/outbox/:contact/edit", action: account.CampaignWrite, handler: a.editMessage, params: []param{step}, summary: "Give a contact's message words of its own, before the launch of a frozen step; 422 for what must not go out", request: MessageEdit{}, response: OutboxMessage{}},
		{method: fiber.MethodDelete, path: "/campaigns/:id/outbox/:contact/edit", action: account.CampaignWrite, handler: a.exceptMessage(s.UneditMessage), params: []param{step}, summary: "Give it the words of the step again", response: OutboxMessage{}},
		{method: fiber.MethodPost, path: "/campaigns/:id/outbox/:contact/edit/approve", action: account.CampaignApprove, handler: a.approveEdit, params: []param{step}, summary: "Approve, as another person, words that were written after the campaign was approved", request: MessageApproval{}, response: OutboxMessage{}},
		{method: fiber.MethodGet, path: "/campaigns/:id/deliveries", action: account.CampaignRead, handler: a.deliveries, params: pagingParams(deliveryParams()...), summary: "Deliveries, in the order in which they were made; a page may be short though others follow it", response: List[Delivery]{}},
		{method: fiber.MethodPost, path: "/deliveries/:id/resolve", action: account.CampaignLaunch, handler: a.resolveDelivery, summary: "Decide about an uncertain delivery", request: DeliveryDecision{}},
	}
}

func deliveryStates() []string {
	var all []string
	for _, s := range campaign.DeliveryStates() {
		all = append(all, string(s))
	}
	return all
}

func (a *API) campaigns(c *fiber.Ctx) error {
	ctx := c.UserContext()
	cycle, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	by := account.ActorFrom(ctx)
	all, err := a.Campaigns.List(ctx, by, cycle.ID)
	if err != nil {
		return err
	}
	items := make([]Campaign, 0, len(all))
	for _, one := range all {
		p, err := a.Campaigns.Progress(ctx, by, one.ID)
		if err != nil {
			return err
		}
		items = append(items, campaignOf(&p))
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) createCampaign(c *fiber.Ctx) error {
	ctx := c.UserContext()
	cycle, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	in, err := decode[CampaignInput](c)
	if err != nil {
		return err
	}
	draft := campaign.Proposal{CycleID: cycle.ID, Name: in.Name, Audience: in.Audience.filter(), SegmentID: in.Segment}
	for _, s := range in.Steps {
		step := campaign.StepDraft{Kind: campaign.StepKind(s.Kind), DocumentID: s.DocumentID, OffsetDays: s.OffsetDays, OffsetFrom: s.OffsetFrom, EndsAt: s.EndsAt}
		if step.OffsetFrom == "" {
			step.OffsetFrom = campaign.FromLaunch
		}
		draft.Steps = append(draft.Steps, step)
	}
	made, err := a.Campaigns.Create(ctx, account.ActorFrom(ctx), draft)
	if err != nil {
		return err
	}
	return a.answerCampaign(c, made.ID, fiber.StatusCreated, false)
}

func (a *API) campaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusOK, false)
}

func (a *API) setCampaignText(c *fiber.Ctx) error {
	id, step, err := campaignAndStep(c)
	if err != nil {
		return err
	}
	in, err := decode[CampaignText](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Campaigns.SetText(ctx, account.ActorFrom(ctx), id, step, c.Params("locale"), in.wording()); err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusOK, false)
}

func (a *API) moveCampaign(do func(context.Context, account.Actor, int64) (campaign.Campaign, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := httpserver.ID(c, "id")
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		if _, err := do(ctx, account.ActorFrom(ctx), id); err != nil {
			return err
		}
		return a.answerCampaign(c, id, fiber.StatusOK, false)
	}
}

func (a *API) approveCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	var in CampaignApproval
	if len(c.Body()) > 0 {
		if in, err = decode[CampaignApproval](c); err != nil {
			return err
		}
	}
	ctx := c.UserContext()
	if _, err := a.Campaigns.ApproveSeen(ctx, account.ActorFrom(ctx), id, in.Base); err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusOK, false)
}

func (a *API) launchCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	l, err := a.Campaigns.Launch(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusAccepted, l.Waiting)
}

func (a *API) launchCampaignStep(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	step, err := httpserver.ID(c, "step")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	l, err := a.Campaigns.LaunchStep(ctx, account.ActorFrom(ctx), id, int(step))
	if err != nil {
		return err
	}
	return a.answerCampaign(c, id, fiber.StatusAccepted, l.Waiting)
}

func (a *API) answerCampaign(c *fiber.Ctx, id int64, status int, waiting bool) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	p, err := a.Campaigns.Progress(ctx, by, id)
	if err != nil {
		return err
	}
	out := campaignOf(&p)
	out.WaitingForQueue = waiting
	if why := p.Campaign.ScheduleRefused.Err(); why != nil && p.Campaign.Awaiting() {
		out.NotSent = a.Server.Localizer(c).Error(why)
	}
	trouble, err := a.Campaigns.MailTroubleOf(ctx, by, &p.Campaign)
	if err != nil {
		return err
	}
	if trouble != nil {
		out.MailServer = &MailServerTrouble{Since: trouble.Since, Tried: trouble.Tried, Why: a.Server.Localizer(c).Error(trouble.Why)}
	}
	stuck, err := a.Campaigns.StuckIn(ctx, by, id)
	if err != nil {
		return err
	}
	held, err := a.Campaigns.HeldIn(ctx, by, id)
	if err != nil {
		return err
	}
	for _, h := range held {
		out.Held = append(out.Held, CampaignHeld{Step: h.Position, Language: h.Language, Count: h.Count})
	}
	l := a.Server.Localizer(c)
	for _, s := range stuck {
		why := ""
		if s.Why != nil {
			why = l.Error(s.Why)
		}
		out.Stuck = append(out.Stuck, CampaignStuck{Step: s.Position, DocumentID: s.DocumentID, Locale: s.Locale, Count: s.Count, Why: why})
	}
	return c.Status(status).JSON(out)
}

func (a *API) moveStuck(do func(context.Context, account.Actor, int64, int, string) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := httpserver.ID(c, "id")
		if err != nil {
			return err
		}
		step, err := httpserver.ID(c, "step")
		if err != nil {
			return err
		}
		in, err := decode[CampaignLocale](c)
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		if err := do(ctx, account.ActorFrom(ctx), id, int(step), in.Locale); err != nil {
			return err
		}
		return a.answerCampaign(c, id, fiber.StatusOK, false)
	}
}

func (a *API) deliveries(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	p, err := pagingOf(c)
	if err != nil {
		return err
	}
	f := campaign.DeliveryFilter{
		State: campaign.DeliveryState(c.Query("state")), Reason: campaign.Reason(c.Query("reason")), Locale: c.Query("locale"),
		Group: c.Query("stakeholder_group"), Reply: c.Query("reply"), Limit: p.limit,
	}
	if given := c.Query("contact_id"); given != "" {
		id, err := strconv.ParseInt(given, 10, 64)
		if err != nil {
			return errs.InvalidFields(errs.FieldError("contact_id", "field.number"))
		}
		f.Contacts = []int64{id}
	}
	if err := p.after(&f.Cursor); err != nil {
		return err
	}
	ctx := c.UserContext()
	found, err := a.Campaigns.FindDeliveries(ctx, account.ActorFrom(ctx), id, f)
	if err != nil {
		return err
	}
	items := make([]Delivery, len(found.Rows))
	for i, d := range found.Rows {
		items[i] = deliveryOf(&d)
	}
	var next any
	if found.Next > 0 {
		next = found.Next
	}
	list, err := listOf(items, next)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) resolveDelivery(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[DeliveryDecision](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Campaigns.ResolveUncertain(ctx, account.ActorFrom(ctx), id, campaign.DeliveryState(in.State)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// campaignAndStep reads the campaign of the path and the step of the query.
func campaignAndStep(c *fiber.Ctx) (id int64, step int, err error) {
	if id, err = httpserver.ID(c, "id"); err != nil {
		return 0, 0, err
	}
	if step = c.QueryInt("step", 1); step < 1 {
		return 0, 0, errs.InvalidFields(errs.FieldError("step", "field.number_min", "Min", 1))
	}
	return id, step, nil
}
