package document_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

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

// A subject is a header of a mail: a break in it would keep the mail from being made, and with it a whole campaign.
func TestASubjectIsKeptOnOneLine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		texts := spanish()
		texts["subject"] = "Llamado\r\na\tcontribuciones\n"
		_, err = h.Save(h.ctx, h.translator, tr.ID, texts)
		h.must(err)
		_, err = h.Submit(h.ctx, h.translator, tr.ID)
		h.must(err)
		_, err = h.Approve(h.ctx, h.reviewer, tr.ID)
		h.must(err)
		r, err := h.CurrentRevision(h.ctx, doc.ID)
		h.must(err)
		m, err := h.Mail(h.ctx, r.ID, "es", "")
		h.must(err)
		if m.Subject != "Llamado a contribuciones" {
			t.Errorf("%q", m.Subject)
		}
	})
}
