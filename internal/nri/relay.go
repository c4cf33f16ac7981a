package nri

import (
	"context"
	"strings"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// LogRelay keeps what an initiative passed on. Its coordinators may, and an officer for them.
// ID, LoggedBy and CreatedAt are set here. The note is private and is not in the trail.
func (s *Service) LogRelay(ctx context.Context, by account.Actor, r Relay) (Relay, error) {
	if err := by.Require(account.RelayLog); err != nil {
		return Relay{}, err
	}
	if err := mayRelay(s.DB.Read(ctx), by, r.NRIID); err != nil {
		return Relay{}, errs.Wrap("nri.log_relay", err)
	}
	r.Note = strings.TrimSpace(r.Note)
	if err := r.validate(s.Now()); err != nil {
		return Relay{}, err
	}
	if tag, err := language.Parse(r.Language); r.Language != "" && err == nil {
		r.Language = tag.String()
	}
	r.ID, r.LoggedBy, r.CreatedAt = 0, nil, s.Now()
	if by.SignedIn() {
		r.LoggedBy = &by.ID
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := mayRelay(tx, by, r.NRIID); err != nil {
			return err
		}
		if err := insertRelay(tx, &r); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "relay.logged", ObjectKind: "nri", ObjectID: r.NRIID, CycleID: r.CycleID,
			After: map[string]any{
				"relay": r.ID, "kind": r.Kind, "audience_size": r.AudienceSize, "language": r.Language, "on_date": r.OnDate,
			},
		})
	})
	return r, errs.Wrap("nri.log_relay", err)
}

// mayRelay asks in the transaction of the relay, so that a hand-over ends the right at once.
func mayRelay(tx *db.Tx, by account.Actor, nriID int64) error {
	own, err := speaksFor(tx, nriID, by.ID)
	if err != nil {
		return err
	}
	if by.RequireOn(account.RelayLog, own, "") != nil {
		return errs.E(errs.NotFound, "nri.not_found")
	}
	_, err = orNotFound(initiative(tx, nriID))
	return err
}

// Relays are those of an initiative in a cycle, the latest first. A note is there only for who
// wrote it. errs.NotFound where the initiative is not in the actor's scope.
func (s *Service) Relays(ctx context.Context, by account.Actor, nriID, cycleID int64) ([]Relay, error) {
	if _, err := s.Get(ctx, by, nriID, cycleID); err != nil {
		return nil, err
	}
	all, err := relays(s.DB.Read(ctx), nriID, cycleID)
	if err != nil {
		return nil, errs.Wrap("nri.relays", err)
	}
	for i := range all {
		if all[i].LoggedBy == nil || *all[i].LoggedBy != by.ID || !by.SignedIn() {
			all[i].Note = ""
		}
	}
	return all, nil
}
