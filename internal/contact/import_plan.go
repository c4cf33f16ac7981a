package contact

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// File is a file of contacts.
type File struct {
	Name    string // for people
	Content io.ReaderAt
	Size    int64
}

// ImportPlan says how a file is read and what its rows mean. The zero value leaves all of it to the
// guess and puts nobody on a list.
type ImportPlan struct {
	Options          sheet.Options
	Mapping          []sheet.Mapping // nil for the guess
	CycleID          int64           // on whose list the contacts go, 0 for none
	Source           string          // this and the next three: for new contacts whose row does not say
	LawfulBasis      string
	StakeholderGroup string // a code or an alias
	Country          string // a code or a name
	Duplicates       DuplicatePolicy
}

// Layout is a file with how it can be read: what the page shows on which people say what columns mean.
type Layout struct {
	Import  Import
	Table   *sheet.Table
	Mapping []sheet.Mapping // as it was chosen, else the guess
}

func (p *ImportPlan) settle(ref *geo.Reference) error {
	var wrong []errs.Field
	p.Source, p.LawfulBasis = clean(p.Source), clean(p.LawfulBasis)
	for field, text := range map[string]string{"source": p.Source, "lawful_basis": p.LawfulBasis} {
		if !fits(text, maxLine) {
			wrong = append(wrong, errs.FieldError(field, "field.too_long", "Max", maxLine))
		}
	}
	if p.StakeholderGroup != "" {
		code, ok := ref.ParseGroup(p.StakeholderGroup)
		if !ok {
			wrong = append(wrong, errs.FieldError("stakeholder_group", "field.stakeholder_group"))
		}
		p.StakeholderGroup = code
	}
	if p.Country != "" {
		code, ok := ref.ParseCountry(p.Country)
		if !ok {
			wrong = append(wrong, errs.FieldError("country", "field.country"))
		}
		p.Country = code
	}
	if p.Duplicates == "" {
		p.Duplicates = DuplicatesSkip
	}
	if !p.Duplicates.Valid() {
		wrong = append(wrong, errs.FieldError("duplicates", "field.choice"))
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b errs.Field) int { return strings.Compare(a.Name, b.Name) })
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// MappingOf is the guess for a file, corrected by what somebody says of columns, by their names or letters.
func (s *Imports) MappingOf(f File, o sheet.Options, chosen map[string]sheet.Field) ([]sheet.Mapping, error) {
	t, err := sheet.OpenAs(f.Content, f.Size, f.Name, o)
	if err != nil {
		return nil, asField(err)
	}
	all := s.guess(t)
	for name, field := range chosen {
		i := slices.IndexFunc(all, func(m sheet.Mapping) bool { return m.Header == name })
		if i < 0 {
			i = slices.IndexFunc(all, func(m sheet.Mapping) bool { return m.Letter() == strings.ToUpper(name) })
		}
		if i < 0 || !field.Valid() {
			return nil, errs.InvalidFields(errs.FieldError("mapping", "contact.import.no_column", "Column", name))
		}
		all[i].Field, all[i].By = field, sheet.ByPerson
	}
	return all, nil
}

// checkMapping wants something by which a contact can be called.
func checkMapping(all []sheet.Mapping) error {
	naming := []sheet.Field{sheet.Name, sheet.GivenName, sheet.FamilyName, sheet.Organization, sheet.Email, sheet.Attributes}
	if slices.ContainsFunc(all, func(m sheet.Mapping) bool { return slices.Contains(naming, m.Field) }) {
		return nil
	}
	return errs.InvalidFields(errs.FieldError("mapping", "contact.import.no_name_column"))
}

// readAs says how a table was read, so that it is read the same way again.
func readAs(t *sheet.Table) sheet.Options {
	o := sheet.Options{Encoding: t.Encoding, Delimiter: t.Delimiter, Header: sheet.NoHeader, Sheet: t.Sheet}
	if t.HeaderRow > 0 {
		o.Header = sheet.WithHeader
	}
	return o
}

// fix writes into the import how its file is read.
func (i *Import) fix(t *sheet.Table, mapping []sheet.Mapping, p ImportPlan) error {
	detected, err := json.Marshal(readAs(t))
	if err != nil {
		return err
	}
	chosen, err := json.Marshal(mapping)
	if err != nil {
		return err
	}
	i.Detected, i.Mapping, i.CycleID = string(detected), string(chosen), nil
	if p.CycleID != 0 {
		i.CycleID = &p.CycleID
	}
	i.Source, i.LawfulBasis, i.StakeholderGroup, i.Country, i.Duplicates = p.Source, p.LawfulBasis, p.StakeholderGroup, p.Country, p.Duplicates
	return nil
}

// reading is how the file is read, the zero value where that was not fixed yet.
func (i *Import) reading() (o sheet.Options, mapping []sheet.Mapping, err error) {
	if i.Detected == "" {
		return o, nil, nil
	}
	if err := json.Unmarshal([]byte(i.Detected), &o); err != nil {
		return o, nil, err
	}
	return o, mapping, json.Unmarshal([]byte(i.Mapping), &mapping)
}
