package outreach

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Uniter moves what this room knows of a contact to another when the contacts' room finds that they are one.
type Uniter struct{ Now func() time.Time }

// Unite moves claims with their notes, attempts, reports and connections, in the caller's transaction, and keeps
// in the set what it changes. Where both have a claim that holds for the same cycle and purpose, the earlier one goes on and the
// other is revoked: at most one holds (rule 1).
func (u Uniter) Unite(tx *db.Tx, by audit.Who, from, into int64, set *undo.Set) error {
	if err := keepFor(tx, set, from, into); err != nil {
		return errs.Wrap("outreach.unite", err)
	}
	live, err := activeOn(tx, []int64{from, into})
	if err != nil {
		return errs.Wrap("outreach.unite", err)
	}
	for _, c := range losing(live, u.Now()) {
		before := c
		if err := c.Revoke(u.Now(), United, ""); err != nil {
			return errs.Wrap("outreach.unite", err)
		}
		if err := saveMoved(tx, &before, &c); err != nil {
			return errs.Wrap("outreach.unite", err)
		}
		if err := recordClaim(tx, by, u.Now(), "claim.revoked", &c, &before); err != nil {
			return errs.Wrap("outreach.unite", err)
		}
	}
	return errs.Wrap("outreach.unite", moveAll(tx, from, into))
}

// losing are the claims that give way: of those for the same cycle and purpose all but the first made of those that hold.
func losing(live []Claim, now time.Time) []Claim {
	type slot struct {
		cycle   int64
		purpose Purpose
	}
	slices.SortFunc(live, func(a, b Claim) int {
		if a.Live(now) != b.Live(now) {
			if a.Live(now) {
				return -1
			}
			return 1
		}
		if c := a.ClaimedAt.Compare(b.ClaimedAt); c != 0 {
			return c
		}
		return int(a.ID - b.ID)
	})
	taken := map[slot]bool{}
	var lost []Claim
	for _, c := range live {
		at := slot{c.CycleID, c.Purpose}
		if taken[at] {
			lost = append(lost, c)
		}
		taken[at] = true
	}
	return lost
}

// Separated has nothing to put right here after a merge was taken back.
func (u Uniter) Separated(*db.Tx, int64) error { return nil }

// Foresee says which claims would give way.
func (u Uniter) Foresee(tx *db.Tx, from, into int64) ([]undo.Effect, error) {
	live, err := activeOn(tx, []int64{from, into})
	if err != nil {
		return nil, errs.Wrap("outreach.foresee", err)
	}
	var all []undo.Effect
	for _, c := range losing(live, u.Now()) {
		name, err := accountName(tx, c.VolunteerID)
		if err != nil {
			return nil, errs.Wrap("outreach.foresee", err)
		}
		all = append(all, undo.Effect{Key: "merge.effect.claim." + string(c.Purpose), Args: errs.Args{"Name": name}, Object: "claim", ID: c.ID})
	}
	return all, nil
}
