package contact

import (
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// EachMatch hands over the ids of all contacts that match a filter and that the actor may know of, in
// batches of at most size, each once and in ascending order. Cursor, Limit and Locale of the filter do not
// matter. What do changes in the same transaction may or may not be met again in later batches. An error of
// do ends it.
func (s *Service) EachMatch(tx *db.Tx, by account.Actor, f Filter, size int, do func(ids []int64) error) error {
	if err := by.Require(account.ContactRead); err != nil {
		return err
	}
	wanted, err := s.search(tx, by, f)
	if err != nil {
		return errs.Wrap("contact.each_match", err)
	}
	few, err := fewIDs(tx, wanted)
	if err != nil {
		return errs.Wrap("contact.each_match", err)
	}
	if len(few) <= wanted.reach.few {
		for some := range slices.Chunk(few, size) {
			if err := do(some); err != nil {
				return err
			}
		}
		return nil
	}
	return eachWindow(tx, wanted, size, do)
}

// eachWindow reads all contacts window by window, because that is quicker than asking the index for many hits
// again and again.
func eachWindow(tx *db.Tx, wanted search, size int, do func(ids []int64) error) error {
	var after int64
	for {
		ids, last, err := windowIDs(tx, wanted, after)
		if err != nil {
			return errs.Wrap("contact.each_match", err)
		}
		for some := range slices.Chunk(ids, size) {
			if err := do(some); err != nil {
				return err
			}
		}
		if last == 0 {
			return nil
		}
		after = last
	}
}
