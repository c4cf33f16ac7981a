package contribution

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// formsAtOnce is how many forms one mailbox may begin within formsWithin, because anybody can
// type anybody's address.
const (
	formsAtOnce = 3
	formsWithin = time.Hour
)

// Start begins the contribution of somebody who was not invited. The returned token opens it, like
// a personal link; it is shown now, mailed with the acknowledgement, and kept only as a hash.
// Errors are errs.Invalid with the fields, errs.TooMany, errs.Conflict before the cycle is open.
func (s *Service) Start(ctx context.Context, by account.Actor, cycleID int64, p Profile, language string) (token string, c Contribution, err error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return "", c, err
	}
	round, err := s.Cycles.Round(ctx, cycleID)
	if err != nil {
		return "", c, errs.Wrap("contribution.start", err)
	}
	if round.Preparing {
		return "", c, errs.E(errs.Conflict, "contribution.not_open")
	}
	p, wrong := s.cleanProfile(p, true)
	wrong = append(wrong, checkNames(p.Name, p.Organization)...)
	if p.Email, err = s.Normalize(p.Email); err != nil {
		wrong = append(wrong, errs.FieldError("email", "field.email"))
	}
	if !s.speaks(language) {
		wrong = append(wrong, errs.FieldError("language", "field.language_tag"))
	}
	if len(wrong) > 0 {
		return "", c, errs.InvalidFields(wrong...)
	}
	now := s.Now()
	token, hash := newSecret()
	c = Contribution{
		CycleID: cycleID, SecretHash: hash, State: Draft, Channel: PublicForm, Language: language, StartedAt: now, UpdatedAt: now,
	}
	c.describe(s.Geo, p)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := countForms(tx, p.Email, now.Add(-formsWithin))
		if err != nil {
			return err
		}
		if n >= formsAtOnce {
			return errs.E(errs.TooMany, "contribution.too_many")
		}
		c, err = s.insert(tx, by, c, right{secret: hash})
		return err
	})
	return token, c, errs.Wrap("contribution.start", err)
}
