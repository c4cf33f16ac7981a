package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/i18n"
)

// campaignSteps are the steps of a campaign as its page shows them.
func (w *Web) campaignSteps(c *fiber.Ctx, o *campaign.Overview) []campaignStep {
	actor, l, state := account.ActorFrom(c.UserContext()), w.Server.Localizer(c), o.Campaign.State
	held := heldSentences(l, o.Held)
	steps := make([]campaignStep, 0, len(o.Campaign.Steps))
	for i, step := range o.Campaign.Steps {
		s := campaignStep{Step: step, Held: held[step.Position], Tally: o.Steps[i], Sent: o.Steps[i].States[campaign.DeliverySent]}
		s.CanLaunch = actor.May(account.CampaignLaunch) && (state == campaign.Scheduled || state == campaign.Sending) &&
			step.State == campaign.StepPlanned && i > 0 && o.Campaign.Steps[i-1].LaunchedAt != nil
		if step.OwnMinute != nil {
			s.OwnHour = ownHourSaid(l, step.OwnDay, *step.OwnMinute)
		}
		steps = append(steps, s)
	}
	return steps
}

// heldSentences say by the position of a step what of it waits for a translation.
func heldSentences(l *i18n.Localizer, all []campaign.HeldLanguage) map[int]string {
	counts, languages := map[int]int{}, map[int][]string{}
	for _, h := range all {
		counts[h.Position] += h.Count
		languages[h.Position] = append(languages[h.Position], l.T("campaign.held.language", "Language", l.LanguageName(h.Language), "Number", h.Count))
	}
	sentences := make(map[int]string, len(counts))
	for position, n := range counts {
		sentences[position] = l.N("campaign.held.waiting", n, "Languages", l.List(languages[position]))
	}
	return sentences
}
