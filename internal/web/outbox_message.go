package web

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	campaignMessagePage page[campaignMessageData] = "campaign_message"
	campaignEditPage    page[campaignMessageData] = "campaign_edit"
)

// campaignMessageData is one contact's part in a step.
type campaignMessageData struct {
	campaign.OutboxMessage
	Path string   // of the page, without the step
	Mail mailView // where there is a message
	Seen string   // of an edit, what was looked at
	Own  bool     // who looks wrote the edit, so another has to approve it
	Late bool     // it was edited while somebody typed
}

func (w *Web) messageData(c *fiber.Ctx) (campaignMessageData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return campaignMessageData{}, err
	}
	contact, err := httpserver.ID(c, "contact")
	if err != nil {
		return campaignMessageData{}, err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	m, err := w.Campaigns.MessageOf(ctx, by, id, outboxStep(c), contact)
	if err == nil {
		err = w.callThem(c, []named{{contact, &m.Planned.Name}})
	}
	if err != nil {
		return campaignMessageData{}, err
	}
	data := campaignMessageData{OutboxMessage: m, Path: fmt.Sprintf("%s/outbox/%d", campaignPath(id), contact)}
	if m.Message != nil {
		if data.Mail, err = w.showMail(m.Message.Raw); err != nil {
			return data, err
		}
	}
	if m.Edit != nil {
		round, err := w.Cycles.ByID(ctx, m.Campaign.CycleID)
		if err != nil {
			return data, err
		}
		data.Seen = m.Edit.EditedAt.UTC().Format(time.RFC3339Nano)
		data.Own = m.Edit.EditedBy != nil && *m.Edit.EditedBy == by.ID && !round.AuthorMayApprove
	}
	return data, nil
}

func (w *Web) outboxMessage(c *fiber.Ctx) error {
	data, err := w.messageData(c)
	if err != nil {
		return err
	}
	return campaignMessagePage.show(w, c, data)
}

func (w *Web) editMessage(c *fiber.Ctx) error {
	data, err := w.messageData(c)
	if err != nil {
		return err
	}
	return campaignEditPage.showForm(w, c, data, form.With("subject", data.Words.Subject, "body", data.Words.Body))
}

func (w *Web) saveMessage(c *fiber.Ctx) error {
	data, err := w.messageData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	draft := campaign.EditDraft{Subject: c.FormValue("subject"), Body: c.FormValue("body")}
	seen := timeSeen(c.FormValue("seen"))
	err = w.Campaigns.EditMessageSeen(ctx, account.ActorFrom(ctx), data.Campaign.ID, data.Step.Position, data.Planned.ContactID, draft, &seen)
	if err != nil {
		e := errs.Find(err)
		data.Late = e != nil && e.Key == "campaign.edit.changed"
		return campaignEditPage.again(w, c, data, err)
	}
	return w.redirect(c, data.here(), "campaign.said.edited")
}

// timeSeen reads the time of an edit that somebody looked at, "" for none; what is no time is that of no edit.
func timeSeen(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Unix(0, 0)
	}
	return at
}

// here is the address of the message's page.
func (d *campaignMessageData) here() string {
	return fmt.Sprintf("%s?step=%d", d.Path, d.Step.Position)
}

// messageMove is a button of a message's page.
type messageMove struct {
	path   string
	action account.Action
	do     func(ctx context.Context, by account.Actor, at messageAt) error
	said   string
}

// messageAt is the message of the page, with what was posted.
type messageAt struct {
	id, contact  int64
	step         int
	reason, seen string
}

func (w *Web) messageMoves() []messageMove {
	s := w.Campaigns
	return []messageMove{
		{"drop", account.CampaignWrite, func(ctx context.Context, by account.Actor, at messageAt) error {
			return s.DropMessage(ctx, by, at.id, at.step, at.contact, at.reason)
		}, "campaign.said.dropped"},
		{"undrop", account.CampaignWrite, func(ctx context.Context, by account.Actor, at messageAt) error {
			return s.UndropMessage(ctx, by, at.id, at.step, at.contact)
		}, "campaign.said.undropped"},
		{"unedit", account.CampaignWrite, func(ctx context.Context, by account.Actor, at messageAt) error {
			return s.UneditMessage(ctx, by, at.id, at.step, at.contact)
		}, "campaign.said.unedited"},
		{"approve", account.CampaignApprove, func(ctx context.Context, by account.Actor, at messageAt) error {
			seen := timeSeen(at.seen)
			if seen.IsZero() {
				seen = time.Unix(0, 0) // nobody looked at anything then
			}
			return s.ApproveEdit(ctx, by, at.id, at.step, at.contact, seen)
		}, "campaign.said.edit_approved"},
	}
}

func (w *Web) moveMessage(m messageMove) fiber.Handler {
	return func(c *fiber.Ctx) error {
		data, err := w.messageData(c)
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		at := messageAt{id: data.Campaign.ID, contact: data.Planned.ContactID, step: data.Step.Position, reason: c.FormValue("reason"), seen: c.FormValue("seen")}
		if err := m.do(ctx, account.ActorFrom(ctx), at); err != nil {
			return campaignMessagePage.again(w, c, data, err)
		}
		return w.redirect(c, data.here(), m.said)
	}
}

// testCampaign sends a step to whoever asks.
func (w *Web) testCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	step := outboxStep(c)
	sent, err := w.Campaigns.SendTest(ctx, account.ActorFrom(ctx), id, step, c.FormValue("variants") == "all")
	if err != nil {
		data, failed := w.outboxData(c, id, step)
		if failed != nil {
			return failed
		}
		return outboxPage.again(w, c, data, err)
	}
	return w.redirect(c, fmt.Sprintf("%s/outbox?step=%d", campaignPath(id), step), "campaign.said.tested", "Email", sent.Email, "Count", sent.Messages)
}
