package document_test

import (
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// inReview is a Spanish message that the translator has handed in.
func (h *house) inReview() (document.Document, document.Translation) {
	h.t.Helper()
	d := h.message()
	tr, err := h.Claim(h.ctx, h.translator, d.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
	h.must(err)
	tr, err = h.Submit(h.ctx, h.translator, tr.ID)
	h.must(err)
	return d, tr
}

func (h *house) mark(by account.Actor, id int64) string {
	h.t.Helper()
	sheet, err := h.Sheet(h.ctx, by, id)
	h.must(err)
	return sheet.Mark
}

func key(err error) string {
	if e := errs.Find(err); e != nil {
		return e.Key
	}
	return ""
}

func TestOnlyWhatWasReadIsApproved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, tr := h.inReview()
		read := h.mark(h.reviewer, tr.ID)
		// It is sent back, changed and handed in again while one reviewer still has the page.
		_, err := h.SendBack(h.ctx, h.officer, tr.ID, "Shorter, please.")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p3": "Mil gracias."})
		h.must(err)
		_, err = h.Submit(h.ctx, h.translator, tr.ID)
		h.must(err)
		approve := document.Review{Verdict: document.Approving, Notes: map[string]string{"p3": "Good."}, Seen: read}
		if _, err := h.Review(h.ctx, h.reviewer, tr.ID, approve); !errs.Is(err, errs.Conflict) || key(err) != "document.translation.changed_since" {
			t.Fatalf("approved what was not read: %v", err)
		}
		sheet, err := h.Sheet(h.ctx, h.reviewer, tr.ID)
		h.must(err)
		if sheet.Translation.State != document.InReview || len(sheet.Lines[3].Notes) != 0 {
			t.Errorf("half done: %s, %d notes", sheet.Translation.State, len(sheet.Lines[3].Notes))
		}
		approve.Seen = sheet.Mark
		if done, err := h.Review(h.ctx, h.reviewer, tr.ID, approve); err != nil || done.State != document.Approved {
			t.Errorf("%s, %v", done.State, err)
		}
	})
}

func TestALateReviewStoresNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, tr := h.approved()
		late := document.Review{Verdict: document.SendingBack, Note: "Look at p1.", Notes: map[string]string{"p1": "Too short."}}
		if _, err := h.Review(h.ctx, h.officer, tr.ID, late); !errs.Is(err, errs.Conflict) {
			t.Errorf("%v", err)
		}
		sheet, err := h.Sheet(h.ctx, h.officer, tr.ID)
		h.must(err)
		if n := len(sheet.Lines[1].Notes); n != 0 {
			t.Errorf("%d notes of a review that was refused", n)
		}
	})
}

func TestNobodyApprovesTheirOwnWords(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
		h.must(err)
		_, err = h.Release(h.ctx, h.translator, tr.ID)
		h.must(err)
		tr, err = h.Claim(h.ctx, h.reviewer, doc.ID, "es")
		h.must(err)
		// The same words sent again do not become the sender's.
		same := map[string]string{"p1": document.Mark(spanish()["p1"]), "p2": document.Mark(spanish()["p2"])}
		_, err = h.Save(h.ctx, h.reviewer, tr.ID, map[string]string{"p1": spanish()["p1"], "p2": spanish()["p2"]}, same)
		h.must(err)
		_, err = h.Submit(h.ctx, h.reviewer, tr.ID)
		h.must(err)
		if _, err := h.Approve(h.ctx, h.translator, tr.ID); !errs.Is(err, errs.Forbidden) || key(err) != "document.translation.own_words" {
			t.Fatalf("approved her own words: %v", err)
		}
		sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
		h.must(err)
		if sheet.Writers[h.translator.ID] != 4 || sheet.Writers[h.reviewer.ID] != 0 {
			t.Errorf("writers %v", sheet.Writers)
		}
		tr, err = h.Approve(h.ctx, h.officer, tr.ID)
		h.must(err)
		// What was approved once does not count in a correction that somebody else makes.
		next, err := h.Correct(h.ctx, h.reviewer, tr.ID, "A typo")
		h.must(err)
		_, err = h.Save(h.ctx, h.reviewer, next.ID, map[string]string{"p3": "Muchas gracias."}, map[string]string{"p3": document.Mark("Gracias.")})
		h.must(err)
		_, err = h.Submit(h.ctx, h.reviewer, next.ID)
		h.must(err)
		if done, err := h.Approve(h.ctx, h.translator, next.ID); err != nil || done.State != document.Approved {
			t.Errorf("%s, %v", done.State, err)
		}
	})
}

func TestItsTranslatorTakesATranslationBackFromReview(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, tr := h.inReview()
		if _, err := h.Withdraw(h.ctx, h.reviewer, tr.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by another: %v", err)
		}
		if back, err := h.Withdraw(h.ctx, h.translator, tr.ID); err != nil || back.State != document.Draft || back.SubmittedAt != nil {
			t.Errorf("%+v, %v", back, err)
		}
		if _, err := h.Withdraw(h.ctx, h.translator, tr.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if _, err := h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p3": "Mil gracias."}); err != nil {
			t.Error(err)
		}
	})
}
