package contact

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// lockLiving reads a contact that is about to be changed; errs.Gone where it was erased.
func (s *Service) lockLiving(tx *db.Tx, id int64) (Contact, error) {
	c, err := orNotFound(lockContact(tx, id))
	if err == nil && c.ErasedAt != nil {
		return c, errs.E(errs.Gone, "contact.erased")
	}
	return c, err
}

// base sets why we may keep the contact. A text that names no basis is kept as the note.
func (c *Contact) base(basis, note string) {
	parsed, said := ParseBasis(basis)
	c.LawfulBasis = parsed
	if c.LawfulBasisNote = clean(note); c.LawfulBasisNote == "" {
		c.LawfulBasisNote = said
	}
}

// stale are the fields in which what is saved differs from what somebody wants to save who has not
// seen it, each with what is saved now.
func stale(saved, wanted Contact) []errs.Field {
	var fields []errs.Field
	note := func(field, now, want string) {
		switch now {
		case want:
		case "":
			fields = append(fields, errs.FieldError(field, "contact.edit.emptied"))
		default:
			fields = append(fields, errs.FieldError(field, "contact.edit.saved_meanwhile", "Value", now))
		}
	}
	note("name", saved.Name, wanted.Name)
	note("transliteration", saved.Transliteration, wanted.Transliteration)
	note("stakeholder_group", saved.StakeholderGroup, wanted.StakeholderGroup)
	note("country", saved.Country, wanted.Country)
	if saved.RegionOverridden || wanted.RegionOverridden {
		note("region", saved.Region, wanted.Region)
	}
	note("language", saved.Languages, wanted.Languages)
	note("expertise", saved.Expertise, wanted.Expertise)
	note("source", saved.Source, wanted.Source)
	note("lawful_basis", string(saved.LawfulBasis), string(wanted.LawfulBasis))
	note("lawful_basis_note", saved.LawfulBasisNote, wanted.LawfulBasisNote)
	note("notes", saved.Notes, wanted.Notes)
	return fields
}

// RegionFor is the region that follows from a group and a country.
func (s *Service) RegionFor(group, country string) string {
	return regionFor(s.Reference, group, country)
}
