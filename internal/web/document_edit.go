package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/web/form"
)

const documentEditPage page[documentEditData] = "document_edit"

type documentEditData struct {
	documentData
	Base int            // the number of the revision that the words in the form were made from
	Kept []documentLine // what was typed into a text that was frozen meanwhile
}

func (w *Web) documentEdit(c *fiber.Ctx) error {
	data, err := w.documentData(c, "edit")
	if err != nil {
		return err
	}
	return documentEditPage.showForm(w, c, documentEditData{documentData: data, Base: data.Revision.Number}, editForm(data.Detail))
}

// editField is the field in which a segment is edited: a message has one for each part, and one for its whole body.
func editField(k document.Kind, key string) string {
	if k == document.Survey || slices.Contains(document.VariantParts(), key) {
		return key
	}
	return "body"
}

// fieldPath is the address of the field in which a segment is edited.
func fieldPath(d document.Document, key string) string {
	if variant, part, ok := strings.Cut(key, "."); ok && d.Kind != document.Survey {
		return documentPath(d.ID) + "/variants?of=" + variant + "#" + form.ID(part)
	}
	return editPath(d.ID) + "#" + form.ID(editField(d.Kind, key))
}

func editForm(d document.Detail) form.Form {
	if d.Kind != document.Survey {
		return form.With("subject", d.Message.Subject, "opening", d.Message.Opening, "why", d.Message.Why, "body", d.Message.Body, "ask", d.Message.Ask)
	}
	var pairs []string
	for _, s := range d.Segments {
		pairs = append(pairs, s.Key, s.Text)
	}
	return form.With(pairs...)
}

func (w *Web) editDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c, "edit")
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	base, changes := fromPage(posted, document.Changes{})
	if data.Kind == document.Survey {
		segments, err := w.segmentsAt(c, data.Detail, base)
		if err != nil {
			return err
		}
		changes.Segments = postedSegments(posted, segments)
	} else {
		changes.Content = postedMessage(posted)
	}
	saved, err := w.Documents.Edit(ctx, account.ActorFrom(ctx), data.ID, base, changes)
	if done, failed := w.editedByTwo(c, data.Detail, posted, changes, err); done || failed != nil {
		return failed
	}
	if err != nil {
		shown := documentEditData{documentData: data, Base: base}
		if errs.Is(err, errs.Conflict) {
			shown.Base = data.Revision.Number
		}
		if !data.Editable {
			shown.Kept = keptLines(w.Server.Localizer(c), posted, form.Form{})
		}
		return documentEditPage.again(w, c, shown, atEditFields(data.Kind, err))
	}
	return w.redirect(c, documentPath(data.ID), editedMessage(base, saved, "document.edit.saved"))
}

// editedMessage says that something was saved, and where somebody else was faster, that their changes are there too.
func editedMessage(base int, saved document.Revision, alone string) string {
	if saved.Number > base+1 {
		return "document.edit.merged"
	}
	return alone
}

// postedMessage is the message that was typed; its variants have a page of their own and stay as they are.
func postedMessage(posted form.Form) document.Message {
	return document.Message{
		Subject: posted.Value("subject"), Opening: posted.Value("opening"), Why: posted.Value("why"),
		Body: posted.Value("body"), Ask: posted.Value("ask"),
	}
}

// segmentsAt are those that the form had that was made from the revision with this number.
func (w *Web) segmentsAt(c *fiber.Ctx, data document.Detail, number int) ([]document.Segment, error) {
	if number == data.Revision.Number {
		return data.Segments, nil
	}
	ctx := c.UserContext()
	earlier, err := w.Documents.Wording(ctx, account.ActorFrom(ctx), data.ID, number)
	if errs.Is(err, errs.NotFound) {
		return data.Segments, nil
	}
	return earlier.Segments, err
}

func postedSegments(posted form.Form, segments []document.Segment) map[string]string {
	texts := map[string]string{}
	for _, s := range segments {
		if v, ok := posted.Values[s.Key]; ok && len(v) > 0 {
			texts[s.Key] = v[0]
		}
	}
	return texts
}

func (w *Web) addReading(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c, "edit")
	if err != nil {
		return err
	}
	link := document.Link{Title: c.FormValue("reading_title"), URL: c.FormValue("reading_url")}
	if strings.TrimSpace(link.Title) == "" {
		return w.documentEditAgain(c, data, errs.InvalidFields(errs.FieldError("reading_title", "field.required")))
	}
	changes := document.Changes{AddReading: []document.Link{link}}
	if _, err := w.Documents.Edit(ctx, account.ActorFrom(ctx), data.ID, data.Revision.Number, changes); err != nil {
		return w.documentEditAgain(c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.edit.saved")
}

// documentEditAgain shows the edit page after a small form was refused: the wording as it is stored, the
// small form as it was posted.
func (w *Web) documentEditAgain(c *fiber.Ctx, data documentData, err error) error {
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
		return err
	}
	posted, failed := w.posted(c)
	if failed != nil {
		return failed
	}
	shown := editForm(data.Detail)
	for name, values := range posted.Values {
		shown.Values[name] = values
	}
	err = atEditFields(data.Kind, err)
	return documentEditPage.render(w, c, errs.Status(err), documentEditData{documentData: data, Base: data.Revision.Number}, shown.Fail(w.Server.Localizer(c), err))
}

// atEditFields leads what is wrong with a segment to the field in which it is edited.
func atEditFields(k document.Kind, err error) error {
	e := errs.Find(err)
	if e == nil || k == document.Survey {
		return err
	}
	mapped := *e
	mapped.Fields = nil
	for _, f := range e.Fields {
		if strings.HasPrefix(f.Name, "p") {
			f.Name = editField(k, f.Name)
		}
		mapped.Fields = append(mapped.Fields, f)
	}
	return &mapped
}

func editPath(id int64) string { return documentPath(id) + "/edit" }
