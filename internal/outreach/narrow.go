package outreach

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
)

// MaxMatches is how many gaps a large list gives at most: the best of those that the volunteer is connected to.
const MaxMatches = 60

// candidatesFor gives the contacts among which the gaps of a volunteer are looked for, nil for all of the list.
// On a large list they are those that the volunteer is connected to, and of these the ones that match best.
func (s *Service) candidatesFor(tx *db.Tx, cycleID int64, p profile, now time.Time) ([]int64, error) {
	size, err := listSize(tx, cycleID)
	if err != nil || size <= exactUpTo {
		return nil, err
	}
	cards, err := lightCards(tx, cycleID, now, s.tiers(p))
	if err != nil {
		return nil, err
	}
	if len(cards) < MaxMatches {
		more, err := sampleCards(tx, cycleID, now)
		if err != nil {
			return nil, err
		}
		cards = append(cards, more...)
	}
	return s.best(p, cards), nil
}

// best are the contacts that suit the volunteer best; at the same fit those without an address come first.
func (s *Service) best(p profile, cards []Card) []int64 {
	type scored struct {
		id      int64
		urgency int
		score   int
	}
	all := make([]scored, 0, len(cards))
	seen := make(map[int64]bool, len(cards))
	for i := range cards {
		c := &cards[i]
		if seen[c.ContactID] {
			continue
		}
		seen[c.ContactID] = true
		t := traitsOf(s.Reference, c)
		f := p.fit(&t, false)
		all = append(all, scored{c.ContactID, boolFirst(!c.Usable, true), f.score})
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.urgency, b.urgency), cmp.Compare(a.id, b.id))
	})
	ids := []int64{}
	for _, c := range all[:min(len(all), MaxMatches)] {
		ids = append(ids, c.id)
	}
	return ids
}

// tiers are the conditions under which a volunteer is connected to a contact, the narrowest first.
func (s *Service) tiers(p profile) []tier {
	groups, regions, countries := anyOf(p.ties[KnowsGroup]), anyOf(p.ties[KnowsRegion]), anyOf(p.ties[KnowsCountry])
	byGroup, byRegion, byCountry := "l.stakeholder_group in "+inList(len(groups)), "l.region in "+inList(len(regions)), "k.country in "+inList(len(countries))
	var all []tier
	add := func(from, where string, args ...[]any) {
		t := tier{from: from, where: where}
		for _, a := range args {
			if len(a) == 0 {
				return
			}
			t.args = append(t.args, a...)
		}
		all = append(all, t)
	}
	if ids := numbers(p.ties[SameOrganization]); len(ids) > 0 {
		add(fromList, "l.contact_id in (select contact_id from contact_organization where organization_id in "+inList(len(ids))+")", anyOf(ids))
	}
	add(fromCountry, byCountry+" and "+byGroup, countries, groups)
	add(fromCountry, byCountry, countries)
	add(fromList, byGroup+" and "+byRegion, groups, regions)
	if of := s.countriesOf(p.ties[KnowsRIR]); len(of) > 0 {
		add(fromList, "l.stakeholder_group = ? and k.country in "+inList(len(of)), []any{geo.GroupTechnicalCommunity}, anyOf(of))
	}
	add(fromList, byGroup, groups)
	add(fromList, byRegion, regions)
	return all
}

// countriesOf are the countries of registries.
func (s *Service) countriesOf(registries []string) []string {
	var codes []string
	for _, c := range s.Reference.Countries() {
		if c.RIR != "" && slices.Contains(registries, c.RIR) {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

func numbers(values []string) []int64 {
	var all []int64
	for _, v := range values {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			all = append(all, n)
		}
	}
	return all
}
