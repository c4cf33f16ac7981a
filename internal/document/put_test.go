package document_test

import (
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

func TestPutGivesTheWholeTextOfALanguage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		es := document.Message{
			Subject: "Llamado a contribuciones",
			Body:    "Hola {{contact}}:\n\nlea https://www.example.org/call y responda: {{personal_link}}\n\nGracias.",
		}
		h.must(h.Put(h.ctx, h.translator, doc.ID, "es", es))
		status := h.status(doc.ID, "es")
		if status.State != document.InReview || status.Done != 4 {
			t.Fatalf("got %+v", status)
		}
		_, err := h.Approve(h.ctx, h.reviewer, status.ID)
		h.must(err)

		short := document.Message{Subject: "دعوة", Body: "تحية {{contact}}"}
		if err := h.Put(h.ctx, h.translator, doc.ID, "ar", short); errs.FieldsOf(err) == nil || errs.FieldsOf(err)[0].Name != "body" {
			t.Errorf("too few passages: got %v", err)
		}
		if status := h.status(doc.ID, "ar"); status.State != document.Missing {
			t.Errorf("a refused text left %v", status.State)
		}

		h.must(h.Put(h.ctx, h.officer, doc.ID, "en", document.Message{Subject: "Call for contributions", Body: body + "\n\nPlease hurry."}))
		if status := h.status(doc.ID, "es"); status.State != document.Stale {
			t.Errorf("after an edit of the source: got %v", status.State)
		}
		if err := h.Put(h.ctx, h.volunteer, doc.ID, "en", es); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: got %v", err)
		}
	})
}
