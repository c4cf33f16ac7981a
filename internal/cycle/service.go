package cycle

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Deps is what a Service works with.
type Deps struct {
	DB  *db.DB
	Now func() time.Time // UTC
}

// Service keeps the cycles.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Create adds a cycle in the state Preparing. A slug that is taken is errs.Conflict.
func (s *Service) Create(ctx context.Context, by account.Actor, c Cycle) (Cycle, error) {
	if err := by.Require(account.CycleWrite); err != nil {
		return Cycle{}, err
	}
	if c.DefaultLanguage == "" {
		c.DefaultLanguage = "en"
	}
	if c.UncertainPolicy == "" {
		c.UncertainPolicy = UncertainHold
	}
	if err := c.validate(); err != nil {
		return Cycle{}, err
	}
	c.State, c.CreatedAt = Preparing, s.Now()
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertCycle(tx, &c); err != nil {
			if db.IsDuplicate(err) {
				return errs.E(errs.Conflict, "cycle.slug_taken", "Slug", c.Slug)
			}
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "cycle.created", ObjectKind: "cycle", ObjectID: c.ID, CycleID: c.ID,
			After: map[string]any{"slug": c.Slug, "name": c.Name},
		})
	})
	return c, errs.Wrap("cycle.create", err)
}

// SetDate sets a date from now on. The date that applied before is kept, because what arrived
// under it is judged by it.
func (s *Service) SetDate(ctx context.Context, by account.Actor, cycleID int64, kind DateKind, day, zone, note string) (Date, error) {
	if err := by.Require(account.CycleWrite); err != nil {
		return Date{}, err
	}
	if !kind.valid() {
		return Date{}, errs.InvalidFields(errs.FieldError("kind", "field.choice"))
	}
	if zone == "" {
		zone = AoE
	}
	at, err := EndOfDay(day, zone)
	if err != nil {
		return Date{}, err
	}
	now := s.Now()
	d := Date{CycleID: cycleID, Kind: kind, OnDate: day, Zone: zone, At: at, Note: note, AppliesFrom: now}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := lock(tx, "id", cycleID); err != nil {
			return err
		}
		before, err := datesAt(tx, cycleID, now)
		if err != nil {
			return err
		}
		if err := supersede(tx, cycleID, kind, now); err != nil {
			return err
		}
		if err := insertDate(tx, &d); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, now, audit.Change{
			Action: "cycle.date_set", ObjectKind: "cycle", ObjectID: cycleID, CycleID: cycleID,
			Before: dayOf(before, kind), After: map[string]any{"kind": kind, "day": day, "zone": zone},
		})
	})
	return d, errs.Wrap("cycle.set_date", err)
}

func dayOf(dates []Date, kind DateKind) any {
	for _, d := range dates {
		if d.Kind == kind {
			return map[string]any{"kind": kind, "day": d.OnDate, "zone": d.Zone}
		}
	}
	return nil
}

// Move opens or closes a cycle.
func (s *Service) Move(ctx context.Context, by account.Actor, slug string, to State) (Cycle, error) {
	if err := by.Require(account.CycleWrite); err != nil {
		return Cycle{}, err
	}
	var c Cycle
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		err := lock(tx, "slug", slug)
		if err != nil {
			return err
		}
		if c, err = orNotFound(bySlug(tx, slug)); err != nil {
			return err
		}
		before := c.State
		if err := c.to(to); err != nil {
			return err
		}
		if err := saveState(tx, &c); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "cycle.moved", ObjectKind: "cycle", ObjectID: c.ID, CycleID: c.ID,
			Before: map[string]any{"state": before}, After: map[string]any{"state": c.State},
		})
	})
	return c, errs.Wrap("cycle.move", err)
}

func (c *Cycle) to(state State) error {
	switch state {
	case Open:
		return c.Open()
	case Closed:
		return c.Close()
	case Preparing:
	}
	return errs.E(errs.Conflict, "cycle.illegal_move", "From", string(c.State), "To", string(state))
}

// BySlug finds a cycle; errs.NotFound where there is none.
func (s *Service) BySlug(ctx context.Context, slug string) (Cycle, error) {
	c, err := orNotFound(bySlug(s.DB.Read(ctx), slug))
	return c, errs.Wrap("cycle.by_slug", err)
}

// ByID finds a cycle; errs.NotFound where there is none.
func (s *Service) ByID(ctx context.Context, id int64) (Cycle, error) {
	c, err := orNotFound(byID(s.DB.Read(ctx), id))
	return c, errs.Wrap("cycle.by_id", err)
}

// List gives all cycles, the newest first.
func (s *Service) List(ctx context.Context) ([]Cycle, error) {
	all, err := list(s.DB.Read(ctx))
	return all, errs.Wrap("cycle.list", err)
}

// Current is the cycle that people work in: the newest that is not closed, else the newest.
// The error is errs.NotFound in an installation without any.
func (s *Service) Current(ctx context.Context) (Cycle, error) {
	all, err := s.List(ctx)
	if err != nil {
		return Cycle{}, err
	}
	for _, c := range all {
		if c.State != Closed {
			return c, nil
		}
	}
	if len(all) == 0 {
		return Cycle{}, errs.E(errs.NotFound, "cycle.none")
	}
	return all[0], nil
}

// Dates gives the dates that applied at an instant, by kind.
func (s *Service) Dates(ctx context.Context, cycleID int64, at time.Time) (map[DateKind]Date, error) {
	dates, err := datesAt(s.DB.Read(ctx), cycleID, at)
	if err != nil {
		return nil, errs.Wrap("cycle.dates", err)
	}
	byKind := make(map[DateKind]Date, len(dates))
	for _, d := range dates {
		byKind[d.Kind] = d
	}
	return byKind, nil
}

// History gives every date that the cycle ever had, the current ones first, then the latest changed.
func (s *Service) History(ctx context.Context, cycleID int64) ([]Date, error) {
	all, err := history(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("cycle.history", err)
}

// DeadlineFor is the deadline that applied at an instant to all of a kind: the later of the deadline and of the grace date that is
// asked for; ok is false where the cycle had neither then. DeadlineOf knows of what was granted to one contact.
func (s *Service) DeadlineFor(ctx context.Context, cycleID int64, grace DateKind, at time.Time) (d Date, ok bool, err error) {
	dates, err := s.Dates(ctx, cycleID, at)
	if err != nil {
		return Date{}, false, err
	}
	d, ok = dates[Deadline]
	if own, has := dates[grace]; has && (!ok || own.At.After(d.At)) {
		d, ok = own, true
	}
	return d, ok, nil
}

func orNotFound(c Cycle, err error) (Cycle, error) {
	if db.IsNotFound(err) {
		return c, errs.E(errs.NotFound, "cycle.not_found")
	}
	return c, err
}
