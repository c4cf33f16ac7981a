package sheet

import (
	"slices"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Row is a record whose cells are understood. What the table does not say is empty; filling in
// what follows from the rest is the importer's business.
type Row struct {
	Number int   // of the record
	ID     int64 // of a contact of ours, 0 if the table names none

	Kind            string // "person", "organization" or empty
	Name            string
	Transliteration string

	// The first tie of a person to an organization.
	Organization string
	Function     string
	Title        string
	Since        string // YYYY, YYYY-MM or YYYY-MM-DD
	Until        string // likewise
	More         []Tie  // the other ties

	StakeholderGroup string     // a code, or empty
	Country          string     // ISO 3166-1 alpha-2, or empty
	Region           geo.Region // as the table says it, or empty; whether it differs from the country's is for the importer
	Languages        []string   // BCP 47, in order of preference
	Emails           []Mailbox  // normalized, in order, each once
	Expertise        []string   // tags of the reference data
	Source           string
	LawfulBasis      string
	Notes            string

	// MustNotMail says that the product that wrote the table has this contact as opted out or
	// blocklisted: none of its addresses may be written to.
	MustNotMail bool
	// Undeliverable says that it has the address as one from which mail comes back.
	Undeliverable bool
}

// Tie is a tie of a person to an organization.
type Tie struct {
	Organization string
	Function     string
	Title        string
	Since        string
	Until        string
}

// Ties are all ties of the row, in its order.
func (r *Row) Ties() []Tie {
	all := append([]Tie{{r.Organization, r.Function, r.Title, r.Since, r.Until}}, r.More...)
	return slices.DeleteFunc(all, func(t Tie) bool { return t.Organization == "" })
}

// ofTie is where a field of the n-th tie goes, counted from 0.
func (r *Row) ofTie(f Field, n int) *string {
	for len(r.More) < n {
		r.More = append(r.More, Tie{})
	}
	t := &Tie{}
	if n > 0 {
		t = &r.More[n-1]
	}
	first := n == 0
	for _, place := range []struct {
		field       Field
		first, more *string
	}{
		{Organization, &r.Organization, &t.Organization},
		{Function, &r.Function, &t.Function},
		{Title, &r.Title, &t.Title},
		{Since, &r.Since, &t.Since},
		{Until, &r.Until, &t.Until},
	} {
		if place.field == f && first {
			return place.first
		}
		if place.field == f {
			return place.more
		}
	}
	return nil
}

// Mailbox is an address of a row.
type Mailbox struct {
	Address string // as normalize gave it
	Kind    string // "personal", "role", or empty where the table does not say
	Name    string // that stood beside it: "Anna Berg <anna@example.org>"

	column int // in which it stood
}

// CellProblem is a cell that could not be understood, or not wholly.
type CellProblem struct {
	Column int // from 0; -1 where no single cell is to blame
	Letter string
	Header string
	Field  Field
	Value  string // what stands there, shortened and without what cannot be seen
	Key    string // the message, with its Args
	Args   errs.Args
	// Rejects says that the row must not be taken as it is. Otherwise the problem was mended, and
	// Key says how.
	Rejects bool
}
