package cycle

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Answerer is whose deadline is asked for.
type Answerer struct {
	ContactID  int64 // 0 for somebody who is on no list
	Initiative bool  // answers for an initiative
}

// DeadlineOf is the one definition of the deadline that applied to somebody at an instant: the latest of that of everybody, that
// of the initiatives for whoever answers for one, and those granted to the contact and to the organization that it answers for.
// ok is false where there was none.
func (s *Service) DeadlineOf(ctx context.Context, cycleID int64, who Answerer, at time.Time) (d Date, ok bool, err error) {
	dates, err := s.Dates(ctx, cycleID, at)
	if err != nil {
		return Date{}, false, err
	}
	own, err := ownDatesFor(s.DB.Read(ctx), cycleID, []Answerer{who}, at)
	if err != nil {
		return Date{}, false, errs.Wrap("cycle.deadline_of", err)
	}
	d, ok = deadlineOf(dates, who.Initiative, own[who.ContactID])
	return d, ok, nil
}

// OwnDeadlines are the deadlines of those among many who have a date of their own, by contact: of the others what applies to
// everybody or to the initiatives is theirs. However many are asked for, it asks the same few questions.
func (s *Service) OwnDeadlines(ctx context.Context, cycleID int64, whom []Answerer, at time.Time) (map[int64]Date, error) {
	own, err := ownDatesFor(s.DB.Read(ctx), cycleID, whom, at)
	if err != nil || len(own) == 0 {
		return nil, errs.Wrap("cycle.own_deadlines", err)
	}
	dates, err := s.Dates(ctx, cycleID, at)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]Date, len(own))
	for _, who := range whom {
		if granted := own[who.ContactID]; len(granted) > 0 {
			found[who.ContactID], _ = deadlineOf(dates, who.Initiative, granted)
		}
	}
	return found, nil
}

// deadlineOf is the latest of the dates that apply to somebody.
func deadlineOf(dates map[DateKind]Date, initiative bool, own []OwnDate) (d Date, ok bool) {
	d, ok = dates[Deadline]
	if grace, has := dates[NRIGrace]; has && initiative && (!ok || grace.At.After(d.At)) {
		d, ok = grace, true
	}
	for _, o := range own {
		if !ok || o.At.After(d.At) {
			d, ok = o.Date(), true
		}
	}
	return d, ok
}

// GrantDate gives a contact a deadline of its own in a cycle, or changes the one that it has. seen is the one that the officer
// saw, 0 for none: where somebody changed it meanwhile, it is errs.Conflict. It applies from now on: what arrived before was judged.
// Errors are errs.Invalid with the fields, errs.NotFound for an unknown contact, errs.Conflict in a cycle that is closed or has
// no deadline.
func (s *Service) GrantDate(ctx context.Context, by account.Actor, cycleID, contactID, seen int64, g Grant) (OwnDate, error) {
	if err := by.Require(account.DateGrant); err != nil {
		return OwnDate{}, err
	}
	at, wrong := g.clean()
	if len(wrong) > 0 {
		return OwnDate{}, errs.InvalidFields(wrong...)
	}
	now := s.Now()
	made := OwnDate{
		CycleID: cycleID, ContactID: contactID, OnDate: g.OnDate, Zone: g.Zone, At: at, Meeting: g.Meeting, Reason: g.Reason,
		State: DateGranted, AppliesFrom: now,
	}
	err := s.changeOwn(ctx, cycleID, contactID, seen, func(tx *db.Tx, c Cycle, current *OwnDate) error {
		dates, err := datesAt(tx, cycleID, now)
		if err != nil {
			return err
		}
		if err := c.allows(g.OnDate, at, ofKind(dates, Deadline), now); err != nil {
			return err
		}
		if current != nil && current.says(g) {
			made = *current
			return nil
		}
		verb, before := "granted", map[string]any(nil)
		if current != nil {
			verb, before = "changed", current.trail()
			if err := current.change(now); err != nil {
				return err
			}
			if err := saveEnd(tx, current); err != nil {
				return err
			}
		}
		if err := insertOwn(tx, &made); err != nil {
			return err
		}
		return recordOwn(tx, by.Who, now, made, verb, before, made.trail())
	})
	return made, errs.Wrap("cycle.grant_date", err)
}

// RevokeDate takes the own date of a contact back: from now on what applies to others applies to it. seen is as for GrantDate.
// The error is errs.Conflict where there is none.
func (s *Service) RevokeDate(ctx context.Context, by account.Actor, cycleID, contactID, seen int64) error {
	if err := by.Require(account.DateGrant); err != nil {
		return err
	}
	now := s.Now()
	err := s.changeOwn(ctx, cycleID, contactID, seen, func(tx *db.Tx, _ Cycle, current *OwnDate) error {
		if current == nil {
			return errs.E(errs.Conflict, "cycle.own_date.ended")
		}
		if err := current.revoke(now); err != nil {
			return err
		}
		if err := saveEnd(tx, current); err != nil {
			return err
		}
		return recordOwn(tx, by.Who, now, *current, "revoked", current.trail(), nil)
	})
	return errs.Wrap("cycle.revoke_date", err)
}

// changeOwn lets one at a time change the own dates of a cycle; current is nil where the contact has none.
func (s *Service) changeOwn(ctx context.Context, cycleID, contactID, seen int64, fn func(tx *db.Tx, c Cycle, current *OwnDate) error) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := lockContact(tx, contactID); err != nil {
			return err
		}
		if err := lock(tx, "id", cycleID); err != nil {
			return err
		}
		c, err := orNotFound(byID(tx, cycleID))
		if err != nil {
			return err
		}
		current, err := currentOwn(tx, cycleID, contactID)
		if err != nil {
			return err
		}
		if current == nil && seen != 0 || current != nil && current.ID != seen {
			return errs.E(errs.Conflict, "cycle.own_date.changed_meanwhile")
		}
		return fn(tx, c, current)
	})
}

// OwnDateOf gives the own date of a contact, nil for none, and those that it had before, the last first; name is what the contact
// is called. The error is errs.NotFound for an unknown contact.
func (s *Service) OwnDateOf(ctx context.Context, by account.Actor, cycleID, contactID int64) (name string, current *OwnDate, before []OwnDate, err error) {
	if err := by.Require(account.DateGrant); err != nil {
		return "", nil, nil, err
	}
	tx := s.DB.Read(ctx)
	if name, err = contactName(tx, contactID); err != nil {
		return "", nil, nil, errs.Wrap("cycle.own_date_of", err)
	}
	all, err := ownHistory(tx, cycleID, contactID)
	if len(all) > 0 && all[0].State == DateGranted {
		return name, &all[0], all[1:], errs.Wrap("cycle.own_date_of", err)
	}
	return name, nil, all, errs.Wrap("cycle.own_date_of", err)
}

// Granted is an own date with whose it is.
type Granted struct {
	OwnDate
	Name string
}

// GrantedDates lists the own dates of a cycle that apply, the earliest first.
func (s *Service) GrantedDates(ctx context.Context, by account.Actor, cycleID int64) ([]Granted, error) {
	if err := by.Require(account.DateGrant); err != nil {
		return nil, err
	}
	all, err := grantedDates(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("cycle.granted_dates", err)
}

// trail is what the audit keeps; the reason is for officers and goes when the contact is erased.
func (d OwnDate) trail() map[string]any {
	return map[string]any{"day": d.OnDate, "zone": d.Zone, "meeting": d.Meeting}
}

func recordOwn(tx *db.Tx, who audit.Who, now time.Time, d OwnDate, verb string, before, after map[string]any) error {
	c := audit.Change{Action: "own_date." + verb, ObjectKind: "contact", ObjectID: d.ContactID, CycleID: d.CycleID}
	if before != nil {
		c.Before = before
	}
	if after != nil {
		c.After = after
	}
	return audit.Record(tx, who, now, c)
}

func ofKind(dates []Date, kind DateKind) *Date {
	for i := range dates {
		if dates[i].Kind == kind {
			return &dates[i]
		}
	}
	return nil
}
