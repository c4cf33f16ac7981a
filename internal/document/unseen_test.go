package document_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// What is required must be seen.
func TestWhatCannotBeSeenIsNoText(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		const nothing = " \u200b\u2060\ufeff\u00ad\u180e\n"
		required := func(name string, err error, field string) {
			t.Helper()
			for _, f := range errs.FieldsOf(err) {
				if f.Name == field {
					return
				}
			}
			t.Errorf("%s: %v", name, err)
		}
		_, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "unseen", "en", document.Message{Subject: nothing, Body: "Text."})
		required("a subject", err, "subject")
		_, err = h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "unseen", "en", document.Message{Subject: "S", Body: nothing + "\n\n\u200b"})
		required("a body", err, "body")
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "seen", "en", document.Message{Subject: "S", Body: "Text.\n\n\u200b\n\nMore."})
		h.must(err)
		_, err = h.Comment(h.ctx, h.officer, doc.ID, document.CommentInput{SegmentKey: "p1", Body: nothing})
		required("a comment", err, "body")
		_, err = h.Comment(h.ctx, h.officer, doc.ID, document.CommentInput{SegmentKey: "subject", Suggests: true, Suggestion: nothing})
		required("a suggestion", err, "suggestion")
		_, err = h.Comment(h.ctx, h.officer, doc.ID, document.CommentInput{SegmentKey: "p1", Suggests: true, Suggestion: "Te\u202ext."})
		required("a suggestion that turns", err, "suggestion")
		_, err = h.Comment(h.ctx, h.officer, doc.ID, document.CommentInput{SegmentKey: "subject", Suggests: true, Suggestion: "Two\nlines"})
		required("a subject of two lines", err, "suggestion")
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Note: strings.Repeat("x", 1001), Segments: map[string]string{"p1": "Other text."}})
		required("a note that is too long", err, "note")
		said, err := h.Comment(h.ctx, h.officer, doc.ID, document.CommentInput{SegmentKey: "p1", Body: "Why?"})
		h.must(err)
		_, err = h.DeclineThread(h.ctx, h.officer, said.ID, nothing)
		required("a reason to decline", err, "text")
		_, err = h.AnswerThread(h.ctx, h.officer, said.ID, nothing)
		required("an answer", err, "text")
		_, err = h.FreezeDespite(h.ctx, h.officer, doc.ID, nothing)
		required("a reason to freeze", err, document.OverrideField)
		_, err = h.Reopen(h.ctx, h.officer, doc.ID, nothing)
		required("a reason to reopen", err, "reason")
		_, err = h.Relieve(h.ctx, h.officer, 1, nothing)
		if err == nil {
			t.Error("a reason to relieve")
		}
	})
}
