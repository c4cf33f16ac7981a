package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
)

const coveragePage page[coverageData] = "coverage"

type coverageData struct {
	Cycle   cycle.Cycle
	Regions []string // in words
	Rows    []coverageRow
	Columns []outreach.Numbers
	Total   outreach.Numbers
	SeesAll bool
	CanSet  bool
	Choices choices
}

type coverageRow struct {
	Group string
	Cells []coverageCell
	Sum   outreach.Numbers
}

type coverageCell struct {
	outreach.Numbers
	Href  string
	Level string // class of the heat map
}

func (w *Web) coverageSection() section {
	return section{
		pages: []definition{coveragePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/coverage", account.ContactRead, w.coverage)
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
		data.Choices = w.choices(l)
	}
	data.fill(w, l, m)
	return data, nil
}

func (d *coverageData) fill(w *Web, l *i18n.Localizer, m outreach.Matrix) {
	for _, region := range m.Regions {
		d.Regions = append(d.Regions, w.regionName(l, region))
		d.Columns = append(d.Columns, m.Column(region))
	}
	for _, group := range m.Groups {
		row := coverageRow{Group: w.groupName(l, group), Sum: m.Row(group)}
		for _, region := range m.Regions {
			cell := m.Cell(group, region)
			query := url.Values{"stakeholder_group": {group}, "region": {region}}
			row.Cells = append(row.Cells, coverageCell{Numbers: cell.Numbers, Href: "/contacts?" + query.Encode(), Level: heat(cell.Numbers)})
		}
		d.Rows = append(d.Rows, row)
	}
}

// heat is the class of a cell: red where its target is missed altogether, darker the nearer it is.
func heat(n outreach.Numbers) string {
	switch {
	case n.Target == 0 && n.Listed == 0:
		return ""
	case n.Target == 0:
		return "h1"
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
