package document_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
)

func TestAnEditTakenBackMakesTheTranslationCurrentAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		edit := func(number int, p3 string) document.TranslationStatus {
			t.Helper()
			_, err := h.Edit(h.ctx, h.officer, doc.ID, number, document.Changes{Segments: map[string]string{"p3": p3}})
			h.must(err)
			return h.status(doc.ID, "es")
		}
		if st := edit(1, "Many thanks."); st.State != document.Stale || st.Stale != 1 {
			t.Fatalf("after the edit: %+v", st)
		}
		if st := edit(2, "Thank you."); st.State != document.Approved || st.Stale != 0 || st.Done != st.Total {
			t.Fatalf("taken back: %+v", st)
		}
		edit(3, "Many thanks.")
		tr, err := h.TranslationOf(h.ctx, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p1": "Estimado {{contact}}:"})
		h.must(err)
		if st := edit(4, "Thank you."); st.State != document.Draft || st.Stale != 0 {
			t.Errorf("taken back after somebody went on: %+v", st)
		}
	})
}

// Whatever happens, a segment is stale exactly where the wording that it was translated from is not the present one.
func TestExactlyTouchedSegmentsAreStale(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			if run++; run > 8 {
				return // each run writes a lot; eight random walks on each database are enough
			}
			newWalk(t, h, fmt.Sprintf("walk-%d", run)).run()
		})
	})
}

// walk knows of each key the source that its translation was made from.
type walk struct {
	t    *rapid.T
	h    *house
	doc  document.Document
	from map[string]string
	was  map[[2]string]bool // a source and what it was translated as
	file []byte             // what was exported,
	then map[string]string  // and the sources at that time
}

func newWalk(t *rapid.T, h *house, slug string) *walk {
	doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, slug, "en", document.Message{Subject: "s", Body: "one\n\ntwo\n\nthree"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Claim(h.ctx, h.translator, doc.ID, "es"); err != nil {
		t.Fatal(err)
	}
	return &walk{t: t, h: h, doc: doc, from: map[string]string{}, was: map[[2]string]bool{}}
}

func (w *walk) sources() map[string]string {
	detail, err := w.h.Get(w.h.ctx, w.h.officer, w.doc.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	texts := map[string]string{}
	for _, s := range detail.Segments {
		texts[s.Key] = s.Text
	}
	return texts
}

func (w *walk) run() {
	for i := range 25 {
		switch rapid.SampledFrom([]string{"edit", "edit", "edit", "save", "old save", "freeze", "reopen", "export", "import", "submit", "approve"}).Draw(w.t, "step") {
		case "edit":
			w.edit()
		case "save":
			w.save(0)
		case "old save":
			w.save(1)
		case "freeze":
			_, _ = w.h.Freeze(w.h.ctx, w.h.officer, w.doc.ID)
		case "reopen":
			_, _ = w.h.Reopen(w.h.ctx, w.h.officer, w.doc.ID, "again")
		case "export":
			w.export()
		case "import":
			w.take(i)
		case "submit":
			if tr, err := w.h.TranslationOf(w.h.ctx, w.doc.ID, "es"); err == nil {
				_, _ = w.h.Submit(w.h.ctx, w.h.translator, tr.ID)
			}
		case "approve":
			if tr, err := w.h.TranslationOf(w.h.ctx, w.doc.ID, "es"); err == nil {
				_, _ = w.h.Approve(w.h.ctx, w.h.reviewer, tr.ID)
			}
		}
		w.compare()
	}
}

// edit changes texts, and sometimes takes an earlier edit back, because there are only few wordings.
func (w *walk) edit() {
	r, err := w.h.CurrentRevision(w.h.ctx, w.doc.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	now := w.sources()
	key := rapid.SampledFrom(slices.Sorted(maps.Keys(now))).Draw(w.t, "key")
	text := rapid.SampledFrom([]string{"one", "two", "three", "one more", "", "two\n\nfour"}).Draw(w.t, "text")
	_, _ = w.h.Edit(w.h.ctx, w.h.officer, w.doc.ID, r.Number, document.Changes{Segments: map[string]string{key: text}})
	now = w.sources()
	for key := range w.from { // a passage that is gone takes its translation along
		if _, still := now[key]; !still {
			delete(w.from, key)
		}
	}
}

// save writes one segment, with the sheet of as many revisions ago before the translator.
func (w *walk) save(back int) {
	tr, err := w.h.TranslationOf(w.h.ctx, w.doc.ID, "es")
	if err != nil {
		w.t.Fatal(err)
	}
	now := w.sources()
	shown := now
	if detail, err := w.h.Get(w.h.ctx, w.h.officer, w.doc.ID); err == nil && back < len(detail.Revisions) {
		earlier, err := w.h.Translations(w.h.ctx, detail.Revisions[back].ID)
		if err == nil && len(earlier) > 0 {
			tr, shown = earlier[0], w.textsOf(detail.Revisions[back].ID)
		}
	}
	key := rapid.SampledFrom(slices.Sorted(maps.Keys(now))).Draw(w.t, "save")
	if _, err := w.h.Save(w.h.ctx, w.h.translator, tr.ID, map[string]string{key: "es:" + shown[key] + now[key]}); err == nil {
		w.from[key] = now[key]
		if text, ok := shown[key]; ok {
			w.from[key] = text
		}
	}
}

func (w *walk) textsOf(revisionID int64) map[string]string {
	rows, err := w.h.db.Read(w.h.ctx).Query("select key, text from segment where revision_id = ?", revisionID)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	texts := map[string]string{}
	for rows.Next() {
		var key, text string
		if err := rows.Scan(&key, &text); err != nil {
			w.t.Fatal(err)
		}
		texts[key] = text
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return texts
}

func (w *walk) export() {
	f, err := w.h.Export(w.h.ctx, w.h.reviewer, w.doc.ID, "es", document.PO, func(error) string { return "place" })
	if err != nil {
		w.t.Fatal(err)
	}
	w.file, w.then = f.Content, w.sources()
}

// take imports the exported file with every text changed in the tool.
func (w *walk) take(i int) {
	if w.file == nil {
		return
	}
	lines := strings.Split(string(w.file), "\n")
	for n, line := range lines {
		if strings.HasPrefix(line, "msgstr \"") && n > 2 {
			lines[n] = fmt.Sprintf("msgstr \"tool %d\"", i)
		}
		if strings.HasPrefix(line, "#, fuzzy") {
			lines[n] = "#, no-wrap"
		}
	}
	done, err := w.h.Import(w.h.ctx, w.h.translator, w.doc.ID, "es", []byte(strings.Join(lines, "\n")), "By a file")
	if err != nil {
		return // it is in review, or approved
	}
	for _, u := range done.Units {
		if u.Outcome == document.Taken || u.Outcome == document.TakenStale {
			w.from[u.Key] = w.then[u.Key]
		}
	}
}

func (w *walk) compare() {
	tr, err := w.h.TranslationOf(w.h.ctx, w.doc.ID, "es")
	if err != nil {
		w.t.Fatal(err)
	}
	sheet, err := w.h.Sheet(w.h.ctx, w.h.translator, tr.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range sheet.Lines {
		from, translated := w.from[l.Key]
		if made := [2]string{l.Text, l.Translation}; !translated && w.was[made] { // its words came back, and brought their translation
			from, translated, w.from[l.Key] = l.Text, true, l.Text
		} else if !l.Stale {
			w.was[made] = l.Translation != ""
		}
		if (l.Translation != "") != translated || l.Stale != (translated && from != l.Text) {
			w.t.Fatalf("%s: %q, stale %v; %q is translated from %q (%v)", l.Key, l.Translation, l.Stale, l.Text, from, translated)
		}
	}
}
