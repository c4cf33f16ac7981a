package campaign

import (
	"context"
	"errors"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Turn is a message of a follow-up that waits because a volunteer has its contact in hand and may write first.
type Turn struct {
	DeliveryID  int64
	VolunteerID int64
	ContactID   int64
	Contact     string // its name
	Since       time.Time
	Until       time.Time // the end of the claim, when the campaign writes
}

// errOthersWait takes back that turns were told of: one of them ended meanwhile, or another worker was faster.
var errOthersWait = errors.New("other turns wait by now")

// TurnNotifier writes to volunteers that they may write first. It stores nothing.
type TurnNotifier interface {
	PrepareTurns(ctx context.Context, volunteerID int64, turns []Turn) (Notice, error)
}

// Notice is a letter that is written: stored in a transaction, then handed to a worker.
type Notice interface {
	Store(tx *db.Tx) error
	Wake(ctx context.Context)
}

// Turns are the follow-ups of a cycle that wait for the actor to write first, and that they can send, the one that waits longest first.
func (s *Service) Turns(ctx context.Context, by account.Actor, cycleID int64) ([]Turn, error) {
	if !by.May(account.MessageSend) {
		return nil, nil
	}
	tx := s.DB.Read(ctx)
	all, err := turnsOf(tx, cycleID, by.ID, s.Now())
	if err == nil {
		all, err = s.ready(tx, all)
	}
	return all, errs.Wrap("campaign.turns", err)
}

// ready are the turns in which the volunteer can write by now: no sooner than DaysApart after the message before.
func (s *Service) ready(tx *db.Tx, turns []Turn) ([]Turn, error) {
	last, err := lastBefore(tx, turns)
	var all []Turn
	for _, t := range turns {
		if from := last[t.DeliveryID].Add(DaysApart * day); from.After(t.Since) {
			t.Since = from
		}
		if !t.Since.After(s.Now()) {
			all = append(all, t)
		}
	}
	return all, err
}

// putOff is the outcome of a follow-up whose contact a volunteer has in hand: it waits until the claim ends.
func putOff(row *queuedRow) outcome {
	return outcome{
		ID: row.person.DeliveryID, State: DeliveryDeferred, Reason: VolunteerFirst, Attempts: row.attempts,
		Until: micros(row.turn.Until), turn: row.turn, told: true,
	}
}

// sweepTurns lets follow-ups go whose volunteer has the contact no more, and tells volunteers of those that wait for them.
func (s *Service) sweepTurns(ctx context.Context) error {
	now := s.Now()
	if err := s.arrangeTurns(ctx, now); err != nil {
		return err
	}
	over, err := turnsOver(s.DB.Read(ctx), now)
	if err != nil {
		return err
	}
	for _, id := range over {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.endTurn(tx, id) }); err != nil {
			return err
		}
	}
	return s.tellTurns(ctx)
}

// arrangeTurns leaves one turn of a contact in a campaign, that of the latest step, with whoever has the claim by now.
func (s *Service) arrangeTurns(ctx context.Context, now time.Time) error {
	tx := s.DB.Read(ctx)
	if waits, err := anyTurns(tx); err != nil || !waits {
		return err
	}
	overtaken, err := turnsOvertaken(tx)
	if err != nil {
		return err
	}
	for _, id := range overtaken {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.overtakeTurn(tx, id) }); err != nil {
			return err
		}
	}
	passed, err := turnsPassed(tx, now)
	if err != nil || len(passed) == 0 {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return passTurns(tx, passed, now) })
}

// overtakeTurn leaves a follow-up out that waits for a volunteer together with a later one: when the claim ends, only that goes.
func (s *Service) overtakeTurn(tx *db.Tx, deliveryID int64) error {
	ref := batchOf(deliveryID)
	if err := lockBatch(tx, ref); err != nil {
		return err
	}
	if err := skipOvertaken(tx, deliveryID); err != nil {
		return err
	}
	return countBatch(tx, ref, s.Now())
}

func (s *Service) endTurn(tx *db.Tx, deliveryID int64) error {
	ref := batchOf(deliveryID)
	if err := lockBatch(tx, ref); err != nil {
		return err
	}
	woken, err := wakeTurn(tx, deliveryID, s.Now())
	if err != nil || !woken {
		return err
	}
	return hurryBatch(tx, ref)
}

// tellTurns writes one letter to each volunteer, about all that waits for them since the last.
func (s *Service) tellTurns(ctx context.Context) error {
	if s.Turned == nil {
		return nil
	}
	tx := s.DB.Read(ctx)
	untold, err := turnsUntold(tx, s.Now())
	if err == nil {
		untold, err = s.ready(tx, untold)
	}
	if err != nil {
		return err
	}
	var all []error
	for len(untold) > 0 {
		n := 1
		for n < len(untold) && untold[n].VolunteerID == untold[0].VolunteerID {
			n++
		}
		all = append(all, s.tellTurnsOf(ctx, untold[:n])) // whom nobody can write to keeps no others from their letters
		untold = untold[n:]
	}
	return errors.Join(all...)
}

func (s *Service) tellTurnsOf(ctx context.Context, turns []Turn) error {
	notice, err := s.Turned.PrepareTurns(ctx, turns[0].VolunteerID, turns)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		told, err := markTurnsTold(tx, turns, s.Now())
		if err == nil && !told {
			err = errOthersWait
		}
		if err != nil {
			return err
		}
		return notice.Store(tx)
	})
	switch {
	case errors.Is(err, errOthersWait):
		return nil // the next sweep writes to whoever is left
	case err == nil:
		notice.Wake(ctx)
	}
	return err
}
