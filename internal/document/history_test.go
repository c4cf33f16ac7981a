package document_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

func TestWhoWroteWhat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message() // revision 1: subject, p1, p2, p3
		h.at(now.Add(time.Hour))
		_, err := h.Edit(h.ctx, h.lead, doc.ID, 1, document.Changes{Segments: map[string]string{"p1": "Dear friend,"}, Note: "friendlier"})
		h.must(err)
		h.at(now.Add(2 * time.Hour))
		// The second passage goes, one is added at the end, and what the lead wrote stays hers.
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 2, document.Changes{Content: document.Message{Subject: "Call for contributions", Body: "Dear friend,\n\nThank you.\n\nBye."}})
		h.must(err)
		_, err = h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		_, err = h.Reopen(h.ctx, h.officer, doc.ID, "a wrong name")
		h.must(err)

		past, err := h.History(h.ctx, h.volunteer, doc.ID)
		h.must(err)
		var lines []string
		for _, r := range past.Revisions {
			lines = append(lines, strings.Join([]string{r.Author, r.Note, r.Freezer}, "|"))
		}
		if want := []string{"eleonora|a wrong name|", "eleonora||eleonora", "maarten|friendlier|", "eleonora||"}; !slices.Equal(lines, want) {
			t.Errorf("revisions %q, want %q", lines, want)
		}
		type counts struct{ changed, added, removed int }
		for number, want := range map[int]counts{1: {0, 4, 0}, 2: {1, 0, 0}, 3: {0, 1, 1}, 4: {}} {
			r := past.Revisions[4-number]
			if got := (counts{r.Changed, r.Added, r.Removed}); got != want {
				t.Errorf("revision %d: %+v, want %+v", number, got, want)
			}
		}
		origins := map[string]string{}
		for _, o := range past.Passages {
			origins[o.Key] = o.Author + " " + o.At.Format("15:04")
		}
		for key, want := range map[string]string{"subject": "eleonora 12:00", "p1": "maarten 13:00", "p3": "eleonora 12:00", "p4": "eleonora 14:00"} {
			if origins[key] != want {
				t.Errorf("%s is by %q, want %q", key, origins[key], want)
			}
		}
		old, err := h.Wording(h.ctx, h.volunteer, doc.ID, 1)
		h.must(err)
		if old.Latest != 4 || !strings.Contains(old.Rendered.Text, "please read") || len(old.Segments) != 4 {
			t.Errorf("%+v", old)
		}
		if _, err := h.Wording(h.ctx, h.volunteer, doc.ID, 9); !errs.Is(err, errs.NotFound) {
			t.Errorf("a revision that is not there: %v", err)
		}
		compared, err := h.Compare(h.ctx, h.volunteer, doc.ID, 1, 4, "")
		h.must(err)
		var changes []string
		for _, p := range compared.Passages {
			changes = append(changes, p.Key+" "+string(p.State))
		}
		if want := []string{"p1 changed", "p2 removed", "p4 added"}; !slices.Equal(changes, want) || compared.Same != 2 {
			t.Errorf("%q and %d the same, want %q and 2", changes, compared.Same, want)
		}
		if _, err := h.Compare(h.ctx, h.volunteer, doc.ID, 0, 77, ""); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("numbers that are not there: %v", err)
		}
		if _, err := h.History(h.ctx, account.Nobody(""), doc.ID); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// Two revisions are compared in a language, each as its translation was left.
func TestCompareTranslations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		_, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": "Many thanks."}})
		h.must(err)
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p3": "Muchas gracias."})
		h.must(err)
		for locale, want := range map[string]string{"": "p3 changed Thank", "en": "p3 changed Thank", "es": "p3 changed Gracias"} {
			c, err := h.Compare(h.ctx, h.volunteer, doc.ID, 1, 2, locale)
			h.must(err)
			if len(c.Passages) != 1 || !slices.Equal(c.Locales, []string{"en", "es"}) || c.Same != 3 {
				t.Fatalf("%q: %+v", locale, c)
			}
			p := c.Passages[0]
			if got := p.Key + " " + string(p.State) + " " + strings.TrimSpace(p.Changes[0].Text); !strings.HasPrefix(got, want) {
				t.Errorf("%q: %q, want %q", locale, got, want)
			}
		}
		if _, err := h.Compare(h.ctx, h.volunteer, doc.ID, 1, 2, "ar"); !errs.Is(err, errs.Invalid) || errs.FieldsOf(err)[0].Name != "in" {
			t.Errorf("a language into which nothing is translated: %v", err)
		}
	})
}

// What a questionnaire has beside its texts is compared too, and parts that are moved.
func TestCompareOfTwoQuestionnaires(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	item := func(id, text string) document.ItemDefinition { return document.ItemDefinition{ID: id, Text: text} }
	def := document.Definition{ID: "q", Language: "en", Title: "Questions", Questions: []document.QuestionDefinition{
		{ID: "q1", Type: document.LongText, Text: "One"},
		{ID: "q2", Type: document.SingleChoice, Text: "Two", Items: []document.ItemDefinition{item("a", "A"), item("b", "B")}},
		{ID: "q3", Type: document.File, Text: "Three"},
	}}
	doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "questionnaire", "en", def)
	h.must(err)
	no := false
	def.Other = &no
	def.Questions[0].Type = document.ShortText
	def.Questions[1].Other, def.Questions[1].Type = &no, document.MultipleChoice
	def.Questions[1].Items = append(def.Questions[1].Items[:1:1], item("c", "C"))
	def.Questions = []document.QuestionDefinition{def.Questions[2], def.Questions[0], def.Questions[1], {ID: "q4", Type: document.LongText, Text: "Four"}}
	_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: def, RemoveAny: true})
	h.must(err)
	compared, err := h.Compare(h.ctx, h.officer, doc.ID, 1, 2, "")
	h.must(err)
	var passages, settings []string
	for _, p := range compared.Passages {
		moved := ""
		if p.Moved {
			moved = " moved"
		}
		passages = append(passages, p.Key+" "+string(p.State)+moved)
	}
	for _, s := range compared.Settings {
		settings = append(settings, s.Key+": "+s.From+" → "+s.To)
	}
	if want := []string{"q3.text same moved", "b.text removed", "c.text added", "q4.text added"}; !slices.Equal(passages, want) {
		t.Errorf("passages %q, want %q", passages, want)
	}
	if want := []string{"other: true → false", "q1.type: text → short", "q2.other: true → false", "q2.type: single → multiple"}; !slices.Equal(settings, want) {
		t.Errorf("settings %q, want %q", settings, want)
	}
}

// Two people edit at once: what only one touched is merged, the rest is for the second to decide.
func TestTwoPeopleSaveAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		edit := func(by account.Actor, base int, c document.Changes) (document.Revision, error) {
			return h.Edit(h.ctx, by, doc.ID, base, c)
		}
		_, err := edit(h.officer, 1, document.Changes{Segments: map[string]string{"p1": "Dear {{contact}}!", "p3": "Thanks."}})
		h.must(err)
		merged, err := edit(h.lead, 1, document.Changes{Segments: map[string]string{"subject": "The call"}})
		h.must(err)
		if merged.Number != 3 {
			t.Errorf("merged into revision %d", merged.Number)
		}
		mine := document.Changes{Segments: map[string]string{"p3": "Many thanks.", "p2": "answer: {{personal_link}}"}}
		_, err = edit(h.lead, 1, mine)
		if f := errs.FieldsOf(err); !errs.Is(err, errs.Conflict) || len(f) != 1 || f[0].Name != "p3" {
			t.Fatalf("%v", err)
		}
		seen, clashes, err := h.Clashes(h.ctx, h.lead, doc.ID, 1, mine)
		h.must(err)
		if want := (document.EditClash{Key: "p3", Base: "Thank you.", Theirs: "Thanks.", Mine: "Many thanks.", Written: true}); seen != 3 || len(clashes) != 1 || clashes[0] != want {
			t.Errorf("%d %+v", seen, clashes)
		}
		// While she decides, the officer changes the passage again: what she decided was about other words.
		_, err = edit(h.officer, 3, document.Changes{Segments: map[string]string{"p3": "Thanks a lot."}})
		h.must(err)
		mine.Chosen, mine.Seen = map[string]document.Choice{"p3": {Take: document.TakeMine}}, 3
		if _, err = edit(h.lead, 1, mine); !errs.Is(err, errs.Conflict) {
			t.Errorf("words were replaced that she has not seen: %v", err)
		}
		mine.Seen = 4
		_, err = edit(h.lead, 1, mine)
		h.must(err)
		now, err := h.Get(h.ctx, h.officer, doc.ID)
		h.must(err)
		want := document.Message{Subject: "The call", Body: "Dear {{contact}}!\n\nanswer: {{personal_link}}\n\nMany thanks."}
		if !cmp.Equal(now.Message, want) || now.Revision.Number != 5 {
			t.Errorf("revision %d: %+v", now.Revision.Number, now.Message)
		}
		if _, err := edit(h.lead, 77, document.Changes{Segments: map[string]string{"p1": "x"}}); !errs.Is(err, errs.Conflict) {
			t.Errorf("an edit of nothing: %v", err)
		}
	})
}
