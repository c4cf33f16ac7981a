package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/mail"
)

// PersonalMessage is the message that the holder of a claim may send in their own name, or why there is none.
type PersonalMessage struct {
	ClaimID    int64  `json:"claim_id"`
	ContactID  int64  `json:"contact_id"`
	Ready      bool   `json:"ready"`
	Refusal    string `json:"refusal,omitempty" doc:"what keeps it from being sent, in the language of Accept-Language"`
	CampaignID int64  `json:"campaign_id,omitempty" doc:"of which the text is"`
	Step       int    `json:"step,omitempty" doc:"1 is the call"`
	Locale     string `json:"locale,omitempty"`
	Fallback   bool   `json:"fallback,omitempty" doc:"it is in the cycle's language for want of one of the contact's"`
	To         string `json:"to,omitempty"`
	From       string `json:"from,omitempty"`
	ReplyTo    string `json:"reply_to,omitempty" doc:"answers reach the secretariat too"`
	Subject    string `json:"subject,omitempty"`
	Text       string `json:"text,omitempty"`
	HTML       string `json:"html,omitempty"`
	Seen       string `json:"seen,omitempty" doc:"names what is shown; given back when sending, it keeps anything else from being sent"`

	Deliveries []PersonalDelivery `json:"deliveries" doc:"what volunteers sent to the contact in this cycle, the newest first"`
}

// PersonalMessageInput is the order to send.
type PersonalMessageInput struct {
	Opening string `json:"opening,omitempty" doc:"own lines before the text: plain, at most 600 characters in 12 lines, without links"`
	Seen    string `json:"seen,omitempty" doc:"of the message that was looked at; without it, what is ready now is sent"`
}

// PersonalDelivery is a message in a volunteer's name and what became of it.
type PersonalDelivery struct {
	ID        int64      `json:"id"`
	ClaimID   int64      `json:"claim_id"`
	ContactID int64      `json:"contact_id"`
	State     string     `json:"state" enum:"planned,queued,sent,deferred,uncertain,failed,skipped,bounced,complained"`
	Reason    string     `json:"reason,omitempty"`
	Locale    string     `json:"locale"`
	WrittenAt time.Time  `json:"written_at"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
	Until     *time.Time `json:"until,omitempty" doc:"of a deferred one: when it is tried again"`
}

func (a *API) messageEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/claims/:id/message", action: account.MessageSend, handler: a.message,
			params:  []param{{name: "opening", doc: "own lines before the text, to see how they look"}},
			summary: "The message that may be sent under a claim, as it will arrive, or why there is none", response: PersonalMessage{},
		},
		{
			method: fiber.MethodPost, path: "/claims/:id/message", action: account.MessageSend, handler: a.sendMessage,
			summary: "Send it in one's own name; 409 where something speaks against it or something else would be sent than was seen, 422 for an opening that must not be sent",
			request: PersonalMessageInput{}, response: PersonalDelivery{}, status: fiber.StatusCreated,
		},
	}
}

func (a *API) message(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	p, err := a.Campaigns.PersonalMessage(ctx, account.ActorFrom(ctx), id, campaign.PersonalDraft{Opening: c.Query("opening")})
	if err != nil {
		return err
	}
	out := PersonalMessage{ClaimID: p.ClaimID, ContactID: p.ContactID, CampaignID: p.Campaign.ID, Deliveries: []PersonalDelivery{}}
	sent, err := a.Campaigns.PersonalDeliveries(ctx, account.ActorFrom(ctx), p.CycleID, p.ContactID)
	if err != nil {
		return err
	}
	for _, d := range sent {
		out.Deliveries = append(out.Deliveries, personalOf(d))
	}
	if p.Refusal != nil {
		e := errs.Find(p.Refusal)
		out.Refusal = a.Server.Localizer(c).T(e.Key, e.Args)
		return c.JSON(out)
	}
	read, err := mail.Read(p.Raw)
	if err != nil {
		return err
	}
	out.Ready, out.Step, out.Locale, out.Fallback, out.Seen = true, p.Step.Position, p.Locale, p.Fallback, p.Seen
	out.To, out.From, out.ReplyTo = p.To.Email, p.From.Name, p.ReplyTo.Email
	out.Subject, out.Text, out.HTML = read.Header("Subject"), read.Text, read.HTML
	return c.JSON(out)
}

func (a *API) sendMessage(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[PersonalMessageInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	d, err := a.Campaigns.SendPersonal(ctx, account.ActorFrom(ctx), id, campaign.PersonalOrder{Opening: in.Opening, Seen: in.Seen})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(personalOf(d))
}

func personalOf(d campaign.PersonalDelivery) PersonalDelivery {
	return PersonalDelivery{
		ID: d.DeliveryID, ClaimID: d.ClaimID, ContactID: d.ContactID, State: string(d.State), Reason: string(d.Reason),
		Locale: d.Locale, WrittenAt: d.WrittenAt, SentAt: d.SentAt, Until: d.Until,
	}
}
