package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

// publishedVersion is where a text stays that a correction replaced.
func (w *Web) publishedVersion(c *fiber.Ctx) error {
	number, version, err := versionAddress(c)
	if err != nil {
		return err
	}
	call, err := w.callData(c)
	if err != nil {
		return err
	}
	p, v, err := w.Contributions.PublishedVersion(c.UserContext(), call.Round.ID, number, version)
	if err != nil {
		return err
	}
	d := versionData{Version: v, publishedOneData: publishedOneData{
		Round: call.Round, Base: call.Base, Item: w.publicItem(w.Server.Localizer(c), call.Base, p), Ask: call.Ask,
		Given:     answered(call.Questionnaire, v.Answers),
		Documents: w.fileViews(publicAddress(call.Base, number)+"/versions/"+strconv.Itoa(version), call.Questionnaire, v.Files, v.Language),
	}}
	return callVersionPage.show(w, c, d)
}

func versionAddress(c *fiber.Ctx) (number, version int, err error) {
	number, bad := strconv.Atoi(c.Params("number"))
	version, worse := strconv.Atoi(c.Params("version"))
	if bad != nil || worse != nil {
		err = errs.E(errs.NotFound, "contribution.not_found")
	}
	return number, version, err
}

// versionFile hands out a document as it stood in a version.
func (w *Web) versionFile(c *fiber.Ctx) error {
	number, version, err := versionAddress(c)
	if err != nil {
		return err
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
	f, err := w.Contributions.VersionFile(ctx, round.ID, number, version, n)
	if err != nil {
		return err
	}
	return sendFile(c, f)
}
