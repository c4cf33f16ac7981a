package sheet

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/geo"
)

// Preset is the product whose export a table is, recognised by its headers as that product writes
// them. The message "sheet.preset.<preset>" names it.
type Preset string

// The presets.
const (
	// Convoke is our own export.
	Convoke Preset = "convoke"
	// GoogleContacts is "Google CSV", in the columns until 2024 (Given Name, E-mail 1 - Type,
	// Organization 1 - Name, Group Membership) and those since (First Name, E-mail 1 - Label,
	// Organization Name, Labels). Several values in a cell are parted by " ::: ".
	GoogleContacts Preset = "google_contacts"
	// Listmonk is its export of subscribers: the header is written in its cmd/subscribers.go.
	Listmonk Preset = "listmonk"
	// LimeSurvey is its export of survey participants: the header is written by tokensExport in
	// application/helpers/export_helper.php, where further columns are "attribute_1 <Country>".
	LimeSurvey Preset = "limesurvey"
	// Mailman is a roster: one address a line, with or without a name, as list_members of Mailman 2,
	// "mailman members" of Mailman 3 and csv_view of Postorius write it; or columns with the names
	// that Mailman 3 gives them.
	Mailman Preset = "mailman"
)

// presetOf recognises a product by columns that no other table has together.
func presetOf(t *Table) Preset {
	var names []string
	for _, h := range t.Header {
		names = append(names, strings.ToLower(strings.TrimSpace(h)))
	}
	has := func(all ...string) bool {
		for _, name := range all {
			if !slices.Contains(names, name) {
				return false
			}
		}
		return true
	}
	google := has("e-mail 1 - value") || has("organization 1 - name") || has("organization name", "labels")
	switch {
	case has("id", "kind", "name", "stakeholder_group", "email", "lawful_basis"):
		return Convoke
	case google && (has("first name", "last name") || has("given name", "family name")):
		return GoogleContacts
	case has("uuid", "email", "name", "attributes", "status"):
		return Listmonk
	case has("tid", "firstname", "lastname", "email", "emailstatus", "token"):
		return LimeSurvey
	case has("display name", "address") && !has("email"):
		return Mailman
	case len(names) == 0 && t.Columns == 1 && rosterOf(t.Sample):
		return Mailman
	}
	return ""
}

// rosterOf says that each row is an address.
func rosterOf(sample []Record) bool {
	for _, r := range sample {
		if len(r.Cells) == 0 || !looksLikeAddress(r.Cells[0]) && !strings.Contains(r.Cells[0], " at ") {
			return false
		}
	}
	return len(sample) > 0
}

// presetField is what a column means in a product's export; known is false where its name decides
// as anywhere else.
func (p Preset) field(header string) (f Field, known bool) {
	name := strings.ToLower(strings.TrimSpace(header))
	switch p {
	case Convoke:
		key := unnumbered(geo.Fold(name))
		i := slices.IndexFunc(exported(), func(f Field) bool { return geo.Fold(string(f)) == key })
		if i < 0 {
			return Ignore, true
		}
		return exported()[i], true
	case GoogleContacts:
		return googleField(name), true
	case Listmonk:
		return map[string]Field{"email": Email, "name": Name, "attributes": Attributes, "status": MailStatus}[name], true
	case LimeSurvey:
		if strings.HasPrefix(name, "attribute_") {
			return Ignore, !strings.Contains(name, "<")
		}
		return map[string]Field{
			"firstname": GivenName, "lastname": FamilyName, "email": Email, "emailstatus": MailStatus, "language": Languages,
		}[name], true
	case Mailman:
		return map[string]Field{
			"": Email, "display name": Name, "address": Email, "preferred language": Languages, "language": Languages,
			"delivery status": MailStatus,
		}[name], true
	}
	return Ignore, false
}

// googleField: only the values of addresses and the organizations are ours. A country is part of a postal
// address, of which there may be several.
func googleField(name string) Field {
	if strings.HasPrefix(name, "e-mail ") && strings.HasSuffix(name, " - value") {
		return Email
	}
	if what, found := strings.CutPrefix(unnumbered(name), "organization - "); found {
		return map[string]Field{"name": Organization, "title": Title, "department": Function}[what]
	}
	switch name {
	case "name":
		return Name
	case "first name", "given name":
		return GivenName
	case "middle name", "additional name":
		return MiddleName
	case "last name", "family name":
		return FamilyName
	case "name prefix":
		return NamePrefix
	case "name suffix":
		return NameSuffix
	case "organization name":
		return Organization
	case "organization title":
		return Title
	case "organization department":
		return Function
	case "address 1 - country":
		return Country
	case "language":
		return Languages
	case "notes":
		return Notes
	case "labels", "group membership":
		return Labels
	}
	return Ignore
}

// presetMapping maps the columns of a recognised export.
func (t *Table) presetMapping() []Mapping {
	var found []Mapping
	taken := map[Field]bool{}
	for i := range t.Columns {
		m := Mapping{Column: i, By: ByPreset}
		if i < len(t.Header) {
			m.Header = t.Header[i]
		}
		f, known := t.Preset.field(m.Header)
		if !known {
			f, _ = byHeader(m.Header)
			m.By = ByHeader
		}
		if f != Ignore && (!taken[f] || f.again(m.Header)) {
			m.Field = f
			taken[f] = true
		}
		found = append(found, m)
	}
	return found
}
