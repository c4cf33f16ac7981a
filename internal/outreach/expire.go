package outreach

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// sweepSize is how many claims one transaction of a sweep moves at most.
const sweepSize = 200

// ExpireDue ends the claims whose time is over, and warns each volunteer once of each expiry that is
// 48 hours away or less. It is for the worker, and may run at any time and several times at once.
func (s *Service) ExpireDue(ctx context.Context) error {
	for {
		n, err := s.expireSome(ctx)
		if err != nil {
			return errs.Wrap("outreach.expire_due", err)
		}
		if n < sweepSize {
			break
		}
	}
	return errs.Wrap("outreach.warn", s.warnDue(ctx))
}

func (s *Service) expireSome(ctx context.Context) (int, error) {
	n := 0
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		due, err := dueClaims(tx, s.Now(), sweepSize)
		if err != nil {
			return err
		}
		n = len(due)
		slices.SortFunc(due, func(a, b Claim) int { return cmp.Compare(a.ID, b.ID) }) // as all lock them
		for i := range due {
			if err := s.expire(tx, &due[i]); err != nil && !errs.Is(err, errs.Conflict) {
				return err
			}
		}
		return nil
	})
	return n, err
}

func (s *Service) expire(tx *db.Tx, c *Claim) error {
	return s.move(tx, audit.System("claim:expire"), c, "claim.expired", func(c *Claim) error { return c.Expire(s.Now()) })
}

// warnDue warns one by one: a message that cannot be written must not keep others from theirs.
func (s *Service) warnDue(ctx context.Context) error {
	if s.Notifier == nil {
		return nil
	}
	due, err := claimsToWarn(s.DB.Read(ctx), s.Now(), s.Now().Add(WarnBefore), sweepSize)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range due {
		if err := s.warn(ctx, c); err != nil && !errs.Is(err, errs.Conflict) {
			failed = err
		}
	}
	return failed
}

func (s *Service) warn(ctx context.Context, c dueClaim) error {
	m, err := s.Notifier.PrepareWarning(ctx, Warning{
		ClaimID: c.ID, VolunteerID: c.VolunteerID, ContactID: c.ContactID, Contact: c.Name, Purpose: c.Purpose, ExpiresAt: c.ExpiresAt,
	})
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		before, after := c.Claim, c.Claim
		if err := after.Warn(s.Now()); err != nil {
			return err
		}
		if err := saveMoved(tx, &before, &after); err != nil {
			return err
		}
		return m.Store(tx)
	})
	if err == nil {
		m.Wake(ctx)
	}
	return err
}

// Revoker ends claims on contacts who must be left alone. It is the contacts' room that calls it.
type Revoker struct{ Now func() time.Time }

// RevokeLive ends all claims on the contacts that hold, in the caller's transaction.
func (r Revoker) RevokeLive(tx *db.Tx, by audit.Who, contactIDs []int64, reason string) error {
	return r.revokeLive(tx, by, contactIDs, reason, func(Claim) bool { return true })
}

// RevokeLiveIn is RevokeLive for the claims of one cycle.
func (r Revoker) RevokeLiveIn(tx *db.Tx, by audit.Who, cycleID int64, contactIDs []int64, reason string) error {
	return r.revokeLive(tx, by, contactIDs, reason, func(c Claim) bool { return c.CycleID == cycleID })
}

func (r Revoker) revokeLive(tx *db.Tx, by audit.Who, contactIDs []int64, reason string, meant func(Claim) bool) error {
	claims, err := lockActiveOn(tx, contactIDs)
	if err != nil {
		return errs.Wrap("outreach.revoke_live", err)
	}
	for i := range claims {
		if !meant(claims[i]) {
			continue
		}
		before := claims[i]
		if err := claims[i].Revoke(r.Now(), Why(reason), ""); err != nil {
			return errs.Wrap("outreach.revoke_live", err)
		}
		err := saveMoved(tx, &before, &claims[i])
		if errs.Is(err, errs.Conflict) { // ended by itself in this moment
			continue
		}
		if err == nil {
			err = recordClaim(tx, by, r.Now(), "claim.revoked", &claims[i], &before)
		}
		if err != nil {
			return errs.Wrap("outreach.revoke_live", err)
		}
	}
	return nil
}
