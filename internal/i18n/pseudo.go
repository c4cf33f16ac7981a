package i18n

import (
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

const (
	plainLetters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	accentLetters = "ÀƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽàƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
)

// Pseudo makes a text strange and still readable: ⟦Šåvé⟧. Placeholders stay as they are.
func Pseudo(text string) string {
	var b strings.Builder
	b.WriteString("⟦")
	last := 0
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		b.WriteString(strings.Map(accent, text[last:at[0]]))
		b.WriteString(text[at[0]:at[1]])
		last = at[1]
	}
	b.WriteString(strings.Map(accent, text[last:]))
	b.WriteString("⟧")
	return b.String()
}

func accent(r rune) rune {
	i := strings.IndexRune(plainLetters, r)
	if i < 0 {
		return r
	}
	return []rune(accentLetters)[i]
}

func pseudoCatalog(english catalog) catalog {
	c := catalog{}
	for key, e := range english {
		m := &goi18n.Message{ID: e.ID, Description: e.Description, Other: Pseudo(e.Other)}
		if e.One != "" {
			m.One = Pseudo(e.One)
		}
		c[key] = entry{Message: m, fields: e.fields, plural: e.plural}
	}
	return c
}
