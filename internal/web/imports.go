package web

import (
	"bytes"
	"io"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	importsPage page[importsData] = "imports"
	importPage  page[importData]  = "import"
)

type importsData struct {
	Items   []contact.Import
	Next    string
	MaxMB   int
	Command string
	Example bool // whether there is a list to try it with
}

// List is a file of contacts that comes with the program.
type List struct {
	Name    string
	Content []byte
}

// uploadLimit leaves room for what a form puts around a file.
const uploadLimit = contact.MaxUpload + 1<<20

func (w *Web) importsSection() section {
	return section{
		pages: []definition{importsPage, importPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/contacts/import", account.ContactImport, w.imports)
			r.Handle(fiber.MethodPost, "/contacts/import", account.ContactImport, w.uploadImport, httpserver.BodyLimit(uploadLimit),
				httpserver.TooLarge(errs.E(errs.TooLarge, "contact.import.too_large", "Max", contact.MaxUpload>>20)))
			if w.TryList != nil {
				r.Handle(fiber.MethodPost, "/contacts/import/example", account.ContactImport, w.exampleImport)
			}
			r.Handle(fiber.MethodGet, "/contacts/export", account.ContactExport, w.exportContacts)
			r.Handle(fiber.MethodGet, "/contacts/imports/:id", account.ContactImport, w.showImport)
			r.Handle(fiber.MethodPost, "/contacts/imports/:id/columns", account.ContactImport, w.mapImport)
			r.Handle(fiber.MethodPost, "/contacts/imports/:id/decisions", account.ContactImport, w.decideImport)
			r.Handle(fiber.MethodPost, "/contacts/imports/:id/start", account.ContactImport, w.startImport)
			r.Handle(fiber.MethodPost, "/contacts/imports/:id/undo", account.ContactImport, w.undoImport)
			r.Handle(fiber.MethodGet, "/contacts/imports/:id/rejected", account.ContactImport, w.rejectedRows)
		},
	}
}

func importPath(id int64) string { return "/contacts/imports/" + strconv.FormatInt(id, 10) }

func (w *Web) importsData(c *fiber.Ctx) (importsData, error) {
	ctx := c.UserContext()
	data := importsData{MaxMB: contact.MaxUpload >> 20, Command: "convoke import contacts FILE", Example: w.TryList != nil}
	before, _ := strconv.ParseInt(c.Query("before"), 10, 64) // what is no number is the first page
	items, more, err := w.Imports.List(ctx, account.ActorFrom(ctx), before)
	if err != nil {
		return data, err
	}
	data.Items = items
	if more {
		data.Next = "/contacts/import?before=" + strconv.FormatInt(items[len(items)-1].ID, 10)
	}
	return data, nil
}

func (w *Web) imports(c *fiber.Ctx) error {
	data, err := w.importsData(c)
	if err != nil {
		return err
	}
	return importsPage.show(w, c, data)
}

func (w *Web) uploadImport(c *fiber.Ctx) error {
	f, err := uploaded(c)
	if err == nil {
		var made contact.Import
		if made, err = w.Imports.Upload(c.UserContext(), account.ActorFrom(c.UserContext()), f); err == nil {
			return w.redirect(c, importPath(made.ID), "")
		}
	}
	data, failed := w.importsData(c)
	if failed != nil {
		return failed
	}
	if e := errs.Find(err); e != nil && e.Code == errs.TooLarge { // it can be exchanged for another here
		err = errs.InvalidFields(errs.Field{Name: "file", Key: e.Key, Args: e.Args})
	}
	return importsPage.again(w, c, data, err)
}

func uploaded(c *fiber.Ctx) (contact.File, error) {
	head, err := c.FormFile("file")
	if err != nil {
		return contact.File{}, errs.InvalidFields(errs.FieldError("file", "contact.import.no_file"))
	}
	file, err := head.Open()
	if err != nil {
		return contact.File{}, errs.Wrap("web.uploaded", err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	return contact.File{Name: head.Filename, Content: bytes.NewReader(content), Size: int64(len(content))}, errs.Wrap("web.uploaded", err)
}

func (w *Web) exampleImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	f := contact.File{Name: w.TryList.Name, Content: bytes.NewReader(w.TryList.Content), Size: int64(len(w.TryList.Content))}
	made, err := w.Imports.Upload(ctx, account.ActorFrom(ctx), f)
	if err != nil {
		return err
	}
	return w.redirect(c, importPath(made.ID), "")
}

// mapImport reads the columns from the fields column_0, column_1, …; of a column that was not shown the guess holds.
func (w *Web) mapImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	options := readingOf(typed.Value)
	c.Locals(importStep, "columns")
	layout, err := w.Imports.Layout(ctx, by, id, &options)
	if err != nil {
		return w.importAgain(c, id, err)
	}
	for i := range layout.Mapping {
		m := &layout.Mapping[i]
		if chosen, shown := typed.Values["column_"+strconv.Itoa(m.Column)]; shown && sheet.Field(chosen[0]).Valid() {
			m.Field, m.By = sheet.Field(chosen[0]), sheet.ByPerson
		}
	}
	cycleID, _ := strconv.ParseInt(typed.Value("cycle_id"), 10, 64) // what is no number is no cycle
	_, err = w.Imports.Map(ctx, by, id, contact.ImportPlan{
		Options: options, Mapping: layout.Mapping, CycleID: cycleID, Source: typed.Value("source"), LawfulBasis: typed.Value("lawful_basis"),
		StakeholderGroup: typed.Value("stakeholder_group"), Country: typed.Value("country"),
	})
	if err != nil {
		return w.importAgain(c, id, err)
	}
	return w.redirect(c, importPath(id), "")
}

// importStep says to the page which step was posted.
const importStep = "convoke.import_step"

func (w *Web) importAgain(c *fiber.Ctx, id int64, why error) error {
	data, err := w.importData(c, id)
	if err != nil {
		return err
	}
	return importPage.again(w, c, data, why)
}

// decideImport reads the decisions from the fields decision_2, decision_7, …
func (w *Web) decideImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if err := w.Imports.Decide(ctx, account.ActorFrom(ctx), id, decisionsIn(typed)); err != nil {
		return w.importAgain(c, id, err)
	}
	return w.redirect(c, importPath(id)+"?verdict=possible_duplicate", "contact.import.decided")
}

func (w *Web) startImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	policy := contact.DuplicatePolicy(c.FormValue("duplicates", string(contact.DuplicatesSkip)))
	if _, err := w.Imports.Start(ctx, account.ActorFrom(ctx), id, policy); err != nil {
		return w.importAgain(c, id, err)
	}
	return w.redirect(c, importPath(id), "")
}

func (w *Web) undoImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := w.Imports.Undo(ctx, account.ActorFrom(ctx), id); err != nil {
		return w.importAgain(c, id, err)
	}
	return w.redirect(c, importPath(id), "")
}

func (w *Web) showImport(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	data, err := w.importData(c, id)
	if err != nil {
		return err
	}
	if data.Import.Waiting() {
		c.Set("Refresh", "2") // the browser looks again by itself, without a script too
	}
	return importPage.showForm(w, c, data, data.typed())
}

// exported says whether the file is an export of ours: its contacts stay on the lists that they are on, so
// that nothing changes.
func (d importData) exported() bool {
	return slices.ContainsFunc(d.Columns, func(col importColumn) bool { return col.Field == sheet.ID })
}

// typed are the values in the fields of the form: what was fixed, else what is guessed.
func (d importData) typed() form.Form {
	i := d.Import
	f := form.With("source", i.Source, "lawful_basis", i.LawfulBasis, "stakeholder_group", i.StakeholderGroup, "country", i.Country,
		"duplicates", string(i.Duplicates))
	cycleID := d.Cycle.ID
	if i.CycleID != nil {
		cycleID = *i.CycleID
	} else if i.Mapping != "" || d.exported() {
		cycleID = 0
	}
	f.Values["cycle_id"] = []string{strconv.FormatInt(cycleID, 10)}
	for _, col := range d.Columns {
		f.Values[col.Name] = []string{string(col.Field)}
	}
	for name, value := range d.Reading {
		f.Values[name] = []string{value}
	}
	for _, row := range d.Rows {
		f.Values[row.DecisionName()] = []string{string(row.Decision)}
	}
	return f
}
