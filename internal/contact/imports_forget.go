package contact

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// ImportKept is how many days the file of an import, and what was said of its rows, are kept after its end; and
// how many days a file waits that nobody goes on with.
const ImportKept = 30

// ForgetOld deletes the files of imports that ended long ago or that nobody went on with, and what was said of
// their rows. What they brought stays and can be undone still: that needs no file.
func (s *Imports) ForgetOld(ctx context.Context) error {
	before := s.Now().Add(-ImportKept * 24 * time.Hour)
	ids, err := importsEndedBefore(s.DB.Read(ctx), before)
	for _, id := range ids {
		if err == nil {
			err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.forget(tx, id, before) })
		}
	}
	return errs.Wrap("contact.import.forget_old", err)
}

func (s *Imports) forget(tx *db.Tx, id int64, before time.Time) error {
	i, err := lockImport(tx, id)
	if err != nil || i.ForgottenAt != nil || !i.idleSince(before) {
		return err // somebody went on with it in this very moment
	}
	was, now := i.State, s.Now()
	if i.FinishedAt == nil {
		if err := i.Fail("contact.import.abandoned", now); err != nil {
			return err
		}
	}
	i.Stored, i.ForgottenAt = false, &now
	if err := forgetContent(tx, i.ID); err != nil {
		return err
	}
	if err := forgetRows(tx, i.ID); err != nil {
		return err
	}
	if err := saveImport(tx, &i); err != nil {
		return err
	}
	return s.recordImport(tx, worker(), &i, "import.forgotten", was, nil)
}

// idleSince says whether nothing has happened to an import since a time, and nothing is going to happen by itself.
func (i *Import) idleSince(then time.Time) bool {
	if i.Waiting() && (i.Stored || i.State != ImportImporting) || i.LeaseUntil != nil && i.LeaseUntil.After(then) {
		return false
	}
	for _, at := range []*time.Time{&i.CreatedAt, i.CheckedAt, i.StartedAt, i.FinishedAt, i.UndoneAt} {
		if at != nil && at.After(then) {
			return false
		}
	}
	return true
}
