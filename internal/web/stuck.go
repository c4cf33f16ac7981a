package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

// stuckText are messages that wait because their text cannot be put together, with what is wrong in words.
type stuckText struct {
	campaign.Stuck
	Said string
}

// brokenText is a language of an outbox that cannot be put together.
type brokenText struct {
	campaign.Broken
	Reader string // for whom its variant is, "" for the general text
	Said   string
}

func stuckTextsOf(l *i18n.Localizer, all []campaign.Stuck) []stuckText {
	texts := make([]stuckText, len(all))
	for i, s := range all {
		texts[i] = stuckText{Stuck: s, Said: l.T("campaign.stuck.mended")}
		if s.Why != nil {
			texts[i].Said = l.T("campaign.stuck.why", "Why", l.Error(s.Why))
		}
	}
	return texts
}

// stuckTexts are for whoever may do something about them; of all cycles where cycleID is 0.
func (w *Web) stuckTexts(c *fiber.Ctx, cycleID int64) ([]stuckText, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Campaigns == nil || !actor.May(account.CampaignLaunch) {
		return nil, nil
	}
	all, err := w.Campaigns.Stuck(ctx, actor, cycleID)
	return stuckTextsOf(w.Server.Localizer(c), all), err
}

// troubleText is in words that the mail server takes nothing.
type troubleText struct{ Since, Why string }

func troubleTextOf(l *i18n.Localizer, t *mail.Trouble, there *time.Location) *troubleText {
	if t == nil {
		return nil
	}
	return &troubleText{
		Since: l.T("campaign.server.since", "Since", l.DateTime(t.Since, there), "Tried", l.DateTime(t.Tried, there)), Why: l.Error(t.Why),
	}
}

// mailTrouble is for whoever sends.
func (w *Web) mailTrouble(c *fiber.Ctx) (*troubleText, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Campaigns == nil || !actor.May(account.CampaignLaunch) {
		return nil, nil
	}
	t, err := w.Campaigns.MailTrouble(ctx, actor)
	return troubleTextOf(w.Server.Localizer(c), t, zone(actor.TimeZone)), err
}

// askedCompletions are for whoever may approve one or ask for another; of all cycles where cycleID is 0.
func (w *Web) askedCompletions(c *fiber.Ctx, cycleID int64) ([]campaign.Asked, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Campaigns == nil || !actor.May(account.CampaignApprove) && !actor.May(account.CampaignLaunch) {
		return nil, nil
	}
	return w.Campaigns.Asked(ctx, actor, cycleID)
}

// waitingEdits are for whoever may approve words of single messages; of all cycles where cycleID is 0.
func (w *Web) waitingEdits(c *fiber.Ctx, cycleID int64) ([]campaign.Asked, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Campaigns == nil || !actor.May(account.CampaignApprove) {
		return nil, nil
	}
	return w.Campaigns.EditsWaiting(ctx, actor, cycleID)
}

// stuckMove is a button beside what waits in a language.
type stuckMove struct {
	path string
	do   func(ctx context.Context, by account.Actor, id int64, step int, locale string) error
	said string
}

func (w *Web) stuckMoves() []stuckMove {
	return []stuckMove{
		{"retry", w.Campaigns.RetryStuck, "campaign.stuck.said.retried"},
		{"drop", w.Campaigns.DropStuck, "campaign.stuck.said.dropped"},
	}
}

func (w *Web) moveStuck(m stuckMove) fiber.Handler {
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
		if err := m.do(ctx, account.ActorFrom(ctx), id, int(step), c.FormValue("locale")); err != nil {
			return w.campaignAgain(c, err)
		}
		return w.redirect(c, campaignPath(id), m.said)
	}
}
