package sheet

import "github.com/convoke/convoke/internal/geo"

// parseKind reads whether a contact is a person or an organization.
func parseKind(text string) (string, bool) {
	switch geo.Fold(text) {
	case "person", "individual", "natural person", "human", "people", "p", "personne", "individu", "personne physique", "persona", "individuo", "persona fisica",
		"شخص", "فرد", "个人", "人", "人员", "自然人", "лицо", "человек", "физическое лицо", "физлицо", "персона", "pessoa", "pessoa fisica":
		return "person", true
	case "organization", "organisation", "org", "company", "institution", "entity", "legal person", "body", "o", "organisme", "entreprise", "personne morale", "societe",
		"organizacion", "institucion", "empresa", "entidad", "persona juridica", "منظمه", "مؤسسه", "موسسه", "شركه", "جهه", "组织", "机构", "公司", "单位", "法人",
		"организация", "юридическое лицо", "юрлицо", "учреждение", "компания", "organizacao", "instituicao", "entidade", "pessoa juridica":
		return "organization", true
	}
	return "", false
}

// Interpret turns a record into a Row, as the mapping says.
func Interpret(rec Record, mapping []Mapping, ref *geo.Reference, normalize func(string) (string, error)) (Row, []CellProblem) {
	return Row{Number: rec.Number}, nil
}
