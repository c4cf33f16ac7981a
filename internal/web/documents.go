package web

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	documentsPage   page[documentsData]   = "documents"
	documentPage    page[documentData]    = "document"
	newDocumentPage page[newDocumentData] = "document_new"
)

// documentBody is how much a page of texts may post: a whole questionnaire with room for a careless
// paste, which is then told to be too long instead of being cut off.
const documentBody = 8 << 20

type documentsData struct {
	Cycle     cycle.Cycle
	Documents []document.Summary
}

type documentData struct {
	document.Detail
	HTML     template.HTML  // of a message
	Lines    []documentLine // of a questionnaire
	Places   []placeLink
	Editable bool // open, and the reader may edit
	Newer    bool // somebody else saved in the meantime: both wordings are shown
}

// documentLine is one segment as the page names it.
type documentLine struct {
	document.Segment
	Label string
	Long  bool
}

// placeLink is a problem and the field in which it is mended, "" where the reader cannot.
type placeLink struct{ Text, Field string }

type newDocumentData struct {
	Kinds []form.Option
}

func (w *Web) documentSection() section {
	return section{
		pages: []definition{documentsPage, documentPage, newDocumentPage, previewPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/documents", account.DocumentRead, w.documents)
			r.Handle(fiber.MethodGet, "/documents/new", account.DocumentWrite, w.newDocument)
			r.Handle(fiber.MethodPost, "/documents/new", account.DocumentWrite, w.createDocument, large)
			r.Handle(fiber.MethodGet, "/documents/:id", account.DocumentRead, w.document)
			r.Handle(fiber.MethodPost, "/documents/:id", account.DocumentWrite, w.editDocument, large)
			r.Handle(fiber.MethodPost, "/documents/:id/reading", account.DocumentWrite, w.addReading)
			r.Handle(fiber.MethodPost, "/documents/:id/freeze", account.DocumentFreeze, w.freezeDocument)
			r.Handle(fiber.MethodPost, "/documents/:id/reopen", account.DocumentFreeze, w.reopenDocument)
			r.Handle(fiber.MethodGet, "/documents/:id/preview", account.DocumentRead, w.previewDocument)
		},
	}
}

func (w *Web) documents(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return err
	}
	all, err := w.Documents.List(ctx, account.ActorFrom(ctx), current.ID)
	if err != nil {
		return err
	}
	return documentsPage.show(w, c, documentsData{Cycle: current, Documents: all})
}

func (w *Web) newDocument(c *fiber.Ctx) error {
	return newDocumentPage.show(w, c, w.newDocumentData(c))
}

func (w *Web) newDocumentData(c *fiber.Ctx) newDocumentData {
	l := w.Server.Localizer(c)
	var data newDocumentData
	for _, k := range document.Kinds() {
		if k != document.Survey {
			data.Kinds = append(data.Kinds, form.Option{Value: string(k), Label: l.T("document.kind." + string(k))})
		}
	}
	return data
}

func (w *Web) createDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return err
	}
	made, err := w.Documents.Create(ctx, account.ActorFrom(ctx), current.ID, document.Kind(c.FormValue("kind")),
		c.FormValue("slug"), current.DefaultLanguage, document.Message{Subject: c.FormValue("subject"), Body: c.FormValue("body")})
	if err != nil {
		return newDocumentPage.again(w, c, w.newDocumentData(c), err)
	}
	return w.redirect(c, documentPath(made.ID), "document.created")
}

func (w *Web) document(c *fiber.Ctx) error {
	data, err := w.documentData(c)
	if err != nil {
		return err
	}
	return documentPage.showForm(w, c, data, editForm(data.Detail))
}

func (w *Web) documentData(c *fiber.Ctx) (documentData, error) {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return documentData{}, err
	}
	actor := account.ActorFrom(ctx)
	detail, err := w.Documents.Get(ctx, actor, id)
	if err != nil {
		return documentData{}, err
	}
	data := documentData{Detail: detail, Editable: detail.Revision.State == document.OpenForComment && actor.May(account.DocumentWrite)}
	data.HTML = mailOnPage(detail.Rendered.HTML, document.Fields(), func(name string) string { return "{{" + name + "}}" })
	l := w.Server.Localizer(c)
	if detail.Kind == document.Survey {
		data.Lines = linesOf(l, detail.Segments)
	}
	for _, p := range detail.Places {
		link := placeLink{Text: l.FieldMessage(p)}
		if data.Editable {
			link.Field = form.ID(editField(detail.Kind, p.Name))
		}
		data.Places = append(data.Places, link)
	}
	return data, nil
}

func linesOf(l *i18n.Localizer, segments []document.Segment) []documentLine {
	lines := make([]documentLine, len(segments))
	for i, s := range segments {
		lines[i] = documentLine{Segment: s, Label: l.Error(document.Place(s.Key)), Long: len(s.Text) > 90}
	}
	return lines
}

// editField is the field in which a segment is edited: a message has one for its whole body.
func editField(k document.Kind, key string) string {
	if k == document.Survey || key == "subject" {
		return key
	}
	return "body"
}

func editForm(d document.Detail) form.Form {
	if d.Kind != document.Survey {
		return form.With("subject", d.Message.Subject, "body", d.Message.Body)
	}
	var pairs []string
	for _, s := range d.Segments {
		pairs = append(pairs, s.Key, s.Text)
	}
	return form.With(pairs...)
}

func (w *Web) editDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	base, err := strconv.Atoi(posted.Value("base_revision"))
	if err != nil {
		base = 0 // no revision has this number: the reader then sees what is current
	}
	changes := document.Changes{Note: posted.Value("note")}
	if data.Kind == document.Survey {
		changes.Segments = postedSegments(posted, data.Segments)
	} else {
		changes.Content = document.Message{Subject: posted.Value("subject"), Body: posted.Value("body")}
	}
	if _, err := w.Documents.Edit(ctx, account.ActorFrom(ctx), data.ID, base, changes); err != nil {
		data.Newer = errs.Is(err, errs.Conflict)
		return documentPage.again(w, c, data, atEditFields(data.Kind, err))
	}
	return w.redirect(c, documentPath(data.ID), "document.edit.saved")
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
	data, err := w.documentData(c)
	if err != nil {
		return err
	}
	link := document.Link{Title: c.FormValue("reading_title"), URL: c.FormValue("reading_url")}
	if strings.TrimSpace(link.Title) == "" {
		return w.documentAgain(c, data, errs.InvalidFields(errs.FieldError("reading_title", "field.required")))
	}
	changes := document.Changes{AddReading: []document.Link{link}}
	if _, err := w.Documents.Edit(ctx, account.ActorFrom(ctx), data.ID, data.Revision.Number, changes); err != nil {
		return w.documentAgain(c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.edit.saved")
}

func (w *Web) freezeDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c)
	if err != nil {
		return err
	}
	if _, err := w.Documents.Freeze(ctx, account.ActorFrom(ctx), data.ID); err != nil {
		return w.documentAgain(c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.freeze.done")
}

func (w *Web) reopenDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c)
	if err != nil {
		return err
	}
	if _, err := w.Documents.Reopen(ctx, account.ActorFrom(ctx), data.ID, c.FormValue("reason")); err != nil {
		return w.documentAgain(c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.reopen.done")
}

// documentAgain shows the page after one of its small forms was refused: the edit form as it is
// stored, the small form as it was posted.
func (w *Web) documentAgain(c *fiber.Ctx, data documentData, err error) error {
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
	return documentPage.render(w, c, errs.Status(err), data, shown.Fail(w.Server.Localizer(c), err))
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

func documentPath(id int64) string { return "/documents/" + strconv.FormatInt(id, 10) }
