package nri

import (
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Uniter moves the initiative whose entry a contact is to another when the contacts' room finds that they are one.
type Uniter struct{}

// Unite moves it in the caller's transaction and keeps in the set what it changes. The error is errs.Conflict where both are
// entries of initiatives.
func (u Uniter) Unite(tx *db.Tx, _ audit.Who, from, into int64, set *undo.Set) error {
	both, err := entriesOf(tx, from, into)
	if err != nil {
		return errs.Wrap("nri.unite", err)
	}
	if len(both) > 1 {
		return errs.Wrap("nri.unite", errs.E(errs.Conflict, "merge.both_initiatives"))
	}
	return errs.Wrap("nri.unite", moveEntry(tx, set, from, into))
}

// Separated has nothing to put right here after a merge was taken back.
func (u Uniter) Separated(*db.Tx, int64) error { return nil }

// Foresee says whether two initiatives keep the contacts from being united.
func (u Uniter) Foresee(tx *db.Tx, from, into int64) ([]undo.Effect, error) {
	both, err := entriesOf(tx, from, into)
	if len(both) < 2 {
		return nil, errs.Wrap("nri.foresee", err)
	}
	var all []undo.Effect
	for _, n := range both {
		all = append(all, undo.Effect{Key: "merge.effect.initiative", Args: errs.Args{"Name": n.Name}, Object: "nri", ID: n.ID, Refuses: true})
	}
	return all, errs.Wrap("nri.foresee", err)
}
