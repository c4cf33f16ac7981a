package contribution_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

func editToken(k *contributiontest.Kit, e contribution.Editor) string {
	return k.Signer.Token(link.Edit, link.Target{CycleID: k.CycleID, ContactID: e.ID})
}

func invite(t *testing.T, k *contributiontest.Kit, token, name, email string) (contribution.Editor, string) {
	t.Helper()
	e, err := k.InviteEditor(ctx, nobody, token, contribution.Colleague{Name: name, Email: email})
	ok(t, err)
	return e, editToken(k, e)
}

func TestAColleagueEditsThroughALinkOfTheirOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("María", "es"))
		ana := k.Contact("Ana", "ar")
		_, his := invite(t, k, token, "Bo", "bo@example.net") // before a word was saved
		e, hers := invite(t, k, token, "Ana", emailOf(k, ana))
		for to, want := range map[string]string{emailOf(k, ana): "ar", "bo@example.net": "es"} {
			raw := k.Text("select raw from outgoing_mail where kind = 'edit_invitation' and recipient = ?", to)
			if !strings.Contains(raw, "Content-Language: "+want+"\r\n") {
				t.Errorf("%s is invited in another language: %.300s", to, raw)
			}
		}
		f, err := k.Open(ctx, hers, "")
		ok(t, err)
		if f.Me == nil || f.Me.ID != e.ID || f.Locale != "ar" || f.Contribution.Name != "María" || k.Text("select state from contribution_editor where id = ?", e.ID) != "invited" {
			t.Errorf("opened by a colleague: %+v", f.Contribution)
		}
		_, err = k.Save(ctx, nobody, hers, contribution.Entry{Answers: contribution.Answers{"q1": "نوافق"}, Language: "fr"})
		ok(t, err)
		_, err = k.Attach(ctx, nobody, his, contribution.Upload{Name: "notes.txt", Content: strings.NewReader("Some notes."), Size: 11})
		ok(t, err)
		f, err = k.Open(ctx, token, "")
		ok(t, err)
		if w := f.Written["q1"]; f.Answers["q1"] != "نوافق" || w.By != "Ana" || w.Own || f.Edited == nil || f.Edited.By != "Bo" || len(f.Files) != 1 || len(f.Editors) != 2 {
			t.Errorf("what the author sees: %+v, %+v", f.Written, f.Edited)
		}
		if f.Contribution.Language != "es" || k.Text("select language from contribution_editor where id = ?", e.ID) != "fr" {
			t.Errorf("the language of a colleague's pages became that of the contribution: %s", f.Contribution.Language)
		}
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		_, err = k.Save(ctx, nobody, his, contribution.Entry{Answers: contribution.Answers{"q1": "We agree."}})
		ok(t, err)
		ok(t, k.Detach(ctx, nobody, his, 1))
		for _, want := range []string{"contribution.editor_active by Ana", "contribution.editor_active by Bo", "contribution.corrected by Bo", "contribution.file_attached by Bo", "contribution.editor_invited by María"} {
			action, name, _ := strings.Cut(want, " by ")
			if k.Count("select count(*) from audit_event where action = ? and actor_name = ?", action, name) == 0 {
				t.Errorf("no event: %s", want)
			}
		}
		if n := k.Count("select count(*) from audit_event where before like '%@example%' or after like '%@example%'"); n != 0 {
			t.Errorf("%d events tell an address", n)
		}
		ok(t, k.RevokeEditor(ctx, nobody, token, e.ID))
		ok(t, k.RevokeEditor(ctx, nobody, token, e.ID)) // twice is no error
		closed, err := k.Open(ctx, hers, "")
		wants(t, "a revoked link", err, errs.Gone)
		if closed.Locale != "fr" || closed.Started() {
			t.Errorf("it says so in %q, with %+v", closed.Locale, closed.Contribution)
		}
		_, err = k.Save(ctx, nobody, hers, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		wants(t, "saving with it", err, errs.Gone)
		if f, err = k.Open(ctx, token, ""); err != nil || len(f.Editors) != 1 || f.Answers["q1"] != "We agree." {
			t.Errorf("after the revocation: %+v, %v", f.Answers, err)
		}
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		if n := k.Count("select count(*) from contribution_editor where name <> '' or email <> '' or state <> 'revoked'"); n != 0 {
			t.Errorf("%d editors are remembered after the withdrawal", n)
		}
		_, err = k.Open(ctx, his, "")
		wants(t, "after the withdrawal", err, errs.Gone)
	})
}

// what only the contributor decides, by what it is.
func reserved(k *contributiontest.Kit, token string) map[string]error {
	_, handIn := k.HandIn(ctx, nobody, token, yes(), "")
	_, submit := k.Submit(ctx, nobody, token)
	_, withdraw := k.Withdraw(ctx, nobody, token)
	_, again := k.Again(ctx, nobody, token)
	_, name := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "X", Email: "x@example.net"})
	_, editor := k.InviteEditor(ctx, nobody, token, contribution.Colleague{Name: "X", Email: "x@example.net"})
	_, about := k.Save(ctx, nobody, token, contribution.Entry{Profile: &contribution.Profile{Name: "X", Capacity: contribution.Individual}})
	_, consent := k.Save(ctx, nobody, token, contribution.Entry{Consent: yes()})
	_, reconsider := k.Reconsider(ctx, nobody, token, false)
	_, correct := k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": "x"}})
	return map[string]error{
		"handing in": handIn, "submitting": submit, "withdrawing": withdraw, "beginning again": again, "naming a signatory": name,
		"inviting": editor, "saying who answers": about, "consenting": consent, "reconsidering": reconsider, "asking for a correction": correct,
		"taking a signatory back": k.RemoveSignatory(ctx, nobody, token, 1), "revoking": k.RevokeEditor(ctx, nobody, token, 1),
		"taking a correction back": k.TakeBackCorrection(ctx, nobody, token), "the link by mail": k.MailLink(ctx, nobody, token),
	}
}

func TestAColleagueDecidesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		_, hers := invite(t, k, token, "Ana", "ana@example.net")
		before := k.Text("select state || name || consent_publication from contribution")
		for what, err := range reserved(k, hers) {
			wants(t, what+" a draft", err, errs.Forbidden)
		}
		if after := k.Text("select state || name || consent_publication from contribution"); after != before || k.Count("select count(*) from contribution_editor") != 1 {
			t.Errorf("a colleague changed %s to %s", before, after)
		}
		_, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		for what, err := range reserved(k, hers) {
			wants(t, what+" what is published", err, errs.Forbidden)
		}
		_, err = k.Save(ctx, nobody, hers, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		wants(t, "changing what is published", err, errs.Conflict)
		_, err = k.InviteEditor(ctx, nobody, token, contribution.Colleague{Name: "Bo", Email: "bo@example.net"})
		wants(t, "inviting to what is published", err, errs.Conflict)
		if f, err := k.Open(ctx, hers, ""); err != nil || f.Answers["q1"] == "" {
			t.Errorf("reading it: %v", err)
		}
	})
}

func TestWhoMayBeInvitedToEdit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, maria := coalition(t, k)
		other, _ := coalition(t, k)
		for what, n := range map[string]contribution.Colleague{
			"oneself": {Name: "M", Email: emailOf(k, maria)}, "no name": {Email: "x@example.net"}, "no address": {Name: "X", Email: "x"},
			"a name that is no text": {Name: "\xff", Email: "x@example.net"},
		} {
			_, err := k.InviteEditor(ctx, nobody, token, n)
			wants(t, what, err, errs.Invalid)
		}
		for what, forged := range map[string]string{
			"a forged secret": "s-forged", "to sign": k.Signer.Token(link.Sign, link.Target{CycleID: k.CycleID, ContactID: 1}),
			"to unsubscribe": k.UnsubscribeToken(maria), "of an editor who is none": editToken(k, contribution.Editor{ID: 999}),
		} {
			_, err := k.Open(ctx, forged, "")
			wants(t, what, err, errs.NotFound)
			_, err = k.InviteEditor(ctx, nobody, forged, contribution.Colleague{Name: "X", Email: "x@example.net"})
			wants(t, "inviting with "+what, err, errs.NotFound)
		}
		stopped := k.Contact("Stop", "en")
		ok(t, k.Contacts.SuppressAddress(ctx, officer, stopped, int64(k.Count("select address_id from contact_address where contact_id = ?", stopped))))
		first, _ := invite(t, k, token, "Stop", emailOf(k, stopped))
		if n := k.Count("select count(*) from outgoing_mail where recipient = ?", emailOf(k, stopped)); n != 0 {
			t.Error("a mail went to who wants none")
		}
		wants(t, "a stranger's revocation", k.RevokeEditor(ctx, nobody, other, first.ID), errs.NotFound)
		_, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
		ok(t, err)
		for range 4 { // invited and taken back again and again, and asked to sign too
			e, _ := invite(t, k, token, "Bo", "Bo@Example.net")
			_, err = k.InviteEditor(ctx, nobody, token, contribution.Colleague{Name: "Bo", Email: "bo@example.net"})
			wants(t, "the same twice", err, errs.Invalid)
			ok(t, k.RevokeEditor(ctx, nobody, token, e.ID))
		}
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		if n := k.Count("select count(*) from outgoing_mail where lower(recipient) = 'bo@example.net'"); n != 3 {
			t.Errorf("%d mails to one mailbox in a day", n)
		}
		for i := range contribution.MaxEditors {
			invite(t, k, other, "N", fmt.Sprintf("n%d@example.net", i))
		}
		_, err = k.InviteEditor(ctx, nobody, other, contribution.Colleague{Name: "N", Email: "n@example.net"})
		wants(t, "one too many", err, errs.Conflict)
	})
}

func TestWhoIsErasedEditsNoMore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		ana := k.Contact("Ana", "en")
		_, hers := invite(t, k, token, "Ana", emailOf(k, ana))
		_, err := k.Save(ctx, nobody, hers, contribution.Entry{Answers: contribution.Answers{"q1": "Hers."}})
		ok(t, err)
		ok(t, k.DB.Write(ctx, func(tx *db.Tx) error { return contribution.Eraser{}.EraseContact(tx, ana) }))
		_, err = k.Open(ctx, hers, "")
		wants(t, "their link", err, errs.Gone)
		f, err := k.Open(ctx, token, "")
		ok(t, err)
		if f.Answers["q1"] != "Hers." || f.Written["q1"].By != "" || k.Count("select count(*) from contribution_editor where email <> ''") != 0 {
			t.Errorf("after the erasure: %+v", f.Written)
		}
	})
}

func TestNothingIsSavedAfterARevocation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		e, hers := invite(t, k, token, "Ana", "ana@example.net")
		f, err := k.Open(ctx, hers, "") // she has the page open
		ok(t, err)
		var all sync.WaitGroup
		revoked := make(chan struct{})
		for i := range 4 {
			all.Go(func() {
				for n := range 8 {
					late := false
					select {
					case <-revoked:
						late = true
					default:
					}
					_, err := k.SaveIn(ctx, nobody, f, contribution.Entry{Answers: contribution.Answers{"q1": fmt.Sprint(i, n, late)}})
					if late && !errs.Is(err, errs.Gone) || err != nil && !errs.Is(err, errs.Gone) {
						t.Errorf("after the revocation: %v, else: %v", late, err)
					}
				}
			})
		}
		all.Go(func() {
			if err := k.RevokeEditor(ctx, nobody, token, e.ID); err != nil {
				t.Error(err)
			}
			close(revoked)
		})
		all.Wait()
		if text := k.Text("select text from answer where question = 'q1'"); strings.Contains(text, "true") || k.Text("select state from contribution_editor") != "revoked" {
			t.Errorf("saved after the revocation: %s", text)
		}
	})
}
