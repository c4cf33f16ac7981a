package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// MaxMB is how large a document may be.
func (d contributionData) MaxMB() int { return contribution.MaxFile >> 20 }

// Changeable says whether an officer may add documents or remove them now.
func (d contributionData) Changeable() bool {
	return d.State == contribution.Received || d.State == contribution.Checked || d.State == contribution.Withheld
}

// changeContributionFiles attaches the document that an officer chose, or removes the one that a button names.
func (w *Web) changeContributionFiles(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	said := "contributions.file_attached"
	if number := c.FormValue("remove"); number != "" {
		n, _ := strconv.Atoi(number) // what is no number is no document
		said, err = "respond.files.removed", w.Contributions.DetachFrom(ctx, by, id, n)
	} else {
		err = w.attachTo(c, by, id)
	}
	if err == nil {
		return w.redirect(c, "/contributions/"+strconv.FormatInt(id, 10), said)
	}
	d, failed := w.contributionData(c)
	if failed != nil {
		return failed
	}
	return contributionPage.again(w, c, d, atFile(err))
}

func (w *Web) attachTo(c *fiber.Ctx, by account.Actor, id int64) error {
	u, err := uploadedDocument(c)
	if err == nil && u == nil {
		err = errs.InvalidFields(errs.FieldError("file", "respond.files.choose"))
	}
	if err != nil {
		return err
	}
	_, err = w.Contributions.AttachTo(c.UserContext(), by, id, *u)
	return err
}

// contributionFile hands a document out to those who read contributions.
func (w *Web) contributionFile(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	n, err := position(c)
	if err != nil {
		return err
	}
	f, err := w.Contributions.File(ctx, account.ActorFrom(ctx), id, n)
	if err != nil {
		return err
	}
	return sendFile(c, f)
}

// publishedFile hands a document of a published contribution out to everybody, at an address that stays.
func (w *Web) publishedFile(c *fiber.Ctx) error {
	number, err := strconv.Atoi(c.Params("number"))
	if err != nil {
		return errs.E(errs.NotFound, "contribution.not_found")
	}
	n, err := position(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	round, err := w.Contributions.RoundBySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	f, err := w.Contributions.PublishedFile(ctx, round.ID, number, n)
	if err != nil {
		return err
	}
	return sendFile(c, f)
}
