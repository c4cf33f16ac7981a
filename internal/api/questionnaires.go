package api

import (
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// Questionnaire is a questionnaire as its file has it. Numbers are the names of paragraphs and of the reading
// list; what has none is compared with what was there before.
type Questionnaire struct {
	DocumentID int64               `json:"document_id"`
	Revision   int                 `json:"revision" doc:"the number of the current revision"`
	State      string              `json:"state" enum:"open_for_comment,frozen,sent"`
	Definition document.Definition `json:"definition"`
}

// QuestionnaireInput is a whole questionnaire in place of the one before.
type QuestionnaireInput struct {
	BaseRevision int                 `json:"base_revision" doc:"the number of the revision that was read; 409 where there is a newer one"`
	Definition   document.Definition `json:"definition"`
	Note         string              `json:"note,omitempty" doc:"what was changed"`
	Confirm      bool                `json:"confirm,omitempty" doc:"questions and items that the definition does not have may be taken out; without it, 409 names them"`
}

// NewQuestionnaire is a questionnaire for a cycle that has none of this name.
type NewQuestionnaire struct {
	Slug       string              `json:"slug"`
	Definition document.Definition `json:"definition"`
}

func (a *API) questionnaireEndpoints() []endpoint {
	large := []httpserver.Option{httpserver.BodyLimit(documentBody)}
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/cycles/:slug/questionnaires", action: account.DocumentWrite, handler: a.createQuestionnaire, options: large,
			summary: "Add a questionnaire to a cycle", request: NewQuestionnaire{}, response: Questionnaire{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodGet, path: "/documents/:id/questionnaire", action: account.DocumentRead, handler: a.getQuestionnaire,
			summary: "A questionnaire with its sections, questions and reading list", response: Questionnaire{},
		},
		{
			method: fiber.MethodPut, path: "/documents/:id/questionnaire", action: account.DocumentWrite, handler: a.putQuestionnaire, options: large,
			summary: "Replace a questionnaire; what did not change keeps its translations", request: QuestionnaireInput{}, response: Questionnaire{},
		},
		{
			method: fiber.MethodGet, path: "/documents/:id/questionnaire.yaml", action: account.DocumentRead, handler: a.getQuestionnaireYAML,
			summary: "The same as a YAML file", response: yamlFile{},
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/questionnaire.yaml", action: account.DocumentWrite, handler: a.putQuestionnaireYAML, options: large,
			summary: "Replace a questionnaire by a YAML file", request: upload{}, response: Questionnaire{},
			params: []param{{name: "base_revision", doc: "the number of the revision that was read; 409 where there is a newer one", kind: "integer", must: true}, {name: "confirm", doc: "true: questions and items that the file does not have may be taken out; without it, 409 names them", kind: "boolean"}},
		},
	}
}

func (a *API) createQuestionnaire(c *fiber.Ctx) error {
	in, err := decode[NewQuestionnaire](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	of, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	d := in.Definition
	if d.ID == "" {
		d.ID = of.Slug
	}
	if d.Language == "" {
		d.Language = of.DefaultLanguage
	}
	made, err := a.Documents.Create(ctx, account.ActorFrom(ctx), of.ID, document.Survey, in.Slug, d.Language, d)
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return a.showQuestionnaire(c, made.ID)
}

func (a *API) getQuestionnaire(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showQuestionnaire(c, id)
}

func (a *API) showQuestionnaire(c *fiber.Ctx, id int64) error {
	ctx := c.UserContext()
	d, r, err := a.Documents.Definition(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.JSON(Questionnaire{DocumentID: id, Revision: r.Number, State: string(r.State), Definition: d})
}

func (a *API) putQuestionnaire(c *fiber.Ctx) error {
	in, err := decode[QuestionnaireInput](c)
	if err != nil {
		return err
	}
	return a.replaceQuestionnaire(c, in)
}

func (a *API) replaceQuestionnaire(c *fiber.Ctx, in QuestionnaireInput) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if in.BaseRevision < 1 {
		return errs.InvalidFields(errs.FieldError("base_revision", "field.required"))
	}
	ctx := c.UserContext()
	changes := document.Changes{Content: in.Definition, Note: in.Note, Alone: true, RemoveAny: in.Confirm}
	if _, err := a.Documents.Edit(ctx, account.ActorFrom(ctx), id, in.BaseRevision, changes); err != nil {
		return err
	}
	return a.showQuestionnaire(c, id)
}

func (a *API) getQuestionnaireYAML(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	d, _, err := a.Documents.Definition(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	text, err := d.YAML()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, yamlType+"; charset=utf-8")
	return c.Send(text)
}

func (a *API) putQuestionnaireYAML(c *fiber.Ctx) error {
	head, err := c.FormFile("file")
	if err != nil {
		return errs.InvalidFields(errs.FieldError("file", "field.required"))
	}
	f, err := head.Open()
	if err != nil {
		return errs.Wrap("api.put_questionnaire_yaml", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	if err != nil {
		return errs.Wrap("api.put_questionnaire_yaml", err)
	}
	d, err := document.ParseQuestionnaire(text)
	if err != nil {
		return err
	}
	base, _ := strconv.Atoi(c.Query("base_revision")) // what is no number is told as missing
	return a.replaceQuestionnaire(c, QuestionnaireInput{BaseRevision: base, Definition: d, Confirm: c.QueryBool("confirm")})
}
