package campaign

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

const (
	// lease is how long a worker may hold a batch before others ask what became of it.
	lease = time.Minute
	// roundTime is how long a batch is sent before it is given back and taken again: whatever
	// speaks against a message by then (rule 3) is seen within it.
	roundTime = 800 * time.Millisecond
	// awayPause is how long a batch waits when no server can be reached.
	awayPause = 5 * time.Second
	// commitPause and commitFor bound the waiting for a database that is away while results are
	// to be stored. The journal has them as well.
	commitPause = 500 * time.Millisecond
	commitTries = 7200
)

// round is one taking of a batch, from the lease to the results.
type round struct {
	ref      BatchRef
	attempt  int
	campaign Campaign
	step     Step
	cycle    Cycle
	rows     []queuedRow
	opening  string          // what a volunteer wrote before the text
	arena    []byte          // the messages, one behind the other
	partly   bool            // the arena is full: the others are for the next round
	edits    map[int64]*Edit // by contact, words of their own; nil for a step without any

	notBefore *time.Time // when to come back, nil for at once
	waits     Waits      // for what
}

// SendBatch sends what may be sent of a batch, in rounds of less than a second, until it has
// ended, waits for something, or somebody else has it. It may be called at any time and by
// several workers at once. An error leaves the batch to the sweeper.
func (s *Service) SendBatch(ctx context.Context, ref BatchRef) error {
	for ctx.Err() == nil && !s.rest.rests(ref, s.Now()) {
		r, err := s.take(ctx, ref)
		if err != nil || r == nil {
			return errs.Wrap("campaign.send_batch", err)
		}
		more, err := s.sendRound(ctx, r)
		if err != nil || !more {
			return errs.Wrap("campaign.send_batch", err)
		}
	}
	return nil
}

// take leases the batch and reads what may be sent of it, in one transaction; nil where there is nothing to take. On SQLite
// that is the connection that has the deliveries at hand, because it wrote them.
func (s *Service) take(ctx context.Context, ref BatchRef) (*round, error) {
	r := &round{ref: ref}
	ok := false
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		now := s.Now()
		var err error
		r.attempt, ok, err = takeBatch(tx, ref, s.Journals.Owner(), now, now.Add(lease))
		if err != nil || !ok {
			return err
		}
		if err := wakeDeferred(tx, ref, now); err != nil {
			return err
		}
		return s.readRound(ctx, tx, r)
	})
	if err != nil || !ok {
		return nil, err
	}
	return r, nil
}

func (s *Service) readRound(ctx context.Context, tx *db.Tx, r *round) error {
	id, err := campaignOfStep(tx, r.ref.StepID)
	if err != nil {
		return err
	}
	if r.campaign, err = loadCampaign(tx, id); err != nil {
		return err
	}
	r.step = *r.campaign.stepByID(r.ref.StepID)
	if r.cycle, err = s.Cycles.Cycle(ctx, r.campaign.CycleID); err != nil {
		return err
	}
	now := s.Now()
	check := recheck{
		cycleID: r.cycle.ID, organization: r.cycle.OrganizationStopsFollowUps,
		followUp: r.step.Kind == FollowUp, now: now, personal: r.ref.Personal(), mailing: mailingOf(&r.campaign, &r.step),
	}
	if check.followUp && !check.personal {
		for _, step := range r.campaign.Steps[:r.step.Position-1] {
			check.earlier = append(check.earlier, step.ID)
		}
	}
	switch {
	case r.campaign.State == Cancelled:
		check.over = WasCancelled
	case r.step.EndsAt != nil && !now.Before(*r.step.EndsAt):
		check.over = StepEnded
	}
	if r.rows, err = queuedRows(tx, r.ref, check); err != nil {
		return err
	}
	if r.step.Exceptions > 0 && !r.ref.Personal() {
		if r.edits, err = editsOfBatch(tx, r.ref); err != nil {
			return err
		}
	}
	if err := readTurns(tx, r, now); err != nil {
		return err
	}
	if err := readTries(tx, r); err != nil {
		return err
	}
	if !r.ref.Personal() {
		return nil
	}
	for i := range r.rows {
		p := &r.rows[i].person
		if p.Volunteer, p.VolunteerBox, r.opening, err = personalOf(tx, p.DeliveryID); err != nil {
			return err
		}
	}
	return nil
}

// giveBack returns a batch of which nothing was begun.
func (s *Service) giveBack(ctx context.Context, r *round) error {
	later := s.Now().Add(awayPause)
	return s.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		return releaseBatch(tx, r.ref, s.Journals.Owner(), r.attempt, &later, WaitsNot)
	})
}

// sendRound sends a round and stores what became of it; more says whether another round may have
// something to do at once.
func (s *Service) sendRound(ctx context.Context, r *round) (more bool, err error) {
	r.arena = s.arenas.take()
	defer func() { s.arenas.giveBack(r.arena) }()
	outcomes, envelopes, err := s.compose(ctx, r)
	if err != nil {
		return false, errors.Join(err, s.giveBack(ctx, r))
	}
	envelopes, permits := s.permit(ctx, r, envelopes)
	limited, stop := context.WithTimeout(ctx, roundTime)
	results, sendErr := s.Transport.Send(limited, envelopes, s.Journals.Recorder())
	stop()
	s.giveLeft(ctx, permits, results)
	timeUp := errors.Is(sendErr, context.DeadlineExceeded) && ctx.Err() == nil
	if sendErr != nil && !timeUp {
		r.wait(s.Now().Add(awayPause), WaitsServer)
	}
	left, now := r.partly, s.Now()
	for i, result := range results {
		o := s.judge(r.byID(envelopes[i].ID), result, now)
		left = left || o.State == DeliveryQueued
		outcomes = append(outcomes, o)
	}
	if err := s.commit(ctx, r, outcomes); err != nil {
		return false, err
	}
	if sendErr != nil && !timeUp {
		s.Log.WarnContext(ctx, "a batch waits", "step", r.ref.StepID, "batch", r.ref.Number, "error", sendErr)
	}
	return left && r.notBefore == nil, nil
}

// compose renders the messages of those who may get one; the others have their outcome already.
func (s *Service) compose(ctx context.Context, r *round) ([]outcome, []mail.Envelope, error) {
	outcomes := make([]outcome, 0, len(r.rows))
	composers, err := s.roundComposers(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	if err := s.complete(ctx, r, composers); err != nil {
		return nil, nil, err
	}
	envelopes := make([]mail.Envelope, 0, len(r.rows))
	for i := range r.rows {
		row := &r.rows[i]
		if o, decided := s.decided(r, row); decided {
			outcomes = append(outcomes, o)
			continue
		}
		if r.partly = r.partly || len(r.arena) > s.arenas.full; r.partly {
			continue
		}
		c := composers[r.edition(row)]
		if c == nil {
			outcomes = append(outcomes, s.waits(row))
			continue
		}
		e, err := c.envelopeIn(&r.arena, row.person, r.ref, r.attempt)
		if err != nil {
			outcomes = append(outcomes, s.waits(row))
			continue
		}
		envelopes = append(envelopes, e)
		if len(envelopes) == 1 {
			r.arena = s.arenas.room(r.arena, len(r.rows)-i)
		}
	}
	return outcomes, envelopes, nil
}

// decided is what becomes of a message that is not sent now: something speaks against it, or its day has not come.
func (s *Service) decided(r *round, row *queuedRow) (outcome, bool) {
	if row.reason == VolunteerFirst {
		return putOff(row), true
	}
	if row.reason != notAReason {
		return outcome{ID: row.person.DeliveryID, State: DeliverySkipped, Reason: row.reason, Attempts: row.attempts, told: row.person.Resends > 0}, true
	}
	if due := r.due(row); due.After(s.Now()) {
		return outcome{ID: row.person.DeliveryID, State: DeliveryDeferred, Reason: OwnDay, Attempts: row.attempts, Until: micros(due)}, true
	}
	return outcome{}, false
}

// edition is the form of the text that a message has.
func (r *round) edition(row *queuedRow) edition {
	if own := r.edits[row.person.ContactID]; own != nil {
		return own.edition()
	}
	return edition{revisionID: *r.step.RevisionID, locale: row.locale, number: row.edition, variant: row.variant, bilingual: r.step.LanguagePolicy == PolicyBilingual}
}

// roundComposers are those of the editions that are to be sent; nil where a text cannot be rendered.
func (s *Service) roundComposers(ctx context.Context, r *round) (map[edition]*composer, error) {
	composers := map[edition]*composer{}
	deadlines, err := s.deadlines(ctx, r.cycle)
	if err != nil {
		return nil, err
	}
	r.cycle.deadlines = &deadlines
	for i := range r.rows {
		if r.rows[i].reason != notAReason {
			continue
		}
		of := r.edition(&r.rows[i])
		if _, known := composers[of]; known {
			continue
		}
		c, err := s.roundComposer(ctx, r, of)
		if err != nil {
			return nil, err
		}
		composers[of] = c
	}
	return composers, nil
}

// complete reads what of the contacts not every text says: the organization, and who has another deadline.
func (s *Service) complete(ctx context.Context, r *round, composers map[edition]*composer) error {
	organization, deadline, grace := false, false, false
	for _, c := range composers {
		organization = organization || c != nil && c.names(fieldOrganization)
		deadline = deadline || c != nil && c.names(fieldDeadline)
		grace = grace || c != nil && c.names(fieldDeadline) && c.hasGrace()
	}
	if organization {
		if err := nameOrganizations(s.DB.Read(ctx), r.rows); err != nil {
			return err
		}
	}
	if grace {
		if err := markInitiatives(s.DB.Read(ctx), r.rows); err != nil {
			return err
		}
	}
	if !deadline {
		return nil
	}
	return s.markOwn(ctx, r.cycle.ID, r.rows)
}

// due is when a follow-up may go to its contact. Days are counted from what that person got: whoever was sent the
// message before a day or more after its step was launched (because it was held, or a server would not take it) gets
// this one as many days after it as there are between the two steps. From a deadline there is nothing to count, but the
// messages stay DaysApart. Zero is at once.
func (r *round) due(row *queuedRow) time.Time {
	before := r.campaign.stepByID(row.lastStep)
	if before == nil || row.lastSent == nil || before.LaunchedAt == nil || r.step.LaunchedAt == nil {
		return time.Time{}
	}
	late := row.lastSent.Sub(*before.LaunchedAt)
	apart := r.step.LaunchedAt.Sub(*before.LaunchedAt)
	if r.step.OffsetFrom == FromDeadline || r.step.AtOwnHour() && late < 2*day {
		apart = min(apart, DaysApart*day)
	}
	switch {
	case r.step.AtOwnHour(): // whose days are those of the calendar
		apart -= ownSlack
	case late < day:
		return time.Time{}
	}
	return row.lastSent.Add(apart)
}

// roundComposer is nil where the text cannot be rendered: that keeps nobody else from their message.
func (s *Service) roundComposer(ctx context.Context, r *round, of edition) (*composer, error) {
	compose := func() (*composer, error) { return s.composer(ctx, r.cycle, of) }
	if r.opening != "" || of.own != nil {
		compose = func() (*composer, error) { return s.freshComposer(ctx, r.cycle, of, r.opening) }
	}
	c, err := compose()
	if textFails(err) {
		s.Log.WarnContext(ctx, "messages wait because their text cannot be rendered", "step", r.ref.StepID, "locale", of.locale, "error", err)
		return nil, nil
	}
	return c, err
}

// byID finds a row; they are in the order of their ids.
func (r *round) byID(id int64) *queuedRow {
	low, high := 0, len(r.rows)
	for low < high {
		middle := (low + high) / 2
		if r.rows[middle].person.DeliveryID < id {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return &r.rows[low]
}

// judge turns the word of a server into the state of a delivery.
func (s *Service) judge(row *queuedRow, result mail.Result, now time.Time) outcome {
	o := outcome{ID: row.person.DeliveryID, Attempts: row.attempts + 1, Server: result.Server, Reply: replyText(result)}
	switch result.Outcome {
	case mail.Accepted:
		o.State, o.SentAt = DeliverySent, micros(now)
	case mail.Uncertain:
		o.State, o.Reason = DeliveryUncertain, NoReply
	case mail.Failed:
		if o.State, o.Reason = DeliveryFailed, kindOfRefusal(result); o.Reason == OwnTrouble {
			deferOrGiveUp(&o, row, now, s.Spread())
		}
	case mail.Deferred:
		deferOrGiveUp(&o, row, now, s.Spread())
	default:
		o.State, o.Attempts, o.Server, o.Reply = DeliveryQueued, row.attempts, "", ""
		return o
	}
	o.told = o.State != DeliverySent || row.attempts > 0 || row.person.Resends > 0
	return o
}

// deferOrGiveUp keeps the reason of what is deferred.
func deferOrGiveUp(o *outcome, row *queuedRow, now time.Time, spread float64) {
	first := row.firstTry
	if first.IsZero() {
		first = now
	}
	end := first.Add(tryFor)
	if o.Attempts >= leastTries && !now.Before(end) {
		o.State, o.Reason = DeliveryFailed, GaveUp
		return
	}
	o.State = DeliveryDeferred
	next := now.Add(backoff(o.Attempts, spread))
	if now.Before(end) && end.Before(next) {
		next = end // the last try
	}
	o.Until = micros(next)
}

func replyText(r mail.Result) string {
	if r.Code == 0 {
		return r.Reply
	}
	m := r.Reply
	if r.Enhanced != "" {
		m = r.Enhanced + " " + m
	}
	return strconv.Itoa(r.Code) + " " + m
}

// commit stores the results of a round in one transaction with the counters of its batch. While
// the database is away it waits: the messages have left, and nobody else knows it better.
func (s *Service) commit(ctx context.Context, r *round, outcomes []outcome) error {
	ctx = context.WithoutCancel(ctx)
	for try := 1; ; try++ {
		err := s.store(ctx, r, outcomes)
		if err == nil {
			return s.Journals.Finished(r.ref.key(), r.attempt)
		}
		s.Log.ErrorContext(ctx, "results wait for the database", "step", r.ref.StepID, "batch", r.ref.Number, "error", err)
		if try == commitTries {
			return err
		}
		timer := time.NewTimer(commitPause)
		<-timer.C
	}
}

func (s *Service) store(ctx context.Context, r *round, outcomes []outcome) error {
	now := s.Now()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := lockBatch(tx, r.ref); err != nil {
			return err
		}
		if err := storeOutcomes(tx, r.kept(outcomes)); err != nil {
			return err
		}
		if err := storeTries(tx, now, outcomes); err != nil {
			return err
		}
		if err := storeTurns(tx, outcomes); err != nil {
			return err
		}
		if err := releaseBatch(tx, r.ref, s.Journals.Owner(), r.attempt, r.notBefore, r.waits); err != nil {
			return err
		}
		if err := countBatch(tx, r.ref, now); err != nil {
			return err
		}
		if err := s.markAddresses(tx, outcomes); err != nil {
			return err
		}
		return s.tellVolunteers(tx, r.ref)
	})
}

// kept are the outcomes but for messages that had arrived before and were sent again in vain: they have arrived.
func (r *round) kept(outcomes []outcome) []outcome {
	if !r.step.Resent {
		return outcomes
	}
	kept := slices.Clone(outcomes)
	for i := range kept {
		o := &kept[i]
		before := r.byID(o.ID).arrived
		if before == nil || o.State == DeliverySent {
			continue
		}
		o.SentAt = micros(before.At)
		if o.State == DeliverySkipped || o.State == DeliveryFailed {
			o.State, o.Reason, o.Server, o.Reply = DeliverySent, notAReason, before.Server, before.Reply
		}
	}
	return kept
}

// markAddresses passes on which addresses servers refuse for good.
func (s *Service) markAddresses(tx *db.Tx, outcomes []outcome) error {
	var deliveries []int64
	for _, o := range outcomes {
		if o.State == DeliveryFailed && o.Reason.marksAddress() {
			deliveries = append(deliveries, o.ID)
		}
	}
	if len(deliveries) == 0 {
		return nil
	}
	addresses, err := addressesOf(tx, deliveries)
	if err != nil {
		return err
	}
	return s.Addresses.MarkBounced(tx, system, addresses)
}
