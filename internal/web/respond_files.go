package web

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/web/form"
)

// respondFilesPage takes documents for the contribution as a whole; those that a question asks for are taken where it is answered.
const respondFilesPage page[respondData] = "respond_files"

// MaxMB is how large a document may be.
func (d respondData) MaxMB() int { return contribution.MaxFile >> 20 }

// Room says whether there is a place for another document.
func (d respondData) Room() bool { return len(d.Documents) < contribution.MaxFiles }

// Own are the documents that answer this question.
func (d respondAnswer) Own() []fileView {
	return slices.DeleteFunc(slices.Clone(d.Documents), func(f fileView) bool { return f.Question != d.Section.ID })
}

// TakesFile says whether the question asks for a document.
func (d respondAnswer) TakesFile() bool { return d.Section.Kind == contribution.FileQuestion }

func (w *Web) respondFiles(c *fiber.Ctx) error {
	d, err := w.openedFiles(c)
	if err != nil {
		return err
	}
	return respondFilesPage.show(w, c, d)
}

func (w *Web) openedFiles(c *fiber.Ctx) (respondData, error) {
	d, err := w.opened(c)
	c.Locals(languageFormKey, languageForm)
	return d, err
}

// saveFiles attaches the document that was chosen, or removes one, and leads on where the button says so.
func (w *Web) saveFiles(c *fiber.Ctx) error {
	d, err := w.openedFiles(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	here := d.Base + "/files"
	changed, err := w.changeFiles(c, posted, "")
	switch {
	case err != nil:
		return respondFilesPage.again(w, c, d, atFile(err))
	case changed != "":
		return w.redirect(c, here, changed)
	case posted.Value("lang") != "":
		return w.redirect(c, here+"?lang="+posted.Value("lang"), "")
	case posted.Value("action") == "attach":
		return respondFilesPage.again(w, c, d, errs.InvalidFields(errs.FieldError("file", "respond.files.choose")))
	case posted.Value("action") == laterAction:
		return w.redirect(c, d.Base, "respond.saved")
	}
	if d.Me != nil { // who answers, and that it is submitted, is not theirs to say
		return w.redirect(c, d.Base, "respond.saved")
	}
	return w.redirect(c, d.Base+"/about", "")
}

// changeFiles does what the form asks for: it removes the document that a button names, else it attaches the one that was
// chosen. changed is the key of what to say, "" where there was nothing to do.
func (w *Web) changeFiles(c *fiber.Ctx, posted form.Form, question string) (changed string, err error) {
	ctx, token := c.UserContext(), c.Params("token")
	by := account.ActorFrom(ctx)
	if number := posted.Value("remove"); number != "" {
		n, _ := strconv.Atoi(number) // what is no number is no document
		return "respond.files.removed", w.Contributions.Detach(ctx, by, token, n)
	}
	u, err := uploadedDocument(c)
	if u == nil || err != nil {
		return "", err
	}
	u.Question = question
	_, err = w.Contributions.Attach(ctx, by, token, *u)
	return "respond.files.attached", err
}

// ownFile hands a contributor's document out as everybody else would get it.
func (w *Web) ownFile(c *fiber.Ctx) error {
	n, err := position(c)
	if err != nil {
		return err
	}
	f, err := w.Contributions.OwnFile(c.UserContext(), c.Params("token"), n)
	if err != nil {
		return err
	}
	return sendFile(c, f)
}
