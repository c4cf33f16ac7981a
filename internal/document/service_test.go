package document_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

var now = time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)

// house is a cycle with the people who work on its texts.
type house struct {
	*document.Service
	t          testing.TB
	ctx        context.Context
	db         *db.DB
	cycleID    int64
	officer    account.Actor
	translator account.Actor
	reviewer   account.Actor
	volunteer  account.Actor
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	clock := func() time.Time { return now }
	accounts := account.New(account.Deps{DB: d, Now: clock, Normalize: func(s string) (string, error) { return s, nil }})
	h := &house{t: t, ctx: context.Background(), db: d}
	actor := func(name string, role account.Role) account.Actor {
		a, err := accounts.Add(h.ctx, audit.System("test"), account.Account{Email: name + "@example.org", Name: name}, role)
		h.must(err)
		made, err := accounts.Actor(h.ctx, a, "test")
		h.must(err)
		return made
	}
	h.officer, h.translator = actor("eleonora", account.Officer), actor("alejandro", account.Translator)
	h.reviewer, h.volunteer = actor("carina", account.Translator), actor("richard", account.Volunteer)
	c, err := cycle.New(cycle.Deps{DB: d, Now: clock}).Create(h.ctx, h.officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF 2017"})
	h.must(err)
	h.cycleID = c.ID
	h.Service = document.New(document.Deps{DB: d, Now: clock, Accounts: accounts, Locales: []string{"en", "es", "ar"}})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

const body = "Dear {{contact}},\n\nplease read https://www.example.org/call and answer: {{personal_link}}\n\nThank you."

func (h *house) message() document.Document {
	h.t.Helper()
	d, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "message", "en", document.Message{Subject: "Call for contributions", Body: body})
	h.must(err)
	return d
}

func spanish() map[string]string {
	return map[string]string{
		"subject": "Llamado a contribuciones", "p1": "Hola {{contact}}:",
		"p2": "lea https://www.example.org/call y responda: {{personal_link}}", "p3": "Gracias.",
	}
}

// approved is the message with its Spanish translation approved.
func (h *house) approved() (document.Document, document.Translation) {
	h.t.Helper()
	d := h.message()
	tr, err := h.Claim(h.ctx, h.translator, d.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
	h.must(err)
	_, err = h.Submit(h.ctx, h.translator, tr.ID)
	h.must(err)
	tr, err = h.Approve(h.ctx, h.reviewer, tr.ID)
	h.must(err)
	return d, tr
}

func (h *house) actions(object string) []string {
	h.t.Helper()
	events, err := audit.NewTrail(h.db).List(h.ctx, audit.Filter{ObjectKind: object, Limit: 100})
	h.must(err)
	var names []string
	for _, e := range events {
		names = append(names, e.Action)
	}
	slices.Reverse(names)
	return names
}

func (h *house) status(documentID int64, locale string) document.TranslationStatus {
	h.t.Helper()
	detail, err := h.Get(h.ctx, h.officer, documentID)
	h.must(err)
	for _, tr := range detail.Translations {
		if tr.Locale == locale {
			return tr
		}
	}
	h.t.Fatalf("no %s", locale)
	return document.TranslationStatus{}
}

func TestFromDraftToSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		r, err := h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		if _, err := h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Segments: map[string]string{"p3": "x"}}); !errs.Is(err, errs.Conflict) {
			t.Errorf("a frozen revision was edited: %v", err)
		}
		locales, err := h.ApprovedLocales(h.ctx, r.ID)
		h.must(err)
		if !slices.Equal(locales, []string{"en", "es"}) {
			t.Errorf("approved in %q", locales)
		}
		mail, err := h.Mail(h.ctx, r.ID, "es")
		h.must(err)
		if mail.Subject != "Llamado a contribuciones" || !strings.Contains(mail.HTML, `<a href="{{personal_link}}">`) ||
			!strings.Contains(mail.Text, "responda: {{personal_link}}") || strings.Contains(mail.Text, "please") {
			t.Errorf("mail %+v", mail)
		}
		if _, err := h.Mail(h.ctx, r.ID, "ar"); !errs.Is(err, errs.Conflict) {
			t.Errorf("a mail in a language that is not there: %v", err)
		}
		h.must(d.Write(h.ctx, func(tx *db.Tx) error { return h.MarkSent(tx, h.officer.Who, r.ID, r.ID) }))
		if _, err := h.Reopen(h.ctx, h.officer, doc.ID, "  "); !errs.Is(err, errs.Invalid) {
			t.Errorf("reopened without a reason: %v", err)
		}
		next, err := h.Reopen(h.ctx, h.officer, doc.ID, "A wrong date")
		h.must(err)
		if held, err := h.FrozenRevision(h.ctx, doc.ID); err != nil || held.ID != r.ID || held.State != document.Sent {
			t.Errorf("readers hold %+v: %v", held, err)
		}
		if next.Number != 2 || next.State != document.OpenForComment || h.status(doc.ID, "es").State != document.Approved {
			t.Errorf("reopened as %+v, Spanish %+v", next, h.status(doc.ID, "es"))
		}
		want := []string{"document.created", "document.frozen", "document.sent", "document.reopened"}
		if got := h.actions("document"); !slices.Equal(got, want) {
			t.Errorf("trail %q, want %q", got, want)
		}
		want = []string{"translation.claimed", "translation.saved", "translation.submitted", "translation.approved"}
		if got := h.actions("translation"); !slices.Equal(got, want) {
			t.Errorf("trail %q, want %q", got, want)
		}
	})
}

func TestAnEditOfTheSourceMakesTranslationsStale(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.approved()
		r, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.Message{
			Subject: "Call for contributions", Body: strings.Replace(body, "Thank you.", "Thank you very much.", 1) + "\n\nP.S. Be brief.",
		}})
		h.must(err)
		st := h.status(doc.ID, "es")
		if st.State != document.Stale || st.Stale != 1 || st.Done != 3 || st.Total != 5 {
			t.Fatalf("Spanish is %+v", st)
		}
		if locales, err := h.ApprovedLocales(h.ctx, r.ID); err != nil || !slices.Equal(locales, []string{"en"}) {
			t.Errorf("approved in %q: %v", locales, err)
		}
		if locales, err := h.ApprovedLocales(h.ctx, tr.RevisionID); err != nil || !slices.Equal(locales, []string{"en", "es"}) {
			t.Errorf("the revision before is approved in %q: %v", locales, err)
		}
		sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
		h.must(err)
		if sheet.Translation.ID != st.ID {
			t.Errorf("the old id shows translation %d, want %d", sheet.Translation.ID, st.ID)
		}
		var added string
		for _, line := range sheet.Lines {
			for _, c := range line.Changes {
				if c.Kind == document.Added {
					added += line.Key + c.Text
				}
			}
		}
		if added != "p3 very much" {
			t.Errorf("the difference is %q", added)
		}
		// The same translator mends it, and submits in vain before.
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p4": "P. D. Sea breve."})
		h.must(err)
		_, err = h.Submit(h.ctx, h.translator, tr.ID)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "p3" || f[0].Key != "document.translation.problem.stale" {
			t.Errorf("submitted with a stale passage: %v", err)
		}
		_, err = h.Save(h.ctx, h.translator, st.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		_, err = h.Submit(h.ctx, h.translator, st.ID)
		h.must(err)
		_, err = h.SendBack(h.ctx, h.reviewer, st.ID, "p4: más corto")
		h.must(err)
		_, err = h.Submit(h.ctx, h.translator, st.ID)
		h.must(err)
		_, err = h.Approve(h.ctx, h.reviewer, st.ID)
		h.must(err)
		if got := h.actions("translation"); !slices.Contains(got, "translation.stale") || !slices.Contains(got, "translation.sent_back") {
			t.Errorf("trail %q", got)
		}
	})
}

func TestWordsTypedForAnOlderWordingAreKeptAsStale(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": "Many thanks."}})
		h.must(err)
		saved, err := h.Save(h.ctx, h.translator, tr.ID, spanish())
		h.must(err)
		sheet, err := h.Sheet(h.ctx, h.translator, saved.ID)
		h.must(err)
		for _, line := range sheet.Lines {
			if line.Translation != spanish()[line.Key] || line.Stale != (line.Key == "p3") {
				t.Errorf("%s: %q, stale %v", line.Key, line.Translation, line.Stale)
			}
		}
	})
}

func TestTwoEditorsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		const editors = 6
		failures := make([]error, editors)
		var wg sync.WaitGroup
		for i := range editors {
			wg.Go(func() {
				r, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": strings.Repeat("x", i+1)}})
				if err != nil && r.Number != 2 {
					t.Errorf("the conflict shows revision %d", r.Number)
				}
				failures[i] = err
			})
		}
		wg.Wait()
		refused := 0
		for _, err := range failures {
			switch {
			case errs.Is(err, errs.Conflict):
				refused++
			case err != nil:
				t.Error(err)
			}
		}
		if r, err := h.CurrentRevision(h.ctx, doc.ID); err != nil || r.Number != 2 || refused != editors-1 {
			t.Errorf("%d refused, now at revision %d: %v", refused, r.Number, err)
		}
	})
}

func TestTwoTranslatorsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		results := make([]error, 2)
		var wg sync.WaitGroup
		for i, who := range []account.Actor{h.translator, h.reviewer} {
			wg.Go(func() { _, results[i] = h.Claim(h.ctx, who, doc.ID, "es") })
		}
		wg.Wait()
		loser := results[0]
		if loser == nil {
			loser = results[1]
		}
		holder := h.status(doc.ID, "es").Translator
		e := errs.Find(loser)
		if (results[0] == nil) == (results[1] == nil) || !errs.Is(loser, errs.Conflict) || e.Args["Name"] != holder || holder == "" {
			t.Errorf("%v and %v; held by %q", results[0], results[1], holder)
		}
	})
}

func TestTheTwoLinksOf2017(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ref, err := geo.Load()
		h.must(err)
		def, err := document.ParseQuestionnaire(ref.Questionnaire())
		h.must(err)
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "questionnaire", "en", def)
		h.must(err)
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"title": "Cuestionario"})
		h.must(err)
		_, err = h.Freeze(h.ctx, h.officer, doc.ID)
		var names []string
		for _, f := range errs.FieldsOf(err) {
			names = append(names, f.Name)
		}
		if !errs.Is(err, errs.Invalid) || !slices.Equal(names, []string{"reading.3.url", "reading.4.url"}) {
			t.Fatalf("freezing is refused for %q: %v", names, err)
		}
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{
			Segments: map[string]string{"reading.3.url": "https://www.example.org/one"},
		})
		h.must(err)
		if done := h.actions("document"); slices.Contains(done, "document.completed") {
			t.Errorf("one link is still empty, but the trail says %q", done)
		}
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 2, document.Changes{
			Segments:   map[string]string{"reading.4.url": "https://www.example.org/two"},
			AddReading: []document.Link{{Title: "Meeting summaries", URL: "https://www.example.org/summaries"}},
		})
		h.must(err)
		if done := h.actions("document"); done[len(done)-1] != "document.completed" {
			t.Errorf("the last link is there, but the trail says %q", done)
		}
		if st := h.status(doc.ID, "es"); st.Stale != 0 || st.Done != 1 || st.State != document.Draft {
			t.Errorf("an address made Spanish stale: %+v", st)
		}
		r, err := h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		q, err := h.Questionnaire(h.ctx, r.ID, "es")
		h.must(err)
		if q.Locale != "en" || !q.Fallback || q.Title == "Cuestionario" || len(q.Reading) != 5 || q.Reading[4].URL != "https://www.example.org/summaries" {
			t.Errorf("got %+v", q)
		}
	})
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	nobody := account.Nobody("")
	for name, err := range map[string]error{
		"create": second(h.Create(h.ctx, h.translator, h.cycleID, document.Mailing, "x", "en", document.Message{Subject: "s", Body: "b"})),
		"edit":   second(h.Edit(h.ctx, h.volunteer, doc.ID, 1, document.Changes{})),
		"freeze": second(h.Freeze(h.ctx, h.translator, doc.ID)),
		"reopen": second(h.Reopen(h.ctx, h.volunteer, doc.ID, "why")),
		"claim":  second(h.Claim(h.ctx, h.volunteer, doc.ID, "es")),
	} {
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"list": second(h.List(h.ctx, nobody, h.cycleID)), "get": second(h.Get(h.ctx, nobody, doc.ID)), "preview": second(h.Preview(h.ctx, nobody, doc.ID, "en", nil)),
	} {
		if !errs.Is(err, errs.Unauthorized) {
			t.Errorf("%s by nobody: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestBadInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
	h.must(err)
	long := strings.Repeat("x", 100_001)
	for name, c := range map[string]struct {
		err   error
		code  errs.Code
		field string
	}{
		"slug taken":      {second(h.Create(h.ctx, h.officer, h.cycleID, document.Call, "message", "en", document.Message{Subject: "s", Body: "b"})), errs.Conflict, ""},
		"slug":            {second(h.Create(h.ctx, h.officer, h.cycleID, document.Call, "A b", "en", document.Message{Subject: "s", Body: "b"})), errs.Invalid, "slug"},
		"language":        {second(h.Create(h.ctx, h.officer, h.cycleID, document.Call, "a", "klingon!", document.Message{Subject: "s", Body: "b"})), errs.Invalid, "source_language"},
		"kind":            {second(h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "a", "en", document.Message{Subject: "s", Body: "b"})), errs.Invalid, "kind"},
		"no content":      {second(h.Create(h.ctx, h.officer, h.cycleID, document.Call, "a", "en", nil)), errs.Invalid, "kind"},
		"no subject":      {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.Message{Body: "b"}})), errs.Invalid, "subject"},
		"no body":         {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.Message{Subject: "b"}})), errs.Invalid, "body"},
		"a huge body":     {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.Message{Subject: "b", Body: long}})), errs.Invalid, "body"},
		"a huge passage":  {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p1": long}})), errs.Invalid, "p1"},
		"a huge block":    {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.Message{Subject: "b", Body: long[:10_001]}})), errs.Invalid, "body"},
		"many passages":   {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.Message{Subject: "b", Body: strings.Repeat("x\n\n", 501)}})), errs.Invalid, "body"},
		"unknown passage": {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p9": "x"}})), errs.Invalid, "p9"},
		"unknown line":    {second(h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p9": "x"})), errs.Invalid, "p9"},
		"a huge line":     {second(h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p1": long})), errs.Invalid, "p1"},
		"own language":    {second(h.Claim(h.ctx, h.translator, doc.ID, "en")), errs.Invalid, "locale"},
		"no language":     {second(h.Claim(h.ctx, h.translator, doc.ID, "no way")), errs.Invalid, "locale"},
		"no document":     {second(h.Get(h.ctx, h.officer, 999)), errs.NotFound, ""},
		"no translation":  {second(h.Sheet(h.ctx, h.translator, 999)), errs.NotFound, ""},
	} {
		f := errs.FieldsOf(c.err)
		if !errs.Is(c.err, c.code) || (c.field != "" && (len(f) == 0 || f[0].Name != c.field)) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

func TestSubmittingTellsEveryPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
	h.must(err)
	if _, err := h.Submit(h.ctx, h.translator, tr.ID); !errs.Is(err, errs.Conflict) {
		t.Errorf("submitted before anything was saved: %v", err)
	}
	_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"subject": "S", "p1": "Hola {{contacto}}:", "p2": "lea https://otra.example.org {{personal_link}} {{"})
	h.must(err)
	_, err = h.Submit(h.ctx, h.translator, tr.ID)
	var got []string
	for _, f := range errs.FieldsOf(err) {
		got = append(got, f.Name+" "+strings.TrimPrefix(f.Key, "document.translation.problem."))
	}
	want := []string{"p1 field_missing", "p1 field_extra", "p2 link_missing", "p2 link_extra", "p2 unbalanced", "p3 empty"}
	if !slices.Equal(got, want) {
		t.Errorf("places %q, want %q", got, want)
	}
}

func TestPreviewIsInOneLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p1": "Hola {{contact}}:"})
	h.must(err)
	m, err := h.Preview(h.ctx, h.volunteer, doc.ID, "es", map[string]string{"contact": "Ana & Co <x>"})
	h.must(err)
	if m.Subject != "…" || !strings.HasPrefix(m.Text, "Hola Ana & Co <x>:") || !strings.Contains(m.HTML, "Ana &amp; Co &lt;x&gt;") || strings.Contains(m.Text, "Thank") {
		t.Errorf("preview %+v", m)
	}
}

// Whatever editors and translators do in whatever order, a translation that counts as approved
// is whole and made from the wording that it stands beside.
func TestApprovedMeansCurrent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			if run++; run > 8 {
				return // each run writes a lot; eight random walks on each database are enough
			}
			doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "m"+strings.Repeat("x", run), "en", document.Message{Subject: "s", Body: "one\n\ntwo\n\nthree"})
			if err != nil {
				t.Fatal(err)
			}
			var id int64
			for range 25 {
				r, err := h.CurrentRevision(h.ctx, doc.ID)
				if err != nil {
					t.Fatal(err)
				}
				switch rapid.SampledFrom([]string{
					"edit", "claim", "save", "save", "submit", "submit", "approve", "approve", "approve", "back", "freeze", "reopen",
				}).Draw(t, "step") {
				case "edit":
					text := rapid.SampledFrom([]string{"one\n\ntwo\n\nthree", "one\n\nTWO\n\nthree", "one\n\nthree", "zero\n\none\n\ntwo"}).Draw(t, "body")
					_, _ = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Content: document.Message{Subject: "s", Body: text}})
				case "claim":
					if tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es"); err == nil {
						id = tr.ID
					}
				case "save":
					sheet, err := h.Sheet(h.ctx, h.translator, id)
					if err != nil {
						continue
					}
					texts := map[string]string{}
					for _, l := range sheet.Lines {
						texts[l.Key] = "es:" + l.Text
					}
					_, _ = h.Save(h.ctx, h.translator, sheet.Translation.ID, texts)
				case "submit":
					_, _ = h.Submit(h.ctx, h.translator, id)
				case "approve":
					_, _ = h.Approve(h.ctx, h.reviewer, id)
				case "back":
					_, _ = h.SendBack(h.ctx, h.reviewer, id, "again")
				case "freeze":
					_, _ = h.Freeze(h.ctx, h.officer, doc.ID)
				case "reopen":
					_, _ = h.Reopen(h.ctx, h.officer, doc.ID, "again")
				}
				sheet, err := h.Sheet(h.ctx, h.translator, id)
				if err != nil || sheet.Translation.State != document.Approved {
					continue
				}
				for _, l := range sheet.Lines {
					if l.Stale || l.Translation != "es:"+l.Text {
						t.Fatalf("approved, but %s is %q for %q", l.Key, l.Translation, l.Text)
					}
				}
			}
		})
	})
}
