package document

import (
	"regexp"
	"slices"
	"strings"
)

// What people write where something is still to be filled in, in the languages of the product: [link], [lien à compléter],
// {deadline}, 【链接】.
const (
	linkWords  = `links?|hyperlinks?|urls?|liens?|enlaces?|v[ií]nculos?|liga(?:ção|ções)|ссылк[аиу]|(?:ال)?رابط|روابط|链接|連結|连结|网址`
	valueWords = `date|deadline|name|your name|date limite|échéance|nom|votre nom|fecha|fecha límite|plazo|nombre|su nombre|prazo|nome|seu nome` +
		`|дата|срок|имя|ваше имя|(?:ال)?تاريخ|الموعد النهائي|(?:ال)?اسم|日期|截止日期|姓名|您的姓名`
	laterInBrackets = `à (?:compléter|ajouter|venir|insérer)|por (?:completar|añadir|agregar|insertar)|pendientes?|a (?:completar|adicionar|inserir)|pendentes?` +
		`|будет (?:добавлен\p{L}*|указан\p{L}*|дополнен\p{L}*)|нужно (?:добавить|указать)|уточня\p{L}+|سي?ُ?ضاف|يُ?ستكمل(?: لاحق[\p{L}\p{M}]*)?|لاحق[\p{L}\p{M}]*|待(?:补充|定|添加|插入)`
)

var (
	bracketed  = regexp.MustCompile(`(?i)[\[［【]\s*(?:` + linkWords + `|` + valueWords + `|` + laterInBrackets + `|(?:` + linkWords + `)[^\[\]［］【】()]{0,20}?(?:` + laterInBrackets + `))\s*[\]］】]`)
	linkBlank  = regexp.MustCompile(`(?i)^[\[［【]\s*(?:` + linkWords + `)`)
	definition = regexp.MustCompile(`(?m)^ {0,3}(\[[^\]\n]+\]):`)
	braced     = regexp.MustCompile(`[{｛]+[ \t]*([\p{L}\p{M}_][\p{L}\p{M}_ ]*?)[ \t]*[}｝]+`)
	valueWord  = regexp.MustCompile(`(?i)^(?:` + linkWords + `|` + valueWords + `)$`)
)

// bracketBlanks are words in brackets that stand for what is still to be filled in, with whether it is a link. Brackets
// of a Markdown link are none.
func bracketBlanks(text string) (found []string, links []bool) {
	defined := definition.FindAllStringSubmatch(text, -1)
	for _, at := range bracketed.FindAllStringIndex(text, -1) {
		piece, after := text[at[0]:at[1]], text[at[1]:]
		linked := strings.HasPrefix(after, "(") || strings.HasPrefix(after, "[") || strings.HasPrefix(after, ":") ||
			slices.ContainsFunc(defined, func(d []string) bool { return strings.EqualFold(d[1], piece) })
		if !linked {
			found, links = append(found, piece), append(links, linkBlank.MatchString(piece))
		}
	}
	return found, links
}

// braceBlanks are merge fields that are none, because their braces are not two ordinary ones: {deadline}, ｛｛deadline｝｝.
// Words that are no field and no blank stand in single braces as they like.
func braceBlanks(text string) []string {
	var found []string
	for _, m := range braced.FindAllStringSubmatch(text, -1) {
		wide := strings.Count(m[0], "｛") + strings.Count(m[0], "｝")
		name := strings.ToLower(strings.ReplaceAll(m[1], " ", "_"))
		switch {
		case strings.Contains(m[0], "{{"), strings.Contains(m[0], "}}"): // told as fields
		case wide > 0 && wide+strings.Count(m[0], "{")+strings.Count(m[0], "}") >= 4, slices.Contains(Fields(), name), valueWord.MatchString(m[1]):
			found = append(found, m[0])
		}
	}
	return found
}
