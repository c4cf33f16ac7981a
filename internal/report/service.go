package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Deps is what a Service works with.
type Deps struct {
	DB  *db.DB
	Now func() time.Time // UTC
}

// Service computes the reports. Officers and leads see all, a coordinator what lies in the
// countries of the initiatives that it speaks for at the moment of asking.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

func scopeOf(by account.Actor) (scope, error) {
	switch by.Scope(account.ReportRead) {
	case account.All:
		return scope{}, nil
	case account.Country, account.Own:
		return scope{account: by.ID}, nil
	case account.Nothing:
	}
	return scope{}, by.Require(account.ReportRead)
}

// ResponseRates compares what was asked and answered by one dimension. By volunteer it is for who
// sees all; another gets errs.Forbidden.
func (s *Service) ResponseRates(ctx context.Context, by account.Actor, cycleID int64, d Dimension) (Rates, error) {
	see, err := scopeOf(by)
	if err != nil {
		return Rates{}, err
	}
	if d == ByVolunteer && see.account != 0 {
		return Rates{}, errs.E(errs.Forbidden, "error.forbidden")
	}
	rates, err := ratesBy(s.DB.Read(ctx), cycleID, d, see)
	return rates, errs.Wrap("report.response_rates", err)
}

// PublicRates are the rates by stakeholder group or region for everybody: numbers, never names.
// Another dimension is errs.Invalid.
func (s *Service) PublicRates(ctx context.Context, cycleID int64, d Dimension) (Rates, error) {
	if d != ByGroup && d != ByRegion {
		return Rates{}, errs.InvalidFields(errs.FieldError("by", "field.choice"))
	}
	rates, err := ratesBy(s.DB.Read(ctx), cycleID, d, scope{})
	return rates, errs.Wrap("report.public_rates", err)
}

func ratesBy(tx *db.Tx, cycleID int64, d Dimension, see scope) (Rates, error) {
	cut, column := d.column()
	rows, err := sums(tx, cycleID, cut, see, column, "''")
	if err != nil {
		return Rates{}, err
	}
	rates := Rates{By: d, Rows: fold(d, rows)}
	if cut == whole {
		for _, r := range rates.Rows {
			rates.Total = rates.Total.plus(r.Counts)
		}
		return rates, nil
	}
	if rates.Total, err = total(tx, cycleID, see); err != nil {
		return Rates{}, err
	}
	labels, err := names(tx, cut)
	if err != nil {
		return Rates{}, err
	}
	rates.label(labels)
	if d == ByVolunteer {
		rates.nobodyAsked()
	}
	return rates, nil
}

// column is the SQL expression of a dimension's key in the rows of units.
func (d Dimension) column() (slice, string) {
	switch d {
	case ByRegion:
		return whole, "region"
	case ByCountry:
		return whole, "country"
	case ByLanguage:
		return whole, "language_chain"
	case ByNRI:
		return byInitiative, "cast(cut as text)"
	case ByVolunteer:
		return byVolunteer, "cast(cut as text)"
	case ByGroup:
	}
	return whole, "stakeholder_group"
}

// fold turns the keys of the database into those of the report, and adds up where several become one.
func fold(d Dimension, rows []figures) []Row {
	byKey := map[string]Counts{}
	for _, r := range rows {
		key := d.key(r.KeyOne)
		byKey[key] = byKey[key].plus(r.Counts)
	}
	out := make([]Row, 0, len(byKey))
	for key, counts := range byKey {
		out = append(out, Row{Key: key, Counts: counts})
	}
	slices.SortFunc(out, func(a, b Row) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// key reads a database key: of the languages that somebody reads the first counts.
func (d Dimension) key(text string) string {
	if d == ByLanguage {
		text, _, _ = strings.Cut(text, " ")
	}
	switch {
	case d == ByVolunteer && text == "0":
		return KeyNobody
	case text == "":
		return KeyUnknown
	}
	return text
}

func total(tx *db.Tx, cycleID int64, see scope) (Counts, error) {
	rows, err := sums(tx, cycleID, whole, see, "''", "''")
	if err != nil || len(rows) == 0 {
		return Counts{}, err
	}
	return rows[0].Counts, nil
}

func (r *Rates) label(names map[int64]string) {
	for i := range r.Rows {
		if id, err := strconv.ParseInt(r.Rows[i].Key, 10, 64); err == nil {
			r.Rows[i].Label = names[id]
		}
	}
}

// nobodyAsked moves contributions that nobody asked for to the row of units that nobody took:
// whose they might have been, cannot be known.
func (r *Rates) nobodyAsked() {
	at := -1
	for i := range r.Rows {
		r.Rows[i].Unsolicited = 0
		if r.Rows[i].Key == KeyNobody {
			at = i
		}
	}
	if at < 0 {
		if r.Total.Unsolicited == 0 {
			return
		}
		at = len(r.Rows)
		r.Rows = append(r.Rows, Row{Key: KeyNobody})
	}
	r.Rows[at].Unsolicited = r.Total.Unsolicited
}

// Coverage is the matrix of stakeholder group × region with the targets, in the order of groups
// and regions by code.
func (s *Service) Coverage(ctx context.Context, by account.Actor, cycleID int64) (Matrix, error) {
	see, err := scopeOf(by)
	if err != nil {
		return Matrix{}, err
	}
	m, err := coverage(s.DB.Read(ctx), cycleID, see)
	return m, errs.Wrap("report.coverage", err)
}

func coverage(tx *db.Tx, cycleID int64, see scope) (Matrix, error) {
	rows, err := sums(tx, cycleID, whole, see, "stakeholder_group", "region")
	if err != nil {
		return Matrix{}, err
	}
	var m Matrix
	if see.account == 0 { // a target is for the whole region, so a part of it cannot be held against it
		if m.Cells, err = targets(tx, cycleID); err != nil {
			return Matrix{}, err
		}
	}
	for _, r := range rows {
		m.add(ByGroup.key(r.KeyOne), ByRegion.key(r.KeyTwo), r.Counts)
		m.Total = m.Total.plus(r.Counts)
	}
	slices.SortFunc(m.Cells, func(a, b Cell) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Region, b.Region))
	})
	return m, nil
}

// groups adds the cells of each group up. Every unit is in one cell, so nothing is counted twice.
func (m *Matrix) groups() Rates {
	rates := Rates{By: ByGroup, Total: m.Total}
	for _, c := range m.Cells { // in the order of groups
		if c.Counts == (Counts{}) {
			continue // a target without anybody
		}
		last := len(rates.Rows) - 1
		if last < 0 || rates.Rows[last].Key != c.Group {
			rates.Rows = append(rates.Rows, Row{Key: c.Group})
			last++
		}
		rates.Rows[last].Counts = rates.Rows[last].plus(c.Counts)
	}
	return rates
}

func (m *Matrix) add(group, region string, counts Counts) {
	for i, c := range m.Cells {
		if c.Group == group && c.Region == region {
			m.Cells[i].Counts = c.plus(counts)
			return
		}
	}
	m.Cells = append(m.Cells, Cell{Group: group, Region: region, Counts: counts})
}

// Timeline gives the days on which something was sent or arrived, in order.
func (s *Service) Timeline(ctx context.Context, by account.Actor, cycleID int64) ([]Day, error) {
	see, err := scopeOf(by)
	if err != nil {
		return nil, err
	}
	days, err := timeline(s.DB.Read(ctx), cycleID, see)
	return days, errs.Wrap("report.timeline", err)
}

// Overview is what the monitor says at first sight. The groups, the matrix
// and the funnel's counts are of one reading and add up.
type Overview struct {
	Groups    Rates // by stakeholder group
	Matrix    Matrix
	Funnel    Funnel
	Decisions *Decisions // nil for who does not see all
}

// Overview sums a cycle up.
func (s *Service) Overview(ctx context.Context, by account.Actor, cycleID int64) (Overview, error) {
	see, err := scopeOf(by)
	if err != nil {
		return Overview{}, err
	}
	o, err := s.overview(s.DB.Read(ctx), cycleID, see)
	return o, errs.Wrap("report.overview", err)
}

func (s *Service) overview(tx *db.Tx, cycleID int64, see scope) (Overview, error) {
	var o Overview
	var err error
	if o.Matrix, err = coverage(tx, cycleID, see); err != nil {
		return o, err
	}
	o.Groups, o.Funnel.Counts = o.Matrix.groups(), o.Matrix.Total
	if o.Funnel.Dispositions, err = dispositions(tx, cycleID, see); err != nil || see.account != 0 {
		return o, err
	}
	waiting, err := decisions(tx, cycleID, s.Now())
	for _, c := range o.Matrix.Cells {
		if c.Missing() > 0 {
			waiting.CellsUnderTarget++
		}
	}
	o.Decisions = &waiting
	return o, err
}

// Selection says what to list: what Figure counts in one place. Empty keys do not narrow.
type Selection struct {
	Figure   Figure
	Group    string
	Region   string
	Country  string
	Language string
	NRI      int64
	After    int64 // only items with a larger id: the cursor of the next page
	Limit    int   // at most 500, which is also what 0 means
}

// List gives the things that a figure counts, by id: as many as the figure says, over all pages.
func (s *Service) List(ctx context.Context, by account.Actor, cycleID int64, sel Selection) ([]Item, error) {
	see, err := scopeOf(by)
	if err != nil {
		return nil, err
	}
	items, err := list(s.DB.Read(ctx), cycleID, see, sel)
	return items, errs.Wrap("report.list", err)
}

// Decisions are the counts of what waits for an officer.
type Decisions struct {
	CellsUnderTarget    int // cells of the matrix with fewer listed units than their target
	NoAddress           int // contacts on the list that cannot be mailed
	Candidates          int // suggestions that nobody decided on
	StaleTranslations   int
	Comments            int // on texts, that wait for the editors
	UncertainDeliveries int
	DoubtedAddresses    int // that a volunteer calls wrong
	ClaimsExpiring      int // live claims that end within ClaimWarning
	Unchecked           int // contributions that nobody has checked
	RenewedConsents     int // withheld contributions whose authors agreed to publication since then
	Mails               int // that came in, and wait for an officer
	BrokenCitations     int // paragraphs of the draft that cite what was withdrawn
}

// ClaimWarning is how long before its end a claim is counted as about to expire.
const ClaimWarning = 48 * time.Hour
