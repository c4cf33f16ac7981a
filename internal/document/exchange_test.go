package document_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

func say(err error) string { return errs.Find(err).Key }

func (h *house) export(documentID int64, locale string, format document.Format) string {
	h.t.Helper()
	f, err := h.Export(h.ctx, h.officer, documentID, locale, format, say)
	h.must(err)
	return string(f.Content)
}

func (h *house) take(by account.Actor, documentID int64, locale, file string) document.Imported {
	h.t.Helper()
	done, err := h.Import(h.ctx, by, documentID, locale, []byte(file), "By a file")
	h.must(err)
	return done
}

func outcomes(done document.Imported) string {
	var all []string
	for _, u := range done.Units {
		all = append(all, u.Key+" "+string(u.Outcome))
	}
	return strings.Join(all, ", ")
}

// begun is the message with a Spanish draft: the subject is fresh, p1 is outdated, p2 and p3 are to be done.
func (h *house) begun() (document.Document, document.Translation) {
	h.t.Helper()
	doc := h.message()
	tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"subject": "Llamado", "p1": "Hola {{contact}},"})
	h.must(err)
	_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p1": "Dear {{contact}}!"}})
	h.must(err)
	tr, err = h.TranslationOf(h.ctx, doc.ID, "es")
	h.must(err)
	return doc, tr
}

func TestAFileThatChangesNothingChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.begun()
		before := h.actions("translation")
		for _, format := range document.Formats() {
			for _, locale := range []string{"es", "ar"} {
				file := h.export(doc.ID, locale, format)
				done := h.take(h.reviewer, doc.ID, locale, file) // who holds nothing
				if done.Claimed || done.Count(document.Unchanged)+done.Count(document.Untranslated) != 4 {
					t.Errorf("%s %s: %s", locale, format, outcomes(done))
				}
				if again := h.export(doc.ID, locale, format); again != file {
					t.Errorf("%s %s: the file is another now:\n%s\n%s", locale, format, file, again)
				}
			}
		}
		if after := h.actions("translation"); len(after) != len(before) {
			t.Errorf("the trail went from %q to %q", before, after)
		}
	})
}

func TestWhatATranslatorWroteInATool(t *testing.T) {
	t.Parallel()
	edits := map[document.Format]*strings.Replacer{
		document.PO: strings.NewReplacer(
			"#, fuzzy\n", "", // p1 is confirmed as it is
			"and answer: {{personal_link}}\"\nmsgstr \"\"", "and answer: {{personal_link}}\"\nmsgstr \"lea https://www.example.org/call\"",
			"msgid \"Thank you.\"\nmsgstr \"\"", "msgid \"Thank you.\"\nmsgstr \"Gracias.\"",
		),
		document.XLIFF: strings.NewReplacer(
			`state="initial" subState="convoke:outdated"`, `state="final"`,
			"disp=\"{{personal_link}}\"/></source>", "disp=\"{{personal_link}}\"/></source><target>lea https://www.example.org/call</target>",
			"<source>Thank you.</source>", "<source>Thank you.</source><target>Gracias.</target>",
		),
	}
	for format, edit := range edits {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				doc, tr := h.begun()
				done := h.take(h.translator, doc.ID, "es", edit.Replace(h.export(doc.ID, "es", format)))
				if got := outcomes(done); got != "subject unchanged, p1 taken, p2 taken, p3 taken" {
					t.Fatalf("%s", got)
				}
				if f := done.Units[2].Findings; len(f) != 1 || f[0].Key != "document.translation.problem.field_missing" || !f[0].Blocks {
					t.Errorf("the dropped placeholder: %v", f)
				}
				if st := h.status(doc.ID, "es"); st.State != document.Draft || st.Done != 4 || st.Stale != 0 {
					t.Errorf("%+v", st)
				}
				sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
				h.must(err)
				if sheet.Lines[2].Translation != "lea https://www.example.org/call" || sheet.Lines[1].Translation != "Hola {{contact}}," {
					t.Errorf("%+v", sheet.Lines)
				}
			})
		})
	}
}

func TestUnitsAreJudgedEachForItself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.begun()
		file := h.export(doc.ID, "es", document.PO)
		// In the meantime the translator goes on here, and the source is edited again.
		_, err := h.Save(h.ctx, h.translator, tr.ID, map[string]string{"subject": "Llamado nuevo"})
		h.must(err)
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 2, document.Changes{Segments: map[string]string{"p3": "Thank you all."}})
		h.must(err)
		file = strings.NewReplacer(
			`msgstr "Llamado"`, `msgstr "Convocatoria"`,
			`msgstr "Hola {{contact}},"`, `msgstr "Hola, {{contact}}!"`, // still marked as doubtful
			"msgid \"Thank you.\"\nmsgstr \"\"", "msgid \"Thank you.\"\nmsgstr \"Gracias.\"",
			"#. document.place.passage\n#. [0]\nmsgctxt \"p2\"", "msgctxt \"p99\"",
		).Replace(file) + "\nmsgctxt \"p2\"\nmsgid \"Never the source\"\nmsgstr \"Nunca\"\n\nmsgctxt \"p2\"\nmsgid \"x\"\nmsgstr \"y\"\n"
		done := h.take(h.translator, doc.ID, "es", file)
		if got := outcomes(done); got != "subject refused, p1 stale, p99 unknown, p3 stale, p2 refused, p2 refused" {
			t.Fatalf("%s\n%s", got, file)
		}
		if u := done.Units[0]; u.Reason.Key != "document.exchange.edited_here" || u.Stored != "Llamado nuevo" || u.Offered != "Convocatoria" {
			t.Errorf("edited here too: %+v", u)
		}
		if done.Units[4].Reason.Key != "document.exchange.other_source" || done.Units[5].Reason.Key != "document.exchange.fault.twice" {
			t.Errorf("reasons %v, %v", done.Units[4].Reason, done.Units[5].Reason)
		}
		sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
		h.must(err)
		var stale []string
		for _, l := range sheet.Lines {
			if l.Stale {
				text := ""
				for _, c := range l.Changes {
					if c.Kind != document.Added {
						text += c.Text
					}
				}
				stale = append(stale, l.Key+": "+text)
			}
		}
		if got := strings.Join(stale, "; "); got != "p1: Dear {{contact}},; p3: Thank you." {
			t.Errorf("stale, with the wording that was translated: %s", got)
		}
	})
}

func TestOnesOwnFileComesAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.begun()
		file := h.export(doc.ID, "es", document.PO)
		with := func(text string) string {
			return strings.Replace(file, "msgid \"Thank you.\"\nmsgstr \"\"", "msgid \"Thank you.\"\nmsgstr \""+text+"\"", 1)
		}
		h.take(h.translator, doc.ID, "es", with("Gracias."))
		if done := h.take(h.translator, doc.ID, "es", with("Muchas gracias.")); done.Units[3].Outcome != document.Taken {
			t.Errorf("the second time: %s", outcomes(done))
		}
		_, err := h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p3": "Mil gracias."})
		h.must(err)
		if done := h.take(h.translator, doc.ID, "es", with("Gracias a todos.")); done.Units[3].Outcome != document.Refused || done.Units[3].Stored != "Mil gracias." {
			t.Errorf("after an edit here: %s", outcomes(done))
		}
	})
}

func TestWhoImportsTakesTheTranslationOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		file := strings.Replace(h.export(doc.ID, "es", document.PO), "msgid \"Thank you.\"\nmsgstr \"\"", "msgid \"Thank you.\"\nmsgstr \"Gracias.\"", 1)
		if _, err := h.Import(h.ctx, h.volunteer, doc.ID, "es", []byte(file), "By a file"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: %v", err)
		}
		done := h.take(h.translator, doc.ID, "es", file)
		if st := h.status(doc.ID, "es"); !done.Claimed || st.Translator != "alejandro" || st.State != document.Draft || st.Done != 1 {
			t.Errorf("claimed %v: %+v", done.Claimed, st)
		}
		file = strings.Replace(file, "msgid \"Dear {{contact}},\"\nmsgstr \"\"", "msgid \"Dear {{contact}},\"\nmsgstr \"Hola {{contact}}:\"", 1)
		if _, err := h.Import(h.ctx, h.reviewer, doc.ID, "es", []byte(file), "By a file"); !errs.Is(err, errs.Conflict) || errs.Find(err).Args["Name"] != "alejandro" {
			t.Errorf("held by another: %v", err)
		}
	})
}

func TestFilesOfSomethingElseAreRefusedWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	other, err := h.Create(h.ctx, h.officer, h.cycleID, document.FollowUp, "follow-up", "en", document.Message{Subject: "Reminder", Body: "Hello"})
	h.must(err)
	for name, tt := range map[string]struct{ file, key string }{
		"another document":          {h.export(other.ID, "es", document.XLIFF), "document.exchange.other_document"},
		"another language":          {h.export(doc.ID, "ar", document.PO), "document.exchange.other_language"},
		"another target":            {strings.Replace(h.export(doc.ID, "es", document.XLIFF), `trgLang="es"`, `trgLang="fr"`, 1), "document.exchange.other_language"},
		"no name, another language": {strings.Replace(h.export(doc.ID, "ar", document.PO), "X-Convoke-File", "X-Other", 1), "document.exchange.other_language"},
		"nothing":                   {"", "document.exchange.empty"},
		"what is no translation":    {"%PDF-1.4", "document.exchange.broken"},
		"entities":                  {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xliff version="2.0">&e;</xliff>`, "document.exchange.doctype"},
	} {
		_, err := h.Import(h.ctx, h.translator, doc.ID, "es", []byte(tt.file), "By a file")
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "file" || f[0].Key != tt.key {
			t.Errorf("%s: %v, want %s", name, err, tt.key)
		}
	}
	// Where a tool has dropped the name, the units speak for themselves.
	unnamed := strings.Replace(h.export(other.ID, "es", document.XLIFF), `id="2:follow-up:1:es"`, `id="f1"`, 1)
	unnamed = strings.Replace(unnamed, "<source>Hello</source>", "<source>Hello</source><target>Hola</target>", 1)
	if done := h.take(h.translator, doc.ID, "es", unnamed); outcomes(done) != "subject untranslated, p1 refused, p2 absent, p3 absent" {
		t.Errorf("%s", outcomes(done))
	}
	if st := h.status(doc.ID, "es"); st.State != document.Missing || st.ID != 0 {
		t.Errorf("something was begun: %+v", st)
	}
}
