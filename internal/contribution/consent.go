package contribution

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Reconsider changes what the author said about publication of what is published or withheld. Who takes their word back is withheld
// in the same moment, and counted as before; who gives it again waits for an officer, who may have withheld it for a reason of their
// own. Saying the same again changes nothing. Errors are errs.Conflict for a draft and after a withdrawal; before publication the
// form asks (HandIn).
func (s *Service) Reconsider(ctx context.Context, by account.Actor, token string, publish bool) (Contribution, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Contribution{}, err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return Contribution{}, err
	}
	var c Contribution
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = byRight(tx, r, true); db.IsNotFound(err) {
			return errs.E(errs.Conflict, "contribution.consent.not_yet")
		}
		if err != nil {
			return err
		}
		return s.reconsider(tx, author(by, c), &c, publish)
	})
	return c, errs.Wrap("contribution.reconsider", err)
}

// reconsider is the move: the word first, then what follows from it.
func (s *Service) reconsider(tx *db.Tx, who audit.Who, c *Contribution, publish bool) error {
	before := c.ConsentPublication
	shown, err := c.reconsider(publish, s.Now())
	if err != nil || before == publish {
		return err
	}
	c.UpdatedAt = s.Now()
	if err := store(tx, c); err != nil {
		return err
	}
	err = audit.Record(tx, who, s.Now(), change(*c, "reconsidered", map[string]any{"consent": before}, map[string]any{"consent": publish}))
	if err != nil || !shown || publish {
		return err
	}
	return s.move(tx, who, c, "withheld", "", c.withhold)
}
