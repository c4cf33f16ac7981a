package contact

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Kept is a contact that the undoing of an import left as it is, and why: "changed" where somebody
// changed it since, else what it is used for.
type Kept struct {
	ContactID int64
	Reason    string
	Name      string
}

// Kept gives contacts that the undoing of an import had to leave, after the id of one.
func (s *Imports) Kept(ctx context.Context, by account.Actor, id, after int64) (page []Kept, more bool, err error) {
	if err := requireImport(by); err != nil {
		return nil, false, err
	}
	page, err = listKept(s.DB.Read(ctx), id, after, importPage+1)
	if len(page) > importPage {
		page, more = page[:importPage], true
	}
	return page, more, errs.Wrap("contact.import.kept", err)
}

// takeBack undoes an import in one transaction: its changes to others first, then what it added. The file has no
// further use.
func (s *Imports) takeBack(ctx context.Context, i Import) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := s.mine(tx, i)
		if err != nil {
			return err
		}
		if err := s.takeOut(tx, &now); err != nil {
			return err
		}
		now.Stored = false
		before := now.State
		if err := now.Undone(s.Now()); err != nil {
			return err
		}
		if err := saveImport(tx, &now); err != nil {
			return err
		}
		return s.recordImport(tx, worker(), &now, "import.undone", before, map[string]any{"removed": now.RemovedCount, "kept": now.KeptCount})
	})
}

func (s *Imports) takeOut(tx *db.Tx, i *Import) error {
	sets, err := changesetsOf(tx, i.ID)
	if err != nil {
		return err
	}
	var others []int64
	for _, set := range sets {
		touched, err := touchedBy(tx, set)
		if err != nil {
			return err
		}
		if err := s.setBack(tx, i.ID, set, touched); err != nil {
			return err
		}
		others = append(others, touched...)
	}
	if i.RemovedCount, err = removeAdded(tx, i.ID); err != nil {
		return err
	}
	if i.KeptCount, err = countKept(tx, i.ID); err != nil {
		return err
	}
	if err := s.FindDuplicatesIn(tx, slices.Compact(slices.Sorted(slices.Values(others)))); err != nil {
		return err
	}
	return forgetContent(tx, i.ID)
}

// setBack takes the changes of a batch back, but for the contacts that somebody has changed since.
func (s *Imports) setBack(tx *db.Tx, importID, set int64, touched []int64) error {
	for {
		conflicts, err := undo.Revert(tx, set, worker(), s.Now())
		if err == nil {
			return s.refreshWithMembers(tx, touched)
		}
		if len(conflicts) == 0 {
			if errs.Find(err) != nil && errs.Find(err).Key == "undo.done" {
				return nil
			}
			return err
		}
		if err := leaveContacts(tx, importID, set, conflicts); err != nil {
			return err
		}
	}
}

func leaveContacts(tx *db.Tx, importID, set int64, conflicts []undo.Conflict) error {
	var ids []int64
	for _, c := range conflicts {
		id, err := undo.ValueOf(tx, set, c, changedTables()[c.Table])
		if err != nil {
			return err
		}
		if err := keepContact(tx, importID, id, "changed"); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	for table, column := range changedTables() {
		if err := undo.Leave(tx, set, table, column, ids); err != nil {
			return err
		}
	}
	return nil
}
