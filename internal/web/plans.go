package web

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	plansPage     page[plansData]     = "plans"
	planPage      page[planData]      = "plan"
	planLinePage  page[planLineData]  = "plan_line"
	inheritedPage page[inheritedData] = "inherited"
)

// groupsShown is how many volunteers a page of a plan holds, openShown how many gaps that stay open for one
// reason, and allOpenShown how many of them are shown to whoever asks for all.
const (
	groupsShown  = 10
	openShown    = 10
	allOpenShown = 500
)

type plansData struct {
	Cycle  cycle.Cycle
	Plans  []outreach.PlanView
	Cutoff *outreach.Cutoff
	Over   bool
}

type planData struct {
	Plan     outreach.PlanView
	Proposed bool
	Groups   []planGroup
	Open     []openGroup
	AtOpen   bool // the reader works on those
	Prev     int  // pages, 0 for none
	Next     int
}

type planGroup struct {
	outreach.PlanGroup
	OnHand string // what the volunteer holds already
	Rows   []planRow
	Shown  bool // unfolded
}

// openGroup are contacts that stay open for one reason.
type openGroup struct {
	Key   string
	Why   string // in words
	Count int
	Rows  []planRow
}

// planRow is a line in the reader's language.
type planRow struct {
	outreach.LineView
	Because []string
	Group   string
	Country string
	Speaks  []string
	OnHand  string // what the volunteer holds already
	Said    string // why it is open or was overtaken
}

type planLineData struct {
	PlanID     int64
	Back       string // to where the line is in its plan
	Row        planRow
	Candidates []takerRow
	Options    []form.Option
}

type inheritedData struct {
	Cycle  cycle.Cycle
	Cutoff *outreach.Cutoff
	Over   bool
	Rows   []inheritedRow
}

type inheritedRow struct {
	outreach.Inherited
	Group, CountryName string
	Missing            []string
}

func (w *Web) planSection() section {
	return section{
		pages: []definition{plansPage, planPage, planLinePage, inheritedPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/outreach/plans", account.PlanWrite, w.plans)
			r.Handle(fiber.MethodPost, "/outreach/plans", account.PlanWrite, w.proposePlan)
			r.Handle(fiber.MethodGet, "/outreach/plans/:id", account.PlanWrite, w.plan)
			r.Handle(fiber.MethodPost, "/outreach/plans/:id/confirm", account.PlanWrite, w.confirmPlan)
			r.Handle(fiber.MethodPost, "/outreach/plans/:id/drop", account.PlanWrite, w.dropPlan)
			r.Handle(fiber.MethodGet, "/outreach/plans/:id/lines/:line", account.PlanWrite, w.planLine)
			r.Handle(fiber.MethodPost, "/outreach/plans/:id/lines/:line", account.PlanWrite, w.changeLine)
			r.Handle(fiber.MethodPost, "/outreach/plans/:id/lines/:line/drop", account.PlanWrite, w.dropLine)
			r.Handle(fiber.MethodGet, "/outreach/inherited", account.ClaimInherit, w.inherited)
			r.Handle(fiber.MethodPost, "/outreach/inherited/:id", account.ClaimInherit, w.inherit)
		},
	}
}

func planPath(id int64) string { return "/outreach/plans/" + strconv.FormatInt(id, 10) }

func (w *Web) plans(c *fiber.Ctx) error {
	data, err := w.plansData(c)
	if err != nil {
		return err
	}
	return plansPage.show(w, c, data)
}

func (w *Web) plansData(c *fiber.Ctx) (plansData, error) {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return plansData{}, err
	}
	data := plansData{Cycle: current}
	if data.Plans, err = w.Outreach.Plans(ctx, account.ActorFrom(ctx), current.ID); err != nil {
		return data, err
	}
	data.Cutoff, data.Over, err = w.cutoff(c, current.ID)
	return data, err
}

// cutoff is the last day for taking contacts on and whether it has passed, nil where none is set.
func (w *Web) cutoff(c *fiber.Ctx, cycleID int64) (*outreach.Cutoff, bool, error) {
	last, err := w.Outreach.Cutoff(c.UserContext(), cycleID)
	if err != nil || last.At.IsZero() {
		return nil, false, err
	}
	return &last, last.Over(w.Now()), nil
}

func (w *Web) proposePlan(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	made, err := w.Outreach.ProposePlan(ctx, account.ActorFrom(ctx), current.ID)
	if err != nil {
		data, failed := w.plansData(c)
		if failed != nil {
			return failed
		}
		return plansPage.again(w, c, data, err)
	}
	return w.redirect(c, planPath(made.ID), "outreach.plan.proposed")
}

func (w *Web) plan(c *fiber.Ctx) error {
	data, err := w.planData(c)
	if err != nil {
		return err
	}
	return planPage.show(w, c, data)
}

func (w *Web) planData(c *fiber.Ctx) (planData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return planData{}, err
	}
	ctx := c.UserContext()
	v, err := w.Outreach.PlanByID(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return planData{}, err
	}
	data := planData{Plan: v, Proposed: v.State == outreach.PlanProposed}
	data.fillGroups(w, c)
	data.fillOpen(w, c)
	return data, nil
}

// fillGroups shows the page that was asked for, or the one on which a volunteer is, unfolded.
func (d *planData) fillGroups(w *Web, c *fiber.Ctx) {
	l, all := w.Server.Localizer(c), d.Plan.Groups
	first := min(max(0, c.QueryInt("page", 1)-1), len(all)/groupsShown) * groupsShown
	at := slices.IndexFunc(all, func(g outreach.PlanGroup) bool { return g.VolunteerID == int64(c.QueryInt("at")) })
	if at >= 0 {
		first = at / groupsShown * groupsShown
	}
	last := min(len(all), first+groupsShown)
	for i, g := range all[first:last] {
		group := planGroup{PlanGroup: g, Shown: first+i == at || len(all) == 1}
		for _, line := range g.Lines {
			row := w.planRow(l, line)
			group.Rows, group.OnHand = append(group.Rows, row), row.OnHand
		}
		d.Groups = append(d.Groups, group)
	}
	if first > 0 {
		d.Prev = first / groupsShown
	}
	if last < len(all) {
		d.Next = first/groupsShown + 2
	}
}

// fillOpen puts those together that stay open for the same reason.
func (d *planData) fillOpen(w *Web, c *fiber.Ctx) {
	l := w.Server.Localizer(c)
	d.AtOpen = c.Query("why") != ""
	for _, line := range d.Plan.Open {
		key := cmp.Or(line.Why, string(line.State))
		if d.AtOpen && key != c.Query("why") {
			continue
		}
		at := slices.IndexFunc(d.Open, func(g openGroup) bool { return g.Key == key })
		if at < 0 {
			why := cmp.Or(w.planRow(l, line).Said, l.T("outreach.plan.line.state."+string(line.State)))
			at, d.Open = len(d.Open), append(d.Open, openGroup{Key: key, Why: why})
		}
		g := &d.Open[at]
		if g.Count++; g.Count <= openShown || d.AtOpen && g.Count <= allOpenShown {
			g.Rows = append(g.Rows, w.planRow(l, line))
		}
	}
}

func (w *Web) planRow(l *i18n.Localizer, v outreach.LineView) planRow {
	row := planRow{
		LineView: v, Group: w.groupName(l, v.StakeholderGroup), Country: w.countryName(l, v.Country), Speaks: languageNames(l, v.LanguageChain),
	}
	for _, r := range v.Because {
		if r.Kind == outreach.OnHand {
			row.OnHand = r.Brief(l, w.Geo)
			continue
		}
		row.Because = append(row.Because, r.Brief(l, w.Geo))
	}
	if v.Why != "" {
		row.Said = l.T(v.Why, "Max", outreach.MaxLive)
	}
	return row
}

func (w *Web) confirmPlan(c *fiber.Ctx) error {
	return w.planStep(c, func(by account.Actor, id int64) error {
		done, err := w.Outreach.ConfirmPlan(c.UserContext(), by, id)
		if err != nil {
			return err
		}
		return w.redirect(c, planPath(id), "outreach.plan.confirmed", "Made", done.Made, "Volunteers", done.Volunteers, "Overtaken", done.Overtaken)
	})
}

func (w *Web) dropPlan(c *fiber.Ctx) error {
	return w.planStep(c, func(by account.Actor, id int64) error {
		if err := w.Outreach.DropPlan(c.UserContext(), by, id); err != nil {
			return err
		}
		return w.redirect(c, "/outreach/plans", "outreach.plan.dropped")
	})
}

// planStep does one thing with a plan, or shows it again with what was wrong.
func (w *Web) planStep(c *fiber.Ctx, step func(by account.Actor, id int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := step(account.ActorFrom(c.UserContext()), id); err != nil {
		data, failed := w.planData(c)
		if failed != nil {
			return failed
		}
		return planPage.again(w, c, data, err)
	}
	return nil
}

func (w *Web) planLine(c *fiber.Ctx) error {
	data, err := w.planLineData(c)
	if err != nil {
		return err
	}
	f := form.Form{}
	if data.Row.VolunteerID != nil {
		f = form.With("volunteer", strconv.FormatInt(*data.Row.VolunteerID, 10))
	}
	return planLinePage.showForm(w, c, data, f)
}

func (w *Web) planLineData(c *fiber.Ctx) (planLineData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return planLineData{}, err
	}
	line, err := httpserver.ID(c, "line")
	if err != nil {
		return planLineData{}, err
	}
	ctx := c.UserContext()
	v, all, err := w.Outreach.PlanLineByID(ctx, account.ActorFrom(ctx), id, line)
	if err != nil {
		return planLineData{}, err
	}
	l := w.Server.Localizer(c)
	data := planLineData{PlanID: id, Row: w.planRow(l, v)}
	data.Back = planPath(id) + "#open"
	if v.VolunteerID != nil {
		at := strconv.FormatInt(*v.VolunteerID, 10)
		data.Back = planPath(id) + "?at=" + at + "#v-" + at
	}
	data.Candidates, data.Options = w.takerRows(l, all)
	return data, nil
}

func (w *Web) changeLine(c *fiber.Ctx) error {
	data, err := w.planLineData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	to, wrong := volunteerField(c)
	if wrong == nil {
		wrong = w.Outreach.ChangeLine(ctx, account.ActorFrom(ctx), data.PlanID, data.Row.ID, to)
	}
	if wrong != nil {
		return planLinePage.again(w, c, data, wrong)
	}
	return w.redirect(c, data.Back, "outreach.plan.line.changed")
}

func (w *Web) dropLine(c *fiber.Ctx) error {
	data, err := w.planLineData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Outreach.DropLine(ctx, account.ActorFrom(ctx), data.PlanID, data.Row.ID); err != nil {
		return planLinePage.again(w, c, data, err)
	}
	return w.redirect(c, data.Back, "outreach.plan.line.dropped")
}

func (w *Web) inherited(c *fiber.Ctx) error {
	data, err := w.inheritedData(c)
	if err != nil {
		return err
	}
	return inheritedPage.show(w, c, data)
}

func (w *Web) inheritedData(c *fiber.Ctx) (inheritedData, error) {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return inheritedData{}, err
	}
	data := inheritedData{Cycle: current}
	if data.Cutoff, data.Over, err = w.cutoff(c, current.ID); err != nil {
		return data, err
	}
	all, err := w.Outreach.Inherited(ctx, account.ActorFrom(ctx), current.ID)
	l := w.Server.Localizer(c)
	for _, in := range all {
		row := inheritedRow{Inherited: in, Group: w.groupName(l, in.StakeholderGroup), CountryName: w.countryName(l, in.Country)}
		for _, k := range in.Kinds {
			row.Missing = append(row.Missing, l.T("outreach.gap."+string(k)))
		}
		data.Rows = append(data.Rows, row)
	}
	return data, err
}

func (w *Web) inherit(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	data, err := w.inheritedData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := w.Outreach.Inherit(ctx, account.ActorFrom(ctx), data.Cycle.ID, id, outreach.Purpose(c.FormValue("purpose"))); err != nil {
		return inheritedPage.again(w, c, data, err)
	}
	return w.redirect(c, contactPath(id), "outreach.inherit.done")
}
