package document_test

import (
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

func TestAQuestionnaireTakesNothingOutUnasked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		whole := document.Definition{
			ID: "x", Title: "Questions", Language: "en",
			Questions: []document.QuestionDefinition{
				{ID: "q1", Type: document.LongText, Text: "Who?", FollowUp: "Since when?"},
				{ID: "q2", Type: document.Group, Text: "Why?", Items: []document.ItemDefinition{{ID: "q2a", Text: "Now"}, {ID: "q2b", Text: "Then"}}},
			},
		}
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "survey", "en", whole)
		h.must(err)
		less := whole
		less.Questions = []document.QuestionDefinition{{ID: "q1", Type: document.LongText, Text: "Who?"}}
		edit := func(base int, c document.Changes) error {
			c.Alone = true
			_, err := h.Edit(h.ctx, h.officer, doc.ID, base, c)
			return err
		}
		err = edit(1, document.Changes{Content: less})
		var names []string
		for _, f := range errs.FieldsOf(err) {
			names = append(names, f.Name)
		}
		if !errs.Is(err, errs.Conflict) || !slices.Equal(names, []string{"q2", "q2a", "q2b", "q1.follow_up", "q2.other"}) {
			t.Fatalf("%v, of %q", err, names)
		}
		if err := edit(1, document.Changes{Content: less, Removing: []string{"q2", "q2a", "q1.follow_up", "q2.other"}}); len(errs.FieldsOf(err)) != 1 {
			t.Errorf("took out what was not confirmed: %v", err)
		}
		if err := edit(7, document.Changes{Content: whole}); errs.Find(err) == nil || errs.Find(err).Key != "document.edit.no_revision" {
			t.Errorf("from a revision that there is not: %v", err)
		}
		h.must(edit(1, document.Changes{Content: less, Removing: names}))
		h.must(edit(2, document.Changes{Content: whole}))
		if err := edit(2, document.Changes{Content: whole}); errs.Find(err) == nil || errs.Find(err).Key != "document.edit.newer" {
			t.Errorf("from an old revision: %v", err)
		}
		h.must(edit(3, document.Changes{Content: less, RemoveAny: true}))
	})
}
