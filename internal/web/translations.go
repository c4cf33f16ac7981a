package web

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	translationsPage page[translationsData] = "translations"
	translationPage  page[translationData]  = "translation"
)

type translationsData struct {
	Mine      []boardItem // what waits for the reader, most urgent first
	Documents []document.Summary
	Locales   []string // the columns
}

// boardItem is one translation of one document.
type boardItem struct {
	document.TranslationStatus
	DocumentID int64
	Kind       document.Kind
	Title      string
	Source     string // its language
}

// CanClaim says whether somebody may take it on.
func (b boardItem) CanClaim() bool {
	return b.State == document.Missing || b.State == document.Stale
}

type translationData struct {
	document.Sheet
	Lines     []translationLine
	Dir       string // of the translation
	SourceDir string
	Editable  bool // the reader is the translator, and may write now
	CanClaim  bool
	CanReview bool
	OwnReview bool // it waits for review, but not by the reader
}

type translationLine struct {
	document.Line
	ID    string // of its field
	Label string
	Rows  int
	HTML  template.HTML // the source with what was changed in it, of a stale line
}

func (w *Web) translationSection() section {
	return section{
		pages: []definition{translationsPage, translationPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/translations", account.TranslationRead, w.translations)
			r.Handle(fiber.MethodPost, "/translations", account.TranslationWrite, w.claimTranslation)
			r.Handle(fiber.MethodGet, "/translations/:id", account.TranslationRead, w.translation)
			r.Handle(fiber.MethodPost, "/translations/:id", account.TranslationWrite, w.saveTranslation, large)
			r.Handle(fiber.MethodPost, "/translations/:id/review", account.TranslationReview, w.reviewTranslation)
		},
	}
}

func (w *Web) translations(c *fiber.Ctx) error {
	data, err := w.translationsData(c)
	if err != nil {
		return err
	}
	return translationsPage.show(w, c, data)
}

func (w *Web) translationsData(c *fiber.Ctx) (translationsData, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return translationsData{}, err
	}
	all, err := w.Documents.List(ctx, actor, current.ID)
	if err != nil {
		return translationsData{}, err
	}
	data := translationsData{Documents: all}
	var items []boardItem
	for _, d := range all {
		for _, t := range d.Translations {
			items = append(items, boardItem{TranslationStatus: t, DocumentID: d.ID, Kind: d.Kind, Title: d.Title, Source: d.SourceLanguage})
			if !slices.Contains(data.Locales, t.Locale) {
				data.Locales = append(data.Locales, t.Locale)
			}
		}
	}
	data.Mine = waitingFor(actor, items)
	return data, nil
}

// waitingFor picks what the actor can go on with: what wants their language, what they hold,
// what they may review. Stale ones come first, because somebody may be relying on them.
func waitingFor(actor account.Actor, items []boardItem) []boardItem {
	order := []document.TranslationState{document.Stale, document.Draft, document.Claimed, document.InReview, document.Missing}
	var mine []boardItem
	for _, b := range items {
		own := b.TranslatorID == actor.ID
		switch b.State {
		case document.Claimed, document.Draft:
			if !own {
				continue
			}
		case document.InReview:
			if own {
				continue
			}
		case document.Approved:
			continue
		case document.Missing, document.Stale:
			if !actor.May(account.TranslationWrite) || (!own && b.Locale != actor.Language) {
				continue
			}
		}
		mine = append(mine, b)
	}
	slices.SortStableFunc(mine, func(a, b boardItem) int {
		return cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State))
	})
	return mine
}

func (w *Web) claimTranslation(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := strconv.ParseInt(c.FormValue("document"), 10, 64)
	if err != nil {
		return errs.E(errs.NotFound, "error.not_found")
	}
	t, err := w.Documents.Claim(ctx, account.ActorFrom(ctx), id, c.FormValue("locale"))
	if err != nil {
		data, failed := w.translationsData(c)
		if failed != nil {
			return failed
		}
		return translationsPage.again(w, c, data, err)
	}
	return w.redirect(c, translationPath(t.ID), "document.translation.claimed")
}

func (w *Web) translation(c *fiber.Ctx) error {
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	if current := translationPath(data.Translation.ID); current != c.Path() {
		return w.redirect(c, current, "") // the source was edited since: what is written now goes with the current wording
	}
	return translationPage.showForm(w, c, data, sheetForm(data))
}

func sheetForm(data translationData) form.Form {
	var pairs []string
	for _, l := range data.Lines {
		pairs = append(pairs, l.Key, l.Translation)
	}
	return form.With(pairs...)
}

func (w *Web) translationData(c *fiber.Ctx) (translationData, error) {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return translationData{}, err
	}
	actor := account.ActorFrom(ctx)
	sheet, err := w.Documents.Sheet(ctx, actor, id)
	if err != nil {
		return translationData{}, err
	}
	t := sheet.Translation
	own := t.TranslatorID != nil && *t.TranslatorID == actor.ID
	writes := actor.May(account.TranslationWrite)
	data := translationData{
		Sheet: sheet, Dir: direction(w.Bundle, t.Locale), SourceDir: direction(w.Bundle, sheet.Document.SourceLanguage),
		Editable:  writes && own && (t.State == document.Claimed || t.State == document.Draft || t.State == document.Stale),
		CanClaim:  writes && !own && t.State == document.Stale,
		CanReview: actor.May(account.TranslationReview) && !own && t.State == document.InReview,
		OwnReview: own && t.State == document.InReview,
	}
	l := w.Server.Localizer(c)
	for _, line := range sheet.Lines {
		data.Lines = append(data.Lines, translationLine{
			Line: line, ID: form.ID(line.Key), Label: l.Error(document.Place(line.Key)),
			Rows: min(max(2, len(line.Text)/60+1), 14), HTML: changesHTML(line.Changes),
		})
	}
	return data, nil
}

func changesHTML(changes []document.Change) template.HTML {
	var b strings.Builder
	for _, c := range changes {
		text := template.HTMLEscapeString(c.Text)
		switch c.Kind {
		case document.Added:
			b.WriteString("<ins>" + text + "</ins>")
		case document.Removed:
			b.WriteString("<del>" + text + "</del>")
		default:
			b.WriteString(text)
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every text was escaped above
}

func (w *Web) saveTranslation(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	t, err := w.Documents.Save(ctx, actor, id, changedLines(posted, data.Lines))
	if err != nil {
		return translationPage.again(w, c, data, err)
	}
	if posted.Value("do") != "submit" {
		return w.redirect(c, translationPath(t.ID), "document.translation.saved")
	}
	if _, err := w.Documents.Submit(ctx, actor, t.ID); err != nil {
		if data, failed := w.translationData(c); failed == nil {
			return translationPage.again(w, c, data, err)
		}
		return err
	}
	return w.redirect(c, translationPath(t.ID), "document.translation.submitted")
}

// changedLines are the texts that the translator wrote. A stale one that was left as it was counts
// as made from the new source only where the translator says so.
func changedLines(posted form.Form, lines []translationLine) map[string]string {
	texts := map[string]string{}
	for _, l := range lines {
		values, ok := posted.Values[l.Key]
		if !ok || len(values) == 0 {
			continue
		}
		text := strings.TrimSpace(strings.ReplaceAll(values[0], "\r\n", "\n"))
		if text != l.Translation || (l.Stale && posted.Has("confirm", l.Key)) {
			texts[l.Key] = text
		}
	}
	return texts
}

func (w *Web) reviewTranslation(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	id := data.Translation.ID
	said := "document.translation.approved"
	if c.FormValue("do") == "send_back" {
		said = "document.translation.sent_back"
		_, err = w.Documents.SendBack(ctx, actor, id, c.FormValue("note"))
	} else {
		_, err = w.Documents.Approve(ctx, actor, id)
	}
	if err != nil {
		return translationPage.again(w, c, data, err)
	}
	return w.redirect(c, translationPath(id), said)
}

func translationPath(id int64) string { return "/translations/" + strconv.FormatInt(id, 10) }
