package contribution

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Check notes that an officer looked at what was received.
func (s *Service) Check(ctx context.Context, by account.Actor, id int64) (Contribution, error) {
	return s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		return s.move(tx, by.Who, c, "checked", "", func() error { return c.check(s.Now()) })
	})
}

// Publish shows a contribution to the public, checking it in the same move where nobody has. It
// needs its author's consent: errs.Conflict without.
func (s *Service) Publish(ctx context.Context, by account.Actor, id int64) (Contribution, error) {
	return s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		if err := s.checkFirst(tx, by.Who, c); err != nil {
			return err
		}
		return s.publish(tx, by.Who, c, s.Now())
	})
}

// Withhold keeps a contribution from the public, published or not; the reason is for the trail.
// It stays counted.
func (s *Service) Withhold(ctx context.Context, by account.Actor, id int64, reason string) (Contribution, error) {
	if err := by.Require(account.ContributionDecide); err != nil {
		return Contribution{}, err
	}
	reason, problem := cleanLine(reason)
	if problem == "" && errs.Blank(reason) {
		problem = "field.required"
	}
	if problem != "" {
		return Contribution{}, errs.InvalidFields(errs.FieldError("reason", problem, "Max", LineLimit))
	}
	return s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		if err := s.checkFirst(tx, by.Who, c); err != nil {
			return err
		}
		return s.move(tx, by.Who, c, "withheld", reason, c.withhold)
	})
}

func (s *Service) checkFirst(tx *db.Tx, who audit.Who, c *Contribution) error {
	if c.State != Received {
		return nil
	}
	return s.move(tx, who, c, "checked", "", func() error { return c.check(s.Now()) })
}

func (s *Service) decide(ctx context.Context, by account.Actor, id int64, fn func(*db.Tx, *Contribution) error) (Contribution, error) {
	if err := by.Require(account.ContributionDecide); err != nil {
		return Contribution{}, err
	}
	var c Contribution
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = byID(tx, id, true); db.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return err
		}
		return fn(tx, &c)
	})
	return c, errs.Wrap("contribution.decide", err)
}
