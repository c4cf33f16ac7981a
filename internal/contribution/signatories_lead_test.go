package contribution_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
)

// askedAgain is a contribution whose author left it to Ana and Bo, and whose text an officer has completed since then.
func askedAgain(t *testing.T, k *contributiontest.Kit) (ana, bo contribution.Signatory) {
	t.Helper()
	token, _ := coalition(t, k)
	ana, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Ana", Email: "ana@example.net"})
	ok(t, err)
	bo, err = k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
	ok(t, err)
	c, err := k.Submit(ctx, nobody, token)
	ok(t, err)
	confirm(t, k, ana)
	confirm(t, k, bo)
	_, err = k.Withdraw(ctx, nobody, token)
	ok(t, err)
	_, err = k.Withhold(ctx, officer, c.ID, "a document is missing")
	ok(t, err)
	_, err = k.AttachTo(ctx, officer, c.ID, upload("annex.txt", "The annex."))
	ok(t, err)
	_, err = k.Publish(ctx, officer, c.ID)
	ok(t, err)
	if n := k.Count("select count(*) from signatory where state = 'invited'"); n != 2 {
		t.Fatalf("%d are asked again, want both", n)
	}
	return ana, bo
}

func TestWhoLeadsAndIsAskedAgainMayLeave(t *testing.T) {
	t.Parallel()
	leave := map[string]func(*contributiontest.Kit, account.Actor, string) (contribution.Signature, error){
		"declining": func(k *contributiontest.Kit, by account.Actor, token string) (contribution.Signature, error) {
			return k.DeclineSignature(ctx, by, token)
		},
		"withdrawing": func(k *contributiontest.Kit, by account.Actor, token string) (contribution.Signature, error) {
			return k.WithdrawSignature(ctx, by, token)
		},
	}
	for how, do := range leave {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
				ana, bo := askedAgain(t, k)
				_, err := do(k, nobody, signToken(k, ana))
				ok(t, err)
				p, err := k.PublishedOne(ctx, k.CycleID, 1)
				ok(t, err)
				if p.Name != "Bo" || p.Withdrawn() {
					t.Errorf("after the lead left: %+v", p)
				}
				v, err := k.OpenSignature(ctx, signToken(k, ana), "")
				ok(t, err)
				if v.Signatory.State != contribution.Left {
					t.Errorf("who led and left is %s", v.Signatory.State)
				}
				_, err = do(k, nobody, signToken(k, bo))
				ok(t, err)
				if p, err = k.PublishedOne(ctx, k.CycleID, 1); err != nil || !p.Withdrawn() {
					t.Errorf("after the last one left: %+v, %v", p, err)
				}
			})
		})
	}
}

func TestTheSecretLinkOfWhoLeftSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _, err := k.Start(ctx, nobody, k.CycleID, contribution.Profile{
			Name: "Noor", Organization: "Union", Capacity: contribution.Organizational, Email: "noor@example.net", StakeholderGroup: "civil_society", Country: "EG",
		}, "ar")
		ok(t, err)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "We agree."}, Consent: yes()})
		ok(t, err)
		bo, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
		ok(t, err)
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		confirm(t, k, bo)
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		f, err := k.Open(ctx, token, "")
		wants(t, "the link of who left", err, errs.Gone)
		if f.Locale != "ar" || errs.Find(err) == nil || errs.Find(err).Key != "link.left" {
			t.Errorf("it says %v in %q", err, f.Locale)
		}
		_, err = k.Open(ctx, token+"x", "")
		wants(t, "a link that never was one", err, errs.NotFound)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		wants(t, "saving through it", err, errs.Gone)
		if n := k.Count("select count(*) from contribution"); n != 1 || strings.Contains(k.Text("select secret_hash from signatory where secret_hash <> ''"), token) {
			t.Errorf("%d contributions, or the secret itself is kept", n)
		}
	})
}
