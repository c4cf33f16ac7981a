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

type translationData struct {
	document.Sheet
	Lines      []translationLine // those that are shown
	Views      []sheetView
	Show       string // the view
	Action     string // where the form is sent to: the same view
	Dir        string // of the translation
	SourceDir  string
	Rules      string // for the script, as JSON
	HandedBack bool
	Editable   bool // the reader is the translator, and may write now
	CanClaim   bool
	CanReview  bool
	OwnReview  bool // it waits for review, but not by the reader
	OwnWords   int  // how many passages, of what the reader may review but not approve, are their own
	CanRelease bool
	CanRelieve bool
	CanCorrect bool
	CanDrop    bool
}

// Shown is the state as the page names it.
func (d translationData) Shown() string { return shownState(d.Translation.State, d.HandedBack) }

// sheetView is a choice among the lines of a sheet.
type sheetView struct {
	Key     string
	Count   int
	Href    string
	Current bool
}

type translationLine struct {
	document.Line
	ID       string // of its field
	Label    string
	Rows     int
	HTML     template.HTML // the source with what was changed in it, of a stale line
	Since    template.HTML // the translation with what was changed since it was last approved
	Base     string        // stands for the text that is stored
	NextID   string        // of the next line that is to be done, "" for none
	Findings []sheetFinding
	Clash    bool   // somebody saved another text since the reader began; both are shown
	Lost     string // what the reader typed and may not save any more
	Moved    bool   // it changed since the reviewer looked
}

// sheetFinding is what a rule says of a translation.
type sheetFinding struct {
	Text   string
	Blocks bool
}

// sheetViews lists the views of a sheet in the order of their links. The first shows every line.
func sheetViews() []string { return []string{"all", "todo", "remarks", "changed"} }

func inView(view string, l document.Line) bool {
	switch view {
	case "todo":
		return l.ToDo()
	case "remarks":
		return len(l.Findings) > 0 || l.Open()
	case "changed":
		return l.Since != nil || l.New
	}
	return true
}

func (w *Web) translation(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	asked, err := w.Documents.SheetAt(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	if asked.Past {
		data := translationData{Sheet: asked, Dir: direction(w.Bundle, asked.Translation.Locale), SourceDir: direction(w.Bundle, asked.Document.SourceLanguage)}
		data.Lines = linesOfSheet(w.Server.Localizer(c), data)
		return translationPage.show(w, c, data)
	}
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	data.Editions = asked.Editions
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

// translationData is the sheet in the view that the address names.
func (w *Web) translationData(c *fiber.Ctx) (translationData, error) {
	return w.sheetIn(c, c.Query("show"))
}

func (w *Web) sheetIn(c *fiber.Ctx, view string) (translationData, error) {
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
	held := t.State == document.Claimed || t.State == document.Draft
	l := w.Server.Localizer(c)
	data := translationData{
		Sheet: sheet, Dir: direction(w.Bundle, t.Locale), SourceDir: direction(w.Bundle, sheet.Document.SourceLanguage),
		Editable:   writes && own && (held || t.State == document.Stale),
		CanClaim:   writes && (t.State == document.Missing || (t.State == document.Stale && !own)),
		CanReview:  actor.May(account.TranslationReview) && !own && t.State == document.InReview,
		OwnReview:  own && t.State == document.InReview,
		OwnWords:   sheet.Writers[actor.ID],
		CanRelease: writes && own && held,
		CanRelieve: actor.May(account.TranslationRelieve) && !own && held,
		CanCorrect: writes && t.State == document.Approved,
		CanDrop:    writes && sheet.Correction && t.Drop(actor) == nil,
		HandedBack: t.State == document.Missing, Show: view, Rules: rulesJSON(l),
	}
	data.Action = translationPath(t.ID)
	if slices.Contains(sheetViews()[1:], data.Show) {
		data.Action += "?show=" + data.Show
	}
	data.Views = viewsOf(data)
	data.Lines = linesOfSheet(l, data)
	return data, nil
}

// viewsOf counts the lines of each view. Views of nothing are left out, but for the one that is shown.
func viewsOf(data translationData) []sheetView {
	var views []sheetView
	for _, key := range sheetViews() {
		v := sheetView{Key: key, Href: translationPath(data.Translation.ID), Current: key == data.Show || (key == "all" && !strings.Contains(data.Action, "?"))}
		if key != "all" {
			v.Href += "?show=" + key
		}
		for _, l := range data.Sheet.Lines {
			if inView(key, l) {
				v.Count++
			}
		}
		if v.Count > 0 || v.Current {
			views = append(views, v)
		}
	}
	return views
}

func linesOfSheet(l *i18n.Localizer, data translationData) []translationLine {
	var lines []translationLine
	for _, line := range data.Sheet.Lines {
		if !inView(data.Show, line) {
			continue
		}
		shown := translationLine{
			Line: line, ID: form.ID(line.Key), Label: l.Error(document.Place(line.Key)), Base: document.Mark(line.Translation),
			Rows: min(max(2, len(line.Text)/60+1), 14), HTML: changesHTML(line.Changes), Since: changesHTML(line.Since),
		}
		for _, f := range line.Findings {
			shown.Findings = append(shown.Findings, sheetFinding{l.FieldMessage(f.Field), f.Blocks})
		}
		lines = append(lines, shown)
	}
	next := ""
	for i := len(lines) - 1; i >= 0; i-- {
		lines[i].NextID = next
		if lines[i].ToDo() {
			next = lines[i].ID
		}
	}
	return lines
}

func changesHTML(changes []document.Change) template.HTML {
	var b strings.Builder
	for _, c := range changes {
		text := template.HTMLEscapeString(c.Text)
		if c.Kind != document.Kept { // a line break alone would not be seen
			text = strings.ReplaceAll(text, "\n", "↵\n")
		}
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
	takeSuggestion(posted, data.Lines)
	t, clashes, err := w.Documents.SaveTyped(ctx, actor, id, changedLines(posted, data.Lines), settledNotes(posted))
	if err != nil {
		return w.sheetAgain(c, data, posted, err)
	}
	if len(clashes) > 0 {
		return w.showClashes(c, posted, clashes)
	}
	if posted.Value("do") != "submit" {
		return w.redirect(c, afterSave(data, t.ID, posted), "document.translation.saved")
	}
	if _, err := w.Documents.Submit(ctx, actor, t.ID); err != nil {
		if data, failed := w.sheetIn(c, ""); failed == nil { // whole, because places are told that the view may leave out
			return w.sheetAgain(c, data, posted, err)
		}
		return err
	}
	return w.redirect(c, translationPath(t.ID), "document.translation.submitted")
}

// afterSave leads to the next line that is to be done, where the button of a line was pressed.
func afterSave(data translationData, id int64, posted form.Form) string {
	to := strings.Replace(data.Action, translationPath(data.Translation.ID), translationPath(id), 1)
	at := posted.Value("at")
	if at == "" {
		at, _, _ = strings.Cut(posted.Value("take"), ":")
	}
	for _, l := range data.Lines {
		switch {
		case l.Key != at:
		case l.NextID != "" && posted.Value("take") == "":
			return to + "#" + l.NextID
		default:
			return to + "#" + l.ID + "-title"
		}
	}
	return to
}

// takeSuggestion puts a suggestion into the field for which its button was pressed: "p3:0".
func takeSuggestion(posted form.Form, lines []translationLine) {
	key, number, _ := strings.Cut(posted.Value("take"), ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	for _, l := range lines {
		if l.Key == key && n >= 0 && n < len(l.Suggestions) {
			posted.Values[key] = []string{l.Suggestions[n].Text}
		}
	}
}

// changedLines are the texts that the translator wrote. A stale one that was left as it was counts
// as made from the new source only where the translator says so.
func changedLines(posted form.Form, lines []translationLine) map[string]document.Typed {
	typed := map[string]document.Typed{}
	for _, l := range lines {
		values, ok := posted.Values[l.Key]
		if !ok || len(values) == 0 {
			continue
		}
		text := tidyTyped(values[0])
		base := posted.Value("base-" + l.Key)
		changed := text != l.Translation
		if base != "" {
			changed = document.Mark(text) != base
		} else {
			base = document.UnknownBase
		}
		if changed || (l.Stale && posted.Has("confirm", l.Key)) {
			typed[l.Key] = document.Typed{Text: text, Base: base}
		}
	}
	return typed
}

func tidyTyped(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

func settledNotes(posted form.Form) []int64 {
	var ids []int64
	for _, v := range posted.Values["settled"] {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// showClashes shows both texts where somebody saved another one in the meantime. All others are saved.
func (w *Web) showClashes(c *fiber.Ctx, posted form.Form, clashes []document.Clash) error {
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	refused := errs.E(errs.Conflict, "document.translation.clashes", "Count", len(clashes))
	for _, clash := range clashes {
		refused.Fields = append(refused.Fields, errs.FieldError(clash.Key, "document.translation.clash", "Place", document.Place(clash.Key)))
		for i := range data.Lines {
			data.Lines[i].Clash = data.Lines[i].Clash || data.Lines[i].Key == clash.Key
		}
	}
	return w.sheetAgain(c, data, posted, refused)
}

// sheetAgain shows the sheet with all that was typed. Where the translation is not the reader's any more, what
// they typed stands beside what is stored.
func (w *Web) sheetAgain(c *fiber.Ctx, data translationData, posted form.Form, err error) error {
	if !data.Editable {
		lost := false
		for i := range data.Lines {
			l := &data.Lines[i]
			if text := tidyTyped(posted.Value(l.Key)); text != "" && text != l.Translation {
				l.Lost, lost = text, true
			}
		}
		if errs.Is(err, errs.Forbidden) && lost {
			return translationPage.render(w, c, errs.Status(err), data, posted.Fail(w.Server.Localizer(c), err))
		}
	}
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
		return err
	}
	shown := sheetForm(data)
	for name, values := range posted.Values {
		shown.Values[name] = values
	}
	return translationPage.render(w, c, errs.Status(err), data, shown.Fail(w.Server.Localizer(c), err))
}

// translationAgain shows the sheet, as it is now, after one of its small forms was refused.
func (w *Web) translationAgain(c *fiber.Ctx, err error) error {
	posted, failed := w.posted(c)
	if failed != nil {
		return failed
	}
	data, failed := w.translationData(c)
	if failed != nil {
		return failed
	}
	return w.sheetAgain(c, data, posted, err)
}
