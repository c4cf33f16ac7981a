package contact

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/link"
)

// Claims is what this room needs of outreach: when somebody asks not to be written to, nobody may
// go on working on them.
type Claims interface {
	// RevokeLive ends the claims on these contacts that hold, in the caller's transaction.
	RevokeLive(tx *db.Tx, by audit.Who, contactIDs []int64, reason string) error
	// RevokeLiveIn is RevokeLive for the claims of one cycle.
	RevokeLiveIn(tx *db.Tx, by audit.Who, cycleID int64, contactIDs []int64, reason string) error
}

// Deps is what a Service works with.
type Deps struct {
	DB        *db.DB
	Now       func() time.Time // UTC, in microseconds
	Reference *geo.Reference
	Secret    []byte                             // keys the hashes of addresses
	Normalize func(email string) (string, error) // errs.Invalid where it is no address
	IsRole    func(email string) bool            // whether a normalized address is that of a function
	Claims    Claims
	Links     *link.Signer   // signs the links by which visitors learn what became of a suggestion
	Erasers   []Eraser       // the rooms that keep words about contacts
	Notifier  Notifier       // nil: members find the outcome among their suggestions
	Letters   AddressLetters // to readers who want another address
	Followers []Follower     // who else keeps facts about contacts
}

// Service keeps the contacts.
type Service struct {
	Deps
	reach reach
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d, reach: usualReach()} }

// Draft is a contact as somebody enters it.
type Draft struct {
	Kind             Kind
	Name             string
	Transliteration  string
	Organization     string // by name: an organization of that name, added if there is none
	Function         string // what the person does there, see ParseFunction
	Title            string // what they are called there
	StakeholderGroup string
	Country          string
	Region           string // overrides the country's; empty does not
	Languages        string // tags separated by spaces or commas
	Expertise        string // tags separated by spaces or commas
	Source           string
	LawfulBasis      string // see ParseBasis
	LawfulBasisNote  string
	Notes            string
	Email            string // empty where none is known
	CycleID          int64  // the cycle whose list the contact goes on; 0 for none
}

// Create adds a contact, its address and its organization, and puts it on the list of the cycle.
// The error is errs.Invalid with the fields that are wrong.
func (s *Service) Create(ctx context.Context, by account.Actor, d Draft) (Contact, error) {
	if err := by.Require(account.ContactCreate); err != nil {
		return Contact{}, err
	}
	var c Contact
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.create(tx, by.Who, d); err != nil {
			return err
		}
		return s.FindDuplicatesIn(tx, []int64{c.ID})
	})
	return c, errs.Wrap("contact.create", err)
}

func (s *Service) create(tx *db.Tx, by audit.Who, d Draft) (Contact, error) {
	c := s.contactOf(d)
	wrong := c.validate(s.Reference)
	if c.Kind == Organization && clean(d.Organization) != "" {
		wrong = append(wrong, errs.FieldError("organization", "contact.organization_of_organization"))
	}
	email, fields := s.normalizeField(d.Email)
	if wrong = append(wrong, fields...); len(wrong) > 0 {
		return c, errs.InvalidFields(wrong...)
	}
	if err := s.insert(tx, by, &c); err != nil {
		return c, err
	}
	if email != "" {
		if _, err := s.addAddress(tx, by, c.ID, email); err != nil {
			return c, err
		}
	}
	if name := clean(d.Organization); name != "" {
		if _, err := s.joinByName(tx, by, &c, name, tieOf(d)); err != nil {
			return c, err
		}
	}
	if d.CycleID != 0 {
		if err := s.list(tx, by, d.CycleID, &c, "", ""); err != nil {
			return c, err
		}
	}
	return c, s.refresh(tx, &c)
}

func (s *Service) contactOf(d Draft) Contact {
	c := Contact{
		Kind: d.Kind, Name: clean(d.Name), Transliteration: clean(d.Transliteration),
		StakeholderGroup: d.StakeholderGroup, Country: strings.ToUpper(strings.TrimSpace(d.Country)),
		Region: d.Region, RegionOverridden: d.Region != "",
		Languages: d.Languages, Expertise: Chain(splitList(d.Expertise)),
		Source: clean(d.Source), Notes: cleanText(d.Notes),
		CreatedAt: s.Now(), UpdatedAt: s.Now(),
	}
	c.base(d.LawfulBasis, d.LawfulBasisNote)
	c.settle(s.Reference)
	return c
}

// normalizeField gives "" for no address, and what is wrong with one that is none.
func (s *Service) normalizeField(email string) (string, []errs.Field) {
	if strings.TrimSpace(email) == "" {
		return "", nil
	}
	normal, err := s.Normalize(email)
	if err != nil {
		return "", fieldsOr(err, errs.FieldError("email", "field.email"))
	}
	return normal, nil
}

func fieldsOr(err error, f errs.Field) []errs.Field {
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		return fields
	}
	return []errs.Field{f}
}

func (s *Service) insert(tx *db.Tx, by audit.Who, c *Contact) error {
	if err := insertContact(tx, c); err != nil {
		return err
	}
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: "contact.created", ObjectKind: "contact", ObjectID: c.ID,
		After: map[string]any{"kind": c.Kind, "name": c.Name, "stakeholder_group": c.StakeholderGroup, "country": c.Country},
	})
}

// Edit changes a contact; a nil field stays as it is. Region "" goes back to the country's.
type Edit struct {
	Name             *string
	Transliteration  *string
	StakeholderGroup *string
	Country          *string
	Region           *string
	Languages        *string
	Expertise        *string
	Source           *string
	LawfulBasis      *string
	LawfulBasisNote  *string
	Notes            *string
	Seen             *time.Time // Contact.UpdatedAt as the editor saw it; nil changes whatever happened meanwhile
	CycleID          int64      // the cycle in whose list group and region follow; lists of other cycles stay as they were
}

// Update changes a contact. The error is errs.Invalid with the fields that are wrong, and
// errs.Conflict where somebody changed the contact after the editor looked at it: its fields are
// those that differ from what the editor wants, with what is there now.
func (s *Service) Update(ctx context.Context, by account.Actor, id int64, e Edit) (Contact, error) {
	if err := by.RequireOn(account.ContactWrite, false, ""); err != nil {
		return Contact{}, err
	}
	var c Contact
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.lockLiving(tx, id); err != nil {
			return err
		}
		if err := s.update(tx, by.Who, &c, e); err != nil {
			return err
		}
		return s.FindDuplicatesIn(tx, []int64{id})
	})
	return c, errs.Wrap("contact.update", err)
}

func (s *Service) update(tx *db.Tx, by audit.Who, c *Contact, e Edit) error {
	before := *c
	e.apply(c)
	if e.Seen != nil && !e.Seen.Equal(before.UpdatedAt) {
		if differing := stale(before, *c); len(differing) > 0 {
			return &errs.Error{Code: errs.Conflict, Key: "contact.edit.stale", Fields: differing}
		}
	}
	c.settle(s.Reference)
	if wrong := c.validate(s.Reference); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	c.UpdatedAt = s.Now()
	if e.CycleID != 0 && (c.StakeholderGroup != before.StakeholderGroup || c.Region != before.Region) {
		if err := moveListing(tx, e.CycleID, c.ID, c.StakeholderGroup, c.Region); err != nil {
			return err
		}
	}
	if err := s.refresh(tx, c); err != nil {
		return err
	}
	if c.Kind == Organization {
		if err := s.refreshMembers(tx, c.ID); err != nil {
			return err
		}
	}
	was, is := differences(before, *c)
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: "contact.updated", ObjectKind: "contact", ObjectID: c.ID, CycleID: e.CycleID, Before: was, After: is,
	})
}

func (e Edit) apply(c *Contact) {
	set := func(to *string, from *string, tidy func(string) string) {
		if from != nil {
			*to = tidy(*from)
		}
	}
	set(&c.Name, e.Name, clean)
	set(&c.Transliteration, e.Transliteration, clean)
	set(&c.StakeholderGroup, e.StakeholderGroup, strings.TrimSpace)
	set(&c.Country, e.Country, func(v string) string { return strings.ToUpper(strings.TrimSpace(v)) })
	set(&c.Languages, e.Languages, strings.TrimSpace)
	set(&c.Expertise, e.Expertise, func(v string) string { return Chain(splitList(v)) })
	set(&c.Source, e.Source, clean)
	set(&c.LawfulBasisNote, e.LawfulBasisNote, clean)
	if e.LawfulBasis != nil {
		c.base(*e.LawfulBasis, c.LawfulBasisNote)
	}
	set(&c.Notes, e.Notes, cleanText)
	if e.Region != nil {
		c.Region, c.RegionOverridden = *e.Region, *e.Region != ""
	}
}

// differences are the fields that changed. Of notes only that they did: they may hold what the
// trail, which forgets nothing, should not keep.
func differences(before, after Contact) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	note := func(field, a, b string) {
		if a != b {
			was[field], is[field] = a, b
		}
	}
	note("name", before.Name, after.Name)
	note("transliteration", before.Transliteration, after.Transliteration)
	note("stakeholder_group", before.StakeholderGroup, after.StakeholderGroup)
	note("country", before.Country, after.Country)
	note("region", before.Region, after.Region)
	note("languages", before.Languages, after.Languages)
	note("expertise", before.Expertise, after.Expertise)
	note("source", before.Source, after.Source)
	note("lawful_basis", string(before.LawfulBasis), string(after.LawfulBasis))
	note("lawful_basis_note", before.LawfulBasisNote, after.LawfulBasisNote)
	if before.Notes != after.Notes {
		is["notes"] = "changed"
	}
	return was, is
}

// inScope says whether the actor may know of a contact that lies in this country.
func inScope(by account.Actor, country string) bool {
	switch by.Scope(account.ContactRead) {
	case account.All:
		return true
	case account.Country:
		return country != "" && slices.Contains(by.Countries, country)
	}
	return false
}

func orNotFound[T any](v T, err error) (T, error) {
	if db.IsNotFound(err) {
		return v, errs.E(errs.NotFound, "contact.not_found")
	}
	return v, err
}
