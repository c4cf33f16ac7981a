package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
)

// freezeDocument leads to where the places are mended that forbid it: who may freeze may edit.
func (w *Web) freezeDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c, "read")
	if err != nil {
		return err
	}
	if _, err := w.Documents.Freeze(ctx, account.ActorFrom(ctx), data.ID); err != nil {
		return w.documentEditAgain(c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.freeze.done")
}

func (w *Web) reopenDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c, "read")
	if err != nil {
		return err
	}
	if _, err := w.Documents.Reopen(ctx, account.ActorFrom(ctx), data.ID, c.FormValue("reason")); err != nil {
		return documentPage.again(w, c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.reopen.done")
}
