package campaign

import (
	"context"

	"github.com/convoke/convoke/internal/db"
)

// The lists count what arrived after the results of a batch are stored, and not with them, so that nothing
// but sending holds up the sending: a batch a sweep while others are under way, many when all is quiet.
const (
	countedBusy  = 1
	countedQuiet = 40
)

// countBatches lets the lists count the batches of which something changed. The statement that changes a batch says
// that it is to be counted again: one that ran meanwhile waits for the row, and says so after.
func (s *Service) countBatches(ctx context.Context) error {
	busy, err := anyLeased(s.DB.Read(ctx))
	if err != nil {
		return err
	}
	due, err := dueBatches(s.DB.Read(ctx), s.Now(), 1)
	if err != nil {
		return err
	}
	limit := countedQuiet
	if busy || len(due) > 0 {
		limit = countedBusy
	}
	batches, err := uncounted(s.DB.Read(ctx), limit)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.countInto(tx, b.ref()) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) countInto(tx *db.Tx, ref BatchRef) error {
	cycleID, ok, err := takeUncounted(tx, ref)
	if err != nil || !ok {
		return err
	}
	arrived, err := contactsOf(tx, ref, "in")
	if err != nil {
		return err
	}
	others, err := contactsOf(tx, ref, "not in")
	if err != nil {
		return err
	}
	return s.Addresses.RecountDelivered(tx, cycleID, arrived, others)
}
