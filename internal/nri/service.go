package nri

import (
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Accounts finds an account; errs.NotFound where there is none. account.Service is one.
type Accounts interface {
	ByID(ctx context.Context, id int64) (account.Account, error)
}

// Contacts is the room of those who answer for initiatives.
type Contacts interface {
	// Refresh brings, in the caller's transaction, up to date what follows for contacts from what changed about initiatives.
	Refresh(tx *db.Tx, t Touched) error
}

// Touched says about which initiatives something changed, and for whom beside those who answer for them now.
type Touched struct {
	Initiatives []int64
	Accounts    []int64 // who coordinates or did
	Contacts    []int64 // entries that an initiative has or had
}

// Deps is what a Service works with.
type Deps struct {
	DB       *db.DB
	Contacts Contacts // nil: nobody keeps contacts
	Accounts Accounts
	Now      func() time.Time // UTC
}

// Service keeps the initiatives.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Imported counts what an import did.
type Imported struct{ Added, Updated, Unchanged int }

// Import adds the initiatives of a list and brings those of the same name up to date, countries
// and languages included. Initiatives that the list does not have stay, and so does who
// coordinates them. A name that is missing or twice in the list refuses the whole list.
func (s *Service) Import(ctx context.Context, by account.Actor, rows []geo.InitiativeRow) (Imported, error) {
	if err := by.Require(account.NRIWrite); err != nil {
		return Imported{}, err
	}
	if err := checkRows(rows); err != nil {
		return Imported{}, err
	}
	var done Imported
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		known, err := initiativesByName(tx)
		if err != nil {
			return err
		}
		var spoken []int64
		for _, row := range rows {
			id, err := s.importOne(tx, by, row, known, &done)
			if err != nil {
				return err
			}
			if id != 0 {
				spoken = append(spoken, id)
			}
		}
		return s.refresh(tx, Touched{Initiatives: spoken})
	})
	if err != nil {
		return Imported{}, errs.Wrap("nri.import", err)
	}
	return done, nil
}

// refresh passes on what changed.
func (s *Service) refresh(tx *db.Tx, t Touched) error {
	if s.Contacts == nil || len(t.Initiatives) == 0 {
		return nil
	}
	return s.Contacts.Refresh(tx, t)
}

// importOne gives the id of an initiative whose languages or countries are others now, else 0.
func (s *Service) importOne(tx *db.Tx, by account.Actor, row geo.InitiativeRow, known map[string]Initiative, done *Imported) (spoken int64, err error) {
	was, exists := known[row.Name]
	is := fromRow(row)
	if exists {
		is.ID, is.ContactID, is.CreatedAt = was.ID, was.ContactID, was.CreatedAt
		if same(was, is) {
			done.Unchanged++
			return 0, nil
		}
		done.Updated++
	} else {
		is.CreatedAt = s.Now()
		done.Added++
	}
	if err := saveInitiative(tx, &is); err != nil {
		return 0, err
	}
	if !slices.Equal(was.Languages, is.Languages) || !slices.Equal(was.Countries, is.Countries) {
		spoken = is.ID
	}
	change := audit.Change{Action: "nri.imported", ObjectKind: "nri", ObjectID: is.ID, After: summary(is)}
	if exists {
		change.Before = summary(was)
	}
	return spoken, audit.Record(tx, by.Who, s.Now(), change)
}

// LinkContact says which entry of the list the initiative itself has, so that it is asked and
// counted there; 0 takes the link away. A contact that another initiative has is errs.Conflict.
func (s *Service) LinkContact(ctx context.Context, by account.Actor, nriID, contactID int64) error {
	if err := by.Require(account.NRIWrite); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := orNotFound(initiative(tx, nriID))
		if err != nil {
			return err
		}
		if err := setContact(tx, nriID, contactID); err != nil {
			if db.IsDuplicate(err) {
				return errs.E(errs.Conflict, "nri.contact_taken")
			}
			return err
		}
		touched := Touched{Initiatives: []int64{nriID}}
		if n.ContactID != nil {
			touched.Contacts = append(touched.Contacts, *n.ContactID)
		}
		if err := s.refresh(tx, touched); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "nri.contact_linked", ObjectKind: "nri", ObjectID: nriID,
			Before: map[string]any{"contact": n.ContactID}, After: map[string]any{"contact": contactID},
		})
	})
	return errs.Wrap("nri.link_contact", err)
}

// Filter narrows a listing; zero values do not narrow.
type Filter struct {
	Countries []string // initiatives of any of these; nil is all, empty is none
	State     State
	Confirmed *bool
	CycleID   int64 // the cycle whose facts are wanted
	After     int64 // only initiatives with a larger id: the cursor of the next page
	Limit     int   // at most 500, which is also what 0 means
}

// List gives initiatives in the order of their ids with countries, languages, coordinators and the
// facts of the cycle. A coordinator sees only those it speaks for.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) ([]Initiative, error) {
	if err := by.Require(account.NRIRead); err != nil {
		return nil, err
	}
	all, err := s.load(ctx, by, f, func(tx *db.Tx) ([]Initiative, error) { return initiatives(tx, f, ownOnly(by)) })
	return all, errs.Wrap("nri.list", err)
}

// Get gives one initiative; errs.NotFound where there is none or it is not in the actor's scope.
func (s *Service) Get(ctx context.Context, by account.Actor, id, cycleID int64) (Initiative, error) {
	if err := by.Require(account.NRIRead); err != nil {
		return Initiative{}, err
	}
	found, err := s.load(ctx, by, Filter{CycleID: cycleID}, func(tx *db.Tx) ([]Initiative, error) {
		n, err := orNotFound(initiative(tx, id))
		return []Initiative{n}, err
	})
	if err != nil {
		return Initiative{}, errs.Wrap("nri.get", err)
	}
	if len(found) == 0 {
		return Initiative{}, errs.E(errs.NotFound, "nri.not_found")
	}
	return found[0], nil
}

// MyInitiatives are those that the actor speaks for now.
func (s *Service) MyInitiatives(ctx context.Context, by account.Actor, cycleID int64) ([]Initiative, error) {
	if err := by.Require(account.NRIRead); err != nil {
		return nil, err
	}
	all, err := s.load(ctx, by, Filter{CycleID: cycleID}, func(tx *db.Tx) ([]Initiative, error) {
		return initiatives(tx, Filter{}, by.ID)
	})
	return all, errs.Wrap("nri.mine", err)
}

// load fills what the rows of initiatives do not hold and leaves out what the actor may not see.
func (s *Service) load(ctx context.Context, by account.Actor, f Filter, find func(*db.Tx) ([]Initiative, error)) ([]Initiative, error) {
	tx := s.DB.Read(ctx)
	all, err := find(tx)
	if err != nil {
		return nil, err
	}
	if err := fill(tx, all, f.CycleID); err != nil {
		return nil, err
	}
	ends, known, err := ownDate(tx, f.CycleID)
	if err != nil {
		return nil, err
	}
	ended := known && !s.Now().Before(ends.At)
	kept := all[:0]
	for _, n := range all {
		n.State = StateOf(n.Facts, ended)
		if n.visibleTo(by) && (f.State == "" || f.State == n.State) {
			kept = append(kept, n)
		}
	}
	return kept, nil
}

func (n Initiative) visibleTo(by account.Actor) bool {
	return by.RequireOn(account.NRIRead, n.coordinatedBy(by.ID), "") == nil
}

func (n Initiative) coordinatedBy(accountID int64) bool {
	for _, c := range n.Coordinators {
		if c.AccountID == accountID {
			return true
		}
	}
	return false
}

// ownOnly is the account to which a listing is narrowed, 0 for who sees all.
func ownOnly(by account.Actor) int64 {
	if by.Scope(account.NRIRead) == account.All {
		return 0
	}
	return by.ID
}

// Countries gives, for every country that has one, how many initiatives it has. Who sees only its
// own initiatives sees only their countries.
func (s *Service) Countries(ctx context.Context, by account.Actor) (map[string]int, error) {
	if err := by.Require(account.NRIRead); err != nil {
		return nil, err
	}
	counts, err := countryCounts(s.DB.Read(ctx), ownOnly(by))
	return counts, errs.Wrap("nri.countries", err)
}

// OwnDate is the date by which initiatives are asked to answer: the day that people are told, its
// zone, and the instant at which it ends.
type OwnDate struct {
	OnDate string // YYYY-MM-DD
	Zone   string // "aoe" or an IANA name
	At     time.Time
	Grace  bool // it is the initiatives' own date and not the deadline of all
}

// GraceDate is the initiatives' own date of a cycle, its deadline where they have none; ok is
// false where the cycle has neither.
func (s *Service) GraceDate(ctx context.Context, cycleID int64) (d OwnDate, ok bool, err error) {
	d, ok, err = ownDate(s.DB.Read(ctx), cycleID)
	return d, ok, errs.Wrap("nri.grace_date", err)
}

func orNotFound(n Initiative, err error) (Initiative, error) {
	if db.IsNotFound(err) {
		return n, errs.E(errs.NotFound, "nri.not_found")
	}
	return n, err
}
