package contact

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

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

// How many contacts a page holds.
const (
	pageSize    = 25
	maxPageSize = 200
)

// Filter narrows a listing; empty fields do not narrow.
type Filter struct {
	Query            string // words in any order, whatever their case and diacritics
	StakeholderGroup string // on the list of the cycle, else of the contact
	Region           string
	Country          string
	Language         string // a language of the contact, or the first that one would write in
	Gap              Gap
	CycleID          int64 // the cycle by whose list, claims and targets is judged
	Cursor           string
	Limit            int // 25 where zero, 200 at the most
}

// Row is a contact in a listing. It has no address.
type Row struct {
	ID               int64
	Kind             Kind
	Name             string
	Transliteration  string
	SortName         string
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

// Page is a part of a listing. Next is the cursor of what follows, "" at the end.
type Page struct {
	Rows []Row
	Next string
}

// List gives the contacts that match and that the actor may know of, by name. Notes are searched
// only for those who may read them of all contacts, and so are addresses: a search must not
// tell what a page would not show.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (Page, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 {
		f.Limit = pageSize
	}
	f.Limit = min(f.Limit, maxPageSize)
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return Page{}, err
	}
	if err := f.validate(); err != nil {
		return Page{}, err
	}
	rows, err := listContacts(s.DB.Read(ctx), query{
		Filter: f, after: after, countries: countriesOf(by), now: s.Now(),
		everything: by.Scope(account.AddressRead) == account.All,
	})
	if err != nil {
		return Page{}, errs.Wrap("contact.list", err)
	}
	if len(rows) <= f.Limit {
		return Page{Rows: rows}, nil
	}
	rows = rows[:f.Limit]
	last := rows[len(rows)-1]
	return Page{Rows: rows, Next: cursor{name: last.SortName, id: last.ID}.String()}, nil
}

func (f Filter) validate() error {
	if f.Gap == "" {
		return nil
	}
	for _, g := range Gaps() {
		if f.Gap == g {
			return nil
		}
	}
	return errs.InvalidFields(errs.FieldError("gap", "field.choice"))
}

// cursor is the place in the order by sort_name and id after which a page begins.
type cursor struct {
	name string
	id   int64
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.id, 10) + " " + c.name))
}

func parseCursor(text string) (*cursor, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	id, name, _ := strings.Cut(string(raw), " ")
	n, numErr := strconv.ParseInt(id, 10, 64)
	if err != nil || numErr != nil || strings.ContainsRune(name, 0) {
		return nil, errs.InvalidFields(errs.FieldError("cursor", "contact.cursor"))
	}
	return &cursor{name: name, id: n}, nil
}
