package document_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// read is the passage p3 as readers have it, "" where the language is not approved.
func (h *house) read(revisionID int64, edition int) string {
	h.t.Helper()
	m, err := h.MailEdition(h.ctx, revisionID, "es", edition, "")
	if errs.Is(err, errs.Conflict) {
		return ""
	}
	h.must(err)
	blocks := strings.Split(strings.TrimSpace(m.Text), "\n\n")
	return blocks[len(blocks)-1]
}

func (h *house) approve(id int64) document.Translation {
	h.t.Helper()
	_, err := h.Submit(h.ctx, h.translator, id)
	h.must(err)
	tr, err := h.Approve(h.ctx, h.reviewer, id)
	h.must(err)
	return tr
}

func TestAnApprovedTranslationIsCorrectedWithoutBeingChanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.approved()
		if _, err := h.Correct(h.ctx, h.translator, tr.ID, " "); len(errs.FieldsOf(err)) != 1 {
			t.Errorf("corrected for no reason: %v", err)
		}
		if _, err := h.Correct(h.ctx, h.volunteer, tr.ID, "typo"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("corrected by a volunteer: %v", err)
		}
		next, err := h.Correct(h.ctx, h.translator, tr.ID, "An accent is missing.")
		h.must(err)
		if next.Edition != 2 || next.State != document.Claimed || next.ID == tr.ID {
			t.Fatalf("the correction is %+v", next)
		}
		if st := h.status(doc.ID, "es"); !st.Corrects || !st.Usable() || st.State != document.Claimed || st.Done != 4 || st.Reason != "An accent is missing." {
			t.Errorf("on the board it is %+v", st)
		}
		if _, err := h.Correct(h.ctx, h.reviewer, tr.ID, "typo"); !errs.Is(err, errs.Conflict) || errs.Find(err).Args["Name"] != h.translator.Name {
			t.Errorf("corrected twice at once: %v", err)
		}
		if _, err := h.Submit(h.ctx, h.translator, next.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("submitted before anything was saved: %v", err)
		}
		_, err = h.Save(h.ctx, h.translator, next.ID, map[string]string{"p3": "Gracias."})
		h.must(err)
		if _, err := h.Submit(h.ctx, h.translator, next.ID); errs.Find(err) == nil || errs.Find(err).Key != "document.correction.nothing" {
			t.Errorf("submitted without a change: %v", err)
		}
		_, err = h.Save(h.ctx, h.translator, next.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		if got := h.read(tr.RevisionID, 0); got != "Gracias." {
			t.Errorf("readers have %q while it is corrected", got)
		}
		if locales, err := h.ApprovedLocales(h.ctx, tr.RevisionID); err != nil || !slices.Equal(locales, []string{"en", "es"}) {
			t.Errorf("approved in %q: %v", locales, err)
		}
		if all, err := h.Translations(h.ctx, tr.RevisionID); err != nil || len(all) != 1 || all[0].State != document.Approved {
			t.Errorf("readers have %+v: %v", all, err)
		}
		_, err = h.Submit(h.ctx, h.translator, next.ID)
		h.must(err)
		sheet, err := h.Sheet(h.ctx, h.reviewer, tr.ID)
		h.must(err)
		var since []string
		for _, l := range sheet.Lines {
			if l.Since != nil {
				since = append(since, l.Key+": "+l.Approved)
			}
		}
		if !sheet.Corrects || !slices.Equal(since, []string{"p3: Gracias."}) {
			t.Errorf("the reviewer sees %v, %q", sheet.Corrects, since)
		}
		if _, err := h.Approve(h.ctx, h.translator, next.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("approved by who wrote it: %v", err)
		}
		_, err = h.Approve(h.ctx, h.reviewer, next.ID)
		h.must(err)
		if now, sent := h.read(tr.RevisionID, 0), h.read(tr.RevisionID, 1); now != "Muchas gracias." || sent != "Gracias." {
			t.Errorf("readers have %q, and what was sent reads %q", now, sent)
		}
		if st := h.status(doc.ID, "es"); st.Corrects || st.State != document.Approved || st.ID != next.ID {
			t.Errorf("afterwards it is %+v", st)
		}
		if got := h.actions("translation"); !slices.Contains(got, "translation.correction_begun") {
			t.Errorf("trail %q", got)
		}
	})
}

func TestWhatWasSentStaysAndIsCorrectedForTheNextSend(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.approved()
		_, err := h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		h.must(d.Write(h.ctx, func(tx *db.Tx) error { return h.MarkSent(tx, h.officer.Who, tr.RevisionID) }))
		next, err := h.Correct(h.ctx, h.translator, tr.ID, "typo")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, next.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		h.approve(next.ID)
		if now, sent := h.read(tr.RevisionID, 0), h.read(tr.RevisionID, 1); now != "Muchas gracias." || sent != "Gracias." {
			t.Errorf("readers have %q, and what was sent reads %q", now, sent)
		}
		for _, id := range []int64{tr.ID, next.ID} {
			for _, query := range []string{"update translation_segment set text = 'x' where translation_id = ?", "delete from translation_segment where translation_id = ?"} {
				if err := d.Write(h.ctx, func(tx *db.Tx) error { _, err := tx.Exec(query, id); return err }); err == nil {
					t.Errorf("%s of edition %d", query, id)
				}
			}
		}
	})
}

func TestACorrectionIsDropped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.approved()
		if _, err := h.DropCorrection(h.ctx, h.translator, tr.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("dropped what is approved: %v", err)
		}
		next, err := h.Correct(h.ctx, h.translator, tr.ID, "typo")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, next.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		if _, err := h.DropCorrection(h.ctx, h.reviewer, tr.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("dropped by somebody else: %v", err)
		}
		_, err = h.Release(h.ctx, h.translator, next.ID)
		h.must(err)
		if st := h.status(doc.ID, "es"); !st.Corrects || !st.HandedBack() {
			t.Errorf("handed back it is %+v", st)
		}
		back, err := h.DropCorrection(h.ctx, h.reviewer, next.ID)
		h.must(err)
		if back.ID != tr.ID || h.read(tr.RevisionID, 0) != "Gracias." {
			t.Errorf("left is %+v", back)
		}
		if got := h.actions("translation"); got[len(got)-1] != "translation.correction_dropped" {
			t.Errorf("trail %q", got)
		}
	})
}

// TestASourceEditMeetsACorrection edits and restores the source at any moment of corrections. Readers of a revision have
// what was approved for its very wording, or nothing, and never what is only drafted.
func TestASourceEditMeetsACorrection(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		rapid.Check(t, func(rt *rapid.T) {
			doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "m"+rapid.StringMatching(`[a-z]{12}`).Draw(rt, "slug"), "en", document.Message{Subject: "Call for contributions", Body: body})
			h.must(err)
			tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
			h.must(err)
			_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
			h.must(err)
			h.approve(tr.ID)
			approved := map[string]string{"Thank you.": "Gracias."} // what readers of a wording have
			source, n := "Thank you.", 0
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				now, err := h.TranslationOf(h.ctx, doc.ID, "es")
				h.must(err)
				switch rapid.SampledFrom([]string{"correct", "save", "approve", "drop", "edit", "restore"}).Draw(rt, "step") {
				case "correct":
					_, _ = h.Correct(h.ctx, h.translator, now.ID, "typo")
				case "save":
					n++
					_, _ = h.Claim(h.ctx, h.translator, doc.ID, "es")
					_, _ = h.Save(h.ctx, h.translator, now.ID, map[string]string{"p3": "Gracias " + strings.Repeat("!", n)})
				case "approve":
					if _, err := h.Submit(h.ctx, h.translator, now.ID); err != nil {
						continue
					}
					_, err = h.Approve(h.ctx, h.reviewer, now.ID)
					h.must(err)
					sheet, err := h.Sheet(h.ctx, h.officer, now.ID)
					h.must(err)
					approved[source] = sheet.Lines[len(sheet.Lines)-1].Translation
				case "drop":
					_, _ = h.DropCorrection(h.ctx, h.translator, now.ID)
				case "edit":
					source = "Many thanks."
				case "restore":
					source = "Thank you."
				}
				r, err := h.CurrentRevision(h.ctx, doc.ID)
				h.must(err)
				r, err = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Segments: map[string]string{"p3": source}})
				h.must(err)
				if got := h.read(r.ID, 0); got != "" && got != approved[source] {
					rt.Fatalf("readers of %q have %q, approved is %q", source, got, approved[source])
				}
				st := h.status(doc.ID, "es")
				if usable := h.read(r.ID, 0) != ""; usable != st.Usable() {
					rt.Fatalf("on the board it is %+v, and readers have it: %v", st, usable)
				}
			}
		})
	})
}

func TestACorrectedTextIsNotOfferedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, tr := h.approved()
		next, err := h.Correct(h.ctx, h.translator, tr.ID, "typo")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, next.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		h.approve(next.ID)
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.FollowUp, "reminder", "en", document.Message{Subject: "Reminder", Body: "Thank you."})
		h.must(err)
		other, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		sheet, err := h.Sheet(h.ctx, h.translator, other.ID)
		h.must(err)
		if got := sheet.Lines[1].Suggestions; len(got) != 1 || got[0].Text != "Muchas gracias." {
			t.Errorf("offered: %+v", got)
		}
	})
}

func TestAFileForAnApprovedTranslationIsACorrection(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.approved()
		for edition, format := range document.Formats() {
			f, err := h.Export(h.ctx, h.translator, doc.ID, "es", format, say)
			h.must(err)
			done, err := h.Import(h.ctx, h.translator, doc.ID, "es", f.Content, "By a file")
			h.must(err)
			if done.Corrects || done.Translation.State != document.Approved {
				t.Fatalf("a file that changes nothing made %+v", done.Translation)
			}
			was := h.read(tr.RevisionID, 0)
			changed := strings.Replace(string(f.Content), was, was+"!", 1)
			if _, err := h.Import(h.ctx, h.translator, doc.ID, "es", []byte(changed), " "); len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != "reason" {
				t.Errorf("corrected for no reason: %v", err)
			}
			done, err = h.Import(h.ctx, h.translator, doc.ID, "es", []byte(changed), "By a file")
			h.must(err)
			if done.Translation.Reason != "By a file" {
				t.Errorf("for the reason %q", done.Translation.Reason)
			}
			if !done.Corrects || done.Claimed || done.Translation.Edition != edition+2 || done.Translation.State != document.Draft || done.Count(document.Taken) != 1 {
				t.Fatalf("the file made %+v", done)
			}
			if got := h.read(tr.RevisionID, 0); got != was {
				t.Errorf("readers have %q before it is approved", got)
			}
			h.approve(done.Translation.ID)
			if got := h.read(tr.RevisionID, 0); got != was+"!" {
				t.Errorf("readers have %q", got)
			}
		}
	})
}

func TestNobodysWordsAreOverwrittenUnseen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
		h.must(err)
		mine := map[string]string{"p3": "Muchas gracias."}
		_, err = h.Save(h.ctx, h.translator, tr.ID, mine) // one's own words
		h.must(err)
		_, err = h.Release(h.ctx, h.translator, tr.ID)
		h.must(err)
		_, err = h.Claim(h.ctx, h.reviewer, doc.ID, "es")
		h.must(err)
		theirs := map[string]string{"p2": spanish()["p2"], "p3": "Mil gracias."}
		_, err = h.Save(h.ctx, h.reviewer, tr.ID, theirs)
		f := errs.FieldsOf(err)
		if !errs.Is(err, errs.Conflict) || len(f) != 1 || f[0].Name != "p3" || f[0].Args["Stored"] != "Muchas gracias." {
			t.Fatalf("overwritten: %v, %+v", err, f)
		}
		_, err = h.Save(h.ctx, h.reviewer, tr.ID, theirs, map[string]string{"p3": document.Mark("Gracias.")})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("overwritten from an old base: %v", err)
		}
		_, err = h.Save(h.ctx, h.reviewer, tr.ID, theirs, map[string]string{"p3": document.Mark("Muchas gracias.")})
		h.must(err)
	})
}

func TestPuttingATextWithoutABase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		blank, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "blank", "en", document.Blank())
		h.must(err)
		first := document.Message{Subject: "Call", Body: "One.\n\nTwo."}
		lead := h.lead
		put := func(by account.Actor, m document.Message, base int) error {
			return h.PutFrom(h.ctx, by, blank.ID, "en", m, document.PutBase{Revision: base})
		}
		h.must(put(h.officer, first, 0)) // over nothing
		h.must(put(h.officer, document.Message{Subject: "Call", Body: "One.\n\nTwo!"}, 0))
		if err := put(lead, first, 0); !errs.Is(err, errs.Conflict) || errs.Find(err).Key != "document.put.base" || errs.Find(err).Args["Number"] != 3 {
			t.Errorf("overwritten: %v", err)
		}
		h.must(put(lead, document.Message{Subject: "Call", Body: "One.\n\nTwo!"}, 0)) // changes nothing
		h.must(put(lead, document.Message{Subject: "Call", Body: "One!\n\nTwo."}, 2)) // both are kept
		detail, err := h.Get(h.ctx, h.officer, blank.ID)
		h.must(err)
		if got := detail.Message.Body; got != "One!\n\nTwo!" {
			t.Errorf("the body is %q", got)
		}
		err = put(lead, document.Message{Subject: "Call", Body: "One.\n\nTwo?"}, 2)
		if f := errs.FieldsOf(err); !errs.Is(err, errs.Conflict) || len(f) != 1 {
			t.Errorf("both changed it: %v, %+v", err, f)
		}
	})
}
