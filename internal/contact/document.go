package contact

import (
	"strconv"
	"strings"
)

// document collects the words of a contact, each once.
type document struct {
	words []string
	known map[string]bool
}

func (d *document) add(prefix string, words ...string) {
	for _, word := range words {
		if word = prefix + word; word != prefix && !d.known[word] {
			d.known[word] = true
			d.words = append(d.words, word)
		}
	}
}

// documentOf is all words that find a contact, with a space before and after each.
func documentOf(c *Contact, at around, f found) string {
	d := &document{known: map[string]bool{}}
	d.add("", everyContact)
	d.add("", textWords(c.Name)...)
	d.add("", textWords(c.Transliteration)...)
	for _, o := range at.Organizations {
		d.add("", textWords(o.Name)...)
		d.add("", textWords(o.Transliteration)...)
	}
	d.add(facetKind, facetWord(string(c.Kind)))
	d.add(facetGroup, facetWord(c.StakeholderGroup))
	d.add(facetRegion, facetWord(c.Region))
	d.add(facetCountry, facetWord(c.Country))
	d.add(facetExpertise, facetWords(strings.Fields(c.Expertise))...)
	for _, f := range at.Functions {
		d.add(facetFunction, facetWord(string(f)))
	}
	d.add(facetSource, facetWord(c.Source))
	d.add(facetAddress, facetWord(string(f.AddressState)))
	d.add(facetScript, strconv.Itoa(int(f.Script)))
	if at.ImportID != 0 {
		d.add(facetImport, strconv.FormatInt(at.ImportID, 10))
	}
	d.languages(c)
	d.listings(at.Listings)
	for _, a := range at.Addresses {
		d.add(ofAddress, addressWords(a.Email)...)
	}
	if c.Notes != "" {
		d.add("", hasNotesWord)
		d.add(ofNotes, textWords(c.Notes)...)
	}
	return " " + strings.Join(d.words, " ") + " "
}

// languages are those of the contact and the first that one would write in.
func (d *document) languages(c *Contact) {
	own := strings.Fields(c.Languages)
	if len(own) == 0 {
		d.add("", noLanguageWord)
	}
	if chain := strings.Fields(c.LanguageChain); len(chain) > 0 {
		own = append(own, chain[0])
	}
	for _, tag := range own {
		d.add("", languageFacets(tag)...)
	}
}

func (d *document) listings(all []listedAs) {
	if len(all) == 0 {
		d.add("", unlistedWord)
	}
	for _, l := range all {
		d.add(facetListed, strconv.FormatInt(l.CycleID, 10))
		d.add(facetListedGroup(l.CycleID), facetWord(l.StakeholderGroup))
		d.add(facetListedRegion(l.CycleID), facetWord(l.Region))
		if l.Unreached {
			d.add(facetUnreached, strconv.FormatInt(l.CycleID, 10))
		}
	}
}
