package contact

import (
	"encoding/json"

	"github.com/convoke/convoke/internal/errs"
)

// Verdict says what a row of a file means for the contacts that we have.
type Verdict string

// The verdicts.
const (
	VerdictNew               Verdict = "new"
	VerdictUpdate            Verdict = "update"             // of a contact that we have, or of an earlier row
	VerdictUnchanged         Verdict = "unchanged"          // says nothing that we do not know
	VerdictPossibleDuplicate Verdict = "possible_duplicate" // a person decides
	VerdictSuppressed        Verdict = "suppressed"         // must not be written to: left out
	VerdictRejected          Verdict = "rejected"           // cannot be read: left out
)

// Verdicts lists them in the order in which they are shown.
func Verdicts() []Verdict {
	return []Verdict{VerdictNew, VerdictUpdate, VerdictUnchanged, VerdictPossibleDuplicate, VerdictSuppressed, VerdictRejected}
}

// Valid says whether there is such a verdict.
func (v Verdict) Valid() bool { return Tally{1, 1, 1, 1, 1, 1}.Of(v) == 1 }

// Decision is what a person decided about a possible duplicate.
type Decision string

// The decisions.
const (
	Undecided    Decision = "" // the import's policy decides
	DecideSkip   Decision = "skip"
	DecideAdd    Decision = "add"
	DecideUpdate Decision = "update"
)

// Valid says whether there is such a decision.
func (d Decision) Valid() bool { return d == Undecided || DuplicatePolicy(d).Valid() }

// Reasons why a row may be somebody whom we have.
const (
	AlikeNumber       = "number"            // the id is that of a contact with another name and address
	AlikeRoleAddress  = "role_address"      // shares an address that several people may read
	AlikeAddresses    = "addresses"         // its addresses belong to several contacts
	AlikeKind         = "kind"              // the address is that of an organization, or the other way round
	AlikeOrganization = "name_organization" // same name in the same organization
	AlikeCountry      = "name_country"      // same name in the same country
	AlikeName         = "name"              // same name, and nothing that tells them apart
)

// CellProblem is what is wrong with one cell.
type CellProblem struct {
	Column string    `json:"column"`           // as the file names it
	Letter string    `json:"letter,omitempty"` // as a spreadsheet names it
	Value  string    `json:"value,omitempty"`  // what stands there, shortened
	Key    string    `json:"key"`              // message key
	Args   errs.Args `json:"args,omitempty"`
}

// FieldChange is what an import does to a field of a contact.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after"`
}

// RowDetail says why a row has its verdict.
type RowDetail struct {
	Problems []CellProblem `json:"problems,omitempty"`
	Changes  []FieldChange `json:"changes,omitempty"`
	Reasons  []string      `json:"reasons,omitempty"` // Alike…
	OfName   string        `json:"of_name,omitempty"` // what the contact is called
}

// RowVerdict is a row of a file with what it means.
type RowVerdict struct {
	ImportID  int64
	Number    int // as a spreadsheet counts: the header is row 1
	Verdict   Verdict
	Name      string
	ContactID *int64 // whom it adds, updates or may be
	OfRow     int    // the earlier row that it repeats, 0 for none
	Decision  Decision
	RowDetail `gorm:"-"`
	Detail    string // the RowDetail as JSON
}

func (r *RowVerdict) pack() error {
	if len(r.Problems)+len(r.Changes)+len(r.Reasons) == 0 && r.OfName == "" {
		return nil
	}
	b, err := json.Marshal(r.RowDetail)
	r.Detail = string(b)
	return err
}

func (r *RowVerdict) unpack() error {
	if r.Detail == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(r.Detail), &r.RowDetail); err != nil {
		return err
	}
	for _, p := range r.Problems {
		for name, v := range p.Args { // they are counts; JSON does not tell them from fractions
			if f, ok := v.(float64); ok {
				p.Args[name] = int(f)
			}
		}
	}
	return nil
}

// kept says whether the row is stored for people to look at.
func (r *RowVerdict) kept() bool {
	return r.Verdict != VerdictNew && r.Verdict != VerdictUnchanged || len(r.Problems) > 0
}
