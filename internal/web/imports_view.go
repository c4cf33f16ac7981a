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
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

type importData struct {
	Import contact.Import
	Cycle  cycle.Cycle
	Step   string // columns, working, check, result

	// Columns: what they mean.
	Preset     string
	Columns    []importColumn
	MoreHidden bool
	Fields     []form.Option
	Reading    map[string]string // how the file is read, by the names of the fields
	Encodings  []form.Option
	Delimiters []form.Option
	Headers    []form.Option
	Sheets     []form.Option
	Cycles     []form.Option
	Choices    choices
	Bases      []form.Option

	// Check and result.
	Counts    []importCount
	Verdict   contact.Verdict
	Rows      []importRow
	Next      string
	Policies  []form.Option
	Decisions []form.Option
	Kept      []contact.Kept
	KeptNext  string
	Problem   string
	KeptFor   int // days that the file is kept after the end
}

type importColumn struct {
	sheet.Mapping
	Name  string // of the form's field
	Label string
	For   string // examples
}

type importCount struct {
	Verdict contact.Verdict
	Count   int
	Href    string // "" where no row of it is kept
	Current bool
}

type importRow struct {
	contact.RowVerdict
	Said    []importSaid
	Changed []importChange
	Became  contact.Decision // what was done with a possible duplicate, once the import has ended
}

// importSaid is why a row has its verdict, in words.
type importSaid struct {
	Text  string
	Value string // what stands in the cell, where the words do not say it
}

type importChange struct{ Label, Before, After string }

// DecisionName is the name of the field in which somebody decides on the row.
func (r importRow) DecisionName() string { return "decision_" + strconv.Itoa(r.Number) }

// shownColumns is how many columns the page shows that mean nothing by the guess.
const shownColumns = 40

func (w *Web) importData(c *fiber.Ctx, id int64) (importData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	var data importData
	var err error
	if data.Import, err = w.Imports.Import(ctx, by, id); err != nil {
		return data, err
	}
	if data.Cycle, err = w.cycleOf(c); err != nil {
		return data, err
	}
	step, _ := c.Locals(importStep).(string)
	data.Step, data.KeptFor = stepOf(data.Import, c.Query("step", step)), contact.ImportKept
	switch data.Step {
	case "columns":
		return data, w.importColumns(c, &data)
	case "check", "result":
		return data, w.importRows(c, &data)
	}
	return data, nil
}

func stepOf(i contact.Import, asked string) string {
	switch i.State {
	case contact.ImportUploaded:
		return "columns"
	case contact.ImportChecked:
		if asked == "columns" {
			return asked
		}
		return "check"
	case contact.ImportMapped, contact.ImportImporting, contact.ImportUndoing:
		return "working"
	}
	return "result"
}

// readingOf is how somebody wants the file to be read.
func readingOf(value func(string) string) sheet.Options {
	o := sheet.Options{Encoding: value("encoding"), Header: sheet.Header(value("header")), Sheet: value("sheet")}
	for name, r := range delimiters() {
		if value("delimiter") == name {
			o.Delimiter = r
		}
	}
	return o
}

func delimiters() map[string]rune {
	return map[string]rune{"comma": ',', "semicolon": ';', "tab": '\t', "bar": '|', "none": sheet.NoDelimiter}
}

func (w *Web) importColumns(c *fiber.Ctx, data *importData) error {
	l := w.Server.Localizer(c)
	layout, err := w.layoutAsked(c, data.Import.ID)
	if err != nil {
		return err
	}
	t := layout.Table
	if t.Preset != "" {
		data.Preset = l.T("sheet.preset." + string(t.Preset))
	}
	for _, m := range layout.Mapping {
		if m.Column >= shownColumns && m.Field == sheet.Ignore {
			data.MoreHidden = true
			continue
		}
		data.Columns = append(data.Columns, importColumnOf(l, t, m))
	}
	data.Reading = map[string]string{"encoding": t.Encoding, "header": string(sheet.NoHeader), "sheet": t.Sheet}
	if t.HeaderRow > 0 {
		data.Reading["header"] = string(sheet.WithHeader)
	}
	for name, r := range delimiters() {
		if r == t.Delimiter {
			data.Reading["delimiter"] = name
		}
	}
	return w.importOptions(c, l, t, data)
}

// layoutAsked reads the file as the page asks for it: in its address, or in the form that comes back for what is wrong in it.
func (w *Web) layoutAsked(c *fiber.Ctx, id int64) (contact.Layout, error) {
	by := account.ActorFrom(c.UserContext())
	value := func(name string) string { return c.Query(name, c.FormValue(name)) }
	if value("header") == "" {
		return w.Imports.Layout(c.UserContext(), by, id, nil)
	}
	o := readingOf(value)
	layout, err := w.Imports.Layout(c.UserContext(), by, id, &o)
	if err != nil && c.Method() == fiber.MethodPost { // it cannot be read so, which the page says
		return w.Imports.Layout(c.UserContext(), by, id, nil)
	}
	return layout, err
}

func importColumnOf(l *i18n.Localizer, t *sheet.Table, m sheet.Mapping) importColumn {
	col := importColumn{Mapping: m, Name: "column_" + strconv.Itoa(m.Column), Label: l.T("contact.import.column", "Letter", m.Letter())}
	if m.Header != "" {
		col.Label = l.T("contact.import.column.named", "Name", i18n.Isolate(cut(m.Header, 60)), "Letter", m.Letter())
	}
	var values []string
	for _, rec := range t.Sample {
		if m.Column < len(rec.Cells) && strings.TrimSpace(rec.Cells[m.Column]) != "" && len(values) < 3 {
			values = append(values, i18n.Isolate(cut(rec.Cells[m.Column], 40)))
		}
	}
	if len(values) > 0 {
		col.For = l.T("contact.import.column.for_instance", "Values", strings.Join(values, " · "))
	}
	return col
}

func cut(text string, limit int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if r := []rune(text); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return text
}

func (w *Web) importOptions(c *fiber.Ctx, l *i18n.Localizer, t *sheet.Table, data *importData) error {
	data.Choices, data.Bases = w.choices(l).toFill(l), basisOptions(l)
	none := form.Option{Label: l.T("common.none")}
	data.Choices.Groups[0], data.Choices.Countries[0] = none, none
	data.Fields = []form.Option{{Label: l.T("contact.import.ignore")}}
	for _, f := range sheet.Fields() {
		data.Fields = append(data.Fields, form.Option{Value: string(f), Label: l.T("sheet.field." + string(f))})
	}
	if t.Format == sheet.Text {
		for _, e := range sheet.Encodings() {
			data.Encodings = append(data.Encodings, form.Option{Value: e, Label: e})
		}
		for _, name := range []string{"comma", "semicolon", "tab", "bar", "none"} {
			data.Delimiters = append(data.Delimiters, form.Option{Value: name, Label: l.T("contact.import.delimiter." + name)})
		}
	}
	for _, h := range []sheet.Header{sheet.WithHeader, sheet.NoHeader} {
		data.Headers = append(data.Headers, form.Option{Value: string(h), Label: l.T("contact.import.header." + string(h))})
	}
	if len(t.Sheets) > 1 {
		for _, name := range t.Sheets {
			data.Sheets = append(data.Sheets, form.Option{Value: name, Label: name})
		}
	}
	all, err := w.Cycles.List(c.UserContext())
	data.Cycles = []form.Option{{Value: "0", Label: l.T("contact.import.cycle.none")}}
	for _, one := range all {
		data.Cycles = append(data.Cycles, form.Option{Value: strconv.FormatInt(one.ID, 10), Label: one.Name})
	}
	return err
}

func (w *Web) importRows(c *fiber.Ctx, data *importData) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	l := w.Server.Localizer(c)
	path := importPath(data.Import.ID)
	data.Verdict = contact.Verdict(c.Query("verdict"))
	if !data.Verdict.Valid() {
		data.Verdict = ""
	}
	for _, v := range contact.Verdicts() {
		count := importCount{Verdict: v, Count: data.Import.Of(v), Current: v == data.Verdict}
		if count.Count > 0 && data.Import.ForgottenAt == nil {
			count.Href = path + "?verdict=" + string(v)
		}
		data.Counts = append(data.Counts, count)
	}
	after, _ := strconv.Atoi(c.Query("after")) // what is no number is the first page
	rows, more, err := w.Imports.Rows(ctx, by, data.Import.ID, data.Verdict, after)
	if err != nil {
		return err
	}
	for _, r := range rows {
		row := w.importRow(l, r)
		row.became(data.Import)
		data.Rows = append(data.Rows, row)
	}
	if more {
		query := url.Values{"after": {strconv.Itoa(rows[len(rows)-1].Number)}}
		if data.Verdict != "" {
			query.Set("verdict", string(data.Verdict))
		}
		data.Next = path + "?" + query.Encode()
	}
	for _, d := range []string{"skip", "add", "update"} {
		data.Policies = append(data.Policies, form.Option{Value: d, Label: l.T("contact.import.decide." + d)})
	}
	data.Decisions = append([]form.Option{{Label: l.T("contact.import.decide.none")}}, data.Policies...)
	if data.Import.Problem != "" {
		data.Problem = l.T(data.Import.Problem, "Days", contact.ImportKept)
	}
	return w.importKept(c, l, data)
}

func (w *Web) importKept(c *fiber.Ctx, l *i18n.Localizer, data *importData) error {
	if data.Import.State != contact.ImportUndone {
		return nil
	}
	after, _ := strconv.ParseInt(c.Query("kept"), 10, 64) // what is no number is the first page
	kept, more, err := w.Imports.Kept(c.UserContext(), account.ActorFrom(c.UserContext()), data.Import.ID, after)
	if err != nil {
		return err
	}
	if more {
		data.KeptNext = importPath(data.Import.ID) + "?kept=" + strconv.FormatInt(kept[len(kept)-1].ContactID, 10)
	}
	known := []string{"changed", "edited", "claim", "attempt", "delivery", "contribution", "candidate", "organization", "affiliation"}
	for i := range kept {
		if !slices.Contains(known, kept[i].Reason) {
			kept[i].Reason = "used"
		}
		kept[i].Reason = l.T("contact.import.kept." + kept[i].Reason)
	}
	data.Kept = kept
	return nil
}

func (r *importRow) became(i contact.Import) {
	if i.State != contact.ImportDone || r.Verdict != contact.VerdictPossibleDuplicate {
		return
	}
	what := r.Decision
	if what == contact.Undecided {
		what = contact.Decision(i.Duplicates)
	}
	if what != contact.DecideUpdate || len(r.Changes) > 0 {
		r.Became = what
	}
}

func (w *Web) importRow(l *i18n.Localizer, r contact.RowVerdict) importRow {
	row := importRow{RowVerdict: r}
	for _, reason := range r.Reasons {
		row.Said = append(row.Said, importSaid{Text: l.T("contact.import.alike." + reason)})
	}
	if r.OfRow > 0 {
		row.Said = append(row.Said, importSaid{Text: l.T("contact.import.of_row", "Number", r.OfRow)})
	}
	for _, p := range r.Problems {
		row.Said = append(row.Said, sayProblem(l, p, i18n.Isolate))
	}
	for _, ch := range r.Changes {
		row.Changed = append(row.Changed, importChange{
			Label: fieldLabel(l, ch.Field), Before: w.fieldValue(l, ch.Field, ch.Before), After: w.fieldValue(l, ch.Field, ch.After),
		})
	}
	return row
}

// sayProblem names the cell and what is wrong with it. What is quoted from the file goes through quote: it may be
// written the other way than the sentence around it.
func sayProblem(l *i18n.Localizer, p contact.CellProblem, quote func(string) string) importSaid {
	args := maps.Clone(p.Args)
	for name, v := range args {
		if s, ok := v.(string); ok {
			args[name] = quote(s)
		}
	}
	text := l.FieldMessage(errs.Field{Name: p.Column, Key: p.Key, Args: args})
	column := p.Column
	if sheet.Field(column).Valid() && column != "" && p.Letter == "" {
		column = l.T("sheet.field." + column)
	} else if column != "" {
		column = quote(column)
	}
	switch {
	case column == "" && p.Letter == "":
	case p.Letter == "":
		text = column + ": " + text
	default:
		text = l.T("contact.import.cell", "Column", column, "Letter", p.Letter, "Problem", text)
	}
	said := importSaid{Text: text, Value: p.Value}
	if strings.Contains(text, p.Value) {
		said.Value = ""
	}
	return said
}

func fieldLabel(l *i18n.Localizer, field string) string {
	if field == "cycle" {
		return l.T("contact.import.field.cycle")
	}
	return l.T("sheet.field." + field)
}

// fieldValue says codes in the reader's language.
func (w *Web) fieldValue(l *i18n.Localizer, field, value string) string {
	switch {
	case value == "":
		return ""
	case field == "stakeholder_group":
		return w.groupName(l, value)
	case field == "country":
		return w.countryName(l, value)
	case field == "region" && geo.Region(value).Valid():
		return w.regionName(l, value)
	case field == "languages":
		return l.List(languageNames(l, value))
	case field == "notes":
		return cut(value, 120)
	}
	return value
}

func decisionsIn(typed form.Form) map[int]contact.Decision {
	all := map[int]contact.Decision{}
	for name, values := range typed.Values {
		if text, ok := strings.CutPrefix(name, "decision_"); ok && len(values) > 0 {
			if number, err := strconv.Atoi(text); err == nil {
				all[number] = contact.Decision(values[0])
			}
		}
	}
	return all
}
