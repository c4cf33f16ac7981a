package campaign

import "time"

// NextKind says what comes next for a contact in a campaign.
type NextKind string

// The kinds of what comes next. Each has a text campaign.next_for.<kind>.
const (
	NextLaunch    NextKind = "launch"    // the campaign is not launched yet
	NextGoing     NextKind = "going"     // a message is about to go out
	NextWaits     NextKind = "waits"     // a message is tried again, or waits for its hour
	NextVolunteer NextKind = "volunteer" // a volunteer has the contact: the campaign's message comes when the claim ends
	NextDecision  NextKind = "decision"  // somebody decides whether a message arrived
	NextFollowUp  NextKind = "follow_up"
	NextPaused    NextKind = "paused"  // whatever comes, it waits until the campaign goes on
	NextNothing   NextKind = "nothing" // for the reason given
)

// Reasons why nothing comes next, beside those against a message.
const (
	NothingLeft   Reason = "all_sent"     // all follow-ups were sent
	NoFollowUp    Reason = "no_follow_up" // there is none
	NotInAudience Reason = "not_in_audience"
	HasComplained Reason = "complained"
)

// Nothings lists the reasons why nothing comes next, each with a text campaign.nothing.<reason>.
func Nothings() []Reason {
	return []Reason{
		Responded, Suppressed, OptedOut, FewerReminders, Declined, HasComplained, NoAddress, Bounced, NothingLeft, NoFollowUp, NotInAudience,
		WasCancelled, StepEnded, DuplicateAddress, Merged, NoTranslation, HeldForTranslation, Dropped, Promised,
		PersonalClaim, ClaimLost, Refused, NoMailbox, NoDomain, MailboxFull, RefusedMessage, Unencodable, TooLarge, GaveUp,
	}
}

// Next is what comes next for a contact in a campaign, or why nothing does.
type Next struct {
	Kind      NextKind
	Reason    Reason     // of NextNothing and NextWaits
	Step      int        // the position of the step that it is about; 0 for none
	At        *time.Time // nil where it is not known
	Volunteer string     // of NextVolunteer
}

// Standing is what decides what comes next for a contact.
type Standing struct {
	State      State // of the campaign
	Steps      []Step
	Deliveries []Delivery // of the contact in this campaign, by step and id
	Against    Reason     // what speaks against any further message; notAReason for nothing
	Address    Reason     // NoAddress or Bounced where no address works
	Fewer      bool       // they asked for no further reminder
	Volunteer  string     // who has the contact in hand, "" for nobody
	ClaimEnds  *time.Time
	Promised   *time.Time // until when automatic follow-ups are held
	Listed     bool       // in the audience
	Now        time.Time
}

// Next works out what comes next.
func (s *Standing) Next() Next {
	nothing := func(r Reason) Next { return Next{Kind: NextNothing, Reason: r} }
	switch {
	case s.Against != notAReason:
		return nothing(s.Against)
	case s.State == Cancelled:
		return nothing(WasCancelled)
	}
	last := s.last()
	if last == nil {
		return s.before()
	}
	step := s.step(last.StepID)
	at := step.Position
	switch last.State {
	case DeliveryUncertain:
		return Next{Kind: NextDecision, Step: at}
	case DeliveryComplained:
		return nothing(HasComplained)
	case DeliveryBounced:
		return nothing(Bounced)
	case DeliveryFailed:
		n := s.following(step)
		if step.Kind == Call || n.Kind == NextNothing {
			n = Next{Kind: NextNothing, Reason: last.Reason, Step: at}
		}
		return n
	case DeliveryQueued, DeliveryDeferred, DeliveryPlanned:
		return s.underWay(last, at)
	case DeliverySkipped:
		if n, over := s.skipped(last, step); over {
			return n
		}
	}
	return s.following(step)
}

// last is the newest word about the contact: of the steps that have a delivery of it the latest, and there the one that
// is more than a line about having been left out.
func (s *Standing) last() *Delivery {
	var found *Delivery
	for i := range s.Deliveries {
		d := &s.Deliveries[i]
		same := found != nil && found.StepID == d.StepID
		if !same || found.State == DeliverySkipped || d.State != DeliverySkipped {
			found = d
		}
	}
	return found
}

func (s *Standing) step(id int64) *Step {
	for i := range s.Steps {
		if s.Steps[i].ID == id {
			return &s.Steps[i]
		}
	}
	return &Step{}
}

// before is what comes for somebody who has no delivery.
func (s *Standing) before() Next {
	switch {
	case !s.Listed:
		return Next{Kind: NextNothing, Reason: NotInAudience}
	case s.Address != notAReason:
		return Next{Kind: NextNothing, Reason: s.Address}
	case s.Steps[0].State == StepPlanned:
		return Next{Kind: NextLaunch, Step: 1}
	case s.Steps[0].State == StepLaunching:
		return s.unlessPaused(Next{Kind: NextGoing, Step: 1})
	}
	return Next{Kind: NextNothing, Reason: NotInAudience} // came onto the list after the launch
}

func (s *Standing) unlessPaused(n Next) Next {
	if s.State == Paused {
		return Next{Kind: NextPaused, Step: n.Step}
	}
	return n
}

func (s *Standing) underWay(d *Delivery, position int) Next {
	switch {
	case d.State == DeliveryDeferred && d.Reason == VolunteerFirst && s.Volunteer != "":
		return s.unlessPaused(Next{Kind: NextVolunteer, Step: position, At: s.ClaimEnds, Volunteer: s.Volunteer})
	case d.State == DeliveryDeferred:
		return s.unlessPaused(Next{Kind: NextWaits, Reason: d.Reason, Step: position, At: d.Until})
	}
	return s.unlessPaused(Next{Kind: NextGoing, Step: position})
}

// skipped is what comes for somebody who was left out of a step; over is false where the steps after it may reach them.
func (s *Standing) skipped(d *Delivery, step *Step) (Next, bool) {
	switch {
	case step.Kind == FollowUp || d.Reason == SentPersonally:
		return Next{}, false
	case d.Reason == PersonalClaim && s.Volunteer != "":
		return Next{Kind: NextVolunteer, Step: step.Position, At: s.ClaimEnds, Volunteer: s.Volunteer}, true
	}
	return Next{Kind: NextNothing, Reason: d.Reason, Step: step.Position}, true
}

// following is the follow-up after a step that comes next: one that is being sent was planned without them, and one that is held by
// a promise leaves the next to come.
func (s *Standing) following(after *Step) Next {
	var held *Next
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Position <= after.Position {
			continue
		}
		switch step.State {
		case StepCancelled, StepSent, StepSending:
			continue
		case StepLaunching:
			return s.unlessPaused(Next{Kind: NextGoing, Step: step.Position})
		}
		n := s.followUp(step)
		if n.Reason != Promised {
			return n
		}
		if held == nil {
			held = &n
		}
	}
	switch {
	case held != nil:
		return *held
	case len(s.Steps) == 1:
		return Next{Kind: NextNothing, Reason: NoFollowUp}
	}
	return Next{Kind: NextNothing, Reason: NothingLeft}
}

// dayOf is when a follow-up comes to the contact: later than to others where the message before came late, as when it is sent.
func (s *Standing) dayOf(step *Step) *time.Time {
	var last *Delivery
	for i := range s.Deliveries {
		if d := &s.Deliveries[i]; d.SentAt != nil && (last == nil || d.SentAt.After(*last.SentAt)) {
			last = d
		}
	}
	if step.DueAt == nil || last == nil {
		return step.DueAt
	}
	before := s.step(last.StepID)
	if before.LaunchedAt == nil {
		return step.DueAt
	}
	late, apart := last.SentAt.Sub(*before.LaunchedAt), step.DueAt.Sub(*before.LaunchedAt)
	if late < day || step.OwnMinute != nil && late < 2*day {
		return step.DueAt
	}
	if step.OffsetFrom == FromDeadline {
		apart = min(apart, DaysApart*day)
	}
	if at := last.SentAt.Add(apart); at.After(*step.DueAt) {
		return &at
	}
	return step.DueAt
}

func (s *Standing) followUp(step *Step) Next {
	n := Next{Kind: NextFollowUp, Step: step.Position, At: s.dayOf(step)}
	switch {
	case s.State == Paused:
		return Next{Kind: NextPaused, Step: step.Position}
	case s.Address != notAReason:
		return Next{Kind: NextNothing, Reason: s.Address}
	case s.Fewer:
		return Next{Kind: NextNothing, Reason: FewerReminders}
	case n.At != nil && step.EndsAt != nil && !n.At.Before(*step.EndsAt):
		return Next{Kind: NextNothing, Reason: StepEnded, Step: step.Position}
	case s.Promised != nil && (n.At == nil || n.At.Before(*s.Promised)):
		return Next{Kind: NextNothing, Reason: Promised, Step: step.Position, At: s.Promised}
	case s.Volunteer != "" && s.ClaimEnds != nil && n.At != nil && n.At.Before(*s.ClaimEnds):
		return Next{Kind: NextVolunteer, Step: step.Position, At: s.ClaimEnds, Volunteer: s.Volunteer}
	}
	return n
}
