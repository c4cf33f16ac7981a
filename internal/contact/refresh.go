package contact

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
)

// around is what lies about a contact and shapes what is derived of it.
type around struct {
	Organizations []Contact  // that it belongs to now, the represented first
	Functions     []Function // of a person there
	Addresses     []knownAddress
	Listings      []listedAs
}

// knownAddress is an address of a contact.
type knownAddress struct {
	ContactID  int64
	Email      string
	Kind       AddressKind
	Status     AddressStatus
	Suppressed bool
}

// listedAs is a contact's place on the list of a cycle.
type listedAs struct {
	ContactID        int64
	CycleID          int64
	StakeholderGroup string
	Region           string
	Unreached        bool
}

// found is a row of contact_search: by what a contact is found and where its name stands.
type found struct {
	ContactID      int64
	Script         script
	SortKey        []byte
	SortKeySpanish []byte
	AddressState   AddressState
	Words          string
}

// refreshed is how many contacts one statement refreshes at the most.
const refreshed = 1000

// refreshAll recomputes everything that follows from the facts about these contacts, and of nobody
// else: call it with whoever got or lost an address, a tie, a place on a list, or was edited, in the
// transaction that changed it. Ids that are nobody's are passed over.
func (s *Service) refreshAll(tx *db.Tx, ids []int64) error {
	return s.recount(tx, everyCycle, ids)
}

// everyCycle as the id of a cycle stands for all of them.
const everyCycle = 0

// inChunks hands over ids some at a time, each once and in their order, in which all lock them.
func inChunks(ids []int64, do func([]int64) error) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for some := range slices.Chunk(ids, refreshed) {
		if err := do(some); err != nil {
			return err
		}
	}
	return nil
}

func refreshSome(tx *db.Tx, by *deriver, ids []int64) error {
	contacts, err := contactsAmong(tx, ids)
	if err != nil {
		return err
	}
	all, err := aroundThem(tx, ids)
	if err != nil {
		return err
	}
	rows := make([]found, 0, len(contacts))
	for i := range contacts {
		row := by.derive(&contacts[i], all[contacts[i].ID])
		if contacts[i].ErasedAt == nil {
			rows = append(rows, row)
		} else if err := hide(tx, contacts[i].ID); err != nil {
			return err
		}
	}
	if err := saveDerived(tx, contacts); err != nil {
		return err
	}
	return saveFound(tx, rows)
}

// refresh saves a contact and what follows from it.
func (s *Service) refresh(tx *db.Tx, c *Contact) error {
	c.settle(s.Reference)
	if err := saveContact(tx, c); err != nil {
		return err
	}
	if err := s.refreshAll(tx, []int64{c.ID}); err != nil {
		return err
	}
	var err error
	*c, err = contactByID(tx, c.ID)
	return err
}

// refreshMembers passes on to the members of an organization what changed there.
func (s *Service) refreshMembers(tx *db.Tx, organizationID int64) error {
	members, err := membersOf(tx, organizationID)
	if err != nil {
		return err
	}
	return s.refreshAll(tx, members)
}

// deriver computes what follows from a contact. Not for several goroutines at once.
type deriver struct {
	ref  *geo.Reference
	sort *sorter
}

func newDeriver(ref *geo.Reference) *deriver { return &deriver{ref: ref, sort: newSorter()} }

// derive fills in what follows from a contact and what lies about it, and says by what it is found. It asks
// no database.
func (d *deriver) derive(c *Contact, at around) found {
	c.settle(d.ref)
	return d.deriveSettled(c, at)
}

// deriveSettled is derive for a contact that is settled already: its keys cost more than all the rest.
func (d *deriver) deriveSettled(c *Contact, at around) found {
	var theirs []string
	for _, o := range at.Organizations {
		theirs = append(theirs, strings.Fields(o.Languages)...)
	}
	var briefing []string
	if country, ok := d.ref.Country(c.Country); ok {
		briefing = []string{country.BriefingLanguage}
	}
	c.LanguageChain = Chain(strings.Fields(c.Languages), theirs, briefing)
	f := found{ContactID: c.ID, AddressState: stateOf(at.Addresses)}
	f.Script, f.SortKey, f.SortKeySpanish = d.sort.keys(c.Name)
	f.Words = documentOf(c, at, f)
	return f
}

// stateOf agrees with the views usable_address and opted_out_contact.
func stateOf(addresses []knownAddress) AddressState {
	state := NoAddresses
	for _, a := range addresses {
		switch {
		case a.Suppressed:
			return OptedOut
		case a.Status == AddressOK:
			state = Usable
		case state == NoAddresses:
			state = AllBounced
		}
	}
	return state
}
