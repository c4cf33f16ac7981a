package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

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
		return a.Documents.Save(c.UserContext(), by, id, in.Segments)
	})
}

func (a *API) submitTranslation(c *fiber.Ctx) error {
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Submit(c.UserContext(), by, id)
	})
}

func (a *API) approveTranslation(c *fiber.Ctx) error {
	return a.moveTranslation(c, func(by account.Actor, id int64) (document.Translation, error) {
		return a.Documents.Approve(c.UserContext(), by, id)
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
