package contact

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Alike is a contact that a candidate may be.
type Alike struct {
	CandidateID      int64
	ContactID        int64
	Name             string
	StakeholderGroup string
	Country          string
	SameAddress      bool // else the name is the same
}

// alikeAtMost is how many contacts are named for one candidate.
const alikeAtMost = 5

// LikelyMatches are the contacts that have the address or the name of one of the candidates, those
// with the address first. It is for officers: it tells whom we know.
func (s *Service) LikelyMatches(ctx context.Context, by account.Actor, candidates ...Candidate) (map[int64][]Alike, error) {
	if err := by.RequireOn(account.CandidateDecide, false, ""); err != nil {
		return nil, err
	}
	all := map[int64][]Alike{}
	for _, c := range candidates {
		if c.Name == "" {
			continue
		}
		rows, err := alikeTo(s.DB.Read(ctx), c, nameKey(c.Kind, c.Name, c.Transliteration), alikeAtMost)
		if err != nil {
			return nil, errs.Wrap("contact.likely_matches", err)
		}
		all[c.ID] = rows
	}
	return all, nil
}
