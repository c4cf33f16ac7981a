package contribution

import (
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// CorrectionState is how far a correction of a published text has come.
type CorrectionState string

// The states: proposed → approved | refused | withdrawn.
const (
	Proposed  CorrectionState = "proposed"
	Approved  CorrectionState = "approved"
	Refused   CorrectionState = "refused"
	TakenBack CorrectionState = "withdrawn"
)

// Correction is the text that a contributor asks to be shown in place of the one that is published.
type Correction struct {
	ID             int64
	ContributionID int64
	Answers        Answers `gorm:"serializer:json"` // all of them, not only what differs
	Note           string  // why, for the officer
	State          CorrectionState
	ProposedAt     time.Time
	DecidedAt      *time.Time
	DecidedBy      *int64
	Reason         string // why it was refused, for the contributor
}

// Version is a text that was published and is replaced by now.
type Version struct {
	ID             int64
	ContributionID int64
	Number         int     // from 1 on
	Answers        Answers `gorm:"serializer:json"`
	Language       string
	PublishedAt    time.Time
	ReplacedAt     time.Time
}

func (k *Correction) decide(to CorrectionState, at time.Time) error {
	if k.State != Proposed {
		return errs.E(errs.Conflict, "correction.decided")
	}
	k.State, k.DecidedAt = to, &at
	return nil
}

// correctPublished puts another text in the place of the published one, and gives the version that is kept of the old.
func (c *Contribution) correctPublished(at time.Time, old Answers) (Version, error) {
	if c.State != Published {
		return Version{}, errs.E(errs.Conflict, "correction.not_published")
	}
	v := Version{ContributionID: c.ID, Number: c.Corrections + 1, Answers: old, Language: c.Language, PublishedAt: *c.PublishedAt, ReplacedAt: at}
	if c.CorrectedAt != nil {
		v.PublishedAt = *c.CorrectedAt
	}
	c.Corrections++
	c.CorrectedAt, c.PublicChangedAt = &at, &at
	return v, nil
}
