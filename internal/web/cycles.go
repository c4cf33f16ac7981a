package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	cyclesPage page[cyclesData] = "cycles"
	cyclePage  page[cycleData]  = "cycle"
)

type cyclesData struct {
	Cycles    []cycle.Cycle
	Languages []form.Option // that a new cycle may speak where a contact's own is not there
}

type cycleData struct {
	Cycle   cycle.Cycle
	Dates   []dateRow // those that apply, in the order of a cycle
	Changed []dateRow // those that applied before
	Kinds   []form.Option
	Granted []grantedRow // who has a date of their own, for whoever may grant one
}

func (w *Web) cycleSection() section {
	return section{
		pages: []definition{cyclesPage, cyclePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/cycles", account.CycleRead, w.cycles)
			r.Handle(fiber.MethodPost, "/cycles", account.CycleWrite, w.createCycle)
			r.Handle(fiber.MethodGet, "/cycles/:slug", account.CycleRead, w.cycle)
			r.Handle(fiber.MethodPost, "/cycles/:slug/dates", account.CycleWrite, w.setDate)
			r.Handle(fiber.MethodPost, "/cycles/:slug/state", account.CycleWrite, w.moveCycle)
		},
	}
}

func (w *Web) cycles(c *fiber.Ctx) error {
	data, err := w.cyclesData(c)
	if err != nil {
		return err
	}
	return cyclesPage.showForm(w, c, data, form.With("default_language", i18n.English))
}

func (w *Web) cyclesData(c *fiber.Ctx) (cyclesData, error) {
	all, err := w.Cycles.List(c.UserContext())
	data := cyclesData{Cycles: all}
	for _, l := range w.Bundle.Locales() {
		data.Languages = append(data.Languages, form.Option{Value: l.Tag, Label: l.Name})
	}
	return data, err
}

// createCycle is how an installation begins: everything else belongs to a cycle.
func (w *Web) createCycle(c *fiber.Ctx) error {
	ctx := c.UserContext()
	made, err := w.Cycles.Create(ctx, account.ActorFrom(ctx), cycle.Cycle{
		Name: c.FormValue("name"), Slug: c.FormValue("slug"), DefaultLanguage: c.FormValue("default_language"),
		OrganizationStopsFollowUps: true,
	})
	if err != nil {
		data, broken := w.cyclesData(c)
		if broken != nil {
			return broken
		}
		return cyclesPage.again(w, c, data, err)
	}
	return w.redirect(c, "/cycles/"+url.PathEscape(made.Slug), "cycle.created")
}

func (w *Web) cycle(c *fiber.Ctx) error {
	data, err := w.cycleData(c)
	if err != nil {
		return err
	}
	return cyclePage.showForm(w, c, data, form.With("zone", cycle.AoE, "kind", string(cycle.Deadline)))
}

func (w *Web) cycleData(c *fiber.Ctx) (cycleData, error) {
	ctx := c.UserContext()
	current, err := w.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return cycleData{}, err
	}
	all, err := w.Cycles.History(ctx, current.ID)
	if err != nil {
		return cycleData{}, err
	}
	data := cycleData{Cycle: current}
	l := w.Server.Localizer(c)
	for _, kind := range cycle.DateKinds() {
		data.Kinds = append(data.Kinds, form.Option{Value: string(kind), Label: l.T("cycle.date." + string(kind))})
		for _, d := range all {
			if d.Kind == kind && d.SupersededAt == nil {
				data.Dates = append(data.Dates, w.dateRow(l, d))
			}
		}
	}
	for _, d := range all {
		if d.SupersededAt != nil {
			data.Changed = append(data.Changed, w.dateRow(l, d))
		}
	}
	data.Granted, err = w.grantedRows(c, current)
	return data, err
}

func (w *Web) setDate(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	kind := cycle.DateKind(c.FormValue("kind"))
	_, err = w.Cycles.SetDate(ctx, account.ActorFrom(ctx), current.ID, kind, c.FormValue("on_date"), c.FormValue("zone"), c.FormValue("note"))
	if err != nil {
		return w.cycleAgain(c, err)
	}
	return w.redirect(c, "/cycles/"+url.PathEscape(current.Slug), "cycle.date_set")
}

func (w *Web) moveCycle(c *fiber.Ctx) error {
	ctx := c.UserContext()
	moved, err := w.Cycles.Move(ctx, account.ActorFrom(ctx), c.Params("slug"), cycle.State(c.FormValue("state")))
	if err != nil {
		return w.cycleAgain(c, err)
	}
	return w.redirect(c, "/cycles/"+url.PathEscape(moved.Slug), "cycle.moved")
}

func (w *Web) cycleAgain(c *fiber.Ctx, why error) error {
	data, err := w.cycleData(c)
	if err != nil {
		return err
	}
	return cyclePage.again(w, c, data, why)
}
