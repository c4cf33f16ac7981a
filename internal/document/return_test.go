package document_test

import (
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

func TestAQuestionThatComesBackBringsItsTranslation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		definition := document.Definition{
			ID: "x", Title: "Questions", Language: "en",
			Questions: []document.QuestionDefinition{{ID: "q1", Type: document.LongText, Text: "Who?"}, {ID: "q2", Type: document.LongText, Text: "Why?"}},
		}
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "survey", "en", definition)
		h.must(err)
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"title": "Preguntas", "q1.text": "¿Quién?", "q2.text": "¿Por qué?"})
		h.must(err)
		h.approve(tr.ID)
		replace := func(base int, questions ...document.QuestionDefinition) {
			t.Helper()
			definition.Questions = questions
			_, err := h.Edit(h.ctx, h.officer, doc.ID, base, document.Changes{Content: definition, RemoveAny: true})
			h.must(err)
		}
		q1, q2 := definition.Questions[0], definition.Questions[1]
		replace(1, q1)
		if st := h.status(doc.ID, "es"); st.State != document.Approved || st.Total != 2 {
			t.Fatalf("without the question it is %+v", st)
		}
		replace(2, q1, q2)
		if st := h.status(doc.ID, "es"); st.State != document.Approved || st.Done != 3 {
			t.Errorf("with the question again it is %+v", st)
		}
		r, err := h.CurrentRevision(h.ctx, doc.ID)
		h.must(err)
		if q, err := h.Questionnaire(h.ctx, r.ID, "es"); err != nil || q.Fallback || q.Questions[1].Text != "¿Por qué?" {
			t.Errorf("%+v, %v", q.Questions, err)
		}
	})
}

// TestAPassageThatComesBack takes a passage out of a message, whose key is never given again, and puts it back.
func TestAPassageThatComesBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, tr := h.approved()
		take := func(base int, text string) {
			t.Helper()
			_, err := h.Edit(h.ctx, h.officer, doc.ID, base, document.Changes{Content: document.Message{Subject: "Call for contributions", Body: text}})
			h.must(err)
		}
		take(1, "Dear {{contact}},\n\nplease read https://www.example.org/call and answer: {{personal_link}}")
		take(2, body)
		if st := h.status(doc.ID, "es"); st.State != document.Approved || st.Done != 4 {
			t.Errorf("it is %+v", st)
		}
		// What was only drafted comes back to a draft, and never to what is approved.
		take(3, body+"\n\nBe brief.")
		_, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{sheet.Lines[len(sheet.Lines)-1].Key: "Sea breve."})
		h.must(err)
		take(4, body)
		if _, err := h.Submit(h.ctx, h.translator, tr.ID); err != nil {
			t.Errorf("%v", errs.FieldsOf(err))
		}
		take(5, body+"\n\nBe brief.")
		if st := h.status(doc.ID, "es"); st.State != document.Stale || st.Untranslated() != 1 {
			t.Errorf("handed in, it is %+v", st)
		}
	})
}
