package contribution

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
)

// linkAgain is how long nobody can have the link mailed once more.
const linkAgain = 10 * time.Minute

// MailLink sends the link to go on to the contributor's own mailbox and to no other. Where there is none that may be written to, nothing
// is sent, and the answer is the same. The error is errs.TooMany where it was sent a moment ago.
func (s *Service) MailLink(ctx context.Context, by account.Actor, token string) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return err
	}
	var l *letter.Prepared
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.lockOrBegin(tx, by, r)
		if err != nil {
			return err
		}
		now := s.Now()
		if c.LinkMailedAt != nil && now.Before(c.LinkMailedAt.Add(linkAgain)) {
			return errs.E(errs.TooMany, "respond.link.too_often")
		}
		to, err := s.mailTo(tx, c)
		if err != nil || to == "" {
			return err
		}
		round, err := s.Cycles.Round(tx.Context(), c.CycleID)
		if err != nil {
			return err
		}
		l, err = s.Letters.Prepare(tx.Context(), letter.FormLink{
			Person: letter.Person{Email: to, Name: c.Name, Language: c.Language}, Cycle: round.Name, Link: s.LinkOf(token),
		})
		if err != nil {
			return err
		}
		c.LinkMailedAt = &now
		if err := store(tx, &c); err != nil {
			return err
		}
		if err := audit.Record(tx, author(by, c), now, change(c, "link_mailed", nil, nil)); err != nil {
			return err
		}
		return l.Store(tx)
	})
	if err == nil && l != nil {
		l.Wake(ctx)
	}
	return errs.Wrap("contribution.mail_link", err)
}
