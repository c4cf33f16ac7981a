package contact

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/contact/names"
	"github.com/convoke/convoke/internal/db"
)

// likely is the score from which on a pair is shown to officers.
const likely = 50

// Evidence is what speaks for and against two contacts being one, as codes with their weight. The sum is the score.
//
//	same_address      a personal mailbox that both have
//	shared_mailbox    a mailbox of a function that both have: several people may read it
//	name_…            how close the names are, see names.Likeness; name_part where one is a part of the other
//	common_name       several others have the name too
//	same_organization organization_differs   same_country country_differs
type evidence struct {
	code   string
	weight int
}

// profile is what two contacts are compared by.
type profile struct {
	ID              int64
	Kind            Kind
	Name            string
	Transliteration string
	Country         string
	organizations   []string
	orgIDs          []int64
	personal        []int64 // addresses
	role            []int64
}

// around: what the comparison knows beyond the two.
type familiar struct {
	// known says whether a word is part of several names: then it is hardly another with a typing error.
	known map[string]bool
	// alike remembers of names of organizations whether they are of one.
	alike map[[2]string]bool
	// sharing is how many contacts have the key of a name.
	sharing int
}

// weigh compares two contacts of one kind.
func weigh(a, b *profile, f familiar) []evidence {
	match := names.Compare(nameKind(a.Kind), written(a), written(b))
	if match.Likeness == names.Near && f.known[match.Left] && f.known[match.Right] {
		match.Likeness = names.Different
	}
	name := nameEvidence(a.Kind, match.Likeness)
	box := mailboxEvidence(a, b)
	if name.weight == 0 && box.weight > 0 && names.PartOf(nameKind(a.Kind), written(a), written(b)) {
		name = evidence{"name_part", 20}
	}
	if name.weight == 0 && names.Comparable(written(a), written(b)) { // a family at one mailbox
		name = evidence{"name_differs", -60}
	}
	all := []evidence{name, box, countryEvidence(a, b)}
	if a.Kind == Person {
		all = append(all, organizationEvidence(a, b, f.alike))
	}
	if f.sharing > 3 && box.code != "same_address" && !agrees(all, "same_organization") {
		all = append(all, evidence{"common_name", -15})
	}
	return slices.DeleteFunc(all, func(e evidence) bool { return e.weight == 0 })
}

func agrees(all []evidence, code string) bool {
	return slices.ContainsFunc(all, func(e evidence) bool { return e.code == code })
}

func written(p *profile) names.Written {
	return names.Written{Name: p.Name, Transliteration: p.Transliteration}
}

func nameEvidence(kind Kind, l names.Likeness) evidence {
	weight := map[names.Likeness]int{
		names.Identical: 50, names.Disguise: 60, names.Reordered: 48, names.Spelled: 45, names.Script: 45, names.Near: 25,
	}[l]
	if weight > 0 && kind == Organization { // names of organizations are their own
		weight += 20
	}
	return evidence{"name_" + string(l), weight}
}

func mailboxEvidence(a, b *profile) evidence {
	switch {
	case share(a.personal, b.personal):
		return evidence{"same_address", 45}
	case share(a.role, b.role) && a.Kind == Organization:
		return evidence{"same_address", 30}
	case share(a.role, b.role):
		return evidence{"shared_mailbox", 10}
	}
	return evidence{}
}

func share(a, b []int64) bool {
	return slices.ContainsFunc(a, func(id int64) bool { return slices.Contains(b, id) })
}

func countryEvidence(a, b *profile) evidence {
	switch {
	case a.Country == "" || b.Country == "":
		return evidence{}
	case a.Country == b.Country:
		return evidence{"same_country", 8}
	}
	return evidence{"country_differs", -20}
}

// organizationEvidence: people who work elsewhere are others, unless nobody said where one works.
func organizationEvidence(a, b *profile, alike map[[2]string]bool) evidence {
	if len(a.organizations) == 0 || len(b.organizations) == 0 {
		return evidence{}
	}
	if share(a.orgIDs, b.orgIDs) {
		return evidence{"same_organization", 30}
	}
	for _, o := range a.organizations {
		for _, p := range b.organizations {
			one, seen := alike[[2]string{o, p}]
			if !seen {
				one = sameOrganization(o, p)
				alike[[2]string{o, p}] = one
			}
			if one {
				return evidence{"same_organization", 25}
			}
		}
	}
	return evidence{"organization_differs", -35}
}

func sameOrganization(a, b string) bool {
	x, y := names.Written{Name: a}, names.Written{Name: b}
	return names.Compare(names.Organization, x, y).Likeness != names.Different || names.Acronym(a, b) || names.PartOf(names.Organization, x, y)
}

// pairOf makes a pair of what speaks for it; ok is false where too little does.
func pairOf(a, b *profile, all []evidence) (Pair, bool) {
	score := 0
	for _, e := range all {
		score += e.weight
	}
	if score < likely {
		return Pair{}, false
	}
	slices.SortStableFunc(all, func(x, y evidence) int { return y.weight - x.weight })
	codes := make([]string, len(all))
	for i, e := range all {
		codes[i] = e.code
	}
	return Pair{LowID: min(a.ID, b.ID), HighID: max(a.ID, b.ID), Score: min(score, 100), Reasons: strings.Join(codes, " "), State: PairOpen}, true
}

// score compares the contacts of each pair and gives those that may be one.
func (s *Service) score(tx *db.Tx, pairs []idPair) ([]Pair, error) {
	profiles, err := profilesOf(tx, pairs)
	if err != nil {
		return nil, err
	}
	known, err := knownWords(tx, profiles)
	if err != nil {
		return nil, err
	}
	var found []Pair
	alike := map[[2]string]bool{}
	for _, p := range pairs {
		a, b := profiles[p.Low], profiles[p.High]
		if a == nil || b == nil || a.Kind != b.Kind {
			continue
		}
		if pair, ok := pairOf(a, b, weigh(a, b, familiar{known: known, alike: alike, sharing: p.Sharing})); ok {
			found = append(found, pair)
		}
	}
	return found, nil
}

// equal says whether two contacts are equal, so that a machine may make them one: of one kind, with names that differ at most in
// case, diacritics and spaces, a personal mailbox that both have, and nothing that speaks against it: no other country,
// no other organization.
func equal(a, b *profile) bool {
	return a.Kind == b.Kind && names.Tight(a.Name) != "" && names.Tight(a.Name) == names.Tight(b.Name) &&
		names.Disguised(a.Name) == names.Disguised(b.Name) && share(a.personal, b.personal) &&
		countryEvidence(a, b).weight >= 0 && (a.Kind == Organization || organizationEvidence(a, b, map[[2]string]bool{}).weight >= 0)
}
