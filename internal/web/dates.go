package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/nri"
)

// dateRow is a date of a cycle as it is said: the day that people are told and its zone, how far
// away it is, and the instant at which it ends.
type dateRow struct {
	Kind  string
	Day   string
	Zone  string
	Until string // "in 3 days", counted in the date's own zone
	Note  string
	At    time.Time
	Set   time.Time // since when it applies
}

func (w *Web) dateRow(l *i18n.Localizer, d cycle.Date) dateRow {
	row := dateRow{Kind: string(d.Kind), Note: d.Note, At: d.At, Set: d.AppliesFrom, Day: l.FullDate(d.Day(), nil), Zone: d.Zone}
	if loc, err := cycle.Location(d.Zone); err == nil {
		row.Zone = l.Zone(d.At, loc)
		row.Until = l.RelativeDate(d.At.Add(-time.Microsecond), w.Now(), loc)
	}
	return row
}

// deadline is the deadline that applies now, nil where the cycle has none.
func (w *Web) deadline(c *fiber.Ctx, cycleID int64) (*dateRow, error) {
	return w.dateOf(c, cycleID, cycle.Deadline)
}

// dateOf is the date of a kind that applies now, else the deadline, nil where the cycle has neither.
func (w *Web) dateOf(c *fiber.Ctx, cycleID int64, kind cycle.DateKind) (*dateRow, error) {
	return w.dateIn(c, w.Server.Localizer(c), cycleID, kind)
}

// deadlineIn is the deadline in the language of a text, which may not be that of the page.
func (w *Web) deadlineIn(c *fiber.Ctx, l *i18n.Localizer, cycleID int64) (*dateRow, error) {
	return w.dateIn(c, l, cycleID, cycle.Deadline)
}

func (w *Web) dateIn(c *fiber.Ctx, l *i18n.Localizer, cycleID int64, kind cycle.DateKind) (*dateRow, error) {
	d, ok, err := w.Cycles.DeadlineFor(c.UserContext(), cycleID, kind, w.Now())
	if err != nil || !ok {
		return nil, err
	}
	row := w.dateRow(l, d)
	return &row, nil
}

// ownDate is the date by which initiatives are asked, as it is said.
func (w *Web) ownDate(l *i18n.Localizer, d nri.OwnDate) dateRow {
	return w.dateRow(l, cycle.Date{Kind: cycle.NRIGrace, OnDate: d.OnDate, Zone: d.Zone, At: d.At})
}
