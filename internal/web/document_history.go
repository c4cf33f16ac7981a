package web

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	documentHistoryPage  page[documentHistoryData]  = "document_history"
	documentRevisionPage page[documentRevisionData] = "document_revision"
	documentComparePage  page[documentCompareData]  = "document_compare"
)

type documentHistoryData struct {
	document.History
	Nav      documentNav
	Passages []originLine
	Numbers  []form.Option // of the revisions
	Spoken   []form.Option // the languages to compare them in: chosen on the page that compares
}

// originLine is a passage and who wrote it.
type originLine struct {
	document.Origin
	Label string
}

type documentRevisionData struct {
	document.Wording
	Nav   documentNav
	HTML  template.HTML
	Lines []documentLine
}

type documentCompareData struct {
	document.Comparison
	Nav      documentNav
	Passages []passageLine
	Settings []settingLine
	Numbers  []form.Option
	Spoken   []form.Option // the languages to choose from
	Dir      string        // of the wordings
}

// passageLine is a passage that differs between two revisions.
type passageLine struct {
	document.PassageChange
	Label string
	HTML  template.HTML
}

type settingLine struct{ Label, From, To string }

// pastOf is the history of the text that the path means, for the page of that name.
func (w *Web) pastOf(c *fiber.Ctx, at string) (document.History, documentNav, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return document.History{}, documentNav{}, err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	h, err := w.Documents.History(ctx, actor, id)
	return h, documentNav{ID: id, Kind: h.Document.Kind, At: at, actor: actor}, err
}

func (w *Web) documentHistory(c *fiber.Ctx) error {
	h, nav, err := w.pastOf(c, "history")
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	data := documentHistoryData{
		History: h, Nav: nav, Numbers: numbersOf(l, h.Revisions),
	}
	for _, p := range h.Passages {
		data.Passages = append(data.Passages, originLine{Origin: p, Label: l.Error(document.Place(p.Key))})
	}
	to := h.Revisions[0].Number
	return documentHistoryPage.showForm(w, c, data, form.With("from", strconv.Itoa(max(1, to-1)), "to", strconv.Itoa(to)))
}

func numbersOf(l *i18n.Localizer, revisions []document.PastRevision) []form.Option {
	options := make([]form.Option, len(revisions))
	for i, r := range revisions {
		options[i] = form.Option{Value: strconv.Itoa(r.Number), Label: l.T("document.revision", "Number", r.Number)}
	}
	return options
}

// documentRevision reads the wording that a text had at a revision.
func (w *Web) documentRevision(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	number, err := httpserver.ID(c, "number")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	wording, err := w.Documents.Wording(ctx, actor, id, int(number))
	if err != nil {
		return err
	}
	data := documentRevisionData{Wording: wording, Nav: documentNav{ID: id, Kind: wording.Document.Kind, At: "revision", actor: actor}}
	data.Lines = linesOf(w.Server.Localizer(c), wording.Segments)
	if wording.Document.Kind != document.Survey { // beside the mail, only what its variants say otherwise
		data.Lines = slices.DeleteFunc(data.Lines, func(line documentLine) bool { return !strings.Contains(line.Key, ".") })
		data.HTML = mailOnPage(wording.Rendered.HTML, document.Fields(), func(name string) string { return "{{" + name + "}}" })
	}
	return documentRevisionPage.show(w, c, data)
}

// compareDocument compares two revisions: ?from= and ?to=, without them the last two.
func (w *Web) compareDocument(c *fiber.Ctx) error {
	h, nav, err := w.pastOf(c, "compare")
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	latest := h.Revisions[0].Number
	shown := form.With("from", c.Query("from", strconv.Itoa(max(1, latest-1))), "to", c.Query("to", strconv.Itoa(latest)), "in", c.Query("in"))
	compared, err := w.Documents.Compare(c.UserContext(), nav.actor, nav.ID, numberIn(shown, "from"), numberIn(shown, "to"), shown.Value("in"))
	if err != nil && !errs.Is(err, errs.Invalid) {
		return err
	}
	compared.Document, compared.Title = h.Document, h.Title
	data := documentCompareData{
		Comparison: compared, Nav: nav, Numbers: numbersOf(l, h.Revisions),
	}
	for _, locale := range compared.Locales {
		data.Spoken = append(data.Spoken, form.Option{Value: locale, Label: l.LanguageName(locale)})
	}
	if err != nil {
		return documentComparePage.render(w, c, errs.Status(err), data, shown.Fail(l, err))
	}
	data.Dir = direction(w.Bundle, compared.Locale)
	for _, p := range compared.Passages {
		data.Passages = append(data.Passages, passageLine{PassageChange: p, Label: l.Error(document.Place(p.Key)), HTML: changesHTML(p.Changes)})
	}
	for _, s := range compared.Settings {
		data.Settings = append(data.Settings, settingLine{Label: l.Error(document.Place(s.Key)), From: settingText(l, s.Key, s.From), To: settingText(l, s.Key, s.To)})
	}
	return documentComparePage.showForm(w, c, data, shown)
}

// numberIn is the number in a field, 0, which no revision has, for what is none.
func numberIn(f form.Form, name string) int {
	n, err := strconv.Atoi(f.Value(name))
	if err != nil {
		return 0
	}
	return n
}

// settingText says a setting of a questionnaire.
func settingText(l *i18n.Localizer, key, value string) string {
	switch {
	case value == "":
		return l.T("common.none")
	case value == "true":
		return l.T("common.yes")
	case value == "false":
		return l.T("common.no")
	case strings.HasSuffix(key, ".type"):
		return l.T("document.question.kind." + value)
	}
	return value
}
