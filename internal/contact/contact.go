// Package contact knows the persons and organizations that a call may reach: who they are, where
// they can be written to, whom they belong to, who must not be written to, and who was suggested.
//
// Addresses leave this room only through Get, for those who may see them, and through the views
// that statements of campaigns join.
package contact

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Kind says whether a contact is a person or an organization.
type Kind string

// The kinds of contacts.
const (
	Person       Kind = "person"
	Organization Kind = "organization"
)

// Contact is a person or an organization. Contacts outlive cycles.
type Contact struct {
	ID               int64
	Kind             Kind
	Name             string // as they write it, in any script
	Transliteration  string // Latin letters, may be empty
	SortName         string // folded, see geo.Fold
	Country          string // ISO 3166-1 alpha-2, or empty
	Region           string // a geo.Region: of the country, unless overridden
	RegionOverridden bool
	StakeholderGroup string
	Languages        string // own BCP 47 tags in order of preference, separated by spaces
	LanguageChain    string // in which languages to write, best first: own, then the organization's, then the country's
	Expertise        string // tags, separated by spaces
	Source           string // where we have the contact from
	LawfulBasis      Basis  // why we may keep it
	LawfulBasisNote  string // in words
	Notes            string // for those who work with the contact
	NameKey          string // what all spellings of the name share, see nameKey
	NameBones        string // the same without vowels
	CreatedAt        time.Time
	UpdatedAt        time.Time
	ErasedAt         *time.Time // when the person was forgotten at their request
}

// Limits on what people enter, in characters.
const (
	maxLine  = 200
	maxNotes = 4000
)

// Chain joins lists of language tags in the order of preference, each tag once.
func Chain(lists ...[]string) string {
	var tags []string
	for _, tag := range slices.Concat(lists...) {
		if tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return strings.Join(tags, " ")
}

// regionFor is the regional group that a contact counts in: none for an intergovernmental body,
// else that of its country.
func regionFor(ref *geo.Reference, group, country string) string {
	if group == geo.GroupIntergovernmental {
		return string(geo.NoRegion)
	}
	return string(ref.RegionOf(country))
}

// ParseLanguages reads BCP 47 tags separated by spaces or commas, and gives them in their usual
// spelling, each once and joined by spaces; ok is false where one is no tag.
func ParseLanguages(text string) (tags string, ok bool) {
	var known []string
	for _, word := range splitList(text) {
		tag, err := language.Parse(word)
		if err != nil || tag == language.Und {
			return "", false
		}
		known = append(known, tag.String())
	}
	return Chain(known), true
}

func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })
}

// clean makes one line of what somebody typed or pasted: NFC, single spaces, and nothing that
// cannot be seen, because direction and control characters can make a name look like another.
func clean(text string) string {
	// What was taken out may have kept a letter from its accent, so that this comes first.
	text = norm.NFC.String(dropInvisible(strings.ToValidUTF8(text, ""), ""))
	return strings.Join(strings.Fields(text), " ")
}

// cleanText is clean for a text of several lines.
func cleanText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	return strings.TrimSpace(norm.NFC.String(dropInvisible(text, "\n\t")))
}

// dropInvisible keeps the joiners that Persian and Indic names are written with.
func dropInvisible(text, keep string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(keep, r), r == '\u200c', r == '\u200d':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

func (c *Contact) validate(ref *geo.Reference) []errs.Field {
	var wrong []errs.Field
	check := func(ok bool, field, key string, args ...any) {
		if !ok {
			wrong = append(wrong, errs.FieldError(field, key, args...))
		}
	}
	check(c.Kind == Person || c.Kind == Organization, "kind", "field.choice")
	check(!errs.Blank(c.Name), "name", "field.required")
	check(fits(c.Name, maxLine), "name", "field.too_long", "Max", maxLine)
	check(fits(c.Transliteration, maxLine), "transliteration", "field.too_long", "Max", maxLine)
	check(fits(c.Source, maxLine), "source", "field.too_long", "Max", maxLine)
	check(c.LawfulBasis.Valid(), "lawful_basis", "field.choice")
	check(fits(c.LawfulBasisNote, maxLine), "lawful_basis_note", "field.too_long", "Max", maxLine)
	check(fits(c.Notes, maxNotes), "notes", "field.too_long", "Max", maxNotes)
	_, known := ref.Group(c.StakeholderGroup)
	check(known, "stakeholder_group", "field.stakeholder_group")
	_, known = ref.Country(c.Country)
	check(known || c.Country == "", "country", "field.country")
	check(!c.RegionOverridden || geo.Region(c.Region).Valid(), "region", "field.region")
	tags, ok := ParseLanguages(c.Languages)
	check(ok, "language", "field.language_tag")
	c.Languages = tags
	for _, tag := range strings.Fields(c.Expertise) {
		check(hasExpertise(ref, tag), "expertise", "field.choice")
	}
	return wrong
}

func fits(text string, limit int) bool { return utf8.RuneCountInString(text) <= limit }

func hasExpertise(ref *geo.Reference, tag string) bool {
	return slices.ContainsFunc(ref.Expertise(), func(e geo.Expertise) bool { return e.Tag == tag })
}

// settle fills in what follows from the rest.
func (c *Contact) settle(ref *geo.Reference) {
	if !c.RegionOverridden {
		c.Region = regionFor(ref, c.StakeholderGroup, c.Country)
	}
	c.SortName = geo.Fold(c.Transliteration)
	if c.SortName == "" {
		c.SortName = geo.Fold(c.Name)
	}
	c.NameKey, c.NameBones = nameKeys(c.Kind, c.Name, c.Transliteration)
}
