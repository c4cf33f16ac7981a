package outreach

import (
	"strconv"

	"github.com/convoke/convoke/internal/db"
)

// pastOf names what a volunteer tried before: people of an organization, a country or a group.
type pastOf struct {
	kind  Kind
	value string
}

// tally counts contacts that a volunteer tried in any cycle.
type tally struct{ reached, declined, tried int }

// What the past counts. That somebody reaches people of a house is worth as much as a common language; of a
// country or a group it is a hint, and only from the second contact on.
const (
	pastOrganizationWeight = 30
	pastCountryWeight      = 12
	pastGroupWeight        = 8
	loadWeight             = 2 // taken away for each claim on hand
)

// points weigh a tally: half of those reached in the long run, less for who declined or never answered. Two
// imagined contacts without an outcome keep a single success from counting like ten.
func (t tally) points(weight int) int {
	silent := t.tried - t.reached - t.declined
	return weight * (2*t.reached - 2*t.declined - silent) / (2 * (t.tried + 2))
}

// remember moves the fit by what the volunteer did before and holds now.
func (p profile) remember(f *fit, t *traits) {
	if len(p.past) > 0 {
		for i, id := range t.organizations {
			if p.recall(f, pastOf{PastOrganization, id}, t.Organizations[i].Name, pastOrganizationWeight, 1) {
				break
			}
		}
		p.recall(f, pastOf{PastCountry, t.Country}, "", pastCountryWeight, 2)
		p.recall(f, pastOf{PastGroup, t.StakeholderGroup}, "", pastGroupWeight, 2)
	}
	if p.live > 0 {
		f.score -= loadWeight * p.live
		if f.explain {
			f.reasons = append(f.reasons, Reason{Kind: OnHand, Tried: p.live})
		}
	}
}

func (p profile) recall(f *fit, of pastOf, name string, weight, least int) bool {
	t, ok := p.past[of]
	if !ok || of.value == "" || t.tried < least {
		return false
	}
	f.score += t.points(weight)
	if f.explain {
		f.reasons = append(f.reasons, Reason{Kind: of.kind, Value: of.value, Name: name, Reached: t.reached, Tried: t.tried})
	}
	return true
}

// profileIn is one member as matching sees them. For who is no volunteer nothing but what they declared is known.
func (s *Service) profileIn(tx *db.Tx, accountID int64) (profile, error) {
	all, err := s.profilesIn(tx, []int64{accountID})
	if err != nil {
		return profile{}, err
	}
	return all[accountID], nil
}

// profilesIn are members as matching sees them: language, declared connections, conflicts of interest that
// follow from their own contact record, and past outcomes.
func (s *Service) profilesIn(tx *db.Tx, ids []int64) (map[int64]profile, error) {
	all := make(map[int64]profile, len(ids))
	for _, id := range ids {
		all[id] = profile{ties: map[Kind][]string{}, past: map[pastOf]tally{}}
	}
	people, err := volunteersIn(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, v := range people {
		all[v.ID].speak(v.Language)
	}
	connections, err := connectionsOf(tx, ids)
	if err != nil {
		return nil, err
	}
	barred, err := conflictsOf(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, c := range append(connections, barred...) {
		ties := all[c.AccountID].ties
		ties[c.Kind] = append(ties[c.Kind], c.Value)
	}
	return all, s.withPast(tx, ids, all)
}

func (s *Service) withPast(tx *db.Tx, ids []int64, all map[int64]profile) error {
	tried, err := triedBy(tx, ids)
	if err != nil || len(tried) == 0 {
		return err
	}
	ties, err := organizationsTriedBy(tx, ids)
	if err != nil {
		return err
	}
	of := map[int64][]int64{}
	for _, t := range ties {
		of[t.ContactID] = append(of[t.ContactID], t.OrganizationID)
	}
	for _, t := range tried {
		past := all[t.VolunteerID].past
		count := func(at pastOf) {
			sum := past[at]
			sum.tried++
			switch {
			case t.Declined:
				sum.declined++
			case t.Reached:
				sum.reached++
			}
			past[at] = sum
		}
		count(pastOf{PastCountry, t.Country})
		count(pastOf{PastGroup, t.StakeholderGroup})
		for _, id := range of[t.ContactID] {
			count(pastOf{PastOrganization, strconv.FormatInt(id, 10)})
		}
	}
	return nil
}
