package contribution_test

import (
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
)

// published is a contribution before the public.
func published(t *testing.T, k *contributiontest.Kit, name string) (token string, c contribution.Contribution) {
	t.Helper()
	token = k.Respond(k.Contact(name, "en"))
	_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Wrnog.", "q3a": "Stays."}, Consent: yes()})
	ok(t, err)
	c, err = k.Submit(ctx, nobody, token)
	ok(t, err)
	return token, c
}

func TestACorrectionIsAVersionBesideTheOldText(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		token, one := published(t, k, "Ana")
		_, other := published(t, k, "Bo")
		propose := func(text string) contribution.Correction {
			t.Helper()
			got, err := k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": text}, Note: "a typo"})
			ok(t, err)
			return got
		}
		_, err := k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": "Wrnog."}})
		wants(t, "changing nothing", err, errs.Invalid)
		_, err = k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"nothing": "x"}})
		wants(t, "an unknown question", err, errs.Invalid)
		_, err = k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": "", "q3a": ""}})
		wants(t, "taking everything out", err, errs.Conflict)
		first := propose("Rihgt.")
		if again := propose("Rihgt."); again.ID != first.ID {
			t.Errorf("the same asked twice is %d and %d", first.ID, again.ID)
		}
		k2 := propose("Right.")
		if p, err := k.PublishedOne(ctx, k.CycleID, 1); err != nil || p.Answers["q1"] != "Wrnog." || p.CorrectedAt != nil {
			t.Errorf("nobody approved it: %+v, %v", p, err)
		}
		if waiting, err := k.AwaitingCorrection(ctx, officer, k.CycleID); err != nil || len(waiting) != 1 || waiting[0].ID != one.ID {
			t.Errorf("waiting: %v, %v", waiting, err)
		}
		_, err = k.ApproveCorrection(ctx, officer, one.ID, first.ID)
		wants(t, "approving what was replaced", err, errs.Conflict)
		_, err = k.ApproveCorrection(ctx, nobody, one.ID, k2.ID)
		wants(t, "approving as nobody", err, errs.Unauthorized)
		c.Set(c.Now().Add(time.Hour))
		_, err = k.ApproveCorrection(ctx, officer, one.ID, k2.ID)
		ok(t, err)
		_, err = k.ApproveCorrection(ctx, officer, one.ID, k2.ID)
		wants(t, "approving twice", err, errs.Conflict)

		p, err := k.PublishedOne(ctx, k.CycleID, 1)
		ok(t, err)
		if p.Answers["q1"] != "Right." || p.Answers["q3a"] != "Stays." || len(p.Versions) != 1 || !p.ChangedAt().Equal(c.Now()) {
			t.Errorf("corrected: %+v", p)
		}
		_, v, err := k.PublishedVersion(ctx, k.CycleID, 1, 1)
		ok(t, err)
		if v.Answers["q1"] != "Wrnog." || !v.PublishedAt.Equal(p.PublishedAt) || !v.ReplacedAt.Equal(c.Now()) {
			t.Errorf("the old text: %+v", v)
		}
		_, _, err = k.PublishedVersion(ctx, k.CycleID, 1, 2)
		wants(t, "a version that is none", err, errs.NotFound)
		all, err := k.Changed(ctx, k.CycleID, 10)
		ok(t, err)
		if len(all) != 2 || all[0].Number != *one.PublicNumber || all[1].Number != *other.PublicNumber {
			t.Errorf("what changed last is not first: %+v", all)
		}

		refused := propose("Worse.")
		_, err = k.RefuseCorrection(ctx, officer, one.ID, refused.ID, " ")
		wants(t, "refusing without a reason", err, errs.Invalid)
		_, err = k.RefuseCorrection(ctx, officer, one.ID, refused.ID, "That is another answer.")
		ok(t, err)
		f, err := k.Open(ctx, token, "")
		ok(t, err)
		if f.Correction == nil || f.Correction.State != contribution.Refused || f.Correction.Reason == "" {
			t.Errorf("its author reads %+v", f.Correction)
		}
		taken := propose("Never mind.")
		ok(t, k.TakeBackCorrection(ctx, nobody, token))
		ok(t, k.TakeBackCorrection(ctx, nobody, token))
		_, err = k.ApproveCorrection(ctx, officer, one.ID, taken.ID)
		wants(t, "approving what was taken back", err, errs.Conflict)

		open := propose("Once more.")
		_, err = k.Withhold(ctx, officer, one.ID, "to be looked at")
		ok(t, err)
		_, err = k.ApproveCorrection(ctx, officer, one.ID, open.ID)
		wants(t, "correcting what is withheld", err, errs.Conflict)
		_, err = k.Publish(ctx, officer, one.ID)
		ok(t, err)
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		_, _, err = k.PublishedVersion(ctx, k.CycleID, 1, 1)
		wants(t, "the old text after the withdrawal", err, errs.Gone)
		if n := k.Count("select count(*) from contribution_version") + k.Count("select count(*) from correction"); n != 0 {
			t.Errorf("%d texts are left", n)
		}
		_, err = k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": "x"}})
		wants(t, "correcting what was withdrawn", err, errs.Conflict)
	})
}

func TestOfficersAndTheAuthorDecideAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, c := published(t, k, "Ana")
		p, err := k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": "Right."}})
		ok(t, err)
		var all sync.WaitGroup
		var mu sync.Mutex
		approved := 0
		for range 4 {
			all.Go(func() {
				_, err := k.ApproveCorrection(ctx, officer, c.ID, p.ID)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					approved++
				} else if !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := k.TakeBackCorrection(ctx, nobody, token); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := k.Count("select count(*) from contribution_version"); n != approved || approved > 1 || k.Count("select corrections from contribution") != approved {
			t.Errorf("%d versions, %d approved", n, approved)
		}
	})
}
