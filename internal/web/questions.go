package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages on which the structure of a questionnaire is edited. Every button makes one revision.
const (
	questionsPage page[questionsData] = "document_questions"
	questionPage  page[questionData]  = "document_question"
)

const surveySaved = "document.questions.saved"

// surveyData is a questionnaire as these pages show it.
type surveyData struct {
	document.Detail
	Nav        documentNav
	Definition document.Definition
	Editable   bool // open; who comes here may edit
	Base       int  // the number of the revision that this is
	Kinds      []form.Option
	Headings   []form.Option // the sections to choose from
}

type questionsData struct {
	surveyData
	Groups []questionGroup
	Kept   []documentLine // what was typed into a text that was frozen meanwhile
}

// questionGroup is a section with its questions; the one without a section comes first.
type questionGroup struct {
	document.SectionDefinition
	Questions []questionRow
}

type questionRow struct {
	document.QuestionDefinition
	Number      int
	First, Last bool // it cannot move any further
}

func (w *Web) questionsSection() section {
	return section{
		pages: []definition{questionsPage, questionPage, replacePage, newSurveyPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/documents/new/questionnaire", account.DocumentWrite, w.newSurvey)
			r.Handle(fiber.MethodPost, "/documents/new/questionnaire", account.DocumentWrite, w.createSurvey, large)
			r.Handle(fiber.MethodGet, "/documents/:id/questionnaire.yaml", account.DocumentRead, w.surveyYAML)
			r.Handle(fiber.MethodGet, "/documents/:id/replace", account.DocumentWrite, w.replaceSurvey)
			r.Handle(fiber.MethodPost, "/documents/:id/replace", account.DocumentWrite, w.putSurvey, large)
			r.Handle(fiber.MethodGet, "/documents/:id/questions", account.DocumentWrite, w.questions)
			r.Handle(fiber.MethodPost, "/documents/:id/questions", account.DocumentWrite, w.editQuestions, large)
			r.Handle(fiber.MethodGet, "/documents/:id/questions/:part", account.DocumentWrite, w.question)
			r.Handle(fiber.MethodPost, "/documents/:id/questions/:part", account.DocumentWrite, w.editQuestion, large)
		},
	}
}

// survey reads the questionnaire that the path means.
func (w *Web) survey(c *fiber.Ctx) (surveyData, error) {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return surveyData{}, err
	}
	actor := account.ActorFrom(ctx)
	d := surveyData{}
	if d.Detail, err = w.Documents.Get(ctx, actor, id); err != nil {
		return d, err
	}
	if d.Kind != document.Survey {
		return d, errs.E(errs.NotFound, "error.not_found")
	}
	if d.Definition, d.Revision, err = w.Documents.Definition(ctx, actor, id); err != nil {
		return d, err
	}
	d.Nav = documentNav{ID: id, Kind: d.Kind, At: "questions", actor: actor}
	d.Editable = d.Revision.State == document.OpenForComment
	d.Base = d.Revision.Number
	l := w.Server.Localizer(c)
	d.Kinds = questionKinds(l)
	d.head(l)
	return d, nil
}

func (d *surveyData) head(l *i18n.Localizer) {
	d.Headings = []form.Option{{Label: l.T("document.questions.no_section")}}
	for _, s := range d.Definition.Sections {
		d.Headings = append(d.Headings, form.Option{Value: s.ID, Label: s.Title})
	}
}

// postedSurvey is what was posted, and the questionnaire as the page had it from which it was posted: what was typed is
// read against that, and where something is wrong with it, shown over that.
func (w *Web) postedSurvey(c *fiber.Ctx) (surveyData, form.Form, error) {
	d, err := w.survey(c)
	if err != nil {
		return d, form.Form{}, err
	}
	posted, err := w.posted(c)
	base, _ := fromPage(posted, document.Changes{})
	if err != nil || base == d.Base {
		return d, posted, err
	}
	ctx := c.UserContext()
	old, err := w.Documents.DefinitionAt(ctx, account.ActorFrom(ctx), d.ID, base)
	if errs.Is(err, errs.NotFound) {
		return d, posted, nil
	}
	if err != nil {
		return d, posted, err
	}
	if d.Segments, err = w.segmentsAt(c, d.Detail, base); err != nil {
		return d, posted, err
	}
	d.Definition, d.Base = old, base
	d.head(w.Server.Localizer(c))
	return d, posted, nil
}

func questionKinds(l *i18n.Localizer) []form.Option {
	var all []form.Option
	for _, k := range document.QuestionKinds() {
		all = append(all, form.Option{Value: k, Label: l.T("document.question.kind." + k)})
	}
	return all
}

func questionsPath(id int64) string { return documentPath(id) + "/questions" }

// grouped lists the questions under their sections.
func grouped(d surveyData) questionsData {
	data := questionsData{surveyData: d, Groups: []questionGroup{{}}}
	for _, s := range d.Definition.Sections {
		data.Groups = append(data.Groups, questionGroup{SectionDefinition: s})
	}
	for i, q := range d.Definition.Questions {
		at := slices.IndexFunc(data.Groups, func(g questionGroup) bool { return g.ID == q.Section })
		data.Groups[at].Questions = append(data.Groups[at].Questions, questionRow{
			QuestionDefinition: q, Number: i + 1, First: i == 0 && at == 0, Last: i == len(d.Definition.Questions)-1 && at == len(data.Groups)-1,
		})
	}
	return data
}

func (w *Web) questions(c *fiber.Ctx) error {
	d, err := w.survey(c)
	if err != nil {
		return err
	}
	return questionsPage.showForm(w, c, grouped(d), questionsForm(d))
}

// questionsForm has the reading list and the closing question as they are stored.
func questionsForm(d surveyData) form.Form {
	f := form.With("other_text", d.Definition.OtherText)
	for _, r := range d.Definition.Reading {
		key := "reading." + strconv.Itoa(r.Number)
		f.Values[key+".title"], f.Values[key+".url"] = []string{r.Title}, []string{r.URL}
	}
	if d.Definition.Closes() {
		f.Values["other"] = []string{"yes"}
	}
	return f
}

func (w *Web) editQuestions(c *fiber.Ctx) error {
	d, posted, err := w.postedSurvey(c)
	if err != nil {
		return err
	}
	changes := document.Changes{Segments: postedSegments(posted, d.Segments)}
	verb, arg, _ := strings.Cut(posted.Value("do"), ":")
	if changes.Steps, err = outlineSteps(posted, verb, arg); err != nil {
		return err
	}
	if verb == "reading_add" {
		changes.AddReading = []document.Link{{Title: posted.Value("reading_title"), URL: posted.Value("reading_url")}}
		if strings.TrimSpace(posted.Value("reading_title")) == "" {
			return w.questionsAgain(c, d, posted, errs.InvalidFields(errs.FieldError("reading_title", "field.required")))
		}
	}
	said, err := w.editSurvey(c.UserContext(), d.Detail, posted, changes, surveySaved)
	if done, failed := w.editedByTwo(c, d.Detail, posted, changes, err); done || failed != nil {
		return failed
	}
	if err != nil {
		return w.questionsAgain(c, d, posted, err)
	}
	return w.redirect(c, questionsPath(d.ID)+outlinePlace(verb), said)
}

// outlinePlace is where on the page a form stands.
func outlinePlace(verb string) string {
	switch {
	case strings.HasPrefix(verb, "reading"):
		return "#reading"
	case verb == "closing":
		return "#closing"
	}
	return ""
}

// editSurvey makes the revision, and gives the key of what to say of it: alone, where nobody else was faster.
func (w *Web) editSurvey(ctx context.Context, d document.Detail, posted form.Form, changes document.Changes, alone string) (said string, err error) {
	base, changes := fromPage(posted, changes)
	saved, err := w.Documents.Edit(ctx, account.ActorFrom(ctx), d.ID, base, changes)
	return editedMessage(base, saved, alone), err
}

// outlineSteps are what the buttons of the list of questions do.
func outlineSteps(f form.Form, verb, arg string) ([]document.Step, error) {
	number, _ := strconv.Atoi(arg)
	switch verb {
	case "add_question":
		q := document.QuestionDefinition{Text: f.Value("new_text"), Type: f.Value("new_kind"), Section: f.Value("new_section")}
		return []document.Step{document.AddQuestion(q, document.Lines(f.Value("new_items")))}, nil
	case "up":
		return []document.Step{document.MoveQuestion(arg, -1)}, nil
	case "down":
		return []document.Step{document.MoveQuestion(arg, 1)}, nil
	case "add_section":
		return []document.Step{document.AddSection(f.Value("section_title"), f.Value("section_text"))}, nil
	case "section_up":
		return []document.Step{document.MoveSection(arg, -1)}, nil
	case "section_down":
		return []document.Step{document.MoveSection(arg, 1)}, nil
	case "reading_up":
		return []document.Step{document.MoveReading(number, -1)}, nil
	case "reading_down":
		return []document.Step{document.MoveReading(number, 1)}, nil
	case "reading_remove":
		return []document.Step{document.RemoveReading(number)}, nil
	case "closing":
		return []document.Step{document.SetClosing(f.Has("other", "yes"), f.Value("other_text"))}, nil
	case "reading_add", "reading_save":
		return nil, nil
	}
	return nil, errs.E(errs.Invalid, "error.bad_request")
}

// questionsAgain shows the list after a refusal, with what was typed.
func (w *Web) questionsAgain(c *fiber.Ctx, d surveyData, posted form.Form, err error) error {
	stored := questionsForm(d)
	if verb, _, _ := strings.Cut(posted.Value("do"), ":"); verb == "closing" && !posted.Has("other", "yes") {
		delete(stored.Values, "other")
	}
	shown := grouped(d)
	if !d.Editable {
		shown.Kept = keptLines(w.Server.Localizer(c), posted, stored)
	}
	return questionsPage.refuse(w, c, shown, posted.Over(stored), err)
}
