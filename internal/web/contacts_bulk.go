package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	bulkPage        page[bulkData]        = "contacts_bulk"
	bulkPreviewPage page[bulkPreviewData] = "contacts_bulk_preview"
)

// Values of the selects that are no value of the field.
const (
	emptyIt   = "-"   // the field becomes empty
	regionOwn = "own" // the region becomes that of the country
)

func (w *Web) bulkSection() section {
	return section{
		pages: []definition{bulkPage, bulkPreviewPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/contacts/bulk", account.ContactBulk, w.bulk)
			r.Handle(fiber.MethodPost, "/contacts/bulk", account.ContactBulk, w.bulkStep)
		},
	}
}

// bulkChosen is whom an edit is about, as both pages carry it along.
type bulkChosen struct {
	Cycle  cycle.Cycle
	IDs    []string
	All    bool
	Filter string // the filter as it stands in the address of the list
	Count  int    // -1 where it is not known
	Action string // where the forms go
	Back   string
}

type bulkData struct {
	bulkChosen
	Groups, Countries, Regions, Expertise, Bases, LanguageHows, ExpertiseHows, SourceEmpty, List []form.Option
}

type bulkPreviewData struct {
	bulkChosen
	Preview  contact.BulkPreview
	Changing []bulkRow
	Refused  []bulkRow
	Refusals []bulkRefusal
	Typed    []typedValue // what was chosen, to be sent along
}

type typedValue struct{ Name, Value string }

// bulkRow is a contact of a preview in words.
type bulkRow struct {
	contact.BulkRow
	Fields []changedField
	Reason string
}

type changedField struct{ Label, Before, After string }

type bulkRefusal struct {
	Reason string
	Count  int
}

// chosen reads whom an edit is about: from the address of the page, or from what a form sent along.
func (w *Web) chosen(c *fiber.Ctx, ids []string, all bool, filter url.Values) (bulkChosen, contact.Bulk, error) {
	current, err := w.cycleOf(c)
	if err != nil {
		return bulkChosen{}, contact.Bulk{}, err
	}
	b := contact.Bulk{CycleID: current.ID}
	data := bulkChosen{Cycle: current, All: all, Filter: filter.Encode(), Count: -1, Action: "/contacts/bulk", Back: "/contacts"}
	if data.Filter != "" {
		data.Back += "?" + data.Filter
	}
	if slug := c.Query("cycle"); slug != "" {
		data.Action += "?" + url.Values{"cycle": {slug}}.Encode()
	}
	if all {
		f := w.filterFrom(filter, current.ID)
		b.All = &f
		return data, b, nil
	}
	for _, text := range ids {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil { // what is no number comes from no checkbox
			data.IDs, b.IDs = append(data.IDs, text), append(b.IDs, id)
		}
	}
	return data, b, nil
}

func (w *Web) bulk(c *fiber.Ctx) error {
	_, filter := w.filterOf(c, 0)
	var ids []string
	for _, id := range c.Context().QueryArgs().PeekMulti("id") {
		ids = append(ids, string(id))
	}
	chosen, b, err := w.chosen(c, ids, c.Query("all") != "", filter)
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	chosen.Count, err = w.Contacts.BulkCount(c.UserContext(), account.ActorFrom(c.UserContext()), b)
	if errs.Is(err, errs.Invalid) {
		chosen.Count = 0
		return bulkPage.render(w, c, errs.Status(err), w.bulkData(l, chosen), form.Form{}.Fail(l, err))
	}
	if err != nil {
		return err
	}
	return bulkPage.show(w, c, w.bulkData(l, chosen))
}

func (w *Web) bulkData(l *i18n.Localizer, chosen bulkChosen) bulkData {
	stays, empty := form.Option{Label: l.T("bulk.stay")}, form.Option{Value: emptyIt, Label: l.T("bulk.empty")}
	all := w.choices(l)
	d := bulkData{
		bulkChosen: chosen, Expertise: all.Expertise,
		Groups:      append([]form.Option{stays}, all.Groups[1:]...),
		Countries:   append([]form.Option{stays, empty}, all.Countries[1:]...),
		Regions:     append([]form.Option{stays, {Value: regionOwn, Label: l.T("bulk.region_own")}}, all.Regions[1:]...),
		Bases:       append([]form.Option{stays, empty}, basisOptions(l)[1:]...),
		SourceEmpty: []form.Option{{Value: "1", Label: l.T("bulk.source_empty")}},
		List:        []form.Option{stays},
	}
	for _, list := range contact.ListChanges() {
		d.List = append(d.List, form.Option{Value: string(list), Label: l.T("bulk.list." + string(list))})
	}
	d.LanguageHows, d.ExpertiseHows = []form.Option{stays}, []form.Option{stays}
	for _, how := range contact.TagHows() {
		o := form.Option{Value: string(how), Label: l.T("bulk.how." + string(how))}
		d.LanguageHows = append(d.LanguageHows, o)
		if how != contact.TagsFirst { // nobody's expertise has an order
			d.ExpertiseHows = append(d.ExpertiseHows, o)
		}
	}
	return d
}

// bulkStep shows the preview, goes back to the fields or makes the edit; nothing but the last changes anything.
func (w *Web) bulkStep(c *fiber.Ctx) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	filter, _ := url.ParseQuery(typed.Value("filter")) // what cannot be read was not written by our form
	chosen, b, err := w.chosen(c, typed.Values["id"], typed.Value("all") != "", filter)
	if err != nil {
		return err
	}
	b.Changes = w.changesOf(typed)
	ctx, by, l := c.UserContext(), account.ActorFrom(c.UserContext()), w.Server.Localizer(c)
	if typed.Value("step") == "edit" {
		if chosen.Count, err = w.Contacts.BulkCount(ctx, by, b); err != nil && !errs.Is(err, errs.Invalid) {
			return err
		}
		return bulkPage.showForm(w, c, w.bulkData(l, chosen), typed)
	}
	if typed.Value("step") == "commit" {
		done, err := w.Contacts.CommitBulk(ctx, by, b, typed.Value("token"))
		switch {
		case err == nil:
			return w.redirect(c, "/contacts/changes#c-"+strconv.FormatInt(done.ChangesetID, 10), "bulk.done", "Count", done.Changed)
		case errs.Is(err, errs.Conflict) && done.Token != "":
			return bulkPreviewPage.again(w, c, w.bulkPreviewData(l, chosen, typed, done.BulkPreview), err)
		}
		return w.bulkAgain(c, chosen, b, err)
	}
	preview, err := w.Contacts.PreviewBulk(ctx, by, b)
	if err != nil {
		return w.bulkAgain(c, chosen, b, err)
	}
	return bulkPreviewPage.showForm(w, c, w.bulkPreviewData(l, chosen, typed, preview), form.Form{})
}

func (w *Web) bulkAgain(c *fiber.Ctx, chosen bulkChosen, b contact.Bulk, why error) error {
	n, err := w.Contacts.BulkCount(c.UserContext(), account.ActorFrom(c.UserContext()), b)
	if err == nil {
		chosen.Count = n
	}
	return bulkPage.again(w, c, w.bulkData(w.Server.Localizer(c), chosen), why)
}

// changesOf reads the fields of the form.
func (w *Web) changesOf(typed form.Form) contact.Changes {
	chosen := func(name, empty string) *string {
		v := typed.Value(name)
		switch v {
		case "":
			return nil
		case empty:
			v = ""
		}
		return &v
	}
	ch := contact.Changes{
		StakeholderGroup: typed.Value("stakeholder_group"), Country: chosen("country", emptyIt), Region: chosen("region", regionOwn),
		Languages:       contact.TagChange{How: contact.TagHow(typed.Value("language_how")), Tags: w.Bundle.LanguageTags(typed.Value("language"))},
		Expertise:       contact.TagChange{How: contact.TagHow(typed.Value("expertise_how")), Tags: strings.Join(typed.Values["expertise"], " ")},
		LawfulBasisNote: chosen("lawful_basis_note", ""), List: contact.ListChange(typed.Value("list")), Note: typed.Value("note"),
	}
	if basis := chosen("lawful_basis", emptyIt); basis != nil {
		b := contact.Basis(*basis)
		ch.LawfulBasis = &b
	}
	if ch.Source = chosen("source", ""); ch.Source == nil && typed.Has("source_empty", "1") {
		ch.Source = new(string)
	}
	return ch
}

func (w *Web) bulkPreviewData(l *i18n.Localizer, chosen bulkChosen, typed form.Form, p contact.BulkPreview) bulkPreviewData {
	chosen.Count = p.Selected
	d := bulkPreviewData{bulkChosen: chosen, Preview: p}
	for _, name := range slices.Sorted(maps.Keys(typed.Values)) {
		if slices.Contains([]string{"id", "all", "filter", "step", "token"}, name) {
			continue
		}
		for _, v := range typed.Values[name] {
			d.Typed = append(d.Typed, typedValue{name, v})
		}
	}
	for _, r := range p.Changing {
		d.Changing = append(d.Changing, w.bulkRow(l, chosen.Cycle, r))
	}
	for _, r := range p.RefusedRows {
		d.Refused = append(d.Refused, w.bulkRow(l, chosen.Cycle, r))
	}
	for _, r := range p.Refusals {
		d.Refusals = append(d.Refusals, bulkRefusal{w.refusalInWords(l, r.Why), r.Count})
	}
	return d
}
