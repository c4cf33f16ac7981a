package contribution

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// mayInvite says whether a mailbox that a contributor typed may be asked for something: it wants our mail, and was not asked often today.
func (s *Service) mayInvite(tx *db.Tx, email string, cycleID int64, now time.Time) (bool, error) {
	may, err := s.Lists.MayMail(tx, email, cycleID)
	if err != nil || !may {
		return false, err
	}
	n, err := invitationsTo(tx, email, now.Add(-invitationsSpan))
	return n < invitationsAtOne, err
}

// languageOf is in which language to write to somebody about a contribution: that of the contact, else the contribution's.
func (s *Service) languageOf(tx *db.Tx, c Contribution, contactID *int64) (string, error) {
	if contactID == nil {
		return c.Language, nil
	}
	p, err := profileOf(tx, c.CycleID, *contactID)
	if err != nil || p.LanguageChain == "" {
		return c.Language, err
	}
	return s.localeOf(p), nil
}

// isOwn says whether a mailbox is that of the contributor.
func (s *Service) isOwn(tx *db.Tx, c Contribution, email string, contactID *int64) (bool, error) {
	own, err := s.mailTo(tx, c)
	return own == email || c.Email == email || contactID != nil && c.ContactID != nil && *contactID == *c.ContactID, err
}

// namePerson lets a contributor name somebody beside themselves. The contribution is locked, and begun where it was not; n is as it is kept.
func (s *Service) namePerson(ctx context.Context, by account.Actor, token string, n Cosigner, fn func(tx *db.Tx, c Contribution, n Cosigner) error) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return err
	}
	n, wrong := s.cleanCosigner(n)
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.lockOrBegin(tx, by, r)
		if err != nil {
			return err
		}
		return fn(tx, c, n)
	})
}
