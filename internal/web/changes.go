package web

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/undo"
)

type changesData struct {
	Changes []changeRow
	Blocked []blockedRow
	Next    string
}

// blockedRow is a thing that was changed since, in words.
type blockedRow struct {
	contact.Blocked
	What   string
	Fields []string
}

// changeRow is a merge or a bulk edit in words.
type changeRow struct {
	undo.Changeset
	What   string
	Merged *contact.Merger // of a merge of people who are not erased
	Bulk   []string        // of a bulk edit: what it did, field by field
	Says   string          // all of it in one line
}

// CanUndo says whether there is something left to take back.
func (r changeRow) CanUndo() bool { return r.Kind != contact.MergeKind || r.Merged != nil }

const changesOnPage = 50

func (w *Web) changesData(c *fiber.Ctx) (changesData, error) {
	before, _ := strconv.ParseInt(c.Query("before"), 10, 64)
	all, err := w.Contacts.Changes(c.UserContext(), account.ActorFrom(c.UserContext()), before, changesOnPage+1)
	if err != nil {
		return changesData{}, err
	}
	var data changesData
	if len(all) > changesOnPage {
		all = all[:changesOnPage]
		data.Next = "/contacts/changes?before=" + strconv.FormatInt(all[len(all)-1].ID, 10)
	}
	merges, err := w.Contacts.MergesOf(c.UserContext(), account.ActorFrom(c.UserContext()), all)
	if err != nil {
		return changesData{}, err
	}
	l := w.Server.Localizer(c)
	for _, s := range all {
		row := changeRow{Changeset: s, What: l.T("changes.kind." + s.Kind)}
		row.Says = row.What + " " + s.Note
		if m, ok := merges[s.ID]; ok {
			row.Merged, row.Says = &m, l.T("changes.merged", "Name", i18n.Isolate(m.Name), "Survivor", i18n.Isolate(m.Survivor))
		}
		if edit, ok := contact.ChangesOf(s); ok {
			row.Bulk = w.bulkInWords(l, edit)
			row.Says = row.What + " " + l.List(row.Bulk)
		}
		data.Changes = append(data.Changes, row)
	}
	return data, nil
}

func (w *Web) changes(c *fiber.Ctx) error {
	data, err := w.changesData(c)
	if err != nil {
		return err
	}
	return changesPage.show(w, c, data)
}

func (w *Web) undoChange(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	blocked, err := w.Contacts.Undo(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		data, failed := w.changesData(c)
		if failed != nil {
			return failed
		}
		data.Blocked = blockedRows(w.Server.Localizer(c), blocked)
		return changesPage.again(w, c, data, err)
	}
	return w.redirect(c, "/contacts/changes", "changes.undone")
}

// blockedRows says in words what was changed since.
func blockedRows(l *i18n.Localizer, all []contact.Blocked) []blockedRow {
	rows := make([]blockedRow, len(all))
	for i, b := range all {
		rows[i] = blockedRow{Blocked: b, What: l.T("changes.object." + b.Table)}
		if b.Table != "contact" {
			continue
		}
		for _, column := range b.Columns {
			if key := fieldKey(column); key != "" && !slices.Contains(rows[i].Fields, l.T(key)) {
				rows[i].Fields = append(rows[i].Fields, l.T(key))
			}
		}
	}
	return rows
}

// fieldKey is the key of the name of a field of contacts, "" for what no page shows.
func fieldKey(column string) string {
	switch column {
	case "name", "transliteration", "country", "region", "languages", "expertise", "source", "lawful_basis", "lawful_basis_note", "notes", "kind":
		return "contact." + column
	case "region_overridden":
		return "contact.region"
	case "stakeholder_group":
		return "contact.group"
	}
	return ""
}
