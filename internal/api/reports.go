package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/report"
)

// ReportCounts are the figures of a row. They count units, the organization where a contact represents
// one, else the person; unsolicited counts contributions.
type ReportCounts struct {
	Listed      int      `json:"listed"`
	Addressable int      `json:"addressable"`
	Approached  int      `json:"approached"`
	Responded   int      `json:"responded" doc:"of the approached, late ones included"`
	Unsolicited int      `json:"unsolicited" doc:"contributions from outside of the approached"`
	Late        int      `json:"late" doc:"of the responded"`
	Rate        *float64 `json:"rate" doc:"responded / approached, null where fewer than 5 were approached"`
}

// ReportRow is one row of response rates.
type ReportRow struct {
	Key   string `json:"key" doc:"a code, an id, or one of nri, unknown, nobody"`
	Label string `json:"label,omitempty" doc:"the name of an initiative or a volunteer"`
	ReportCounts
}

// ResponseRates are the rows of one dimension. By nri and volunteer they overlap, and the total
// counts every unit once.
type ResponseRates struct {
	By    string       `json:"by" enum:"stakeholder_group,region,country,language,nri,volunteer"`
	Rows  []ReportRow  `json:"rows"`
	Total ReportCounts `json:"total"`
}

// CoverageCell is one cell of stakeholder group × region.
type CoverageCell struct {
	StakeholderGroup string `json:"stakeholder_group"`
	Region           string `json:"region"`
	Target           *int   `json:"target" doc:"null where none was set"`
	Missing          int    `json:"missing" doc:"how many listed units the cell is short of its target"`
	ReportCounts
}

// Coverage is the matrix, without its empty cells.
type Coverage struct {
	Cells []CoverageCell `json:"cells"`
	Total ReportCounts   `json:"total"`
}

// TimelineDay is what happened on one day in UTC.
type TimelineDay struct {
	Date      string `json:"date" format:"date"`
	Sent      int    `json:"sent" doc:"messages that a server took"`
	Responded int    `json:"responded" doc:"contributions that arrived"`
	Late      int    `json:"late" doc:"of the responded"`
}

// Timeline is the days on which something happened.
type Timeline struct {
	Days []TimelineDay `json:"days"`
}

func (a *API) reportEndpoints() []endpoint {
	by := make([]string, 0, len(report.Dimensions()))
	for _, d := range report.Dimensions() {
		by = append(by, string(d))
	}
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/cycles/:slug/reports/response-rates", action: account.ReportRead, handler: a.responseRates,
			summary: "Response rates by one dimension", response: ResponseRates{},
			params: []param{{name: "by", doc: "stakeholder_group if absent", enum: by}},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/reports/coverage", action: account.ReportRead, handler: a.coverageReport,
			summary: "Stakeholder group by region, against targets", response: Coverage{},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/reports/timeline", action: account.ReportRead, handler: a.timeline,
			summary: "What was sent and what arrived, by day", response: Timeline{},
		},
	}
}

func (a *API) responseRates(c *fiber.Ctx) error {
	by, err := report.ParseDimension(c.Query("by"))
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	rates, err := a.Reports.ResponseRates(ctx, account.ActorFrom(ctx), one.ID, by)
	if err != nil {
		return err
	}
	out := ResponseRates{By: string(by), Rows: []ReportRow{}, Total: countsOf(rates.Total)}
	for _, r := range rates.Rows {
		out.Rows = append(out.Rows, ReportRow{Key: r.Key, Label: r.Label, ReportCounts: countsOf(r.Counts)})
	}
	return c.JSON(out)
}

func (a *API) coverageReport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	matrix, err := a.Reports.Coverage(ctx, account.ActorFrom(ctx), one.ID)
	if err != nil {
		return err
	}
	out := Coverage{Cells: []CoverageCell{}, Total: countsOf(matrix.Total)}
	for _, cell := range matrix.Cells {
		out.Cells = append(out.Cells, CoverageCell{
			StakeholderGroup: cell.Group, Region: cell.Region, Target: cell.Target, Missing: cell.Missing(), ReportCounts: countsOf(cell.Counts),
		})
	}
	return c.JSON(out)
}

func (a *API) timeline(c *fiber.Ctx) error {
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	days, err := a.Reports.Timeline(ctx, account.ActorFrom(ctx), one.ID)
	if err != nil {
		return err
	}
	out := Timeline{Days: []TimelineDay{}}
	for _, d := range days {
		out.Days = append(out.Days, TimelineDay(d))
	}
	return c.JSON(out)
}

func countsOf(c report.Counts) ReportCounts {
	return ReportCounts{
		Listed: c.Listed, Addressable: c.Addressable, Approached: c.Approached, Responded: c.Responded,
		Unsolicited: c.Unsolicited, Late: c.Late, Rate: c.Rate(),
	}
}
