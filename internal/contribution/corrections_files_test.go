package contribution_test

import (
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
)

// publishedWithFiles is before the public with two documents, signed by Bo too.
func publishedWithFiles(t *testing.T, k *contributiontest.Kit) (token string, id int64, bo contribution.Signatory) {
	t.Helper()
	token, _ = coalition(t, k)
	for _, name := range []string{"one.txt", "two.txt"} {
		_, err := k.Attach(ctx, nobody, token, upload(name, "The text of "+name))
		ok(t, err)
	}
	bo, err := k.NameSignatory(ctx, nobody, token, contribution.Cosigner{Name: "Bo", Email: "bo@example.net"})
	ok(t, err)
	c, err := k.Submit(ctx, nobody, token)
	ok(t, err)
	confirm(t, k, bo)
	return token, c.ID, bo
}

func ask(t *testing.T, k *contributiontest.Kit, token string, w contribution.Wanted) contribution.Correction {
	t.Helper()
	got, err := k.Propose(ctx, nobody, token, w)
	ok(t, err)
	return got
}

func doc(name, text string) *contribution.Upload {
	u := upload(name, text)
	return &u
}

func namesOf(files []contribution.File) string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

func TestDocumentsAndNamesAreCorrectedAndTheOldStayReadable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		token, id, bo := publishedWithFiles(t, k)
		name := "María Pérez"
		first := ask(t, k, token, contribution.Wanted{Name: &name, Add: doc("new.txt", "New one"), Replaces: 1})
		again := ask(t, k, token, contribution.Wanted{Name: &name, Remove: []int{2, 9}, Add: doc("more.rtf", rtf)})
		if len(again.Files) != 2 || again.Files[0].Position != 1 || len(again.Removed) != 1 {
			t.Fatalf("what waits: %+v", again)
		}
		same := ask(t, k, token, contribution.Wanted{Name: &name, Remove: []int{2}, Add: doc("more.rtf", rtf)})
		if same.ID != again.ID || k.Count("select count(*) from correction_file") != 2 {
			t.Errorf("sent twice: %d and %d, %d documents", again.ID, same.ID, k.Count("select count(*) from correction_file"))
		}
		_, err := k.ApproveCorrection(ctx, officer, id, first.ID)
		wants(t, "approving what was replaced", err, errs.Conflict)
		f, err := k.CorrectionFile(ctx, officer, id, again.Files[1].ID)
		ok(t, err)
		if text := string(f.Bytes); strings.Contains(text, "Zenobia") || !strings.HasPrefix(text, `{\rtf1`) {
			t.Errorf("the new document is not cleaned: %q", text)
		}
		_, err = k.CorrectionFile(ctx, nobody, id, again.Files[1].ID)
		wants(t, "reading it as nobody", err, errs.Unauthorized)
		_, err = k.CorrectionFile(ctx, officer, id+1, again.Files[1].ID)
		wants(t, "reading it at another contribution", err, errs.NotFound)
		p, err := k.PublishedOne(ctx, k.CycleID, 1)
		ok(t, err)
		if p.Name != "María" || namesOf(p.Files) != "one.txt two.txt" {
			t.Errorf("nobody approved it: %s, %s", p.Name, namesOf(p.Files))
		}

		c.Set(c.Now().Add(time.Hour))
		_, err = k.ApproveCorrection(ctx, officer, id, again.ID)
		ok(t, err)
		p, err = k.PublishedOne(ctx, k.CycleID, 1)
		ok(t, err)
		if p.Name != name || p.Organization != "Ministry" || namesOf(p.Files) != "new.txt more.rtf" || p.Files[0].Position != 1 || p.Files[1].Position != 3 {
			t.Errorf("corrected: %+v", p)
		}
		if len(p.Signatories) != 0 || k.Text("select state from signatory") != "invited" {
			t.Error("a signature under other documents still stands")
		}
		if got, err := k.PublishedFile(ctx, k.CycleID, 1, 1); err != nil || string(got.Bytes) != "New one\n" {
			t.Errorf("at the usual address: %q, %v", got.Bytes, err)
		}
		_, err = k.PublishedFile(ctx, k.CycleID, 1, 2)
		wants(t, "the one that was taken out", err, errs.Gone)
		_, v, err := k.PublishedVersion(ctx, k.CycleID, 1, 1)
		ok(t, err)
		if v.Name != "María" || namesOf(v.Files) != "one.txt two.txt" || v.Files[1].Text != "The text of two.txt" {
			t.Errorf("the old version: %+v", v)
		}
		for position, want := range []string{1: "The text of one.txt", 2: "The text of two.txt"} {
			if position == 0 {
				continue
			}
			if got, err := k.VersionFile(ctx, k.CycleID, 1, 1, position); err != nil || string(got.Bytes) != want+"\n" {
				t.Errorf("document %d of the old version: %q, %v", position, got.Bytes, err)
			}
		}
		_, err = k.VersionFile(ctx, k.CycleID, 1, 1, 3)
		wants(t, "a document that came later", err, errs.NotFound)
		_, err = k.VersionFile(ctx, k.CycleID, 1, 2, 1)
		wants(t, "a version that is none", err, errs.NotFound)

		second := ask(t, k, token, contribution.Wanted{Remove: []int{3}})
		_, err = k.ApproveCorrection(ctx, officer, id, second.ID)
		ok(t, err)
		for version, want := range map[int]string{1: "one.txt two.txt", 2: "new.txt more.rtf"} {
			if _, v, err = k.PublishedVersion(ctx, k.CycleID, 1, version); err != nil || namesOf(v.Files) != want {
				t.Errorf("version %d has %s, want %s: %v", version, namesOf(v.Files), want, err)
			}
		}
		if got, err := k.VersionFile(ctx, k.CycleID, 1, 2, 1); err != nil || string(got.Bytes) != "New one\n" {
			t.Errorf("what did not change is not in the version: %q, %v", got.Bytes, err)
		}

		ask(t, k, token, contribution.Wanted{Add: doc("last.txt", "Last")})
		_, err = k.DeclineSignature(ctx, nobody, signToken(k, bo)) // nobody is left with whom it would stay
		ok(t, err)
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		_, err = k.VersionFile(ctx, k.CycleID, 1, 1, 1)
		wants(t, "an old document after the withdrawal", err, errs.Gone)
		left := "select count(*) from correction_file union all select count(*) from earlier_file union all select count(*) from contribution_file where text <> '' or name <> ''"
		if n := k.Count("select sum(count) from (" + strings.ReplaceAll(left, "count(*)", "count(*) as count") + ") x"); n != 0 {
			t.Errorf("%d documents are left", n)
		}
	})
}

func TestDocumentsThatNobodyNeedsAreDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, id, _ := publishedWithFiles(t, k)
		wait := func(want int, what string) {
			t.Helper()
			if n := k.Count("select count(*) from correction_file"); n != want {
				t.Errorf("%s: %d documents wait, want %d", what, n, want)
			}
		}
		ask(t, k, token, contribution.Wanted{Add: doc("a.txt", "A")})
		ok(t, k.TakeBackCorrection(ctx, nobody, token))
		wait(0, "taken back")
		b := ask(t, k, token, contribution.Wanted{Add: doc("b.txt", "B"), Replaces: 2})
		ask(t, k, token, contribution.Wanted{Add: doc("c.txt", "C"), Replaces: 2})
		wait(1, "another in the same place")
		c := ask(t, k, token, contribution.Wanted{Add: doc("d.txt", "D")})
		wait(2, "one more")
		if got := namesOf(c.Files); got != "c.txt d.txt" || b.ID == c.ID {
			t.Errorf("wait: %s", got)
		}
		c = ask(t, k, token, contribution.Wanted{Drop: []int64{c.Files[0].ID}})
		wait(1, "not wanted after all")
		_, err := k.Propose(ctx, nobody, token, contribution.Wanted{Drop: []int64{c.Files[0].ID}})
		wants(t, "wanting nothing any more", err, errs.Invalid)
		_, err = k.RefuseCorrection(ctx, officer, id, c.ID, "Not this one.")
		ok(t, err)
		wait(0, "refused")
	})
}

func TestLimitsOfACorrection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, id, _ := publishedWithFiles(t, k)
		empty := " "
		for what, w := range map[string]contribution.Wanted{
			"a PDF":                     {Add: doc("x.txt", "%PDF-1.7 and so on")},
			"a document that is there":  {Add: doc("again.txt", "The text of one.txt")},
			"the place of none":         {Add: doc("x.txt", "x"), Replaces: 7},
			"no name":                   {Name: &empty},
			"no organization for one":   {Organization: &empty},
			"the same names, documents": {Remove: []int{8}},
		} {
			_, err := k.Propose(ctx, nobody, token, w)
			wants(t, what, err, errs.Invalid)
		}
		_, err := k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": ""}, Remove: []int{1, 2}})
		wants(t, "taking everything out", err, errs.Conflict)
		for _, n := range []string{"3", "4", "5"} {
			ask(t, k, token, contribution.Wanted{Add: doc(n+".txt", n)})
		}
		_, err = k.Propose(ctx, nobody, token, contribution.Wanted{Add: doc("6.txt", "6")})
		wants(t, "one too many", err, errs.Invalid)
		last := ask(t, k, token, contribution.Wanted{Add: doc("6.txt", "6"), Remove: []int{1}})
		_, err = k.Propose(ctx, nobody, token, contribution.Wanted{Answers: contribution.Answers{"q1": "Other."}})
		wants(t, "keeping the one that made room", err, errs.Invalid)

		_, err = k.Withhold(ctx, officer, id, "to be looked at")
		ok(t, err)
		ok(t, k.DetachFrom(ctx, officer, id, 1))
		_, err = k.AttachTo(ctx, officer, id, upload("officer.txt", "by an officer"))
		ok(t, err)
		_, err = k.Publish(ctx, officer, id)
		ok(t, err)
		_, err = k.ApproveCorrection(ctx, officer, id, last.ID)
		wants(t, "approving what has no room any more", err, errs.Invalid)
		if k.Count("select count(*) from contribution_version") != 0 || k.Count("select count(*) from correction where state = 'proposed'") != 1 {
			t.Error("half of it was done")
		}
	})
}

func TestTheAuthorReadsWhatTheOfficerDecided(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, id, _ := publishedWithFiles(t, k)
		mails := func() int { return k.Count("select count(*) from outgoing_mail where kind = 'correction_decided'") }
		woken := k.Woken()
		one := ask(t, k, token, contribution.Wanted{Answers: contribution.Answers{"q1": "Another."}})
		_, err := k.RefuseCorrection(ctx, officer, id, one.ID, "Eso es otra respuesta.")
		ok(t, err)
		raw := k.Text("select raw from outgoing_mail where kind = 'correction_decided'")
		if mails() != 1 || k.Woken() != woken+1 || !strings.Contains(raw, "Content-Language: es\r\n") || !strings.Contains(raw, "Eso es otra respuesta.") {
			t.Errorf("refused: %d mails, %d woken, %.300s", mails(), k.Woken()-woken, raw)
		}
		two := ask(t, k, token, contribution.Wanted{Answers: contribution.Answers{"q1": "Another."}})
		_, err = k.ApproveCorrection(ctx, officer, id, two.ID)
		ok(t, err)
		raw = k.Text("select raw from outgoing_mail where kind = 'correction_decided' order by id desc limit 1")
		if mails() != 2 || !strings.Contains(strings.ReplaceAll(raw, "=\r\n", ""), "/calls/bpf-2017/contributions/1") {
			t.Errorf("approved: %d mails, %s", mails(), raw)
		}
		maria := int64(k.Count("select contact_id from contribution"))
		ok(t, k.Contacts.SuppressAddress(ctx, officer, maria, int64(k.Count("select address_id from contact_address where contact_id = ?", maria))))
		three := ask(t, k, token, contribution.Wanted{Answers: contribution.Answers{"q1": "A third."}})
		_, err = k.ApproveCorrection(ctx, officer, id, three.ID)
		ok(t, err)
		if mails() != 2 {
			t.Error("a mail went to who wants none")
		}
	})
}

func TestTheNameOfWhoLeftIsInNoVersion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, id, bo := publishedWithFiles(t, k)
		name := "María Pérez"
		one := ask(t, k, token, contribution.Wanted{Name: &name})
		_, err := k.ApproveCorrection(ctx, officer, id, one.ID)
		ok(t, err)
		confirm(t, k, bo)
		two := ask(t, k, token, contribution.Wanted{Add: doc("x.txt", "x")})
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		p, v, err := k.PublishedVersion(ctx, k.CycleID, 1, 1)
		ok(t, err)
		if p.Name != "Bo" || v.Name != "" || v.Organization != "" || k.Count("select count(*) from correction where name <> ''") != 0 {
			t.Errorf("the versions still name who left: %+v", v)
		}
		_, err = k.ApproveCorrection(ctx, officer, id, two.ID)
		wants(t, "what the one who left asked for", err, errs.Conflict)
		if k.Count("select count(*) from correction_file") != 0 {
			t.Error("its documents are kept")
		}
	})
}
