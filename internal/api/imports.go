package api

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

// importLimit is how large a file may be that is checked or imported while the caller waits. The pages take
// larger ones, and the command line any.
const importLimit = 8 << 20

// ContactImport is a file of contacts with what its rows mean, or what became of them.
type ContactImport struct {
	ID         int64        `json:"id,omitempty" doc:"none for a preview, which keeps nothing"`
	State      string       `json:"state" enum:"preview,uploaded,mapped,checked,importing,done,failed,undoing,undone"`
	File       string       `json:"file,omitempty"`
	Rows       int          `json:"rows"`
	Counts     ImportCounts `json:"counts"`
	Removed    int          `json:"removed,omitempty" doc:"contacts that the undoing took away"`
	Kept       int          `json:"kept,omitempty" doc:"contacts that the undoing had to leave"`
	CreatedAt  *time.Time   `json:"created_at,omitempty"`
	FinishedAt *time.Time   `json:"finished_at,omitempty"`
	Verdicts   []ImportRow  `json:"verdicts,omitempty" doc:"of every row, in the answer that judged them; later of the rows that are neither new nor unchanged, the first thousand"`
}

// ImportCounts counts rows by verdict.
type ImportCounts struct {
	New               int `json:"new"`
	Update            int `json:"update"`
	Unchanged         int `json:"unchanged"`
	PossibleDuplicate int `json:"possible_duplicate"`
	Suppressed        int `json:"suppressed"`
	Rejected          int `json:"rejected"`
}

// ImportRow is what one row means.
type ImportRow struct {
	Row       int            `json:"row" doc:"as a spreadsheet counts: the header is row 1"`
	Verdict   string         `json:"verdict" enum:"new,update,unchanged,possible_duplicate,suppressed,rejected"`
	ContactID int64          `json:"contact_id,omitempty" doc:"whom the row updates or may be"`
	OfRow     int            `json:"of_row,omitempty" doc:"the earlier row that it repeats"`
	Reasons   []string       `json:"reasons,omitempty" doc:"why it may be that contact"`
	Problems  []ImportCell   `json:"problems,omitempty" doc:"what is wrong with which cell, or was mended there"`
	Changes   []ImportChange `json:"changes,omitempty"`
}

// ImportCell is what is wrong with one cell.
type ImportCell struct {
	Column string `json:"column,omitempty" doc:"as the file names it"`
	Cell   string `json:"cell,omitempty" doc:"its letter in a spreadsheet"`
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// ImportChange is what a row changes.
type ImportChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func (a *API) importEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/imports/contacts", action: account.ContactImport, handler: a.importContacts,
			options: []httpserver.Option{
				httpserver.BodyLimit(importLimit + 64<<10),
				httpserver.TooLarge(errs.E(errs.TooLarge, "contact.import.too_large_at_once", "Max", importLimit>>20, "Page", contact.MaxUpload>>20)),
			},
			summary: "Check a CSV or XLSX file of at most 8 MB, or import it", request: upload{}, response: ContactImport{},
			params: []param{
				{name: "mode", doc: "preview writes nothing", enum: []string{"preview", "commit"}, must: true},
				{name: "cycle", doc: "slug of the cycle whose list the contacts go on; none if absent. This and what follows may be fields of the form, too"},
				{name: "mapping", doc: "JSON object of columns, by name or letter, and what they mean; the guess if absent"},
				{name: "duplicates", doc: "what becomes of possible duplicates", enum: []string{"skip", "add", "update"}},
				{name: "stakeholder_group", doc: "of new contacts whose row names none"},
				{name: "country", doc: "of new contacts whose row names none"},
				{name: "source", doc: "of new contacts whose row names none"},
				{name: "lawful_basis", doc: "of new contacts whose row names none"},
			},
		},
		{
			method: fiber.MethodGet, path: "/imports/:id", action: account.ContactImport, handler: a.contactImport,
			summary: "One import", response: ContactImport{},
		},
		{
			method: fiber.MethodPost, path: "/imports/:id/undo", action: account.ContactImport, handler: a.undoImport,
			summary: "Take an import back, but for what was used or changed since", response: ContactImport{},
		},
	}
}

func (a *API) importContacts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	mode := c.Query("mode")
	if mode != "preview" && mode != "commit" {
		return errs.InvalidFields(errs.FieldError("mode", "field.choice"))
	}
	file, err := uploadedFile(c)
	if err != nil {
		return err
	}
	plan, err := a.importPlan(c, file)
	if err != nil {
		return err
	}
	l := a.Server.Localizer(c)
	rows := []ImportRow{}
	each := func(v contact.RowVerdict) { rows = append(rows, importRowOf(l, v)) }
	if mode == "preview" {
		counts, err := a.Imports.Preview(ctx, by, file, plan, each)
		if err != nil {
			return err
		}
		return c.JSON(ContactImport{State: "preview", File: file.Name, Rows: counts.Rows(), Counts: ImportCounts(counts), Verdicts: rows})
	}
	made, err := a.Imports.Commit(ctx, by, file, plan, each)
	if err != nil {
		return err
	}
	out := importOf(made)
	out.Verdicts = rows
	return c.JSON(out)
}

func uploadedFile(c *fiber.Ctx) (contact.File, error) {
	head, err := c.FormFile("file")
	if err != nil {
		return contact.File{}, errs.InvalidFields(errs.FieldError("file", "contact.import.no_file"))
	}
	if head.Size > importLimit {
		return contact.File{}, errs.E(errs.TooLarge, "contact.import.too_large_at_once", "Max", importLimit>>20, "Page", contact.MaxUpload>>20)
	}
	f, err := head.Open()
	if err != nil {
		return contact.File{}, errs.Wrap("api.uploaded_file", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return contact.File{Name: head.Filename, Content: bytes.NewReader(content), Size: int64(len(content))}, errs.Wrap("api.uploaded_file", err)
}

func (a *API) importPlan(c *fiber.Ctx, f contact.File) (contact.ImportPlan, error) {
	value := func(name string) string { return c.FormValue(name, c.Query(name)) }
	p := contact.ImportPlan{
		Source: value("source"), LawfulBasis: value("lawful_basis"), StakeholderGroup: value("stakeholder_group"),
		Country: value("country"), Duplicates: contact.DuplicatePolicy(value("duplicates")),
	}
	var err error
	if slug := value("cycle"); slug != "" {
		if p.CycleID, err = a.cycleID(c, slug); err != nil {
			return p, err
		}
	}
	if text := value("mapping"); text != "" {
		var chosen map[string]sheet.Field
		if err := json.Unmarshal([]byte(text), &chosen); err != nil {
			return p, errs.InvalidFields(errs.FieldError("mapping", "error.json"))
		}
		p.Mapping, err = a.Imports.MappingOf(f, p.Options, chosen)
	}
	return p, err
}

func (a *API) contactImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	i, err := a.Imports.Import(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	out, l := importOf(i), a.Server.Localizer(c)
	for more, after := true, 0; more && len(out.Verdicts) < 1000; {
		var rows []contact.RowVerdict
		if rows, more, err = a.Imports.Rows(ctx, account.ActorFrom(ctx), id, "", after); err != nil {
			return err
		}
		for _, r := range rows {
			out.Verdicts, after = append(out.Verdicts, importRowOf(l, r)), r.Number
		}
	}
	return c.JSON(out)
}

func (a *API) undoImport(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	i, err := a.Imports.Undo(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.JSON(importOf(i))
}

func importOf(i contact.Import) ContactImport {
	return ContactImport{
		ID: i.ID, State: string(i.State), File: i.FileName, Rows: i.Rows(), Counts: ImportCounts(i.Tally),
		Removed: i.RemovedCount, Kept: i.KeptCount, CreatedAt: &i.CreatedAt, FinishedAt: i.FinishedAt,
	}
}

func importRowOf(l *i18n.Localizer, v contact.RowVerdict) ImportRow {
	row := ImportRow{Row: v.Number, Verdict: string(v.Verdict), OfRow: v.OfRow, Reasons: v.Reasons}
	if v.ContactID != nil {
		row.ContactID = *v.ContactID
	}
	for _, p := range v.Problems {
		row.Problems = append(row.Problems, ImportCell{
			Column: p.Column, Cell: p.Letter, Key: p.Key, Reason: l.FieldMessage(errs.Field{Name: p.Column, Key: p.Key, Args: p.Args}),
		})
	}
	for _, ch := range v.Changes {
		row.Changes = append(row.Changes, ImportChange(ch))
	}
	return row
}
