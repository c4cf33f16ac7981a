package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

type contactsData struct {
	Cycle    cycle.Cycle
	Rows     []contactRow
	Total    int    // -1 where it was not counted
	Next     string // address of the next page
	Previous string
	Export   string // address of what is shown as a file, without its format
	Bulk     string // address where all that match can be edited at once
	Query    []typedValue
	Active   []activeFilter
	SeesAll  bool // notes and sources too
	CanAdd   bool
	Choices  filterChoices
}

// filterChoices are what the filters choose from, each after an empty choice.
type filterChoices struct {
	choices
	AnyKind, AnyFunction, AnyExpertise, States, Listed, Notes []form.Option
}

// activeFilter is a filter in words, and the address of the list without it.
type activeFilter struct {
	Label, Value string
	Without      string
}

// contactFilters are the fields of the filter, which live in the address of the page, with the keys of their labels.
func contactFilters() [][2]string {
	return [][2]string{
		{"q", "common.search"},
		{"kind", "contact.kind"},
		{"stakeholder_group", "contact.group"},
		{"region", "contact.region"},
		{"country", "contact.country"},
		{"language", "contact.language_filter"},
		{"function", "contact.function"},
		{"expertise", "contact.expertise"},
		{"gap", "contact.gap"},
		{"listed", "contact.filter.listed"},
		{"address_state", "contact.filter.address_state"},
		{"source", "contact.source"},
		{"has_notes", "contact.filter.has_notes"},
		{"import", "contact.filter.import"},
	}
}

// filterOf reads a filter from the address of a page; query has what was set there, as it was typed.
func (w *Web) filterOf(c *fiber.Ctx, cycleID int64) (f contact.Filter, query url.Values) {
	query = url.Values{}
	for _, filter := range append(contactFilters(), [2]string{"cycle"}) {
		if v := c.Query(filter[0]); v != "" {
			query.Set(filter[0], v)
		}
	}
	f = w.filterFrom(query, cycleID)
	f.Cursor = c.Query("cursor")
	return f, query
}

// filterFrom reads a filter from what stands in the address of a page.
func (w *Web) filterFrom(query url.Values, cycleID int64) contact.Filter {
	number, _ := strconv.ParseInt(query.Get("import"), 10, 64) // 0 is no import, and narrows nothing
	return contact.Filter{
		Query: query.Get("q"), Kind: contact.Kind(query.Get("kind")), StakeholderGroup: query.Get("stakeholder_group"),
		Region: query.Get("region"), Country: query.Get("country"), Language: w.languageTag(query.Get("language")), Function: contact.Function(query.Get("function")), Expertise: query.Get("expertise"),
		Gap: contact.Gap(query.Get("gap")), Listed: query.Get("listed"), AddressState: contact.AddressState(query.Get("address_state")),
		Source: query.Get("source"), HasNotes: query.Get("has_notes"), Import: number, CycleID: cycleID,
	}
}

// languageTag understands a language by its name or its code; what is neither stays as it was typed, and finds nobody.
func (w *Web) languageTag(typed string) string {
	if tag, ok := contact.ParseLanguages(w.Bundle.LanguageTags(typed)); ok {
		return tag
	}
	return typed
}

func (w *Web) contacts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	f, query := w.filterOf(c, current.ID)
	f.Locale = l.Tag()
	found, err := w.Contacts.List(ctx, by, f)
	if err != nil {
		return err
	}
	data := contactsData{
		Cycle: current, Choices: w.filterChoices(l), CanAdd: by.May(account.ContactCreate), Total: found.Total,
		SeesAll: by.Scope(account.AddressRead) == account.All, Active: w.activeFilters(l, query),
	}
	var names []named
	for i := range found.Rows {
		names = append(names, named{found.Rows[i].ID, &found.Rows[i].Name})
	}
	if err := w.callThem(c, names); err != nil {
		return err
	}
	for _, r := range found.Rows {
		data.Rows = append(data.Rows, w.contactRow(l, r))
	}
	data.Export = "/contacts/export?" + query.Encode()
	data.Bulk = "/contacts/bulk?" + withAll(query).Encode()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		data.Query = append(data.Query, typedValue{name, query.Get(name)})
	}
	data.Next, data.Previous = contactsAt(query, found.Next), contactsAt(query, found.Previous)
	return contactsPage.showForm(w, c, data, form.Form{Values: query})
}

func withAll(query url.Values) url.Values {
	all := maps.Clone(query)
	all.Set("all", "1")
	return all
}

// contactsAt is the address of a page of the list, "" for no cursor.
func contactsAt(query url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	at := url.Values{"cursor": {cursor}}
	for name, values := range query {
		at[name] = values
	}
	return "/contacts?" + at.Encode()
}

func (w *Web) activeFilters(l *i18n.Localizer, query url.Values) []activeFilter {
	var all []activeFilter
	for _, filter := range contactFilters() {
		name := filter[0]
		if !query.Has(name) {
			continue
		}
		rest := url.Values{}
		for other, values := range query {
			if other != name {
				rest[other] = values
			}
		}
		without := "/contacts"
		if len(rest) > 0 {
			without += "?" + rest.Encode()
		}
		all = append(all, activeFilter{Label: l.T(filter[1]), Value: w.filterValue(l, name, query.Get(name)), Without: without})
	}
	return all
}

// filterValue says a value of a filter in words; what is none of its choices stays as it was typed.
func (w *Web) filterValue(l *i18n.Localizer, name, value string) string {
	ch := w.filterChoices(l)
	for _, o := range map[string][]form.Option{
		"kind": ch.Kinds, "stakeholder_group": ch.Groups, "region": ch.Regions, "country": ch.Countries, "expertise": ch.Expertise, "function": ch.AnyFunction,
		"gap": ch.Gaps, "listed": ch.Listed, "address_state": ch.States, "has_notes": ch.Notes,
	}[name] {
		if o.Value == value {
			return o.Label
		}
	}
	if name == "language" {
		return l.LanguageName(w.languageTag(value))
	}
	return value
}

func (w *Web) filterChoices(l *i18n.Localizer) filterChoices {
	open := form.Option{Label: l.T("contact.choose")}
	ch := filterChoices{choices: w.choices(l)}
	ch.AnyKind = append([]form.Option{open}, ch.Kinds...)
	ch.AnyFunction = append([]form.Option{open}, functionOptions(l)[1:]...)
	ch.AnyExpertise = append([]form.Option{open}, ch.Expertise...)
	ch.States = []form.Option{open}
	for _, s := range contact.AddressStates() {
		ch.States = append(ch.States, form.Option{Value: string(s), Label: l.T("contact.address_state." + string(s))})
	}
	ch.Listed = []form.Option{open, {Value: contact.Yes, Label: l.T("contact.filter.listed.yes")}, {Value: contact.No, Label: l.T("contact.filter.listed.no")}}
	ch.Notes = []form.Option{open, {Value: contact.Yes, Label: l.T("contact.filter.has_notes.yes")}, {Value: contact.No, Label: l.T("contact.filter.has_notes.no")}}
	return ch
}
