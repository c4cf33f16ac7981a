package document_test

import (
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// TestAReopenedTextIsTranslatedForWhatWentOut approves a translation after the text went out and was reopened: as long
// as the wording is the same, it is one of what went out too.
func TestAReopenedTextIsTranslatedForWhatWentOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		sent, err := h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		h.must(d.Write(h.ctx, func(tx *db.Tx) error { return h.MarkSent(tx, h.officer.Who, sent.ID) }))
		open, err := h.Reopen(h.ctx, h.officer, doc.ID, "A date is wrong.")
		h.must(err)
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
		h.must(err)
		h.approve(tr.ID)
		for _, revision := range []int64{sent.ID, open.ID} {
			if locales, err := h.ApprovedLocales(h.ctx, revision); err != nil || !slices.Equal(locales, []string{"en", "es"}) {
				t.Errorf("revision %d is approved in %q: %v", revision, locales, err)
			}
		}
		if got := h.read(sent.ID, 0); got != "Gracias." {
			t.Errorf("what went out reads %q in Spanish", got)
		}
		// A correction reaches what went out as its next edition.
		next, err := h.Correct(h.ctx, h.translator, tr.ID, "typo")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, next.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		h.approve(next.ID)
		if now, first := h.read(sent.ID, 0), h.read(sent.ID, 1); now != "Muchas gracias." || first != "Gracias." {
			t.Errorf("what went out reads %q, and in its first edition %q", now, first)
		}
		// After the wording has changed, a translation is one of the new wording only.
		h.edit(doc.ID, map[string]string{"p3": "Thank you very much."})
		edited, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, edited.ID, map[string]string{"p3": "Muchísimas gracias."})
		h.must(err)
		h.approve(edited.ID)
		if now := h.read(sent.ID, 0); now != "Muchas gracias." {
			t.Errorf("what went out reads %q after the wording changed", now)
		}
	})
}
