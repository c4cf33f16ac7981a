package campaign

import (
	"context"
	"errors"
	"slices"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Recover takes over what dead workers held: a worker calls it when it starts, and the sweeper
// again and again. Messages that a dead worker's journal tells as accepted are sent; those it had
// begun are uncertain, at most one for each connection; the rest never left and stays queued. A
// batch whose owner is late, not alive here and without a journal is uncertain as a whole.
func (s *Service) Recover(ctx context.Context) error {
	dead, err := s.Journals.Dead()
	if err != nil {
		return errs.Wrap("campaign.recover", err)
	}
	var all []error
	for _, journal := range dead {
		all = append(all, s.recoverJournal(ctx, journal))
	}
	if err := errors.Join(all...); err != nil {
		return errs.Wrap("campaign.recover", err)
	}
	return errs.Wrap("campaign.recover", s.recoverLost(ctx))
}

// recoverJournal applies all that a journal tells, in one transaction, and then forgets it. Facts
// that are in the database already change nothing.
func (s *Service) recoverJournal(ctx context.Context, journal mail.DeadJournal) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		told := map[BatchRef]mail.BatchOutcome{}
		for _, b := range journal.Batches {
			ref := batchOfKey(b.Batch)
			if err := s.applyAccepted(tx, ref, b); err != nil {
				return err
			}
			if before, ok := told[ref]; !ok || before.Attempt < b.Attempt {
				told[ref] = b
			}
		}
		if journal.Owner == "" {
			return nil // not even the name is readable: its leases expire, and then nobody has them
		}
		held, err := heldBy(tx, journal.Owner)
		if err != nil {
			return err
		}
		for _, b := range held {
			if err := s.recoverBatch(tx, b, journal.Trust, told[b.ref()]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "took over from a dead worker", "owner", journal.Owner, "trust", journal.Trust, "batches", len(journal.Batches))
	return s.Journals.Forget(journal)
}

// applyAccepted: a server's 250 is a fact, whatever was thought of the batch since.
func (s *Service) applyAccepted(tx *db.Tx, ref BatchRef, b mail.BatchOutcome) error {
	if len(b.Accepted) == 0 {
		return nil
	}
	now := s.Now()
	if err := tellMarked(tx, ref, b.Accepted, DeliveryUncertain, DeliverySent, notAReason, now); err != nil {
		return err
	}
	err := markDeliveries(tx, ref, b.Accepted, []DeliveryState{DeliveryQueued, DeliveryUncertain}, DeliverySent, notAReason, &now)
	if err != nil {
		return err
	}
	if err := countBatch(tx, ref, now); err != nil {
		return err
	}
	return s.tellVolunteers(tx, ref)
}

func (s *Service) recoverBatch(tx *db.Tx, b batchRow, trust mail.Trust, told mail.BatchOutcome) error {
	begun, reason := told.Begun, WorkerLost
	if told.Attempt != b.Attempt {
		begun = nil // of an earlier attempt, whose results are in the database
	}
	if begun == nil {
		begun = []int64{}
	}
	if trust != mail.Exact {
		begun, reason = nil, JournalLost // all that are still queued
	}
	if err := tellMarked(tx, b.ref(), begun, DeliveryQueued, DeliveryUncertain, reason, s.Now()); err != nil {
		return err
	}
	if err := markDeliveries(tx, b.ref(), begun, []DeliveryState{DeliveryQueued}, DeliveryUncertain, reason, nil); err != nil {
		return err
	}
	if err := releaseBatch(tx, b.ref(), b.Owner, b.Attempt, nil, WaitsNot); err != nil {
		return err
	}
	return countBatch(tx, b.ref(), s.Now())
}

// recoverLost ends leases that have expired and whose owner cannot be asked any more. Owners that
// run here are never late: their journal is theirs.
func (s *Service) recoverLost(ctx context.Context) error {
	late, err := expiredLeases(s.DB.Read(ctx), s.Now())
	if err != nil || len(late) == 0 {
		return err
	}
	live, err := s.Journals.Live()
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, b := range late {
			if slices.Contains(live, b.Owner) {
				continue
			}
			if err := s.recoverBatch(tx, b, mail.Damaged, mail.BatchOutcome{}); err != nil {
				return err
			}
		}
		return nil
	})
}
