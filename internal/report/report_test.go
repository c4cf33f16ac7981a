package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/report"
)

// The figures of the synthetic cycle, computed by hand from fixture_test.go: listed, addressable,
// approached, responded, unsolicited, late.
var byHand = map[report.Dimension]string{
	report.ByGroup: `academia 0 0 0 0 1 0
civil_society 6 4 4 2 0 0
government 6 4 5 2 1 1 0.4
intergovernmental 1 0 1 0 0 0
nri 1 1 1 1 1 0
private_sector 1 0 0 0 0 0
unknown 0 0 0 0 1 0
`,
	report.ByRegion: `african_group 7 5 5 3 0 0 0.6
asia_pacific_group 1 0 0 0 1 0
grulac 1 1 1 1 1 0
none 1 0 1 0 0 0
unknown 0 0 0 0 1 0
weog 5 3 4 1 1 1
`,
	report.ByCountry: `AR 1 1 1 1 0 0
CL 0 0 0 0 1 0
DE 3 2 2 0 1 0
ES 1 1 1 1 0 1
FR 1 0 1 0 0 0
IN 1 0 0 0 0 0
JP 0 0 0 0 1 0
KE 5 4 4 3 0 0
NG 1 1 1 0 0 0
ZA 1 0 0 0 0 0
unknown 1 0 1 0 1 0
`,
	report.ByLanguage: `de 3 2 2 0 1 0
en 8 5 5 3 1 0 0.6
es 2 2 2 2 1 1
fr 1 0 1 0 0 0
ja 0 0 0 0 1 0
unknown 1 0 1 0 0 0
`,
	report.ByNRI: `1 Kenya IGF 5 4 4 3 0 0
2 Chile IGF 0 0 0 0 1 0
3 Europe IGF 4 2 3 0 1 0
`,
	report.ByVolunteer: `2 Vera 2 0 2 0 0 0
3 Viktor 5 3 2 1 0 0
nobody 9 6 6 4 4 1 0.6666666666666666
`,
}

const totalByHand = "15 9 11 5 4 1"

func write(rows []report.Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintln(&b, strings.TrimSpace(strings.ReplaceAll(r.Key+" "+r.Label, "  ", " "))+" "+counts(r.Counts)+rate(r.Rate()))
	}
	return b.String()
}

func counts(c report.Counts) string {
	return fmt.Sprint(c.Listed, c.Addressable, c.Approached, c.Responded, c.Unsolicited, c.Late)
}

func rate(r *float64) string {
	if r == nil {
		return ""
	}
	return fmt.Sprint(" ", *r)
}

func TestRatesOfTheSyntheticCycle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := synthetic(t, d).service()
		for _, by := range report.Dimensions() {
			rates, err := s.ResponseRates(t.Context(), officer, 1, by)
			if err != nil {
				t.Fatal(err)
			}
			if got := write(rates.Rows); got != byHand[by] {
				t.Errorf("by %s:\n%swant:\n%s", by, got, byHand[by])
			}
			if got := counts(rates.Total); got != totalByHand {
				t.Errorf("by %s the total is %s, want %s", by, got, totalByHand)
			}
		}
	})
}

func TestTheListOfEachFigureAddsUpToIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := synthetic(t, d).service()
		for _, by := range []report.Dimension{report.ByGroup, report.ByRegion, report.ByCountry, report.ByLanguage, report.ByNRI} {
			rates, err := s.ResponseRates(t.Context(), officer, 1, by)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rates.Rows {
				holdAgainstLists(t, s, by, row)
			}
		}
	})
}

func holdAgainstLists(t *testing.T, s *report.Service, by report.Dimension, row report.Row) {
	t.Helper()
	for _, f := range report.Figures() {
		sel := report.Selection{Figure: f, Limit: 2}
		switch by {
		case report.ByGroup:
			sel.Group = row.Key
		case report.ByRegion:
			sel.Region = row.Key
		case report.ByCountry:
			sel.Country = row.Key
		case report.ByLanguage:
			sel.Language = row.Key
		case report.ByNRI, report.ByVolunteer:
			_, _ = fmt.Sscan(row.Key, &sel.NRI)
		}
		if got, want := len(all(t, s, sel)), f.Of(row.Counts); got != want {
			t.Errorf("%s of %s %s lists %d, the figure says %d", f, by, row.Key, got, want)
		}
	}
}

// all reads the list page by page.
func all(t *testing.T, s *report.Service, sel report.Selection) []report.Item {
	t.Helper()
	var items []report.Item
	for {
		page, err := s.List(t.Context(), officer, 1, sel)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return items
		}
		items = append(items, page...)
		sel.After = page[len(page)-1].ID
	}
}

func TestCoverageHoldsCellsAgainstTargets(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m, err := synthetic(t, d).service().Coverage(t.Context(), officer, 1)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, c := range m.Cells {
			target := "-"
			if c.Target != nil {
				target = fmt.Sprint(*c.Target)
			}
			fmt.Fprintln(&b, c.Group, c.Region, target, c.Missing(), counts(c.Counts))
		}
		want := `academia asia_pacific_group - 0 0 0 0 0 1 0
civil_society african_group 8 2 6 4 4 2 0 0
government grulac - 0 1 1 1 1 0 0
government weog 3 0 5 3 4 1 1 1
intergovernmental none - 0 1 0 1 0 0 0
media grulac 2 2 0 0 0 0 0 0
nri african_group - 0 1 1 1 1 0 0
nri grulac - 0 0 0 0 0 1 0
private_sector asia_pacific_group - 0 1 0 0 0 0 0
unknown unknown - 0 0 0 0 0 1 0
`
		if got := b.String(); got != want || counts(m.Total) != totalByHand {
			t.Errorf("got:\n%s%s\nwant:\n%s%s", got, counts(m.Total), want, totalByHand)
		}
	})
}

func TestTimelineFunnelAndDecisions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := synthetic(t, d).service()
		days, err := s.Timeline(t.Context(), officer, 1)
		if err != nil {
			t.Fatal(err)
		}
		want := "[{2017-08-15 10 0 0} {2017-08-16 1 0 0} {2017-09-01 0 3 0} {2017-09-02 0 4 0} {2017-09-20 0 3 3}]"
		if got := fmt.Sprint(days); got != want {
			t.Errorf("days %s, want %s", got, want)
		}
		o, err := s.Overview(t.Context(), officer, 1)
		if err != nil {
			t.Fatal(err)
		}
		f := o.Funnel
		final := report.Dispositions{Complete: 6, Partial: 1, Refused: 1, Other: 2, NonContact: 1, NothingBack: 2, Undelivered: 1}
		if f.Dispositions != final || counts(f.Counts) != totalByHand {
			t.Errorf("funnel %+v, want %+v", f, final)
		}
		measures := "[{RR1 6 14} {RR2 7 14} {CON1 10 14} {COOP1 6 10} {REF1 1 14}]"
		if got := fmt.Sprint(f.Measures()); got != measures {
			t.Errorf("measures %s, want %s", got, measures)
		}
		expected := report.Decisions{
			CellsUnderTarget: 2, NoAddress: 8, Candidates: 1, StaleTranslations: 2, Comments: 1, UncertainDeliveries: 1, ClaimsExpiring: 1, Unchecked: 2,
		}
		if o.Decisions == nil || *o.Decisions != expected {
			t.Errorf("waiting %+v, want %+v", o.Decisions, expected)
		}
	})
}

func TestNoPercentageBelowFive(t *testing.T) {
	t.Parallel()
	for approached, shown := range map[int]bool{0: false, 4: false, 5: true} {
		c := report.Counts{Listed: 9, Approached: approached, Responded: approached}
		if got := c.Rate() != nil; got != shown {
			t.Errorf("with N = %d a rate is shown: %v", approached, got)
		}
		if got := (report.Measure{Denominator: approached}).Shown(); got != shown {
			t.Errorf("with N = %d a measure is shown: %v", approached, got)
		}
	}
}

func TestACoordinatorSeesOwnCountriesOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := synthetic(t, d)
		s := b.service()
		for by, want := range map[report.Dimension]string{
			report.ByGroup:   "civil_society 4 3 3 2 0 0\nnri 1 1 1 1 0 0\n",
			report.ByCountry: "KE 5 4 4 3 0 0\n",
			report.ByNRI:     "1 Kenya IGF 5 4 4 3 0 0\n",
		} {
			rates, err := s.ResponseRates(t.Context(), coordinator, 1, by)
			if err != nil {
				t.Fatal(err)
			}
			if got := write(rates.Rows); got != want || counts(rates.Total) != "5 4 4 3 0 0" {
				t.Errorf("by %s: %s%s", by, got, counts(rates.Total))
			}
		}
		for _, f := range report.Figures() {
			items, err := s.List(t.Context(), coordinator, 1, report.Selection{Figure: f})
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range items {
				if item.Country != "KE" {
					t.Errorf("%s shows %+v", f, item)
				}
			}
		}
		foreign, err := s.List(t.Context(), coordinator, 1, report.Selection{Figure: report.Listed, NRI: 3})
		if err != nil || len(foreign) != 0 {
			t.Errorf("another initiative lists %+v, %v", foreign, err)
		}
		m, err := s.Coverage(t.Context(), coordinator, 1)
		if err != nil || len(m.Cells) != 2 {
			t.Errorf("matrix %+v, %v", m, err)
		}
		days, err := s.Timeline(t.Context(), coordinator, 1)
		if want := "[{2017-08-15 4 0 0} {2017-09-01 0 2 0} {2017-09-02 0 1 0}]"; err != nil || fmt.Sprint(days) != want {
			t.Errorf("days %v, want %s, %v", days, want, err)
		}
		b.exec("update nri_coordinator set until = ?", today)
		gone, err := s.ResponseRates(t.Context(), coordinator, 1, report.ByGroup)
		if err != nil || len(gone.Rows) != 0 {
			t.Errorf("after the hand-over: %+v, %v", gone, err)
		}
	})
}

func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	s := synthetic(t, dbtest.SQLite(t)).service()
	for _, c := range []struct {
		name string
		by   account.Actor
		d    report.Dimension
		want errs.Code
	}{
		{"an officer by volunteer", officer, report.ByVolunteer, ""},
		{"a lead", actor(2, account.Lead), report.ByGroup, ""},
		{"a coordinator by volunteer", coordinator, report.ByVolunteer, errs.Forbidden},
		{"a volunteer", actor(2, account.Volunteer), report.ByGroup, errs.Forbidden},
		{"nobody", account.Nobody(""), report.ByGroup, errs.Unauthorized},
	} {
		if _, err := s.ResponseRates(t.Context(), c.by, 1, c.d); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if o, err := s.Overview(t.Context(), coordinator, 1); err != nil || o.Decisions != nil {
		t.Errorf("a coordinator reads decisions: %+v, %v", o.Decisions, err)
	}
	for _, d := range []report.Dimension{report.ByCountry, report.ByNRI, report.ByVolunteer, report.ByLanguage} {
		if _, err := s.PublicRates(t.Context(), 1, d); !errs.Is(err, errs.Invalid) {
			t.Errorf("the public reads by %s: %v", d, err)
		}
	}
}
