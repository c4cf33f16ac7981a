package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/undo"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	duplicatesPage page[duplicatesData] = "duplicates"
	mergePage      page[mergeData]      = "merge"
	changesPage    page[changesData]    = "changes"
)

func (w *Web) duplicatesSection() section {
	return section{
		pages: []definition{duplicatesPage, mergePage, changesPage},
		routes: func(r *httpserver.Router) {
			merge := account.ContactMerge
			r.Handle(fiber.MethodGet, "/contacts/duplicates", merge, w.duplicates)
			r.Handle(fiber.MethodPost, "/contacts/duplicates/:id/dismiss", merge, w.dismissDuplicate)
			r.Handle(fiber.MethodGet, "/contacts/:id/merge", merge, w.compare)
			r.Handle(fiber.MethodPost, "/contacts/:id/merge", merge, w.merge)
			r.Handle(fiber.MethodGet, "/contacts/changes", merge, w.changes)
			r.Handle(fiber.MethodPost, "/contacts/changes/:id/undo", merge, w.undoChange)
		},
	}
}

type duplicatesData struct {
	Pairs []pairRow
	Next  string // address of the next page
}

// pairRow is a pair with what speaks for it in words.
type pairRow struct {
	contact.ListedPair
	Why []string
}

// SurvivorFirst is the address of the comparison: the older contact survives unless one chooses otherwise.
func (p pairRow) SurvivorFirst() string { return mergePath(p.LowID, p.HighID) }

func mergePath(survivor, other int64) string {
	return contactPath(survivor) + "/merge?other=" + strconv.FormatInt(other, 10)
}

func pairRows(l *i18n.Localizer, pairs []contact.ListedPair) []pairRow {
	rows := make([]pairRow, len(pairs))
	for i, p := range pairs {
		rows[i] = pairRow{ListedPair: p}
		for _, code := range p.ReasonCodes() {
			rows[i].Why = append(rows[i].Why, l.T("duplicate.reason."+code))
		}
	}
	return rows
}

func (w *Web) duplicates(c *fiber.Ctx) error {
	ctx, by := c.UserContext(), account.ActorFrom(c.UserContext())
	var after *contact.Pair
	if id, err := strconv.ParseInt(c.Query("after"), 10, 64); err == nil {
		p, err := w.Contacts.Pair(ctx, by, id)
		if err != nil {
			return err
		}
		after = &p
	}
	pairs, more, err := w.Contacts.Duplicates(ctx, by, after, 0)
	if err != nil {
		return err
	}
	data := duplicatesData{Pairs: pairRows(w.Server.Localizer(c), pairs)}
	if more {
		data.Next = "/contacts/duplicates?after=" + strconv.FormatInt(pairs[len(pairs)-1].ID, 10)
	}
	return duplicatesPage.show(w, c, data)
}

func (w *Web) dismissDuplicate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := w.Contacts.Dismiss(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return w.redirect(c, "/contacts/duplicates", "duplicate.dismissed")
}

type mergeData struct {
	Mine, Theirs contact.Detail // Theirs has no ID until somebody is chosen
	Fields       []mergeField
	Effects      []mergeEffect
	Refused      bool
	Likely       []pairRow
	Swap         string // the comparison with the other as the one that stays
}

// mergeField is a value of which one has to be chosen.
type mergeField struct {
	Name         string
	Label        string
	Mine, Theirs string
	Both         bool // both may be kept
	Chosen       string
}

type mergeEffect struct {
	Text    string
	Link    string
	Refuses bool
}

func (w *Web) compare(c *fiber.Ctx) error {
	data, err := w.mergeData(c, c.Query("other"))
	if err != nil {
		return err
	}
	return mergePage.showForm(w, c, data, form.With("other", c.Query("other")))
}

func (w *Web) mergeData(c *fiber.Ctx, chosen string) (mergeData, error) {
	ctx, by, l := c.UserContext(), account.ActorFrom(c.UserContext()), w.Server.Localizer(c)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return mergeData{}, err
	}
	var data mergeData
	if data.Mine, err = w.Contacts.Get(ctx, by, id); err != nil {
		return data, err
	}
	pairs, err := w.Contacts.DuplicatesOf(ctx, by, id)
	if err != nil {
		return data, err
	}
	data.Likely = pairRows(l, pairs)
	other, err := strconv.ParseInt(strings.TrimSpace(chosen), 10, 64)
	if err != nil || other == id {
		return data, nil //nolint:nilerr // nobody is chosen yet
	}
	data.Theirs, err = w.Contacts.Get(ctx, by, other)
	if errs.Is(err, errs.NotFound) {
		return data, nil
	}
	if err != nil {
		return data, err
	}
	effects, err := w.Contacts.Foresee(ctx, by, id, other)
	if err != nil {
		return data, err
	}
	data.foresee(l, effects)
	data.Fields, data.Swap = w.mergeFields(l, data.Mine.Contact, data.Theirs.Contact), mergePath(other, id)
	return data, nil
}

func (d *mergeData) foresee(l *i18n.Localizer, effects []undo.Effect) {
	for _, e := range effects {
		args := []any{}
		for name, value := range e.Args {
			args = append(args, name, value)
		}
		shown := mergeEffect{Text: l.T(e.Key, args...), Refuses: e.Refuses}
		switch e.Object {
		case "contribution":
			shown.Link = "/contributions/" + strconv.FormatInt(e.ID, 10)
		case "campaign":
			shown.Link = "/campaigns/" + strconv.FormatInt(e.ID, 10)
		case "nri":
			shown.Link = "/nris/" + strconv.FormatInt(e.ID, 10)
		}
		d.Refused = d.Refused || e.Refuses
		d.Effects = append(d.Effects, shown)
	}
}

// mergeFields are the fields in which two contacts differ.
func (w *Web) mergeFields(l *i18n.Localizer, a, b contact.Contact) []mergeField {
	var fields []mergeField
	add := func(name, label, mine, theirs string, both bool) {
		if mine == theirs {
			return
		}
		chosen := contact.Survivors
		switch {
		case both:
			chosen = contact.Both
		case mine == "":
			chosen = contact.Others
		}
		fields = append(fields, mergeField{name, label, mine, theirs, both, chosen})
	}
	add("name", l.T("contact.name"), a.Name, b.Name, false)
	add("transliteration", l.T("contact.transliteration"), a.Transliteration, b.Transliteration, false)
	add("stakeholder_group", l.T("contact.group"), w.groupName(l, a.StakeholderGroup), w.groupName(l, b.StakeholderGroup), false)
	add("country", l.T("contact.country"), w.countryName(l, a.Country), w.countryName(l, b.Country), false)
	add("language", l.T("contact.languages"), strings.Join(languageNames(l, a.Languages), ", "), strings.Join(languageNames(l, b.Languages), ", "), true)
	add("source", l.T("contact.source"), a.Source, b.Source, false)
	add("notes", l.T("contact.notes"), a.Notes, b.Notes, true)
	return fields
}

func (w *Web) merge(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	other, err := strconv.ParseInt(typed.Value("other"), 10, 64)
	if err != nil {
		return w.mergeAgain(c, typed, errs.InvalidFields(errs.FieldError("other", "field.required")))
	}
	keep := map[string]string{}
	for name := range typed.Values {
		if field, ok := strings.CutPrefix(name, "keep_"); ok {
			keep[field] = typed.Value(name)
		}
	}
	done, err := w.Contacts.Unite(c.UserContext(), account.ActorFrom(c.UserContext()), contact.Union{Survivor: id, Other: other, Keep: keep})
	if err != nil {
		return w.mergeAgain(c, typed, err)
	}
	return w.redirect(c, "/contacts/changes#c-"+strconv.FormatInt(done.ChangesetID, 10), "merge.done", "Name", done.Contact.Name)
}

func (w *Web) mergeAgain(c *fiber.Ctx, typed form.Form, why error) error {
	data, err := w.mergeData(c, typed.Value("other"))
	if err != nil {
		return err
	}
	return mergePage.again(w, c, data, why)
}

type changesData struct {
	Changes []changeRow
	Blocked []contact.Blocked
	Next    string
}

// changeRow is a merge or a bulk edit in words.
type changeRow struct {
	undo.Changeset
	What string
}

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
	l := w.Server.Localizer(c)
	for _, s := range all {
		data.Changes = append(data.Changes, changeRow{s, l.T("changes.kind." + s.Kind)})
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
		data.Blocked = blocked
		return changesPage.again(w, c, data, err)
	}
	return w.redirect(c, "/contacts/changes", "changes.undone")
}

// toSuccessor leads from a contact that was merged to the one that it became part of.
func (w *Web) toSuccessor(c *fiber.Ctx, notFound error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return notFound
	}
	survivor, ok, err := w.Contacts.Successor(c.UserContext(), id)
	if err != nil {
		return err
	}
	if !ok {
		return notFound
	}
	return c.Redirect(contactPath(survivor), fiber.StatusMovedPermanently)
}
