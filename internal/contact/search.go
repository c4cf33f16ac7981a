package contact

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
)

// The words of a search document by which filters find it. They begin with a colon, which no name does.
// A word of a cycle has the id of the cycle in it.
const (
	facetKind      = ":k:"
	facetGroup     = ":g:"
	facetRegion    = ":r:"
	facetCountry   = ":c:"
	facetLanguage  = ":l:"
	facetExpertise = ":e:"
	facetFunction  = ":f:" // at the organizations that a person belongs to now
	facetAddress   = ":a:"
	facetSource    = ":s:"
	facetImport    = ":i:"
	facetScript    = ":w:"
	facetListed    = ":y:"
	facetUnreached = ":u:"
	noLanguageWord = ":l0:"
	hasNotesWord   = ":n1:"
	unlistedWord   = ":y0:" // on the list of no cycle
)

func numbered(facet string, id int64) string { return facet + strconv.FormatInt(id, 10) }

func facetListedGroup(cycleID int64) string { return numbered(":yg", cycleID) + ":" }

func facetListedRegion(cycleID int64) string { return numbered(":yr", cycleID) + ":" }

// search is a Filter with what the actor, the targets and the clock add to it.
type search struct {
	match     match // nil: everybody
	unclaimed int64 // the cycle in which nobody may hold a claim to reach out; 0: it does not matter
	now       time.Time
	reach     reach
}

// search says what a filter wants. The error is errs.Invalid with the fields that make no sense.
func (s *Service) search(tx *db.Tx, by account.Actor, f Filter) (search, error) {
	if err := f.validate(); err != nil {
		return search{}, err
	}
	everything := by.Scope(account.AddressRead) == account.All
	unlisted, err := notListed(tx, f.CycleID)
	if err != nil {
		return search{}, err
	}
	m := both(queryMatch(f.Query, everything, s.Normalize), f.facets(unlisted))
	m = both(m, f.withheld(everything))
	if countries := countriesOf(by); countries != nil {
		m = both(m, oneWordOf(facetCountry, facetWords(countries)))
	}
	wanted := search{match: m, now: s.Now(), reach: s.reach}
	return wanted, f.gap(tx, &wanted)
}

func (f Filter) facets(unlisted match) match {
	var m match
	add := func(facet, value string) {
		if value != "" {
			m = both(m, exactly(facet+facetWord(value)))
		}
	}
	add(facetKind, string(f.Kind))
	add(facetCountry, f.Country)
	for _, tag := range strings.Fields(f.Language) { // several: who speaks all of them
		add(facetLanguage, tag)
	}
	add(facetExpertise, f.Expertise)
	add(facetFunction, string(f.Function))
	add(facetAddress, string(f.AddressState))
	if f.Import != 0 {
		m = both(m, exactly(numbered(facetImport, f.Import)))
	}
	m = both(m, f.inCell(facetGroup, facetListedGroup(f.CycleID), f.StakeholderGroup, unlisted))
	m = both(m, f.inCell(facetRegion, facetListedRegion(f.CycleID), f.Region, unlisted))
	switch {
	case f.CycleID == 0:
		return m
	case f.Listed == Yes:
		m = both(m, exactly(numbered(facetListed, f.CycleID)))
	case f.Listed == No:
		m = both(m, unlisted)
	}
	return m
}

// inCell asks the list of the cycle, and the contact itself where it is not on it.
func (f Filter) inCell(own, listed, value string, unlisted match) match {
	word := facetWord(value)
	switch {
	case value == "":
		return nil
	case f.CycleID == 0:
		return exactly(own + word)
	case f.Listed == Yes:
		return exactly(listed + word)
	}
	return oneOf{exactly(listed + word), allOf{exactly(own + word), unlisted}}
}

// withheld are the filters by what a page shows to few: for others they find nobody.
func (f Filter) withheld(everything bool) match {
	if f.Source == "" && f.HasNotes == "" {
		return nil
	}
	if !everything {
		return nothing()
	}
	var m match
	if f.Source != "" {
		m = exactly(facetSource + facetWord(f.Source))
	}
	switch f.HasNotes {
	case Yes:
		m = both(m, exactly(hasNotesWord))
	case No:
		m = both(m, not{exactly(hasNotesWord)})
	}
	return m
}

// notListed finds who is not on the list of a cycle. It names the cycles on whose list they may be instead,
// because an index finds what is there.
func notListed(tx *db.Tx, cycleID int64) (match, error) {
	m := oneOf{exactly(unlistedWord)}
	others, err := otherCycles(tx, cycleID)
	for _, other := range others {
		m = append(m, allOf{exactly(numbered(facetListed, other)), not{exactly(numbered(facetListed, cycleID))}})
	}
	return m, err
}

func (f Filter) gap(tx *db.Tx, wanted *search) error {
	var m match
	switch f.Gap {
	case NoAddress:
		m = exactly(facetAddress + string(NoAddresses))
	case BouncedAddress:
		m = exactly(facetAddress + string(AllBounced))
	case NoLanguage:
		m = exactly(noLanguageWord)
	case NoClaimant:
		m, wanted.unclaimed = exactly(numbered(facetUnreached, f.CycleID)), f.CycleID
	case UnderTarget:
		cells, err := shortCells(tx, f.CycleID)
		if err != nil {
			return err
		}
		m = inCells(f.CycleID, slices.DeleteFunc(cells, f.elsewhere))
	}
	wanted.match = both(wanted.match, m)
	return nil
}

// shortCell is a cell of the matrix with fewer contacts than its target.
type shortCell struct {
	StakeholderGroup string
	Region           string
}

// elsewhere says of a cell that the filter leaves it out.
func (f Filter) elsewhere(c shortCell) bool {
	return f.StakeholderGroup != "" && f.StakeholderGroup != c.StakeholderGroup || f.Region != "" && f.Region != c.Region
}

// inCells finds who is on the list in one of the cells. The region is asked first: most rows are of another.
func inCells(cycleID int64, cells []shortCell) match {
	groups := map[string]oneOf{} // by region
	for _, c := range cells {
		groups[c.Region] = append(groups[c.Region], exactly(facetListedGroup(cycleID)+facetWord(c.StakeholderGroup)))
	}
	all := oneOf{}
	for _, region := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, allOf{exactly(facetListedRegion(cycleID) + facetWord(region)), groups[region]})
	}
	return all
}

func facetWords(values []string) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = facetWord(v)
	}
	return words
}

// languageFacets are the tag and what it is a form of: "pt-BR" is found by "pt".
func languageFacets(tag string) []string {
	words := []string{facetLanguage + facetWord(tag)}
	if base, _, more := strings.Cut(tag, "-"); more {
		words = append(words, facetLanguage+facetWord(base))
	}
	return words
}
