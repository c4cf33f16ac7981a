package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
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

func (w *Web) questionData(c *fiber.Ctx) (questionData, error) {
	d, err := w.survey(c)
	data := questionData{surveyData: d}
	if err != nil {
		return data, err
	}
	part := c.Params("part")
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
	return data, nil
}

func (w *Web) question(c *fiber.Ctx) error {
	data, err := w.questionData(c)
	if err != nil {
		return err
	}
	if data.Question == nil && data.Section == nil {
		return errs.E(errs.NotFound, "document.question.unknown", "ID", c.Params("part"))
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
	data, err := w.questionData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	if data.Question == nil && data.Section == nil {
		return w.questionGone(c, data, posted)
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
	if err := w.editSurvey(ctx, data.surveyData, posted, changes); err != nil {
		return w.questionAgain(c, data, posted, err)
	}
	to := questionsPath(data.ID)
	if strings.HasPrefix(verb, "item") {
		to += "/" + c.Params("part") + "#items"
	}
	return w.redirect(c, to, "document.questions.saved")
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
			document.AddItems(id, linesIn(f.Value("items"))),
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

// questionBefore is the form of the part as it stood on the page that was posted; empty where that cannot be told.
func (w *Web) questionBefore(c *fiber.Ctx, d questionData, posted form.Form) form.Form {
	old, ok := w.surveyBefore(c, d.surveyData, posted)
	part := c.Params("part")
	i := slices.IndexFunc(old.Questions, func(q document.QuestionDefinition) bool { return q.ID == part })
	j := slices.IndexFunc(old.Sections, func(s document.SectionDefinition) bool { return s.ID == part })
	switch {
	case ok && i >= 0:
		return questionData{Question: &old.Questions[i]}.stored()
	case ok && j >= 0:
		return questionData{Section: &old.Sections[j]}.stored()
	}
	return form.Form{}
}

// surveyBefore is the questionnaire that the page had from which something was posted.
func (w *Web) surveyBefore(c *fiber.Ctx, d surveyData, posted form.Form) (old document.Definition, ok bool) {
	number, err := strconv.Atoi(posted.Value("base_revision"))
	if err == nil {
		old, err = w.Documents.DefinitionAt(c.UserContext(), account.ActorFrom(c.UserContext()), d.ID, number)
	}
	return old, err == nil
}

// questionAgain shows the page after a refusal, with what was typed. What the person left alone is as it is stored by now.
func (w *Web) questionAgain(c *fiber.Ctx, d questionData, posted form.Form, err error) error {
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
		return err
	}
	d.Newer = errs.Is(err, errs.Conflict) && d.Editable
	page := form.Form{}
	if d.Newer {
		page = w.questionBefore(c, d, posted)
	}
	shown := posted.Over(d.stored(), page, "other")
	if !d.Newer && !posted.Has("other", "yes") {
		delete(shown.Values, "other")
	}
	return questionPage.render(w, c, errs.Status(err), d, shown.Fail(w.Server.Localizer(c), err))
}

// questionGone keeps what was typed for a question that somebody took out in the meantime: it can be added again.
func (w *Web) questionGone(c *fiber.Ctx, d questionData, posted form.Form) error {
	part := c.Params("part")
	err := errs.E(errs.Conflict, "document.question.gone", "ID", part)
	shown := questionsForm(d.surveyData)
	shown.Values["new_text"] = posted.Values[part+".text"]
	shown.Values["new_kind"] = posted.Values["kind"]
	shown.Values["section_title"], shown.Values["section_text"] = posted.Values["section_title"], posted.Values["section_text"]
	var items []string
	for name, values := range posted.Values {
		if strings.HasSuffix(name, ".text") && name != part+".text" {
			items = append(items, values...)
		}
	}
	shown.Values["new_items"] = []string{strings.Join(append(items, linesIn(posted.Value("items"))...), "\n")}
	return questionsPage.render(w, c, errs.Status(err), grouped(d.surveyData), shown.Fail(w.Server.Localizer(c), err))
}
