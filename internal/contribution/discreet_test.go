package contribution_test

import (
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// What was typed and not submitted is for those who write it, and for nobody in the secretariat.
func TestNobodyElseReadsADraft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("María", "es"))
		begun, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Half a thought"}})
		ok(t, err)
		_, err = k.Attach(ctx, nobody, token, upload("plan.txt", "A plan"))
		ok(t, err)
		look := func() (answers, files int, err error) {
			full, failed := k.Get(ctx, officer, begun.ID)
			ok(t, failed)
			listed, failed := k.Files(ctx, officer, begun.ID)
			ok(t, failed)
			if len(listed) != len(full.Files) {
				t.Errorf("%d documents of %d", len(listed), len(full.Files))
			}
			_, err = k.File(ctx, officer, begun.ID, 1)
			return len(full.Answers), len(full.Files), err
		}
		answers, files, err := look()
		wants(t, "a document of a draft", err, errs.NotFound)
		if answers+files != 0 {
			t.Errorf("an officer reads %d answers and %d documents of a draft", answers, files)
		}
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		if answers, files, err = look(); answers != 1 || files != 1 || err != nil {
			t.Errorf("after it was submitted: %d answers, %d documents, %v", answers, files, err)
		}
	})
}

// What an officer records takes the place of a draft, and submits nothing of it: neither words nor documents.
func TestRecordingSubmitsNoDraftOfTheAuthor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		who := k.Contact("María", "es")
		_, err := k.Attach(ctx, nobody, k.Respond(who), upload("plan.txt", "A plan that nobody was to see yet"))
		ok(t, err)
		c, err := k.Record(ctx, officer, contribution.Arrival{
			CycleID: k.CycleID, ContactID: who, Channel: contribution.Phone, Consent: true, Answers: contribution.Answers{"q1": "Yes"},
			Files: []contribution.Upload{upload("letter.txt", "A letter")},
		})
		ok(t, err)
		full, err := k.Get(ctx, officer, c.ID)
		ok(t, err)
		if len(full.Files) != 1 || full.Files[0].Name != "letter.txt" {
			t.Errorf("the documents of what was recorded: %+v", full.Files)
		}
	})
}

// Of whoever is erased nothing stays of what they never submitted, and nothing of whom they invited to it; what they submitted stays.
func TestAnErasureTakesDrafts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		who, other := k.Contact("María", "es"), k.Contact("Ana", "es")
		for _, id := range []int64{who, other} {
			token := k.Respond(id)
			_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Half a thought"}})
			ok(t, err)
			_, err = k.Attach(ctx, nobody, token, upload("plan.txt", "A plan"))
			ok(t, err)
			_, _ = invite(t, k, token, "Bo", "bo@example.net")
		}
		_, err := k.Submit(ctx, nobody, k.Respond(other))
		ok(t, err)
		for _, id := range []int64{who, other} {
			ok(t, k.DB.Write(ctx, func(tx *db.Tx) error { return contribution.Eraser{}.EraseContact(tx, id) }))
		}
		for _, table := range []string{"contribution", "answer", "contribution_file", "contribution_editor"} {
			if n := k.Count("select count(*) from " + table); n != 1 {
				t.Errorf("%d rows of %s are left, want what was submitted", n, table)
			}
		}
	})
}

// Names that anybody may type go into mails of the secretariat: they carry no links.
func TestNamesCarryNoLinks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		p := contribution.Profile{Name: "Ana", Capacity: contribution.Individual, StakeholderGroup: "academia", Country: "KE"}
		own, _, err := k.Start(ctx, nobody, k.CycleID, with(p, "Ana", "Booking.com", "own@example.org"), "en")
		ok(t, err)
		_, err = k.Save(ctx, nobody, own, contribution.Entry{Profile: &p})
		ok(t, err)
		for _, bad := range []string{"You won: http://evil.test", "See WWW.evil.test", "evil.test/claim", "Write to x@evil.test", "ana ftp://x"} {
			_, _, err := k.Start(ctx, nobody, k.CycleID, with(p, bad, "", "one@example.org"), "en")
			refused(t, bad, err, "name")
			_, _, err = k.Start(ctx, nobody, k.CycleID, with(p, "Ana", bad, "one@example.org"), "en")
			refused(t, bad, err, "organization")
			changed := with(p, bad, "", "")
			_, err = k.Save(ctx, nobody, own, contribution.Entry{Profile: &changed})
			refused(t, bad, err, "name")
			_, err = k.InviteEditor(ctx, nobody, own, contribution.Colleague{Name: bad, Email: "two@example.org"})
			refused(t, bad, err, "name")
			_, err = k.NameSignatory(ctx, nobody, own, contribution.Cosigner{Name: "Bo", Organization: bad, Email: "two@example.org"})
			refused(t, bad, err, "organization")
		}
		for _, good := range []string{"J.R.R. Tolkien", "Booking.com", "Ana de la O", "AT&T", "I@S", "IT/OT Forum", "St.Gallen: Verein"} {
			changed := with(p, good, good, "")
			_, err = k.Save(ctx, nobody, own, contribution.Entry{Profile: &changed})
			ok(t, err)
		}
	})
}

func with(p contribution.Profile, name, organization, email string) contribution.Profile {
	p.Name, p.Organization, p.Email = name, organization, email
	return p
}

func refused(t *testing.T, what string, err error, field string) {
	t.Helper()
	if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != field || fields[0].Key != "field.name_address" {
		t.Errorf("%q as %s: %v", what, field, err)
	}
}

// A form writes to the mailbox that it was begun with, whatever is posted to it later; after a withdrawal one may be named again.
func TestAFormKeepsItsMailbox(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		p := contribution.Profile{Name: "Ana", Capacity: contribution.Individual, StakeholderGroup: "academia", Country: "KE"}
		token, _, err := k.Start(ctx, nobody, k.CycleID, with(p, "Ana", "", "own@example.org"), "en")
		ok(t, err)
		save := func(email string) (string, error) {
			said := with(p, "Ana", "", email)
			_, err := k.Save(ctx, nobody, token, contribution.Entry{Profile: &said, Answers: contribution.Answers{"q1": "Words"}})
			return k.Text("select email from contribution order by id desc limit 1"), err
		}
		for _, email := range []string{"", "other@example.net", "no address\r\nBcc: x@example.net"} {
			if kept, err := save(email); err != nil || kept != "own@example.org" {
				t.Errorf("with %q: %q, %v", email, kept, err)
			}
		}
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		_, err = k.Again(ctx, nobody, token)
		ok(t, err)
		if _, err := save("no address"); len(errs.FieldsOf(err)) != 1 {
			t.Errorf("what is no address: %v", err)
		}
		if kept, err := save("New@Example.org"); err != nil || kept != "New@example.org" && kept != "new@example.org" {
			t.Errorf("named again: %q, %v", kept, err)
		}
	})
}
