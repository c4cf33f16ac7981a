package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const deliveriesPage page[deliveriesData] = "campaign_deliveries"

type deliveriesData struct {
	Campaign  campaign.Campaign
	State     campaign.DeliveryState
	Counts    []campaignCount
	Replies   []replyRow // what servers said to those that failed or wait, grouped
	Rows      []campaign.DeliveryRow
	Reasons   []form.Option
	Languages []form.Option
	Groups    []form.Option
	Narrowed  bool   // by more than the state
	Cut       bool   // more contacts have the name than are looked for
	Next      string // the address of the next page, "" on the last
}

type replyRow struct {
	campaign.ReplyCount
	Path string
}

// filterFields are what the list is narrowed by, beside the state.
func filterFields() []string { return []string{"reason", "language", "group", "reply", "name"} }

// namesFound is how many contacts of a name are looked for.
const namesFound = 200

func (w *Web) campaignDeliveries(c *fiber.Ctx) error {
	data, err := w.deliveriesData(c)
	if err != nil {
		return err
	}
	return deliveriesPage.showForm(w, c, data, deliveryForm(c))
}

func deliveryForm(c *fiber.Ctx) form.Form {
	var pairs []string
	for _, name := range filterFields() {
		pairs = append(pairs, name, c.Query(name))
	}
	return form.With(pairs...)
}

func (w *Web) deliveriesData(c *fiber.Ctx) (deliveriesData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return deliveriesData{}, err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	one, counts, err := w.Campaigns.StateCounts(ctx, actor, id)
	if err != nil {
		return deliveriesData{}, err
	}
	f := campaign.DeliveryFilter{
		State: campaign.DeliveryState(c.Query("state")), Reason: campaign.Reason(c.Query("reason")),
		Locale: c.Query("language"), Group: c.Query("group"), Reply: strings.TrimSpace(c.Query("reply")),
	}
	if f.Cursor, err = strconv.ParseInt(c.Query("after", "0"), 10, 64); err != nil {
		return deliveriesData{}, errs.E(errs.NotFound, "error.not_found")
	}
	data := deliveriesData{Campaign: one, State: f.State}
	data.choices(w, c)
	for _, s := range campaign.DeliveryStates() {
		if n := counts[s]; n > 0 {
			data.Counts = append(data.Counts, campaignCount{State: s, Count: n})
		}
	}
	if f.Contacts, data.Cut, err = w.contactsNamed(c, one.CycleID); err != nil {
		return data, err
	}
	found, err := w.Campaigns.FindDeliveries(ctx, actor, id, f)
	if err != nil {
		return data, err
	}
	data.Rows = found.Rows
	var names []named
	for i := range data.Rows {
		names = append(names, named{data.Rows[i].ContactID, &data.Rows[i].Name})
	}
	if err := w.callThem(c, names); err != nil {
		return data, err
	}
	data.Narrowed = slices.ContainsFunc(filterFields(), func(name string) bool { return c.Query(name) != "" })
	if found.Next > 0 {
		data.Next = deliveriesPath(c, id, "after", strconv.FormatInt(found.Next, 10))
	}
	replies, err := w.Campaigns.Replies(ctx, actor, id, f.State)
	for _, r := range replies {
		data.Replies = append(data.Replies, replyRow{ReplyCount: r, Path: deliveriesPath(c, id, "reply", r.Code)})
	}
	return data, err
}

// contactsNamed are the contacts whose name was asked for; nil where none was.
func (w *Web) contactsNamed(c *fiber.Ctx, cycleID int64) (ids []int64, cut bool, err error) {
	name := strings.TrimSpace(c.Query("name"))
	if name == "" {
		return nil, false, nil
	}
	ctx := c.UserContext()
	found, err := w.Contacts.List(ctx, account.ActorFrom(ctx), contact.Filter{Query: name, CycleID: cycleID, Limit: namesFound})
	ids = []int64{}
	for _, row := range found.Rows {
		ids = append(ids, row.ID)
	}
	return ids, found.Total > len(ids), err
}

// deliveriesPath is the list as it is narrowed, with one thing more.
func deliveriesPath(c *fiber.Ctx, id int64, name, value string) string {
	v := url.Values{}
	for _, f := range append(filterFields(), "state") {
		if given := c.Query(f); given != "" {
			v.Set(f, given)
		}
	}
	v.Set(name, value)
	return campaignPath(id) + "/deliveries?" + v.Encode()
}

// choices are what the reader may narrow the list by, in their language.
func (d *deliveriesData) choices(w *Web, c *fiber.Ctx) {
	l := w.Server.Localizer(c)
	whole := []form.Option{{Label: l.T("common.all")}}
	d.Reasons, d.Languages, d.Groups = slices.Clone(whole), slices.Clone(whole), slices.Clone(whole)
	for _, r := range campaign.Reasons() {
		d.Reasons = append(d.Reasons, form.Option{Value: string(r), Label: l.T("campaign.reason." + string(r))})
	}
	for _, tag := range w.Bundle.Tags() {
		d.Languages = append(d.Languages, form.Option{Value: tag, Label: l.LanguageName(tag)})
	}
	d.Groups = append(d.Groups, w.stakeholderGroups(l)...)
}

// stakeholderGroups are the groups in the reader's language.
func (w *Web) stakeholderGroups(l *i18n.Localizer) []form.Option {
	var all []form.Option
	if w.Geo == nil {
		return all
	}
	for _, g := range w.Geo.Groups() {
		all = append(all, form.Option{Value: g.Code, Label: w.Geo.GroupName(g.Code, l.Tag())})
	}
	return all
}

func (w *Web) resolveDelivery(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	delivery, err := httpserver.ID(c, "delivery")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Campaigns.OfCampaign(ctx, delivery, id); err != nil {
		return err
	}
	if err := w.Campaigns.ResolveUncertain(ctx, account.ActorFrom(ctx), delivery, campaign.DeliveryState(c.FormValue("state"))); err != nil {
		data, failed := w.deliveriesData(c)
		if failed != nil {
			return failed
		}
		return deliveriesPage.again(w, c, data, err)
	}
	return w.redirect(c, campaignPath(id)+"/deliveries?state=uncertain", "campaign.said.resolved")
}
