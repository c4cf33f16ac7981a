package campaign

import (
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Uniter moves the deliveries of a contact to another when the contacts' room finds that they are one.
type Uniter struct{ Now func() time.Time }

// Unite moves deliveries, in the caller's transaction, and keeps in the set what it changes. Of several that one contact
// has in a step then, at most one still goes out, and none where one has left already; the others are skipped (rule 2 for
// the person, not only for the address). The error is errs.Conflict where one is leaving this very moment: nobody can
// call it back, nor say yet whether it arrives.
func (u Uniter) Unite(tx *db.Tx, _ audit.Who, from, into int64, set *undo.Set) error {
	if err := keepDeliveries(tx, set, from, into); err != nil {
		return errs.Wrap("campaign.unite", err)
	}
	slots, err := slotsOfBoth(tx, from, into)
	if err != nil {
		return errs.Wrap("campaign.unite", err)
	}
	if leaving(slots) {
		return errs.Wrap("campaign.unite", errs.E(errs.Conflict, "merge.sending"))
	}
	for _, d := range superfluous(slots, into) {
		if err := skipMerged(tx, d.ID, u.Now()); err != nil {
			return errs.Wrap("campaign.unite", err)
		}
	}
	return errs.Wrap("campaign.unite", moveDeliveries(tx, from, into))
}

// Separated settles deliveries after a merge was undone: those that the merge had skipped and whose batch has
// ended since stay skipped, because nobody would send them any more; batches count anew.
func (u Uniter) Separated(tx *db.Tx, set int64) error {
	return errs.Wrap("campaign.separated", settleSeparated(tx, set, u.Now()))
}

// Foresee says which messages would not go out.
func (u Uniter) Foresee(tx *db.Tx, from, into int64) ([]undo.Effect, error) {
	slots, err := slotsOfBoth(tx, from, into)
	var all []undo.Effect
	for _, d := range superfluous(slots, into) {
		all = append(all, undo.Effect{Key: "merge.effect.delivery", Args: errs.Args{"Campaign": d.Campaign}, Object: "campaign", ID: d.CampaignID})
	}
	return all, errs.Wrap("campaign.foresee", err)
}

// bothSlot is a delivery of one of two contacts.
type bothSlot struct {
	ID         int64
	StepID     int64
	ContactID  int64
	State      DeliveryState
	Arrived    bool // a server took it, also where it is sent again
	Leased     bool // a worker has its batch this very moment
	CampaignID int64
	Campaign   string
}

// waits says whether it is still to go out.
func (s bothSlot) waits() bool { return s.State.waits() }

// reaches says whether the person has it, or may have it.
func (s bothSlot) reaches() bool {
	return s.Arrived && s.State.waits() || s.State == DeliverySent || s.State == DeliveryComplained || s.State == DeliveryUncertain
}

// leaving says whether a worker may be sending one of several in a step this very moment.
func leaving(slots []bothSlot) bool {
	alive, leased := map[int64]int{}, map[int64]bool{}
	for _, s := range slots {
		if s.waits() || s.reaches() {
			alive[s.StepID]++
		}
		leased[s.StepID] = leased[s.StepID] || s.Leased && s.waits()
	}
	for step, n := range alive {
		if n > 1 && leased[step] {
			return true
		}
	}
	return false
}

// superfluous are the deliveries that must not go out, because the person has another in the same step: all that wait where
// one reaches them, else all that wait but the survivor's.
func superfluous(slots []bothSlot, into int64) []bothSlot {
	reached := map[int64]bool{}
	for _, s := range slots {
		reached[s.StepID] = reached[s.StepID] || s.reaches()
	}
	var all []bothSlot
	for _, survivors := range []bool{true, false} {
		for _, s := range slots {
			if (s.ContactID == into) != survivors || !s.waits() || s.Arrived {
				continue
			}
			if reached[s.StepID] {
				all = append(all, s)
			}
			reached[s.StepID] = true
		}
	}
	return all
}
