package api

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/document/po"
	"github.com/convoke/convoke/internal/document/xliff"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

// TranslationImport is what became of a file from a translator's tool.
type TranslationImport struct {
	Translation DocumentTranslation `json:"translation"`
	Claimed     bool                `json:"claimed" doc:"it was taken on in the same step"`
	Corrects    bool                `json:"corrects" doc:"it was approved, and stays so: what the file changes is a correction, which somebody else approves"`
	Units       []TranslationUnit   `json:"units"`
}

// TranslationUnit is what became of one segment of the file.
type TranslationUnit struct {
	Segment  string               `json:"segment"`
	Outcome  string               `json:"outcome" enum:"taken,stale,unchanged,untranslated,refused,unknown,absent" doc:"stale: kept as outdated, because it is of an earlier wording or marked as doubtful"`
	Reason   string               `json:"reason,omitempty" doc:"why it was refused"`
	Stored   string               `json:"stored,omitempty" doc:"what stands here, where it was edited here too"`
	Findings []TranslationFinding `json:"findings" doc:"what to look at in a text that was taken"`
}

// TranslationFinding is what does not agree with the source.
type TranslationFinding struct {
	Key     string `json:"message_key"`
	Message string `json:"message"`
	Blocks  bool   `json:"blocks" doc:"it cannot be submitted like this"`
}

// CorrectInput is what is wrong with an approved translation.
type CorrectInput struct {
	Reason string `json:"reason"`
}

// RelieveInput is why a translation is taken from its translator.
type RelieveInput struct {
	Reason string `json:"reason"`
}

func (a *API) translationEndpoints() []endpoint {
	const one = "/documents/:id/translations/:locale"
	return []endpoint{
		{
			method: fiber.MethodPost, path: one + "/correct", action: account.TranslationWrite, handler: a.correctTranslation,
			summary: "Begin a correction of an approved translation, which readers keep until somebody else approves the correction; 409 says who has begun one",
			request: CorrectInput{}, response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: one + "/drop-correction", action: account.TranslationWrite, handler: a.dropCorrection,
			summary: "Give a correction up; what is approved stays", response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: one + "/release", action: account.TranslationWrite, handler: a.releaseTranslation,
			summary: "Hand a translation back; what was written stays", response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: one + "/withdraw", action: account.TranslationWrite, handler: a.withdrawTranslation,
			summary: "Take a translation back from review, for who handed it in", response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: one + "/relieve", action: account.TranslationRelieve, handler: a.relieveTranslation,
			summary: "Take a translation from its translator, who is told why", request: RelieveInput{}, response: DocumentTranslation{},
		},
		{
			method: fiber.MethodGet, path: one + "/export", action: account.TranslationRead, handler: a.exportTranslation,
			summary: "The translation as a file for a translator's tool", files: []string{xliff.Type, po.Type},
			params: []param{{name: "format", doc: "xlf (XLIFF 2.0, the default) or po (gettext)", enum: []string{string(document.XLIFF), string(document.PO)}}},
		},
		{
			method: fiber.MethodPost, path: one + "/import", action: account.TranslationWrite, handler: a.importTranslation,
			summary: "Take in such a file, XLIFF 2 or PO; who does not hold the translation takes it on, and of what is approved a correction is begun", request: upload{}, response: TranslationImport{},
			params: []param{{name: "reason", doc: "what is wrong with an approved translation that the file changes; required (422) there, and ignored elsewhere"}},
			options: []httpserver.Option{
				httpserver.BodyLimit(document.MaxFile + 64<<10),
				httpserver.TooLarge(errs.E(errs.TooLarge, "document.exchange.too_large", "Max", document.MaxFile>>20)),
			},
		},
	}
}

func (a *API) releaseTranslation(c *fiber.Ctx) error {
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Release(c.UserContext(), by, id)
	})
}

func (a *API) withdrawTranslation(c *fiber.Ctx) error {
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Withdraw(c.UserContext(), by, id)
	})
}

func (a *API) relieveTranslation(c *fiber.Ctx) error {
	in, err := decode[RelieveInput](c)
	if err != nil {
		return err
	}
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Relieve(c.UserContext(), by, id, in.Reason)
	})
}

func (a *API) exportTranslation(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	format := document.Format(c.Query("format", string(document.XLIFF)))
	f, err := a.Documents.Export(ctx, account.ActorFrom(ctx), id, c.Params("locale"), format, a.Server.Localizer(c).Error)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, f.Type+"; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+f.Name+`"`)
	return c.Send(f.Content)
}

func (a *API) importTranslation(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.ByID(ctx, id); err != nil {
		return err
	}
	head, err := c.FormFile("file")
	if err != nil {
		return errs.InvalidFields(errs.FieldError("file", "document.exchange.no_file"))
	}
	f, err := head.Open()
	if err != nil {
		return errs.Wrap("api.import_translation", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	if err != nil {
		return errs.Wrap("api.import_translation", err)
	}
	done, err := a.Documents.Import(ctx, account.ActorFrom(ctx), id, c.Params("locale"), content, c.FormValue("reason", c.Query("reason")))
	if err != nil {
		return err
	}
	shown, err := a.translationIn(c, id, done.Translation)
	if err != nil {
		return err
	}
	return c.JSON(importedOf(a.Server.Localizer(c), shown, done))
}

func importedOf(l *i18n.Localizer, shown DocumentTranslation, done document.Imported) TranslationImport {
	out := TranslationImport{Translation: shown, Claimed: done.Claimed, Corrects: done.Corrects, Units: []TranslationUnit{}}
	for _, u := range done.Units {
		unit := TranslationUnit{Segment: u.Key, Outcome: string(u.Outcome), Stored: u.Stored, Findings: []TranslationFinding{}}
		if u.Reason != nil {
			unit.Reason = l.FieldMessage(*u.Reason)
		}
		for _, f := range u.Findings {
			unit.Findings = append(unit.Findings, TranslationFinding{Key: f.Key, Message: l.FieldMessage(f.Field), Blocks: f.Blocks})
		}
		out.Units = append(out.Units, unit)
	}
	return out
}
