package contribution_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
)

func upload(name, content string) contribution.Upload {
	return contribution.Upload{Name: name, Content: strings.NewReader(content), Size: int64(len(content))}
}

const rtf = `{\rtf1\ansi{\info{\author Zenobia}}Una p\'e1gina sobre https://example.org/x.\par}`

func TestADocumentAloneIsAContribution(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		token := k.Respond(k.Contact("María", "es"))
		f, err := k.Attach(ctx, nobody, token, upload(`C:\Users\maria\../Posición\u202e.doc`, rtf))
		ok(t, err)
		if f.Kind != extract.RTF || f.Position != 1 || strings.ContainsAny(f.Name, `\/:`) || !strings.HasSuffix(f.Name, ".rtf") {
			t.Errorf("attached %+v", f)
		}
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Consent: yes()})
		ok(t, err)
		got, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		if got.State != contribution.Published {
			t.Fatalf("state %s", got.State)
		}
		p, err := k.PublishedOne(ctx, k.CycleID, *got.PublicNumber)
		ok(t, err)
		if len(p.Files) != 1 || p.Files[0].Text != "Una página sobre https://example.org/x." || len(p.Files[0].Links) != 1 ||
			!slices.Equal(p.Files[0].Stripped, []extract.What{extract.Author}) {
			t.Errorf("published %+v", p.Files)
		}
		content, err := k.PublishedFile(ctx, k.CycleID, *got.PublicNumber, 1)
		ok(t, err)
		if text := string(content.Bytes); strings.Contains(text, "Zenobia") || !strings.HasPrefix(text, `{\rtf1`) || content.Size != len(text) {
			t.Errorf("content %q", text)
		}
		list, err := k.Published(ctx, k.CycleID, 0, 10)
		ok(t, err)
		if fs := list.Contributions[0].Files; len(fs) != 1 || fs[0].Text != "" || fs[0].Name == "" {
			t.Errorf("listed %+v", fs)
		}
		_, err = k.Attach(ctx, nobody, token, upload("more.txt", "more"))
		wants(t, "attaching to what is published", err, errs.Conflict)
		wants(t, "detaching from it", k.Detach(ctx, nobody, token, 1), errs.Conflict)

		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		if n := k.Count("select count(*) from contribution_file where length(content) > 0 or text <> '' or name <> '' or sha256 <> '' or links <> '[]'"); n != 0 {
			t.Error("something of the document stayed after the withdrawal")
		}
		_, err = k.PublishedFile(ctx, k.CycleID, 1, 1)
		wants(t, "the document after the withdrawal", err, errs.Gone)
		_, err = k.PublishedFile(ctx, k.CycleID, 9, 1)
		wants(t, "no such contribution", err, errs.NotFound)
	})
}

func TestDocumentsAsLongAsAnswersMayBeCorrected(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("Ana", "en"))
		_, err := k.Submit(ctx, nobody, token)
		wants(t, "nothing given", err, errs.Invalid)
		for _, name := range []string{"one", "two"} {
			_, err := k.Attach(ctx, nobody, token, upload(name+".txt", "Text "+name))
			ok(t, err)
		}
		ok(t, k.Detach(ctx, nobody, token, 1))
		wants(t, "taken back twice", k.Detach(ctx, nobody, token, 1), errs.NotFound)
		if n := k.Count("select count(*) from contribution_file"); n != 1 {
			t.Errorf("a draft keeps %d rows of documents, want the one", n)
		}
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		wants(t, "nothing would stay", k.Detach(ctx, nobody, token, 2), errs.Conflict)
		id := int64(k.Count("select max(id) from contribution"))
		_, err = k.Check(ctx, officer, id)
		ok(t, err)
		_, err = k.Attach(ctx, nobody, token, upload("three.md", "# Three"))
		ok(t, err)
		if state := k.Text("select state from contribution where id = ?", id); state != "received" {
			t.Errorf("after another document it is %s: who checked it has not seen that", state)
		}
		ok(t, k.Detach(ctx, nobody, token, 2))
		_, err = k.OwnFile(ctx, token, 2)
		wants(t, "its own after it was taken back", err, errs.Gone)
		f, err := k.Attach(ctx, nobody, token, upload("four.txt", "Four"))
		ok(t, err)
		if f.Position != 4 {
			t.Errorf("number %d was given before", f.Position)
		}
		if n := k.Count("select count(*) from audit_event where action in ('contribution.file_attached', 'contribution.file_removed')"); n != 6 {
			t.Errorf("%d events, want 6", n)
		}
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Yes"}})
		ok(t, err)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": ""}})
		ok(t, err)
	})
}

func TestWhoMayAttachWhat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		token := k.Respond(k.Contact("Ana", "en"))
		pdf := "%PDF-1.7\nwhatever"
		_, err := k.Attach(ctx, nobody, token, upload("paper.pdf", pdf))
		wants(t, "a PDF by its author", err, errs.Invalid)
		if e := errs.Find(err); e == nil || e.Key != "upload.pdf" {
			t.Errorf("refused with %v", err)
		}
		if n := k.Count("select count(*) from contribution"); n != 0 {
			t.Error("a refused document began a contribution")
		}
		_, err = k.Attach(ctx, officer, "nonsense", upload("a.txt", "a"))
		wants(t, "a forged token", err, errs.NotFound)
		q := upload("a.txt", "a")
		q.Question = "q1"
		_, err = k.Attach(ctx, nobody, token, q)
		wants(t, "to a question that asks for no file", err, errs.Invalid)

		a := contribution.Arrival{
			CycleID: k.CycleID, ContactID: k.Contact("Bo", "en"), Channel: contribution.Email, ReceivedAt: c.Now().Add(-time.Hour),
			Files: []contribution.Upload{upload("paper.pdf", pdf), upload("letter.txt", "A letter")},
		}
		made, err := k.Record(ctx, officer, a)
		ok(t, err)
		files, err := k.Files(ctx, officer, made.ID)
		ok(t, err)
		if len(files) != 2 || files[0].Kind != extract.PDF || files[0].Text != "" || files[1].Text != "A letter" || *files[0].UploadedBy != 1 {
			t.Errorf("recorded %+v", files)
		}
		kept, err := k.File(ctx, officer, made.ID, 1)
		ok(t, err)
		if string(kept.Bytes) != pdf {
			t.Errorf("the PDF was changed: %q", kept.Bytes)
		}
		volunteer := account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1}, Roles: []account.Role{account.Volunteer}}
		_, err = k.File(ctx, volunteer, made.ID, 1)
		wants(t, "read by a volunteer", err, errs.Forbidden)
		_, err = k.AttachTo(ctx, volunteer, made.ID, upload("a.txt", "a"))
		wants(t, "attached by a volunteer", err, errs.Forbidden)
		_, err = k.AttachTo(ctx, officer, made.ID, upload("again.txt", "A letter"))
		wants(t, "the same twice", err, errs.Invalid)
		for _, text := range []string{"3", "4", "5"} {
			_, err = k.AttachTo(ctx, officer, made.ID, upload("n.txt", text))
			ok(t, err)
		}
		_, err = k.AttachTo(ctx, officer, made.ID, upload("n.txt", "6"))
		wants(t, "one too many", err, errs.Invalid)
		ok(t, k.DetachFrom(ctx, officer, made.ID, 5))
		_, err = k.File(ctx, officer, made.ID, 5)
		wants(t, "taken back", err, errs.Gone)
	})
}

// Of documents that are attached at once each gets its own number, and no more than the limit are taken.
func TestAttachAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("Ana", "en"))
		const n = contribution.MaxFiles + 3
		taken := make([]error, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { _, taken[i] = k.Attach(ctx, nobody, token, upload("n.txt", strings.Repeat("word ", i+1))) })
		}
		all.Wait()
		good := 0
		for _, err := range taken {
			if err == nil {
				good++
				continue
			}
			wants(t, "one too many", err, errs.Invalid)
		}
		if rows := k.Count("select count(distinct position) from contribution_file"); good != contribution.MaxFiles || rows != good {
			t.Errorf("%d taken, %d kept", good, rows)
		}
		if n := k.Count("select count(*) from contribution"); n != 1 {
			t.Errorf("%d contributions", n)
		}
	})
}

// A draft that holds nothing but a document does not give way when two contacts turn out to be one.
func TestADocumentIsNoBlankDraft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		a, b := k.Contact("Ana", "en"), k.Contact("Anna", "en")
		_, err := k.Attach(ctx, nobody, k.Respond(a), upload("a.txt", "Ana's"))
		ok(t, err)
		_, err = k.Save(ctx, nobody, k.Respond(b), contribution.Entry{Answers: contribution.Answers{"q1": "Anna's"}})
		ok(t, err)
		effects, err := contribution.Uniter{}.Foresee(k.DB.Read(ctx), a, b)
		ok(t, err)
		if len(effects) != 2 {
			t.Errorf("%v, want both named as answered", effects)
		}
	})
}
