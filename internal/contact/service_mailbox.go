package contact

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// AddressEdit corrects an address of a contact; a nil field stays as it is.
type AddressEdit struct {
	Email *string      // another address in its place: see ReplaceAddress
	Kind  *AddressKind // for everybody who has the address
}

// CorrectAddress corrects an address of a contact, and gives the one that the contact has then.
// Errors are as in ReplaceAddress.
func (s *Service) CorrectAddress(ctx context.Context, by account.Actor, contactID, addressID int64, e AddressEdit) (Address, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Address{}, err
	}
	if e.Kind != nil && !e.Kind.Valid() {
		return Address{}, errs.InvalidFields(errs.FieldError("kind", "field.choice"))
	}
	var a Address
	err := s.onAddress(ctx, by, contactID, addressID, "contact.correct_address", func(tx *db.Tx, known Address) error {
		a = known
		if e.Email != nil && !s.same(*e.Email, known.Email) {
			id, err := s.replaceAddress(tx, by.Who, contactID, addressID, *e.Email)
			if err != nil {
				return err
			}
			if a, err = addressByID(tx, id); err != nil {
				return err
			}
		}
		if e.Kind == nil || *e.Kind == a.Kind {
			return nil
		}
		before := a.Kind
		a.Kind = *e.Kind
		if err := saveKind(tx, a.ID, a.Kind); err != nil {
			return err
		}
		return s.recordAddress(tx, by.Who, "address.kind_corrected", a.ID, map[string]any{"kind": before}, map[string]any{"kind": a.Kind})
	})
	return a, err
}

// same says whether a text is the address that is known.
func (s *Service) same(text, email string) bool {
	normal, err := s.Normalize(text)
	return err == nil && normal == email
}

// OrderAddresses puts the addresses of a contact in this order: the first that works is written to.
// Those that are not named follow in the order that they had.
func (s *Service) OrderAddresses(ctx context.Context, by account.Actor, contactID int64, ids []int64) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.lockLiving(tx, contactID); err != nil {
			return err
		}
		before, err := addressIDs(tx, contactID)
		if err != nil {
			return err
		}
		var after []int64
		for _, id := range slices.Concat(ids, before) {
			if !slices.Contains(before, id) {
				return errs.E(errs.NotFound, "contact.not_found")
			}
			if !slices.Contains(after, id) {
				after = append(after, id)
			}
		}
		if slices.Equal(before, after) {
			return nil
		}
		if err := orderAddresses(tx, contactID, after); err != nil {
			return err
		}
		if err := s.refreshAll(tx, []int64{contactID}); err != nil {
			return err
		}
		return s.record(tx, by.Who, "address.ordered", contactID, map[string]any{"addresses": before}, map[string]any{"addresses": after})
	})
	return errs.Wrap("contact.order_addresses", err)
}

// RemoveAddress takes an address off a contact. The error is errs.Conflict for one at which something was asked not to be
// got: without it the contact would seem to have asked for nothing.
func (s *Service) RemoveAddress(ctx context.Context, by account.Actor, contactID, addressID int64) error {
	return s.onAddress(ctx, by, contactID, addressID, "contact.remove_address", func(tx *db.Tx, a Address) error {
		if err := mayGo(tx, a); err != nil {
			return err
		}
		if err := unlinkAddress(tx, contactID, a.ID); err != nil {
			return err
		}
		if err := s.refreshAll(tx, []int64{contactID}); err != nil {
			return err
		}
		return s.record(tx, by.Who, "address.removed", contactID, map[string]any{"address": a.ID, "kind": a.Kind, "status": a.Status}, nil)
	})
}

// mayGo refuses for an address whose owner asked not to be written to.
func mayGo(tx *db.Tx, a Address) error {
	suppressed, err := isSuppressed(tx, a.Hash)
	if err != nil {
		return err
	}
	asked, err := liveOptOuts(tx, []string{a.Hash})
	if err == nil && (suppressed || len(asked) > 0) {
		err = errs.E(errs.Conflict, "contact.address.stays")
	}
	return err
}

// RestoreAddress says that an address works again after mail had come back, because somebody
// checked; the reason says how.
func (s *Service) RestoreAddress(ctx context.Context, by account.Actor, contactID, addressID int64, reason string) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	reason = cleanText(reason)
	switch {
	case errs.Blank(reason):
		return errs.InvalidFields(errs.FieldError("reason", "contact.address.reason_required"))
	case !fits(reason, maxLine):
		return errs.InvalidFields(errs.FieldError("reason", "field.too_long", "Max", maxLine))
	}
	return s.onAddress(ctx, by, contactID, addressID, "contact.restore_address", func(tx *db.Tx, a Address) error {
		before := a.Status
		if err := a.Restore(); err != nil {
			return err
		}
		if _, err := saveStatus(tx, &a, before); err != nil {
			return err
		}
		others, err := contactsWithHash(tx, a.Hash)
		if err != nil {
			return err
		}
		if err := s.refreshAll(tx, others); err != nil {
			return err
		}
		return s.recordAddress(tx, by.Who, "address.restored", a.ID, map[string]any{"status": before}, map[string]any{"status": a.Status, "reason": reason})
	})
}

// SuppressAddress records that the owner of an address asked us in words not to be written to.
func (s *Service) SuppressAddress(ctx context.Context, by account.Actor, contactID, addressID int64) error {
	return s.onAddress(ctx, by, contactID, addressID, "contact.suppress_address", func(tx *db.Tx, a Address) error {
		return s.optOut(tx, by.Who, contactID, &OptOut{Hash: a.Hash, Scope: Everything, How: ByOfficer, RecordedBy: &by.ID, AskedAt: s.Now()})
	})
}

// onAddress does something to an address that a contact has.
func (s *Service) onAddress(ctx context.Context, by account.Actor, contactID, addressID int64, op string, do func(*db.Tx, Address) error) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.lockLiving(tx, contactID); err != nil {
			return err
		}
		a, err := orNotFound(linkedAddress(tx, contactID, addressID))
		if err != nil {
			return err
		}
		return do(tx, a)
	})
	return errs.Wrap(op, err)
}

func addressIDs(tx *db.Tx, contactID int64) ([]int64, error) {
	all, err := addressesOf(tx, contactID, true)
	ids := make([]int64, len(all))
	for i, a := range all {
		ids[i] = a.AddressID
	}
	return ids, err
}

func (s *Service) recordAddress(tx *db.Tx, by audit.Who, action string, addressID int64, before, after any) error {
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: action, ObjectKind: "address", ObjectID: addressID, Before: before, After: after,
	})
}
