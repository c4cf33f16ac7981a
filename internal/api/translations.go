package api

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// TranslationDetail is a translation beside its source.
type TranslationDetail struct {
	DocumentTranslation
	Mark     string              `json:"mark" doc:"stands for all that is here; approving sends it as base"`
	Revision int                 `json:"revision" doc:"the number of the revision that it goes with"`
	Segments []TranslatedSegment `json:"segments"`

	Editions []TranslationEdition `json:"editions" doc:"what was approved, the newest first: of the present revision and of those that were frozen or sent"`
}

// TranslationEdition is a translation that was approved, and stays as it is.
type TranslationEdition struct {
	Edition    int        `json:"edition"`
	Revision   int        `json:"revision"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
	ApprovedBy string     `json:"approved_by,omitempty"`
	Reason     string     `json:"reason,omitempty" doc:"why it corrects the one before"`
}

// TranslatedSegment is a passage in both languages.
type TranslatedSegment struct {
	Key    string `json:"key"`
	Source string `json:"source"`
	Text   string `json:"text" doc:"empty where it is not translated"`
	Mark   string `json:"mark" doc:"stands for the text; sent back with a new one, it says what that replaces"`
	Stale  bool   `json:"stale" doc:"the source was edited since"`

	SourceMark string `json:"source_mark" doc:"stands for the source; sent back in made_from, it says what a text was made from"`
}

func (a *API) getTranslation(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	t, err := a.translationAsked(c, id)
	if err != nil {
		return err
	}
	sheet, err := a.Documents.SheetAt(ctx, account.ActorFrom(ctx), t.ID)
	if err != nil {
		return err
	}
	shown := TranslationDetail{Mark: sheet.Mark, Revision: sheet.Revision.Number, Segments: []TranslatedSegment{}, Editions: []TranslationEdition{}}
	if sheet.Past {
		shown.DocumentTranslation = DocumentTranslation{
			ID: t.ID, Locale: t.Locale, State: string(t.State), Translator: sheet.Translator, Edition: t.Edition,
			Done: len(sheet.Lines), Total: len(sheet.Lines),
		}
	} else if shown.DocumentTranslation, err = a.translationIn(c, id, t); err != nil {
		return err
	}
	for _, e := range sheet.Editions {
		shown.Editions = append(shown.Editions, TranslationEdition{
			Edition: e.Edition, Revision: e.Number, ApprovedAt: e.ApprovedAt, ApprovedBy: e.Reviewer, Reason: e.Reason,
		})
	}
	for _, l := range sheet.Lines {
		shown.Segments = append(shown.Segments, TranslatedSegment{
			Key: l.Key, Source: l.Text, Text: l.Translation, Mark: document.Mark(l.Translation), Stale: l.Stale,
			SourceMark: document.Mark(l.Text),
		})
	}
	return c.JSON(shown)
}

// translationAsked is the present translation, or the approved edition that the address asks for.
func (a *API) translationAsked(c *fiber.Ctx, documentID int64) (document.Translation, error) {
	ctx := c.UserContext()
	if c.Query("edition") == "" && c.Query("revision") == "" {
		return a.Documents.TranslationOf(ctx, documentID, c.Params("locale"))
	}
	var asked [2]int
	for i, name := range []string{"revision", "edition"} {
		n, err := strconv.Atoi(c.Query(name, "0"))
		if err != nil || n < 0 {
			return document.Translation{}, errs.InvalidFields(errs.FieldError(name, "field.number"))
		}
		asked[i] = n
	}
	return a.Documents.EditionOf(ctx, documentID, c.Params("locale"), asked[0], asked[1])
}

func (a *API) correctTranslation(c *fiber.Ctx) error {
	in, err := decode[CorrectInput](c)
	if err != nil {
		return err
	}
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Correct(c.UserContext(), by, id, in.Reason)
	})
}

func (a *API) dropCorrection(c *fiber.Ctx) error {
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.DropCorrection(c.UserContext(), by, id)
	})
}

func (a *API) claimTranslation(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	t, err := a.Documents.Claim(ctx, account.ActorFrom(ctx), id, c.Params("locale"))
	if err != nil {
		return err
	}
	return a.showTranslation(c, id, t)
}

func (a *API) putTranslation(c *fiber.Ctx) error {
	in, err := decode[TranslationInput](c)
	if err != nil {
		return err
	}
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.SaveFrom(c.UserContext(), by, id, in.Segments, in.Bases, in.MadeFrom)
	})
}

func (a *API) submitTranslation(c *fiber.Ctx) error {
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Submit(c.UserContext(), by, id)
	})
}

func (a *API) approveTranslation(c *fiber.Ctx) error {
	var in ApproveInput
	if len(c.BodyRaw()) > 0 {
		var err error
		if in, err = decode[ApproveInput](c); err != nil {
			return err
		}
	}
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Review(c.UserContext(), by, id, document.Review{Verdict: document.Approving, Seen: in.Base})
	})
}

func (a *API) sendBackTranslation(c *fiber.Ctx) error {
	in, err := decode[SendBackInput](c)
	if err != nil {
		return err
	}
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.SendBack(c.UserContext(), by, id, in.Note)
	})
}

// moveTranslation finds the translation that the path means, and shows what became of it.
func (a *API) moveTranslation(c *fiber.Ctx, move func(by account.Actor, id int64) (document.Translation, error)) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	t, err := a.Documents.TranslationOf(ctx, id, c.Params("locale"))
	if err != nil {
		return err
	}
	if t, err = move(account.ActorFrom(ctx), t.ID); err != nil {
		return err
	}
	return a.showTranslation(c, id, t)
}

func (a *API) showTranslation(c *fiber.Ctx, documentID int64, t document.Translation) error {
	shown, err := a.translationIn(c, documentID, t)
	if err != nil {
		return err
	}
	return c.JSON(shown)
}

// translationIn is a translation as the list of a document's languages shows it.
func (a *API) translationIn(c *fiber.Ctx, documentID int64, t document.Translation) (DocumentTranslation, error) {
	ctx := c.UserContext()
	detail, err := a.Documents.Get(ctx, account.ActorFrom(ctx), documentID)
	if err != nil {
		return DocumentTranslation{}, err
	}
	for _, shown := range documentOf(detail.Summary).Translations {
		if shown.Locale == t.Locale {
			return shown, nil
		}
	}
	return DocumentTranslation{}, errs.E(errs.NotFound, "error.not_found")
}
