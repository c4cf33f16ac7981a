package web

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
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
	Cycle    cycle.Cycle
	Claims   []heldRow
	Gaps     []gapRow
	Open     int // how many gaps there are
	Declared bool
	Max      int
}

// heldRow is a claim of the reader.
type heldRow struct {
	outreach.Held
	DaysLeft  int
	Soon      bool // the warning is due
	Group     string
	Country   string
	WriteIn   string // the first language of the contact
	LastTries []outreach.Try
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
			r.Handle(fiber.MethodGet, "/outreach/connections", account.OutreachRead, w.connections)
			r.Handle(fiber.MethodPost, "/outreach/connections", account.OutreachRead, w.connect)
			r.Handle(fiber.MethodPost, "/outreach/connections/:id/remove", account.OutreachRead, w.disconnect)
		},
	}
}

func (w *Web) outreach(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	data := outreachData{Cycle: current, Max: outreach.MaxLive}
	claims, err := w.Outreach.Mine(ctx, by, current.ID)
	if err != nil {
		return err
	}
	for _, h := range claims {
		data.Claims = append(data.Claims, w.heldRow(l, h))
	}
	gaps, err := w.Outreach.Gaps(ctx, by, current.ID)
	if err != nil {
		return err
	}
	data.Open = len(gaps)
	for _, g := range gaps[:min(len(gaps), gapsShown)] {
		data.Gaps = append(data.Gaps, w.gapRow(l, g))
	}
	own, err := w.Outreach.Connections(ctx, by)
	data.Declared = len(own) > 0
	if err != nil {
		return err
	}
	return outreachPage.show(w, c, data)
}

func (w *Web) heldRow(l *i18n.Localizer, h outreach.Held) heldRow {
	left := h.Left(w.Now())
	row := heldRow{
		Held: h, DaysLeft: int((left + 24*time.Hour - 1) / (24 * time.Hour)), Soon: left <= outreach.WarnBefore,
		Group: w.groupName(l, h.StakeholderGroup), Country: w.countryName(l, h.Country),
	}
	if names := languageNames(l, h.LanguageChain); len(names) > 0 {
		row.WriteIn = names[0]
	}
	row.LastTries = h.Attempts[:min(len(h.Attempts), 3)]
	return row
}

func (w *Web) gapRow(l *i18n.Localizer, g outreach.Gap) gapRow {
	row := gapRow{
		Gap: g, Group: w.groupName(l, g.StakeholderGroup), RegionName: w.regionName(l, g.Region), CountryName: w.countryName(l, g.Country),
	}
	for _, k := range g.Kinds {
		row.Missing = append(row.Missing, l.T("outreach.gap."+string(k)))
	}
	for _, r := range g.Reasons {
		row.Why = append(row.Why, w.reason(l, r))
	}
	return row
}

// reason says in a sentence why somebody suits a contact.
func (w *Web) reason(l *i18n.Localizer, r outreach.Reason) string { return r.Say(l, w.Geo) }

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
		for _, value := range typed.Values[string(kind)] {
			if value == "" {
				continue
			}
			if _, err := w.Outreach.Connect(ctx, account.ActorFrom(ctx), kind, value); err != nil {
				data, failed := w.connectionsData(c)
				if failed != nil {
					return failed
				}
				return connectionsPage.again(w, c, data, err)
			}
		}
	}
	return w.redirect(c, httpserver.LocalPath(typed.Value("next"), "/outreach/connections"), "outreach.connection.saved")
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
