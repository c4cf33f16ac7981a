package bench

import (
	"fmt"
	"io"
	"slices"
)

// Report is what was measured, in milliseconds. A ratio is to the median of the bare statement.
type Report struct {
	Database string   `json:"database"`
	Contacts int      `json:"contacts"`
	FilledIn float64  `json:"filled_in_seconds"`
	Bare     float64  `json:"bare_ms"`
	Ratio    float64  `json:"ratio"` // of the slowest twentieth of all pages to the bare statement
	Pages    Figure   `json:"pages"` // all lists, searches, filters, gaps and plates together
	Matrix   Figure   `json:"matrix"`
	Kinds    []Figure `json:"kinds"`
	Figures  []Figure `json:"figures"`

	took map[string][]float64
}

// Figure is how long one question took, or all of a kind.
type Figure struct {
	Kind   string  `json:"kind"`
	Name   string  `json:"name"`
	Asked  int     `json:"asked"`
	Median float64 `json:"median_ms"`
	P95    float64 `json:"p95_ms"`
	Max    float64 `json:"max_ms"`
	Ratio  float64 `json:"ratio"` // of the median
}

func (r *Report) add(kind, name string, took []float64) {
	if r.took == nil {
		r.took = map[string][]float64{}
	}
	r.took[kind] = append(r.took[kind], took...)
	r.Figures = append(r.Figures, figure(kind, name, took))
}

// sum adds up the kinds.
func (r *Report) sum() {
	r.Bare = figure(kindBare, "", r.took[kindBare]).Median
	var pages []float64
	for _, kind := range []string{kindList, kindSearch, kindFilter, kindGap, kindVolunteer} {
		pages = append(pages, r.took[kind]...)
		r.Kinds = append(r.Kinds, figure(kind, "all", r.took[kind]))
	}
	r.Pages, r.Matrix = figure("pages", "all", pages), figure(kindMatrix, "all", r.took[kindMatrix])
	for _, list := range [][]Figure{r.Kinds, r.Figures} {
		for i := range list {
			list[i].Ratio = ratio(list[i].Median, r.Bare)
		}
	}
	r.Pages.Ratio, r.Matrix.Ratio = ratio(r.Pages.Median, r.Bare), ratio(r.Matrix.Median, r.Bare)
	r.Ratio = ratio(r.Pages.P95, r.Bare)
}

func ratio(of, to float64) float64 {
	if to == 0 {
		return 0
	}
	return of / to
}

func figure(kind, name string, took []float64) Figure {
	sorted := slices.Sorted(slices.Values(took))
	if len(sorted) == 0 {
		return Figure{Kind: kind, Name: name}
	}
	at := func(share float64) float64 { return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))] }
	return Figure{Kind: kind, Name: name, Asked: len(sorted), Median: at(0.5), P95: at(0.95), Max: sorted[len(sorted)-1]}
}

// Print writes the report for people.
func (r *Report) Print(to io.Writer) error {
	lines := []string{
		fmt.Sprintf("%s, %d contacts, filled in %.0f s; one row by its primary key: %.2f ms", r.Database, r.Contacts, r.FilledIn, r.Bare),
		fmt.Sprintf("%-9s %-34s %8s %8s %8s %8s", "kind", "question", "median", "p95", "max", "ratio"),
	}
	for _, list := range [][]Figure{r.Figures, r.Kinds, {r.Pages, r.Matrix}} {
		for _, f := range list {
			lines = append(lines, fmt.Sprintf("%-9s %-34s %8.1f %8.1f %8.1f %8.1f", f.Kind, f.Name, f.Median, f.P95, f.Max, f.Ratio))
		}
	}
	lines = append(lines, fmt.Sprintf("pages at the 95th percentile: %.1f ms, %.0f times the bare statement", r.Pages.P95, r.Ratio))
	for _, line := range lines {
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}
