package cycle

import (
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Uniter moves the own dates of a contact to another when the contacts' room finds that they are one.
type Uniter struct {
	Now func() time.Time // UTC
}

// Unite moves them in the caller's transaction, and keeps in the set what it changes. Where both have one in the same cycle, the
// later applies.
func (u Uniter) Unite(tx *db.Tx, _ audit.Who, from, into int64, set *undo.Set) error {
	if err := keepOwn(tx, set, from, into); err != nil {
		return errs.Wrap("cycle.unite", err)
	}
	earlier, err := clashingOwn(tx, from, into)
	if err != nil {
		return errs.Wrap("cycle.unite", err)
	}
	for i := range earlier {
		if err := earlier[i].change(u.Now()); err != nil {
			return err
		}
		if err := saveEnd(tx, &earlier[i]); err != nil {
			return errs.Wrap("cycle.unite", err)
		}
	}
	return errs.Wrap("cycle.unite", moveOwn(tx, from, into))
}

// Separated has nothing to put right here after a merge was taken back.
func (u Uniter) Separated(*db.Tx, int64) error { return nil }

// Foresee says in which cycles both have a date of their own.
func (u Uniter) Foresee(tx *db.Tx, from, into int64) ([]undo.Effect, error) {
	earlier, err := clashingOwn(tx, from, into)
	var all []undo.Effect
	for _, d := range earlier {
		c, failed := byID(tx, d.CycleID)
		if failed != nil {
			return nil, errs.Wrap("cycle.foresee", failed)
		}
		all = append(all, undo.Effect{Key: "merge.effect.own_date", Args: errs.Args{"Cycle": c.Name}})
	}
	return all, errs.Wrap("cycle.foresee", err)
}

// Eraser forgets the own dates of a contact, and with them why it had one.
type Eraser struct{}

// EraseContact implements contact.Eraser.
func (Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	return errs.Wrap("cycle.erase_contact", eraseOwn(tx, contactID))
}
