package contribution

import (
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Reviewers tells who may look at contributions for the meeting after the deadline: officers and leads.
type Reviewers interface {
	Reviewers(ctx context.Context) ([]Reviewer, error)
}

// Reviewer is somebody who looks at contributions.
type Reviewer struct {
	ID   int64
	Name string
}

// NoReviewer narrows the list to what nobody looks at.
const NoReviewer = -1

// MaxAssigned is how many contributions one request may give to somebody.
const MaxAssigned = 200

// ReviewFilter narrows the review list; zero values do not narrow. Drafts are never on it.
type ReviewFilter struct {
	CycleID  int64
	State    State
	Group    string // the code of a stakeholder group
	Reviewer int64  // an account, or NoReviewer
	Done     string // "yes" or "no"
	Late     string // "yes" or "no"
	Before   int64  // only contributions with a smaller id: the cursor of the next page
	Limit    int    // DefaultLimit where zero
}

// ReviewList gives what arrived, the newest first, without answers. Next is the cursor of the next page, 0 at the end.
func (s *Service) ReviewList(ctx context.Context, by account.Actor, f ReviewFilter) (all []Contribution, next int64, err error) {
	if err := by.Require(account.ContributionReview); err != nil {
		return nil, 0, err
	}
	f.Limit = bounded(f.Limit)
	all, err = reviewList(s.DB.Read(ctx), f)
	if len(all) > f.Limit {
		all = all[:f.Limit]
		next = all[f.Limit-1].ID
	}
	return all, next, errs.Wrap("contribution.review_list", err)
}

// ReviewProgress counts what arrived in a cycle, and of how much somebody said that they have looked at it.
func (s *Service) ReviewProgress(ctx context.Context, by account.Actor, cycleID int64) (done, all int, err error) {
	if err := by.Require(account.ContributionReview); err != nil {
		return 0, 0, err
	}
	done, all, err = reviewProgress(s.DB.Read(ctx), cycleID)
	return done, all, errs.Wrap("contribution.review_progress", err)
}

// WhoReviews lists to whom a contribution may be given.
func (s *Service) WhoReviews(ctx context.Context, by account.Actor) ([]Reviewer, error) {
	if err := by.Require(account.ContributionReview); err != nil {
		return nil, err
	}
	if s.Reviewers == nil {
		return nil, nil
	}
	all, err := s.Reviewers.Reviewers(ctx)
	return all, errs.Wrap("contribution.who_reviews", err)
}

// Assign says who looks at contributions: 0 for nobody. What the last one said to have done counts no more for another. Errors are errs.Invalid
// where the account may not or where nothing was chosen, errs.NotFound where one of them is none.
func (s *Service) Assign(ctx context.Context, by account.Actor, ids []int64, reviewer int64) error {
	if err := by.Require(account.ContributionReview); err != nil {
		return err
	}
	if reviewer != 0 {
		all, err := s.WhoReviews(ctx, by)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(r Reviewer) bool { return r.ID == reviewer }) {
			return errs.InvalidFields(errs.FieldError("reviewer", "field.choice"))
		}
	}
	return s.onEach(ctx, ids, func(tx *db.Tx, c *Contribution) error {
		before := map[string]any{"reviewer": c.ReviewerID, "reviewed_at": c.ReviewedAt}
		if !c.assign(reviewer) {
			return nil
		}
		return s.reviewed(tx, by.Who, c, "assigned", before)
	})
}

// Reviewed says that contributions were looked at, or that they are to be looked at again. Who says so of what nobody had takes it.
func (s *Service) Reviewed(ctx context.Context, by account.Actor, ids []int64, done bool) error {
	if err := by.Require(account.ContributionReview); err != nil {
		return err
	}
	return s.onEach(ctx, ids, func(tx *db.Tx, c *Contribution) error {
		before := map[string]any{"reviewer": c.ReviewerID, "reviewed_at": c.ReviewedAt}
		changed, err := c.review(by.ID, done, s.Now())
		if err != nil || !changed {
			return err
		}
		return s.reviewed(tx, by.Who, c, "reviewed", before)
	})
}

func (s *Service) reviewed(tx *db.Tx, who audit.Who, c *Contribution, verb string, before map[string]any) error {
	if err := store(tx, c); err != nil {
		return err
	}
	return audit.Record(tx, who, s.Now(), change(*c, verb, before, map[string]any{"reviewer": c.ReviewerID, "reviewed_at": c.ReviewedAt}))
}

// onEach locks contributions one after the other, in the order in which all do.
func (s *Service) onEach(ctx context.Context, ids []int64, fn func(*db.Tx, *Contribution) error) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 || len(ids) > MaxAssigned {
		return errs.InvalidFields(errs.FieldError("contribution", "contributions.review.choose", "Max", MaxAssigned))
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			c, err := byID(tx, id, true)
			if db.IsNotFound(err) {
				return notFound()
			}
			if err == nil {
				err = fn(tx, &c)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return errs.Wrap("contribution.review", err)
}

// assign says whether anything changed.
func (c *Contribution) assign(reviewer int64) bool {
	if c.ReviewerID == nil && reviewer == 0 || c.ReviewerID != nil && *c.ReviewerID == reviewer {
		return false
	}
	c.ReviewerID, c.ReviewedAt = optional(reviewer), nil
	return true
}

// review says whether anything changed. A draft is nobody's to look at yet, and of what was withdrawn nothing is left.
func (c *Contribution) review(by int64, done bool, at time.Time) (bool, error) {
	if done == (c.ReviewedAt != nil) {
		return false, nil
	}
	if !done {
		c.ReviewedAt = nil
		return true, nil
	}
	if !c.State.Counted() {
		return false, errs.E(errs.Conflict, "contributions.review.nothing")
	}
	if c.ReviewerID == nil {
		c.ReviewerID = optional(by)
	}
	c.ReviewedAt = &at
	return true, nil
}
