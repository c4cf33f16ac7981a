package web

import (
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/web/form"
)

const initiativePage page[initiativeData] = "initiative"

type initiativeData struct {
	Cycle       cycle.Cycle
	Own         *dateRow
	Meeting     *nri.Meeting
	Briefing    string
	Call        string
	Contribute  string
	Initiatives []initiativeRow
	Counts      ratesData
	Kinds       []form.Option
	Languages   []form.Option
	Choices     []form.Option // of the initiatives, where there are several
	Today       string
}

type initiativeRow struct {
	nriRow
	Relays []relayRow
}

func (w *Web) initiativeSection() section {
	return section{
		pages: []definition{initiativePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/initiative", account.InitiativeRead, w.initiative)
			r.Handle(fiber.MethodPost, "/initiative/relays", account.RelayLog, w.logRelay)
		},
	}
}

func (w *Web) initiative(c *fiber.Ctx) error {
	data, err := w.initiativeData(c)
	if err != nil {
		return err
	}
	f := form.With("on_date", data.Today, "kind", string(nri.SentToList), "language", w.Server.Localizer(c).Tag())
	return initiativePage.showForm(w, c, data, f)
}

func (w *Web) initiativeData(c *fiber.Ctx) (initiativeData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return initiativeData{}, err
	}
	l := w.Server.Localizer(c)
	call := "/calls/" + url.PathEscape(current.Slug)
	data := initiativeData{
		Cycle: current, Call: call, Briefing: call + "/briefing", Contribute: call + "/contribute",
		Today: w.Now().In(zone(by.TimeZone)).Format(time.DateOnly), Kinds: relayKinds(l), Languages: w.languageOptions(l),
	}
	mine, err := w.NRIs.MyInitiatives(ctx, by, current.ID)
	if err != nil {
		return data, err
	}
	for _, n := range mine {
		relays, err := w.NRIs.Relays(ctx, by, n.ID, current.ID)
		if err != nil {
			return data, err
		}
		data.Initiatives = append(data.Initiatives, initiativeRow{nriRow: w.nriRow(l, n), Relays: relayRows(l, relays)})
		data.Choices = append(data.Choices, form.Option{Value: strconv.FormatInt(n.ID, 10), Label: n.Name})
	}
	if err := w.addDates(c, &data); err != nil {
		return data, err
	}
	rates, err := w.Reports.ResponseRates(ctx, by, current.ID, report.ByCountry)
	data.Counts = w.rates(l, rates)
	return data, err
}

func (w *Web) addDates(c *fiber.Ctx, data *initiativeData) error {
	ctx := c.UserContext()
	own, ok, err := w.NRIs.GraceDate(ctx, data.Cycle.ID)
	if err != nil {
		return err
	}
	if ok {
		said := w.ownDate(w.Server.Localizer(c), own)
		data.Own = &said
	}
	m, ok, err := w.NRIs.NextMeeting(ctx, account.ActorFrom(ctx), data.Cycle.ID)
	if ok {
		data.Meeting = &m
	}
	return err
}

// relayRow is a relay with its day in words.
type relayRow struct {
	nri.Relay
	Day string
}

func relayRows(l *i18n.Localizer, relays []nri.Relay) []relayRow {
	rows := make([]relayRow, 0, len(relays))
	for _, r := range relays {
		row := relayRow{Relay: r, Day: r.OnDate}
		if day, err := time.Parse(time.DateOnly, r.OnDate); err == nil {
			row.Day = l.Date(day, nil)
		}
		rows = append(rows, row)
	}
	return rows
}

func relayKinds(l *i18n.Localizer) []form.Option {
	var options []form.Option
	for _, k := range nri.RelayKinds() {
		options = append(options, form.Option{Value: string(k), Label: l.T("nri.relay." + string(k))})
	}
	return options
}

func (w *Web) languageOptions(l *i18n.Localizer) []form.Option {
	options := []form.Option{{Label: l.T("common.not_given")}}
	for _, locale := range w.Bundle.Locales() {
		if locale.Tag != i18n.PseudoTag {
			options = append(options, form.Option{Value: locale.Tag, Label: l.LanguageName(locale.Tag)})
		}
	}
	return options
}

func (w *Web) logRelay(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	r := nri.Relay{
		CycleID: current.ID, NRIID: accountID(c, "nri"), Kind: nri.RelayKind(c.FormValue("kind")), OnDate: c.FormValue("on_date"),
		Language: c.FormValue("language"), Note: c.FormValue("note"),
	}
	err = audience(c.FormValue("audience_size"), &r)
	if err == nil {
		_, err = w.NRIs.LogRelay(ctx, account.ActorFrom(ctx), r)
	}
	if errs.Is(err, errs.Invalid) {
		data, failed := w.initiativeData(c)
		if failed != nil {
			return failed
		}
		return initiativePage.again(w, c, data, err)
	}
	if err != nil {
		return err
	}
	return w.redirect(c, "/initiative", "nri.relay.logged")
}

// audience reads how many were reached; nothing means that it is not known.
func audience(text string, r *nri.Relay) error {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return errs.InvalidFields(errs.FieldError("audience_size", "field.number"))
	}
	r.AudienceSize = n
	return nil
}
