package web

import (
	"context"
	"html/template"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

const deliveryPage page[deliveryData] = "delivery"

// deliveryData is the story of a message.
type deliveryData struct {
	campaign.Story
	StepName string
	Reader   string // for whom its variant is, "" for the general text
	Next     template.HTML
	Lines    []storyLine
	Mail     *mailView // nil where there is none
	Why      string    // why it cannot be put together
	CanSay   bool      // the reader may decide about it
	CanAgain bool      // the reader may have it sent again, for a reason
}

// storyLine is a moment in words.
type storyLine struct {
	campaign.Moment
	Says template.HTML
}

func (w *Web) deliverySection() section {
	return section{
		pages: []definition{deliveryPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/deliveries/:id", account.CampaignRead, w.delivery)
			r.Handle(fiber.MethodPost, "/deliveries/:id/resolve", account.CampaignLaunch, w.resolveHere)
			r.Handle(fiber.MethodPost, "/deliveries/:id/again", account.CampaignLaunch, w.sendDeliveryAgain)
		},
	}
}

func deliveryPath(id int64) string { return "/deliveries/" + strconv.FormatInt(id, 10) }

func (w *Web) delivery(c *fiber.Ctx) error {
	data, err := w.deliveryData(c)
	if err != nil {
		return err
	}
	return deliveryPage.show(w, c, data)
}

func (w *Web) deliveryData(c *fiber.Ctx) (deliveryData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return deliveryData{}, err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	st, err := w.Campaigns.Story(ctx, by, id)
	if err == nil {
		err = w.callThem(c, []named{{st.ContactID, &st.Name}})
	}
	if err != nil {
		return deliveryData{}, err
	}
	l, where := w.Server.Localizer(c), zone(by.TimeZone)
	d := deliveryData{
		Story: st, StepName: stepName(l, st.Of.Position), Reader: readerName(l, st.Variant),
		Next: nextSays(l, st.Next, where), CanSay: by.May(account.CampaignLaunch),
	}
	d.CanAgain = d.CanSay && st.State == campaign.DeliverySent && st.PersonalBy == nil && st.Campaign.State != campaign.Cancelled && !st.Of.Over(w.Now())
	for _, m := range st.Moments {
		d.Lines = append(d.Lines, storyLine{Moment: m, Says: momentSays(l, m, where)})
	}
	if st.Why != nil {
		d.Why = l.T("campaign.stuck.why", "Why", l.Error(st.Why))
	}
	if st.Message != nil {
		shown, err := w.showMail(st.Message)
		if err != nil {
			return d, err
		}
		shown.HTML = template.HTML(previewLink.ReplaceAllString(string(shown.HTML), "")) //nolint:gosec // it was sanitized, and only loses something
		d.Mail = &shown
	}
	return d, nil
}

// deliveryMove does one thing with the delivery of the address and leads back to its story.
func (w *Web) deliveryMove(c *fiber.Ctx, said string, do func(ctx context.Context, by account.Actor, id int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := do(ctx, account.ActorFrom(ctx), id); err != nil {
		data, failed := w.deliveryData(c)
		if failed != nil {
			return failed
		}
		return deliveryPage.again(w, c, data, err)
	}
	return w.redirect(c, deliveryPath(id), said)
}

func (w *Web) resolveHere(c *fiber.Ctx) error {
	return w.deliveryMove(c, "campaign.said.resolved", func(ctx context.Context, by account.Actor, id int64) error {
		return w.Campaigns.ResolveUncertain(ctx, by, id, campaign.DeliveryState(c.FormValue("state")))
	})
}

func stepName(l *i18n.Localizer, position int) string {
	if position == 1 {
		return l.T("campaign.step.call")
	}
	return l.T("campaign.step.follow_up", "Number", position)
}

// nextSays says what comes next for a contact.
func nextSays(l *i18n.Localizer, n campaign.Next, where *time.Location) template.HTML {
	said := nextSentence(l, n, where)
	if n.Step == 0 {
		return said
	}
	return template.HTML("<strong>"+template.HTMLEscapeString(stepName(l, n.Step))+":</strong> ") + said //nolint:gosec // escaped
}

func nextSentence(l *i18n.Localizer, n campaign.Next, where *time.Location) template.HTML {
	key := "campaign.next_for." + string(n.Kind)
	at := ""
	if n.At != nil {
		at = l.DateTime(*n.At, where)
	}
	switch {
	case n.Kind == campaign.NextNothing:
		return withNames(l, key, []any{"Reason", template.HTML(template.HTMLEscapeString(l.T("campaign.reason." + string(n.Reason))))}) //nolint:gosec // escaped
	case n.Kind == campaign.NextWaits && n.At == nil:
		return withNames(l, "campaign.next_for.going", nil)
	case n.Kind == campaign.NextFollowUp && n.At == nil:
		return withNames(l, "campaign.next_for.no_date", nil)
	}
	said := withNames(l, key, []any{"Name", n.Volunteer, "Time", template.HTML(template.HTMLEscapeString(at))}) //nolint:gosec // escaped
	if n.Kind == campaign.NextWaits && n.Reason != "" {
		said += template.HTML(" (" + template.HTMLEscapeString(l.T("campaign.reason."+string(n.Reason))) + ")") //nolint:gosec // escaped
	}
	return said
}

// momentSays says what happened to a delivery.
func momentSays(l *i18n.Localizer, m campaign.Moment, where *time.Location) template.HTML {
	reason := ""
	if m.Try.Reason != "" {
		reason = l.T("campaign.reason." + string(m.Try.Reason))
	}
	key := "campaign.moment." + string(m.Kind)
	plain := func(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) } //nolint:gosec // escaped
	switch m.Kind {
	case campaign.MomentAccepted:
		if m.Try.Server == "" {
			key = "campaign.moment.accepted_somewhere"
		}
	case campaign.MomentDecided:
		if m.By == "" {
			key = "campaign.moment.decided_itself"
		}
	case campaign.MomentDeferred:
		if m.Try.Until == nil {
			break
		}
		said := withNames(l, key, []any{"Time", plain(l.DateTime(*m.Try.Until, where))})
		if reason != "" {
			said += plain(" (" + reason + ")")
		}
		return said
	}
	return withNames(l, key, []any{"Name", m.By, "Server", m.Try.Server, "Reason", plain(reason)})
}

// courseView is how a contact fares in a campaign, on the contact's page.
type courseView struct {
	campaign.Course
	Next  template.HTML
	Lines []courseLine
}

type courseLine struct {
	campaign.Delivery
	StepName string
}

// coursesOf are for whoever may see campaigns.
func (w *Web) coursesOf(c *fiber.Ctx, cycleID, contactID int64) ([]courseView, error) {
	if w.Campaigns == nil {
		return nil, nil
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	all, err := w.Campaigns.Courses(ctx, by, cycleID, contactID)
	if err != nil {
		return nil, err
	}
	l := w.Server.Localizer(c)
	var views []courseView
	for _, one := range all {
		v := courseView{Course: one, Next: nextSays(l, one.Next, zone(by.TimeZone))}
		for _, d := range one.Deliveries {
			v.Lines = append(v.Lines, courseLine{Delivery: d, StepName: stepName(l, one.StepOf(d))})
		}
		views = append(views, v)
	}
	return views, nil
}
