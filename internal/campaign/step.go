package campaign

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// StepState is how far a step has come.
type StepState string

// The states of a step: planned → launching → sending → sent | cancelled. A step that held messages for a translation
// is launching once more when it is completed.
const (
	StepPlanned   StepState = "planned"
	StepLaunching StepState = "launching" // its deliveries are being made, and sent as they are made
	StepSending   StepState = "sending"   // all deliveries are made
	StepSent      StepState = "sent"
	StepCancelled StepState = "cancelled"
)

var stepMoves = map[StepState][]StepState{
	StepPlanned:   {StepLaunching, StepCancelled},
	StepLaunching: {StepSending, StepCancelled},
	StepSending:   {StepSent, StepCancelled, StepLaunching}, // launching once more completes it
	StepSent:      {StepLaunching, StepSending},             // sending once more where messages are sent again
}

// Can says whether the move is legal.
func (s StepState) Can(to StepState) bool { return slices.Contains(stepMoves[s], to) }

// StepKind says what a step is.
type StepKind string

// The kinds of steps. The first step of a campaign is its call, all others are follow-ups.
const (
	Call     StepKind = "call"
	FollowUp StepKind = "follow_up"
)

// What a follow-up's days are counted from.
const (
	FromLaunch   = "launch"
	FromDeadline = "deadline"
)

// The limits of follow-ups: enough to be noticed, too few to be a nuisance.
const (
	MaxFollowUps = 3
	DaysApart    = 5
	MaxOffset    = 365 // days
)

const day = 24 * time.Hour

// Step is one message of a campaign.
type Step struct {
	ID           int64
	CampaignID   int64
	Position     int // from 1
	Kind         StepKind
	State        StepState
	DocumentID   int64
	RevisionID   *int64 // of the frozen text; nil until it is frozen
	OffsetDays   int
	OffsetFrom   string
	DueAt        *time.Time // of a follow-up, known once the campaign is launched
	EndsAt       *time.Time // nothing of the step is sent after it; nil for no end
	LaunchedAt   *time.Time
	LaunchCursor int64 // the last listing that has its delivery; of a completion, the last delivery that was looked at
	Planned      int   // deliveries made, the skipped ones included
	FinishedAt   *time.Time
	// LanguagePolicy is that of the text when the campaign was approved, "" before.
	LanguagePolicy LanguagePolicy
	Completion     Completion
	CompletionBy   *int64 // who asked for it
	CompletionAt   *time.Time
	// CompletionPolicy is fallback where it was asked to send in the cycle's language to those who have no translation
	// still, "" for the step's own policy.
	CompletionPolicy LanguagePolicy
	Resent           bool // messages of it were sent again to somebody who had them
	// OwnMinute is the minute of the reader's own day at which the step goes out, nil for everybody at once; OwnDay is
	// that day, "" until it is known and where somebody sent the step at once.
	OwnMinute  *int
	OwnDay     string
	Exceptions int // how often single messages were dropped, edited, or taken back; 0 for never
}

func (s *Step) move(to StepState) error {
	if !s.State.Can(to) {
		return errs.E(errs.Conflict, "campaign.step.illegal_move", "From", string(s.State), "To", string(to))
	}
	s.State = to
	return nil
}

// Launch begins to make the step's deliveries.
func (s *Step) Launch(now time.Time) error {
	if s.State != StepPlanned {
		return errs.E(errs.Conflict, "campaign.step.illegal_move", "From", string(s.State), "To", string(StepLaunching))
	}
	if err := s.move(StepLaunching); err != nil {
		return err
	}
	s.LaunchedAt = &now
	return nil
}

// Launched says that every delivery is made.
func (s *Step) Launched() error {
	if err := s.move(StepSending); err != nil {
		return err
	}
	if s.Completion == CompletionRunning {
		s.endCompletion()
	}
	return nil
}

// Finish says that every delivery has come to its end.
func (s *Step) Finish(now time.Time) error {
	if err := s.move(StepSent); err != nil {
		return err
	}
	s.FinishedAt = &now
	return nil
}

// Reopen lets messages of a launched step be sent again. It is refused where nothing of it was sent, or nothing is any more.
func (s *Step) Reopen(now time.Time) error {
	switch {
	case s.State != StepSending && s.State != StepSent && s.State != StepLaunching:
		return errs.E(errs.Conflict, "campaign.again.not_launched")
	case s.Over(now):
		return errs.E(errs.Conflict, "campaign.again.over")
	case s.State != StepSent:
		return nil
	}
	s.FinishedAt = nil
	return s.move(StepSending)
}

// Cancel ends the step before its end.
func (s *Step) Cancel(now time.Time) error {
	if err := s.move(StepCancelled); err != nil {
		return err
	}
	s.endCompletion()
	s.FinishedAt = &now
	return nil
}

// due is when a follow-up should go out: so many days after the launch of the first step or from
// the deadline, but never sooner than DaysApart after the step before. nil where it is not known.
func (s *Step) due(launched, deadline, previous *time.Time) *time.Time {
	base := launched
	if s.OffsetFrom == FromDeadline {
		base = deadline
	}
	if base == nil || s.Kind != FollowUp {
		return nil
	}
	at := base.Add(time.Duration(s.OffsetDays) * day)
	if previous != nil && at.Before(previous.Add(DaysApart*day)) {
		at = previous.Add(DaysApart * day)
	}
	return &at
}

// validateSteps refuses steps that cannot be: the first must be the call, follow-ups at most
// MaxFollowUps, counted days in order and DaysApart.
func validateSteps(steps []StepDraft) []errs.Field {
	var wrong []errs.Field
	if len(steps) == 0 || steps[0].Kind != Call {
		wrong = append(wrong, errs.FieldError("steps", "campaign.steps.call_first"))
	}
	if len(steps) > 1+MaxFollowUps {
		wrong = append(wrong, errs.FieldError("steps", "campaign.steps.too_many", "Max", MaxFollowUps))
	}
	last := map[string]int{FromLaunch: 0}
	for i, s := range steps {
		if i == 0 {
			continue
		}
		name := fieldName("steps", i)
		if s.Kind != FollowUp {
			wrong = append(wrong, errs.FieldError(name, "campaign.steps.call_first"))
		}
		if s.OffsetFrom != FromLaunch && s.OffsetFrom != FromDeadline {
			wrong = append(wrong, errs.FieldError(name, "field.choice"))
		}
		if s.OffsetDays < -MaxOffset || s.OffsetDays > MaxOffset {
			wrong = append(wrong, errs.FieldError(name, "field.number_max", "Max", MaxOffset))
			continue
		}
		if before, ok := last[s.OffsetFrom]; ok && s.OffsetDays < before+DaysApart {
			wrong = append(wrong, errs.FieldError(name, "campaign.steps.apart", "Days", DaysApart))
		}
		last[s.OffsetFrom] = s.OffsetDays
	}
	return wrong
}
