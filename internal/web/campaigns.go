package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	campaignsPage   page[campaignsData]   = "campaigns"
	campaignNewPage page[campaignNewData] = "campaign_new"
	campaignPage    page[campaignData]    = "campaign"
)

type campaignsData struct {
	Cycle cycle.Cycle
	Items []campaign.Campaign
	Asked map[int64]int // by campaign, messages that somebody asked to send
}

type campaignNewData struct {
	Segments []form.Option // nil where the cycle has none
	Audience audienceFields
	Saved    bool // the filter was saved as a segment just now
}

// campaignData is a campaign with its stages and the one thing that comes next.
type campaignData struct {
	campaign.Overview
	Frozen   bool
	Own      bool     // who looks made or submitted it, so another has to approve it
	Lacks    []string // what forbids freezing texts that are complete
	Sentence string   // of the outbox, "" once it was sent
	Stages   []campaignStage
	Next     string // message key of what comes next
	Steps    []campaignStep
	States   []campaignCount
	Waiting  []stuckText
	Server   *troubleText // that the mail server takes nothing
	Schedule string       // when it goes out by itself, "" where it does not
	Refused  string       // why it did not when its time had come
	Live     *liveData    // how far it is, nil where it is not under way
	Awaits   bool         // its call still has to go out at its time
	Seen     string       // that time, for the form to say what was looked at
	Timed    bool         // whether when it goes out may still be changed
	Again    []againView
}

// campaignStage is a part of the way; its text is campaign.stage.<Key>.
type campaignStage struct {
	Key           string
	Done, Current bool
}

type campaignStep struct {
	campaign.Step
	Tally     campaign.Tally
	Sent      int
	Held      string // how many wait for a translation, and into which languages; "" for none
	CanLaunch bool
	OwnHour   string // when it reaches its readers by their own clocks, "" where it reaches all at once
}

type campaignCount struct {
	State campaign.DeliveryState
	Count int
}

func (w *Web) campaignSection() section {
	return section{
		pages: []definition{campaignsPage, campaignNewPage, campaignPage, campaignTimingPage, outboxPage, campaignMessagePage, campaignEditPage, deliveriesPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/campaigns", account.CampaignRead, w.campaigns)
			r.Handle(fiber.MethodGet, "/campaigns/new", account.CampaignWrite, w.newCampaign)
			r.Handle(fiber.MethodPost, "/campaigns/new", account.CampaignWrite, w.createCampaign)
			r.Handle(fiber.MethodGet, "/campaigns/:id", account.CampaignRead, w.campaign)
			r.Handle(fiber.MethodGet, "/campaigns/:id/outbox", account.CampaignRead, w.outbox)
			r.Handle(fiber.MethodGet, "/campaigns/:id/outbox/:contact", account.CampaignRead, w.outboxMessage)
			r.Handle(fiber.MethodPost, "/campaigns/:id/test", account.CampaignRead, w.testCampaign)
			r.Handle(fiber.MethodGet, "/campaigns/:id/outbox/:contact/edit", account.CampaignWrite, w.editMessage)
			r.Handle(fiber.MethodPost, "/campaigns/:id/outbox/:contact/edit", account.CampaignWrite, w.saveMessage)
			for _, m := range w.messageMoves() {
				r.Handle(fiber.MethodPost, "/campaigns/:id/outbox/:contact/"+m.path, m.action, w.moveMessage(m))
			}
			r.Handle(fiber.MethodGet, "/campaigns/:id/deliveries", account.CampaignRead, w.campaignDeliveries)
			r.Handle(fiber.MethodPost, "/campaigns/:id/deliveries/:delivery/resolve", account.CampaignLaunch, w.resolveDelivery)
			r.Handle(fiber.MethodPost, "/campaigns/:id/launch", account.CampaignLaunch, w.launchCampaign)
			r.Handle(fiber.MethodPost, "/campaigns/:id/steps/:step/launch", account.CampaignLaunch, w.launchCampaignStep)
			for _, m := range w.completionMoves() {
				r.Handle(fiber.MethodPost, "/campaigns/:id/steps/:step/"+m.path, m.action, w.moveCompletion(m))
			}
			for _, m := range w.stuckMoves() {
				r.Handle(fiber.MethodPost, "/campaigns/:id/steps/:step/stuck/"+m.path, account.CampaignLaunch, w.moveStuck(m))
			}
			r.Handle(fiber.MethodGet, "/campaigns/:id/timing", account.CampaignLaunch, w.campaignTiming)
			r.Handle(fiber.MethodGet, "/campaigns/:id/progress", account.CampaignRead, w.campaignProgress)
			r.Handle(fiber.MethodPost, "/campaigns/:id/rate", account.CampaignLaunch, w.setRate)
			r.Handle(fiber.MethodPost, "/campaigns/:id/schedule", account.CampaignLaunch, w.scheduleCampaign)
			r.Handle(fiber.MethodPost, "/campaigns/:id/steps/:step/hour", account.CampaignLaunch, w.setOwnHour)
			for _, kind := range campaign.AgainKinds() {
				r.Handle(fiber.MethodPost, "/campaigns/:id/steps/:step/again/"+string(kind), account.CampaignLaunch, w.sendKindAgain(kind))
			}
			r.Handle(fiber.MethodPost, "/campaigns/:id/approve", account.CampaignApprove, w.approveCampaign)
			for _, m := range w.campaignMoves() {
				r.Handle(fiber.MethodPost, "/campaigns/:id/"+m.path, m.action, w.moveCampaign(m))
			}
		},
	}
}

// campaignMove is a button of the campaign's page.
type campaignMove struct {
	path   string
	action account.Action
	do     func(context.Context, account.Actor, int64) (campaign.Campaign, error)
	said   string // message key of what was done
}

func (w *Web) campaignMoves() []campaignMove {
	s := w.Campaigns
	return []campaignMove{
		{"freeze", account.CampaignWrite, s.Freeze, "campaign.said.frozen"},
		{"submit", account.CampaignWrite, s.Submit, "campaign.said.submitted"},
		{"send-back", account.CampaignApprove, s.SendBack, "campaign.said.sent_back"},
		{"pause", account.CampaignLaunch, s.Pause, "campaign.said.paused"},
		{"resume", account.CampaignLaunch, s.Resume, "campaign.said.resumed"},
		{"unschedule", account.CampaignLaunch, s.Unschedule, "campaign.said.unscheduled"},
		{"cancel", account.CampaignLaunch, s.Cancel, "campaign.said.cancelled"},
	}
}

func (w *Web) campaigns(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return err
	}
	all, err := w.Campaigns.List(ctx, account.ActorFrom(ctx), current.ID)
	if err != nil {
		return err
	}
	asked, err := w.Campaigns.Asked(ctx, account.ActorFrom(ctx), current.ID)
	if err != nil {
		return err
	}
	data := campaignsData{Cycle: current, Items: all, Asked: map[int64]int{}}
	for _, a := range asked {
		data.Asked[a.CampaignID] += a.Count
	}
	return campaignsPage.show(w, c, data)
}

// newCampaign shows the form, with the filter of the segment that the query names.
func (w *Web) newCampaign(c *fiber.Ctx) error {
	current, err := w.Cycles.Current(c.UserContext())
	if err != nil {
		return err
	}
	data, err := w.campaignNewData(c, current.ID)
	if err != nil {
		return err
	}
	f := form.With()
	if chosen := c.Query("segment"); chosen != "" {
		f.Values["segment"] = []string{chosen}
		if err := w.useSegment(c, f); err != nil && !errs.Is(err, errs.Invalid) {
			return err
		}
	}
	return campaignNewPage.showForm(w, c, data, f)
}

func (w *Web) campaignNewData(c *fiber.Ctx, cycleID int64) (data campaignNewData, err error) {
	if data.Segments, err = w.segmentOptions(c, cycleID); err != nil {
		return data, err
	}
	data.Audience, err = w.audienceFields(c)
	return data, err
}

func (w *Web) createCampaign(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	if do := posted.Value("do"); do != "" {
		return w.workOnCampaign(c, current.ID, posted, do)
	}
	draft, err := w.proposalOf(posted)
	if err == nil {
		draft.SegmentID, err = segmentOf(posted, draft.Audience)
	}
	draft.CycleID = current.ID
	var made campaign.Campaign
	if err == nil {
		made, err = w.Campaigns.Create(ctx, account.ActorFrom(ctx), draft)
	}
	if err != nil {
		data, failed := w.campaignNewData(c, current.ID)
		if failed != nil {
			return failed
		}
		return campaignNewPage.again(w, c, data, fieldsOfForm(err))
	}
	return w.redirect(c, campaignPath(made.ID), "campaign.said.created", "Name", made.Name)
}

// workOnCampaign counts, or takes or saves a segment, and shows the form again. No campaign is made, and nothing that was
// typed is lost.
func (w *Web) workOnCampaign(c *fiber.Ctx, cycleID int64, posted form.Form, do string) error {
	var found *audienceFound
	var err error
	switch do {
	case "use":
		err = w.useSegment(c, posted)
	case "save_segment":
		err = w.saveAsSegment(c, cycleID, posted, w.audienceOf(posted))
	default:
		found, err = w.foundBy(c, cycleID, w.audienceOf(posted))
	}
	data, failed := w.campaignNewData(c, cycleID)
	if failed != nil {
		return failed
	}
	if err != nil {
		return campaignNewPage.again(w, c, data, fieldsOfForm(err))
	}
	data.Audience.Found, data.Saved = found, do == "save_segment"
	return campaignNewPage.showForm(w, c, data, posted)
}

// proposalOf reads the form. Empty follow-ups are none.
func (w *Web) proposalOf(f form.Form) (campaign.Proposal, error) {
	draft := campaign.Proposal{
		Name:     strings.TrimSpace(f.Value("name")),
		Audience: w.audienceOf(f),
		Steps:    []campaign.StepDraft{{Kind: campaign.Call, OffsetFrom: campaign.FromLaunch}},
	}
	var wrong []errs.Field
	for _, name := range followUpFields() {
		given := strings.TrimSpace(f.Value(name))
		if given == "" {
			continue
		}
		days, err := strconv.Atoi(given)
		if err != nil {
			wrong = append(wrong, errs.FieldError(name, "field.number"))
		}
		draft.Steps = append(draft.Steps, campaign.StepDraft{Kind: campaign.FollowUp, OffsetDays: days, OffsetFrom: campaign.FromLaunch})
	}
	if len(wrong) > 0 {
		return draft, errs.InvalidFields(wrong...)
	}
	return draft, nil
}

func followUpFields() []string { return []string{"follow_up_1", "follow_up_2", "follow_up_3"} }

// fieldsOfForm names the fields of the form where the service names those of the campaign.
func fieldsOfForm(err error) error {
	err = fieldsOfAudience(err)
	fields := errs.FieldsOf(err)
	for i := range fields {
		if !strings.HasPrefix(fields[i].Name, "steps") {
			continue
		}
		fields[i].Name = "follow_up_" + strings.TrimLeft(strings.TrimPrefix(fields[i].Name, "steps"), ".")
		if fields[i].Name == "follow_up_" || fields[i].Name == "follow_up_0" {
			fields[i].Name = "follow_up_1"
		}
	}
	return err
}

func campaignPath(id int64) string { return "/campaigns/" + strconv.FormatInt(id, 10) }

func (w *Web) campaign(c *fiber.Ctx) error {
	data, err := w.campaignData(c)
	if err != nil {
		return err
	}
	return campaignPage.show(w, c, data)
}

func (w *Web) campaignData(c *fiber.Ctx) (campaignData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return campaignData{}, err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	o, err := w.Campaigns.Overview(ctx, actor, id)
	if err != nil {
		return campaignData{}, err
	}
	data := campaignData{Overview: o, Frozen: o.Campaign.Frozen(), Stages: campaignStages(&o), Next: campaignNext(&o)}
	data.Waiting = stuckTextsOf(w.Server.Localizer(c), o.Stuck)
	data.Server = troubleTextOf(w.Server.Localizer(c), o.Trouble, zone(actor.TimeZone))
	data.Awaits, data.Seen = o.Campaign.Awaiting(), seenSchedule(&o.Campaign)
	data.Schedule = scheduleSaid(w.Server.Localizer(c), &o.Campaign)
	if why := o.Campaign.ScheduleRefused.Err(); data.Schedule != "" && why != nil {
		data.Refused = w.Server.Localizer(c).T("campaign.schedule.refused", "Why", whyNot(w.Server.Localizer(c), why))
	}
	data.Again = againViews(w.Server.Localizer(c), o.Again)
	if o.Outbox != nil {
		data.Sentence = o.Outbox.Sentence(w.Server.Localizer(c))
	}
	if o.Campaign.State == campaign.Sending || o.Campaign.State == campaign.Paused {
		live, err := w.Campaigns.Live(ctx, actor, id)
		if err != nil {
			return campaignData{}, err
		}
		said := liveOf(w.Server.Localizer(c), zone(actor.TimeZone), &live)
		data.Live = &said
		if live.WaitsFor() == campaign.WaitsDecision {
			data.Next = "campaign.next.sending_decide"
		}
	}
	round, err := w.Cycles.ByID(ctx, o.Campaign.CycleID)
	if err != nil {
		return campaignData{}, err
	}
	data.Own = o.NeedsAnother(actor.ID, round.AuthorMayApprove)
	for _, f := range o.Missing {
		if said := w.Server.Localizer(c).FieldMessage(f); !slices.Contains(data.Lacks, said) {
			data.Lacks = append(data.Lacks, said)
		}
	}
	data.Steps = w.campaignSteps(c, &o)
	state := o.Campaign.State
	data.Timed = state == campaign.Approved || state.Running()
	for _, s := range campaign.DeliveryStates() {
		if n := o.Tally.States[s]; n > 0 {
			data.States = append(data.States, campaignCount{State: s, Count: n})
		}
	}
	return data, nil
}

// campaignNext is the message key of what comes next.
func campaignNext(o *campaign.Overview) string {
	if o.Away {
		return "campaign.said.waiting"
	}
	if o.Campaign.State == campaign.Sent && len(o.Held)+len(o.Asked) > 0 {
		return "campaign.next.sent_held"
	}
	if o.Campaign.Awaiting() {
		if o.Campaign.ScheduleRefused.Err() != nil {
			return "campaign.next.late"
		}
		return "campaign.next.waits"
	}
	if o.Campaign.State != campaign.Draft {
		return "campaign.next." + string(o.Campaign.State)
	}
	switch {
	case o.Campaign.Frozen():
		return "campaign.next.frozen"
	case o.Problems() > 0:
		return "campaign.next.text"
	case len(o.Missing) > 0:
		return "campaign.next.missing"
	case o.TextsFrozen():
		return "campaign.next.take"
	}
	return "campaign.next.freeze"
}

// campaignStages are the stages of the way from the text to the last follow-up.
func campaignStages(o *campaign.Overview) []campaignStage {
	at := map[campaign.State]int{
		campaign.InReview: 3, campaign.Approved: 4, campaign.Sending: 4, campaign.Paused: 4, campaign.Scheduled: 5, campaign.Sent: 6,
	}[o.Campaign.State]
	switch {
	case o.Campaign.State == campaign.Cancelled:
		at = -1
	case o.Campaign.Awaiting():
		at = 4
	case o.Campaign.State == campaign.Draft && o.Campaign.Frozen():
		at = 2
	case o.Campaign.State == campaign.Draft && o.Problems() == 0:
		at = 1
	}
	keys := []string{"text", "freeze", "outbox", "approve", "send"}
	if len(o.Campaign.Steps) > 1 {
		keys = append(keys, "follow_up")
	}
	stages := make([]campaignStage, len(keys))
	for i, key := range keys {
		stages[i] = campaignStage{Key: key, Done: i < at, Current: i == at}
	}
	return stages
}

func (w *Web) moveCampaign(m campaignMove) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := httpserver.ID(c, "id")
		if err != nil {
			return err
		}
		ctx := c.UserContext()
		if _, err := m.do(ctx, account.ActorFrom(ctx), id); err != nil {
			return w.campaignAgain(c, atTexts(err))
		}
		return w.redirect(c, campaignPath(id), m.said)
	}
}

// atTexts lets what is wrong with the texts of a campaign lead to where its page links them: it has none of their fields.
func atTexts(err error) error {
	fields := slices.Clone(errs.FieldsOf(err))
	if len(fields) == 0 {
		return err
	}
	for i := range fields {
		fields[i].Name = "texts"
	}
	return errs.InvalidFields(fields...)
}

// notLooked is the mark of nothing: a form that does not say what was looked at approves nothing.
const notLooked = "-"

func (w *Web) approveCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := w.Campaigns.ApproveSeen(ctx, account.ActorFrom(ctx), id, cmp.Or(c.FormValue("base"), notLooked)); err != nil {
		return w.campaignAgain(c, err)
	}
	return w.redirect(c, campaignPath(id), "campaign.said.approved")
}

// campaignAgain shows the campaign with what is wrong.
func (w *Web) campaignAgain(c *fiber.Ctx, failed error) error {
	data, err := w.campaignData(c)
	if err != nil {
		return err
	}
	return campaignPage.again(w, c, data, failed)
}

func (w *Web) launchCampaign(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	if err := w.Campaigns.ScheduleAsSeen(ctx, by, id, timeSeen(c.FormValue("seen"))); err != nil {
		return w.afterLaunch(c, id, campaign.Launched{}, err)
	}
	l, err := w.Campaigns.Launch(ctx, by, id)
	return w.afterLaunch(c, id, l, err)
}

func (w *Web) launchCampaignStep(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	step, err := httpserver.ID(c, "step")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	l, err := w.Campaigns.LaunchStep(ctx, account.ActorFrom(ctx), id, int(step))
	return w.afterLaunch(c, id, l, err)
}

func (w *Web) afterLaunch(c *fiber.Ctx, id int64, l campaign.Launched, err error) error {
	if err != nil {
		return w.campaignAgain(c, err)
	}
	if l.Waiting {
		return w.redirect(c, campaignPath(id), "campaign.said.waiting")
	}
	return w.redirect(c, campaignPath(id), "campaign.said.launched")
}
