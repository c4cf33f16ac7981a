package document

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// FreezeDate is a displayed day, its zone, and the instant at which the day ends there, when the text is frozen.
type FreezeDate struct {
	On   string // YYYY-MM-DD
	Zone string
	At   time.Time
}

// Overdue is a text whose day has come and that cannot be frozen as it is.
type Overdue struct {
	Document Document
	Title    string
	Obstacles
}

// SetFreezeDate sets or changes the day on which an open text is frozen by itself. A day that is over
// is errs.Invalid at "on_date".
func (s *Service) SetFreezeDate(ctx context.Context, by account.Actor, documentID int64, date FreezeDate) (Document, error) {
	if !date.At.After(s.Now()) {
		if err := by.Require(account.DocumentFreeze); err != nil {
			return Document{}, err
		}
		return Document{}, errs.InvalidFields(errs.FieldError("on_date", "document.freeze_at.past"))
	}
	d, err := s.changeFreezeDate(ctx, by, documentID, "document.freeze_date_set", func(d *Document) {
		at := date.At.UTC()
		d.FreezeOn, d.FreezeZone, d.FreezeAt, d.FreezeSetBy, d.FreezeRefused = date.On, date.Zone, &at, holder(by), ""
	})
	return d, errs.Wrap("document.set_freeze_date", err)
}

// ClearFreezeDate takes the day back.
func (s *Service) ClearFreezeDate(ctx context.Context, by account.Actor, documentID int64) (Document, error) {
	d, err := s.changeFreezeDate(ctx, by, documentID, "document.freeze_date_cleared", (*Document).clearFreezeDate)
	return d, errs.Wrap("document.clear_freeze_date", err)
}

func (s *Service) changeFreezeDate(ctx context.Context, by account.Actor, documentID int64, action string, change func(*Document)) (Document, error) {
	if err := by.Require(account.DocumentFreeze); err != nil {
		return Document{}, err
	}
	var d Document
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var r Revision
		var err error
		if d, r, err = lockCurrent(tx, documentID); err != nil {
			return err
		}
		if r.State != OpenForComment {
			return errs.E(errs.Conflict, "document.freeze_at.frozen")
		}
		before := d.freezeDay()
		change(&d)
		after := d.freezeDay()
		if before == after {
			return nil
		}
		if err := saveFreezeDate(tx, &d); err != nil {
			return err
		}
		return s.record(tx, by.Who, d, action, map[string]any{"freeze_on": before}, map[string]any{"freeze_on": after})
	})
	return d, err
}

func (d *Document) clearFreezeDate() {
	d.FreezeOn, d.FreezeZone, d.FreezeAt, d.FreezeSetBy, d.FreezeRefused = "", "", nil, nil, ""
}

func (d *Document) freezeDay() string { return strings.TrimSpace(d.FreezeOn + " " + d.FreezeZone) }

// FreezeDue freezes what is due and tells the trail of what cannot be. It is for the worker, and may
// run at any time and several times at once.
func (s *Service) FreezeDue(ctx context.Context) error {
	due, err := dueToFreeze(s.DB.Read(ctx), 0, s.Now())
	if err != nil {
		return errs.Wrap("document.freeze_due", err)
	}
	var failed error // one that fails must not keep the others from their time
	for _, d := range due {
		if err := s.freezeDue(ctx, d.ID); err != nil {
			failed = err
		}
	}
	return errs.Wrap("document.freeze_due", failed)
}

func (s *Service) freezeDue(ctx context.Context, documentID int64) error {
	worker := audit.System("document:freeze")
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		d, r, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		now := s.Now()
		if d.FreezeAt == nil || d.FreezeAt.After(now) {
			return nil // somebody was faster, or thought of another day
		}
		if err := r.Freeze(account.Actor{}, now); err != nil {
			return err
		}
		found, err := obstaclesOf(tx, r)
		if err != nil {
			return err
		}
		if found.Any() {
			return s.noteRefusal(tx, worker, d, r, found)
		}
		r.FrozenBy = d.FreezeSetBy
		return s.putFrozen(tx, worker, d, r, 0)
	})
}

// noteRefusal tells the trail once of each wording that could not be frozen.
func (s *Service) noteRefusal(tx *db.Tx, by audit.Who, d Document, r Revision, found Obstacles) error {
	tried := fmt.Sprintf("%d/%d/%d", r.Number, len(found.Places), found.Comments)
	if d.FreezeRefused == tried {
		return nil
	}
	d.FreezeRefused = tried
	if err := saveFreezeDate(tx, &d); err != nil {
		return err
	}
	return s.record(tx, by, d, "document.freeze_refused", nil,
		map[string]any{"revision": r.Number, "freeze_on": d.freezeDay(), "places": len(found.Places), "open_comments": found.Comments})
}

// Overdue lists the texts of a cycle whose day has come and that something forbids to freeze, the
// longest due first.
func (s *Service) Overdue(ctx context.Context, by account.Actor, cycleID int64) ([]Overdue, error) {
	if err := by.Require(account.DocumentFreeze); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	due, err := dueToFreeze(tx, cycleID, s.Now())
	if err != nil {
		return nil, errs.Wrap("document.overdue", err)
	}
	var all []Overdue
	for _, d := range due {
		o, err := overdue(tx, d)
		if err != nil {
			return nil, errs.Wrap("document.overdue", err)
		}
		if o.Any() {
			all = append(all, o)
		}
	}
	return all, nil
}

func overdue(tx *db.Tx, d Document) (Overdue, error) {
	r, err := currentRevision(tx, d.ID)
	if err != nil {
		return Overdue{}, err
	}
	segments, err := segmentsOf(tx, r.ID)
	if err != nil {
		return Overdue{}, err
	}
	found, err := obstacles(tx, d.ID, segments)
	return Overdue{Document: d, Title: titleOf(segments), Obstacles: found}, err
}
