package contact

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// AddAddress adds an address to a contact, as its last one. One that the contact has already is
// no error. The error is errs.Invalid with the field "email" where the text is no address or one
// that mail comes back from, and errs.Conflict where it is suppressed.
func (s *Service) AddAddress(ctx context.Context, by account.Actor, contactID int64, email string) (Address, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Address{}, err
	}
	var a Address
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := s.AddAddressIn(tx, by.Who, contactID, email)
		if err != nil {
			return err
		}
		a, err = addressByID(tx, id)
		return err
	})
	return a, errs.Wrap("contact.add_address", err)
}

// AddAddressIn is AddAddress in the caller's transaction, for a caller that has decided that this
// actor may: outreach, where a volunteer fills in what they claimed. It gives the id of the address.
func (s *Service) AddAddressIn(tx *db.Tx, by audit.Who, contactID int64, email string) (int64, error) {
	c, err := orNotFound(contactByID(tx, contactID))
	if err != nil {
		return 0, err
	}
	if c.ErasedAt != nil {
		return 0, errs.E(errs.Gone, "contact.erased")
	}
	normal, fields := s.normalizeField(email)
	if normal == "" && fields == nil {
		fields = []errs.Field{errs.FieldError("email", "field.required")}
	}
	if fields != nil {
		return 0, errs.InvalidFields(fields...)
	}
	a, err := s.addAddress(tx, by, c.ID, normal)
	if err != nil {
		return a.ID, err
	}
	return a.ID, s.FindDuplicatesIn(tx, []int64{c.ID})
}

// addAddress refuses a suppressed address in words that do not say who asked for that, or when.
func (s *Service) addAddress(tx *db.Tx, by audit.Who, contactID int64, normal string) (Address, error) {
	a, err := s.findOrInsert(tx, normal)
	if err != nil {
		return a, err
	}
	suppressed, err := isSuppressed(tx, a.Hash)
	if err != nil {
		return a, err
	}
	switch {
	case suppressed || a.Status == Complained:
		return a, errs.E(errs.Conflict, "contact.address.unusable")
	case a.Status == Bounced:
		return a, errs.InvalidFields(errs.FieldError("email", "contact.address.bounced"))
	}
	added, err := linkAddress(tx, contactID, a.ID)
	if err != nil || !added {
		return a, err
	}
	if err := s.refreshAll(tx, []int64{contactID}); err != nil {
		return a, err
	}
	return a, s.record(tx, by, "address.added", contactID, nil, map[string]any{"address": a.ID, "kind": a.Kind})
}

func (s *Service) findOrInsert(tx *db.Tx, normal string) (Address, error) {
	a := Address{
		Email: normal, Hash: AddressHash(s.Secret, normal), Kind: Personal, Status: AddressOK, CreatedAt: s.Now(),
	}
	if s.IsRole(normal) {
		a.Kind = Role
	}
	return upsertAddress(tx, a)
}

// ReplaceAddress puts another address in the place of one that the contact has. Errors are as in
// AddAddress, and errs.NotFound where the contact does not have the old one, errs.Conflict where that is suppressed.
func (s *Service) ReplaceAddress(ctx context.Context, by account.Actor, contactID, oldAddressID int64, email string) (Address, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Address{}, err
	}
	var a Address
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := s.replaceAddress(tx, by.Who, contactID, oldAddressID, email)
		if err != nil {
			return err
		}
		a, err = addressByID(tx, id)
		return err
	})
	return a, errs.Wrap("contact.replace_address", err)
}

func (s *Service) replaceAddress(tx *db.Tx, by audit.Who, contactID, oldID int64, email string) (int64, error) {
	id, err := s.AddAddressIn(tx, by, contactID, email)
	if err != nil || id == oldID {
		return id, err
	}
	old, err := orNotFound(addressByID(tx, oldID))
	if err != nil {
		return id, err
	}
	if err := mayGo(tx, old); err != nil {
		return id, err
	}
	if err := replaceLink(tx, contactID, oldID, id); err != nil {
		return orNotFound(id, err)
	}
	if err := s.refreshAll(tx, []int64{contactID}); err != nil {
		return id, err
	}
	if err := s.FindDuplicatesIn(tx, []int64{contactID}); err != nil {
		return id, err
	}
	return id, s.record(tx, by, "address.replaced", contactID, map[string]any{"address": oldID}, map[string]any{"address": id})
}

// MarkBounced records, in the caller's transaction, that mail to an address comes back. An address
// that is not ok any more stays as it is.
func (s *Service) MarkBounced(tx *db.Tx, by audit.Who, addressID int64) error {
	return errs.Wrap("contact.mark_bounced", s.moveAddress(tx, by, addressID, "address.bounced", (*Address).Bounce))
}

// MarkComplained records, in the caller's transaction, that the owner of an address reported our
// mail: it is suppressed, and claims on its contacts end.
func (s *Service) MarkComplained(tx *db.Tx, by audit.Who, addressID int64) error {
	if err := s.moveAddress(tx, by, addressID, "address.complained", (*Address).Complain); err != nil {
		return errs.Wrap("contact.mark_complained", err)
	}
	return errs.Wrap("contact.mark_complained", s.SuppressAddressIn(tx, by, addressID, ComplainedOf))
}

func (s *Service) moveAddress(tx *db.Tx, by audit.Who, addressID int64, action string, move func(*Address) error) error {
	a, err := orNotFound(addressByID(tx, addressID))
	if err != nil {
		return err
	}
	before := a.Status
	if move(&a) != nil {
		return nil //nolint:nilerr // reports of one mailbox arrive in any order and more than once
	}
	moved, err := saveStatus(tx, &a, before)
	if err != nil || !moved {
		return err
	}
	if err := s.refreshHolders(tx, a.Hash); err != nil {
		return err
	}
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: action, ObjectKind: "address", ObjectID: a.ID,
		Before: map[string]any{"status": before}, After: map[string]any{"status": a.Status},
	})
}

// Suppress makes sure that an address is never mailed again, whether we know it or not, and ends
// the live claims on the contacts who have it. Officers may for any reason; nobody in particular
// may only by the link of a message (Unsubscribed), whose token the caller has checked.
func (s *Service) Suppress(ctx context.Context, by account.Actor, email string, reason Reason) error {
	if by.Scope(account.ContactWrite) != account.All && (reason != Unsubscribed || !by.May(account.PublicAnswer)) {
		return by.RequireOn(account.ContactWrite, false, "")
	}
	normal, fields := s.normalizeField(email)
	if normal == "" {
		return errs.InvalidFields(append(fields, errs.FieldError("email", "field.email"))[:1]...)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.suppress(tx, by.Who, AddressHash(s.Secret, normal), reason)
	})
	return errs.Wrap("contact.suppress", err)
}

// SuppressAddressIn is Suppress for an address by its id, in the caller's transaction, which has
// decided that this actor may.
func (s *Service) SuppressAddressIn(tx *db.Tx, by audit.Who, addressID int64, reason Reason) error {
	a, err := orNotFound(addressByID(tx, addressID))
	if err != nil {
		return err
	}
	return s.suppress(tx, by, a.Hash, reason)
}

func (s *Service) suppress(tx *db.Tx, by audit.Who, hash string, reason Reason) error {
	id, added, err := insertSuppression(tx, hash, reason, s.Now())
	if err != nil || !added {
		return err
	}
	err = audit.Record(tx, by, s.Now(), audit.Change{
		Action: "address.suppressed", ObjectKind: "suppression", ObjectID: id, After: map[string]any{"reason": reason},
	})
	if err != nil {
		return err
	}
	contacts, err := contactsWithHash(tx, hash)
	if err != nil || len(contacts) == 0 {
		return err
	}
	if err := s.refreshAll(tx, contacts); err != nil {
		return err
	}
	return s.Claims.RevokeLive(tx, by, contacts, "suppressed")
}

// refreshHolders is for an address whose state changed: everybody who has it is found differently now.
func (s *Service) refreshHolders(tx *db.Tx, hash string) error {
	contacts, err := contactsWithHash(tx, hash)
	if err != nil {
		return err
	}
	return s.refreshAll(tx, contacts)
}

func (s *Service) record(tx *db.Tx, by audit.Who, action string, contactID int64, before, after any) error {
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: action, ObjectKind: "contact", ObjectID: contactID, Before: before, After: after,
	})
}
