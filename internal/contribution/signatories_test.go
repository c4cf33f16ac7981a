package contribution_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// coalition is a draft for an organization, with a text.
func coalition(t *testing.T, k *contributiontest.Kit) (token string, id int64) {
	t.Helper()
	id = k.Contact("María", "es")
	token = k.Respond(id)
	_, err := k.Save(ctx, nobody, token, contribution.Entry{
		Answers: contribution.Answers{"q1": "We agree."}, Consent: yes(),
		Profile: &contribution.Profile{Name: "María", Organization: "Ministry", Capacity: contribution.Organizational},
	})
	ok(t, err)
	return token, id
}

func emailOf(k *contributiontest.Kit, contactID int64) string {
	return k.Text("select a.email from address a join contact_address c on c.address_id = a.id where c.contact_id = ?", contactID)
}

// signToken is the token of the page of a signatory.
func signToken(k *contributiontest.Kit, g contribution.Signatory) string {
	return k.Signer.Token(link.Sign, link.Target{CycleID: k.CycleID, ContactID: g.ID})
}

func confirm(t *testing.T, k *contributiontest.Kit, g contribution.Signatory) {
	t.Helper()
	v, err := k.OpenSignature(ctx, signToken(k, g), "")
	ok(t, err)
	_, err = k.ConfirmSignature(ctx, nobody, signToken(k, g), v.Digest)
	ok(t, err)
}

func TestSeveralSignEachByTheirOwnWord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		ana := k.Contact("Ana", "ar")
		a, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Ana", Organization: "Union", Email: emailOf(k, ana)})
		ok(t, err)
		b, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
		ok(t, err)
		mails := func() int {
			return k.Count("select count(*) from outgoing_mail where kind = 'signature_request'")
		}
		if n := mails(); n != 0 {
			t.Errorf("%d mails before the text was submitted", n)
		}
		v, err := k.OpenSignature(ctx, signToken(k, a), "")
		ok(t, err)
		_, err = k.ConfirmSignature(ctx, nobody, signToken(k, a), v.Digest)
		wants(t, "signing a draft", err, errs.Conflict)
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		if n := mails(); n != 2 || k.Woken() != 3 {
			t.Errorf("%d mails for two signatories, workers woken for %d with the acknowledgement", n, k.Woken())
		}
		raw := k.Text("select raw from outgoing_mail where kind = 'signature_request' and recipient = ?", emailOf(k, ana))
		if !strings.Contains(raw, "Content-Language: ar\r\n") {
			t.Errorf("a contact is asked in their language: %.300s", raw)
		}
		if raw = k.Text("select raw from outgoing_mail where recipient = 'bo@example.net'"); !strings.Contains(raw, "Content-Language: es\r\n") {
			t.Errorf("a stranger is asked in the contribution's language: %.300s", raw)
		}
		responded := func(id int64) int {
			return k.Count("select count(*) from responded_contact where contact_id = ?", id) + 10*k.Count("select count(*) from asked_enough_contact where contact_id = ?", id) +
				100*k.Count("select count(*) from listing where contact_id = ? and responded", id)
		}
		public := func() contribution.Public {
			p, err := k.PublishedOne(ctx, k.CycleID, 1)
			ok(t, err)
			return p
		}
		if _, err = k.OpenSignature(ctx, signToken(k, a), "fr"); err != nil || responded(ana) != 0 || len(public().Signatories) != 0 {
			t.Errorf("before a word of theirs: %v, %d, %v", err, responded(ana), public().Signatories)
		}
		confirm(t, k, a)
		confirm(t, k, a) // twice is no error
		if responded(ana) != 111 || len(public().Signatories) != 1 || public().Signatories[0] != (contribution.CoSigned{Name: "Ana", Organization: "Union"}) {
			t.Errorf("signed: %d, %v", responded(ana), public().Signatories)
		}
		if n, u := k.Count("select count(*) from counted_contribution"), k.Count("select count(distinct unit_id) from answered_unit"); n != 1 || u != 2 {
			t.Errorf("%d contributions of %d units, want 1 of 2", n, u)
		}
		_, err = k.DeclineSignature(ctx, nobody, signToken(k, b))
		ok(t, err)
		if len(public().Signatories) != 1 {
			t.Errorf("who declined is shown: %v", public().Signatories)
		}
		_, err = k.WithdrawSignature(ctx, nobody, signToken(k, b))
		wants(t, "withdrawing what was not signed", err, errs.Conflict)
		_, err = k.WithdrawSignature(ctx, nobody, signToken(k, a))
		ok(t, err)
		if p := public(); responded(ana) != 10 || len(p.Signatories) != 0 || p.Name != "María" || p.Withdrawn() {
			t.Errorf("one signature less: %d, %+v", responded(ana), p)
		}
		for _, verb := range []string{"named", "confirmed", "declined", "withdrawn"} {
			if k.Count("select count(*) from audit_event where action = ?", "contribution.signatory_"+verb) == 0 {
				t.Errorf("no event signatory_%s", verb)
			}
		}
		if n := k.Count("select count(*) from audit_event where before like '%@example%' or after like '%@example%'"); n != 0 {
			t.Errorf("%d events tell an address", n)
		}
	})
}

func TestTheContributionStaysWithThoseWhoSignedIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, maria := coalition(t, k)
		ana := k.Contact("Ana", "en")
		a, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Ana", Email: emailOf(k, ana)})
		ok(t, err)
		b, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Organization: "Bo's", Email: "bo@example.net"})
		ok(t, err)
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		confirm(t, k, a)
		confirm(t, k, b)
		got, err := k.Withdraw(ctx, nobody, token)
		ok(t, err)
		if got.State != contribution.Published || got.Name != "Ana" || got.ContactID != nil {
			t.Errorf("after its author left: %+v", got)
		}
		p, err := k.PublishedOne(ctx, k.CycleID, 1)
		ok(t, err)
		if p.Name != "Ana" || p.Answers["q1"] == "" || len(p.Signatories) != 1 || p.Signatories[0].Name != "Bo" {
			t.Errorf("public: %+v", p)
		}
		if k.Count("select count(*) from responded_contact where contact_id = ?", maria) != 0 || k.Count("select count(*) from asked_enough_contact where contact_id = ?", maria) == 0 {
			t.Error("who left has answered, or is asked again")
		}
		if n := k.Count("select count(distinct contribution_id) from counted_contribution"); n != 1 {
			t.Errorf("%d counted", n)
		}
		f, err := k.Open(ctx, token, "")
		ok(t, err)
		if f.Started() || len(f.Answers) != 0 {
			t.Errorf("the link of who left opens %+v", f.Contribution)
		}
		_, err = k.WithdrawSignature(ctx, nobody, signToken(k, a))
		ok(t, err)
		if p, err = k.PublishedOne(ctx, k.CycleID, 1); err != nil || p.Name != "Bo" || p.Organization != "Bo's" {
			t.Errorf("passed on to %+v, %v", p, err)
		}
		_, err = k.WithdrawSignature(ctx, nobody, signToken(k, b))
		ok(t, err)
		p, err = k.PublishedOne(ctx, k.CycleID, 1)
		ok(t, err)
		if !p.Withdrawn() || p.Name != "" || len(p.Answers) != 0 || k.Count("select count(*) from answer") != 0 {
			t.Errorf("after the last one: %+v", p)
		}
		if n := k.Count("select count(*) from signatory where email <> '' or name <> ''"); n != 0 {
			t.Errorf("%d signatories are remembered by name", n)
		}
		v, err := k.OpenSignature(ctx, signToken(k, b), "")
		ok(t, err)
		_, err = k.ConfirmSignature(ctx, nobody, signToken(k, b), v.Digest)
		wants(t, "signing what was withdrawn", err, errs.Conflict)
	})
}

func TestWhoSignedAnOlderTextIsAskedAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		no := false
		_, err := k.Save(ctx, nobody, token, contribution.Entry{Consent: &no})
		ok(t, err)
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		a, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
		ok(t, err)
		old, err := k.OpenSignature(ctx, signToken(k, a), "")
		ok(t, err)
		confirm(t, k, a)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "We do not agree."}})
		ok(t, err)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "We do not agree at all."}})
		ok(t, err)
		if state := k.Text("select state from signatory"); state != "invited" {
			t.Errorf("the signature under another text is %s", state)
		}
		if n := k.Count("select count(*) from outgoing_mail where recipient = 'bo@example.net'"); n != 2 {
			t.Errorf("%d mails, want one for each text that was signed or to be signed", n)
		}
		_, err = k.ConfirmSignature(ctx, nobody, signToken(k, a), old.Digest)
		wants(t, "signing the old text", err, errs.Conflict)
		confirm(t, k, a)
	})
}

func TestWhoMayBeAskedToSign(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, maria := coalition(t, k)
		_, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		alone := k.Respond(k.Contact("Solo", "en"))
		_, err = k.Save(ctx, nobody, alone, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		ok(t, err)
		_, err = k.NameSignatory(ctx, nobody, alone, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
		wants(t, "somebody who answers for themselves", err, errs.Conflict)
		for what, n := range map[string]contribution.Cosigner{
			"oneself": {Name: "M", Email: emailOf(k, maria)}, "no name": {Email: "x@example.net"}, "no address": {Name: "X", Email: "x"},
			"a name that is no text": {Name: "\xff", Email: "x@example.net"},
		} {
			_, err := k.NameSignatory(ctx, nobody, token, n)
			wants(t, what, err, errs.Invalid)
		}
		_, err = k.NameSignatory(ctx, nobody, "s-forged", contribution.Cosigner{Name: "X", Email: "x@example.net"})
		wants(t, "a forged link", err, errs.NotFound)
		_, err = k.OpenSignature(ctx, k.Respond(maria), "")
		wants(t, "a token for something else", err, errs.NotFound)

		stopped := k.Contact("Stop", "en")
		ok(t, k.Contacts.SuppressAddress(ctx, officer, stopped, int64(k.Count("select address_id from contact_address where contact_id = ?", stopped))))
		_, err = k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Stop", Email: emailOf(k, stopped)})
		ok(t, err)
		if n := k.Count("select count(*) from outgoing_mail where recipient = ?", emailOf(k, stopped)); n != 0 {
			t.Error("a mail went to who wants none")
		}
		same := contribution.Cosigner{Name: "Bo", Email: "Bo@Example.net"}
		for range 5 { // named and taken back again and again
			g, err := k.NameSignatory(ctx, nobody, token, same)
			ok(t, err)
			_, err = k.NameSignatory(ctx, nobody, token, same)
			wants(t, "the same twice", err, errs.Invalid)
			ok(t, k.RemoveSignatory(ctx, nobody, token, g.ID))
			wants(t, "a stranger's removal", k.RemoveSignatory(ctx, nobody, alone, g.ID), errs.NotFound)
		}
		if n := k.Count("select count(*) from outgoing_mail where recipient like 'bo@%' or recipient like 'Bo@%'"); n != 3 {
			t.Errorf("%d mails to one mailbox in a day", n)
		}
		for i := range contribution.MaxSignatories - 1 {
			_, err = k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "N", Email: fmt.Sprintf("n%d@example.net", i)})
			ok(t, err)
		}
		_, err = k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "N", Email: "n@example.net"})
		wants(t, "one too many", err, errs.Conflict)
	})
}

func TestSigningAndWithdrawingAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		var signed []contribution.Signatory
		for i := range 4 {
			id := k.Contact(fmt.Sprintf("Ana%d", i), "en")
			g, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Ana", Email: emailOf(k, id)})
			ok(t, err)
			signed = append(signed, g)
		}
		_, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		var all sync.WaitGroup
		for _, g := range signed {
			v, err := k.OpenSignature(ctx, signToken(k, g), "")
			ok(t, err)
			all.Go(func() {
				for range 2 {
					if _, err := k.ConfirmSignature(ctx, nobody, signToken(k, g), v.Digest); err != nil && !errs.Is(err, errs.Conflict) {
						t.Error(err)
					}
				}
				if _, err := k.WithdrawSignature(ctx, nobody, signToken(k, g)); err != nil && !errs.Is(err, errs.Conflict) {
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
		confirmed := k.Count("select count(*) from signatory where state = 'confirmed'")
		live := k.Count("select count(*) from contribution where state = 'published'")
		if live != 0 || confirmed != 0 {
			t.Errorf("everybody took it back: %d contributions are left with %d signatures", live, confirmed)
		}
		if n := k.Count("select count(*) from listing where responded"); n != 0 {
			t.Errorf("%d of the list count as having answered", n)
		}
	})
}
