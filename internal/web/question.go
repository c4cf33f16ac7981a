package web

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/web/form"
)

// questionData is the page of one question, or of one section.
type questionData struct {
	surveyData
	Question *document.QuestionDefinition // nil on the page of a section
	Section  *document.SectionDefinition
	Items    []itemRow
	Confirm  bool // what was asked for takes something away: it is done when it is asked for again, with a tick
}

type itemRow struct {
	document.ItemDefinition
	Number int
}

// questionIn is the page of a part of a questionnaire; errs.NotFound where there is none of that name.
func questionIn(d surveyData, part string) (questionData, error) {
	data := questionData{surveyData: d}
	for i := range d.Definition.Questions {
		if d.Definition.Questions[i].ID == part {
			data.Question = &d.Definition.Questions[i]
			for j, item := range data.Question.Items {
				data.Items = append(data.Items, itemRow{item, j + 1})
			}
		}
	}
	for i := range d.Definition.Sections {
		if d.Definition.Sections[i].ID == part {
			data.Section = &d.Definition.Sections[i]
		}
	}
	if data.Question == nil && data.Section == nil {
		return data, errs.E(errs.NotFound, "document.question.unknown", "ID", part)
	}
	return data, nil
}

func (w *Web) question(c *fiber.Ctx) error {
	d, err := w.survey(c)
	if err != nil {
		return err
	}
	data, err := questionIn(d, c.Params("part"))
	if err != nil {
		return err
	}
	return questionPage.showForm(w, c, data, data.stored())
}

// stored is the form as the questionnaire has it.
func (d questionData) stored() form.Form {
	if s := d.Section; s != nil {
		return form.With("section_title", s.Title, "section_text", s.Text)
	}
	q := d.Question
	f := form.With(q.ID+".text", q.Text, q.ID+".preamble", q.Preamble, q.ID+".follow_up", q.FollowUp, "kind", q.Type, "section", q.Section)
	for _, item := range q.Items {
		f.Values[item.ID+".text"] = []string{item.Text}
	}
	if len(q.Items) == 0 || q.HasOther() {
		f.Values["other"] = []string{"yes"}
	}
	return f
}

func (w *Web) editQuestion(c *fiber.Ctx) error {
	d, posted, err := w.postedSurvey(c)
	if err != nil {
		return err
	}
	data, err := questionIn(d, c.Params("part"))
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	verb, arg, _ := strings.Cut(posted.Value("do"), ":")
	changes, err := data.changes(posted, verb, arg)
	if err != nil {
		return err
	}
	if err := w.asked(ctx, &data, posted, verb, arg); err != nil {
		return w.questionAgain(c, data, posted, err)
	}
	said, err := w.editSurvey(ctx, data.Detail, posted, changes, surveySaved)
	if done, failed := w.editedByTwo(c, data.Detail, posted, changes, err); done || failed != nil {
		return failed
	}
	if err != nil {
		return w.questionAgain(c, data, posted, err)
	}
	to := questionsPath(data.ID)
	if data.Base == data.Revision.Number && strings.HasPrefix(verb, "item") { // else somebody may have taken the question out
		to += "/" + c.Params("part") + "#items"
	}
	return w.redirect(c, to, said)
}

// changes are what a button of the page does: it saves what was typed, too.
func (d questionData) changes(f form.Form, verb, arg string) (document.Changes, error) {
	if d.Section != nil {
		if verb == "remove" {
			return document.Changes{Steps: []document.Step{document.RemoveSection(d.Section.ID)}}, nil
		}
		return document.Changes{Steps: []document.Step{document.SetSection(d.Section.ID, f.Value("section_title"), f.Value("section_text"))}}, nil
	}
	id := d.Question.ID
	if verb == "remove" {
		return document.Changes{Steps: []document.Step{document.RemoveQuestion(id)}}, nil
	}
	kind := f.Value("kind")
	ch := document.Changes{
		Segments: postedSegments(f, d.Segments),
		Steps: []document.Step{
			document.SetWords(id, f.Value(id+".preamble"), f.Value(id+".follow_up")),
			document.SetQuestion(id, kind, f.Value("section"), f.Has("other", "yes")),
			document.AddItems(id, document.Lines(f.Value("items"))),
		},
	}
	delete(ch.Segments, id+".preamble")
	delete(ch.Segments, id+".follow_up")
	if !document.HasItems(kind) {
		for _, item := range d.Question.Items {
			delete(ch.Segments, item.ID+".text")
		}
	}
	switch verb {
	case "save", "items":
	case "item_up":
		ch.Steps = append(ch.Steps, document.MoveItem(arg, -1))
	case "item_down":
		ch.Steps = append(ch.Steps, document.MoveItem(arg, 1))
	case "item_remove":
		delete(ch.Segments, arg+".text")
		ch.Steps = append(ch.Steps, document.RemoveItem(arg))
	default:
		return ch, errs.E(errs.Invalid, "error.bad_request")
	}
	return ch, nil
}

// asked refuses what takes away answers or items until it is confirmed.
func (w *Web) asked(ctx context.Context, d *questionData, f form.Form, verb, arg string) error {
	if d.Question == nil || f.Has("confirm", "yes") {
		return nil
	}
	kept := contribution.Question{ID: d.Question.ID, Kind: d.Question.Type, FollowUp: d.Question.FollowUp, Other: d.Question.HasOther()}
	for _, item := range d.Question.Items {
		kept.Items = append(kept.Items, contribution.Item{ID: item.ID})
	}
	keys := kept.Keys()
	changed := f.Value("kind") != d.Question.Type
	switch {
	case verb == "item_remove" && !kept.Choice():
		keys = []string{arg}
	case verb == "remove", verb == "item_remove", changed:
	default:
		return nil
	}
	n, err := w.Contributions.AnswersTo(ctx, d.CycleID, keys)
	if err != nil {
		return err
	}
	d.Confirm = n > 0 || changed && verb != "remove" && len(d.Question.Items) > 0 && !document.HasItems(f.Value("kind"))
	switch {
	case n > 0:
		return errs.InvalidFields(errs.FieldError("confirm", "document.question.answered", "Count", n))
	case d.Confirm:
		return errs.InvalidFields(errs.FieldError("confirm", "document.question.items_go", "Count", len(d.Question.Items)))
	}
	return nil
}

// questionAgain shows the page after a refusal, with what was typed.
func (w *Web) questionAgain(c *fiber.Ctx, d questionData, posted form.Form, err error) error {
	shown := posted.Over(d.stored())
	if !posted.Has("other", "yes") {
		delete(shown.Values, "other")
	}
	return questionPage.refuse(w, c, d, shown, err)
}
