package web

import (
	"slices"
	"strconv"

	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/report"
)

// ratesData is a table of rates with its plot.
type ratesData struct {
	Caption string
	Rows    []rateRow
	Total   rateRow
	Plot    plotData
}

type rateRow struct {
	Label string
	report.Counts
}

// Shown says whether a percentage may be said.
func (r rateRow) Shown() bool { return r.Rate() != nil }

// plotData is a plot of bars; see templates/partials/plot.html.
type plotData struct {
	ID     string
	Height int
	Bars   []plotBar
}

// plotBar is one bar. Places are in percent of the width and, downwards, in pixels.
type plotBar struct {
	Label  string
	Value  string
	TextX  int
	TextY  int
	BarX   string
	BarY   int
	Width  string
	Hollow bool // too few for a percentage
}

const barHeight = 44

// rates puts the rows into the order of the house: groups and regions as they are displayed
// everywhere, anything else by what it is called.
func (w *Web) rates(l *i18n.Localizer, r report.Rates) ratesData {
	data := ratesData{
		Caption: l.T("report.table", "By", l.T("report.by."+string(r.By))),
		Total:   rateRow{Label: l.T("common.total"), Counts: r.Total},
	}
	rows := slices.Clone(r.Rows)
	compare := l.Comparer()
	slices.SortStableFunc(rows, func(a, b report.Row) int {
		if d := w.rank(r.By, a.Key) - w.rank(r.By, b.Key); d != 0 {
			return d
		}
		return compare(w.rowName(l, r.By, a), w.rowName(l, r.By, b))
	})
	for _, row := range rows {
		data.Rows = append(data.Rows, rateRow{Label: w.rowName(l, r.By, row), Counts: row.Counts})
	}
	data.Plot = plotOf(l, "plot-"+string(r.By), data.Rows)
	return data
}

// plotOf draws the rate of every row; it begins where the language begins to write.
func plotOf(l *i18n.Localizer, id string, rows []rateRow) plotData {
	p := plotData{ID: id, Height: barHeight * len(rows)}
	for i, r := range rows {
		bar := plotBar{Label: r.Label, TextY: i*barHeight + 16, BarY: i*barHeight + 22, BarX: "0", Width: "0", Hollow: !r.Shown()}
		share := 0.0
		if rate := r.Rate(); rate != nil {
			share = *rate * 100
			bar.Value = l.T("common.rate", "Percent", l.Percent(r.Responded, r.Approached), "Part", r.Responded, "Whole", r.Approached)
		} else {
			bar.Value = l.T("common.share", "Part", r.Responded, "Whole", r.Approached)
		}
		bar.Width = strconv.FormatFloat(share, 'f', 1, 64)
		if l.Dir() == "rtl" {
			bar.TextX, bar.BarX = 100, strconv.FormatFloat(100-share, 'f', 1, 64)
		}
		p.Bars = append(p.Bars, bar)
	}
	return p
}

// rank is the place of a key in the display order; what has none comes after, the unknown last.
func (w *Web) rank(by report.Dimension, key string) int {
	const others, last = 1000, 2000
	if key == report.KeyUnknown || key == report.KeyNobody {
		return last
	}
	switch by {
	case report.ByGroup:
		for i, g := range w.Geo.Groups() {
			if g.Code == key {
				return i
			}
		}
	case report.ByRegion:
		if i := slices.Index(geo.Regions(), geo.Region(key)); i >= 0 {
			return i
		}
	case report.ByCountry, report.ByLanguage, report.ByNRI, report.ByVolunteer:
	}
	return others
}

// rowName is what a person reads for a row's key.
func (w *Web) rowName(l *i18n.Localizer, by report.Dimension, r report.Row) string {
	switch {
	case r.Label != "":
		return r.Label
	case r.Key == report.KeyUnknown || r.Key == report.KeyNobody:
		return l.T("report.key." + r.Key)
	}
	switch by {
	case report.ByGroup:
		return w.groupName(l, r.Key)
	case report.ByRegion:
		return w.regionName(l, r.Key)
	case report.ByCountry:
		return w.Geo.CountryName(r.Key, l.Tag())
	case report.ByLanguage:
		return l.LanguageName(r.Key)
	case report.ByNRI, report.ByVolunteer:
	}
	return r.Key
}

func (w *Web) groupName(l *i18n.Localizer, code string) string {
	if code == report.KeyNRI || code == report.KeyUnknown {
		return l.T("report.key." + code)
	}
	return w.Geo.GroupName(code, l.Tag())
}

func (w *Web) regionName(l *i18n.Localizer, code string) string {
	if !geo.Region(code).Valid() {
		return l.T("report.key.unknown")
	}
	return l.T("region." + code + ".short")
}
