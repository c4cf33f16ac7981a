package adapt

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
)

// Reviewers tells the contributions who of the house may look at them.
type Reviewers struct{ *account.Service }

// Reviewers implements contribution.Reviewers.
func (a Reviewers) Reviewers(ctx context.Context) ([]contribution.Reviewer, error) {
	all, err := a.List(ctx)
	var some []contribution.Reviewer
	for _, who := range all {
		may := slices.ContainsFunc(who.Roles, func(r account.Role) bool { return account.ScopeOf(r, account.ContributionReview) != account.Nothing })
		if may && who.DisabledAt == nil {
			some = append(some, contribution.Reviewer{ID: who.ID, Name: who.Name})
		}
	}
	return some, err
}
