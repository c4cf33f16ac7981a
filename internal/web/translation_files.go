package web

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// translationUpload leaves room for what a form puts around a file.
const translationUpload = document.MaxFile + 1<<20

type translationFilesData struct {
	translationData
	Report *translationReport // of a file that was just taken
	MaxMB  int
	Writes bool // the reader may import
}

type translationReport struct {
	document.Imported
	Counts []outcomeCount
	Units  []reportedUnit // what a person wants to look at
}

type outcomeCount struct {
	Outcome document.Outcome
	Count   int
}

type reportedUnit struct {
	document.ImportedUnit
	Label    string
	Field    string // of the segment on the sheet, "" where it has none
	Reason   string
	Findings []string
}

func (w *Web) filesData(c *fiber.Ctx) (translationFilesData, error) {
	data, err := w.translationData(c)
	if err != nil {
		return translationFilesData{}, err
	}
	actor := account.ActorFrom(c.UserContext())
	return translationFilesData{translationData: data, MaxMB: document.MaxFile >> 20, Writes: actor.May(account.TranslationWrite)}, nil
}

func (w *Web) translationFiles(c *fiber.Ctx) error {
	data, err := w.filesData(c)
	if err != nil {
		return err
	}
	return translationFilesPage.show(w, c, data)
}

// exportTranslation sends a file for a translator's own tool, XLIFF where the address names no format.
func (w *Web) exportTranslation(c *fiber.Ctx) error {
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	format := document.Format(c.Query("format", string(document.XLIFF)))
	f, err := w.Documents.Export(ctx, account.ActorFrom(ctx), data.Document.ID, data.Translation.Locale, format, w.Server.Localizer(c).Error)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, f.Type+"; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+f.Name+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(f.Content)
}

// importTranslation takes a file in, and tells of every unit what became of it.
func (w *Web) importTranslation(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.filesData(c)
	if err != nil {
		return err
	}
	content, err := uploadedText(c)
	var done document.Imported
	if err == nil {
		done, err = w.Documents.Import(ctx, account.ActorFrom(ctx), data.Document.ID, data.Translation.Locale, content, c.FormValue("reason"))
	}
	l := w.Server.Localizer(c)
	if err != nil {
		return translationFilesPage.again(w, c, data, sayLanguages(l, err))
	}
	if data, err = w.filesData(c); err != nil {
		return err
	}
	data.Report = reportOf(l, done, data.Sheet)
	return translationFilesPage.show(w, c, data)
}

func uploadedText(c *fiber.Ctx) ([]byte, error) {
	head, err := c.FormFile("file")
	if err != nil {
		return nil, errs.InvalidFields(errs.FieldError("file", "document.exchange.no_file"))
	}
	f, err := head.Open()
	if err != nil {
		return nil, errs.Wrap("web.uploaded_text", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return content, errs.Wrap("web.uploaded_text", err)
}

// sayLanguages calls the languages of a file by their names.
func sayLanguages(l *i18n.Localizer, err error) error {
	e := errs.Find(err)
	if e == nil {
		return err
	}
	for _, f := range e.Fields {
		if f.Key != "document.exchange.other_language" {
			continue
		}
		for name, v := range f.Args {
			if tag, ok := v.(string); ok {
				f.Args[name] = l.LanguageName(tag)
			}
		}
	}
	return err
}

func reportOf(l *i18n.Localizer, done document.Imported, sheet document.Sheet) *translationReport {
	r := &translationReport{Imported: done}
	known := map[string]bool{}
	for _, line := range sheet.Lines {
		known[line.Key] = true
	}
	for _, o := range document.Outcomes() {
		if n := done.Count(o); n > 0 {
			r.Counts = append(r.Counts, outcomeCount{o, n})
		}
		for _, u := range done.Units {
			if u.Outcome == o && (o != document.Unchanged && o != document.Untranslated && o != document.Taken || len(u.Findings) > 0) {
				r.Units = append(r.Units, reportedUnitOf(l, u, known[u.Key]))
			}
		}
	}
	return r
}

func reportedUnitOf(l *i18n.Localizer, u document.ImportedUnit, known bool) reportedUnit {
	shown := reportedUnit{ImportedUnit: u, Label: u.Key}
	if known {
		shown.Label, shown.Field = l.Error(document.Place(u.Key)), form.ID(u.Key)
	}
	if u.Reason != nil {
		shown.Reason = l.FieldMessage(*u.Reason)
	}
	for _, f := range u.Findings {
		shown.Findings = append(shown.Findings, l.FieldMessage(f.Field))
	}
	return shown
}
