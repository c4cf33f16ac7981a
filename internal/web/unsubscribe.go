package web

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/httpserver"
)

type unsubscribeData struct {
	contribution.Mailbox
	Path string
}

func (w *Web) unsubscribeSection() section {
	return section{
		pages: []definition{unsubscribePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/u/:token", account.PublicAnswer, w.unsubscribeForm, httpserver.Private())
			r.HandleWithoutCSRF(fiber.MethodPost, "/u/:token", account.PublicAnswer, w.unsubscribe,
				"mail programs unsubscribe with one click (RFC 8058), without a cookie; the token is the right",
				httpserver.Private(), httpserver.Limit(600, 10*time.Minute))
		},
	}
}

// unsubscribeForm says which mailbox is meant and offers a button. It changes nothing, because programs that
// look at the links in a mail come here too.
func (w *Web) unsubscribeForm(c *fiber.Ctx) error {
	d, err := w.unsubscribing(c)
	if err != nil {
		return err
	}
	return unsubscribePage.show(w, c, d)
}

func (w *Web) unsubscribing(c *fiber.Ctx) (unsubscribeData, error) {
	box, err := w.Contributions.Mailbox(c.UserContext(), c.Params("token"))
	if err != nil {
		return unsubscribeData{}, err
	}
	locale := box.Locale
	if asked := c.Query("lang"); w.Bundle.Supported(asked) {
		locale = asked
	}
	w.Server.Speak(c, locale)
	return unsubscribeData{Mailbox: box, Path: c.Path()}, nil
}

// unsubscribe answers people with the page, and mail programs with 200, whose bodies nobody reads.
func (w *Web) unsubscribe(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if err := w.Contributions.Unsubscribe(ctx, account.ActorFrom(ctx), c.Params("token")); err != nil {
		return err
	}
	if c.FormValue("List-Unsubscribe") == "One-Click" {
		return c.SendStatus(http.StatusOK)
	}
	d, err := w.unsubscribing(c)
	if err != nil {
		return err
	}
	return unsubscribePage.show(w, c, d)
}
