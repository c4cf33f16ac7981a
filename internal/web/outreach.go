package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	outreachPage    page[outreachData]    = "outreach"
	connectionsPage page[connectionsData] = "connections"
)

// gapsShown is how many matches fit a page that one can take in.
const gapsShown = 15

type outreachData struct {
	Cycle       cycle.Cycle
	Claims      []heldRow
	Invitations []invitationRow
	Taken       []outreach.Ended // claims that ended without the reader
	Gaps        []gapRow
	Open        int // how many gaps there are
	Most        int // and how many are looked for: that many are not all
	Declared    bool
	Max         int
	Cutoff      *outreach.Cutoff // the last day for taking contacts on, nil where none is set
	Over        bool             // it has passed
	Channels    []form.Option
	Plans       bool // the reader may propose plans and inherit
}

// heldRow is a claim of the reader.
type heldRow struct {
	outreach.Held
	DaysLeft  int
	Soon      bool // the warning is due
	Group     string
	Country   string
	WriteIn   string // the first language of the contact
	Why       []string
	LastTries []outreach.Try
	Notes     []outreach.Past // what others left, the newest first
	Turn      *time.Time      // since when a follow-up waits for the reader to write first
	Writable  bool            // a message can be written from the contact's page
	Wrong     bool            // the form that was posted is the one of this claim
	CanExtend bool            // the one renewal is left, and the last day has not passed
}

// invitationRow is what a colleague offers to the reader.
type invitationRow struct {
	outreach.Invitation
	Group    string
	Country  string
	Speaks   []string
	Why      []string
	DaysLeft int
}

// gapRow is a contact that the reader may take on.
type gapRow struct {
	outreach.Gap
	Missing                        []string
	Why                            []string
	Group, RegionName, CountryName string
}

type connectionsData struct {
	Items   []connectionRow
	Choices choices
	RIRs    []form.Option
}

type connectionRow struct {
	ID    int64
	Label string
}

func (w *Web) outreachSection() section {
	return section{
		pages: []definition{outreachPage, connectionsPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/outreach", account.OutreachRead, w.outreach)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/attempts", account.ClaimWork, w.tapAttempt)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/renew", account.ClaimWork, w.tapRenew)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/done", account.ClaimWork, w.tapFinish)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/release", account.ClaimWork, w.tapRelease)
			r.Handle(fiber.MethodGet, "/outreach/connections", account.OutreachRead, w.connections)
			r.Handle(fiber.MethodPost, "/outreach/connections", account.OutreachRead, w.connect)
			r.Handle(fiber.MethodPost, "/outreach/connections/:id/remove", account.OutreachRead, w.disconnect)
		},
	}
}

func (w *Web) outreach(c *fiber.Ctx) error {
	data, err := w.outreachData(c)
	if err != nil {
		return err
	}
	return outreachPage.show(w, c, data)
}

func (w *Web) outreachData(c *fiber.Ctx) (outreachData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return outreachData{}, err
	}
	l := w.Server.Localizer(c)
	data := outreachData{Cycle: current, Max: outreach.MaxLive, Most: outreach.MaxMatches, Plans: by.May(account.PlanWrite)}
	for _, v := range outreach.Channels() {
		data.Channels = append(data.Channels, form.Option{Value: string(v), Label: l.T("outreach.channel." + string(v))})
	}
	if data.Cutoff, data.Over, err = w.cutoff(c, current.ID); err != nil {
		return data, err
	}
	if err := w.withWork(c, l, by, &data); err != nil {
		return data, err
	}
	gaps, err := w.Outreach.Gaps(ctx, by, current.ID)
	if err != nil {
		return data, err
	}
	data.Open = len(gaps)
	if err := w.callThem(c, namesOf(gaps[:min(len(gaps), gapsShown)], func(g *outreach.Gap) *outreach.Card { return &g.Card })); err != nil {
		return data, err
	}
	for _, g := range gaps[:min(len(gaps), gapsShown)] {
		data.Gaps = append(data.Gaps, w.gapRow(l, g))
	}
	own, err := w.Outreach.Connections(ctx, by)
	data.Declared = len(own) > 0
	return data, err
}

// namesOf are the contacts of the cards of a list.
func namesOf[T any](list []T, card func(*T) *outreach.Card) []named {
	all := make([]named, len(list))
	for i := range list {
		c := card(&list[i])
		all[i] = named{c.ContactID, &c.Name}
	}
	return all
}

// withWork reads what the reader holds, is offered and has lost.
func (w *Web) withWork(c *fiber.Ctx, l *i18n.Localizer, by account.Actor, data *outreachData) error {
	ctx := c.UserContext()
	claims, err := w.Outreach.Mine(ctx, by, data.Cycle.ID)
	if err != nil {
		return err
	}
	turns, err := w.turnsOf(c, data.Cycle.ID)
	if err != nil {
		return err
	}
	if err := w.callThem(c, namesOf(claims, func(h *outreach.Held) *outreach.Card { return &h.Card })); err != nil {
		return err
	}
	for _, h := range claims {
		row := w.heldRow(l, h)
		if since, waits := turns[h.Card.ContactID]; waits && h.Purpose == outreach.ReachOut {
			row.Turn = &since
		}
		row.CanExtend = h.Renewable() && !data.Over
		data.Claims = append(data.Claims, row)
	}
	offers, err := w.Outreach.Invitations(ctx, by, data.Cycle.ID)
	if err != nil {
		return err
	}
	if err := w.callThem(c, namesOf(offers, func(o *outreach.Invitation) *outreach.Card { return &o.Card })); err != nil {
		return err
	}
	for _, o := range offers {
		data.Invitations = append(data.Invitations, w.invitationRow(l, o))
	}
	data.Taken, err = w.Outreach.TakenFrom(ctx, by, data.Cycle.ID)
	return err
}

// turnsOf are the contacts to whom a follow-up waits for the reader to write first, with the day since when.
func (w *Web) turnsOf(c *fiber.Ctx, cycleID int64) (map[int64]time.Time, error) {
	since := map[int64]time.Time{}
	if w.Campaigns == nil {
		return since, nil
	}
	ctx := c.UserContext()
	turns, err := w.Campaigns.Turns(ctx, account.ActorFrom(ctx), cycleID)
	for _, t := range turns {
		since[t.ContactID] = t.Since
	}
	return since, err
}

// daysLeft counts begun days.
func daysLeft(left time.Duration) int { return int((left + 24*time.Hour - 1) / (24 * time.Hour)) }

func (w *Web) invitationRow(l *i18n.Localizer, o outreach.Invitation) invitationRow {
	row := invitationRow{
		Invitation: o, Group: w.groupName(l, o.StakeholderGroup), Country: w.countryName(l, o.Country),
		Speaks: languageNames(l, o.LanguageChain), DaysLeft: daysLeft(max(0, o.ExpiresAt.Sub(w.Now()))),
	}
	row.Why = w.reasons(l, o.Reasons)
	return row
}

func (w *Web) heldRow(l *i18n.Localizer, h outreach.Held) heldRow {
	left := h.Left(w.Now())
	row := heldRow{
		Held: h, DaysLeft: daysLeft(left), Soon: left <= outreach.WarnBefore,
		Group: w.groupName(l, h.StakeholderGroup), Country: w.countryName(l, h.Country),
		Writable: h.Purpose != outreach.FindAddress && h.Usable,
	}
	if names := languageNames(l, h.LanguageChain); len(names) > 0 {
		row.WriteIn = names[0]
	}
	row.Why = w.reasons(l, h.Reasons)
	row.LastTries = h.Attempts[:min(len(h.Attempts), 3)]
	for _, p := range h.Earlier {
		if p.Notes != "" && len(row.Notes) < 3 {
			row.Notes = append(row.Notes, p)
		}
	}
	return row
}

func (w *Web) reasons(l *i18n.Localizer, all []outreach.Reason) []string {
	var said []string
	for _, r := range all {
		said = append(said, r.Say(l, w.Geo))
	}
	return said
}

func (w *Web) gapRow(l *i18n.Localizer, g outreach.Gap) gapRow {
	row := gapRow{
		Gap: g, Group: w.groupName(l, g.StakeholderGroup), RegionName: w.regionName(l, g.Region), CountryName: w.countryName(l, g.Country),
	}
	for _, k := range g.Kinds {
		row.Missing = append(row.Missing, l.T("outreach.gap."+string(k)))
	}
	row.Why = w.reasons(l, g.Reasons)
	return row
}

// connectionValue names what a connection is to.
func (w *Web) connectionValue(l *i18n.Localizer, k outreach.Kind, value, name string) string {
	return outreach.ValueName(l, w.Geo, k, value, name)
}

func (w *Web) connections(c *fiber.Ctx) error {
	data, err := w.connectionsData(c)
	if err != nil {
		return err
	}
	return connectionsPage.show(w, c, data)
}

func (w *Web) connectionsData(c *fiber.Ctx) (connectionsData, error) {
	ctx := c.UserContext()
	l := w.Server.Localizer(c)
	own, err := w.Outreach.Connections(ctx, account.ActorFrom(ctx))
	if err != nil {
		return connectionsData{}, err
	}
	data := connectionsData{Choices: w.choices(l), RIRs: w.registries(l)}
	for _, k := range own {
		label := l.T("outreach.connection."+string(k.Kind), "Value", w.connectionValue(l, k.Kind, k.Value, k.Name))
		data.Items = append(data.Items, connectionRow{ID: k.ID, Label: label})
	}
	return data, nil
}

func (w *Web) registries(l *i18n.Localizer) []form.Option {
	var names []string
	for _, country := range w.Geo.Countries() {
		if country.RIR != "" && !slices.Contains(names, country.RIR) {
			names = append(names, country.RIR)
		}
	}
	slices.Sort(names)
	options := []form.Option{{Label: l.T("contact.choose")}}
	for _, n := range names {
		options = append(options, form.Option{Value: n, Label: n})
	}
	return options
}

// connect declares whatever was chosen, one connection for each field that is not empty.
func (w *Web) connect(c *fiber.Ctx) error {
	ctx := c.UserContext()
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	for _, kind := range outreach.Kinds() {
		if err := w.connectAll(ctx, kind, typed.Values[string(kind)]); err != nil {
			data, failed := w.connectionsData(c)
			if failed != nil {
				return failed
			}
			return connectionsPage.again(w, c, data, err)
		}
	}
	return w.redirect(c, httpserver.LocalPath(typed.Value("next"), "/outreach/connections"), "outreach.connection.saved")
}

// connectAll declares the connections of one kind. What is wrong is said at the field of the kind.
func (w *Web) connectAll(ctx context.Context, kind outreach.Kind, typed []string) error {
	by := account.ActorFrom(ctx)
	var values []string
	for _, text := range typed {
		switch kind {
		case outreach.SpeaksLanguage:
			values = append(values, strings.Fields(w.Bundle.LanguageTags(text))...)
		case outreach.SameOrganization:
			id, err := w.organizationCalled(ctx, by, text)
			if err != nil {
				return err
			}
			values = append(values, id)
		default:
			values = append(values, text)
		}
	}
	for _, v := range values {
		if v == "" {
			continue
		}
		if _, err := w.Outreach.Connect(ctx, by, kind, v); errs.Is(err, errs.Invalid) {
			return errs.InvalidFields(errs.FieldError(string(kind), "outreach.connection.unknown"))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// organizationCalled finds the one organization that somebody means by its name, or names by its id.
func (w *Web) organizationCalled(ctx context.Context, by account.Actor, text string) (id string, err error) {
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseInt(text, 10, 64); text == "" || err == nil {
		return text, nil
	}
	found, err := w.Contacts.List(ctx, by, contact.Filter{Query: text, Kind: contact.Organization})
	if err != nil {
		return "", err
	}
	rows := found.Rows
	if same := slices.DeleteFunc(slices.Clone(rows), func(r contact.Row) bool { return geo.Fold(r.Name) != geo.Fold(text) }); len(same) == 1 {
		rows = same
	}
	switch len(rows) {
	case 0:
		return "", errs.InvalidFields(errs.FieldError(string(outreach.SameOrganization), "outreach.connection.no_organization"))
	case 1:
		return strconv.FormatInt(rows[0].ID, 10), nil
	}
	return "", errs.InvalidFields(errs.FieldError(string(outreach.SameOrganization), "outreach.connection.organizations"))
}

func (w *Web) disconnect(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := w.Outreach.Disconnect(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return w.redirect(c, "/outreach/connections", "outreach.connection.removed")
}
