package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	nrisPage page[nrisData] = "nris"
	nriPage  page[nriData]  = "nri"
)

type nrisData struct {
	Cycle   cycle.Cycle
	Items   []nriRow
	Regions []form.Option
	States  []form.Option
	Without []string // names of member states of the United Nations without an initiative, in the region asked for
	Next    string
	Meeting *nri.Meeting
	Zone    *time.Location // of the meeting
}

// nriRow is an initiative with the names of its countries in the reader's language.
type nriRow struct {
	nri.Initiative
	CountryNames []string
}

type nriData struct {
	Cycle         cycle.Cycle
	NRI           nriRow
	LanguageNames []string
	History       []nri.Coordinator
	Relays        []relayRow
	Candidates    []form.Option // accounts with the role of a coordinator who do not speak for it
	Current       []form.Option
	Successors    []form.Option
}

func (w *Web) nriSection() section {
	return section{
		pages: []definition{nrisPage, nriPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/nris", account.NRIRead, w.nris)
			r.Handle(fiber.MethodPost, "/nris/meetings", account.NRIWrite, w.addMeeting)
			r.Handle(fiber.MethodGet, "/nris/:id", account.NRIRead, w.nri)
			r.Handle(fiber.MethodPost, "/nris/:id/coordinators", account.NRIWrite, w.assignCoordinator)
			r.Handle(fiber.MethodPost, "/nris/:id/handover", account.NRIWrite, w.handOver)
		},
	}
}

func (w *Web) nris(c *fiber.Ctx) error {
	data, err := w.nrisData(c)
	if err != nil {
		return err
	}
	return nrisPage.showForm(w, c, data, form.With("region", c.Query("region"), "state", c.Query("state"), "zone", "UTC", "minutes", "60"))
}

func (w *Web) nrisData(c *fiber.Ctx) (nrisData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return nrisData{}, err
	}
	region := geo.Region(c.Query("region"))
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64)                                                         // what is no number is the first page
	filter := nri.Filter{CycleID: current.ID, State: nri.State(c.Query("state")), After: after, Limit: listLength} // a state is derived: the page may be short
	if region.Valid() {
		filter.Countries = w.countriesOf(region)
	}
	if filter.State != "" {
		filter.Limit = 0
	}
	found, err := w.NRIs.List(ctx, by, filter)
	if err != nil {
		return nrisData{}, err
	}
	l := w.Server.Localizer(c)
	data := nrisData{Cycle: current, Regions: w.regionOptions(l), States: stateOptions(l)}
	for _, n := range found {
		data.Items = append(data.Items, w.nriRow(l, n))
	}
	if filter.Limit > 0 && len(found) == filter.Limit {
		data.Next = "/nris?" + url.Values{
			"cycle": {current.Slug}, "region": {string(region)}, "state": {string(filter.State)},
			"after": {strconv.FormatInt(found[len(found)-1].ID, 10)},
		}.Encode()
	}
	if by.Scope(account.NRIRead) == account.All {
		taken, err := w.NRIs.Countries(ctx, by)
		if err != nil {
			return nrisData{}, err
		}
		data.Without = w.without(l, region, taken)
	}
	m, ok, err := w.NRIs.NextMeeting(ctx, by, current.ID)
	if ok {
		data.Meeting, data.Zone = &m, zone(m.Zone)
	}
	return data, err
}

// countriesOf are the codes of a region; none of them is an empty list, not nil.
func (w *Web) countriesOf(region geo.Region) []string {
	codes := []string{}
	for _, country := range w.Geo.Countries() {
		if country.Region == region {
			codes = append(codes, country.Code)
		}
	}
	return codes
}

func (w *Web) without(l *i18n.Localizer, region geo.Region, taken map[string]int) []string {
	var names []string
	for _, country := range w.Geo.Countries() {
		if country.UNMember && taken[country.Code] == 0 && (!region.Valid() || country.Region == region) {
			names = append(names, w.Geo.CountryName(country.Code, l.Tag()))
		}
	}
	l.Sort(names)
	return names
}

func (w *Web) nriRow(l *i18n.Localizer, n nri.Initiative) nriRow {
	row := nriRow{Initiative: n}
	for _, code := range n.Countries {
		row.CountryNames = append(row.CountryNames, w.Geo.CountryName(code, l.Tag()))
	}
	l.Sort(row.CountryNames)
	return row
}

func (w *Web) regionOptions(l *i18n.Localizer) []form.Option {
	options := []form.Option{{Label: l.T("common.all")}}
	for _, r := range geo.Regions() {
		if r != geo.NoRegion {
			options = append(options, form.Option{Value: string(r), Label: l.T("region." + string(r))})
		}
	}
	return options
}

func stateOptions(l *i18n.Localizer) []form.Option {
	options := []form.Option{{Label: l.T("common.all")}}
	for _, s := range nri.States() {
		options = append(options, form.Option{Value: string(s), Label: l.T("nri.state." + string(s))})
	}
	return options
}

// addMeeting reads the day and the time as they are in the zone that was given.
func (w *Web) addMeeting(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	minutes, _ := strconv.Atoi(c.FormValue("minutes")) // what is no number is refused as too few
	if minutes == 0 {
		minutes = -1
	}
	m := nri.Meeting{
		CycleID: current.ID, Title: c.FormValue("title"), StartsAt: localTime(c.FormValue("day"), c.FormValue("time"), c.FormValue("zone")),
		Zone: c.FormValue("zone"), Minutes: minutes, JoinURL: c.FormValue("join_url"),
	}
	if _, err := w.NRIs.AddMeeting(ctx, account.ActorFrom(ctx), m); err != nil {
		data, failed := w.nrisData(c)
		if failed != nil {
			return failed
		}
		return nrisPage.again(w, c, data, err)
	}
	return w.redirect(c, "/nris", "nri.meeting.added")
}

// localTime is the instant of a day and time in a zone, the zero time where that is none.
func localTime(day, clock, zoneName string) time.Time {
	loc, err := time.LoadLocation(zoneName)
	if err != nil {
		loc = time.UTC
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, loc)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func (w *Web) nri(c *fiber.Ctx) error {
	data, err := w.nriData(c)
	if err != nil {
		return err
	}
	return nriPage.show(w, c, data)
}

func (w *Web) nriData(c *fiber.Ctx) (nriData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return nriData{}, err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return nriData{}, err
	}
	n, err := w.NRIs.Get(ctx, by, id, current.ID)
	if err != nil {
		return nriData{}, err
	}
	l := w.Server.Localizer(c)
	data := nriData{Cycle: current, NRI: w.nriRow(l, n)}
	for _, tag := range n.Languages {
		data.LanguageNames = append(data.LanguageNames, l.LanguageName(tag))
	}
	if data.History, err = w.NRIs.History(ctx, by, id); err != nil {
		return nriData{}, err
	}
	relays, err := w.NRIs.Relays(ctx, by, id, current.ID)
	if err != nil {
		return nriData{}, err
	}
	data.Relays = relayRows(l, relays)
	if by.May(account.NRIWrite) {
		err = w.addPeople(c, &data)
	}
	return data, err
}

// addPeople fills what the forms of an officer offer to choose from.
func (w *Web) addPeople(c *fiber.Ctx, data *nriData) error {
	all, err := w.Accounts.List(c.UserContext())
	if err != nil {
		return err
	}
	speaks := map[int64]bool{}
	for _, who := range data.NRI.Coordinators {
		speaks[who.AccountID] = true
		data.Current = append(data.Current, form.Option{Value: strconv.FormatInt(who.AccountID, 10), Label: who.Name})
	}
	data.Successors = []form.Option{{Label: w.Server.Localizer(c).T("nri.handover.nobody")}}
	for _, a := range all {
		if a.DisabledAt != nil || speaks[a.ID] || !slices.Contains(a.Roles, account.Coordinator) {
			continue
		}
		option := form.Option{Value: strconv.FormatInt(a.ID, 10), Label: a.Name}
		data.Candidates = append(data.Candidates, option)
		data.Successors = append(data.Successors, option)
	}
	return nil
}

func (w *Web) assignCoordinator(c *fiber.Ctx) error {
	return w.changeCoordinator(c, "nri.coordinator.assigned", func(by account.Actor, id int64) error {
		return w.NRIs.AssignCoordinator(c.UserContext(), by, id, accountID(c, "account"))
	})
}

func (w *Web) handOver(c *fiber.Ctx) error {
	return w.changeCoordinator(c, "nri.handover.done", func(by account.Actor, id int64) error {
		from, to := accountID(c, "from"), accountID(c, "to")
		if to == 0 {
			return w.NRIs.EndCoordinator(c.UserContext(), by, id, from)
		}
		return w.NRIs.HandOver(c.UserContext(), by, id, from, to)
	})
}

func (w *Web) changeCoordinator(c *fiber.Ctx, done string, change func(by account.Actor, id int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	err = change(account.ActorFrom(c.UserContext()), id)
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) {
		data, failed := w.nriData(c)
		if failed != nil {
			return failed
		}
		return nriPage.again(w, c, data, err)
	}
	if err != nil {
		return err
	}
	return w.redirect(c, "/nris/"+strconv.FormatInt(id, 10), done)
}

// accountID reads the choice of an account, 0 for none.
func accountID(c *fiber.Ctx, name string) int64 {
	id, err := strconv.ParseInt(c.FormValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
