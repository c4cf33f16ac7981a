package api_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	texts "github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

type body = map[string]any

// textsApp is the API with the questionnaire of 2017, and a path to it.
func textsApp(t *testing.T, d *db.DB) (*servertest.App, string) {
	t.Helper()
	ctx := context.Background()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	var documents *texts.Service
	var cycles *cycle.Service
	app := apitest.NewApp(t, d, func(a *servertest.App, deps *api.Deps) {
		cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
		documents = texts.New(texts.Deps{DB: a.DB, Now: a.Clock.Now, Accounts: a.Accounts, Locales: []string{"en", "es", "fr"}})
		deps.Cycles, deps.Documents = cycles, documents
	})
	officer, err := app.Accounts.Actor(ctx, app.Account("officer", account.Officer), "test")
	if err != nil {
		t.Fatal(err)
	}
	of, err := cycles.Create(ctx, officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF 2017"})
	if err != nil {
		t.Fatal(err)
	}
	def, err := texts.ParseQuestionnaire(ref.Questionnaire())
	if err != nil {
		t.Fatal(err)
	}
	made, err := documents.Create(ctx, officer, of.ID, texts.Survey, "questionnaire", "en", def)
	if err != nil {
		t.Fatal(err)
	}
	return app, fmt.Sprintf("/api/v1/documents/%d", made.ID)
}

func problemFields(t *testing.T, res servertest.Response, status int) []string {
	t.Helper()
	var p httpserver.Problem
	if err := res.Into(&p); err != nil || res.Status != status {
		t.Fatalf("%d %s: %v, want %d", res.Status, res.Body, err, status)
	}
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	return fields
}

func into[T any](t *testing.T, res servertest.Response) T {
	t.Helper()
	var v T
	if err := res.Into(&v); err != nil || res.Status != http.StatusOK {
		t.Fatalf("%d %s: %v", res.Status, res.Body, err)
	}
	return v
}

// freezeDates sets the day of freezing, and takes it back.
func freezeDates(t *testing.T, officer *servertest.Client, path string) {
	t.Helper()
	doc := into[api.DocumentDetail](t, officer.JSON("PUT", path+"/freeze-date", body{"on_date": "2100-02-28"}))
	if doc.FreezeDate == nil || doc.FreezeDate.Zone != "aoe" || doc.FreezeDate.At.Format(time.RFC3339) != "2100-03-01T12:00:00Z" {
		t.Errorf("%+v", doc.FreezeDate)
	}
	for name, test := range map[string]struct {
		given body
		want  string
	}{
		"a day that is over": {body{"on_date": "2001-01-01"}, "on_date"},
		"no day":             {body{"on_date": "soon"}, "on_date"},
		"no zone":            {body{"on_date": "2100-01-01", "zone": "Mars"}, "zone"},
	} {
		if got := problemFields(t, officer.JSON("PUT", path+"/freeze-date", test.given), 422); !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if doc := into[api.DocumentDetail](t, officer.Do("DELETE", path+"/freeze-date", "", nil)); doc.FreezeDate != nil {
		t.Errorf("%+v", doc.FreezeDate)
	}
}

// revisionsByAPI: the first edit filled two links in, the third revision is the reopened second.
func revisionsByAPI(t *testing.T, officer *servertest.Client, path string) {
	t.Helper()
	history := into[api.DocumentHistory](t, officer.Get(path+"/revisions"))
	if len(history.Revisions) != 3 || history.Revisions[0].Note != "a link moved" || history.Revisions[1].Changed != 2 || history.Revisions[1].FrozenBy != "officer" {
		t.Errorf("%+v", history.Revisions)
	}
	for _, o := range history.Origins {
		want := 1
		if o.Segment == "reading.3.url" || o.Segment == "reading.4.url" {
			want = 2
		}
		if o.Revision != want || o.Author != "officer" {
			t.Errorf("%+v", o)
		}
	}
	compared := into[api.DocumentComparison](t, officer.Get(path+"/compare?from=1&to=3"))
	if len(compared.Segments) != 2 || compared.Segments[0].State != "changed" || compared.Same != len(history.Origins)-2 {
		t.Errorf("%+v", compared)
	}
	for query, want := range map[string][]string{"?from=1&to=9": {"to"}, "?from=x": {"from", "to"}, "": {"from", "to"}} {
		if got := problemFields(t, officer.Get(path+"/compare"+query), 422); !slices.Equal(got, want) {
			t.Errorf("compare%s: %q", query, got)
		}
	}
}

func TestDocumentsByAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, path := textsApp(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		list := into[api.List[api.Document]](t, officer.Get("/api/v1/cycles/bpf-2017/documents"))
		if len(list.Items) != 1 || list.Items[0].State != "open_for_comment" || list.Items[0].Revision != 1 || list.Items[0].Problems != 2 ||
			len(list.Items[0].Translations) != 2 || list.Items[0].Translations[0] != (api.DocumentTranslation{Locale: "es", State: "missing", Total: list.Items[0].Translations[0].Total}) {
			t.Fatalf("%+v", list.Items)
		}
		if got := problemFields(t, officer.JSON("POST", path+"/freeze", nil), 422); !slices.Equal(got, []string{"reading.3.url", "reading.4.url"}) {
			t.Errorf("freezing is refused for %q", got)
		}
		edit := body{"base_revision": 1, "segments": body{"reading.3.url": "https://www.example.org/1", "reading.4.url": "https://www.example.org/2"}}
		if doc := into[api.DocumentDetail](t, officer.JSON("PATCH", path+"/segments", edit)); doc.Revision != 2 || len(doc.Places) != 0 {
			t.Errorf("%+v", doc)
		}
		if doc := into[api.DocumentDetail](t, officer.JSON("PATCH", path+"/segments", edit)); doc.Revision != 2 {
			t.Errorf("the same edit made again is revision %d", doc.Revision)
		}
		other := body{"base_revision": 1, "segments": body{"reading.3.url": "https://www.example.org/3"}}
		if got := problemFields(t, officer.JSON("PATCH", path+"/segments", other), 409); !slices.Equal(got, []string{"reading.3.url"}) {
			t.Errorf("two edits clash at %q", got)
		}
		if got := problemFields(t, officer.JSON("PATCH", path+"/segments", body{"segments": body{}}), 422); !slices.Equal(got, []string{"base_revision"}) {
			t.Errorf("an edit of no revision: %q", got)
		}
		if got := problemFields(t, officer.JSON("PATCH", path+"/segments", body{"base_revision": 2, "segments": body{"q99.text": "x"}}), 422); !slices.Equal(got, []string{"q99.text"}) {
			t.Errorf("an unknown segment: %q", got)
		}
		freezeDates(t, officer, path)
		if doc := into[api.DocumentDetail](t, officer.JSON("POST", path+"/freeze", nil)); doc.State != "frozen" {
			t.Errorf("%+v", doc)
		}
		problemFields(t, officer.JSON("POST", path+"/freeze", nil), 409)
		if got := problemFields(t, officer.JSON("POST", path+"/reopen", body{"reason": ""}), 422); !slices.Equal(got, []string{"reason"}) {
			t.Errorf("reopening without a reason: %q", got)
		}
		if doc := into[api.DocumentDetail](t, officer.JSON("POST", path+"/reopen", body{"reason": "a link moved"})); doc.Revision != 3 || doc.State != "open_for_comment" {
			t.Errorf("%+v", doc)
		}
		revisionsByAPI(t, officer, path)
		problemFields(t, officer.Get("/api/v1/documents/999"), 404)
		problemFields(t, officer.Get("/api/v1/cycles/none/documents"), 404)
		volunteer := app.Bearer(app.Account("vera", account.Volunteer))
		for _, forbidden := range []string{"/freeze", "/reopen", "/translations/es/claim", "/translations/es/approve"} {
			problemFields(t, volunteer.JSON("POST", path+forbidden, body{}), 403)
		}
		problemFields(t, app.Visitor().Get(path), 401)
	})
}

func TestTranslationsByAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, path := textsApp(t, d)
		es := path + "/translations/es"
		translator, reviewer := app.Bearer(app.Account("alejandro", account.Translator)), app.Bearer(app.Account("carina", account.Translator))
		problemFields(t, translator.JSON("PUT", es, body{"segments": body{"title": "x"}}), 404)
		if tr := into[api.DocumentTranslation](t, translator.JSON("POST", es+"/claim", nil)); tr.State != "claimed" || tr.Translator != "alejandro" {
			t.Errorf("%+v", tr)
		}
		if res := reviewer.JSON("POST", es+"/claim", nil); res.Status != 409 || !strings.Contains(res.Body, "alejandro is working on this translation.") {
			t.Errorf("%d %s", res.Status, res.Body)
		}
		problemFields(t, reviewer.JSON("PUT", es, body{"segments": body{"title": "x"}}), 403)
		all := body{}
		for _, s := range into[api.DocumentDetail](t, translator.Get(path)).Segments {
			if s.Kind != "url" {
				all[s.Key] = "es: " + s.Text
			}
		}
		all["q1.text"] = ""
		if tr := into[api.DocumentTranslation](t, translator.JSON("PUT", es, body{"segments": all})); tr.State != "draft" || tr.Done != tr.Total-1 {
			t.Errorf("%+v", tr)
		}
		if got := problemFields(t, translator.JSON("POST", es+"/submit", nil), 422); !slices.Equal(got, []string{"q1.text"}) {
			t.Errorf("submitting is refused for %q", got)
		}
		into[api.DocumentTranslation](t, translator.JSON("PUT", es, body{"segments": body{"q1.text": "¿Cómo?"}}))
		into[api.DocumentTranslation](t, translator.JSON("POST", es+"/submit", nil))
		problemFields(t, translator.JSON("POST", es+"/approve", nil), 403)
		if got := problemFields(t, reviewer.JSON("POST", es+"/send-back", body{"note": " "}), 422); !slices.Equal(got, []string{"note"}) {
			t.Errorf("sending back without a note: %q", got)
		}
		into[api.DocumentTranslation](t, reviewer.JSON("POST", es+"/send-back", body{"note": "see q1"}))
		into[api.DocumentTranslation](t, translator.JSON("POST", es+"/submit", nil))
		problemFields(t, reviewer.JSON("POST", es+"/approve", body{"base": "other"}), 409)
		read := into[api.TranslationDetail](t, reviewer.Get(es))
		if tr := into[api.DocumentTranslation](t, reviewer.JSON("POST", es+"/approve", body{"base": read.Mark})); tr.State != "approved" || tr.Done != tr.Total {
			t.Errorf("%+v", tr)
		}
		officer := app.Bearer(app.Account("officer", account.Officer))
		into[api.DocumentDetail](t, officer.JSON("PATCH", path+"/segments", body{"base_revision": 1, "segments": body{"q2.text": "What hinders?"}}))
		list := into[api.List[api.Document]](t, officer.Get("/api/v1/cycles/bpf-2017/documents"))
		if tr := list.Items[0].Translations[0]; tr.State != "stale" || tr.Stale != 1 || tr.Done != tr.Total-1 {
			t.Errorf("%+v", tr)
		}
	})
}

func TestQuestionnairesByAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, path := textsApp(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		q := into[api.Questionnaire](t, officer.Get(path+"/questionnaire"))
		if q.Revision != 1 || q.Definition.Title != "Draft Call for Contributions and Questionnaire" || len(q.Definition.Questions) != 5 || q.Definition.Extra["proposed_changes"] == nil {
			t.Fatalf("%+v", q)
		}
		if same := into[api.Questionnaire](t, officer.JSON("PUT", path+"/questionnaire", body{"base_revision": 1, "definition": q.Definition})); same.Revision != 1 {
			t.Errorf("what was read made revision %d", same.Revision)
		}
		q.Definition.Sections = []texts.SectionDefinition{{ID: "s1", Title: "The rest"}}
		q.Definition.Questions[4].Section = "s1"
		q.Definition.Reading = q.Definition.Reading[1:]
		edited := into[api.Questionnaire](t, officer.JSON("PUT", path+"/questionnaire", body{"base_revision": 1, "definition": q.Definition, "note": "a section"}))
		if edited.Revision != 2 || edited.Definition.Questions[4].Section != "s1" || edited.Definition.Reading[0].Number != 2 {
			t.Errorf("%+v", edited)
		}
		problemFields(t, officer.JSON("PUT", path+"/questionnaire", body{"base_revision": 1, "definition": q.Definition}), 409)
		file := officer.Get(path + "/questionnaire.yaml")
		if file.Status != 200 || !strings.Contains(file.Body, "- id: s1") {
			t.Fatalf("%d %s", file.Status, file.Body)
		}
		put := func(base, text string) servertest.Response {
			return officer.PostFile(path+"/questionnaire.yaml?base_revision="+base, "q.yaml", []byte(text), nil)
		}
		less := q.Definition
		less.Questions = less.Questions[:4]
		if got := problemFields(t, officer.JSON("PUT", path+"/questionnaire", body{"base_revision": 2, "definition": less}), 409); !slices.Contains(got, "q5") {
			t.Errorf("took out %q", got)
		}
		problemFields(t, officer.JSON("PUT", path+"/questionnaire", body{"base_revision": 77, "definition": less}), 409)
		if same := into[api.Questionnaire](t, put("2", file.Body)); same.Revision != 2 {
			t.Errorf("its own file made revision %d", same.Revision)
		}
		if got := problemFields(t, put("2", "title: [x]\nquestions:\n- {id: q1, type: poem, text: y}\n"), 422); !slices.Equal(got, []string{"title", "questions.1.type"}) {
			t.Errorf("a bad file: %q", got)
		}
		if got := problemFields(t, put("two", file.Body), 422); !slices.Equal(got, []string{"base_revision"}) {
			t.Errorf("no revision: %q", got)
		}
		made := officer.JSON("POST", "/api/v1/cycles/bpf-2017/questionnaires", body{"slug": "second", "definition": q.Definition})
		if made.Status != 201 {
			t.Errorf("%d %s", made.Status, made.Body)
		}
		volunteer := app.Bearer(app.Account("vera", account.Volunteer))
		problemFields(t, volunteer.JSON("PUT", path+"/questionnaire", body{"base_revision": 2, "definition": q.Definition}), 403)
		problemFields(t, volunteer.PostFile(path+"/questionnaire.yaml?base_revision=2", "q.yaml", []byte(file.Body), nil), 403)
	})
}
