package sheet

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/convoke/convoke/internal/geo"
)

// nearest finds the name that somebody may have meant, among those in all our languages, and
// gives it in the language in which it was nearly written.
type nearest struct {
	ref       *geo.Reference
	countries []spelling
	groups    []spelling
	asked     int
}

// spelling is a name, and what it is compared by.
type spelling struct {
	name string
	key  []rune
}

// askedLimit ends the search in a table in which nearly everything is unknown: then a column is
// mapped to the wrong field, and no suggestion helps.
const askedLimit = 20_000

func (n *nearest) country(text string) string {
	if n.countries == nil {
		for _, c := range n.ref.Countries() {
			for _, locale := range geo.Locales() {
				n.countries = append(n.countries, spell(n.ref.CountryName(c.Code, locale)))
			}
		}
	}
	return n.find(text, n.countries)
}

func (n *nearest) group(text string) string {
	if n.groups == nil {
		for _, g := range n.ref.Groups() {
			for _, locale := range geo.Locales() {
				n.groups = append(n.groups, spell(n.ref.GroupName(g.Code, locale)))
			}
			for _, alias := range g.Aliases {
				n.groups = append(n.groups, spell(alias))
			}
		}
	}
	return n.find(text, n.groups)
}

func (n *nearest) language(text string) string { return n.find(text, languageSpellings()) }

// languageSpellings are the names of the languages that calls are likely to be written in.
var languageSpellings = sync.OnceValue(func() []spelling {
	var all []spelling
	for _, tag := range strings.Fields("ar bn cs da de el en es et fa fi fr he hi hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sr sv sw th tr uk ur vi zh") {
		t := language.Make(tag)
		for _, locale := range geo.Locales() {
			all = append(all, spell(display.Languages(language.Make(locale)).Name(t)))
		}
		all = append(all, spell(display.Self.Name(t)))
	}
	return all
})

func spell(name string) spelling { return spelling{name, []rune(geo.Fold(name))} }

// find is the name with the fewest slips of the pen, at most one in four letters.
func (n *nearest) find(text string, among []spelling) string {
	if n.asked++; n.asked > askedLimit || len(text) > 100 {
		return ""
	}
	key := []rune(geo.Fold(text))
	if len(key) < 4 {
		return ""
	}
	best, name := len(key)/4+1, ""
	for _, s := range among {
		if d := slips(key, s.key, best); d < best && len(s.key) >= 4 {
			best, name = d, s.name
		}
	}
	return name
}

// slips counts the letters that are wrong, missing, too many or exchanged with their neighbour
// (optimal string alignment); limit or more is limit.
func slips(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}
