package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
)

// CampaignEdge is a recipient for whom a message looks unlike the others.
type CampaignEdge struct {
	Edge      string `json:"edge" enum:"longest_name,right_to_left,no_name,organization"`
	ContactID int64  `json:"contact_id"`
	Name      string `json:"name"`
	Locale    string `json:"locale"`
}

// OutboxMessage is a contact's part in a step.
type OutboxMessage struct {
	State   string           `json:"state" enum:"planned,queued,sent,deferred,uncertain,failed,skipped,bounced,complained"`
	Reason  string           `json:"reason,omitempty" doc:"why there is no message"`
	Message *CampaignMessage `json:"message,omitempty" doc:"while it waits; its links lead nowhere"`
	Dropped *MessageDropped  `json:"dropped,omitempty" doc:"it was taken out by hand"`
	Edited  *MessageEdited   `json:"edited,omitempty" doc:"it has words of its own"`
}

// MessageDropped says who took a message out.
type MessageDropped struct {
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

// MessageEdited is words that one contact gets.
type MessageEdited struct {
	Locale   string    `json:"locale"`
	Subject  string    `json:"subject"`
	Body     string    `json:"body" doc:"Markdown"`
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
	Approved bool      `json:"approved"`
	Waits    bool      `json:"waits,omitempty" doc:"the campaign was approved before: it needs an approval of its own before the launch, or the contact is left out"`
}

// MessageDrop says why a contact is left out.
type MessageDrop struct {
	Reason string `json:"reason" doc:"at most 500 characters"`
}

// MessageEdit is other words for one contact, in the language in which it gets the message.
type MessageEdit struct {
	Subject string `json:"subject"`
	Body    string `json:"body" doc:"Markdown with merge fields"`

	BaseAt *time.Time `json:"base_at,omitempty" doc:"that of the edit that was read; where it is another by now, nothing is changed (409)"`
}

// MessageApproval says what was looked at.
type MessageApproval struct {
	At time.Time `json:"at" doc:"that of the edit; where it is another by now, nothing is approved (409)"`
}

// CampaignTest says what is to be tried.
type CampaignTest struct {
	Variants bool `json:"variants,omitempty" doc:"each variant of the text, too"`
}

// CampaignTested is what is on its way to the caller.
type CampaignTested struct {
	Email    string   `json:"email" doc:"the caller's own"`
	Messages int      `json:"messages"`
	Locales  []string `json:"locales"`
}

func (a *API) testCampaign(c *fiber.Ctx) error {
	id, step, err := campaignAndStep(c)
	if err != nil {
		return err
	}
	in, err := decode[CampaignTest](c)
	if err != nil {
		return err
	}
	sent, err := a.Campaigns.SendTest(c.UserContext(), account.ActorFrom(c.UserContext()), id, step, in.Variants)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(CampaignTested(sent))
}

// messageAt reads which message the path and the query name.
func messageAt(c *fiber.Ctx) (id int64, step int, contact int64, err error) {
	if id, step, err = campaignAndStep(c); err != nil {
		return 0, 0, 0, err
	}
	contact, err = httpserver.ID(c, "contact")
	return id, step, contact, err
}

func (a *API) outboxMessage(c *fiber.Ctx) error {
	id, step, contact, err := messageAt(c)
	if err != nil {
		return err
	}
	return a.answerMessage(c, id, step, contact)
}

func (a *API) answerMessage(c *fiber.Ctx, id int64, step int, contact int64) error {
	m, err := a.Campaigns.MessageOf(c.UserContext(), account.ActorFrom(c.UserContext()), id, step, contact)
	if err != nil {
		return err
	}
	out := OutboxMessage{State: string(m.State)}
	if m.State == campaign.DeliverySkipped {
		out.Reason = string(m.Planned.Reason)
	}
	if m.Message != nil {
		shown, err := messageOf(*m.Message)
		if err != nil {
			return err
		}
		out.Message = &shown
	}
	if d := m.Drop; d != nil {
		out.Dropped = &MessageDropped{Reason: d.Reason, By: d.ByName, At: d.DroppedAt}
	}
	if e := m.Edit; e != nil {
		out.Edited = &MessageEdited{Locale: e.Locale, Subject: e.Subject, Body: e.Body, By: e.ByName, At: e.EditedAt, Approved: e.ApprovedAt != nil, Waits: m.Waits()}
	}
	return c.JSON(out)
}

func (a *API) dropMessage(c *fiber.Ctx) error {
	id, step, contact, err := messageAt(c)
	if err != nil {
		return err
	}
	in, err := decode[MessageDrop](c)
	if err != nil {
		return err
	}
	if err := a.Campaigns.DropMessage(c.UserContext(), account.ActorFrom(c.UserContext()), id, step, contact, in.Reason); err != nil {
		return err
	}
	return a.answerMessage(c, id, step, contact)
}

func (a *API) editMessage(c *fiber.Ctx) error {
	id, step, contact, err := messageAt(c)
	if err != nil {
		return err
	}
	in, err := decode[MessageEdit](c)
	if err != nil {
		return err
	}
	words := campaign.EditDraft{Subject: in.Subject, Body: in.Body}
	if err := a.Campaigns.EditMessageSeen(c.UserContext(), account.ActorFrom(c.UserContext()), id, step, contact, words, in.BaseAt); err != nil {
		return err
	}
	return a.answerMessage(c, id, step, contact)
}

func (a *API) exceptMessage(do func(context.Context, account.Actor, int64, int, int64) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, step, contact, err := messageAt(c)
		if err != nil {
			return err
		}
		if err := do(c.UserContext(), account.ActorFrom(c.UserContext()), id, step, contact); err != nil {
			return err
		}
		return a.answerMessage(c, id, step, contact)
	}
}

func (a *API) approveEdit(c *fiber.Ctx) error {
	id, step, contact, err := messageAt(c)
	if err != nil {
		return err
	}
	in, err := decode[MessageApproval](c)
	if err != nil {
		return err
	}
	if in.At.IsZero() {
		in.At = time.Unix(0, 0) // nobody looked at anything then
	}
	if err := a.Campaigns.ApproveEdit(c.UserContext(), account.ActorFrom(c.UserContext()), id, step, contact, in.At); err != nil {
		return err
	}
	return a.answerMessage(c, id, step, contact)
}
