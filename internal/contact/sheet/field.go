package sheet

import "strconv"

// Field is what a column of a table means to us. The message "sheet.field.<field>" names it.
type Field string

// The fields: first those of our own export, in its order, then those that are only read.
const (
	ID               Field = "id" // the number of a contact of ours
	Kind             Field = "kind"
	Name             Field = "name"
	Transliteration  Field = "transliteration"
	Organization     Field = "organization"
	Function         Field = "function"
	Title            Field = "title"
	Since            Field = "since" // when the person joined the organization
	Until            Field = "until" // and when they left it
	StakeholderGroup Field = "stakeholder_group"
	Country          Field = "country"
	Region           Field = "region"
	Languages        Field = "languages"
	Email            Field = "email"        // may stand in several columns
	AddressKind      Field = "address_kind" // of the e-mail column before it
	Expertise        Field = "expertise"
	Source           Field = "source"
	LawfulBasis      Field = "lawful_basis"
	Notes            Field = "notes"

	GivenName  Field = "given_name"
	MiddleName Field = "middle_name"
	FamilyName Field = "family_name"
	NamePrefix Field = "name_prefix" // kept with the name
	NameSuffix Field = "name_suffix"
	Labels     Field = "labels"     // words that say group, region or expertise if they can be read so
	Attributes Field = "attributes" // a JSON object with any of these fields (listmonk)
	MailStatus Field = "mail_status"

	Ignore Field = "" // the column is left out
)

// Fields are those that a column may be mapped to, in the order in which people choose from them.
func Fields() []Field {
	return append(exported(), GivenName, MiddleName, FamilyName, NamePrefix, NameSuffix, Labels, Attributes, MailStatus)
}

// exported are the fields of our own export, in its order.
func exported() []Field {
	return []Field{
		ID, Kind, Name, Transliteration, Organization, Function, Title, Since, Until, StakeholderGroup, Country, Region, Languages,
		Email, AddressKind, Expertise, Source, LawfulBasis, Notes,
	}
}

// Valid says whether it is one of Fields, or Ignore.
func (f Field) Valid() bool {
	if f == Ignore {
		return true
	}
	for _, known := range Fields() {
		if f == known {
			return true
		}
	}
	return false
}

// several says that a field may stand in more than one column. The values are then joined in the order of the
// columns; those of ties belong together by their order: the second function is that at the second organization.
func (f Field) several() bool {
	switch f {
	case Email, AddressKind, Languages, Expertise, Notes, Labels:
		return true
	}
	return f.ofTie()
}

// ofTie says whether a field tells of a tie of a person to an organization.
func (f Field) ofTie() bool {
	switch f {
	case Organization, Function, Title, Since, Until:
		return true
	}
	return false
}

// Mapping says what one column of a table means.
type Mapping struct {
	Column int    `json:"column"` // from 0
	Header string `json:"header"` // as it stands in the table; empty without a header
	Field  Field  `json:"field"`
	By     By     `json:"by"` // what the guess rests on
}

// Letter is how a spreadsheet names the column.
func (m Mapping) Letter() string { return Letter(m.Column) }

// By says what a guess rests on.
type By string

// What guesses rest on.
const (
	ByHeader  By = "header"
	ByContent By = "content"
	ByPreset  By = "preset"
	ByPerson  By = "person" // somebody chose it
	ByNothing By = ""
)

// ExportHeader is the first row of our export with room for so many addresses and ties a contact: "organization",
// "function" and so on for the first tie, "organization_2", "function_2" for the second.
func ExportHeader(emails, ties int) []string {
	var header []string
	for _, f := range exported() {
		switch f {
		case Function, Title, Since, Until, AddressKind:
			continue
		case Organization:
			for n := 1; n <= max(ties, 1); n++ {
				for _, part := range tieFields() {
					header = append(header, numbered(part, n))
				}
			}
		case Email:
			for n := 1; n <= max(emails, 1); n++ {
				header = append(header, numbered(Email, n), numbered(AddressKind, n))
			}
		default:
			header = append(header, string(f))
		}
	}
	return header
}

func tieFields() []Field { return []Field{Organization, Function, Title, Since, Until} }

func numbered(f Field, n int) string {
	if n == 1 {
		return string(f)
	}
	return string(f) + "_" + strconv.Itoa(n)
}
