package contact

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// BulkKind is the kind of the changesets of bulk edits.
const BulkKind = "contact.bulk"

// MaxBulk is how many contacts one edit may be about: what a person can wait for, and what one undo takes back.
const MaxBulk = 5_000

// Bulk is one edit of many contacts: whom it is about, and what it does to each of them.
type Bulk struct {
	IDs     []int64 // these contacts
	All     *Filter // or everybody who matches when it is asked; nil for IDs
	CycleID int64   // whose list it changes, and in whose list group and region follow; 0 for none
	Changes Changes
}

// Changes are what a bulk edit does to a contact; the zero value does nothing. What is nil or empty stays.
type Changes struct {
	StakeholderGroup string     `json:"stakeholder_group,omitempty"` // of the contact and on the list
	Country          *string    `json:"country,omitempty"`
	Region           *string    `json:"region,omitempty"` // "" goes back to the country's
	Languages        TagChange  `json:"languages,omitzero"`
	Expertise        TagChange  `json:"expertise,omitzero"`
	Source           *string    `json:"source,omitempty"`
	LawfulBasis      *Basis     `json:"lawful_basis,omitempty"`
	LawfulBasisNote  *string    `json:"lawful_basis_note,omitempty"`
	List             ListChange `json:"list,omitempty"`
	Note             string     `json:"-"`               // a line that is added at the end of the notes
	Noted            bool       `json:"noted,omitempty"` // that there was one: what it said is kept at the contacts alone
}

// TagHow says what becomes of tags that are there in an order.
type TagHow string

// What can become of them. What stays keeps its order.
const (
	TagsStay    TagHow = ""
	TagsAdd     TagHow = "add"   // at the end, where they are not there yet
	TagsFirst   TagHow = "first" // at the beginning, from wherever they were
	TagsRemove  TagHow = "remove"
	TagsReplace TagHow = "replace" // these and no others
	TagsClear   TagHow = "clear"   // none
)

// TagHows lists what can become of tags, in the order in which it is shown.
func TagHows() []TagHow { return []TagHow{TagsAdd, TagsFirst, TagsRemove, TagsReplace, TagsClear} }

// TagChange changes a list of tags.
type TagChange struct {
	How  TagHow `json:"how,omitempty"`
	Tags string `json:"tags,omitempty"` // separated by spaces or commas, in order
}

// ListChange says what becomes of the place on the list of a cycle.
type ListChange string

// What can become of it. Who is on the list already keeps the place.
const (
	ListStay   ListChange = ""
	ListAdd    ListChange = "add"
	ListRemove ListChange = "remove"
)

// ListChanges lists what can become of the place on a list.
func ListChanges() []ListChange { return []ListChange{ListAdd, ListRemove} }

// tidy brings what somebody entered into its usual spelling and says what is wrong with it.
func (c *Changes) tidy(ref *geo.Reference, cycleID int64) []errs.Field {
	var wrong []errs.Field
	check := func(ok bool, field, key string, args ...any) {
		if !ok {
			wrong = append(wrong, errs.FieldError(field, key, args...))
		}
	}
	if c.StakeholderGroup = strings.TrimSpace(c.StakeholderGroup); c.StakeholderGroup != "" {
		_, known := ref.Group(c.StakeholderGroup)
		check(known, "stakeholder_group", "field.stakeholder_group")
	}
	if country := tidied(&c.Country, strings.ToUpper); country != "" {
		_, known := ref.Country(country)
		check(known, "country", "field.country")
	}
	if region := tidied(&c.Region, strings.ToLower); region != "" {
		check(geo.Region(region).Valid(), "region", "field.region")
	}
	check(fits(tidied(&c.Source, nil), maxLine), "source", "field.too_long", "Max", maxLine)
	check(fits(tidied(&c.LawfulBasisNote, nil), maxLine), "lawful_basis_note", "field.too_long", "Max", maxLine)
	check(c.LawfulBasis == nil || c.LawfulBasis.Valid(), "lawful_basis", "field.choice")
	check(c.List == ListStay || slices.Contains(ListChanges(), c.List), "list", "field.choice")
	check(c.List == ListStay || cycleID != 0, "list", "bulk.no_cycle")
	c.Note = clean(c.Note)
	c.Noted = c.Note != ""
	check(fits(c.Note, maxLine), "note", "field.too_long", "Max", maxLine)
	wrong = append(wrong, c.Languages.tidy("language", "field.language_tag", ParseLanguages)...)
	return append(wrong, c.Expertise.tidy("expertise", "field.choice", func(text string) (string, bool) {
		tags := Chain(splitList(text))
		return tags, !slices.ContainsFunc(strings.Fields(tags), func(tag string) bool { return !hasExpertise(ref, tag) })
	})...)
}

// tidied cleans what one of the fields is set to and gives it, "" where it stays.
func tidied(field **string, spell func(string) string) string {
	if *field == nil {
		return ""
	}
	text := clean(**field)
	if spell != nil {
		text = spell(text)
	}
	*field = &text
	return text
}

func (t *TagChange) tidy(field, wrongTag string, parse func(string) (string, bool)) []errs.Field {
	tags, ok := parse(t.Tags)
	switch {
	case !ok:
		return []errs.Field{errs.FieldError(field, wrongTag)}
	case t.How != TagsStay && !slices.Contains(TagHows(), t.How):
		return []errs.Field{errs.FieldError(field+"_how", "field.choice")}
	case t.How == TagsStay && tags != "", t.How == TagsClear && tags != "":
		return []errs.Field{errs.FieldError(field+"_how", "bulk.how")}
	case t.How != TagsStay && t.How != TagsClear && tags == "":
		return []errs.Field{errs.FieldError(field, "field.required")}
	}
	t.Tags = tags
	return nil
}

// nothing says whether no field is chosen.
func (c *Changes) nothing() bool {
	return c.StakeholderGroup == "" && c.Country == nil && c.Region == nil && c.Languages.How == TagsStay && c.Expertise.How == TagsStay &&
		c.Source == nil && c.LawfulBasis == nil && c.LawfulBasisNote == nil && c.List == ListStay && c.Note == ""
}

// of gives what the tags of a contact become.
func (t TagChange) of(tags string) string {
	own, given := strings.Fields(tags), strings.Fields(t.Tags)
	switch t.How {
	case TagsAdd:
		return Chain(own, given)
	case TagsFirst:
		return Chain(given, own)
	case TagsRemove:
		return Chain(slices.DeleteFunc(own, func(tag string) bool { return slices.Contains(given, tag) }))
	case TagsReplace, TagsClear:
		return Chain(given)
	}
	return tags
}

// apply makes a contact what it becomes, but for what follows from it.
func (c *Changes) apply(to *Contact) {
	set := func(field *string, from *string) {
		if from != nil {
			*field = *from
		}
	}
	if c.StakeholderGroup != "" {
		to.StakeholderGroup = c.StakeholderGroup
	}
	set(&to.Country, c.Country)
	if c.Region != nil {
		to.Region, to.RegionOverridden = *c.Region, *c.Region != ""
	}
	to.Languages, to.Expertise = c.Languages.of(to.Languages), c.Expertise.of(to.Expertise)
	set(&to.Source, c.Source)
	set(&to.LawfulBasisNote, c.LawfulBasisNote)
	if c.LawfulBasis != nil {
		to.LawfulBasis = *c.LawfulBasis
		if to.LawfulBasis == NoBasis && c.LawfulBasisNote == nil { // nothing is left that it explains
			to.LawfulBasisNote = ""
		}
	}
	if c.Note != "" {
		to.Notes = strings.TrimLeft(to.Notes+"\n"+c.Note, "\n")
	}
}

// moves says whether a contact's place on a list has to follow: as with a single edit where its group or region
// changed, and where the list says otherwise than what was chosen.
func (c *Changes) moves(before, after Contact, l Listing) bool {
	return before.StakeholderGroup != after.StakeholderGroup || before.Region != after.Region ||
		c.StakeholderGroup != "" && l.StakeholderGroup != after.StakeholderGroup || c.Region != nil && l.Region != after.Region
}
