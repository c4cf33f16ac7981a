package outreach

import (
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// PlanState is how far a plan has come.
type PlanState string

// The states: proposed → confirmed | dropped. A new proposal drops the one before.
const (
	PlanProposed  PlanState = "proposed"
	PlanConfirmed PlanState = "confirmed"
	PlanDropped   PlanState = "dropped"
)

// Plan proposes who takes which of the open gaps of a cycle.
type Plan struct {
	ID         int64
	CycleID    int64
	State      PlanState
	ProposedBy int64
	ProposedAt time.Time
	DecidedBy  *int64
	DecidedAt  *time.Time
}

// Confirm ends the plan: what it proposed was done, as far as it still could be.
func (p *Plan) Confirm(by int64, now time.Time) error { return p.end(PlanConfirmed, by, now) }

// Drop ends the plan without effect.
func (p *Plan) Drop(by int64, now time.Time) error { return p.end(PlanDropped, by, now) }

func (p *Plan) end(to PlanState, by int64, now time.Time) error {
	if err := p.requireProposed(); err != nil {
		return err
	}
	p.State, p.DecidedBy, p.DecidedAt = to, &by, &now
	return nil
}

func (p *Plan) requireProposed() error {
	if p.State != PlanProposed {
		return errs.E(errs.Conflict, "outreach.plan.over")
	}
	return nil
}

// LineState is how far a line of a plan has come.
type LineState string

// The states: proposed → confirmed | dropped | overtaken. A line that nobody suits is open; an officer may
// propose somebody for it, and for one that was dropped.
const (
	LineProposed  LineState = "proposed"
	LineOpen      LineState = "open"
	LineConfirmed LineState = "confirmed"
	LineDropped   LineState = "dropped"
	LineOvertaken LineState = "overtaken"
)

// PlanLine is one gap of a plan and who is to take it.
type PlanLine struct {
	ID          int64
	PlanID      int64
	ContactID   int64
	Purpose     Purpose
	VolunteerID *int64
	Fit         int // as matching scores it
	Reasons     string
	State       LineState
	Why         string // the key of the sentence that says why it is open or was overtaken
	ClaimID     *int64
}

// Propose puts a volunteer on the line.
func (l *PlanLine) Propose(volunteerID int64, fit int, reasons string) error {
	if l.State != LineProposed && l.State != LineDropped && l.State != LineOpen {
		return errs.E(errs.Conflict, "outreach.plan.over")
	}
	l.State, l.VolunteerID, l.Fit, l.Reasons, l.Why = LineProposed, &volunteerID, fit, reasons, ""
	return nil
}

// Drop leaves the gap as it is.
func (l *PlanLine) Drop() error { return l.end(LineDropped) }

// Confirm notes the claim that was made of the line.
func (l *PlanLine) Confirm(claimID int64) error {
	if err := l.end(LineConfirmed); err != nil {
		return err
	}
	l.ClaimID = &claimID
	return nil
}

// Overtake notes that events were faster: why is the key of a sentence.
func (l *PlanLine) Overtake(why string) error {
	if err := l.end(LineOvertaken); err != nil {
		return err
	}
	l.Why = why
	return nil
}

func (l *PlanLine) end(to LineState) error {
	if l.State != LineProposed {
		return errs.E(errs.Conflict, "outreach.plan.over")
	}
	l.State = to
	return nil
}
