package contact

import (
	"context"
	"strconv"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Eraser is a room that keeps words about contacts.
type Eraser interface {
	// EraseContact removes them in the caller's transaction, and keeps what only counts.
	EraseContact(tx *db.Tx, contactID int64) error
}

// Erase forgets a person who asked for that: name, addresses, notes, ties, what others wrote about
// them, the images by which an earlier action could be undone, and the files of imports that have ended. What stays is who may not be
// written to, by its keyed hash; group, region and country, which are counted; that messages went
// and an answer came; and what the person contributed themselves. With suppress, nobody can write
// to their addresses again, even where somebody adds them anew. It cannot be taken back.
func (s *Service) Erase(ctx context.Context, by account.Actor, id int64, suppress bool) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.lockLiving(tx, id)
		if err != nil {
			return err
		}
		if c.Kind != Person {
			return errs.E(errs.Conflict, "contact.erase.person_only")
		}
		return s.erase(tx, by.Who, &c, suppress)
	})
	return errs.Wrap("contact.erase", err)
}

func (s *Service) erase(tx *db.Tx, by audit.Who, c *Contact, suppress bool) error {
	addresses, err := addressesOf(tx, c.ID, true)
	if err != nil {
		return err
	}
	if err := s.Claims.RevokeLive(tx, by, []int64{c.ID}, "suppressed"); err != nil {
		return err
	}
	if suppress {
		for _, a := range addresses {
			if err := s.SuppressAddressIn(tx, by, a.AddressID, AskedUs); err != nil {
				return err
			}
		}
	}
	for _, room := range s.Erasers {
		if err := room.EraseContact(tx, c.ID); err != nil {
			return err
		}
	}
	texts, err := namesOfParts(tx, c.ID)
	if err != nil {
		return err
	}
	if err := forgetWhoItWas(tx, c.ID, addresses); err != nil {
		return err
	}
	now := s.Now()
	texts = append(texts, c.Name, c.Transliteration)
	for _, a := range addresses {
		texts = append(texts, a.Email)
	}
	files, err := forgetInImports(tx, c.ID, texts, now)
	if err != nil {
		return err
	}
	*c = Contact{
		ID: c.ID, Kind: c.Kind, Name: "#" + strconv.FormatInt(c.ID, 10), Country: c.Country, Region: c.Region, RegionOverridden: c.RegionOverridden,
		StakeholderGroup: c.StakeholderGroup, CreatedAt: c.CreatedAt, UpdatedAt: now, ErasedAt: &now,
	}
	if err := s.refresh(tx, c); err != nil {
		return err
	}
	return s.record(tx, by, "contact.erased", c.ID, nil, map[string]any{"addresses": len(addresses), "suppressed": suppress, "import_files": files})
}

// forgetWhoItWas also forgets whoever became part of the contact, and addresses that it had once.
func forgetWhoItWas(tx *db.Tx, contactID int64, addresses []ListedAddress) error {
	all, err := becamePartOf(tx, contactID)
	if err != nil {
		return err
	}
	all = append(all, contactID)
	ids, err := mailedAddresses(tx, contactID)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		ids = append(ids, a.AddressID)
	}
	for _, id := range all {
		former, err := audit.Former(tx, "contact", id, "address", "address.removed", "address.replaced")
		if err != nil {
			return err
		}
		ids = append(ids, former...)
	}
	if err := undo.Forget(tx, all, ids); err != nil {
		return err
	}
	return forgetAround(tx, contactID, addresses, ids)
}
