package contact

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Affiliation is a dated tie of a person to an organization.
type Affiliation struct {
	ID             int64
	ContactID      int64 // the person
	OrganizationID int64
	Function       string // what they do there: implementer, policy analyst
	Title          string
	Represents     bool   // whether the person answers for the organization
	Since          string // YYYY-MM-DD, YYYY or empty
	Until          string // empty while it lasts
	CreatedAt      time.Time
}

// Affiliate ties a person to an organization. The person's language chain follows.
func (s *Service) Affiliate(ctx context.Context, by account.Actor, a Affiliation) (Affiliation, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Affiliation{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		person, err := orNotFound(contactByID(tx, a.ContactID))
		if err != nil {
			return err
		}
		organization, err := orNotFound(contactByID(tx, a.OrganizationID))
		if err != nil {
			return err
		}
		if person.Kind != Person || organization.Kind != Organization {
			return errs.InvalidFields(errs.FieldError("organization", "contact.affiliation.kinds"))
		}
		if err := s.join(tx, by.Who, &a); err != nil {
			return err
		}
		return s.refresh(tx, &person)
	})
	return a, errs.Wrap("contact.affiliate", err)
}

func (s *Service) join(tx *db.Tx, by audit.Who, a *Affiliation) error {
	a.Function, a.Title, a.CreatedAt = clean(a.Function), clean(a.Title), s.Now()
	if err := insertAffiliation(tx, a); err != nil {
		return err
	}
	return s.record(tx, by, "contact.affiliated", a.ContactID, nil,
		map[string]any{"organization": a.OrganizationID, "function": a.Function, "represents": a.Represents})
}

// EndAffiliation ends a tie on a day (YYYY-MM-DD). The person's language chain follows.
func (s *Service) EndAffiliation(ctx context.Context, by account.Actor, id int64, day string) error {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return errs.InvalidFields(errs.FieldError("until", "field.date"))
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := orNotFound(affiliationByID(tx, id))
		if err != nil {
			return err
		}
		if a.Until != "" {
			return errs.E(errs.Conflict, "contact.affiliation.ended")
		}
		if err := endAffiliation(tx, id, day); err != nil {
			return err
		}
		person, err := contactByID(tx, a.ContactID)
		if err != nil {
			return err
		}
		if err := s.refresh(tx, &person); err != nil {
			return err
		}
		return s.record(tx, by.Who, "contact.affiliation_ended", a.ContactID,
			map[string]any{"organization": a.OrganizationID}, map[string]any{"until": day})
	})
	return errs.Wrap("contact.end_affiliation", err)
}

// joinByName ties a new person to the organization of that name, and adds it where there is none.
// A new organization takes group and country of its person, and goes on no list by itself.
func (s *Service) joinByName(tx *db.Tx, by audit.Who, person *Contact, name, function string) error {
	organization, err := organizationByName(tx, geo.Fold(name))
	if err != nil && !db.IsNotFound(err) {
		return err
	}
	if err != nil {
		organization = Contact{
			Kind: Organization, Name: name, StakeholderGroup: person.StakeholderGroup, Country: person.Country,
			Source: person.Source, LawfulBasis: person.LawfulBasis, CreatedAt: s.Now(), UpdatedAt: s.Now(),
		}
		organization.settle(s.Reference)
		if wrong := organization.validate(s.Reference); len(wrong) > 0 {
			return errs.InvalidFields(errs.FieldError("organization", wrong[0].Key, "Max", maxLine))
		}
		if err := s.insert(tx, by, &organization); err != nil {
			return err
		}
		if err := s.refresh(tx, &organization); err != nil {
			return err
		}
	}
	return s.join(tx, by, &Affiliation{ContactID: person.ID, OrganizationID: organization.ID, Function: function, Represents: true})
}

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

func (s *Service) list(tx *db.Tx, by audit.Who, cycleID int64, c *Contact, group, region string) error {
	l := Listing{CycleID: cycleID, ContactID: c.ID, StakeholderGroup: group, Region: region, ListedAt: s.Now()}
	if group == "" {
		l.StakeholderGroup = c.StakeholderGroup
	}
	if region == "" {
		l.Region = c.Region
	}
	if err := upsertListing(tx, l); err != nil {
		return err
	}
	if err := s.refreshAll(tx, []int64{c.ID}); err != nil {
		return err
	}
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: "contact.listed", ObjectKind: "contact", ObjectID: c.ID, CycleID: cycleID,
		After: map[string]any{"stakeholder_group": l.StakeholderGroup, "region": l.Region},
	})
}
