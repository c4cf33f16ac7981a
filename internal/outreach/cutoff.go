package outreach

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// cutoffKind is the date of a cycle that ends what volunteers take on.
const cutoffKind = "outreach_cutoff"

// Cutoff is the last day on which volunteers take on contacts. After it nobody but the secretariat claims,
// claims are not renewed and attempts extend none: what is held runs to its end, and what was not
// reached by then the secretariat inherits.
type Cutoff struct {
	OnDate string // YYYY-MM-DD, the day that people are told
	Zone   string
	At     time.Time // the instant at which the day is over
}

// Day is the displayed day as a time at midnight UTC, for formatting without a zone.
func (c Cutoff) Day() time.Time {
	day, err := time.Parse(time.DateOnly, c.OnDate)
	if err != nil {
		return c.At
	}
	return day
}

// Over says whether the day has passed. The zero Cutoff, where a cycle has none, is never over.
func (c Cutoff) Over(now time.Time) bool { return !c.At.IsZero() && !now.Before(c.At) }

// Cutoff gives the last day of a cycle, the zero Cutoff where none is set.
func (s *Service) Cutoff(ctx context.Context, cycleID int64) (Cutoff, error) {
	c, err := cutoffOf(s.DB.Read(ctx), cycleID)
	return c, errs.Wrap("outreach.cutoff", err)
}

// beforeCutoff refuses what volunteers may not do after the last day.
func (s *Service) beforeCutoff(tx *db.Tx, cycleID int64) error {
	c, err := cutoffOf(tx, cycleID)
	if err == nil && c.Over(s.Now()) {
		return errs.E(errs.Conflict, "outreach.claim.cutoff", "Day", c.Day())
	}
	return err
}

// Inherited is a contact that volunteers had taken on and did not reach, for the secretariat to go on with.
type Inherited struct {
	Gap
	Past     []Past // who had it, the newest first, with their notes
	Attempts []Try
}

// maxInherited bounds the page of what is inherited.
const maxInherited = 100

// Inherited lists what the secretariat inherits once the last day has passed, and before it what it would:
// contacts that volunteers took on and that nobody has reached or holds, those with the most tries first. The
// other gaps stand in the worklists of the coverage as ever.
func (s *Service) Inherited(ctx context.Context, by account.Actor, cycleID int64) ([]Inherited, error) {
	if err := by.RequireOn(account.ClaimInherit, false, ""); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	ids, err := inheritedIDs(tx, cycleID)
	if err != nil || len(ids) == 0 {
		return nil, errs.Wrap("outreach.inherited", err)
	}
	cards, err := openCards(tx, cycleID, 0, s.Now(), ids)
	if err != nil {
		return nil, errs.Wrap("outreach.inherited", err)
	}
	slices.SortStableFunc(cards, func(a, b openCard) int { return cmp.Compare(b.Tried, a.Tried) })
	all := make([]Inherited, 0, len(cards))
	for i := range cards {
		g, ok := s.gapOf(&cards[i], profile{})
		if !ok {
			continue
		}
		in := Inherited{Gap: g}
		if in.Past, err = claimsOn(tx, cycleID, g.ContactID); err != nil {
			return nil, errs.Wrap("outreach.inherited", err)
		}
		if in.Attempts, err = attemptsOn(tx, cycleID, g.ContactID); err != nil {
			return nil, errs.Wrap("outreach.inherited", err)
		}
		all = append(all, in)
	}
	return all, nil
}

// Inherit lets an officer take a contact on after the last day. Neither cap nor cooldown hold for the
// secretariat: what is left is for it to finish. Before the last day has passed it is errs.Conflict.
func (s *Service) Inherit(ctx context.Context, by account.Actor, cycleID, contactID int64, purpose Purpose) (Claim, error) {
	if err := by.RequireOn(account.ClaimInherit, false, ""); err != nil {
		return Claim{}, err
	}
	if !purpose.Valid() {
		return Claim{}, errs.InvalidFields(errs.FieldError("purpose", "field.choice"))
	}
	c := s.newClaim(cycleID, contactID, by.ID, purpose)
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		last, err := cutoffOf(tx, cycleID)
		if err != nil {
			return err
		}
		if !last.Over(s.Now()) {
			return errs.E(errs.Conflict, "outreach.inherit.too_early")
		}
		if err := lockContacts(tx, contactID); err != nil {
			return err
		}
		card, err := listedCard(tx, &c)
		if err != nil {
			return err
		}
		if err := open(&card, purpose); err != nil {
			return err
		}
		return s.take(tx, by.Who, &c, "claim.inherited")
	})
	return c, errs.Wrap("outreach.inherit", err)
}
