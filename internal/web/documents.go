package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	documentsPage   page[documentsData]   = "documents"
	documentPage    page[documentData]    = "document"
	newDocumentPage page[newDocumentData] = "document_new"
)

// documentBody is how much a page of texts may post: a careless paste of 5 MB, in a form where each of its
// bytes may take three, which is then told to be too long instead of being cut off.
const documentBody = 16 << 20

type documentsData struct {
	Cycle     cycle.Cycle
	Documents []documentRow
}

// documentRow is a text in the list of all.
type documentRow struct {
	document.Summary
	Freezes *dateRow // the day at whose end it is frozen, nil for none
}

// documentData is what every page of one text knows of it.
type documentData struct {
	document.Detail
	Nav      documentNav
	Talk     talkView       // the wording with its comments, on the page for reading
	Lines    []documentLine // of a questionnaire
	Places   []placeLink
	Editable bool // open, and the reader may edit
	Freezes  *dateRow
}

// documentNav leads to the pages of one text; At is the name of the one that it stands on.
type documentNav struct {
	ID    int64
	Kind  document.Kind
	At    string
	actor account.Actor
}

// May says whether the reader may do the action, for the links that not everybody has.
func (n documentNav) May(action account.Action) bool { return n.actor.May(action) }

// documentLine is one segment as the page names it.
type documentLine struct {
	document.Segment
	Label string
	Long  bool
}

// placeLink is a problem and the address of the field in which it is mended, "" where the reader cannot.
type placeLink struct{ Text, Href string }

type newDocumentData struct {
	Kinds []form.Option
}

func (w *Web) documentSection() section {
	return section{
		pages: []definition{
			documentsPage, documentPage, documentEditPage, documentMergePage,
			documentHistoryPage, documentRevisionPage, documentComparePage, newDocumentPage, previewPage, surveyPreviewPage,
		},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/documents", account.DocumentRead, w.documents)
			r.Handle(fiber.MethodGet, "/documents/new", account.DocumentWrite, w.newDocument)
			r.Handle(fiber.MethodPost, "/documents/new", account.DocumentWrite, w.createDocument, large)
			r.Handle(fiber.MethodGet, "/documents/:id", account.DocumentRead, w.document)
			r.Handle(fiber.MethodGet, "/documents/:id/edit", account.DocumentWrite, w.documentEdit)
			r.Handle(fiber.MethodPost, "/documents/:id/edit", account.DocumentWrite, w.editDocument, large)
			r.Handle(fiber.MethodGet, "/documents/:id/history", account.DocumentRead, w.documentHistory)
			r.Handle(fiber.MethodGet, "/documents/:id/history/:number", account.DocumentRead, w.documentRevision)
			r.Handle(fiber.MethodGet, "/documents/:id/compare", account.DocumentRead, w.compareDocument)
			r.Handle(fiber.MethodPost, "/documents/:id/freeze-date", account.DocumentFreeze, w.setFreezeDate)
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
	data := documentsData{Cycle: current}
	for _, s := range all {
		data.Documents = append(data.Documents, documentRow{Summary: s, Freezes: w.freezeDay(w.Server.Localizer(c), s.Document)})
	}
	return documentsPage.show(w, c, data)
}

func (w *Web) newDocument(c *fiber.Ctx) error {
	return newDocumentPage.show(w, c, w.newDocumentData(c))
}

func (w *Web) newDocumentData(c *fiber.Ctx) newDocumentData {
	l := w.Server.Localizer(c)
	var data newDocumentData
	for _, k := range document.Kinds() {
		if k != document.Survey { // it has a page of its own
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
	data, err := w.documentData(c, "read")
	if err != nil {
		return err
	}
	if data.Revision.State != document.OpenForComment || !data.Nav.May(account.DocumentFreeze) {
		return documentPage.show(w, c, data)
	}
	f, err := w.freezeForm(c, data.Document)
	if err != nil {
		return err
	}
	return documentPage.showForm(w, c, data, f)
}

// documentData reads a text for the page of that name among its pages.
func (w *Web) documentData(c *fiber.Ctx, at string) (documentData, error) {
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
	data := documentData{
		Detail: detail, Nav: documentNav{ID: id, Kind: detail.Kind, At: at, actor: actor},
		Editable: detail.Revision.State == document.OpenForComment && actor.May(account.DocumentWrite),
	}
	if at == "read" {
		if data.Talk, err = w.talkView(c, id, document.TalkPart{Beside: threadsBeside}); err != nil {
			return documentData{}, err
		}
	}
	l := w.Server.Localizer(c)
	if detail.Kind == document.Survey {
		data.Lines = linesOf(l, detail.Segments)
	}
	data.Places = placeLinks(l, detail.Document, detail.Places, data.Editable)
	data.Freezes = w.freezeDay(l, detail.Document)
	return data, nil
}

func linesOf(l *i18n.Localizer, segments []document.Segment) []documentLine {
	lines := make([]documentLine, len(segments))
	for i, s := range segments {
		lines[i] = documentLine{Segment: s, Label: l.Error(document.Place(s.Key)), Long: len(s.Text) > 90}
	}
	return lines
}

func documentPath(id int64) string { return "/documents/" + strconv.FormatInt(id, 10) }
