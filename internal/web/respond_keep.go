package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
)

// respondPrintPage is all questions and answers on one page.
const respondPrintPage page[respondData] = "respond_print"

func (w *Web) respondKeepSection() section {
	return section{
		pages: []definition{respondPrintPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/r/:token/print", account.PublicAnswer, w.respondPrint, httpserver.Private())
			r.Handle(fiber.MethodPost, "/r/:token/link", account.PublicAnswer, w.mailLink, httpserver.Private(), httpserver.Limit(300, time.Hour))
		},
	}
}

func (w *Web) respondPrint(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	return respondPrintPage.show(w, c, d)
}

func (w *Web) mailLink(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Contributions.MailLink(ctx, account.ActorFrom(ctx), c.Params("token")); err != nil {
		return respondPage.again(w, c, d, err)
	}
	return w.redirect(c, d.Base+d.Suffix, "respond.link.sent")
}
