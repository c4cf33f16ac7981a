package web

import (
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages that take a questionnaire as a file.
const (
	replacePage   page[replaceData]   = "document_replace"
	newSurveyPage page[newSurveyData] = "document_new_questionnaire"
)

type replaceData struct {
	document.Detail
	Editable bool
	Preview  bool // the file was read: Replacement says what it changes
	document.Replacement
	Labels  map[string]string // of the passages, by key
	Answers int               // contributions that answer what would be taken out
}

type newSurveyData struct {
	Cycle cycle.Cycle
	Kinds []form.Option
}

// surveyYAML gives the questionnaire as a file.
func (w *Web) surveyYAML(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	actor := account.ActorFrom(ctx)
	d, err := w.Documents.ByID(ctx, id)
	if err != nil {
		return err
	}
	if d.Kind != document.Survey {
		return errs.E(errs.NotFound, "error.not_found")
	}
	definition, _, err := w.Documents.Definition(ctx, actor, id)
	if err != nil {
		return err
	}
	text, err := definition.YAML()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+d.Slug+`.yaml"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(text)
}

func (w *Web) replaceData(c *fiber.Ctx) (replaceData, error) {
	d, err := w.survey(c)
	return replaceData{Detail: d.Detail, Editable: d.Editable}, err
}

func (w *Web) replaceSurvey(c *fiber.Ctx) error {
	data, err := w.replaceData(c)
	if err != nil {
		return err
	}
	return replacePage.show(w, c, data)
}

// putSurvey first shows what a file would change, and on the second press makes one revision of it.
func (w *Web) putSurvey(c *fiber.Ctx) error {
	data, err := w.replaceData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	text, err := fileText(c, posted)
	if err != nil {
		return err
	}
	posted.Values["yaml"] = []string{strings.ToValidUTF8(text, "\uFFFD")}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	definition, err := document.ParseQuestionnaire([]byte(text))
	if err == nil && posted.Value("do") == "save" {
		changes := document.Changes{Content: definition, Removing: strings.Fields(posted.Value("removing"))}
		var said string
		if said, err = w.editSurvey(ctx, data.Detail, posted, changes, "document.edit.saved"); err == nil {
			return w.redirect(c, documentPath(data.ID), said)
		}
		if done, failed := w.editedByTwo(c, data.Detail, posted, changes, err); done || failed != nil {
			return failed
		}
	}
	if err == nil || errs.Is(err, errs.Conflict) { // what it changes in the newest wording
		conflict := err
		if data.Replacement, err = w.Documents.Replacing(ctx, actor, data.ID, definition); err == nil {
			data.Preview = true
			data.Answers, err = w.Contributions.AnswersTo(ctx, data.CycleID, data.Removed)
			data.label(w.Server.Localizer(c))
		}
		if err == nil {
			err = conflict
		}
	}
	if err == nil {
		return replacePage.showForm(w, c, data, posted)
	}
	return w.fileRefused(c, posted, err, func(status int, f form.Form) error { return replacePage.render(w, c, status, data, f) })
}

func (d *replaceData) label(l interface{ Error(error) string }) {
	d.Labels = map[string]string{}
	for _, t := range d.Texts {
		d.Labels[t.Key] = l.Error(document.Place(t.Key))
	}
}

// fileText is what was uploaded, else what stands in the field.
func fileText(c *fiber.Ctx, posted form.Form) (string, error) {
	head, err := c.FormFile("file")
	if err != nil || head.Size == 0 {
		return posted.Value("yaml"), nil
	}
	f, err := head.Open()
	if err != nil {
		return "", errs.Wrap("web.file_text", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	return string(text), errs.Wrap("web.file_text", err)
}

// fileRefused shows the page again. All that is wrong with the file is said at the field of its text.
func (w *Web) fileRefused(c *fiber.Ctx, posted form.Form, err error, show func(status int, f form.Form) error) error {
	e := errs.Find(err)
	if e == nil || e.Code != errs.Invalid && e.Code != errs.Conflict && e.Code != errs.TooLarge {
		return err
	}
	told := *e
	if e.Code == errs.TooLarge {
		told = *errs.InvalidFields(errs.FieldError("yaml", e.Key))
		delete(posted.Values, "yaml") // nobody edits it in a field
	}
	told.Fields = nil
	for _, f := range errs.FieldsOf(err) {
		if f.Name != "slug" && f.Name != "title" && f.Name != "new_text" {
			f.Name = "yaml"
		}
		told.Fields = append(told.Fields, f)
	}
	if e.Code == errs.TooLarge {
		told.Fields = []errs.Field{errs.FieldError("yaml", e.Key)}
	}
	return show(errs.Status(&told), posted.Fail(w.Server.Localizer(c), &told))
}

func (w *Web) newSurveyData(c *fiber.Ctx) (newSurveyData, error) {
	current, err := w.Cycles.Current(c.UserContext())
	return newSurveyData{Cycle: current, Kinds: questionKinds(w.Server.Localizer(c))}, err
}

func (w *Web) newSurvey(c *fiber.Ctx) error {
	data, err := w.newSurveyData(c)
	if err != nil {
		return err
	}
	return newSurveyPage.showForm(w, c, data, form.With("slug", "questionnaire"))
}

// createSurvey makes a questionnaire of a title and its first question, or of a file.
func (w *Web) createSurvey(c *fiber.Ctx) error {
	data, err := w.newSurveyData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	made, err := w.makeSurvey(c, data.Cycle, posted)
	if err != nil {
		return w.fileRefused(c, posted, err, func(status int, f form.Form) error { return newSurveyPage.render(w, c, status, data, f) })
	}
	return w.redirect(c, questionsPath(made.ID), "document.created")
}

func (w *Web) makeSurvey(c *fiber.Ctx, of cycle.Cycle, posted form.Form) (document.Document, error) {
	text, err := fileText(c, posted)
	if err != nil {
		return document.Document{}, err
	}
	posted.Values["yaml"] = []string{strings.ToValidUTF8(text, "\uFFFD")}
	var d document.Definition
	if strings.TrimSpace(text) != "" {
		if d, err = document.ParseQuestionnaire([]byte(text)); err != nil {
			return document.Document{}, err
		}
	} else if d, err = firstQuestion(posted); err != nil {
		return document.Document{}, err
	}
	if d.ID == "" {
		d.ID = of.Slug
	}
	if d.Language == "" {
		d.Language = of.DefaultLanguage
	}
	ctx := c.UserContext()
	return w.Documents.Create(ctx, account.ActorFrom(ctx), of.ID, document.Survey, posted.Value("slug"), d.Language, d)
}

func firstQuestion(f form.Form) (document.Definition, error) {
	var wrong []errs.Field
	for _, name := range []string{"title", "new_text"} {
		if strings.TrimSpace(f.Value(name)) == "" {
			wrong = append(wrong, errs.FieldError(name, "field.required"))
		}
	}
	if len(wrong) > 0 {
		return document.Definition{}, errs.InvalidFields(wrong...)
	}
	q := document.QuestionDefinition{ID: "q1", Type: document.LongText, Text: f.Value("new_text")}
	return document.Definition{Title: f.Value("title"), Questions: []document.QuestionDefinition{q}}, nil
}
