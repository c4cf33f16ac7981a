package contact

import (
	"slices"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
)

// around is what lies about a contact and shapes what is derived of it.
type around struct {
	Organizations []Contact  // that it belongs to now, the represented first
	Functions     []Function // of a person there
	Addresses     []knownAddress
	Listings      []listedAs
	ImportID      int64 // the import that added it, 0 for none
}

// knownAddress is an address of a contact.
type knownAddress struct {
	ContactID  int64
	AddressID  int64
	Email      string
	Kind       AddressKind
	Status     AddressStatus
	Suppressed bool
}

// listedAs is a contact's place on the list of a cycle, with what the list keeps of it.
type listedAs struct {
	ID               int64  `json:"id"`
	ContactID        int64  `json:"-"`
	CycleID          int64  `json:"-"`
	StakeholderGroup string `json:"-"`
	Region           string `json:"-"`
	Addressable      bool   `json:"addressable"`
	Approached       bool   `json:"approached"`
	Responded        bool   `json:"responded"`
	NoAddress        bool   `json:"no_address"`
	Bounced          bool   `json:"bounced"`
	NoLanguage       bool   `json:"no_language"`
	Unreached        bool   `json:"unreached"`
	MailboxID        *int64 `json:"mailbox_id"`
	LanguageChain    string `json:"language_chain"`
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
	spoken, err := loadVoices(tx)
	if err != nil {
		return err
	}
	by := newDeriver(s.Reference, spoken)
	return inChunks(ids, func(some []int64) error {
		if err := lockContacts(tx, some); err != nil {
			return err
		}
		if err := lockListings(tx, some); err != nil {
			return err
		}
		return refreshSome(tx, by, some)
	})
}

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
	heard, err := heardOf(tx, ids)
	if err != nil {
		return err
	}
	rows, flags := make([]found, 0, len(contacts)), []listedAs{}
	for i := range contacts {
		at := all[contacts[i].ID]
		for j := range at.Listings {
			at.Listings[j].settle(&contacts[i], at.Addresses, heard)
		}
		row := by.derive(&contacts[i], at)
		for j := range at.Listings {
			at.Listings[j].LanguageChain = contacts[i].LanguageChain
		}
		flags = append(flags, at.Listings...)
		if contacts[i].ErasedAt == nil {
			rows = append(rows, row)
		} else if err := hide(tx, contacts[i].ID); err != nil {
			return err
		}
	}
	if err := saveDerived(tx, contacts); err != nil {
		return err
	}
	if err := saveFlags(tx, flags); err != nil {
		return err
	}
	return saveFound(tx, rows)
}

// heard is what other rooms know of contacts, each by cycle.
type heard struct{ delivered, reached, responded map[onList]bool }

func heardOf(tx *db.Tx, ids []int64) (h heard, err error) {
	for view, set := range map[string]*map[onList]bool{"delivered_contact": &h.delivered, "reached_contact": &h.reached, "responded_contact": &h.responded} {
		if *set, err = listSet(tx, view, ids); err != nil {
			return h, err
		}
	}
	return h, nil
}

// settle says what a list keeps of a contact.
func (l *listedAs) settle(c *Contact, addresses []knownAddress, h heard) {
	at := onList{l.CycleID, l.ContactID}
	state := stateOf(addresses)
	l.Addressable = slices.ContainsFunc(addresses, func(a knownAddress) bool { return a.Status == AddressOK && !a.Suppressed })
	l.Approached, l.Responded = h.delivered[at] || h.reached[at], h.responded[at]
	l.NoAddress, l.Bounced, l.NoLanguage = state == NoAddresses, state == AllBounced, c.Languages == ""
	l.Unreached = !h.reached[at] && !h.responded[at] && state != OptedOut
	l.MailboxID = mailboxOf(addresses)
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
	ref    *geo.Reference
	sort   *sorter
	voices voices
}

func newDeriver(ref *geo.Reference, v voices) *deriver {
	return &deriver{ref: ref, sort: newSorter(), voices: v}
}

// derive fills in what follows from a contact and what lies about it, and says by what it is found. It asks
// no database.
func (d *deriver) derive(c *Contact, at around) found {
	c.settle(d.ref)
	return d.deriveSettled(c, at)
}

// deriveSettled is derive for a contact that is settled already: its keys cost more than all the rest.
func (d *deriver) deriveSettled(c *Contact, at around) found {
	c.LanguageChain = chainOf(d.languages(c, at))
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

// mailboxOf is the address at which somebody is mailed without a further question: the first that works, of whoever asked for
// nothing at any of theirs; nil for everybody else.
func mailboxOf(addresses []knownAddress) *int64 {
	if stateOf(addresses) != Usable {
		return nil
	}
	for i := range addresses {
		if addresses[i].Status == AddressOK {
			return &addresses[i].AddressID
		}
	}
	return nil
}
