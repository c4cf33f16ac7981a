package contribution_test

import (
	"context"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
)

// desk are the officer and a lead.
type desk struct{}

func (desk) Reviewers(context.Context) ([]contribution.Reviewer, error) {
	return []contribution.Reviewer{{ID: 1, Name: "Officer"}, {ID: 2, Name: "Lead"}}, nil
}

var lead = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 2, Name: "Lead"}, Roles: []account.Role{account.Lead}}

func TestWhoLooksAtWhat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		k.Reviewers = desk{}
		k.Exec("insert into account (email, name, created_at) values ('lead@example.org', 'Lead', ?)", c.Now())
		_, a := published(t, k, "Ana")
		token, b := published(t, k, "Bo")
		draft := k.Respond(k.Contact("Draft", "en"))
		d, err := k.Save(ctx, nobody, draft, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		ok(t, err)
		list := func(f contribution.ReviewFilter) []int64 {
			t.Helper()
			f.CycleID = k.CycleID
			all, _, err := k.ReviewList(ctx, lead, f)
			ok(t, err)
			var ids []int64
			for _, c := range all {
				ids = append(ids, c.ID)
			}
			return ids
		}
		if got := list(contribution.ReviewFilter{}); len(got) != 2 || got[0] != b.ID {
			t.Errorf("all: %v", got)
		}
		wants(t, "nobody's list", k.Assign(ctx, nobody, []int64{a.ID}, 1), errs.Unauthorized)
		wants(t, "giving to somebody who may not", k.Assign(ctx, officer, []int64{a.ID}, 99), errs.Invalid)
		wants(t, "giving nothing", k.Assign(ctx, officer, nil, 1), errs.Invalid)
		wants(t, "giving what is not there", k.Assign(ctx, officer, []int64{a.ID, 999}, 1), errs.NotFound)
		if got := list(contribution.ReviewFilter{Reviewer: contribution.NoReviewer}); len(got) != 2 {
			t.Errorf("half of a request was done: %v", got)
		}
		ok(t, k.Assign(ctx, officer, []int64{a.ID, a.ID}, 2))
		ok(t, k.Reviewed(ctx, lead, []int64{a.ID, b.ID}, true))
		ok(t, k.Reviewed(ctx, lead, []int64{b.ID}, true))
		wants(t, "having looked at a draft", k.Reviewed(ctx, lead, []int64{d.ID}, true), errs.Conflict)
		if done, all, err := k.ReviewProgress(ctx, lead, k.CycleID); err != nil || done != 2 || all != 2 {
			t.Errorf("%d of %d, %v", done, all, err)
		}
		ok(t, k.Assign(ctx, lead, []int64{b.ID}, 1)) // another looks anew
		for want, f := range map[int64]contribution.ReviewFilter{a.ID: {Reviewer: 2, Done: "yes"}, b.ID: {Reviewer: 1, Done: "no"}} {
			if got := list(f); len(got) != 1 || got[0] != want {
				t.Errorf("%+v: %v, want %d", f, got, want)
			}
		}
		for n, f := range map[int]contribution.ReviewFilter{2: {Late: "no", State: contribution.Published, Group: "civil_society"}, 0: {Late: "yes"}} {
			if got := list(f); len(got) != n {
				t.Errorf("%+v: %v", f, got)
			}
		}
		if n := k.Count("select count(*) from audit_event where action in ('contribution.assigned', 'contribution.reviewed')"); n != 4 {
			t.Errorf("%d events, want one for each change", n)
		}
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		wants(t, "having looked at what was withdrawn", k.Reviewed(ctx, lead, []int64{b.ID}, true), errs.Conflict)
	})
}

func TestReviewingWhileItIsWithdrawn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		k.Reviewers = desk{}
		token, a := published(t, k, "Ana")
		_, b := published(t, k, "Bo")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := k.Assign(ctx, officer, []int64{b.ID, a.ID}, 1); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := k.Reviewed(ctx, officer, []int64{a.ID, b.ID}, true); err != nil && !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if _, err := k.Withdraw(ctx, nobody, token); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if s := k.Text("select state from contribution where id = ?", a.ID); s != "withdrawn" {
			t.Errorf("a review brought back what was withdrawn: %s", s)
		}
	})
}
