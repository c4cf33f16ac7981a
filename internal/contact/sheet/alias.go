package sheet

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/convoke/convoke/internal/geo"
)

// aliasTable has what people call their columns, in seven languages, separated by semicolons and
// compared after geo.Fold. Where two fields go by one name the first in the file has it; "ignore"
// is for columns that we keep out on purpose, so that nothing else is guessed from their content.
//
//go:embed aliases.csv
var aliasTable string

// ignored marks a header that is known, and means nothing to us.
const ignored Field = "ignore"

// aliases maps folded headers to fields.
var aliases = sync.OnceValue(func() map[string]Field {
	known := map[string]Field{}
	rows, err := csv.NewReader(strings.NewReader(aliasTable)).ReadAll()
	if err != nil {
		return known // TestAliases reads the table too
	}
	for _, f := range Fields() {
		known[geo.Fold(string(f))] = f
	}
	for _, row := range rows[1:] {
		for alias := range strings.SplitSeq(row[1], ";") {
			if key := geo.Fold(alias); key != "" {
				if _, taken := known[key]; !taken {
					known[key] = Field(row[0])
				}
			}
		}
	}
	return known
})

// byHeader is the field that a header names; known is true for headers that we leave out, too.
func byHeader(text string) (f Field, known bool) {
	if len(text) > 200 {
		return Ignore, false
	}
	for _, key := range headerKeys(text) {
		if f, ok := aliases()[key]; ok {
			if f == ignored {
				f = Ignore
			}
			return f, true
		}
	}
	return Ignore, false
}

// headerKeys are the forms under which a header is looked up: as it is; without what stands in
// brackets; that alone; with FirstName taken apart; each without numbers; the parts of
// "Nom / Name" and "Name*: ".
func headerKeys(text string) []string {
	texts := []string{text}
	if open := strings.IndexAny(text, "([（<"); open >= 0 {
		inside := strings.Trim(text[open:], "()[]（）<> ")
		texts = append(texts, text[:open], inside)
	}
	texts = append(texts, uncamel(text))
	if parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/|\\:\n;,", r) }); len(parts) > 1 {
		texts = append(texts, parts...)
	}
	var keys []string
	for _, t := range texts {
		key := geo.Fold(t)
		for _, k := range []string{key, unnumbered(key), unpossessed(unnumbered(key))} {
			if k != "" && !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// uncamel parts the words of "firstName".
func uncamel(text string) string {
	var b strings.Builder
	lower := false
	for _, r := range text {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

// unnumbered takes the numbers out of "e mail 1 value" and "电子邮件2".
func unnumbered(key string) string {
	return strings.Join(strings.FieldsFunc(key, func(r rune) bool { return r == ' ' || unicode.IsDigit(r) }), " ")
}

// unpossessed takes the words off with which forms ask: "your name", "what is your e mail".
func unpossessed(key string) string {
	for _, words := range []string{
		"please enter your ", "what is your ", "your ", "contact ", "contacts ", "participant ", "primary ", "main ", "current ",
		"votre ", "vos ", "su ", "sus ", "tu ", "seu ", "sua ", "ваш ", "ваша ", "ваше ", "您的", "你的",
	} {
		if rest, found := strings.CutPrefix(key, words); found {
			return rest
		}
	}
	return key
}
