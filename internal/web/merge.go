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

type mergeData struct {
	Mine, Theirs contact.Detail // Theirs has no ID until somebody is chosen
	Fields       []mergeField
	Effects      []mergeEffect
	Refused      bool
	Likely       []pairRow
	Sought       bool         // somebody typed who the other is, and it is no number of a contact
	Found        []contactRow // whom that may mean
	Bases        []string     // the lawful bases of both, where they differ: the stricter one stays
	Swap         string       // the comparison with the other as the one that stays
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
		return data, w.seekOther(c, &data, chosen)
	}
	data.Theirs, err = w.Contacts.Get(ctx, by, other)
	if errs.Is(err, errs.NotFound) {
		return data, w.seekOther(c, &data, chosen)
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
	if mine, theirs := basisOf(l, data.Mine.Contact), basisOf(l, data.Theirs.Contact); mine != theirs {
		data.Bases = []string{mine, theirs}
	}
	return data, nil
}

// seekOther lists whom the words may mean that somebody typed for the other contact. Only the same kind can be merged.
func (w *Web) seekOther(c *fiber.Ctx, data *mergeData, words string) error {
	if data.Sought = strings.TrimSpace(words) != ""; !data.Sought {
		return nil
	}
	l := w.Server.Localizer(c)
	found, err := w.Contacts.List(c.UserContext(), account.ActorFrom(c.UserContext()), contact.Filter{Query: words, Kind: data.Mine.Kind, Locale: l.Tag()})
	if err != nil {
		return err
	}
	for _, r := range found.Rows {
		if r.ID != data.Mine.ID {
			data.Found = append(data.Found, w.contactRow(l, r))
		}
	}
	return nil
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

func basisOf(l *i18n.Localizer, k contact.Contact) string {
	basis := l.T("contact.basis.unknown")
	if k.LawfulBasis != contact.NoBasis {
		basis = l.T("contact.basis." + string(k.LawfulBasis))
	}
	if k.LawfulBasisNote != "" {
		basis += " · " + k.LawfulBasisNote
	}
	return basis
}

// mergeFields are the fields in which two contacts differ. The lawful basis is none of them: the stricter one stays.
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
		fields = append(fields, mergeField{name, l.T(label), mine, theirs, both, chosen})
	}
	add("name", "contact.name", a.Name, b.Name, false)
	add("transliteration", "contact.transliteration", a.Transliteration, b.Transliteration, false)
	add("stakeholder_group", "contact.group", w.groupName(l, a.StakeholderGroup), w.groupName(l, b.StakeholderGroup), false)
	add("country", "contact.country", w.countryName(l, a.Country), w.countryName(l, b.Country), false)
	if a.RegionOverridden || b.RegionOverridden { // else it follows from the country
		add("region", "contact.region", w.regionBy(l, a), w.regionBy(l, b), false)
		if last := len(fields) - 1; last >= 0 && fields[last].Name == "region" && !a.RegionOverridden {
			fields[last].Chosen = contact.Others
		}
	}
	add("language", "contact.languages", l.List(languageNames(l, a.Languages)), l.List(languageNames(l, b.Languages)), true)
	add("expertise", "contact.expertise", strings.Join(expertiseNames(l, a.Expertise), " · "), strings.Join(expertiseNames(l, b.Expertise), " · "), true)
	add("source", "contact.source", a.Source, b.Source, false)
	add("notes", "contact.notes", a.Notes, b.Notes, true)
	return fields
}

// regionBy says a region and whether it is that of the country.
func (w *Web) regionBy(l *i18n.Localizer, k contact.Contact) string {
	if k.RegionOverridden {
		return w.regionName(l, k.Region)
	}
	return l.T("merge.region_of_country", "Region", w.regionName(l, k.Region))
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
	for i, f := range data.Fields {
		if chosen := typed.Value("keep_" + f.Name); chosen != "" {
			data.Fields[i].Chosen = chosen
		}
	}
	return mergePage.again(w, c, data, why)
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
