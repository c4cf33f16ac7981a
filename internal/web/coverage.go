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
)

const coveragePage page[coverageData] = "coverage"

type coverageData struct {
	Cycle   cycle.Cycle
	Regions []string // in words
	Rows    []coverageRow
	Columns []outreach.Numbers
	Total   outreach.Numbers
	Gaps    []coverageGap
	SeesAll bool
	CanSet  bool
	Choices choices
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
	d.Gaps = gapsOf(l, d.Total, "")
	if d.SeesAll {
		d.Gaps = append(d.Gaps, gapOf(l, contact.UnderTarget, m.UnderTarget(), ""))
	}
	for _, group := range m.Groups {
		row := coverageRow{Group: w.groupName(l, group), Href: worklist("", group, ""), Sum: m.Row(group)}
		row.Gaps = gapsOf(l, row.Sum, group)
		for _, region := range m.Regions {
			cell := m.Cell(group, region)
			row.Cells = append(row.Cells, coverageCell{Numbers: cell.Numbers, Href: worklist("", group, region), Level: heat(cell.Numbers)})
		}
		d.Rows = append(d.Rows, row)
	}
}

// gapsOf are the gaps that contacts have; that of a cell is beside them.
func gapsOf(l *i18n.Localizer, n outreach.Numbers, group string) []coverageGap {
	return []coverageGap{
		gapOf(l, contact.NoAddress, n.NoAddress, group), gapOf(l, contact.BouncedAddress, n.Bounced, group),
		gapOf(l, contact.NoLanguage, n.NoLanguage, group), gapOf(l, contact.NoClaimant, n.Unclaimed, group),
	}
}

func gapOf(l *i18n.Localizer, kind contact.Gap, count int, group string) coverageGap {
	return coverageGap{Kind: kind, Name: l.T("outreach.gap." + string(kind)), Count: count, Href: worklist(kind, group, "")}
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
