package contact

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// ChangeKinds are the kinds of changesets that officers see and take back here.
func ChangeKinds() []string { return []string{MergeKind, BulkKind} }

// Changes lists what was merged and edited in bulk, the newest first; before is the id that the page starts below, 0 for the first.
func (s *Service) Changes(ctx context.Context, by account.Actor, before int64, limit int) ([]undo.Changeset, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return nil, err
	}
	all, err := undo.List(ctx, s.DB, ChangeKinds(), before, limit)
	return all, errs.Wrap("contact.changes", err)
}

// Change gives one of them.
func (s *Service) Change(ctx context.Context, by account.Actor, id int64) (undo.Changeset, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return undo.Changeset{}, err
	}
	c, err := undo.ByID(s.DB.Read(ctx), id)
	if err == nil && c.Kind != MergeKind && c.Kind != BulkKind {
		err = errs.E(errs.NotFound, "contact.not_found")
	}
	return c, errs.Wrap("contact.change", err)
}

// Merger says who became part of whom.
type Merger struct {
	ContactID  int64
	Name       string // that they had then
	SurvivorID int64
	Survivor   string // the name that it has now
}

// MergesOf says of changes that are merges who became part of whom, by the id of the change. Of people who were erased since
// nothing is said.
func (s *Service) MergesOf(ctx context.Context, by account.Actor, changes []undo.Changeset) (map[int64]Merger, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(changes))
	for _, c := range changes {
		if c.Kind == MergeKind {
			ids = append(ids, c.ID)
		}
	}
	all, err := mergedBy(s.DB.Read(ctx), ids)
	return all, errs.Wrap("contact.merges_of", err)
}

// Blocked is what keeps a change from being taken back: a thing that was changed since.
type Blocked struct {
	undo.Conflict
	Name      string // of the contact, where it is about one
	ContactID int64  // 0 where it is about none
}

// Undo takes a merge or a bulk edit back whole, once. The error is errs.Conflict where it was taken back before, or where what
// it set was changed since: then Blocked names what, twenty at the most.
func (s *Service) Undo(ctx context.Context, by account.Actor, id int64) ([]Blocked, error) {
	c, err := s.Change(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var conflicts []undo.Conflict
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := undoable(tx, c); err != nil {
			return err
		}
		var err error
		if conflicts, err = undo.Revert(tx, id, by.Who, s.Now()); err != nil {
			return err
		}
		if err := s.separate(tx, c); err != nil {
			return err
		}
		ids, err := touchedContacts(tx, id)
		if err != nil {
			return err
		}
		if err := s.refreshWithMembers(tx, ids); err != nil {
			return err
		}
		if err := s.recordUndo(tx, by, c, ids); err != nil {
			return err
		}
		return s.leaveAlone(tx, by, ids)
	})
	if err == nil || len(conflicts) == 0 {
		return nil, errs.Wrap("contact.undo", err)
	}
	blocked, nameErr := s.nameConflicts(ctx, conflicts)
	if nameErr != nil {
		return nil, errs.Wrap("contact.undo", nameErr)
	}
	return blocked, errs.Wrap("contact.undo", err)
}

// leaveAlone ends the claims that came back on contacts who have opted out since.
func (s *Service) leaveAlone(tx *db.Tx, by account.Actor, ids []int64) error {
	optedOut, err := optedOutAmong(tx, ids)
	if err != nil || len(optedOut) == 0 {
		return err
	}
	return s.Claims.RevokeLive(tx, by.Who, optedOut, "suppressed")
}

// undoable refuses a merge of somebody who was erased since: its images are forgotten, so that nothing would come back.
func undoable(tx *db.Tx, c undo.Changeset) error {
	if c.Kind != MergeKind {
		return nil
	}
	merged, err := mergedBy(tx, []int64{c.ID})
	if err == nil && len(merged) == 0 {
		return errs.E(errs.Conflict, "changes.erased")
	}
	return err
}

// separate lets the other rooms put right what has gone on since a merge that was taken back.
func (s *Service) separate(tx *db.Tx, c undo.Changeset) error {
	if c.Kind != MergeKind {
		return nil
	}
	for _, f := range s.Followers {
		if err := f.Separated(tx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// recordUndo says of a merge who is two again, and of a bulk edit what its contacts are again.
func (s *Service) recordUndo(tx *db.Tx, by account.Actor, c undo.Changeset, ids []int64) error {
	after := map[string]any{"changeset": c.ID, "kind": c.Kind, "contacts": len(ids)}
	if c.Kind != MergeKind {
		err := audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "changeset.undone", ObjectKind: "changeset", ObjectID: c.ID, After: after,
		})
		if err != nil {
			return err
		}
		return s.recordImages(tx, by.Who, c.ID, true)
	}
	merged, err := undo.Touched(tx, c.ID, "merged_contact", "contact_id")
	if err != nil {
		return err
	}
	for _, id := range merged {
		if err := s.record(tx, by.Who, "contact.merge_undone", id, nil, after); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) nameConflicts(ctx context.Context, conflicts []undo.Conflict) ([]Blocked, error) {
	tx := s.DB.Read(ctx)
	blocked := make([]Blocked, len(conflicts))
	for i, c := range conflicts {
		blocked[i].Conflict = c
		var err error
		if blocked[i].ContactID, blocked[i].Name, err = contactOfConflict(tx, c.Table, c.ID); err != nil {
			return nil, err
		}
	}
	return blocked, nil
}
