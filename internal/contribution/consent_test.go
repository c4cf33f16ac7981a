package contribution_test

import (
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
)

// Who takes their consent back is withheld in that moment and counted as before; who gives it again waits for an officer, and gets
// the number back.
func TestConsentIsTakenBackAndGivenAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("María", "es"))
		_, err := k.Reconsider(ctx, nobody, token, true)
		wants(t, "nothing begun", err, errs.Conflict)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Mucho"}})
		ok(t, err)
		_, err = k.Reconsider(ctx, nobody, token, true)
		wants(t, "a draft", err, errs.Conflict)
		got, err := k.HandIn(ctx, nobody, token, yes(), "")
		ok(t, err)
		number := *got.PublicNumber

		got, err = k.Reconsider(ctx, nobody, token, true)
		if ok(t, err); got.State != contribution.Published {
			t.Errorf("the same said again: %s", got.State)
		}
		for i := range 2 {
			got, err = k.Reconsider(ctx, nobody, token, false)
			if ok(t, err); got.State != contribution.Withheld || got.ConsentPublication {
				t.Errorf("taken back, %d: %s, %v", i, got.State, got.ConsentPublication)
			}
		}
		_, err = k.PublishedOne(ctx, k.CycleID, number)
		wants(t, "its page", err, errs.Gone)
		page, err := k.Published(ctx, k.CycleID, 0, 0)
		if ok(t, err); page.Total != 0 || len(page.Contributions) != 0 {
			t.Errorf("the list still has %+v", page)
		}
		if n := k.Count("select count(*) from responded_contact where cycle_id = ?", k.CycleID); n != 1 {
			t.Errorf("counted %d times", n)
		}
		_, err = k.Publish(ctx, officer, got.ID)
		wants(t, "an officer without consent", err, errs.Conflict)

		got, err = k.Reconsider(ctx, nobody, token, true)
		if ok(t, err); got.State != contribution.Withheld {
			t.Errorf("given again: %s, without an officer", got.State)
		}
		waits := func(want int) {
			t.Helper()
			if n := k.Count("select count(*) from renewed_consent where cycle_id = ?", k.CycleID); n != want {
				t.Errorf("%d wait for an officer, want %d", n, want)
			}
		}
		waits(1)
		_, err = k.Withhold(ctx, officer, got.ID, "Not about this call")
		ok(t, err)
		waits(0)
		_, err = k.Withhold(ctx, officer, got.ID, "Again")
		wants(t, "withheld twice", err, errs.Conflict)
		for _, publish := range []bool{false, true} {
			got, err = k.Reconsider(ctx, nobody, token, publish)
			ok(t, err)
		}
		waits(1)
		got, err = k.Publish(ctx, officer, got.ID)
		if ok(t, err); *got.PublicNumber != number {
			t.Errorf("number %d, was %d", *got.PublicNumber, number)
		}
		waits(0)
		if n := k.Count("select count(*) from audit_event where action = 'contribution.reconsidered' and object_id = ?", got.ID); n != 4 {
			t.Errorf("%d events for four changes of mind", n)
		}
		got, err = k.HandIn(ctx, nobody, token, new(bool), "")
		if ok(t, err); got.State != contribution.Withheld {
			t.Errorf("a no from an old page left it %s", got.State)
		}
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		_, err = k.Reconsider(ctx, nobody, token, true)
		wants(t, "after the withdrawal", err, errs.Conflict)
		_, err = k.Reconsider(ctx, nobody, "nonsense", false)
		wants(t, "a forged link", err, errs.NotFound)
	})
}
