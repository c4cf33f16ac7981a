package contact

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// AskedRow is an opt-out as officers read it. Its id is 0 for a mailbox that is suppressed and of which no opt-out tells: by a
// complaint, or since before anything else was kept. That does not end here.
type AskedRow struct {
	OptOut
	AddressID int64
	Email     string // the mailbox at which it was asked: whoever shows it has told the trail
	About     string // the name of the campaign or cycle, "" for neither
	Campaign  string // of the mail by whose link it was asked, "" for none
	Step      int
	Officer   string // who recorded it
	Ender     string // the officer who ended it
}

// AskedOf are what was asked at the mailboxes of a contact, by whoever reads there, the newest first, with what has ended.
func (s *Service) AskedOf(ctx context.Context, by account.Actor, contactID int64) ([]AskedRow, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	if _, err := orNotFound(contactByID(tx, contactID)); err != nil {
		return nil, errs.Wrap("contact.asked_of", err)
	}
	all, err := askedOf(tx, contactID)
	return all, errs.Wrap("contact.asked_of", err)
}

// Recordable are the scopes that an officer can record.
func Recordable() []Scope { return []Scope{ThisCycle, SecondReminder, NoReminders, Everything} }

// Recorded is what somebody asked in words.
type Recorded struct {
	Scope   Scope
	CycleID int64 // of ThisCycle
	Note    string
}

// RecordAsked records what a contact asked in words, at all mailboxes that it has. Errors are errs.Invalid with the fields
// "scope" and "note", and errs.Conflict where the contact has no address.
func (s *Service) RecordAsked(ctx context.Context, by account.Actor, contactID int64, w Recorded) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	w.Note = cleanText(w.Note)
	var wrong []errs.Field
	if !slices.Contains(Recordable(), w.Scope) || w.Scope == ThisCycle && w.CycleID == 0 {
		wrong = append(wrong, errs.FieldError("scope", "field.choice"))
	}
	if wrong = append(wrong, checkReason("note", w.Note)...); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.lockLiving(tx, contactID); err != nil {
			return err
		}
		boxes, err := boxesOf(tx, contactID)
		if err != nil {
			return err
		}
		if len(boxes) == 0 {
			return errs.E(errs.Conflict, "preferences.record.no_address")
		}
		for _, a := range boxes {
			o := OptOut{Hash: a.Hash, Scope: w.Scope, How: ByOfficer, RecordedBy: &by.ID, Note: w.Note, AskedAt: s.Now()}
			if w.Scope == ThisCycle {
				o.ObjectID = w.CycleID
			}
			if err := s.optOut(tx, by.Who, contactID, &o); err != nil {
				return err
			}
		}
		return nil
	})
	return errs.Wrap("contact.record_asked", err)
}

// EndAsked lets what a contact asked not to get be sent again. The reason says why that is right, and stays. A complaint does
// not end: its mailbox stays suppressed. The error is errs.Invalid with the field "reason", errs.NotFound for what was not asked at
// a mailbox of the contact, and errs.Conflict for what has ended.
func (s *Service) EndAsked(ctx context.Context, by account.Actor, contactID, optOutID int64, reason string) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	reason = cleanText(reason)
	if wrong := checkReason("reason", reason); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.lockLiving(tx, contactID); err != nil {
			return err
		}
		o, err := orNotFound(optOutAt(tx, contactID, optOutID))
		if err != nil {
			return err
		}
		return s.endOptOut(tx, by.Who, contactID, &o, &by.ID, reason)
	})
	return errs.Wrap("contact.end_asked", err)
}

func checkReason(field, text string) []errs.Field {
	switch {
	case errs.Blank(text):
		return []errs.Field{errs.FieldError(field, "field.required")}
	case !fits(text, maxLine):
		return []errs.Field{errs.FieldError(field, "field.too_long", "Max", maxLine)}
	}
	return nil
}
