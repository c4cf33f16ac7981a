package contribution

import (
	"maps"
	"slices"
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

// Correction is what a contributor asks to be shown in place of what is published.
type Correction struct {
	ID             int64
	ContributionID int64
	Answers        Answers `gorm:"serializer:json"` // all of them, not only what differs
	Name           string
	Organization   string
	Removed        []int  `gorm:"serializer:json"` // numbers of documents to be taken out
	Files          []File `gorm:"-"`               // new ones, as long as it waits; Position is that of the one whose place each takes, 0 for one more
	Note           string // why, for the officer
	State          CorrectionState
	ProposedAt     time.Time
	DecidedAt      *time.Time
	DecidedBy      *int64
	Reason         string // why it was refused, for the contributor
}

// Version is what was published and is replaced by now.
type Version struct {
	ID             int64
	ContributionID int64
	Number         int    // from 1 on
	Name           string // "" where its author left the contribution to others since then
	Organization   string
	Answers        Answers `gorm:"serializer:json"`
	Files          []File  `gorm:"-"` // with their texts
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

// same says whether two ask for the same.
func (k Correction) same(other Correction) bool {
	ids := func(files []File) (all []int64) {
		for _, f := range files {
			all = append(all, f.ID)
		}
		return all
	}
	return maps.Equal(k.Answers, other.Answers) && k.Name == other.Name && k.Organization == other.Organization && k.Note == other.Note &&
		slices.Equal(k.Removed, other.Removed) && slices.Equal(ids(k.Files), ids(other.Files))
}

// gone says whether the document with this number leaves its place.
func (k Correction) gone(position int) bool {
	return slices.Contains(k.Removed, position) || slices.ContainsFunc(k.Files, func(f File) bool { return f.Position == position })
}

// after are the documents that there are once the correction is approved.
func (k Correction) after(have []File) []File {
	stay := slices.DeleteFunc(slices.Clone(have), func(f File) bool { return k.gone(f.Position) })
	return append(stay, k.Files...)
}

// correctPublished puts what was asked for in the place of what is published, and gives the version that is kept of the old.
func (c *Contribution) correctPublished(at time.Time, old Answers, k Correction) (Version, error) {
	if c.State != Published {
		return Version{}, errs.E(errs.Conflict, "correction.not_published")
	}
	v := Version{
		ContributionID: c.ID, Number: c.Corrections + 1, Name: c.Name, Organization: c.Organization, Answers: old, Language: c.Language,
		PublishedAt: *c.PublishedAt, ReplacedAt: at,
	}
	if c.CorrectedAt != nil {
		v.PublishedAt = *c.CorrectedAt
	}
	c.Name, c.Organization = k.Name, k.Organization
	c.Corrections++
	c.CorrectedAt, c.PublicChangedAt = &at, &at
	return v, nil
}
