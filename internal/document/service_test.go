package document_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// house is a cycle with the people who work on its texts.

// approved is the message with its Spanish translation approved.

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
		mail, err := h.Mail(h.ctx, r.ID, "es", "")
		h.must(err)
		if mail.Subject != "Llamado a contribuciones" || !strings.Contains(mail.HTML, `<a href="{{personal_link}}">`) ||
			!strings.Contains(mail.Text, "responda:\n{{personal_link}}") || strings.Contains(mail.Text, "please") {
			t.Errorf("mail %+v", mail)
		}
		if _, err := h.Mail(h.ctx, r.ID, "ar", ""); !errs.Is(err, errs.Conflict) {
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
		"list": second(h.List(h.ctx, nobody, h.cycleID)), "get": second(h.Get(h.ctx, nobody, doc.ID)), "preview": second(h.Preview(h.ctx, nobody, doc.ID, "en", "", nil)),
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

func TestPreviewIsInOneLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p1": "Hola {{contact}}:"})
	h.must(err)
	m, err := h.Preview(h.ctx, h.volunteer, doc.ID, "es", "", map[string]string{"contact": "Ana & Co <x>"})
	h.must(err)
	if m.Subject != "…" || !strings.HasPrefix(m.Text, "Hola Ana & Co <x>:") || !strings.Contains(m.HTML, "Ana &amp; Co &lt;x&gt;") || strings.Contains(m.Text, "Thank") {
		t.Errorf("preview %+v", m)
	}
}

// Whatever editors and translators do in whatever order, a translation that counts as approved

// is whole and made from the wording that it stands beside.
