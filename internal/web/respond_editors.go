package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// respondEditorsPage is where a contributor invites others to edit with them.
const respondEditorsPage page[respondData] = "respond_editors"

func (w *Web) respondEditorsSection() section {
	return section{
		pages: []definition{respondEditorsPage},
		routes: func(r *httpserver.Router) {
			private, seldom := httpserver.Private(), httpserver.Limit(300, time.Hour)
			r.Handle(fiber.MethodGet, "/r/:token/editors", account.PublicAnswer, w.respondEditors, private)
			r.Handle(fiber.MethodPost, "/r/:token/editors", account.PublicAnswer, w.inviteEditor, private, seldom)
			r.Handle(fiber.MethodPost, "/r/:token/editors/:id/revoke", account.PublicAnswer, w.revokeEditor, private, seldom)
		},
	}
}

// openedByAuthor is opened for what only the contributor may see: errs.Forbidden for who edits with them.
func (w *Web) openedByAuthor(c *fiber.Ctx) (respondData, error) {
	d, err := w.opened(c)
	if err == nil && d.Me != nil {
		err = errs.E(errs.Forbidden, "editor.not_yours")
	}
	return d, err
}

// usual is the language that the link speaks without being asked.
func (d respondData) usual() string {
	if d.Me != nil {
		return d.Me.Language
	}
	return d.Contribution.Language
}

func (w *Web) respondEditors(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	c.Locals(languageFormKey, languageForm)
	return respondEditorsPage.show(w, c, d)
}

func (w *Web) inviteEditor(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	c.Locals(languageFormKey, languageForm)
	if posted.Value("lang") != "" { // the language was changed while somebody typed: nothing is lost, nothing is sent
		w.Server.Speak(c, posted.Value("lang"))
		return respondEditorsPage.showForm(w, c, d, posted)
	}
	ctx := c.UserContext()
	_, err = w.Contributions.InviteEditor(ctx, account.ActorFrom(ctx), c.Params("token"), contribution.Colleague{
		Name: posted.Value("name"), Email: posted.Value("email"),
	})
	if err != nil {
		return respondEditorsPage.again(w, c, d, err)
	}
	return w.redirect(c, d.Base+"/editors"+d.Suffix, "respond.editors.added")
}

func (w *Web) revokeEditor(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Contributions.RevokeEditor(ctx, account.ActorFrom(ctx), c.Params("token"), id); err != nil {
		return respondEditorsPage.again(w, c, d, err)
	}
	return w.redirect(c, d.Base+"/editors"+d.Suffix, "respond.editors.revoked")
}
