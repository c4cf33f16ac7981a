package document_test

import (
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

const short = `
id: short
language: en
title: Short
relevant_reading: [{title: One, url: 'https://example.org/1'}, {title: Two, url: 'https://example.org/2'}]
questions:
- {id: q1, type: text, text: 'First?'}
- {id: q2, type: group, text: 'Second?', items: [{id: q2a, text: Here}, {id: q2b, text: There}]}
`

func (h *house) survey() document.Document {
	h.t.Helper()
	definition, err := document.ParseQuestionnaire([]byte(short))
	h.must(err)
	d, err := h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "questionnaire", "en", definition)
	h.must(err)
	return d
}

func TestStepsLeaveTranslationsOfTheRestAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.survey()
		es, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, es.ID, map[string]string{
			"title": "Corto", "reading.1.title": "Uno", "reading.2.title": "Dos", "q1.text": "¿Primera?", "q2.text": "¿Segunda?", "q2a.text": "Aquí", "q2b.text": "Allí",
		})
		h.must(err)
		for i, step := range []document.Step{
			document.MoveQuestion("q2", -1), document.MoveItem("q2b", -1), document.MoveReading(2, -1), document.RemoveReading(1),
			document.AddSection("Part one", ""), document.SetQuestion("q1", document.ShortText, "s1", true), document.SetClosing(true, "And now?"),
		} {
			if _, err := h.Edit(h.ctx, h.officer, doc.ID, i+1, document.Changes{Steps: []document.Step{step}}); err != nil {
				t.Fatalf("step %d: %v", i+1, err)
			}
		}
		if _, err := h.Edit(h.ctx, h.officer, doc.ID, 3, document.Changes{Steps: []document.Step{document.RemoveQuestion("q1")}}); !errs.Is(err, errs.Conflict) {
			t.Errorf("a button of an old page: %v", err)
		}
		sheet, err := h.Sheet(h.ctx, h.translator, es.ID)
		h.must(err)
		got := map[string]string{}
		for _, line := range sheet.Lines {
			if line.Stale {
				t.Errorf("%s is outdated", line.Key)
			}
			got[line.Key] = line.Translation
		}
		for key, want := range map[string]string{"reading.2.title": "Dos", "q1.text": "¿Primera?", "q2.text": "¿Segunda?", "q2a.text": "Aquí", "q2b.text": "Allí", "section.s1.title": "", "other.text": ""} {
			if text, ok := got[key]; !ok || text != want {
				t.Errorf("%s is %q, want %q", key, text, want)
			}
		}
	})
}

func TestAFileTakesThePlaceOfAQuestionnaire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.survey()
		own, r, err := h.Definition(h.ctx, h.officer, doc.ID)
		h.must(err)
		changed, err := h.Replacing(h.ctx, h.officer, doc.ID, own)
		h.must(err)
		if !changed.Nothing() {
			t.Errorf("its own file changes %+v", changed)
		}
		same, err := h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Content: own})
		h.must(err)
		if same.Number != 1 {
			t.Errorf("its own file made revision %d", same.Number)
		}
		edited := own
		edited.Questions = slices.Clone(own.Questions)
		edited.Questions[0].Type, edited.Questions[0].Text = document.ShortText, "First question?"
		edited.Questions[1].Items = own.Questions[1].Items[:1]
		changed, err = h.Replacing(h.ctx, h.officer, doc.ID, edited)
		h.must(err)
		if len(changed.Texts) != 2 || changed.Texts[0].Key != "q1.text" || !slices.Equal(changed.Removed, []string{"q2b"}) || !slices.Equal(changed.Kinds, []string{"q1"}) || changed.Moved {
			t.Errorf("got %+v", changed)
		}
		if _, now, err := h.Definition(h.ctx, h.officer, doc.ID); err != nil || now.Number != 1 {
			t.Errorf("looking made revision %d: %v", now.Number, err)
		}
		for name, wrong := range map[string]document.Definition{"id": {ID: "other-2018", Language: "en"}, "language": {ID: "short", Language: "es"}} {
			wrong.Title, wrong.Questions = own.Title, own.Questions
			_, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: wrong})
			if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != name {
				t.Errorf("another %s: %v", name, err)
			}
		}
		if _, err := h.Replacing(h.ctx, h.volunteer, doc.ID, edited); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: %v", err)
		}
		if _, err := h.Replacing(h.ctx, h.officer, h.message().ID, edited); !errs.Is(err, errs.Invalid) {
			t.Errorf("in place of a message: %v", err)
		}
	})
}
