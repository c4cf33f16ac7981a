package outreach

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// PlateDefault is how many contacts a volunteer is offered who names no number: what fits into a week beside a job.
const PlateDefault = 3

// Plate is the best few contacts that the actor could take on now, for them to look at: nothing is claimed.
// There are at most as many as the cap leaves room for; room says how many that is.
func (s *Service) Plate(ctx context.Context, by account.Actor, cycleID int64, count int) (gaps []Gap, room int, err error) {
	if err := by.Require(account.ClaimMake); err != nil {
		return nil, 0, err
	}
	if count < 1 || count > MaxLive {
		return nil, 0, errs.InvalidFields(errs.FieldError("count", "outreach.plate.count", "Max", MaxLive))
	}
	live, err := countLive(s.DB.Read(ctx), by.ID, s.Now())
	if err != nil {
		return nil, 0, errs.Wrap("outreach.plate", err)
	}
	if gaps, err = s.Gaps(ctx, by, cycleID); err != nil {
		return nil, 0, err
	}
	room = max(0, MaxLive-int(live))
	return gaps[:min(len(gaps), count, room)], room, nil
}

// Pick is a contact that somebody wants to take on, and for what.
type Pick struct {
	ContactID int64
	Purpose   Purpose
}

// Picked is what came of one.
type Picked struct {
	Pick
	Name    string // of the contact, "" where it is not on the list
	Claim   Claim
	Refused error // errs.Conflict or errs.NotFound: others were faster, or the volunteer may not; nil where it was claimed
}

// TakePlate claims what was picked, each for itself: what others took meanwhile is said, and keeps nobody from the rest.
func (s *Service) TakePlate(ctx context.Context, by account.Actor, cycleID int64, picks []Pick) ([]Picked, error) {
	if err := by.Require(account.ClaimMake); err != nil {
		return nil, err
	}
	switch {
	case len(picks) == 0:
		return nil, errs.InvalidFields(errs.FieldError("contact", "outreach.plate.none"))
	case len(picks) > MaxLive:
		return nil, errs.InvalidFields(errs.FieldError("contact", "outreach.plate.too_many", "Max", MaxLive))
	}
	all := make([]Picked, len(picks))
	for i, p := range picks {
		all[i].Pick = p
		var err error
		all[i].Claim, err = s.Claim(ctx, by, cycleID, p.ContactID, p.Purpose)
		if err != nil && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) {
			return all[:i], err
		}
		all[i].Refused = err
		if card, err := cardOf(s.DB.Read(ctx), cycleID, p.ContactID); err == nil {
			all[i].Name = card.Name
		}
	}
	return all, nil
}
