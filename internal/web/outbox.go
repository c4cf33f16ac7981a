package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/web/form"
)

const outboxPage page[outboxData] = "campaign_outbox"

type outboxData struct {
	campaign.Outbox
	Sentence string
	Samples  []outboxSample
	Variants []variantCount // nil where everybody gets the general text
	Unready  []brokenText
	Held     *heldData     // of a launched step with messages that wait for a translation
	Testing  []form.Option // what a test message may be asked for beyond the languages
	Lacks    string        // languages in which the questionnaire is missing, "" for none
	Query    string        // for whom somebody looks
	Matches  []campaign.FoundMessage
	// Cursors of the next pages, 0 on the last.
	NextRecipient, NextExcluded int64
}

// outboxSample is a message that stands for others like it; its page shows it whole.
type outboxSample struct {
	campaign.Planned
	Reader        string // for whom its variant is, "" for the general text
	Subject, Lang string // "" where there is no room to put all together
}

// variantCount is how many get a variant in a language.
type variantCount struct {
	campaign.VariantCount
	Reader string
}

// heldData says whom the completion of a step would reach now.
type heldData struct {
	Plan     campaign.Outbox
	Sentence string
	Newer    string // languages of which a newer edition was approved than what was asked for
	Says     string // message key of how it stands
	MayAsk   bool   // there is somebody to send to, and nobody has asked yet
	Fallback string // the cycle's language, where it may be asked to send in that; "" where not
	MayEnd   bool   // the reader may approve or decline what was asked for
}

// outboxStep is the step that the query names, the first where it names none.
func outboxStep(c *fiber.Ctx) int { return max(c.QueryInt("step", 1), 1) }

func (w *Web) outbox(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	data, err := w.outboxData(c, id, outboxStep(c))
	if err != nil {
		return err
	}
	return outboxPage.showForm(w, c, data, form.With("q", data.Query))
}

func (w *Web) outboxData(c *fiber.Ctx, id int64, step int) (outboxData, error) {
	ctx := c.UserContext()
	after := campaign.PlanCursor{Recipients: int64(c.QueryInt("recipients")), Excluded: int64(c.QueryInt("excluded"))}
	o, err := w.Campaigns.Plan(ctx, account.ActorFrom(ctx), id, step, after)
	if err != nil {
		return outboxData{}, err
	}
	l := w.Server.Localizer(c)
	data := outboxData{Outbox: o, Sentence: o.Tally.Sentence(l)}
	for _, b := range o.Broken {
		data.Unready = append(data.Unready, brokenText{Broken: b, Reader: readerName(l, b.Variant), Said: l.T("campaign.stuck.why", "Why", l.Error(b.Why))})
	}
	if o.Tally.Various() {
		for _, v := range o.Tally.Variants {
			data.Variants = append(data.Variants, variantCount{VariantCount: v, Reader: readerName(l, v.Variant)})
		}
	}
	data.NextRecipient, data.NextExcluded = nextPlanned(data.Recipients), nextPlanned(data.Excluded)
	if data.Held, err = w.heldData(c, &o); err != nil {
		return outboxData{}, err
	}
	shown := &o
	if data.Held != nil {
		shown = &data.Held.Plan
	}
	if data.Samples, err = samplesOf(l, shown); err != nil {
		return outboxData{}, err
	}
	data.Testing = []form.Option{{Value: "all", Label: l.T("campaign.test.variants")}}
	data.Lacks = listedLanguages(l, o.FormLacks)
	if err := w.searchOutbox(c, &data); err != nil {
		return data, err
	}
	return data, w.callThem(c, data.named())
}

// named are the contacts that the page names.
func (d *outboxData) named() []named {
	var all []named
	for _, list := range [][]campaign.Planned{d.Recipients, d.Excluded} {
		for i := range list {
			all = append(all, named{list[i].ContactID, &list[i].Name})
		}
	}
	for i := range d.Edges {
		all = append(all, named{d.Edges[i].ContactID, &d.Edges[i].Name})
	}
	for i := range d.Matches {
		all = append(all, named{d.Matches[i].ContactID, &d.Matches[i].Name})
	}
	for i := range d.Exceptions.Drops {
		all = append(all, named{d.Exceptions.Drops[i].ContactID, &d.Exceptions.Drops[i].Name})
	}
	for i := range d.Exceptions.Edits {
		all = append(all, named{d.Exceptions.Edits[i].ContactID, &d.Exceptions.Edits[i].Name})
	}
	return all
}

// samplesOf are the messages of an outbox that stand for others like them, with their subjects.
func samplesOf(l *i18n.Localizer, o *campaign.Outbox) ([]outboxSample, error) {
	var samples []outboxSample
	for _, m := range o.Samples {
		read, err := mail.Read(m.Raw)
		if err != nil {
			return nil, err
		}
		samples = append(samples, outboxSample{Planned: m.Planned, Reader: readerName(l, m.Variant), Subject: read.Header("Subject"), Lang: m.Locale})
	}
	for _, p := range o.More {
		samples = append(samples, outboxSample{Planned: p, Reader: readerName(l, p.Variant)})
	}
	return samples, nil
}

// searchOutbox finds in the outbox whom the query names, as the list of contacts finds them.
func (w *Web) searchOutbox(c *fiber.Ctx, data *outboxData) error {
	data.Query = strings.TrimSpace(c.Query("q"))
	if data.Query == "" || w.Contacts == nil {
		return nil
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	found, err := w.Contacts.List(ctx, by, contact.Filter{
		Query: data.Query, CycleID: data.Campaign.CycleID, Listed: contact.Yes, Locale: w.Server.Localizer(c).Tag(), Limit: campaign.MostFound,
	})
	if err != nil {
		return err
	}
	ids := make([]int64, len(found.Rows))
	for i, row := range found.Rows {
		ids[i] = row.ID
	}
	data.Matches, err = w.Campaigns.InOutbox(ctx, by, data.Campaign.ID, data.Step.Position, ids)
	return err
}

// readerName says for whom a variant is, "" for the general text.
func readerName(l *i18n.Localizer, variant string) string {
	if variant == "" {
		return ""
	}
	return l.Error(document.VariantName(variant))
}

// heldData is nil where no message of a launched step waits.
func (w *Web) heldData(c *fiber.Ctx, o *campaign.Outbox) (*heldData, error) {
	if o.Step.LaunchedAt == nil || o.Tally.Held() == 0 && o.Step.Completion == campaign.NoCompletion {
		return nil, nil
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	plan, err := w.Campaigns.HeldPlan(ctx, actor, o.Campaign.ID, o.Step.Position)
	if err != nil {
		return nil, err
	}
	l := w.Server.Localizer(c)
	h := &heldData{Plan: plan, Sentence: plan.Tally.Sentence(l), Says: heldSays(o, plan.Tally), Newer: listedLanguages(l, plan.Newer)}
	open := o.Step.Completion == campaign.NoCompletion && o.Campaign.State != campaign.Cancelled && !o.Step.Over(w.Now()) && actor.May(account.CampaignLaunch)
	h.MayAsk = open && plan.Tally.Recipients > 0
	if open && plan.Tally.Held() > 0 {
		current, err := w.Cycles.ByID(ctx, o.Campaign.CycleID)
		if err != nil {
			return nil, err
		}
		h.Fallback = current.DefaultLanguage
	}
	h.MayEnd = o.Step.Completion == campaign.CompletionAsked && actor.May(account.CampaignApprove)
	return h, nil
}

// listedLanguages lists languages in the reader's; "" for none.
func listedLanguages(l *i18n.Localizer, tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	names := make([]string, len(tags))
	for i, tag := range tags {
		names[i] = l.LanguageName(tag)
	}
	return l.List(names)
}

// heldSays is the message key of how it stands with what waits for a translation.
func heldSays(o *campaign.Outbox, plan campaign.Tally) string {
	switch {
	case o.Campaign.State == campaign.Cancelled:
		return "campaign.completion.cancelled"
	case o.Step.Completion == campaign.CompletionRunning:
		return "campaign.completion.running"
	case o.Step.Completion == campaign.CompletionAsked && o.Step.CompletionPolicy != "":
		return "campaign.completion.waits_fallback"
	case o.Step.Completion == campaign.CompletionAsked:
		return "campaign.completion.waits"
	case plan.Recipients > 0:
		return "campaign.completion.ready"
	}
	return "campaign.completion.none"
}

// completionMove is a button below a step of which messages wait for a translation.
type completionMove struct {
	path   string
	action account.Action
	do     func(context.Context, account.Actor, int64, int) (campaign.Campaign, error)
	said   string
}

func (w *Web) completionMoves() []completionMove {
	s := w.Campaigns
	approve := func(ctx context.Context, by account.Actor, id int64, step int) (campaign.Campaign, error) {
		l, err := s.ApproveCompletion(ctx, by, id, step)
		return l.Campaign, err
	}
	return []completionMove{
		{"completion", account.CampaignLaunch, s.AskCompletion, "campaign.completion.said.asked"},
		{"completion/fallback", account.CampaignLaunch, s.AskFallback, "campaign.completion.said.asked"},
		{"completion/approve", account.CampaignApprove, approve, "campaign.completion.said.approved"},
		{"completion/decline", account.CampaignApprove, s.DeclineCompletion, "campaign.completion.said.declined"},
	}
}

func (w *Web) moveCompletion(m completionMove) fiber.Handler {
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
		if _, err := m.do(ctx, account.ActorFrom(ctx), id, int(step)); err != nil {
			data, failed := w.outboxData(c, id, int(step))
			if failed != nil {
				return failed
			}
			return outboxPage.again(w, c, data, err)
		}
		return w.redirect(c, campaignPath(id)+"/outbox?step="+strconv.FormatInt(step, 10)+"#held", m.said)
	}
}

func nextPlanned(all []campaign.Planned) int64 {
	if len(all) < campaign.PageSize {
		return 0
	}
	return all[len(all)-1].ListingID
}
