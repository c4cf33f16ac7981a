// Package report says who was asked, who answered and who is missing. It reads the database views
// that the rooms show it, and none of their tables, and it stores nothing: every figure can be
// computed again from the facts at any time.
//
// # What the figures count
//
// Figures count units. The unit of a contact on the list is the organization that it represents,
// else the person; a person who answered as an individual is a unit of its own. A unit with several
// contacts on the list is counted once, where the organization itself is listed or else where its
// first contact was listed. Of the units:
//
//   - Listed: at least one of its contacts is on the list of the cycle.
//   - Addressable: at least one of those has an address that works and is not suppressed.
//   - Approached: at least one of those has a delivery that was sent and did not bounce, or was
//     reached by somebody who logged it. A unit may have been reached by phone and not be addressable.
//   - Responded: approached, and at least one counted contribution answers for the unit, by any
//     channel, late ones included. A contribution answers for one unit only: for the initiative where it
//     comes from one, for the organization where its capacity is organizational, else for the person.
//   - Late: responded, and every contribution that answers for the unit came after its deadline.
//   - Unsolicited counts contributions, not units: those that answer for no approached unit. They stand
//     beside the rate and never in it.
//
// Rate is responded / approached. It is absent where fewer than Floor were approached.
//
// By group, region, country and language every unit is in one row, so that rows add up to the
// total. By initiative and by volunteer they overlap: a country may have two initiatives and a unit
// may have been taken by two volunteers; the total then counts each unit once. Units that are an
// initiative's own have the group key "nri", because an initiative is no stakeholder group.
package report

import (
	"github.com/convoke/convoke/internal/errs"
)

// Floor is the smallest number of approached units of which a percentage is said.
const Floor = 5

// Dimension is what rates are compared by.
type Dimension string

// The dimensions.
const (
	ByGroup     Dimension = "stakeholder_group"
	ByRegion    Dimension = "region"
	ByCountry   Dimension = "country"
	ByLanguage  Dimension = "language"
	ByNRI       Dimension = "nri"
	ByVolunteer Dimension = "volunteer"
)

// Dimensions lists them in the order in which they are offered.
func Dimensions() []Dimension {
	return []Dimension{ByGroup, ByRegion, ByCountry, ByLanguage, ByNRI, ByVolunteer}
}

// ParseDimension reads a dimension; the empty text is ByGroup. Another word is errs.Invalid.
func ParseDimension(text string) (Dimension, error) {
	if text == "" {
		return ByGroup, nil
	}
	for _, d := range Dimensions() {
		if string(d) == text {
			return d, nil
		}
	}
	return "", errs.InvalidFields(errs.FieldError("by", "field.choice"))
}

// Keys of rows that are no group, country, language or volunteer.
const (
	KeyNRI     = "nri"     // by group: units that are an initiative's own
	KeyUnknown = "unknown" // what was asked for is not known of these
	KeyNobody  = "nobody"  // by volunteer: units that nobody took
)

// Counts are the figures of a row; see the package's account of what they count.
type Counts struct {
	Listed      int
	Addressable int
	Approached  int
	Responded   int
	Unsolicited int // contributions
	Late        int // of Responded
}

// Rate is responded / approached, nil where fewer than Floor were approached.
func (c Counts) Rate() *float64 {
	if c.Approached < Floor {
		return nil
	}
	rate := float64(c.Responded) / float64(c.Approached)
	return &rate
}

func (c Counts) plus(o Counts) Counts {
	return Counts{
		Listed: c.Listed + o.Listed, Addressable: c.Addressable + o.Addressable, Approached: c.Approached + o.Approached,
		Responded: c.Responded + o.Responded, Unsolicited: c.Unsolicited + o.Unsolicited, Late: c.Late + o.Late,
	}
}

// Row is what a report says of one key. Key is a group's or region's code, an alpha-2 country, a
// BCP 47 tag, the id of an initiative or of a volunteer's account, or one of the Key constants. Label is
// the name of an initiative or a volunteer and otherwise empty.
type Row struct {
	Key   string
	Label string
	Counts
}

// Rates are the rows of one dimension, in the order of their keys, and what they are of.
type Rates struct {
	By    Dimension
	Rows  []Row
	Total Counts
}

// Cell is one cell of the matrix. Target is nil where none was set; it is compared with Listed.
type Cell struct {
	Group  string
	Region string
	Target *int
	Counts
}

// Missing is how many units the cell is short of its target.
func (c Cell) Missing() int {
	if c.Target == nil {
		return 0
	}
	return max(*c.Target-c.Listed, 0)
}

// Matrix is stakeholder group × region, without the cells that have neither units, contributions nor a target.
type Matrix struct {
	Cells []Cell
	Total Counts
}

// Day is what happened on one day in UTC. A contribution is counted on the day it arrived.
type Day struct {
	Date      string // YYYY-MM-DD
	Sent      int    // messages that a server took, bounced ones included
	Responded int    // counted contributions, unsolicited ones included
	Late      int    // of Responded
}

// Figure names one of the counts, for asking what it counts.
type Figure string

// The figures.
const (
	Listed      Figure = "listed"
	Addressable Figure = "addressable"
	Approached  Figure = "approached"
	Responded   Figure = "responded"
	Unsolicited Figure = "unsolicited"
	Late        Figure = "late"
)

// Figures lists them in the order of a row.
func Figures() []Figure {
	return []Figure{Listed, Addressable, Approached, Responded, Unsolicited, Late}
}

// ParseFigure reads a figure; the empty text is Listed. Another word is errs.Invalid.
func ParseFigure(text string) (Figure, error) {
	if text == "" {
		return Listed, nil
	}
	for _, f := range Figures() {
		if string(f) == text {
			return f, nil
		}
	}
	return "", errs.InvalidFields(errs.FieldError("figure", "field.choice"))
}

// Of is this figure of the counts.
func (f Figure) Of(c Counts) int {
	switch f {
	case Listed:
		return c.Listed
	case Addressable:
		return c.Addressable
	case Approached:
		return c.Approached
	case Responded:
		return c.Responded
	case Unsolicited:
		return c.Unsolicited
	case Late:
		return c.Late
	}
	return 0
}

// Item is one thing that a figure counts: a unit, or for Unsolicited a contribution.
type Item struct {
	ID          int64 // the unit's contact, or the contribution
	Name        string
	Group       string
	Region      string
	Country     string
	Addressable bool
	Approached  bool
	Responded   bool
	Late        bool
}
