package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
)

// correctTranslation begins a correction of what is approved, and leads to its sheet.
func (w *Web) correctTranslation(c *fiber.Ctx) error {
	return w.onSheet(c, "document.correction.begun", func(by account.Actor, id int64) (document.Translation, error) {
		return w.Documents.Correct(c.UserContext(), by, id, c.FormValue("reason"))
	})
}

// dropCorrection leaves what is approved as it is.
func (w *Web) dropCorrection(c *fiber.Ctx) error {
	return w.onSheet(c, "document.correction.dropped", func(by account.Actor, id int64) (document.Translation, error) {
		return w.Documents.DropCorrection(c.UserContext(), by, id)
	})
}

// withdrawTranslation makes what waits for review its translator's draft again.
func (w *Web) withdrawTranslation(c *fiber.Ctx) error {
	return w.onSheet(c, "document.translation.withdrawn", func(by account.Actor, id int64) (document.Translation, error) {
		return w.Documents.Withdraw(c.UserContext(), by, id)
	})
}

// onSheet does something with a translation that leads to the sheet of another edition.
func (w *Web) onSheet(c *fiber.Ctx, said string, do func(by account.Actor, id int64) (document.Translation, error)) error {
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	t, err := do(account.ActorFrom(c.UserContext()), data.Translation.ID)
	if err != nil {
		return w.translationAgain(c, err)
	}
	return w.redirect(c, translationPath(t.ID), said)
}
