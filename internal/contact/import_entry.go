package contact

import (
	"github.com/convoke/convoke/internal/geo"
)

// entry is a row of a file as it was understood. What the row does not say is empty.
type entry struct {
	number   int // of the row, as a spreadsheet counts
	id       int64
	given    Contact // the fields that the row names; Region only where the row names one
	emails   []string
	hashes   []string // of the emails, see AddressHash
	ties     []entryTie
	kinds    []AddressKind // of the emails, "" where the row does not say
	problems []CellProblem // for which the row is rejected
	notes    []CellProblem // what was mended
	next     spot          // where the next row begins
	size     int           // of the cells, in bytes

	mustNotMail   bool // the product that wrote the file has this contact as opted out
	undeliverable bool // and this one's mail as coming back

	content uint32 // a checksum of all of it
}

// entryTie is an affiliation of the row: an organization by its name.
type entryTie struct {
	name, folded        string
	key, bones          string
	function            Function
	title, since, until string
}

// prepare works out what judging needs, outside of the transaction.
func (e *entry) prepare(secret []byte) {
	e.given.NameKey, e.given.NameBones = nameKeys(e.given.Kind, e.given.Name, e.given.Transliteration)
	e.given.SortName = geo.Fold(e.given.Transliteration)
	if e.given.SortName == "" {
		e.given.SortName = geo.Fold(e.given.Name)
	}
	e.hashes = make([]string, len(e.emails))
	for i, email := range e.emails {
		e.hashes[i] = AddressHash(secret, email)
	}
	for i := range e.ties {
		e.ties[i].folded = geo.Fold(e.ties[i].name)
		e.ties[i].key, e.ties[i].bones = nameKeys(Organization, e.ties[i].name, "")
	}
	e.content = e.checksum()
}

// label is what the row is called where it is shown.
func (e *entry) label() string {
	switch {
	case e.given.Name != "":
		return e.given.Name
	case len(e.ties) > 0:
		return e.ties[0].name
	}
	return ""
}

func (e *entry) kindOf(i int, isRole func(string) bool) AddressKind {
	switch {
	case e.kinds[i] == Personal || e.kinds[i] == Role:
		return e.kinds[i]
	case isRole(e.emails[i]):
		return Role
	}
	return Personal
}
