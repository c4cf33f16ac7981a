package outreach

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Revoke ends somebody's claim; for officers. The volunteer reads the reason, on their page and in a mail.
func (s *Service) Revoke(ctx context.Context, by account.Actor, id int64, reason string) (Claim, error) {
	if err := by.RequireOn(account.ClaimRevoke, false, ""); err != nil {
		return Claim{}, err
	}
	reason, err := reasonField(reason)
	if err != nil {
		return Claim{}, err
	}
	var c Claim
	var m Message
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.ownClaim(tx, by, id); err != nil {
			return err
		}
		step := func(c *Claim) error { return c.Revoke(s.Now(), ByOfficer, reason) }
		if err := s.move(tx, by.Who, &c, "claim.revoked", step); err != nil {
			return err
		}
		m, err = s.tellTaken(tx.Context(), tx, by, &c, "")
		return err
	})
	wake(ctx, m, err)
	return c, errs.Wrap("outreach.revoke", err)
}

// reasonField tidies a reason and refuses none: whoever loses a claim is told why.
func reasonField(reason string) (string, error) {
	reason, err := noteField(reason)
	switch {
	case err != nil:
		return "", errs.InvalidFields(errs.FieldError("reason", "field.too_long", "Max", maxNote))
	case errs.Blank(reason):
		return "", errs.InvalidFields(errs.FieldError("reason", "outreach.revoke.reason_required"))
	}
	return reason, nil
}

// Give lets a volunteer have a contact on an officer's word. What the volunteer could not claim, for the cap, a
// cooldown or a conflict of interest, cannot be given either; the last day does not bind officers.
func (s *Service) Give(ctx context.Context, by account.Actor, cycleID, contactID, volunteerID int64, purpose Purpose, note string) (Claim, error) {
	if err := by.RequireOn(account.ClaimAssign, false, ""); err != nil {
		return Claim{}, err
	}
	if !purpose.Valid() {
		return Claim{}, errs.InvalidFields(errs.FieldError("purpose", "field.choice"))
	}
	note, err := noteField(note)
	if err != nil {
		return Claim{}, err
	}
	c := s.newClaim(cycleID, contactID, volunteerID, purpose)
	var m Message
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		item, err := s.give(tx, by, &c, "claim.given")
		if err != nil {
			return err
		}
		m, err = s.tellGiven(tx.Context(), tx, GivenNotice{
			VolunteerID: volunteerID, Officer: by.Name, Note: note, ExpiresAt: c.ExpiresAt, Items: []GivenItem{item},
		})
		return err
	})
	wake(ctx, m, err)
	return c, errs.Wrap("outreach.give", err)
}

// give makes a claim for the volunteer that it names, and says what they are told of it.
func (s *Service) give(tx *db.Tx, by account.Actor, c *Claim, action string) (GivenItem, error) {
	known, err := isVolunteer(tx, c.VolunteerID)
	if err != nil {
		return GivenItem{}, err
	}
	if !known {
		return GivenItem{}, errs.InvalidFields(errs.FieldError("volunteer", "field.choice"))
	}
	if err := s.mayClaim(tx, c); err != nil {
		return GivenItem{}, toOfficer(err)
	}
	if err := s.take(tx, by.Who, c, action); err != nil {
		return GivenItem{}, err
	}
	card, err := cardOf(tx, c.CycleID, c.ContactID)
	if err != nil {
		return GivenItem{}, err
	}
	p, err := s.profileIn(tx, c.VolunteerID)
	if err != nil {
		return GivenItem{}, err
	}
	_, reasons := p.match(s.Reference, &card)
	return GivenItem{ContactID: c.ContactID, Contact: card.Name, Purpose: c.Purpose, Reasons: reasons}, nil
}

// toOfficer says of the volunteer what a refusal says to the volunteer.
func toOfficer(err error) error {
	key, args := errs.Message(err)
	switch key {
	case "outreach.claim.conflict_of_interest", "outreach.claim.too_many", "outreach.claim.cooldown":
		return &errs.Error{Code: errs.Conflict, Key: key + ".other", Args: args, Err: err}
	}
	return err
}

// Reassign takes a claim that holds from its volunteer and gives it to another, at once and with a whole
// lease; for officers. The one reads the reason, the other what was learned. Volunteer 0 is nobody chosen yet.
func (s *Service) Reassign(ctx context.Context, by account.Actor, id, volunteerID int64, reason string) (Claim, error) {
	if err := by.RequireOn(account.ClaimAssign, false, ""); err != nil {
		return Claim{}, err
	}
	reason, err := reasonField(reason)
	wrong := errs.FieldsOf(err)
	if volunteerID == 0 {
		wrong = append(wrong, errs.FieldError("volunteer", "field.choice"))
	}
	if len(wrong) > 0 {
		return Claim{}, errs.InvalidFields(wrong...)
	}
	var next Claim
	var taken, given Message
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.ownClaim(tx, by, id)
		if err != nil {
			return err
		}
		if c.VolunteerID == volunteerID {
			return errs.InvalidFields(errs.FieldError("volunteer", "outreach.reassign.same"))
		}
		if err := lockVolunteer(tx, volunteerID); err != nil { // before the contact, as whoever claims
			return err
		}
		if c, err = lockClaim(tx, c.ID); err != nil {
			return err
		}
		step := func(c *Claim) error {
			var err error
			next, err = c.Reassign(s.Now(), volunteerID, reason)
			return err
		}
		if err := s.move(tx, by.Who, &c, "claim.reassigned", step); err != nil {
			return err
		}
		item, err := s.give(tx, by, &next, "claim.given")
		if err != nil {
			return err
		}
		to, err := accountName(tx, volunteerID)
		if err != nil {
			return err
		}
		if taken, err = s.tellTaken(tx.Context(), tx, by, &c, to); err != nil {
			return err
		}
		given, err = s.tellGiven(tx.Context(), tx, GivenNotice{
			VolunteerID: volunteerID, Officer: by.Name, ExpiresAt: next.ExpiresAt, Items: []GivenItem{item},
		})
		return err
	})
	wake(ctx, taken, err)
	wake(ctx, given, err)
	return next, errs.Wrap("outreach.reassign", err)
}
