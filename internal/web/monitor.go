package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/report"
)

const (
	monitorPage     page[monitorData]     = "monitor"
	monitorListPage page[monitorListData] = "monitor_list"
)

type monitorData struct {
	Cycle     cycle.Cycle
	Deadline  *dateRow
	Groups    ratesData
	Measure   report.Figure
	Measures  []monitorLink
	Regions   []string // labels of the columns
	Matrix    []monitorRow
	Decisions []decision
	Overdue   []overdueText
	Stuck     []stuckText
	Trouble   *troubleText
	Asked     []campaign.Asked
	Edits     []campaign.Asked
	Late      []lateCampaign
	SeesAll   bool
	Funnel    report.Funnel
	By        []monitorLink
	Rates     ratesData
}

type monitorLink struct {
	Href, Key string
	Current   bool
}

type monitorRow struct {
	Label string
	Cells []monitorCell
}

type monitorCell struct {
	Href   string
	Value  int
	Aimed  bool // whether there is a target
	Target int
	Short  int
	Level  string // class of the heat map
}

type decision struct {
	Key   string // the message, with plural forms
	Count int
	Href  string
}

func (w *Web) monitorSection() section {
	return section{
		pages: []definition{monitorPage, monitorListPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/monitor", account.ReportRead, w.monitor)
			r.Handle(fiber.MethodGet, "/monitor/list", account.ReportRead, w.monitorList)
		},
	}
}

// cycleOf is the cycle that the query names, else the current one.
func (w *Web) cycleOf(c *fiber.Ctx) (cycle.Cycle, error) {
	if slug := c.Query("cycle"); slug != "" {
		return w.Cycles.BySlug(c.UserContext(), slug)
	}
	return w.Cycles.Current(c.UserContext())
}

func (w *Web) monitor(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	measure, err := report.ParseFigure(c.Query("measure"))
	if err != nil {
		return err
	}
	dimension, err := report.ParseDimension(c.Query("by"))
	if err != nil {
		return err
	}
	data := monitorData{Cycle: current, Measure: measure, SeesAll: by.Scope(account.ReportRead) == account.All}
	if data.Deadline, err = w.deadline(c, current.ID); err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	o, err := w.Reports.Overview(ctx, by, current.ID)
	if err != nil {
		return err
	}
	data.Groups = w.rates(l, o.Groups)
	data.Funnel = o.Funnel
	data.addMatrix(w, l, o.Matrix)
	if o.Decisions != nil {
		waiting := *o.Decisions
		if !by.May(account.AddressDecide) {
			waiting.DoubtedAddresses = 0
		}
		data.Decisions = decisionsOf(by, waiting, data.Cycle.Slug)
	}
	if data.Overdue, err = w.overdueTexts(c, current.ID); err != nil {
		return err
	}
	if data.Late, err = w.lateCampaigns(c, current.ID); err != nil {
		return err
	}
	if data.Trouble, err = w.mailTrouble(c); err != nil {
		return err
	}
	if data.Stuck, err = w.stuckTexts(c, current.ID); err != nil {
		return err
	}
	if data.Asked, err = w.askedCompletions(c, current.ID); err != nil {
		return err
	}
	if data.Edits, err = w.waitingEdits(c, current.ID); err != nil {
		return err
	}
	rates := o.Groups
	if dimension != report.ByGroup {
		if rates, err = w.Reports.ResponseRates(ctx, by, current.ID, dimension); err != nil {
			return err
		}
	}
	data.Rates = w.rates(l, rates)
	data.addLinks(dimension)
	return monitorPage.show(w, c, data)
}

func (d *monitorData) addLinks(by report.Dimension) {
	address := func(measure report.Figure, by report.Dimension) string {
		return "/monitor?" + url.Values{"cycle": {d.Cycle.Slug}, "measure": {string(measure)}, "by": {string(by)}}.Encode()
	}
	for _, m := range []report.Figure{report.Listed, report.Addressable, report.Approached, report.Responded} {
		d.Measures = append(d.Measures, monitorLink{Href: address(m, by) + "#matrix", Key: "report.figure." + string(m), Current: m == d.Measure})
	}
	for _, dimension := range report.Dimensions() {
		if dimension == report.ByVolunteer && !d.SeesAll {
			continue
		}
		d.By = append(d.By, monitorLink{Href: address(d.Measure, dimension) + "#rates", Key: "report.by." + string(dimension), Current: dimension == by})
	}
}

// decisionsOf are the counts that are not zero, with the page where they are decided.
func decisionsOf(by account.Actor, w report.Decisions, slug string) []decision {
	var out []decision
	for _, d := range []struct {
		decision
		needs account.Action // who may not go there is not sent there
	}{
		{decision{"monitor.decide.uncertain", w.UncertainDeliveries, "/campaigns"}, account.CampaignRead},
		{decision{"monitor.decide.doubted", w.DoubtedAddresses, "/doubts?cycle=" + url.QueryEscape(slug)}, account.AddressDecide},
		{decision{"monitor.decide.claims", w.ClaimsExpiring, "/coverage"}, account.ContactRead},
		{decision{"monitor.decide.stale", w.StaleTranslations, "/translations"}, account.TranslationRead},
		{decision{"comment.owed.editors", w.Comments, "/documents"}, account.DocumentRead},
		{decision{"monitor.decide.candidates", w.Candidates, "/candidates"}, account.CandidateDecide},
		{decision{"monitor.decide.inbound", w.Mails, "/inbound?state=new"}, account.InboundRead},
		{decision{"monitor.decide.citations", w.BrokenCitations, "/synthesis/draft"}, account.SynthesisRead},
		{decision{"monitor.decide.unchecked", w.Unchecked, "/contributions"}, account.ContributionRead},
		{decision{"monitor.decide.renewed", w.RenewedConsents, "/contributions?state=withheld"}, account.ContributionDecide},
		{decision{"monitor.decide.no_address", w.NoAddress, "/contacts?gap=no_address"}, account.ContactRead},
		{decision{"monitor.decide.under_target", w.CellsUnderTarget, "/monitor?cycle=" + url.QueryEscape(slug) + "#matrix"}, account.ReportRead},
	} {
		if d.Count > 0 && by.May(d.needs) {
			out = append(out, d.decision)
		}
	}
	return out
}

// addMatrix lays the cells out: groups in display order, then what is no group, against regions.
func (d *monitorData) addMatrix(w *Web, l *i18n.Localizer, m report.Matrix) {
	var regions, groups []string
	for _, r := range geo.Regions() {
		counts := slices.ContainsFunc(m.Cells, func(c report.Cell) bool { return c.Region == string(r) })
		if d.SeesAll || counts { // a reader of a few countries sees their regions only
			regions = append(regions, string(r))
		}
	}
	for _, g := range w.Geo.Groups() {
		groups = append(groups, g.Code)
	}
	cells := map[[2]string]report.Cell{}
	for _, cell := range m.Cells {
		cells[[2]string{cell.Group, cell.Region}] = cell
		if !slices.Contains(groups, cell.Group) {
			groups = append(groups, cell.Group)
		}
		if !slices.Contains(regions, cell.Region) {
			regions = append(regions, cell.Region)
		}
	}
	for _, region := range regions {
		d.Regions = append(d.Regions, w.regionName(l, region))
	}
	for _, group := range groups {
		row := monitorRow{Label: w.groupName(l, group)}
		for _, region := range regions {
			row.Cells = append(row.Cells, d.cell(cells[[2]string{group, region}], group, region))
		}
		d.Matrix = append(d.Matrix, row)
	}
}

func (d *monitorData) cell(c report.Cell, group, region string) monitorCell {
	value := d.Measure.Of(c.Counts)
	cell := monitorCell{Value: value}
	if c.Target != nil {
		cell.Aimed, cell.Target = true, *c.Target
		cell.Short = max(*c.Target-value, 0)
	}
	cell.Level = level(value, c.Target)
	if value > 0 {
		cell.Href = "/monitor/list?" + url.Values{
			"cycle": {d.Cycle.Slug}, "figure": {string(d.Measure)}, "stakeholder_group": {group}, "region": {region},
		}.Encode()
	}
	return cell
}

// level is the shade of a cell: against its target where it has one, else only whether anything is there.
func level(value int, target *int) string {
	switch {
	case target == nil && value == 0:
		return ""
	case target == nil || *target == 0:
		return "h1"
	case value == 0:
		return "h0"
	case value >= *target:
		return "h4"
	case value*2 >= *target:
		return "h3"
	}
	return "h2"
}

type monitorListData struct {
	Cycle  cycle.Cycle
	Figure report.Figure
	Group  string
	Region string
	Items  []report.Item
	Next   string
}

func (w *Web) monitorList(c *fiber.Ctx) error {
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	figure, err := report.ParseFigure(c.Query("figure"))
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64) // what is no number is the first page
	sel := report.Selection{Figure: figure, Group: c.Query("stakeholder_group"), Region: c.Query("region"), After: after, Limit: listLength}
	ctx := c.UserContext()
	items, err := w.Reports.List(ctx, account.ActorFrom(ctx), current.ID, sel)
	if err != nil {
		return err
	}
	data := monitorListData{Cycle: current, Figure: figure, Items: items}
	l := w.Server.Localizer(c)
	if sel.Group != "" {
		data.Group = w.groupName(l, sel.Group)
	}
	if sel.Region != "" {
		data.Region = w.regionName(l, sel.Region)
	}
	if len(items) == listLength {
		data.Next = "/monitor/list?" + url.Values{
			"cycle": {current.Slug}, "figure": {string(figure)}, "stakeholder_group": {sel.Group}, "region": {sel.Region},
			"after": {strconv.FormatInt(items[len(items)-1].ID, 10)},
		}.Encode()
	}
	return monitorListPage.show(w, c, data)
}

// listLength is how many rows a listing shows at once.
const listLength = 60
