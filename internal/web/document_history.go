package web

import "github.com/gofiber/fiber/v2"

const documentHistoryPage page[documentData] = "document_history"

func (w *Web) documentHistory(c *fiber.Ctx) error {
	data, err := w.documentData(c, "history")
	if err != nil {
		return err
	}
	return documentHistoryPage.show(w, c, data)
}
