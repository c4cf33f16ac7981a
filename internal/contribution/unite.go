package contribution

import (
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Uniter moves what a contact contributed to another when the contacts' room finds that they are one.
type Uniter struct{}

// Unite moves the contributions of a contact, in the caller's transaction, and keeps in the set what it changes. Where both
// have one in the same cycle, one that was begun and holds no word and no document gives way; the error is errs.Conflict where both have
// answered, because only a person can say which answer counts.
func (u Uniter) Unite(tx *db.Tx, _ audit.Who, from, into int64, set *undo.Set) error {
	if err := keepContributions(tx, set, from, into); err != nil {
		return errs.Wrap("contribution.unite", err)
	}
	pairs, err := clashing(tx, from, into)
	if err != nil {
		return errs.Wrap("contribution.unite", err)
	}
	for _, p := range pairs {
		blank := p.blank()
		if blank == 0 {
			return errs.Wrap("contribution.unite", errs.E(errs.Conflict, "merge.both_answered"))
		}
		if err := deleteContribution(tx, blank); err != nil {
			return errs.Wrap("contribution.unite", err)
		}
	}
	return errs.Wrap("contribution.unite", moveContributions(tx, from, into))
}

// Separated has nothing to put right here after a merge was taken back.
func (u Uniter) Separated(*db.Tx, int64) error { return nil }

// Foresee says which answers keep two contacts from being united.
func (u Uniter) Foresee(tx *db.Tx, from, into int64) ([]undo.Effect, error) {
	pairs, err := clashing(tx, from, into)
	var all []undo.Effect
	for _, p := range pairs {
		if p.blank() != 0 {
			continue
		}
		for _, id := range []int64{p.IntoID, p.FromID} {
			all = append(all, undo.Effect{Key: "merge.effect.answered", Object: "contribution", ID: id, Refuses: true})
		}
	}
	return all, errs.Wrap("contribution.foresee", err)
}

// pair are the contributions of two contacts in one cycle.
type pair struct {
	FromID, IntoID       int64
	FromBlank, IntoBlank bool // begun, without a word and without a document
}

// blank is the one that may go, 0 where neither may.
func (p pair) blank() int64 {
	switch {
	case p.FromBlank:
		return p.FromID
	case p.IntoBlank:
		return p.IntoID
	}
	return 0
}
