package api_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestFilesOfTranslationsByAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, path := textsApp(t, d)
		es := path + "/translations/es"
		translator, officer := app.Bearer(app.Account("alejandro", account.Translator)), app.Bearer(app.Account("olu", account.Officer))
		for format, kind := range map[string]string{"xlf": "application/xliff+xml", "po": "text/x-gettext-translation"} {
			res := officer.Get(es + "/export?format=" + format)
			if res.Status != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) || !strings.Contains(res.Header.Get("Content-Disposition"), "questionnaire.es."+format) {
				t.Fatalf("%s: %d %v", format, res.Status, res.Header)
			}
		}
		problemFields(t, officer.Get(es+"/export?format=doc"), 422)
		problemFields(t, officer.Get(strings.Replace(path, "/documents/", "/documents/9", 1)+"/translations/es/export"), 404)
		file := officer.Get(es + "/export?format=po").Body
		at := strings.Index(file, "msgctxt \"q1.text\"")
		empty := at + strings.Index(file[at:], "msgstr \"\"")
		edited := file[:empty] + "msgstr \"¿Cómo?\"" + file[empty+len("msgstr \"\""):]
		done := into[api.TranslationImport](t, translator.PostFile(es+"/import", "es.po", []byte(edited), nil))
		if !done.Claimed || done.Translation.State != "draft" || done.Translation.Done != 1 || done.Translation.Translator != "alejandro" {
			t.Errorf("%+v", done)
		}
		for _, u := range done.Units {
			if want := map[bool]string{true: "taken", false: "untranslated"}[u.Segment == "q1.text"]; u.Outcome != want {
				t.Errorf("%s is %s", u.Segment, u.Outcome)
			}
		}
		problemFields(t, translator.PostFile(path+"/translations/fr/import", "es.po", []byte(edited), nil), 422)
		problemFields(t, officer.JSON("POST", es+"/relieve", body{"reason": ""}), 422)
		problemFields(t, translator.JSON("POST", es+"/relieve", body{"reason": "x"}), 403)
		problemFields(t, officer.JSON("POST", es+"/release", nil), 403)
		if tr := into[api.DocumentTranslation](t, officer.JSON("POST", es+"/relieve", body{"reason": "Away"})); tr.State != "missing" || tr.Done != 1 || tr.Translator != "" {
			t.Errorf("%+v", tr)
		}
		into[api.DocumentTranslation](t, officer.JSON("POST", es+"/claim", nil))
		if tr := into[api.DocumentTranslation](t, officer.JSON("POST", es+"/release", nil)); tr.State != "missing" {
			t.Errorf("%+v", tr)
		}
	})
}

func TestCorrectionsByAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, path := textsApp(t, d)
		es := path + "/translations/es"
		translator, reviewer := app.Bearer(app.Account("alejandro", account.Translator)), app.Bearer(app.Account("carina", account.Translator))
		into[api.DocumentTranslation](t, translator.JSON("POST", es+"/claim", nil))
		texts := map[string]string{}
		for _, s := range into[api.TranslationDetail](t, translator.Get(es)).Segments {
			if texts[s.Key] = "ES " + s.Source; s.Mark != "0" || s.Text != "" {
				t.Errorf("%+v", s)
			}
		}
		into[api.DocumentTranslation](t, translator.JSON("PUT", es, body{"segments": texts}))
		problemFields(t, translator.JSON("POST", es+"/correct", body{"reason": "typo"}), 409)
		into[api.DocumentTranslation](t, translator.JSON("POST", es+"/submit", nil))
		into[api.DocumentTranslation](t, reviewer.JSON("POST", es+"/approve", nil))
		if got := problemFields(t, translator.JSON("POST", es+"/correct", body{"reason": " "}), 422); len(got) != 1 || got[0] != "reason" {
			t.Errorf("corrected for no reason: %q", got)
		}
		open := into[api.DocumentTranslation](t, reviewer.JSON("POST", es+"/correct", body{"reason": "typo"}))
		if open.State != "approved" || open.Edition != 2 || open.Correction == nil || *open.Correction != (api.TranslationCorrection{State: "claimed", Reason: "typo"}) {
			t.Errorf("%+v", open)
		}
		problemFields(t, translator.JSON("POST", es+"/correct", body{"reason": "typo"}), 409)
		// The words are somebody else's: they are replaced only by who has read them.
		mended := body{"segments": body{"q1.text": "¿Cómo?"}}
		if got := problemFields(t, reviewer.JSON("PUT", es, mended), 409); len(got) != 1 || got[0] != "q1.text" {
			t.Errorf("overwritten: %q", got)
		}
		for _, s := range into[api.TranslationDetail](t, reviewer.Get(es)).Segments {
			if s.Key == "q1.text" {
				mended["bases"] = body{s.Key: s.Mark}
			}
		}
		into[api.DocumentTranslation](t, reviewer.JSON("PUT", es, mended))
		into[api.DocumentTranslation](t, reviewer.JSON("POST", es+"/submit", nil))
		problemFields(t, reviewer.JSON("POST", es+"/approve", nil), 403)
		if done := into[api.DocumentTranslation](t, translator.JSON("POST", es+"/approve", nil)); done.State != "approved" || done.Correction != nil || done.Edition != 2 {
			t.Errorf("%+v", done)
		}
		first, second := into[api.TranslationDetail](t, translator.Get(es+"?edition=1")), into[api.TranslationDetail](t, translator.Get(es))
		if first.Edition != 1 || second.Edition != 2 || len(second.Editions) != 2 || second.Editions[0].Reason != "typo" || second.Editions[1].ApprovedBy != "carina" {
			t.Errorf("%+v\n%+v", first, second)
		}
		for i, s := range first.Segments {
			if was := "ES " + s.Source; s.Text != was || (s.Key == "q1.text") == (second.Segments[i].Text == was) {
				t.Errorf("%s was %q", s.Key, s.Text)
			}
		}
		problemFields(t, translator.Get(es+"?edition=3"), 404)
		problemFields(t, translator.Get(es+"?edition=x"), 422)
		into[api.DocumentTranslation](t, translator.JSON("POST", es+"/correct", body{"reason": "again"}))
		if back := into[api.DocumentTranslation](t, translator.JSON("POST", es+"/drop-correction", nil)); back.State != "approved" || back.Edition != 2 {
			t.Errorf("%+v", back)
		}
		problemFields(t, translator.JSON("POST", es+"/drop-correction", nil), 409)
	})
}
