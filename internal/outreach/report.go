package outreach

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Decision is what an officer makes of an address of which a volunteer says that it is wrong.
type Decision string

// The decisions.
const (
	AddressIsWrong Decision = "wrong" // it is marked as one that does not work: nobody is mailed there any more
	AddressIsRight Decision = "right"
)

// Report says that a volunteer found an address wrong. A volunteer does not mark it alone: a wrong number that
// was noted as a wrong address would take the contact from everybody.
type Report struct {
	ID         int64
	CycleID    int64
	ContactID  int64
	AddressID  int64
	ReportedBy int64
	ReportedAt time.Time
	Note       string
	Decision   Decision
	DecidedBy  *int64
	DecidedAt  *time.Time
}

// Decide ends the report; errs.Conflict where that was done before.
func (r *Report) Decide(by int64, now time.Time, d Decision) error {
	if d != AddressIsWrong && d != AddressIsRight {
		return errs.InvalidFields(errs.FieldError("decision", "field.choice"))
	}
	if r.Decision != "" {
		return errs.E(errs.Conflict, "outreach.report.decided")
	}
	r.Decision, r.DecidedBy, r.DecidedAt = d, &by, &now
	return nil
}

// Doubt is a report that waits for a decision, as an officer reads it.
type Doubt struct {
	Report
	Name      string // of the contact
	Email     string // for those who may see addresses
	Volunteer string
}

// reportsShown is how many doubts one list holds: they are decided on, not kept.
const reportsShown = 100

// Doubts lists the reports of a cycle that wait for a decision, the oldest first; of one contact, or with
// contactID 0 of all. It shows addresses, so it is for those who may see all of them.
func (s *Service) Doubts(ctx context.Context, by account.Actor, cycleID, contactID int64) ([]Doubt, error) {
	if err := by.RequireOn(account.AddressDecide, false, ""); err != nil {
		return nil, err
	}
	all, err := doubts(s.DB.Read(ctx), cycleID, contactID)
	return all, errs.Wrap("outreach.doubts", err)
}

// DecideReport marks a reported address as one that does not work, or says that it does.
func (s *Service) DecideReport(ctx context.Context, by account.Actor, id int64, d Decision) (Report, error) {
	if err := by.RequireOn(account.AddressDecide, false, ""); err != nil {
		return Report{}, err
	}
	var r Report
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if r, err = reportByID(tx, id); err != nil {
			return err
		}
		if err := r.Decide(by.ID, s.Now(), d); err != nil {
			return err
		}
		if err := saveDecision(tx, &r); err != nil {
			return err
		}
		if d == AddressIsWrong {
			if err := s.Contacts.MarkBounced(tx, by.Who, r.AddressID); err != nil {
				return err
			}
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "address.report_decided", ObjectKind: "contact", ObjectID: r.ContactID, CycleID: r.CycleID,
			After: map[string]any{"report": r.ID, "address": r.AddressID, "decision": r.Decision},
		})
	})
	return r, errs.Wrap("outreach.decide_report", err)
}

// doubt notes for an officer that the address of an attempt was wrong.
func (s *Service) doubt(tx *db.Tx, a *Attempt) error {
	if a.Outcome != WrongAddress {
		return nil
	}
	return insertReport(tx, a)
}
