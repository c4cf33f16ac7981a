package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/mail"
)

// DeliveryStory is all that is known of a delivery.
type DeliveryStory struct {
	Delivery
	CampaignID int64            `json:"campaign_id"`
	Edition    int              `json:"edition" doc:"of the translation"`
	Volunteer  string           `json:"volunteer,omitempty" doc:"in whose name it goes"`
	Moments    []DeliveryMoment `json:"moments" doc:"what happened, in its order"`
	Next       NextStep         `json:"next" doc:"what comes next for the contact in the campaign"`
	Message    *DeliveryMessage `json:"message,omitempty" doc:"as it was sent, or would be; personal links lead nowhere"`
}

// DeliveryMoment is something that happened to a delivery.
type DeliveryMoment struct {
	Kind    string     `json:"kind" enum:"planned,ordered,accepted,deferred,failed,uncertain,skipped,decided,opened,responded,bounced,complained"`
	At      time.Time  `json:"at"`
	Reason  string     `json:"reason,omitempty"`
	Until   *time.Time `json:"until,omitempty" doc:"of a deferred one"`
	Server  string     `json:"server,omitempty"`
	Reply   string     `json:"reply,omitempty"`
	By      string     `json:"by,omitempty" doc:"who decided, or sent it"`
	Because string     `json:"because,omitempty" doc:"the reason that they gave"`
}

// NextStep is what comes next for a contact in a campaign, or why nothing does.
type NextStep struct {
	Kind      string     `json:"kind" enum:"launch,going,waits,volunteer,decision,follow_up,paused,nothing"`
	Reason    string     `json:"reason,omitempty" doc:"why nothing does, or why it waits"`
	Step      int        `json:"step,omitempty"`
	At        *time.Time `json:"at,omitempty"`
	Volunteer string     `json:"volunteer,omitempty" doc:"who has the contact in hand"`
}

// DeliveryMessage is a message, whole.
type DeliveryMessage struct {
	Headers []MailHeader `json:"headers"`
	Subject string       `json:"subject"`
	Text    string       `json:"text"`
	HTML    string       `json:"html"`
}

// ContactCampaign is how a contact fares in a campaign.
type ContactCampaign struct {
	CampaignID int64             `json:"campaign_id"`
	Name       string            `json:"name"`
	Deliveries []ContactDelivery `json:"deliveries"`
	Next       NextStep          `json:"next"`
}

// ContactDelivery is a message of a campaign to a contact.
type ContactDelivery struct {
	ID     int64      `json:"id"`
	Step   int        `json:"step"`
	State  string     `json:"state" enum:"planned,queued,sent,deferred,uncertain,failed,skipped,bounced,complained"`
	Reason string     `json:"reason,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
	SentAt *time.Time `json:"sent_at,omitempty"`
}

func (a *API) deliveryEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/deliveries/:id", action: account.CampaignRead, handler: a.delivery,
			summary: "The story of a delivery: what happened, what comes next, and the message", response: DeliveryStory{},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/contacts/:id/campaigns", action: account.CampaignRead, handler: a.contactCampaigns,
			summary: "How a contact fares in the campaigns of a cycle, and what comes next", response: List[ContactCampaign]{},
		},
		{
			method: fiber.MethodGet, path: "/campaigns/:id/again", action: account.CampaignRead, handler: a.againPlans,
			summary: "What of a campaign failed or was left out for a volunteer, and how much of it can be sent now", response: List[CampaignAgain]{},
		},
		{
			method: fiber.MethodPost, path: "/campaigns/:id/steps/:step/again", action: account.CampaignLaunch, handler: a.sendStepAgain,
			summary: "Send what of a step failed, or was left out for a volunteer; 409 where nothing of it can be sent now",
			request: CampaignAgainOrder{}, response: CampaignAgainDone{}, status: fiber.StatusAccepted,
		},
		{
			method: fiber.MethodPost, path: "/deliveries/:id/again", action: account.CampaignLaunch, handler: a.sendDeliveryAgain,
			summary: "Send a message again to somebody who got it, for a reason; 409 where something speaks against it",
			request: DeliveryAgain{}, response: DeliveryStory{}, status: fiber.StatusAccepted,
		},
	}
}

// CampaignAgain says how many messages of a step can be sent after all.
type CampaignAgain struct {
	Kind   string         `json:"kind" enum:"failed,claims" doc:"those that failed, or that were left out because a volunteer had the contact"`
	Step   int            `json:"step"`
	Can    int            `json:"can"`
	Cannot int            `json:"cannot"`
	Why    map[string]int `json:"why" doc:"of those that cannot, by reason"`
}

// CampaignAgainOrder has messages of a step sent after all.
type CampaignAgainOrder struct {
	Kind string `json:"kind" enum:"failed,claims"`
}

// CampaignAgainDone is how many messages were queued.
type CampaignAgainDone struct {
	Queued int `json:"queued"`
}

// DeliveryAgain has a message sent again to somebody who got it.
type DeliveryAgain struct {
	Because string `json:"because" doc:"the reason, which is kept; at most 500 characters"`
}

func (a *API) againPlans(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	plans, err := a.Campaigns.AgainPlans(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	items := make([]CampaignAgain, 0, len(plans))
	for _, p := range plans {
		item := CampaignAgain{Kind: string(p.Kind), Step: p.Position, Can: p.Can, Cannot: p.Cannot, Why: map[string]int{}}
		for _, r := range p.Why {
			item.Why[string(r.Reason)] = r.Count
		}
		items = append(items, item)
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) sendStepAgain(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	step, err := httpserver.ID(c, "step")
	if err != nil {
		return err
	}
	in, err := decode[CampaignAgainOrder](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	n, err := a.Campaigns.Again(ctx, account.ActorFrom(ctx), id, int(step), campaign.AgainKind(in.Kind))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(CampaignAgainDone{Queued: n})
}

func (a *API) sendDeliveryAgain(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[DeliveryAgain](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Campaigns.SendAgain(ctx, account.ActorFrom(ctx), id, in.Because); err != nil {
		return err
	}
	return a.answerStory(c, id, fiber.StatusAccepted)
}

func (a *API) delivery(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.answerStory(c, id, fiber.StatusOK)
}

func (a *API) answerStory(c *fiber.Ctx, id int64, status int) error {
	ctx := c.UserContext()
	st, err := a.Campaigns.Story(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	out := DeliveryStory{
		Delivery: deliveryOf(&st.DeliveryRow), CampaignID: st.Campaign.ID, Edition: st.Edition, Volunteer: st.Volunteer,
		Moments: []DeliveryMoment{}, Next: nextOf(st.Next),
	}
	for _, m := range st.Moments {
		out.Moments = append(out.Moments, DeliveryMoment{
			Kind: string(m.Kind), At: m.At, Reason: string(m.Try.Reason), Until: m.Try.Until, Server: m.Try.Server, Reply: m.Try.Reply,
			By: m.By, Because: m.Because,
		})
	}
	if st.Message != nil {
		read, err := mail.Read(st.Message)
		if err != nil {
			return err
		}
		out.Message = &DeliveryMessage{Headers: []MailHeader{}, Subject: read.Header("Subject"), Text: read.Text, HTML: read.HTML}
		for _, h := range read.Headers {
			out.Message.Headers = append(out.Message.Headers, MailHeader(h))
		}
	}
	return c.Status(status).JSON(out)
}

func (a *API) contactCampaigns(c *fiber.Ctx) error {
	ctx := c.UserContext()
	cycle, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	by := account.ActorFrom(ctx)
	if _, err := a.Contacts.Get(ctx, by, id); err != nil {
		return err
	}
	courses, err := a.Campaigns.Courses(ctx, by, cycle.ID, id)
	if err != nil {
		return err
	}
	items := make([]ContactCampaign, 0, len(courses))
	for _, one := range courses {
		item := ContactCampaign{CampaignID: one.Campaign.ID, Name: one.Campaign.Name, Deliveries: []ContactDelivery{}, Next: nextOf(one.Next)}
		for _, d := range one.Deliveries {
			item.Deliveries = append(item.Deliveries, ContactDelivery{
				ID: d.ID, Step: one.StepOf(d), State: string(d.State), Reason: string(d.Reason), Until: d.Until, SentAt: d.SentAt,
			})
		}
		items = append(items, item)
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

// deliveryParams narrow the list of a campaign's deliveries.
func deliveryParams() []param {
	var reasons []string
	for _, r := range campaign.Reasons() {
		reasons = append(reasons, string(r))
	}
	return []param{
		{name: "state", doc: "a delivery state", enum: deliveryStates()},
		{name: "reason", doc: "why it was left out, failed or waits", enum: reasons},
		{name: "locale", doc: "its language"},
		{name: "stakeholder_group", doc: "of the contact when the step was launched"},
		{name: "reply", doc: "words of the server's reply, or its code"},
		{name: "contact_id", doc: "only those of this contact", kind: "integer"},
	}
}

func nextOf(n campaign.Next) NextStep {
	return NextStep{Kind: string(n.Kind), Reason: string(n.Reason), Step: n.Step, At: n.At, Volunteer: n.Volunteer}
}

func deliveryOf(d *campaign.DeliveryRow) Delivery {
	return Delivery{
		ID: d.ID, Step: d.Step, ContactID: d.ContactID, Name: d.Name, State: string(d.State), Reason: string(d.Reason),
		Locale: d.Locale, Fallback: d.Fallback, Variant: d.Variant, Attempts: d.Attempts, Until: d.Until, SentAt: d.SentAt, Server: d.Server, Reply: d.Reply,
	}
}
