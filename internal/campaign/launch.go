package campaign

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

const (
	// chunkSize is how many contacts one transaction of a launch takes: enough to be fast, few enough
	// not to keep SQLite's one writer from others.
	chunkSize = 5_000
	// firstChunk is how many the first takes, so that sending begins at once. The next take as many as there are by then: the
	// first messages are on their way before there is much to make.
	firstChunk = BatchSize
)

// Launched is what became of a launch.
type Launched struct {
	Campaign Campaign
	Waiting  bool // the queue is away: it is saved and goes on as soon as the queue is back
}

// Launch sends the first step of an approved campaign. It is saved when Launch returns; making and
// sending the messages is the workers' business.
func (s *Service) Launch(ctx context.Context, by account.Actor, id int64) (Launched, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Launched{}, err
	}
	if err := s.somebody(ctx, by, id, 1); err != nil {
		return Launched{}, errs.Wrap("campaign.launch", err)
	}
	var step Step
	c, err := s.change(ctx, by.Who, id, "campaign.launched", func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		if err := c.Launch(accountOf(by)); err != nil {
			return nil, err
		}
		err := s.startStep(tx, by.Who, c, &c.Steps[0])
		step = c.Steps[0]
		return nil, err
	})
	if err != nil {
		return Launched{}, errs.Wrap("campaign.launch", err)
	}
	return Launched{Campaign: c, Waiting: s.wakeLaunch(ctx, step)}, nil
}

// LaunchStep sends a follow-up now, before or after its day.
func (s *Service) LaunchStep(ctx context.Context, by account.Actor, id int64, position int) (Launched, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Launched{}, err
	}
	l, err := s.launchFollowUp(ctx, by.Who, id, position)
	return l, errs.Wrap("campaign.launch_step", err)
}

func (s *Service) launchFollowUp(ctx context.Context, who audit.Who, id int64, position int) (Launched, error) {
	var step *Step
	var c Campaign
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = lockCampaign(tx, id); err != nil {
			return err
		}
		if step, err = c.Step(position); err != nil {
			return err
		}
		if who.Kind != system.Kind {
			step.OwnDay = "" // now is now
		}
		return s.startFollowUp(tx, who, &c, step)
	})
	if err != nil {
		return Launched{}, err
	}
	return Launched{Campaign: c, Waiting: s.wakeLaunch(ctx, *step)}, nil
}

// startFollowUp is legal while the campaign runs and the step before it was launched.
func (s *Service) startFollowUp(tx *db.Tx, who audit.Who, c *Campaign, step *Step) error {
	switch {
	case step.Kind != FollowUp || c.State != Scheduled && c.State != Sending:
		return errs.E(errs.Conflict, "campaign.not_running")
	case c.Steps[step.Position-2].LaunchedAt == nil:
		return errs.E(errs.Conflict, "campaign.step_before")
	}
	if c.State == Scheduled {
		if err := c.move(Sending); err != nil {
			return err
		}
		if err := saveCampaign(tx, c); err != nil {
			return err
		}
	}
	return s.startStep(tx, who, c, step)
}

// startStep puts a step into launching, with everything that must be known from then on.
func (s *Service) startStep(tx *db.Tx, who audit.Who, c *Campaign, step *Step) error {
	if step.RevisionID == nil {
		return errs.E(errs.Conflict, "campaign.not_frozen")
	}
	before := step.State
	if err := step.Launch(s.Now()); err != nil {
		return err
	}
	if err := saveStep(tx, step); err != nil {
		return err
	}
	if err := s.Texts.MarkSent(tx, who, *step.RevisionID); err != nil {
		return err
	}
	action := "campaign.step_launched"
	if step.Kind == FollowUp {
		action = "campaign.follow_up_launched"
	}
	return s.recordStep(tx, who, c, step, action, before)
}

func (s *Service) recordStep(tx *db.Tx, who audit.Who, c *Campaign, step *Step, action string, before StepState) error {
	return audit.Record(tx, who, s.Now(), audit.Change{
		Action: action, ObjectKind: "campaign_step", ObjectID: step.ID, CycleID: c.CycleID,
		Before: map[string]any{"state": before},
		After:  map[string]any{"state": step.State, "campaign": c.ID, "step": step.Position},
	})
}

// somebody refuses a step that would go to nobody. It looks chunk by chunk, and no further than to the first who gets it.
func (s *Service) somebody(ctx context.Context, by account.Actor, id int64, position int) error {
	c, err := s.Get(ctx, by, id)
	if err != nil || c.State != Approved && !c.Awaiting() {
		return err
	}
	step, err := c.Step(position)
	if err != nil {
		return err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return err
	}
	looked, known := *step, &groundwork{}
	for size := firstChunk; ; size = s.chunk {
		q, err := s.snapshotOf(ctx, s.DB.Read(ctx), &c, &looked, cycle, size, known)
		if err != nil {
			return err
		}
		if q.upTo == 0 {
			return errs.E(errs.Conflict, "campaign.nobody")
		}
		counts, err := q.count(s.DB.Read(ctx))
		if err != nil || tally(counts).Recipients > 0 {
			return err
		}
		looked.LaunchCursor = q.upTo
	}
}

// wakeLaunch asks a worker to make the deliveries and says whether it must wait for that.
func (s *Service) wakeLaunch(ctx context.Context, step Step) (waiting bool) {
	if err := s.Queue.Launch(ctx, step.ID, step.LaunchCursor); err != nil {
		s.Log.WarnContext(ctx, "the launch waits for the queue", "step", step.ID, "error", err)
		return true
	}
	return false
}

// RunLaunch makes the deliveries of a step that is launching, chunk by chunk, and asks workers for
// each chunk's batches. It may be called at any time and by several workers at once; what was
// made stays made. Where this process is at it already, there is nothing to do.
func (s *Service) RunLaunch(ctx context.Context, stepID int64) error {
	if !s.launches.begin(stepID) {
		return nil
	}
	defer s.launches.end(stepID)
	known := &groundwork{}
	for {
		more, err := s.launchChunk(ctx, stepID, known)
		if err != nil || !more {
			return errs.Wrap("campaign.run_launch", err)
		}
	}
}

// launchChunk plans the next chunk and stores it in one transaction: on SQLite by the connection that has at hand what it wrote.
func (s *Service) launchChunk(ctx context.Context, stepID int64, known *groundwork) (more bool, err error) {
	var made chunk
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made = chunk{}
		id, err := campaignOfStep(tx, stepID)
		if err != nil {
			return err
		}
		c, err := lockCampaign(tx, id) // before anything is planned: several workers share a launch, and nobody plans in vain
		if err != nil {
			return err
		}
		step := c.stepByID(stepID)
		if step == nil || step.State != StepLaunching || c.State != Sending {
			return nil
		}
		plan, err := s.launchPlan(ctx, tx, &c, step, known)
		if err != nil {
			return err
		}
		made, err = s.storeChunk(ctx, tx, &c, step, &plan, known)
		return err
	})
	if err != nil {
		return false, err
	}
	s.wakeBatches(ctx, stepID, made.first, made.batches)
	return made.more, nil
}

// chunk is what was made of a plan.
type chunk struct {
	rows           int // deliveries
	first, batches int
	more           bool // there may be another, or it is to be planned again
}

// storeChunk stores what a plan says.
func (s *Service) storeChunk(ctx context.Context, tx *db.Tx, c *Campaign, step *Step, plan *snapshot, known *groundwork) (made chunk, err error) {
	if plan.upTo == 0 {
		return made, s.endLaunch(tx, c, step)
	}
	if !plan.plain() {
		if known, err := plan.knowsChains(tx); err != nil || !known {
			made.more = true
			return made, err // somebody with languages that nobody had before came meanwhile
		}
	}
	switch {
	case plan.held:
		_, err = completeChunk(tx, *plan) // the sweeper asks for its batches: only it knows how often they were taken
	case plan.hours != nil:
		made, err = insertHourly(tx, *plan)
	default:
		made, err = insertChunk(tx, *plan, func(rest *snapshot) error { return s.choose(ctx, tx, c, step, rest, known) })
	}
	if err != nil {
		return made, err
	}
	step.LaunchCursor, step.Planned, made.more = plan.upTo, step.Planned+made.rows, true
	return made, saveStep(tx, step)
}

// launchPlan is the next chunk, with upTo 0 where none is left.
func (s *Service) launchPlan(ctx context.Context, tx *db.Tx, c *Campaign, step *Step, known *groundwork) (snapshot, error) {
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return snapshot{}, err
	}
	size := s.chunk
	if !step.AtOwnHour() && step.Completion != CompletionRunning {
		size = min(max(firstChunk, step.Planned), size)
	}
	q, err := s.snapshotOf(ctx, tx, c, step, cycle, size, known)
	if err == nil && known.chains == nil && q.upTo != 0 && q.plain() {
		known.chains = q.chainTexts()
	}
	return q, err
}

// choose finds the languages of those whom the first statement of a chunk passed over: some may have languages that nobody had
// before.
func (s *Service) choose(ctx context.Context, tx *db.Tx, c *Campaign, step *Step, rest *snapshot, known *groundwork) error {
	chains, err := languageChains(tx, *rest)
	if err != nil {
		return err
	}
	met := len(known.chains)
	for _, chain := range chains {
		if !slices.Contains(known.chains, chain) {
			known.chains = append(known.chains, chain)
		}
	}
	if len(known.chains) == met {
		return nil
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return err
	}
	return s.chooseFor(ctx, tx, rest, step, cycle, known)
}

// endLaunch says that all deliveries are made.
func (s *Service) endLaunch(tx *db.Tx, c *Campaign, step *Step) error {
	before, action := step.State, "campaign.step_planned"
	if step.Completion == CompletionRunning {
		action = "campaign.step_completed"
	}
	if err := step.Launched(); err != nil {
		return err
	}
	if err := saveStep(tx, step); err != nil {
		return err
	}
	return s.recordStep(tx, system, c, step, action, before)
}

// wakeBatches asks for batches; whatever the queue does not take, the sweeper finds.
func (s *Service) wakeBatches(ctx context.Context, stepID int64, first, n int) {
	for i := range n {
		if err := s.Queue.Batch(ctx, BatchRef{stepID, first + i}, 0); err != nil {
			s.Log.WarnContext(ctx, "batches wait for the queue", "step", stepID, "error", err)
			return
		}
	}
}

func (c *Campaign) stepByID(id int64) *Step {
	for i := range c.Steps {
		if c.Steps[i].ID == id {
			return &c.Steps[i]
		}
	}
	return nil
}

// system is the worker, as the trail knows it.
var system = audit.System("campaign")
