package contact

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// ImportState says how far an import is.
type ImportState string

// The states: uploaded → mapped → checked → importing → done, and from there undoing → undone. A
// mapped one is being checked; one that cannot go on has failed. Another mapping leads back to mapped.
const (
	ImportUploaded  ImportState = "uploaded"
	ImportMapped    ImportState = "mapped"
	ImportChecked   ImportState = "checked"
	ImportImporting ImportState = "importing"
	ImportDone      ImportState = "done"
	ImportFailed    ImportState = "failed"
	ImportUndoing   ImportState = "undoing"
	ImportUndone    ImportState = "undone"
)

// DuplicatePolicy says what becomes of rows that may be somebody whom we have, where nobody decides
// on each: nothing is added or changed by itself.
type DuplicatePolicy string

// The policies.
const (
	DuplicatesSkip   DuplicatePolicy = "skip"   // left out
	DuplicatesAdd    DuplicatePolicy = "add"    // added as contacts of their own
	DuplicatesUpdate DuplicatePolicy = "update" // taken for the contact that they may be
)

// Valid says whether there is such a policy.
func (p DuplicatePolicy) Valid() bool {
	return p == DuplicatesSkip || p == DuplicatesAdd || p == DuplicatesUpdate
}

// Import is a file of contacts, and how far it is.
type Import struct {
	ID               int64
	State            ImportState
	FileName         string
	Size             int64
	SHA256           string `gorm:"column:sha256"`
	Stored           bool   // whether we keep the file; a command reads its own
	Detected         string // how the file is read, as JSON
	Mapping          string // which column is what, as JSON
	CycleID          *int64 // on whose list the contacts go
	Source           string // this and the next three: for new contacts whose row does not say
	LawfulBasis      string
	StakeholderGroup string
	Country          string
	Duplicates       DuplicatePolicy
	RowsTotal        int
	RowsDone         int    // of the step that runs: the check, or the import
	Position         string // where the step that runs goes on, as JSON; "" at the beginning
	Tally            `gorm:"embedded"`
	Problem          string // why it failed, a message key
	Owner            string
	LeaseUntil       *time.Time
	CreatedBy        *int64
	CreatedAt        time.Time
	CheckedAt        *time.Time
	StartedAt        *time.Time
	FinishedAt       *time.Time
	UndoneAt         *time.Time
	ComparedAt       *time.Time // whom it brought and changed was compared with everybody
	ForgottenAt      *time.Time // its file and what was said of its rows were deleted
	RemovedCount     int        // contacts that the undoing took away
	KeptCount        int        // and those that it had to leave
}

// Tally counts rows by verdict.
type Tally struct {
	New               int `gorm:"column:new_count"`
	Update            int `gorm:"column:update_count"`
	Unchanged         int `gorm:"column:unchanged_count"`
	PossibleDuplicate int `gorm:"column:possible_duplicate_count"`
	Suppressed        int `gorm:"column:suppressed_count"`
	Rejected          int `gorm:"column:rejected_count"`
}

// Of is the count of one verdict.
func (t Tally) Of(v Verdict) int {
	switch v {
	case VerdictNew:
		return t.New
	case VerdictUpdate:
		return t.Update
	case VerdictUnchanged:
		return t.Unchanged
	case VerdictPossibleDuplicate:
		return t.PossibleDuplicate
	case VerdictSuppressed:
		return t.Suppressed
	case VerdictRejected:
		return t.Rejected
	}
	return 0
}

// Rows is how many rows were counted.
func (t Tally) Rows() int {
	return t.New + t.Update + t.Unchanged + t.PossibleDuplicate + t.Suppressed + t.Rejected
}

func (t *Tally) count(v Verdict) {
	switch v {
	case VerdictNew:
		t.New++
	case VerdictUpdate:
		t.Update++
	case VerdictUnchanged:
		t.Unchanged++
	case VerdictPossibleDuplicate:
		t.PossibleDuplicate++
	case VerdictSuppressed:
		t.Suppressed++
	case VerdictRejected:
		t.Rejected++
	}
}

// Waiting says whether a worker has something to do on it.
func (i *Import) Waiting() bool {
	return i.State == ImportMapped || i.State == ImportImporting || i.State == ImportUndoing
}

// Map fixes what the columns mean. What was found out under another mapping is forgotten.
func (i *Import) Map() error {
	if err := i.move(ImportMapped, ImportUploaded, ImportMapped, ImportChecked); err != nil {
		return err
	}
	i.RowsTotal, i.RowsDone, i.Position, i.Tally, i.CheckedAt, i.Problem = 0, 0, "", Tally{}, nil, ""
	return nil
}

// Checked says that every row has its verdict.
func (i *Import) Checked(now time.Time) error {
	if err := i.move(ImportChecked, ImportMapped); err != nil {
		return err
	}
	i.RowsTotal, i.RowsDone, i.Position, i.CheckedAt = i.RowsDone, 0, "", &now
	return nil
}

// Start begins to write. The counts begin anew, because the database may have changed since the check.
func (i *Import) Start(now time.Time) error {
	if err := i.move(ImportImporting, ImportMapped, ImportChecked); err != nil {
		return err
	}
	i.RowsDone, i.Position, i.Tally, i.StartedAt = 0, "", Tally{}, &now
	return nil
}

// Finish says that the last row is done.
func (i *Import) Finish(now time.Time) error {
	if err := i.move(ImportDone, ImportImporting); err != nil {
		return err
	}
	i.RowsTotal, i.Position, i.FinishedAt = i.RowsDone, "", &now
	return nil
}

// Fail says why it cannot go on. What was imported until then stays, and can be undone.
func (i *Import) Fail(problem string, now time.Time) error {
	if err := i.move(ImportFailed, ImportUploaded, ImportMapped, ImportChecked, ImportImporting); err != nil {
		return err
	}
	i.Problem, i.Position, i.FinishedAt = problem, "", &now
	return nil
}

// Undo begins to take back what was imported.
func (i *Import) Undo() error { return i.move(ImportUndoing, ImportDone, ImportFailed) }

// Undone says that what could be taken back is.
func (i *Import) Undone(now time.Time) error {
	if err := i.move(ImportUndone, ImportUndoing); err != nil {
		return err
	}
	i.UndoneAt = &now
	return nil
}

func (i *Import) move(to ImportState, from ...ImportState) error {
	if !slices.Contains(from, i.State) {
		return errs.E(errs.Conflict, "contact.import.illegal_move", "From", string(i.State), "To", string(to))
	}
	i.State, i.Owner, i.LeaseUntil = to, "", nil
	return nil
}
