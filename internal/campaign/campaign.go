// Package campaign sends the call and its follow-ups: to everyone on the list, each in their
// language, once, and then to those who have not answered until somebody does.
//
// A campaign has steps: the call, and at most three follow-ups. A step is launched by set-based
// statements that snapshot its audience into deliveries, with a reason for everyone who is left
// out. Deliveries go out by batches of 500; a batch is leased by one conditional update, what
// speaks against a message is asked again in the statement that reads it, and the results are
// committed in one transaction. A journal outside of the database says what a killed process
// had got done, so that nothing is lost and nothing is sent twice.
package campaign

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// State is how far a campaign has come.
type State string

// The states of a campaign.
const (
	Draft     State = "draft"
	InReview  State = "in_review"
	Approved  State = "approved"
	Scheduled State = "scheduled" // nothing to send now, a step still to come: the call at its time, or a follow-up
	Sending   State = "sending"
	Paused    State = "paused"
	Sent      State = "sent"
	Cancelled State = "cancelled"
)

// States lists them in the order of a campaign's life.
func States() []State {
	return []State{Draft, InReview, Approved, Scheduled, Sending, Paused, Sent, Cancelled}
}

// The moves that are legal. Some of them are not in the plain line of the house plan: between two
// steps a campaign waits, which is the state scheduled again, not sent, because somebody may
// still pause or cancel what is to come; and so it can be paused while it waits. One that was sent
// goes on when a step is completed. One whose time has not come yet may be taken off the schedule.
var moves = map[State][]State{
	Draft:     {InReview, Cancelled},
	InReview:  {Draft, Approved, Cancelled},
	Approved:  {Scheduled, Sending, Cancelled},
	Scheduled: {Sending, Paused, Cancelled, Approved}, // approved again only before its call went out
	Sending:   {Scheduled, Paused, Sent, Cancelled},
	Paused:    {Sending, Cancelled},
	Sent:      {Sending}, // a step is completed for whom its message was held
}

// Can says whether the move is legal.
func (s State) Can(to State) bool { return slices.Contains(moves[s], to) }

// Running says whether the campaign was launched and is not over.
func (s State) Running() bool { return s == Scheduled || s == Sending || s == Paused }

// Campaign is a message and its follow-ups to an audience of a cycle.
type Campaign struct {
	ID       int64
	CycleID  int64
	Name     string
	State    State
	Audience Audience `gorm:"serializer:json"`
	// SegmentID is the segment that the audience was copied from, nil for none; it may be deleted since. Name and version are
	// those of that moment.
	SegmentID      *int64
	SegmentName    string
	SegmentVersion int
	CreatedBy      *int64
	CreatedAt      time.Time
	SubmittedBy    *int64
	SubmittedAt    *time.Time
	ApprovedBy     *int64
	ApprovedAt     *time.Time
	LaunchedBy     *int64
	FinishedAt     *time.Time
	Rate           Rate       `gorm:"embedded;embeddedPrefix:rate_"`     // at most so many messages of it in a time
	Timing         Timing     `gorm:"embedded;embeddedPrefix:schedule_"` // when it goes out by itself, or went
	ScheduledAt    *time.Time // the first instant of it
	ScheduledBy    *int64
	// ScheduleLocales are the languages in which the call could go out when somebody scheduled it, separated by spaces.
	ScheduleLocales string
	ScheduleRefused Refusal `gorm:"serializer:json"` // why it did not go out when its time had come
	Steps           []Step  `gorm:"-"`
}

// move changes the state or refuses with errs.Conflict.
func (c *Campaign) move(to State) error {
	if !c.State.Can(to) {
		return errs.E(errs.Conflict, "campaign.illegal_move", "From", string(c.State), "To", string(to))
	}
	c.State = to
	return nil
}

// Submit puts the campaign before a second person. Its texts must be frozen.
func (c *Campaign) Submit(by *int64, now time.Time) error {
	if !c.Frozen() {
		return errs.E(errs.Conflict, "campaign.not_frozen")
	}
	if err := c.move(InReview); err != nil {
		return err
	}
	c.SubmittedBy, c.SubmittedAt = by, &now
	return nil
}

// answers is who stands for a draft: whoever froze it, else its author.
func (c *Campaign) answers() *int64 {
	if c.SubmittedBy != nil {
		return c.SubmittedBy
	}
	return c.CreatedBy
}

// Approve lets the campaign be launched. Who made or submitted it may do so only where the cycle
// says that the author may approve alone; else the error is errs.Forbidden.
func (c *Campaign) Approve(by int64, authorMay bool, now time.Time) error {
	if !c.Approvable(by, authorMay) {
		return errs.E(errs.Forbidden, "campaign.approve.own")
	}
	if c.State != InReview {
		return errs.E(errs.Conflict, "campaign.illegal_move", "From", string(c.State), "To", string(Approved))
	}
	if err := c.move(Approved); err != nil {
		return err
	}
	c.ApprovedBy, c.ApprovedAt = &by, &now
	return nil
}

// Approvable says whether this person is another than those who made and submitted the campaign, where that is asked.
func (c *Campaign) Approvable(by int64, authorMay bool) bool {
	return authorMay || !is(c.CreatedBy, by) && !is(c.SubmittedBy, by)
}

// SendBack returns the campaign from review to its author.
func (c *Campaign) SendBack() error {
	if c.State != InReview {
		return errs.E(errs.Conflict, "campaign.illegal_move", "From", string(c.State), "To", string(Draft))
	}
	c.SubmittedBy, c.SubmittedAt = nil, nil
	return c.move(Draft)
}

// Launch starts the first step.
func (c *Campaign) Launch(by *int64) error {
	if c.State != Approved && !c.Awaiting() {
		return errs.E(errs.Conflict, "campaign.not_approved")
	}
	c.LaunchedBy, c.ScheduleRefused = by, Refusal{}
	return c.move(Sending)
}

// Pause holds everything back until Resume. What was not launched yet is taken off the schedule instead.
func (c *Campaign) Pause() error {
	if c.Awaiting() {
		return errs.E(errs.Conflict, "campaign.illegal_move", "From", string(c.State), "To", string(Paused))
	}
	return c.move(Paused)
}

// Resume goes on. It is refused unless the campaign is paused.
func (c *Campaign) Resume() error {
	if c.State != Paused {
		return errs.E(errs.Conflict, "campaign.illegal_move", "From", string(c.State), "To", string(Sending))
	}
	return c.move(Sending)
}

// Cancel ends the campaign for good; what has not left never will.
func (c *Campaign) Cancel(now time.Time) error {
	if err := c.move(Cancelled); err != nil {
		return err
	}
	c.FinishedAt = &now
	return nil
}

// Wait says that nothing is left to send until a later step is due.
func (c *Campaign) Wait() error { return c.move(Scheduled) }

// Finish says that nothing is left to send.
func (c *Campaign) Finish(now time.Time) error {
	if err := c.move(Sent); err != nil {
		return err
	}
	c.FinishedAt = &now
	return nil
}

// Complete goes on sending for those whose message of a step was held. A paused campaign stays so.
func (c *Campaign) Complete() error {
	switch c.State {
	case Sending, Paused:
		return nil
	case Scheduled, Sent:
		c.FinishedAt = nil
		return c.move(Sending)
	}
	return errs.E(errs.Conflict, "campaign.not_running")
}

// Frozen says whether the text of every step is frozen.
func (c *Campaign) Frozen() bool {
	for _, s := range c.Steps {
		if s.RevisionID == nil {
			return false
		}
	}
	return len(c.Steps) > 0
}

// Step finds a step by its position, from 1; errs.NotFound where there is none.
func (c *Campaign) Step(position int) (*Step, error) {
	for i := range c.Steps {
		if c.Steps[i].Position == position {
			return &c.Steps[i], nil
		}
	}
	return nil, errs.E(errs.NotFound, "campaign.step_not_found")
}

func is(id *int64, other int64) bool { return id != nil && *id == other }
