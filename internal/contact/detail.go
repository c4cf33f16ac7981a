package contact

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Detail is all that an actor may know of one contact.
type Detail struct {
	Contact
	Affiliations []Tie           // current ones first
	Members      []Tie           // of an organization
	Listings     []Listing       // the cycles whose list the contact is on
	Addressable  bool            // whether there is an address that may be mailed
	OptedOut     bool            // whether an address of the contact is suppressed: nobody may approach it
	Stopped      []int64         // the cycles of which the contact wants no more messages: nobody may approach it in them
	Revealed     bool            // whether Addresses and Notes were shown, and the trail says so
	Addresses    []ListedAddress // empty unless Revealed
}

// ListedAddress is an address in the order of its contact.
type ListedAddress struct {
	AddressID  int64
	Position   int
	Email      string
	Kind       AddressKind
	Status     AddressStatus
	Suppressed bool

	SuppressedFor Reason // "" where it is not suppressed
}

// Tie is an affiliation with what stands at its other end.
type Tie struct {
	Affiliation
	Name    string
	Country string
	Opens   bool `gorm:"-"` // whether the actor may open the page of the other end
}

// Listing is a contact's place on the list of a cycle.
type Listing struct {
	ID               int64
	CycleID          int64
	ContactID        int64
	StakeholderGroup string
	Region           string
	ListedAt         time.Time
}

// Get gives one contact. Addresses and notes are included for officers, and for volunteers who
// hold a live claim on the contact; each such reveal leaves one "address.revealed" event per call,
// for officers too, so that the trail is the whole answer to "who has seen this address?". A
// volunteer is never shown a suppressed address. What lies outside of the actor's countries is
// errs.NotFound, so that asking tells nothing.
func (s *Service) Get(ctx context.Context, by account.Actor, id int64) (Detail, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return Detail{}, err
	}
	d, err := s.describe(s.DB.Read(ctx), by, id)
	if err != nil {
		return Detail{}, errs.Wrap("contact.get", err)
	}
	reveals, err := s.reveals(s.DB.Read(ctx), by, id)
	if err != nil || !reveals {
		d.Notes = ""
		return d, errs.Wrap("contact.get", err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.reveal(tx, by, &d) })
	return d, errs.Wrap("contact.get", err)
}

func (s *Service) describe(tx *db.Tx, by account.Actor, id int64) (Detail, error) {
	c, err := orNotFound(contactByID(tx, id))
	if err != nil {
		return Detail{}, err
	}
	if !inScope(by, c.Country) {
		return Detail{}, errs.E(errs.NotFound, "contact.not_found")
	}
	d := Detail{Contact: c}
	if d.Affiliations, err = tiesOf(tx, id); err != nil {
		return d, err
	}
	if d.Members, err = memberTies(tx, id, countriesOf(by)); err != nil {
		return d, err
	}
	for _, ties := range [][]Tie{d.Affiliations, d.Members} {
		for i := range ties {
			ties[i].Opens = inScope(by, ties[i].Country)
		}
	}
	if d.Listings, err = listingsOf(tx, id); err != nil {
		return d, err
	}
	if d.Addressable, d.OptedOut, err = addressState(tx, id); err != nil {
		return d, err
	}
	d.Stopped, err = stoppedCycles(tx, id)
	return d, err
}

// countriesOf is nil for an actor who may see all contacts.
func countriesOf(by account.Actor) []string {
	if by.Scope(account.ContactRead) == account.All {
		return nil
	}
	return append([]string{}, by.Countries...)
}

func (s *Service) reveals(tx *db.Tx, by account.Actor, id int64) (bool, error) {
	switch by.Scope(account.AddressRead) {
	case account.All:
		return true, nil
	case account.Own:
		return holdsLive(tx, by.ID, id, s.Now())
	}
	return false, nil
}

// reveal asks again in the transaction of the event, because the claim may have ended meanwhile.
func (s *Service) reveal(tx *db.Tx, by account.Actor, d *Detail) error {
	allowed, err := s.reveals(tx, by, d.ID)
	if err != nil || !allowed {
		d.Notes = ""
		return err
	}
	if d.Addresses, err = addressesOf(tx, d.ID, by.Scope(account.AddressRead) == account.All); err != nil {
		return err
	}
	d.Revealed = true
	if len(d.Addresses) == 0 {
		return nil
	}
	ids := make([]int64, len(d.Addresses))
	for i, a := range d.Addresses {
		ids[i] = a.AddressID
	}
	return audit.Record(tx, by.Who, s.Now(), audit.Change{
		Action: "address.revealed", ObjectKind: "contact", ObjectID: d.ID, After: map[string]any{"addresses": ids},
	})
}
