package contact

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Gap names what is missing at a contact or in its cell of the matrix.
type Gap string

// The gaps.
const (
	NoAddress      Gap = "no_address"
	BouncedAddress Gap = "bounced_address" // there are addresses, mail to them comes back
	NoLanguage     Gap = "no_language"     // no language of its own is known
	NoClaimant     Gap = "no_claimant"     // nobody has taken it on, and nobody reached it
	UnderTarget    Gap = "under_target"    // its cell has fewer contacts than its target
)

// Gaps lists them in the order in which they are shown.
func Gaps() []Gap { return []Gap{NoAddress, BouncedAddress, NoLanguage, NoClaimant, UnderTarget} }

// AddressState says how the addresses of a contact stand.
type AddressState string

// The states.
const (
	NoAddresses AddressState = "none"
	Usable      AddressState = "usable"
	AllBounced  AddressState = "bounced"
	OptedOut    AddressState = "opted_out" // asked at any of them not to be mailed: nobody may approach it
)

// AddressStates lists them in the order in which they are shown.
func AddressStates() []AddressState { return []AddressState{Usable, NoAddresses, AllBounced, OptedOut} }

// How many contacts a page holds.
const (
	pageSize    = 25
	maxPageSize = 200
)

// Answers of a filter that asks whether something is so; empty does not narrow.
const (
	Yes = "yes"
	No  = "no"
)

// Filter narrows a listing; empty fields do not narrow, and all that are set must hold.
type Filter struct {
	Query            string // words in any order, as they begin, whatever their case and diacritics
	Kind             Kind
	StakeholderGroup string // on the list of the cycle, else of the contact
	Region           string
	Country          string
	Language         string // a language of the contact, or the first that one would write in; "pt" finds "pt-BR" too
	Expertise        string
	Function         Function // that a person has now at an organization
	Gap              Gap
	Listed           string // Yes: on the list of the cycle, No: not
	AddressState     AddressState
	Source           string // as it is written there, but for case and punctuation; for those who may read it of all contacts
	HasNotes         string // Yes or No; for those who may read them of all contacts
	Import           int64  // the import that added the contact
	CycleID          int64  // the cycle by whose list, claims and targets is judged
	Locale           string // of the reader, by which names are sorted; English where empty
	Cursor           string // of a Page; it keeps the order in which that page was
	Limit            int    // 25 where zero, 200 at the most
}

// Row is a contact in a listing. It has no address.
type Row struct {
	ID               int64
	Kind             Kind
	Name             string
	Transliteration  string
	Country          string
	Region           string
	StakeholderGroup string
	Languages        string
	LanguageChain    string
	Organization     string // the first that the contact belongs to now
	Listed           bool   // on the list of the filter's cycle
	HasAddress       bool
	Addressable      bool // has an address that may be mailed
	OptedOut         bool
}

// Page is a part of a listing. Next and Previous are the cursors of what follows and of what comes
// before, "" at the end and at the start. Total is how many match in all where that was cheap to
// know, else -1.
type Page struct {
	Rows     []Row
	Next     string
	Previous string
	Total    int
}

// List gives the contacts that match and that the actor may know of, by name: those in the script of the
// reader first. Notes and addresses are searched only for those who may read them of all contacts: a
// search must not tell what a page would not show.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (Page, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 {
		f.Limit = pageSize
	}
	f.Limit = min(f.Limit, maxPageSize)
	from, err := parseCursor(f.Cursor)
	if err != nil {
		return Page{}, err
	}
	tx := s.DB.Read(ctx)
	wanted, err := s.search(tx, by, f)
	if err != nil {
		return Page{}, errs.Wrap("contact.list", err)
	}
	if from == nil {
		from = &cursor{order: orderFor(f.Locale), start: true}
	}
	found, err := findPage(tx, wanted, *from, f.Limit+1)
	if err != nil {
		return Page{}, errs.Wrap("contact.list", err)
	}
	page, err := turn(tx, f, *from, found)
	return page, errs.Wrap("contact.list", err)
}

func (f Filter) validate() error {
	var wrong []errs.Field
	check := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errs.FieldError(field, "field.choice"))
		}
	}
	check(f.Gap == "" || slices.Contains(Gaps(), f.Gap), "gap")
	check(f.Kind == "" || f.Kind == Person || f.Kind == Organization, "kind")
	check(f.AddressState == "" || slices.Contains(AddressStates(), f.AddressState), "address_state")
	check(f.Listed == "" || f.Listed == Yes || f.Listed == No, "listed")
	check(f.HasNotes == "" || f.HasNotes == Yes || f.HasNotes == No, "has_notes")
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}
