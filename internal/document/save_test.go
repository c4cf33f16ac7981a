package document_test

import (
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
)

func TestProgramsSayWhatTheyTranslated(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		at := now
		h.Now = func() time.Time { return at }
		doc := h.message()
		_, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		read := document.Mark("Thank you.")
		at = at.Add(time.Hour)
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": "Thank you all."}})
		h.must(err)
		present := document.Mark("Thank you all.")
		for _, step := range []struct {
			name, text, from string
			stale            bool
		}{
			{"of what stood there at the claim", "Gracias.", "", true},
			{"of what was read", "Muchas gracias.", read, true},
			{"the same again, confirming nothing", "Muchas gracias.", "", true},
			{"the same again, of what was read", "Muchas gracias.", read, true},
			{"the same again, of the present source", "Muchas gracias.", present, false},
			{"the same again, later", "Muchas gracias.", "", false},
			{"the same again, of what was read once", "Muchas gracias.", read, false},
			{"of nothing that was here", "Mil gracias.", "0badcafe", true},
			{"of the present source", "Gracias a todos.", present, false},
		} {
			current, err := h.TranslationOf(h.ctx, doc.ID, "es")
			h.must(err)
			from := map[string]string{}
			if step.from != "" {
				from["p3"] = step.from
			}
			tr, err := h.SaveFrom(h.ctx, h.translator, current.ID, map[string]string{"p3": step.text}, nil, from)
			h.must(err)
			sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
			h.must(err)
			if l := sheet.Lines[3]; l.Stale != step.stale || l.Translation != step.text {
				t.Errorf("%s: %q, stale %t", step.name, l.Translation, l.Stale)
			}
		}
	})
}
