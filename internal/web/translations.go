package web

import (
	"cmp"
	"slices"
	"strconv"
	"time"

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
	translationsPage     page[translationsData]     = "translations"
	translationPage      page[translationData]      = "translation"
	translationFilesPage page[translationFilesData] = "translation_files"
)

// idleAfter is how long a translation may lie with somebody before the board says so.
const idleAfter = 7 * 24 * time.Hour

type translationsData struct {
	SendOn    *dateRow    // when the texts go out, nil where no day is set
	Mine      []boardItem // what waits for the reader, most urgent first
	Rows      []boardRow
	Locales   []string // the columns
	Languages []form.Option
	Kinds     []form.Option
	States    []form.Option
	Who       []form.Option
	Narrowed  bool
}

// boardRow is a document with a place for each of the columns; nil where the filter leaves it out.
type boardRow struct {
	document.Summary
	Freezes *dateRow // when its wording is fixed, nil where no day is set
	Cells   []*boardItem
}

// boardItem is one translation of one document.
type boardItem struct {
	document.TranslationStatus
	DocumentID int64
	Kind       document.Kind
	Title      string
	Source     string // its language
	Idle       bool   // somebody holds it and has not touched it for long
	Own        bool   // the reader is who translates it
}

// CanClaim says whether somebody may take it on.
func (b boardItem) CanClaim() bool {
	return b.State == document.Missing || b.State == document.Stale
}

// CanCorrect says whether a correction may be begun.
func (b boardItem) CanCorrect() bool { return b.State == document.Approved }

func shownState(s document.TranslationState, handedBack bool) string {
	if handedBack {
		return "released"
	}
	return string(s)
}

func (w *Web) translationSection() section {
	return section{
		pages: []definition{translationsPage, translationPage, translationFilesPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/translations", account.TranslationRead, w.translations)
			r.Handle(fiber.MethodPost, "/translations", account.TranslationWrite, w.claimTranslation)
			r.Handle(fiber.MethodGet, "/translations/:id", account.TranslationRead, w.translation)
			r.Handle(fiber.MethodPost, "/translations/:id", account.TranslationWrite, w.saveTranslation, large)
			r.Handle(fiber.MethodPost, "/translations/:id/review", account.TranslationReview, w.reviewTranslation, large)
			r.Handle(fiber.MethodPost, "/translations/:id/release", account.TranslationWrite, w.releaseTranslation)
			r.Handle(fiber.MethodPost, "/translations/:id/withdraw", account.TranslationWrite, w.withdrawTranslation)
			r.Handle(fiber.MethodPost, "/translations/:id/relieve", account.TranslationRelieve, w.relieveTranslation)
			r.Handle(fiber.MethodPost, "/translations/:id/correct", account.TranslationWrite, w.correctTranslation)
			r.Handle(fiber.MethodPost, "/translations/:id/drop", account.TranslationWrite, w.dropCorrection)
			r.Handle(fiber.MethodGet, "/translations/:id/export", account.TranslationRead, w.exportTranslation)
			r.Handle(fiber.MethodGet, "/translations/:id/files", account.TranslationRead, w.translationFiles)
			r.Handle(fiber.MethodPost, "/translations/:id/files", account.TranslationWrite, w.importTranslation, httpserver.BodyLimit(translationUpload),
				httpserver.TooLarge(errs.E(errs.TooLarge, "document.exchange.too_large", "Max", document.MaxFile>>20)))
		},
	}
}

// boardFilter is what the address asks the board for.
type boardFilter struct{ locale, kind, state, who string }

func boardFilterOf(c *fiber.Ctx) boardFilter {
	return boardFilter{locale: c.Query("locale"), kind: c.Query("kind"), state: c.Query("state"), who: c.Query("who")}
}

func (f boardFilter) form() form.Form {
	return form.With("locale", f.locale, "kind", f.kind, "state", f.state, "who", f.who)
}

func (f boardFilter) shows(b boardItem) bool {
	switch {
	case f.locale != "" && b.Locale != f.locale,
		f.kind != "" && string(b.Kind) != f.kind,
		f.state != "" && string(b.State) != f.state && b.Shown() != f.state,
		f.who == "mine" && !b.Own,
		f.who == "review" && (b.Own || b.State != document.InReview):
		return false
	}
	return true
}

func (w *Web) translations(c *fiber.Ctx) error {
	data, err := w.translationsData(c)
	if err != nil {
		return err
	}
	return translationsPage.showForm(w, c, data, boardFilterOf(c).form())
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
	f := boardFilterOf(c)
	l := w.Server.Localizer(c)
	data := translationsData{Narrowed: f != boardFilter{}, Kinds: anyOf(l), States: anyOf(l), Languages: anyOf(l)}
	if data.SendOn, err = w.sendOn(c, l, current.ID); err != nil {
		return data, err
	}
	var items []boardItem
	rows := make([][]boardItem, len(all))
	for i, d := range all {
		rows[i] = w.boardItems(actor, d)
		items = append(items, rows[i]...)
	}
	data.Mine = waitingFor(actor, items)
	data.fill(l, f, all, rows)
	for i := range data.Rows {
		data.Rows[i].Freezes = w.freezeDay(l, data.Rows[i].Document)
	}
	for _, k := range document.Kinds() {
		data.Kinds = append(data.Kinds, form.Option{Value: string(k), Label: l.T("document.kind." + string(k))})
	}
	for _, s := range document.TranslationStates() {
		data.States = append(data.States, form.Option{Value: string(s), Label: l.T("document.translation.state." + string(s))})
	}
	data.Who = append(anyOf(l), form.Option{Value: "mine", Label: l.T("document.board.who.mine")}, form.Option{Value: "review", Label: l.T("document.board.who.review")})
	return data, nil
}

func anyOf(l *i18n.Localizer) []form.Option { return []form.Option{{Label: l.T("common.any")}} }

// sendOn is the day on which the texts go out.
func (w *Web) sendOn(c *fiber.Ctx, l *i18n.Localizer, cycleID int64) (*dateRow, error) {
	dates, err := w.Cycles.Dates(c.UserContext(), cycleID, w.Now())
	if err != nil {
		return nil, err
	}
	d, ok := dates[cycle.SendOn]
	if !ok {
		return nil, nil
	}
	row := w.dateRow(l, d)
	return &row, nil
}

func (w *Web) boardItems(actor account.Actor, d document.Summary) []boardItem {
	items := make([]boardItem, 0, len(d.Translations))
	for _, t := range d.Translations {
		held := t.State == document.Claimed || t.State == document.Draft
		items = append(items, boardItem{
			TranslationStatus: t, DocumentID: d.ID, Kind: d.Kind, Title: d.Title, Source: d.SourceLanguage,
			Own: t.TranslatorID != 0 && t.TranslatorID == actor.ID, Idle: held && t.UpdatedAt.Before(w.Now().Add(-idleAfter)),
		})
	}
	return items
}

// fill puts what the filter shows into rows and columns; documents with something outdated come first.
func (data *translationsData) fill(l *i18n.Localizer, f boardFilter, all []document.Summary, rows [][]boardItem) {
	var known []string
	for _, items := range rows {
		for _, b := range items {
			if !slices.Contains(known, b.Locale) {
				known = append(known, b.Locale)
				data.Languages = append(data.Languages, form.Option{Value: b.Locale, Label: l.LanguageName(b.Locale)})
			}
			if f.shows(b) && !slices.Contains(data.Locales, b.Locale) {
				data.Locales = append(data.Locales, b.Locale)
			}
		}
	}
	slices.SortStableFunc(data.Locales, func(a, b string) int { return cmp.Compare(slices.Index(known, a), slices.Index(known, b)) })
	for i, d := range all {
		row := boardRow{Summary: d, Cells: make([]*boardItem, len(data.Locales))}
		shown := false
		for _, b := range rows[i] {
			if f.shows(b) {
				row.Cells[slices.Index(data.Locales, b.Locale)] = &b
				shown = true
			}
		}
		if shown {
			data.Rows = append(data.Rows, row)
		}
	}
	slices.SortStableFunc(data.Rows, func(a, b boardRow) int { return cmp.Compare(b.stale(), a.stale()) })
}

// stale is 1 where the source has left something of the row behind.
func (r boardRow) stale() int {
	for _, b := range r.Cells {
		if b != nil && (b.Stale > 0 || b.State == document.Stale) {
			return 1
		}
	}
	return 0
}

// waitingFor picks what the actor can go on with: what wants their language, what they hold,
// what they may review. Stale ones come first, because somebody may be relying on them.
func waitingFor(actor account.Actor, items []boardItem) []boardItem {
	order := []document.TranslationState{document.Stale, document.Draft, document.Claimed, document.InReview, document.Missing}
	var mine []boardItem
	for _, b := range items {
		switch b.State {
		case document.Claimed, document.Draft:
			if !b.Own {
				continue
			}
		case document.InReview:
			if b.Own {
				continue
			}
		case document.Approved:
			continue
		case document.Missing, document.Stale:
			if !actor.May(account.TranslationWrite) || (!b.Own && b.Locale != actor.Language) {
				continue
			}
		}
		mine = append(mine, b)
	}
	slices.SortStableFunc(mine, func(a, b boardItem) int {
		return cmp.Or(boolOrder(b.Stale > 0, a.Stale > 0), cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)))
	})
	return mine
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
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

func (w *Web) releaseTranslation(c *fiber.Ctx) error {
	return w.giveUp(c, "document.translation.released", func(by account.Actor, id int64) error {
		_, err := w.Documents.Release(c.UserContext(), by, id)
		return err
	})
}

func (w *Web) relieveTranslation(c *fiber.Ctx) error {
	return w.giveUp(c, "document.translation.relieved", func(by account.Actor, id int64) error {
		_, err := w.Documents.Relieve(c.UserContext(), by, id, c.FormValue("reason"))
		return err
	})
}

// giveUp lets a translation go and leads to the board, where it can be taken on again.
func (w *Web) giveUp(c *fiber.Ctx, said string, let func(by account.Actor, id int64) error) error {
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	if err := let(account.ActorFrom(c.UserContext()), data.Translation.ID); err != nil {
		return w.translationAgain(c, err)
	}
	return w.redirect(c, "/translations", said)
}

func translationPath(id int64) string { return "/translations/" + strconv.FormatInt(id, 10) }
