// Package undo takes an action back whole: a merge, a bulk edit, an import. The action keeps the images of
// the rows that it is about to change, notes those that it added, and seals what they look like
// afterwards. Taking it back sets every value that it changed to what it was, brings back the rows that
// it took away and removes those that it added; all of it or, where somebody has changed one of these values
// since, nothing.
//
//	set, err := undo.Begin(tx, undo.Change{Kind: "contact.merge", By: by, At: now})
//	err = set.Keep(tx, "claim", "t.contact_id = ?", loser) // before it is changed
//	… change and delete …
//	err = set.Added(tx, "listing", "t.id = ?", id)
//	err = set.Seal(tx) // at the end
//
// Conditions name the row's table t, and stand in the stores of the rooms whose tables they are. Values that other
// transactions change meanwhile are none of the changeset's business: only what it changed itself is compared and set back.
package undo

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Change says what an action is, who does it, and when.
type Change struct {
	Kind    string // noun.verb, as in the trail: "contact.merge"
	By      audit.Who
	At      time.Time
	CycleID int64  // 0 where it belongs to no cycle
	Note    string // what the room of the action wants to remember about it
}

// Set is an open changeset. It belongs to the transaction that it was begun in.
type Set struct {
	ID    int64
	first int // the step of this transaction's first rows
	step  int
}

// Changeset is an action that can be taken back, once.
type Changeset struct {
	ID           int64
	Kind         string
	At           time.Time
	ByID         *int64
	ByName       string
	CycleID      *int64
	Note         string
	Objects      int // how many things the action changed, as it says itself
	UndoneAt     *time.Time
	UndoneByID   *int64
	UndoneByName string
}

// Conflict is a row that somebody has changed since the action.
type Conflict struct {
	Table   string
	ID      int64    // the row's id, or the first part of its key
	Columns []string // what was changed since; empty where the whole row came or went
}

// Effect is something that an action is going to do, or that keeps it from being done: what a person reads
// before they confirm it.
type Effect struct {
	Key     string // of the sentence
	Args    errs.Args
	Object  string // the kind of thing that it is about, "" for none
	ID      int64
	Refuses bool // the action cannot be done because of it
}

// Begin opens a changeset in the caller's transaction.
func Begin(tx *db.Tx, c Change) (*Set, error) {
	row := Changeset{
		Kind: c.Kind, At: c.At, ByID: optional(c.By.ID), ByName: c.By.Name, CycleID: optional(c.CycleID), Note: c.Note,
	}
	if err := insertChangeset(tx, &row); err != nil {
		return nil, errs.Wrap("undo.begin", err)
	}
	return &Set{ID: row.ID, first: 1, step: 1}, nil
}

// Continue opens a changeset again, for an action that takes several transactions. The error is
// errs.Conflict where it was taken back meanwhile.
func Continue(tx *db.Tx, id int64) (*Set, error) {
	c, err := lockChangeset(tx, id)
	if err != nil {
		return nil, errs.Wrap("undo.continue", orNotFound(err))
	}
	if c.UndoneAt != nil {
		return nil, errs.Wrap("undo.continue", errs.E(errs.Conflict, "undo.done"))
	}
	last, err := lastStep(tx, id)
	return &Set{ID: id, first: last + 1, step: last + 1}, errs.Wrap("undo.continue", err)
}

// Keep stores what the rows of the table look like that match, before the action changes or deletes them,
// and locks them. A row that was kept before keeps its first image.
func (s *Set) Keep(tx *db.Tx, table, where string, args ...any) error {
	t, err := tableNamed(table)
	if err != nil {
		return errs.Wrap("undo.keep", err)
	}
	s.step++
	return errs.Wrap("undo.keep", keepRows(tx, s, t, true, where, args))
}

// Added notes rows that the action inserted.
func (s *Set) Added(tx *db.Tx, table, where string, args ...any) error {
	t, err := tableNamed(table)
	if err != nil {
		return errs.Wrap("undo.added", err)
	}
	s.step++
	return errs.Wrap("undo.added", keepRows(tx, s, t, false, where, args))
}

// Seal stores what the kept rows look like now, at the end of the transaction, and forgets those that did not
// change. Objects is added to the count of things that the action changed.
func (s *Set) Seal(tx *db.Tx, objects int) error {
	used, err := tablesSince(tx, s.ID, s.first)
	if err != nil {
		return errs.Wrap("undo.seal", err)
	}
	for _, t := range used {
		if err := sealRows(tx, s, t); err != nil {
			return errs.Wrap("undo.seal", err)
		}
	}
	return errs.Wrap("undo.seal", addObjects(tx, s.ID, objects))
}

// Named is a condition on a column of the rows t for any number of ids: its text, and its one argument.
func Named(tx *db.Tx, column string, ids []int64) (where string, arg any) {
	return among(tx, column, ids)
}

// Revert takes an action back, in the caller's transaction. It gives back at most twenty conflicts together with
// errs.Conflict ("undo.changed_since") where values that the action set were changed since, and errs.Conflict
// ("undo.done") where it was taken back before. What follows from the rows (search documents and the like) is for the
// caller to derive again: see Touched.
func Revert(tx *db.Tx, id int64, by audit.Who, at time.Time) ([]Conflict, error) {
	c, err := lockChangeset(tx, id)
	if err != nil {
		return nil, errs.Wrap("undo.revert", orNotFound(err))
	}
	if c.UndoneAt != nil {
		return nil, errs.Wrap("undo.revert", errs.E(errs.Conflict, "undo.done"))
	}
	used, err := tablesSince(tx, id, 0)
	if err != nil {
		return nil, errs.Wrap("undo.revert", err)
	}
	conflicts, err := conflictsOf(tx, id, used)
	if err != nil {
		return nil, errs.Wrap("undo.revert", err)
	}
	if len(conflicts) > 0 {
		return conflicts, errs.Wrap("undo.revert", errs.E(errs.Conflict, "undo.changed_since"))
	}
	if err := restore(tx, id, used); err != nil {
		return nil, errs.Wrap("undo.revert", inUse(err))
	}
	return nil, errs.Wrap("undo.revert", markUndone(tx, id, by, at))
}

// Touched are the values of a column, a number, in the images of a table's rows: the ids of the contacts
// whose rows an action changed, say.
func Touched(tx *db.Tx, id int64, table, column string) ([]int64, error) {
	if _, err := tableNamed(table); err != nil {
		return nil, errs.Wrap("undo.touched", err)
	}
	ids, err := touched(tx, id, table, column)
	return ids, errs.Wrap("undo.touched", err)
}

// ByID gives a changeset.
func ByID(tx *db.Tx, id int64) (Changeset, error) {
	c, err := changesetByID(tx, id)
	return c, errs.Wrap("undo.by_id", orNotFound(err))
}

// List gives changesets of these kinds, the newest first; before is the id that the page starts below, 0
// for the first.
func List(ctx context.Context, d *db.DB, kinds []string, before int64, limit int) ([]Changeset, error) {
	all, err := listChangesets(d.Read(ctx), kinds, before, limit)
	return all, errs.Wrap("undo.list", err)
}

func orNotFound(err error) error {
	if db.IsNotFound(err) {
		return errs.E(errs.NotFound, "error.not_found")
	}
	return err
}

// inUse turns what the database refuses into words: what the action added is referred to by now, or the place of what it
// took away is taken.
func inUse(err error) error {
	if db.IsDuplicate(err) || db.IsReferred(err) {
		return &errs.Error{Code: errs.Conflict, Key: "undo.in_use", Err: err}
	}
	return err
}

func optional(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// Leave takes rows of a table out of a changeset: those of which a column, a number, was or is one of these values
// stay as they are when it is taken back.
func Leave(tx *db.Tx, id int64, table, column string, values []int64) error {
	if _, err := tableNamed(table); err != nil {
		return errs.Wrap("undo.leave", err)
	}
	return errs.Wrap("undo.leave", leaveRows(tx, id, table, column, values))
}

// ValueOf is what a column, a number, of the row of a conflict was or is: the id of the contact that an affiliation
// belongs to, say.
func ValueOf(tx *db.Tx, id int64, c Conflict, column string) (int64, error) {
	t, err := tableNamed(c.Table)
	if err != nil {
		return 0, errs.Wrap("undo.value_of", err)
	}
	v, err := valueOf(tx, id, t, c.ID, column)
	return v, errs.Wrap("undo.value_of", err)
}

// Image is a row as it was and as the action left it, each as JSON by column; Before is "" where the action added it, After where
// it took it away.
type Image struct{ Before, After string }

// Images are those of a table that an action changed, by key.
func Images(tx *db.Tx, id int64, table string) ([]Image, error) {
	if _, err := tableNamed(table); err != nil {
		return nil, errs.Wrap("undo.images", err)
	}
	all, err := imagesOf(tx, id, table)
	return all, errs.Wrap("undo.images", err)
}
