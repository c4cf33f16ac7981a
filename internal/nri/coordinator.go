package nri

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// AssignCoordinator lets a person speak for an initiative from now on; there may be several. The
// account must have the role of a coordinator. Who already speaks for it is errs.Conflict.
func (s *Service) AssignCoordinator(ctx context.Context, by account.Actor, nriID, accountID int64) error {
	if err := s.mayCoordinate(ctx, by, accountID); err != nil {
		return errs.Wrap("nri.assign", err)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := orNotFound(initiative(tx, nriID)); err != nil {
			return err
		}
		if err := s.begin(tx, nriID, accountID); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "nri.coordinator_assigned", ObjectKind: "nri", ObjectID: nriID,
			After: map[string]any{"account": accountID},
		})
	})
	return errs.Wrap("nri.assign", err)
}

// HandOver passes the role from one person to another: one row ends, another begins, at the same
// instant. The person who leaves loses access at once; what that person did stays. errs.Conflict where
// the one does not speak for the initiative or the other already does.
func (s *Service) HandOver(ctx context.Context, by account.Actor, nriID, from, to int64) error {
	if err := s.mayCoordinate(ctx, by, to); err != nil {
		return errs.Wrap("nri.hand_over", err)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.end(tx, nriID, from); err != nil {
			return err
		}
		if err := s.begin(tx, nriID, to); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "nri.handed_over", ObjectKind: "nri", ObjectID: nriID,
			Before: map[string]any{"account": from}, After: map[string]any{"account": to},
		})
	})
	return errs.Wrap("nri.hand_over", err)
}

// EndCoordinator ends the role of a person who left before anybody took over. errs.Conflict where
// the person does not speak for the initiative.
func (s *Service) EndCoordinator(ctx context.Context, by account.Actor, nriID, accountID int64) error {
	if err := by.Require(account.NRIWrite); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.end(tx, nriID, accountID); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "nri.coordinator_ended", ObjectKind: "nri", ObjectID: nriID,
			Before: map[string]any{"account": accountID},
		})
	})
	return errs.Wrap("nri.end_coordinator", err)
}

// History gives everybody who ever spoke for the initiative, the latest first, by name.
func (s *Service) History(ctx context.Context, by account.Actor, nriID int64) ([]Coordinator, error) {
	if _, err := s.Get(ctx, by, nriID, 0); err != nil {
		return nil, err
	}
	all, err := coordinatorHistory(s.DB.Read(ctx), nriID)
	return all, errs.Wrap("nri.history", err)
}

func (s *Service) mayCoordinate(ctx context.Context, by account.Actor, accountID int64) error {
	if err := by.Require(account.NRIWrite); err != nil {
		return err
	}
	a, err := s.Accounts.ByID(ctx, accountID)
	if err != nil {
		return err
	}
	for _, r := range a.Roles {
		if r == account.Coordinator && a.DisabledAt == nil {
			return nil
		}
	}
	return errs.InvalidFields(errs.FieldError("account", "nri.coordinator.role", "Name", a.Name))
}

func (s *Service) begin(tx *db.Tx, nriID, accountID int64) error {
	err := insertCoordinator(tx, &Coordinator{NRIID: nriID, AccountID: accountID, Since: s.Now()})
	if db.IsDuplicate(err) {
		return errs.E(errs.Conflict, "nri.coordinator.already")
	}
	if err != nil {
		return err
	}
	return s.refresh(tx, Touched{Initiatives: []int64{nriID}, Accounts: []int64{accountID}})
}

func (s *Service) end(tx *db.Tx, nriID, accountID int64) error {
	n, err := endCoordinator(tx, nriID, accountID, s.Now())
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "nri.coordinator.not_current")
	}
	if err != nil {
		return err
	}
	return s.refresh(tx, Touched{Initiatives: []int64{nriID}, Accounts: []int64{accountID}})
}
