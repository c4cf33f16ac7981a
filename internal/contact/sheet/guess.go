package sheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/geo"
)

// Guess says what the columns of a table mean: by the product that wrote it, by their headers, and
// where a header says nothing, by what stands in the column. There is one Mapping for each column.
// A field that stands in one column only is given to the first that claims it, the better reason first.
func (t *Table) Guess(ref *geo.Reference) []Mapping {
	if t.Preset != "" {
		if m := t.presetMapping(); m != nil {
			return m
		}
	}
	header := t.Header
	for len(header) < t.Columns {
		header = append(slices.Clone(header), "")
	}
	return Guess(ref, header, t.Sample)
}

// Guess is the guess by headers and by the first rows; header is as long as the table has columns,
// with empty names where there is no header.
func Guess(ref *geo.Reference, header []string, sample []Record) []Mapping {
	found := make([]Mapping, len(header))
	taken := map[Field]bool{}
	claim := func(i int, f Field, by By) {
		if f != Ignore && taken[f] && !f.again(header[i]) {
			return
		}
		found[i].Field, found[i].By = f, by
		taken[f] = f != Ignore
	}
	for i, h := range header {
		found[i] = Mapping{Column: i, Header: h}
		if f, known := byHeader(h); known {
			if f == Name && taken[Name] && strings.Contains(geo.Fold(h), "stakeholder") {
				f = StakeholderGroup // where another column has the name
			}
			claim(i, f, ByHeader)
		}
	}
	family(found)
	for i := range found {
		if found[i].By != ByNothing || i >= MaxColumns {
			continue
		}
		if f := byContent(ref, column(sample, i), taken); f != Ignore {
			claim(i, f, ByContent)
		}
	}
	refine(found, sample, ref)
	return found
}

// family makes of "Nom" and "Nome" beside a given name the family name that it is there, and of
// "Имя" and "Nombre" without a family name the whole name.
func family(found []Mapping) {
	at := map[Field]int{}
	for i, m := range found {
		if _, seen := at[m.Field]; !seen && m.Field != Ignore {
			at[m.Field] = i
		}
	}
	given, hasGiven := at[GivenName]
	last, hasLast := at[FamilyName]
	name, hasName := at[Name]
	switch {
	case hasGiven && !hasLast && hasName && len(strings.Fields(found[name].Header)) == 1:
		found[name].Field = FamilyName
	case hasGiven && !hasLast && !hasName:
		found[given].Field = Name
	case hasLast && !hasGiven && !hasName:
		found[last].Field = Name
	case hasLast && !hasGiven && hasName && len(strings.Fields(found[name].Header)) == 1:
		found[name].Field = GivenName
	}
}

// column is what stands in a column of the sample, empty cells left out.
func column(sample []Record, i int) []string {
	var values []string
	for _, r := range sample {
		if i < len(r.Cells) && r.Problem == nil {
			if v := strings.TrimSpace(r.Cells[i]); v != "" {
				values = append(values, v)
			}
		}
	}
	return values
}

// byContent guesses a column without a name that we know: what most of its cells can be read as.
func byContent(ref *geo.Reference, values []string, taken map[Field]bool) Field {
	for _, test := range []struct {
		field Field
		is    func(string) bool
	}{
		{Email, looksLikeAddress},
		{StakeholderGroup, func(v string) bool { _, ok := ref.ParseGroup(v); return ok }},
		{Country, func(v string) bool { _, ok := ref.ParseCountry(v); return ok }},
		{Region, func(v string) bool { _, ok := geo.ParseRegion(v); return ok }},
		{Languages, looksLikeLanguages},
		{Kind, func(v string) bool { _, ok := parseKind(v); return ok }},
		{Name, looksLikeName},
	} {
		if taken[test.field] && test.field != Email || test.field == Name && (taken[GivenName] || taken[FamilyName]) {
			continue
		}
		if most(values, test.is) {
			return test.field
		}
	}
	return Ignore
}

// most says whether at least four of five values pass.
func most(values []string, is func(string) bool) bool {
	n := 0
	for _, v := range values {
		if is(v) {
			n++
		}
	}
	return n > 0 && 5*n >= 4*len(values)
}

func looksLikeAddress(v string) bool {
	at := strings.LastIndexByte(v, '@')
	return at > 0 && len(v) < 400 && strings.ContainsAny(v[at:], ".。") && len(strings.Fields(v)) < 10
}

func looksLikeLanguages(v string) bool {
	words := strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" ,;/|", r) })
	for _, w := range words {
		tag, err := language.Parse(w)
		if _, known := languageByName(w); !known && (err != nil || tag == language.Und || len(w) > 11) {
			return false
		}
	}
	return len(words) > 0 && len(words) < 8
}

func looksLikeName(v string) bool {
	words := strings.Fields(v)
	letters := 0
	for _, r := range v {
		if unicode.IsLetter(r) || r == ' ' || r == '.' || r == '\'' || r == '’' || r == '-' || r == ',' || unicode.IsMark(r) {
			letters++
		}
	}
	return letters == utf8.RuneCountInString(v) && (len(words) >= 2 && len(words) <= 6 || len(words) == 1 && unicode.Is(unicode.Han, firstRune(v)))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// refine looks at headers that mean several things: a column "Region" or "Group" that is full of
// countries, a "Stakeholder" that is a name, a "Type" that says the group.
func refine(found []Mapping, sample []Record, ref *geo.Reference) {
	has := func(f Field) bool {
		return slices.ContainsFunc(found, func(m Mapping) bool { return m.Field == f })
	}
	group := func(v string) bool { _, ok := ref.ParseGroup(v); return ok }
	country := func(v string) bool { _, ok := ref.ParseCountry(v); return ok }
	region := func(v string) bool { _, ok := geo.ParseRegion(v); return ok }
	for i := range found {
		if found[i].By != ByHeader {
			continue
		}
		if found[i].Field.ofTie() && numberIn(found[i].Header) > 1 {
			continue // one of several
		}
		values := column(sample, i)
		switch f := found[i].Field; {
		case f == StakeholderGroup && !most(values, group) && most(values, looksLikeName) && !has(Name) && !has(FamilyName):
			found[i].Field = Name
		case (f == Name || f == Kind || f == Organization) && !has(StakeholderGroup) && most(values, group):
			found[i].Field = StakeholderGroup
		case f == Region && !has(Country) && !most(values, region) && most(values, country):
			found[i].Field = Country
		case f == Country && !has(Region) && !most(values, country) && most(values, region):
			found[i].Field = Region
		case f == Email && len(values) > 0 && !most(values, func(v string) bool { return strings.Contains(v, "@") }) && !anyAddress(values):
			found[i].Field, found[i].By = Ignore, ByContent
		}
	}
}

func anyAddress(values []string) bool { return slices.ContainsFunc(values, looksLikeAddress) }
