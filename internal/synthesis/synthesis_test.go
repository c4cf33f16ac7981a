package synthesis_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/synthesis"
)

func TestMain(m *testing.M) { dbtest.Main(m, 20) }

var (
	ctx  = context.Background()
	lead = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1, Name: "Lead"}, Roles: []account.Role{account.Lead}}
	olu  = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1, Name: "Officer"}, Roles: []account.Role{account.Officer}}
)

// desk is the room with contributions around it.
type desk struct {
	*synthesis.Service
	k    *contributiontest.Kit
	docs *document.Service
	t    *testing.T
}

// closed lets documents be commented at any time.
func each(t *testing.T, fn func(t *testing.T, d desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock := clocktest.At(time.Date(2017, 8, 20, 10, 0, 0, 0, time.UTC))
		k := contributiontest.New(t, d, clock.Now)
		k.Exec("insert into account (email, name, created_at) values ('lead@example.org', 'Lead', ?)", clock.Now())
		bundle := i18ntest.Bundle(t)
		docs := document.New(document.Deps{DB: d, Now: clock.Now, Locales: bundle.Tags()})
		cycles := cycle.New(cycle.Deps{DB: d, Now: clock.Now})
		s := synthesis.New(synthesis.Deps{
			DB: d, Now: clock.Now, Cycles: adapt.SynthesisCycles{Service: cycles}, Questions: outlines{}, Documents: adapt.Outputs{Service: docs},
			Words: adapt.SynthesisWords(bundle), PublicURL: contributiontest.PublicURL,
		})
		k.Excerpts = s
		fn(t, desk{s, k, docs, t})
	})
}

// outlines is the kit's questionnaire.
type outlines struct{}

func (outlines) Outline(context.Context, int64, string) (synthesis.Outline, error) {
	return synthesis.Outline{Locale: "en", Questions: []synthesis.Question{
		{ID: "q1", Text: "How does good cybersecurity contribute?", Places: []synthesis.Place{{Key: "q1", Kind: synthesis.Whole}}},
		{ID: "q3", Text: "Do you see policy options?", Places: []synthesis.Place{{Key: "q3a", Kind: synthesis.Item}, {Key: "q3b", Kind: synthesis.Item}}},
	}}, nil
}

// contribute hands in answers; consent publishes them at once.
func (d desk) contribute(name string, consent bool, answers contribution.Answers) (contribution.Contribution, string) {
	d.t.Helper()
	token := d.k.Respond(d.k.Contact(name, "en"))
	_, err := d.k.Save(ctx, account.Nobody("r"), token, contribution.Entry{Answers: answers, Consent: &consent})
	ok(d.t, err)
	c, err := d.k.Submit(ctx, account.Nobody("r"), token)
	ok(d.t, err)
	return c, token
}

func (d desk) mark(c contribution.Contribution, question, words string, tags ...string) synthesis.Excerpt {
	d.t.Helper()
	e, err := d.Mark(ctx, lead, synthesis.Marking{ContributionID: c.ID, Question: question, Words: words, Tags: tags})
	ok(d.t, err)
	return e
}

func (d desk) write(section, text string, of ...synthesis.Excerpt) synthesis.Paragraph {
	d.t.Helper()
	w := synthesis.Wording{CycleID: d.k.CycleID, Section: section, Text: text}
	for _, e := range of {
		w.Excerpts = append(w.Excerpts, e.ID)
	}
	p, err := d.Write(ctx, lead, w)
	ok(d.t, err)
	return p
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, what string, err error, code errs.Code) {
	t.Helper()
	if !errs.Is(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestFromAnswersToTheDraft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		marta, _ := d.contribute("Marta", true, contribution.Answers{"q1": "Trust grows. Trade follows.", "q3a": "Filter at the edge."})
		secret, _ := d.contribute("Secret Ministry", false, contribution.Answers{"q1": "We were attacked in May."})

		m, err := d.Matrix(ctx, lead, d.k.CycleID)
		ok(t, err)
		if m.Total != 2 || m.Cells["q1"]["civil_society"].Answers != 2 || m.Cells["q3a"]["civil_society"].Answers != 1 || m.Contributions["government"] != 0 {
			t.Errorf("matrix %+v", m)
		}
		trust := d.mark(marta, "q1", "Trust  grows.", "Trust", "trust")
		attack := d.mark(secret, "q1", "attacked in May")
		if trust.Quote != "Trust grows." || trust.Start != 0 || len(trust.Tags) != 1 {
			t.Errorf("marked %+v", trust)
		}
		if again := d.mark(marta, "q1", "Trust grows.", "growth"); again.ID != trust.ID || len(again.Tags) != 2 {
			t.Errorf("marked twice: %+v", again)
		}
		found, _, err := d.Excerpts(ctx, lead, synthesis.ExcerptFilter{CycleID: d.k.CycleID, Tag: "trust"})
		if err != nil || len(found) != 1 || found[0].Source.Name != "Marta" || found[0].Changed {
			t.Errorf("found %+v, %v", found, err)
		}
		answers, next, err := d.Answers(ctx, lead, synthesis.AnswerFilter{CycleID: d.k.CycleID, Question: "q1"})
		if err != nil || next != 0 || len(answers) != 2 || len(answers[0].Excerpts) != 1 {
			t.Errorf("side by side %+v %d, %v", answers, next, err)
		}

		d.write("q1", "Security *builds* trust.", trust, attack)
		draft, err := d.Draft(ctx, lead, d.k.CycleID)
		ok(t, err)
		cites := draft.Sections[1].Paragraphs[0].Cites
		if len(cites) != 2 || cites[0].Source != 1 || cites[0].Label != "Marta" || cites[1].Quote != "" || cites[1].Source != 0 {
			t.Errorf("cites %+v", cites)
		}
		var md, docx bytes.Buffer
		ok(t, draft.WriteMarkdown(&md))
		ok(t, draft.WriteWord(&docx, time.Date(2017, 9, 16, 0, 0, 0, 0, time.UTC)))
		text := wordText(t, docx.Bytes())
		for what, all := range map[string]string{"Markdown": md.String(), "Word": text} {
			if !strings.Contains(all, "trust") || !strings.Contains(all, "Trust grows") || !strings.Contains(all, "/calls/bpf-2017/contributions/1") {
				t.Errorf("%s lacks something: %s", what, all)
			}
			for _, leak := range []string{"attacked", "Ministry"} {
				if strings.Contains(all, leak) {
					t.Errorf("%s leaks %q", what, leak)
				}
			}
		}
		out, err := d.Compile(ctx, lead, d.k.CycleID)
		ok(t, err)
		body := d.body(out.DocumentID)
		if !strings.Contains(body, "## How does good cybersecurity contribute?") || !strings.Contains(body, "([1](https://convoke.example.org/calls/bpf-2017/contributions/1)") || strings.Contains(body, "attacked") {
			t.Errorf("compiled: %s", body)
		}
	})
}

func TestCompilingKeepsWhatTheCommunityWrote(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		c, _ := d.contribute("Marta", true, contribution.Answers{"q1": "Trust grows. Trade follows."})
		e := d.mark(c, "q1", "Trust grows.")
		_, err := d.Compile(ctx, lead, d.k.CycleID)
		wants(t, "compiling nothing", err, errs.Conflict)
		first := d.write("q1", "First finding.", e)
		d.write("q1", "Second finding.", e)
		out, err := d.Compile(ctx, lead, d.k.CycleID)
		ok(t, err)
		edit := func(from, to string) {
			t.Helper()
			detail, err := d.docs.Get(ctx, olu, out.DocumentID)
			ok(t, err)
			text := d.body(out.DocumentID)
			if !strings.Contains(text, from) {
				t.Fatalf("%q is not in %s", from, text)
			}
			_, err = d.docs.Edit(ctx, olu, out.DocumentID, detail.Revision.Number, document.Changes{
				Content: document.Message{Subject: "The title", Body: strings.Replace(text, from, to, 1)},
			})
			ok(t, err)
		}
		edit("Second finding.", "Second finding, agreed.")
		first, err = d.Write(ctx, lead, synthesis.Wording{ID: first.ID, Base: first.Version, Text: "First finding, anew.", Excerpts: []int64{e.ID}})
		ok(t, err)
		for range 2 { // the second time changes nothing
			_, err = d.Compile(ctx, lead, d.k.CycleID)
			ok(t, err)
			body := d.body(out.DocumentID)
			if !strings.Contains(body, "First finding, anew.") || !strings.Contains(body, "Second finding, agreed.") || strings.Count(body, "finding") != 2 {
				t.Fatalf("after compiling again: %s", body)
			}
		}
		edit("First finding, anew.", "First finding, by the community.")
		_, err = d.Write(ctx, lead, synthesis.Wording{ID: first.ID, Base: first.Version, Text: "First finding, otherwise.", Excerpts: []int64{e.ID}})
		ok(t, err)
		_, err = d.Compile(ctx, lead, d.k.CycleID)
		wants(t, "both changed the same words", err, errs.Conflict)
		if body := d.body(out.DocumentID); !strings.Contains(body, "by the community") {
			t.Errorf("overwritten: %s", body)
		}
	})
}

func (d desk) body(documentID int64) string {
	d.t.Helper()
	detail, err := d.docs.Get(ctx, olu, documentID)
	ok(d.t, err)
	return detail.Message.Body
}

func TestWithdrawnWordsAreForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		c, token := d.contribute("Marta", true, contribution.Answers{"q1": "Trust grows."})
		e := d.mark(c, "q1", "Trust grows.", "trust")
		p := d.write("q1", "A finding.", e)
		_, err := d.k.Withdraw(ctx, account.Nobody("r"), token)
		ok(t, err)
		if n := d.k.Count("select count(*) from excerpt where quote <> '' or note <> ''"); n != 0 {
			t.Error("the words are still there")
		}
		draft, err := d.Draft(ctx, lead, d.k.CycleID)
		if err != nil || len(draft.Problems) != 1 || draft.Problems[0] != (synthesis.Problem{Paragraph: p.ID, Number: 1, Kind: synthesis.CitesWithdrawn}) || len(draft.Sources) != 0 {
			t.Errorf("draft %+v, %v", draft, err)
		}
		_, err = d.Compile(ctx, lead, d.k.CycleID)
		wants(t, "compiling what was withdrawn", err, errs.Conflict)
		if n := d.k.Count("select count(*) from broken_citation where cycle_id = ? and paragraph_id = ?", d.k.CycleID, p.ID); n != 1 {
			t.Errorf("%d paragraphs wait for a decision", n)
		}
		wants(t, "tagging what was withdrawn", d.Retag(ctx, lead, e.ID, []string{"x"}, ""), errs.Conflict)
		wants(t, "removing what is cited", d.Unmark(ctx, lead, e.ID), errs.Conflict)
		ok(t, d.Strike(ctx, lead, p.ID))
		ok(t, d.Unmark(ctx, lead, e.ID))
		_, err = d.Mark(ctx, lead, synthesis.Marking{ContributionID: c.ID, Question: "q1", Words: "Trust"})
		wants(t, "marking what was withdrawn", err, errs.NotFound)
	})
}

// Words that an author took back before anybody could read them are not in what is made of the draft, once the rest is published.
func TestWordsThatWereNeverPublishedAreInNoFile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		c, token := d.contribute("Marta", false, contribution.Answers{"q1": "The password is swordfish. Trust grows."})
		d.write("q1", "A finding.", d.mark(c, "q1", "The password is swordfish."), d.mark(c, "q1", "Trust grows."))
		yes := true
		_, err := d.k.Save(ctx, account.Nobody("r"), token, contribution.Entry{Answers: contribution.Answers{"q1": "Trust grows."}, Consent: &yes})
		ok(t, err)
		_, err = d.k.Publish(ctx, olu, c.ID)
		ok(t, err)
		draft, err := d.Draft(ctx, lead, d.k.CycleID)
		ok(t, err)
		var md, docx strings.Builder
		ok(t, draft.WriteMarkdown(&md))
		ok(t, draft.WriteWord(&docx, time.Now()))
		asJSON, err := json.Marshal(draft)
		ok(t, err)
		for kind, text := range map[string]string{"Markdown": md.String(), "JSON": string(asJSON)} {
			if strings.Contains(text, "swordfish") || !strings.Contains(text, "Trust grows") || !strings.Contains(text, "Marta") {
				t.Errorf("%s: %s", kind, text)
			}
		}
		if cites := draft.Sections[1].Paragraphs[0].Cites; len(cites) != 2 || cites[0].Quote != "" || cites[0].Source == 0 {
			t.Errorf("cites %+v", cites)
		}
	})
}

func TestWhatCannotBeMarkedOrWritten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		c, token := d.contribute("Marta", false, contribution.Answers{"q1": "Trust grows."})
		for what, m := range map[string]synthesis.Marking{
			"other words": {Words: "Trust shrinks"}, "nothing": {}, "outside": {Start: 90, End: 95}, "backwards": {Start: 5, End: 2},
			"a long note": {Words: "Trust", Note: strings.Repeat("x", 2000)}, "a long tag": {Words: "Trust", Tags: []string{strings.Repeat("x", 99)}},
		} {
			m.ContributionID, m.Question = c.ID, "q1"
			_, err := d.Mark(ctx, lead, m)
			wants(t, what, err, errs.Invalid)
		}
		e := d.mark(c, "q1", "Trust grows.")
		for what, w := range map[string]synthesis.Wording{
			"nothing": {Text: " "}, "a heading": {Text: "# Findings"}, "another section": {Text: "x", Section: "q9"}, "an unknown excerpt": {Text: "x", Excerpts: []int64{e.ID + 9}},
		} {
			w.CycleID = d.k.CycleID
			if w.Section == "" {
				w.Section = "q1"
			}
			_, err := d.Write(ctx, lead, w)
			wants(t, what, err, errs.Invalid)
		}
		d.write("q1", "Rests on nothing.")
		p := d.write("q1", "Rests on words.", e)
		_, err := d.Write(ctx, lead, synthesis.Wording{ID: p.ID, Base: 0, Text: "Overwritten unseen."})
		wants(t, "an old version", err, errs.Conflict)
		_, err = d.k.Save(ctx, account.Nobody("r"), token, contribution.Entry{Answers: contribution.Answers{"q1": "Trust shrinks."}})
		ok(t, err)
		draft, err := d.Draft(ctx, lead, d.k.CycleID)
		ok(t, err)
		if got := fmt.Sprint(draft.Problems); got != fmt.Sprint([]synthesis.Problem{{Paragraph: p.ID - 1, Number: 1, Kind: synthesis.CitesNothing}, {Paragraph: p.ID, Number: 2, Kind: synthesis.WordsChanged}}) {
			t.Errorf("problems %s", got)
		}
		volunteer := account.Actor{Who: lead.Who, Roles: []account.Role{account.Volunteer}}
		_, err = d.Mark(ctx, volunteer, synthesis.Marking{ContributionID: c.ID, Question: "q1", Words: "Trust"})
		wants(t, "a volunteer", err, errs.Forbidden)
		_, err = d.Matrix(ctx, volunteer, d.k.CycleID)
		wants(t, "a volunteer", err, errs.Forbidden)
	})
}

func TestParagraphsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		c, _ := d.contribute("Marta", true, contribution.Answers{"q1": "Trust grows."})
		e := d.mark(c, "q1", "Trust grows.")
		var done sync.WaitGroup
		var failed error
		var lock sync.Mutex
		for i := range 8 {
			done.Go(func() {
				_, err := d.Write(ctx, lead, synthesis.Wording{CycleID: d.k.CycleID, Section: "q1", Text: fmt.Sprint("p", i), Excerpts: []int64{e.ID}})
				lock.Lock()
				failed = errors.Join(failed, err)
				lock.Unlock()
			})
		}
		done.Wait()
		ok(t, failed)
		if n := d.k.Count("select count(distinct position) from synthesis_paragraph"); n != 8 {
			t.Errorf("%d places for 8 paragraphs", n)
		}
		order := func() (ids []int64) {
			draft, err := d.Draft(ctx, lead, d.k.CycleID)
			ok(t, err)
			for _, p := range draft.Sections[1].Paragraphs {
				ids = append(ids, p.ID)
			}
			return ids
		}
		was := order()
		ok(t, d.Shift(ctx, lead, was[0], true)) // is first already
		ok(t, d.Shift(ctx, lead, was[7], true))
		was[6], was[7] = was[7], was[6]
		if got := order(); fmt.Sprint(got) != fmt.Sprint(was) {
			t.Errorf("order %v, want %v", got, was)
		}
	})
}

// wordText reads all XML of a docx, which must be well formed, and gives its text and the addresses of its links.
func wordText(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	ok(t, err)
	var b strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		ok(t, err)
		dec := xml.NewDecoder(r)
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			ok(t, err)
			switch x := token.(type) {
			case xml.CharData:
				b.Write(x)
			case xml.StartElement:
				for _, a := range x.Attr {
					if a.Name.Local == "Target" {
						b.WriteString(a.Value + "\n")
					}
				}
			}
		}
		ok(t, r.Close())
	}
	return b.String()
}

func TestDocumentsAreReadLikeAnswers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		token := d.k.Respond(d.k.Contact("Marta", "en"))
		for name, text := range map[string]string{"one.txt": "Ships need patches.", "two.md": "# Ports\n\nPorts need locks."} {
			_, err := d.k.Attach(ctx, account.Nobody("r"), token, contribution.Upload{Name: name, Content: strings.NewReader(text), Size: int64(len(text))})
			ok(t, err)
		}
		c, err := d.k.Submit(ctx, account.Nobody("r"), token)
		ok(t, err)
		e := d.mark(c, synthesis.Files, "Ports need locks.")
		m, err := d.Matrix(ctx, lead, d.k.CycleID)
		if err != nil || m.Cells[synthesis.Files]["civil_society"] != (synthesis.Cell{Answers: 1, Excerpts: 1}) {
			t.Errorf("matrix %+v, %v", m, err)
		}
		if _, err = d.k.Withdraw(ctx, account.Nobody("r"), token); err != nil {
			t.Fatal(err)
		}
		found, err := d.Excerpt(ctx, lead, e.ID)
		if err != nil || found.Quote != "" || found.WithdrawnAt == nil {
			t.Errorf("after the withdrawal: %+v, %v", found, err)
		}
	})
}
