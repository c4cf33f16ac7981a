package sheet

import (
	"slices"
	"strings"
	"unicode"

	"github.com/convoke/convoke/internal/geo"
)

// The kinds of contacts, as the contacts' own room has them.
const (
	person       = "person"
	organization = "organization"
)

// parseKind reads whether a contact is a person or an organization.
func parseKind(text string) (string, bool) {
	switch geo.Fold(text) {
	case "person", "individual", "natural person", "human", "people", "p", "personne", "individu", "personne physique",
		"persona", "individuo", "persona fisica", "شخص", "فرد", "个人", "人", "人员", "自然人", "лицо", "человек",
		"физическое лицо", "физлицо", "персона", "pessoa", "pessoa fisica":
		return person, true
	case "organization", "organisation", "org", "company", "institution", "entity", "legal person", "body", "o", "organisme",
		"entreprise", "personne morale", "societe", "organizacion", "institucion", "empresa", "entidad", "persona juridica",
		"منظمه", "مؤسسه", "موسسه", "شركه", "جهه", "组织", "机构", "公司", "单位", "法人", "организация", "юридическое лицо",
		"юрлицо", "учреждение", "компания", "organizacao", "instituicao", "entidade", "pessoa juridica":
		return organization, true
	}
	return "", false
}

func (in *Interpreter) kind(m Mapping, line string) {
	in.row.Kind = recall(in.words.kinds, line, func(text string) string {
		kind, _ := parseKind(text)
		return kind
	})
	if in.row.Kind == "" {
		in.reject(m, line, "sheet.cell.kind")
	}
}

// composeName makes the name of its parts, in the order of speech; Han names begin with the
// family's and have no space in them. A whole name comes before its parts.
func (in *Interpreter) composeName() {
	p := in.parts
	if in.row.Name != "" {
		return
	}
	if isHan(p.family) && isHan(p.given) {
		in.row.Name = p.family + p.given
		return
	}
	parts := slices.DeleteFunc([]string{p.prefix, p.given, p.middle, p.family, p.suffix}, func(s string) bool { return s == "" })
	if p.given != "" || p.family != "" {
		in.row.Name = strings.Join(parts, " ")
	}
}

func isHan(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.Is(unicode.Han, r) && r != '·' })
}

// nameFromElsewhere takes the organization for the contact, else the name that stands beside its
// address or in it. The address itself is no name: names are seen by more people.
func (in *Interpreter) nameFromElsewhere() {
	switch {
	case in.row.Organization != "" && in.row.Kind != person:
		in.row.Name, in.row.Kind, in.row.Organization = in.row.Organization, organization, ""
		return
	case in.row.Transliteration != "":
		in.row.Name, in.row.Transliteration = in.row.Transliteration, ""
		return
	case len(in.row.Emails) == 0, in.rejected():
		return // there may have been a name, which could not be read
	}
	for _, e := range in.row.Emails {
		if e.Name != "" {
			in.row.Name = e.Name
			if turned, ok := turnName(e.Name); ok {
				in.row.Name = turned
			}
			return
		}
	}
	if name := nameOfAddress(in.row.Emails[0].Address); name != "" {
		in.row.Name = name
		in.note(in.at(Email), name, "sheet.note.name_from_address", "Name", name)
	}
}

// nameOfAddress makes "Anna Berg" of anna.berg@example.org.
func nameOfAddress(address string) string {
	local, _, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	words := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '\u200c' })
	for i, w := range words {
		r := firstRune(w)
		words[i] = string(unicode.ToUpper(r)) + w[len(string(r)):]
	}
	return strings.Join(words, " ")
}

// turnName puts "Berg, Anna" into the order of speech. It leaves alone what may be something else:
// several commas, an organization, a title or a degree after the comma.
func turnName(name string) (string, bool) {
	family, given, found := strings.Cut(name, ", ")
	if !found || strings.ContainsAny(family+given, ",;()&/0123456789") || len(strings.Fields(family)) > 3 || len(strings.Fields(given)) > 3 {
		return "", false
	}
	for _, part := range strings.Fields(given) {
		switch geo.Fold(part) {
		case "inc", "ltd", "llc", "llp", "gmbh", "ag", "kg", "sa", "sarl", "sas", "spa", "srl", "bv", "nv", "plc", "corp", "co", "ltda", "eirl", "oy", "ab", "as",
			"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq", "dr", "prof", "mba", "msc", "ma", "bsc", "jd", "llm", "cissp", "of", "de", "for", "and", "the":
			return "", false
		}
	}
	if family == "" || given == "" || !unicode.IsLetter(firstRune(given)) {
		return "", false
	}
	return given + " " + family, true
}
