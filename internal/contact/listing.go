package contact

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// AddToCycle puts a contact on the list of a cycle, or changes its place there. Group and region
// are the contact's own where empty.
func (s *Service) AddToCycle(ctx context.Context, by account.Actor, cycleID, contactID int64, group, region string) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	if _, known := s.Reference.Group(group); group != "" && !known {
		return errs.InvalidFields(errs.FieldError("stakeholder_group", "field.stakeholder_group"))
	}
	if region != "" && !geo.Region(region).Valid() {
		return errs.InvalidFields(errs.FieldError("region", "field.region"))
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := orNotFound(contactByID(tx, contactID))
		if err != nil {
			return err
		}
		return s.list(tx, by.Who, cycleID, &c, group, region)
	})
	return errs.Wrap("contact.add_to_cycle", err)
}

// list leaves what was before in the trail, which is the history of a contact's place.
func (s *Service) list(tx *db.Tx, by audit.Who, cycleID int64, c *Contact, group, region string) error {
	if c.ErasedAt != nil {
		return errs.E(errs.Gone, "contact.erased")
	}
	l := Listing{CycleID: cycleID, ContactID: c.ID, StakeholderGroup: group, Region: region, ListedAt: s.Now()}
	if group == "" {
		l.StakeholderGroup = c.StakeholderGroup
	}
	if region == "" {
		l.Region = regionFor(s.Reference, l.StakeholderGroup, c.Country)
		if c.RegionOverridden {
			l.Region = c.Region
		}
	}
	before, err := listingOf(tx, cycleID, c.ID)
	if err != nil && !db.IsNotFound(err) {
		return err
	}
	known := err == nil
	if known && before.StakeholderGroup == l.StakeholderGroup && before.Region == l.Region {
		return nil
	}
	if err := upsertListing(tx, l); err != nil {
		return err
	}
	if err := s.refreshAll(tx, []int64{c.ID}); err != nil {
		return err
	}
	change := audit.Change{
		Action: "contact.listed", ObjectKind: "contact", ObjectID: c.ID, CycleID: cycleID,
		After: map[string]any{"stakeholder_group": l.StakeholderGroup, "region": l.Region},
	}
	if known {
		change.Before = map[string]any{"stakeholder_group": before.StakeholderGroup, "region": before.Region}
	}
	return audit.Record(tx, by, s.Now(), change)
}
