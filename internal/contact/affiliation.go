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
	Function       Function
	Title          string // what they are called there, in their own words
	Represents     bool   // whether the person answers for the organization
	Since          string // YYYY-MM-DD, YYYY-MM, YYYY or empty
	Until          string // likewise; empty while it lasts
	CreatedAt      time.Time
}

// Affiliate ties a person to an organization. The person's language chain follows.
func (s *Service) Affiliate(ctx context.Context, by account.Actor, a Affiliation) (Affiliation, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Affiliation{}, err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		person, err := s.lockLiving(tx, a.ContactID)
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
		if err := s.join(tx, by.Who, &person, &a); err != nil {
			return err
		}
		return s.FindDuplicatesIn(tx, []int64{person.ID})
	})
	return a, errs.Wrap("contact.affiliate", err)
}

// AffiliateByName is Affiliate to the organization of that name, which is added where there is none.
func (s *Service) AffiliateByName(ctx context.Context, by account.Actor, organization string, a Affiliation) (Affiliation, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Affiliation{}, err
	}
	name := clean(organization)
	if name == "" {
		return a, errs.InvalidFields(errs.FieldError("organization", "field.required"))
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		person, err := s.lockLiving(tx, a.ContactID)
		if err != nil {
			return err
		}
		if person.Kind != Person {
			return errs.InvalidFields(errs.FieldError("organization", "contact.affiliation.kinds"))
		}
		if a, err = s.joinByName(tx, by.Who, &person, name, a); err != nil {
			return err
		}
		return s.FindDuplicatesIn(tx, []int64{person.ID, a.OrganizationID})
	})
	return a, errs.Wrap("contact.affiliate", err)
}

// join writes a tie down. The error is errs.Invalid with the fields that are wrong.
func (s *Service) join(tx *db.Tx, by audit.Who, person *Contact, a *Affiliation) error {
	a.Title, a.CreatedAt = clean(a.Title), s.Now()
	if wrong := a.validate(s.today()); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	if err := insertAffiliation(tx, a); err != nil {
		return err
	}
	err := s.record(tx, by, "contact.affiliated", a.ContactID, nil,
		map[string]any{"organization": a.OrganizationID, "function": a.Function, "represents": a.Represents})
	if err != nil {
		return err
	}
	return s.refresh(tx, person)
}

func (s *Service) today() string { return s.Now().Format(time.DateOnly) }

func (a *Affiliation) validate(today string) []errs.Field {
	var wrong []errs.Field
	check := func(ok bool, field, key string, args ...any) {
		if !ok {
			wrong = append(wrong, errs.FieldError(field, key, args...))
		}
	}
	check(a.Function.Valid(), "function", "field.choice")
	check(fits(a.Title, maxLine), "title", "field.too_long", "Max", maxLine)
	check(a.Since == "" || isDay(a.Since), "since", "contact.affiliation.day")
	check(a.Until == "" || isDay(a.Until), "until", "contact.affiliation.day")
	if len(wrong) > 0 || a.Until == "" {
		return wrong
	}
	check(a.Until <= today, "until", "contact.affiliation.future")
	common := min(len(a.Since), len(a.Until)) // 2016 and 2016-05 are no contradiction
	check(a.Since[:common] <= a.Until[:common], "until", "field.date_order")
	return wrong
}

// isDay says whether a text is a day, a month or a year.
func isDay(text string) bool {
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// AffiliationEdit corrects a tie; a nil field stays as it is.
type AffiliationEdit struct {
	Function   *Function
	Title      *string
	Represents *bool
	Since      *string
	Until      *string // a tie that has ended goes on where this is ""
}

// CorrectAffiliation corrects a tie of the contact. The error is errs.Invalid with the fields that are wrong.
func (s *Service) CorrectAffiliation(ctx context.Context, by account.Actor, contactID, id int64, e AffiliationEdit) (Affiliation, error) {
	return s.changeTie(ctx, by, contactID, id, "contact.affiliation_corrected", func(a *Affiliation) error {
		e.apply(a)
		if wrong := a.validate(s.today()); len(wrong) > 0 {
			return errs.InvalidFields(wrong...)
		}
		return nil
	})
}

func (e AffiliationEdit) apply(a *Affiliation) {
	if e.Function != nil {
		a.Function = *e.Function
	}
	if e.Title != nil {
		a.Title = clean(*e.Title)
	}
	if e.Represents != nil {
		a.Represents = *e.Represents
	}
	if e.Since != nil {
		a.Since = clean(*e.Since)
	}
	if e.Until != nil {
		a.Until = clean(*e.Until)
	}
}

// EndAffiliation ends a tie of the contact on a day (YYYY-MM-DD, YYYY-MM or YYYY). The person's
// language chain follows.
func (s *Service) EndAffiliation(ctx context.Context, by account.Actor, contactID, id int64, day string) error {
	_, err := s.changeTie(ctx, by, contactID, id, "contact.affiliation_ended", func(a *Affiliation) error {
		if a.Until != "" {
			return errs.E(errs.Conflict, "contact.affiliation.ended")
		}
		if a.Until = clean(day); a.Until == "" {
			return errs.InvalidFields(errs.FieldError("until", "field.date"))
		}
		if wrong := a.validate(s.today()); len(wrong) > 0 {
			return errs.InvalidFields(wrong...)
		}
		return nil
	})
	return err
}

func (s *Service) changeTie(ctx context.Context, by account.Actor, contactID, id int64, action string, change func(*Affiliation) error) (Affiliation, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Affiliation{}, err
	}
	var a Affiliation
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		person, err := s.lockLiving(tx, contactID)
		if err != nil {
			return err
		}
		if a, err = orNotFound(affiliationByID(tx, id)); err != nil {
			return err
		}
		if a.ContactID != contactID {
			return errs.E(errs.NotFound, "contact.not_found")
		}
		before := a
		if err := change(&a); err != nil {
			return err
		}
		if err := saveAffiliation(tx, &a); err != nil {
			return err
		}
		if err := s.refresh(tx, &person); err != nil {
			return err
		}
		if err := s.FindDuplicatesIn(tx, []int64{contactID}); err != nil {
			return err
		}
		was, is := before.differences(a)
		return s.record(tx, by.Who, action, contactID, was, is)
	})
	return a, errs.Wrap(action, err)
}

func (a Affiliation) differences(b Affiliation) (was, is map[string]any) {
	was, is = map[string]any{"organization": a.OrganizationID}, map[string]any{"organization": b.OrganizationID}
	note := func(field string, from, to any) {
		if from != to {
			was[field], is[field] = from, to
		}
	}
	note("function", a.Function, b.Function)
	note("title", a.Title, b.Title)
	note("represents", a.Represents, b.Represents)
	note("since", a.Since, b.Since)
	note("until", a.Until, b.Until)
	return was, is
}

// tieOf is the tie that a draft asks for.
func tieOf(d Draft) Affiliation {
	function, title := ParseFunction(d.Function)
	if own := clean(d.Title); own != "" {
		title = own
	}
	return Affiliation{Function: function, Title: title, Represents: true}
}

// joinByName ties a new person to the organization of that name, and adds it where there is none.
// A new organization takes group and country of its person, and goes on no list by itself.
func (s *Service) joinByName(tx *db.Tx, by audit.Who, person *Contact, name string, a Affiliation) (Affiliation, error) {
	organization, err := organizationByName(tx, geo.Fold(name))
	if err != nil && !db.IsNotFound(err) {
		return a, err
	}
	if err != nil {
		organization = Contact{
			Kind: Organization, Name: name, StakeholderGroup: person.StakeholderGroup, Country: person.Country,
			Source: person.Source, LawfulBasis: person.LawfulBasis, LawfulBasisNote: person.LawfulBasisNote,
			CreatedAt: s.Now(), UpdatedAt: s.Now(),
		}
		organization.settle(s.Reference)
		if wrong := organization.validate(s.Reference); len(wrong) > 0 {
			return a, errs.InvalidFields(errs.FieldError("organization", wrong[0].Key, "Max", maxLine))
		}
		if err := s.insert(tx, by, &organization); err != nil {
			return a, err
		}
		if err := s.refresh(tx, &organization); err != nil {
			return a, err
		}
	}
	a.ContactID, a.OrganizationID = person.ID, organization.ID
	return a, s.join(tx, by, person, &a)
}
