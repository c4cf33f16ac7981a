package outreach

import (
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// MailSent is the outcome of a message that a volunteer sent from the page, logged by itself when it has left. It
// reaches nobody yet: the volunteer waits for an answer and logs what comes of it. Nobody can choose it.
const MailSent Outcome = "sent"

// ExtendClaim gives the actor's own live claim a whole lease from now, in the caller's transaction: writing to
// somebody is an attempt. It is errs.NotFound for a claim that is not the actor's, whoever the actor is,
// because what is sent under it bears the actor's name.
func (s *Service) ExtendClaim(tx *db.Tx, by account.Actor, claimID int64) error {
	c, err := claimByID(tx, claimID)
	if db.IsNotFound(err) || err == nil && c.VolunteerID != by.ID {
		return errs.E(errs.NotFound, "outreach.claim.not_found")
	}
	if err != nil {
		return errs.Wrap("outreach.extend_claim", err)
	}
	before := c
	if err := s.extend(tx, &c); err != nil {
		return err
	}
	return errs.Wrap("outreach.extend_claim", saveMoved(tx, &before, &c))
}

// LogMailed logs, in the caller's transaction, that a message of a volunteer has left, or that there is no mailbox
// at the address. The claim may have ended meanwhile: what happened is kept all the same.
func (s *Service) LogMailed(tx *db.Tx, claimID int64, at time.Time, outcome Outcome) error {
	c, err := lockClaim(tx, claimID)
	if err != nil {
		return errs.Wrap("outreach.log_mailed", err)
	}
	before := c
	if c.Live(s.Now()) {
		if err := s.extend(tx, &c); err != nil {
			return errs.Wrap("outreach.log_mailed", err)
		}
		if err := saveMoved(tx, &before, &c); err != nil {
			return errs.Wrap("outreach.log_mailed", err)
		}
	}
	a := Attempt{
		ClaimID: c.ID, CycleID: c.CycleID, ContactID: c.ContactID, VolunteerID: c.VolunteerID,
		Channel: ByMail, Outcome: outcome, At: at,
	}
	if err := s.addAttempt(tx, &a); err != nil {
		return errs.Wrap("outreach.log_mailed", err)
	}
	return errs.Wrap("outreach.log_mailed", audit.Record(tx, audit.System("campaign"), s.Now(), audit.Change{
		Action: "attempt.logged", ObjectKind: "claim", ObjectID: c.ID, CycleID: c.CycleID,
		Before: map[string]any{"expires_at": before.ExpiresAt},
		After:  map[string]any{"contact": c.ContactID, "channel": a.Channel, "outcome": a.Outcome, "expires_at": c.ExpiresAt},
	}))
}
