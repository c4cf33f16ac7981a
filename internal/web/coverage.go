package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	coveragePage page[coverageData] = "coverage"
	cellPage     page[cellData]     = "cell"
)

type coverageData struct {
	Cycle   cycle.Cycle
	Regions []string // in words
	Rows    []coverageRow
	Columns []outreach.Numbers
	Total   outreach.Numbers
	Gaps    []coverageGap
	Under   []coverageCell // under their target
	SeesAll bool           // and the targets, which are for whole regions
	CanSet  bool
	Choices choices
}

// cellData is one cell of the matrix, with a worklist for each kind of gap.
type cellData struct {
	Cell    coverageCell
	Group   string // codes
	Region  string
	List    string // where all its contacts are
	Gaps    []coverageGap
	More    string // where the reader adds or suggests a contact
	Adds    bool
	SeesAll bool
	CanSet  bool
}

// coverageGap is a kind of gap, how many there are, and where they are worked on.
type coverageGap struct {
	Kind  contact.Gap
	Name  string // in words
	Count int
	Href  string
}

type coverageRow struct {
	Group string
	Href  string
	Cells []coverageCell
	Sum   outreach.Numbers
	Gaps  []coverageGap
}

type coverageCell struct {
	outreach.Numbers
	Name  string // group and region in words
	Href  string
	Level string // class of the heat map
}

func (w *Web) coverageSection() section {
	return section{
		pages: []definition{coveragePage, cellPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/coverage", account.ContactRead, w.coverage)
			r.Handle(fiber.MethodGet, "/coverage/cell", account.ContactRead, w.cell)
			r.Handle(fiber.MethodPost, "/coverage", account.TargetWrite, w.setTarget)
		},
	}
}

func (w *Web) coverage(c *fiber.Ctx) error {
	data, err := w.coverageData(c)
	if err != nil {
		return err
	}
	return coveragePage.show(w, c, data)
}

func (w *Web) coverageData(c *fiber.Ctx) (coverageData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return coverageData{}, err
	}
	m, err := w.Outreach.Coverage(ctx, by, current.ID)
	if err != nil {
		return coverageData{}, err
	}
	l := w.Server.Localizer(c)
	data := coverageData{
		Cycle: current, Total: m.Total(), SeesAll: by.Scope(account.ContactRead) == account.All, CanSet: by.May(account.TargetWrite),
	}
	if data.CanSet {
		data.Choices = w.choices(l).toFill(l)
	}
	data.fill(w, l, m)
	return data, nil
}

func (d *coverageData) fill(w *Web, l *i18n.Localizer, m outreach.Matrix) {
	for _, region := range m.Regions {
		d.Regions = append(d.Regions, w.regionName(l, region))
		d.Columns = append(d.Columns, m.Column(region))
	}
	d.Gaps = gapsOf(l, d.Total, "", "")
	for _, cell := range m.UnderTarget() {
		d.Under = append(d.Under, w.coverageCell(l, cell))
	}
	for _, group := range m.Groups {
		row := coverageRow{Group: w.groupName(l, group), Href: worklist("", group, ""), Sum: m.Row(group)}
		row.Gaps = gapsOf(l, row.Sum, group, "")
		for _, region := range m.Regions {
			row.Cells = append(row.Cells, w.coverageCell(l, m.Cell(group, region)))
		}
		d.Rows = append(d.Rows, row)
	}
}

func (w *Web) coverageCell(l *i18n.Localizer, k outreach.Cell) coverageCell {
	query := url.Values{"stakeholder_group": {k.StakeholderGroup}, "region": {k.Region}}
	return coverageCell{
		Numbers: k.Numbers, Name: w.groupName(l, k.StakeholderGroup) + " · " + w.regionName(l, k.Region),
		Href: "/coverage/cell?" + query.Encode(), Level: heat(k.Numbers),
	}
}

// gapsOf are the gaps that contacts have; how many are missing altogether stands beside them.
func gapsOf(l *i18n.Localizer, n outreach.Numbers, group, region string) []coverageGap {
	all := []coverageGap{
		{Kind: contact.NoAddress, Count: n.NoAddress},
		{Kind: contact.BouncedAddress, Count: n.Bounced},
		{Kind: contact.NoLanguage, Count: n.NoLanguage},
		{Kind: contact.NoClaimant, Count: n.Unclaimed},
	}
	for i, g := range all {
		all[i].Name, all[i].Href = l.T("outreach.gap."+string(g.Kind)), worklist(g.Kind, group, region)
	}
	return all
}

// cell shows one cell: what is missing, and where to work on it.
func (w *Web) cell(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	m, err := w.Outreach.Coverage(ctx, by, current.ID)
	if err != nil {
		return err
	}
	group, region := c.Query("stakeholder_group"), c.Query("region")
	if group == "" && region == "" {
		return w.redirect(c, "/coverage", "")
	}
	if !m.Has(group, region) {
		return errs.E(errs.NotFound, "error.not_found")
	}
	l := w.Server.Localizer(c)
	one := m.Cell(group, region)
	data := cellData{
		Cell: w.coverageCell(l, one), Group: group, Region: region, List: worklist("", group, region), Gaps: gapsOf(l, one.Numbers, group, region),
		SeesAll: by.Scope(account.ContactRead) == account.All, CanSet: by.May(account.TargetWrite),
	}
	query := "?" + url.Values{"stakeholder_group": {group}}.Encode()
	if data.Adds = by.May(account.ContactCreate); data.Adds {
		data.More = "/contacts/new" + query
	} else {
		data.More = "/candidates" + query + "#suggest"
	}
	return cellPage.showForm(w, c, data, form.With("count", strconv.Itoa(one.Target)))
}

// worklist is the address of the contacts on the list that have a gap, of a group and region where one is said.
func worklist(gap contact.Gap, group, region string) string {
	query := url.Values{"listed": {contact.Yes}}
	for name, value := range map[string]string{"gap": string(gap), "stakeholder_group": group, "region": region} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return "/contacts?" + query.Encode()
}

// heat is the class of a cell: none where it has no target, red where the target is missed altogether, and
// darker the nearer it is.
func heat(n outreach.Numbers) string {
	switch {
	case n.Target == 0:
		return ""
	case n.Listed == 0:
		return "h0"
	}
	return "h" + strconv.Itoa(min(5, 1+4*n.Listed/n.Target))
}

func (w *Web) setTarget(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(strings.TrimSpace(c.FormValue("count")))
	if err != nil {
		err = errs.InvalidFields(errs.FieldError("count", "field.number"))
	} else {
		err = w.Outreach.SetTarget(ctx, account.ActorFrom(ctx), current.ID, c.FormValue("stakeholder_group"), c.FormValue("region"), count)
	}
	if err == nil {
		return w.redirect(c, "/coverage", "outreach.target.set")
	}
	data, failed := w.coverageData(c)
	if failed != nil {
		return failed
	}
	return coveragePage.again(w, c, data, err)
}
