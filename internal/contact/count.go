package contact

import (
	"context"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Recount makes what is counted and found of these contacts agree with the facts that other rooms show in their views
// (reached_contact, delivered_contact, responded_contact), in the transaction in which they changed there.
func (s *Service) Recount(tx *db.Tx, _ int64, contactIDs []int64) error {
	return errs.Wrap("contact.recount", s.refreshAll(tx, contactIDs))
}

// Answered is Recount for contacts of whom it is known that they have answered now: all that follows from that is that they are
// counted, and not found among those who were not reached. Most answers come within hours of a deadline.
func (s *Service) Answered(tx *db.Tx, cycleID int64, contactIDs []int64) error {
	return errs.Wrap("contact.answered", inChunks(contactIDs, func(some []int64) error { return countAnswered(tx, cycleID, some) }))
}

// RecountDelivered is Recount for many deliveries at once: of those that arrived, and of those that did not or came back.
// These are counted, but nobody is found by them.
func (s *Service) RecountDelivered(tx *db.Tx, cycleID int64, arrived, others []int64) error {
	err := inChunks(arrived, func(some []int64) error { return countArrived(tx, cycleID, some) })
	if err == nil {
		err = inChunks(others, func(some []int64) error { return recountApproached(tx, cycleID, some) })
	}
	return errs.Wrap("contact.recount_delivered", err)
}

// Tidy indexes contacts that nothing is derived of yet, because they were here before the index, and folds
// the counters' parts. It may run at any time, and several times at once.
func (s *Service) Tidy(ctx context.Context) error {
	var after int64
	for {
		ids, err := unindexed(s.DB.Read(ctx), after, refreshed)
		if err != nil {
			return errs.Wrap("contact.tidy", err)
		}
		if len(ids) == 0 {
			break
		}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.refreshAll(tx, ids) }); err != nil {
			return errs.Wrap("contact.tidy", err)
		}
		after = ids[len(ids)-1]
	}
	return errs.Wrap("contact.tidy", s.DB.Write(ctx, foldCounts))
}

// Miscounted says how many cells of the matrix count otherwise than their lists, which only somebody who changed the
// database by hand brings about, and Rebuild mends.
func Miscounted(ctx context.Context, d *db.DB) (int, error) {
	n, err := miscounted(d.Read(ctx))
	return n, errs.Wrap("contact.miscounted", err)
}

// Rebuild computes anew everything that is derived of all contacts, and counts the lists anew: for a
// database that somebody changed by hand. It says how many contacts there are.
func (s *Service) Rebuild(ctx context.Context) (int, error) {
	var after int64
	for n := 0; ; {
		ids, err := contactsAfter(s.DB.Read(ctx), after, refreshed)
		if err != nil {
			return n, errs.Wrap("contact.rebuild", err)
		}
		if len(ids) == 0 {
			return n, errs.Wrap("contact.rebuild", s.DB.Write(ctx, countAnew))
		}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.refreshAll(tx, ids) }); err != nil {
			return n, errs.Wrap("contact.rebuild", err)
		}
		n, after = n+len(ids), ids[len(ids)-1]
	}
}
