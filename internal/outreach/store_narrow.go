package outreach

import (
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// What a large list is narrowed by before its contacts are looked at one by one. The numbers bound what a
// page costs, whatever the list holds.
const (
	exactUpTo = 2000 // contacts on a list: all of them are matched
	perTier   = 200  // contacts that each connection brings in
	enough    = 400  // after which wider connections are not asked any more
	sample    = 1000 // of which those who share a language are found, where nothing else narrows
)

// listSize is how many contacts are on the list of a cycle. It costs the same for a million.
func listSize(tx *db.Tx, cycleID int64) (int, error) {
	var n int
	err := tx.QueryRow("select coalesce(sum(listed), 0) from listed_cell where cycle_id = ?", cycleID).Scan(&n)
	return n, err
}

// Where the reading of contacts begins: SQLite is told by saying cross, because it knows nothing of how many rows there are.
const (
	fromList    = ` from listed_fact l cross join contact_card k`
	fromCountry = ` from contact_card k cross join listed_fact l`
)

// light are contacts at which something is missing and whom nobody holds, by the flags that the contacts'
// room keeps. Its args are the cycle and the present instant.
const light = `
	where k.contact_id = l.contact_id and l.cycle_id = ? and not l.responded and (l.unreached or l.no_address or l.bounced)
	and not exists (select 1 from live_claim v where v.cycle_id = l.cycle_id and v.contact_id = l.contact_id and v.expires_at > ?)`

// lightSelect reads what matching needs of them.
const lightSelect = `select l.contact_id, k.kind, k.name, k.sort_name, k.country, l.region, l.stakeholder_group,
	k.languages, k.language_chain, k.expertise, l.addressable as usable, l.bounced`

// tier is a condition on contacts that a volunteer is connected to.
type tier struct {
	from  string
	where string
	args  []any
}

// lightCards reads the contacts of each tier, the narrowest first and each contact once, until there are enough.
func lightCards(tx *db.Tx, cycleID int64, now time.Time, tiers []tier) ([]Card, error) {
	var all []Card
	seen := map[int64]bool{}
	for _, t := range tiers {
		var some []Card
		args := append(append([]any{cycleID, now}, t.args...), perTier)
		if err := tx.Scan(&some, lightSelect+t.from+light+" and "+t.where+" limit ?", args...); err != nil {
			return nil, err
		}
		for _, c := range some {
			if !seen[c.ContactID] {
				seen[c.ContactID] = true
				all = append(all, c)
			}
		}
		if len(all) >= enough {
			break
		}
	}
	return all, nil
}

// sampleCards reads some contacts of a list, for those who share nothing but a language.
func sampleCards(tx *db.Tx, cycleID int64, now time.Time) ([]Card, error) {
	var all []Card
	return all, tx.Scan(&all, lightSelect+fromList+light+" limit ?", cycleID, now, sample)
}

// planIDs are the contacts that somebody should take on, those without an address that works first.
func planIDs(tx *db.Tx, cycleID int64, now time.Time) ([]int64, error) {
	var ids []int64
	for _, where := range []string{" and not l.addressable", " and l.addressable"} {
		var some []int64
		err := tx.Scan(&some, "select l.contact_id"+fromList+light+where+" order by l.contact_id limit ?", cycleID, now, maxPlan-len(ids))
		if err != nil {
			return nil, err
		}
		if ids = append(ids, some...); len(ids) >= maxPlan {
			break
		}
	}
	return ids, nil
}

// inheritedIDs are the contacts that volunteers did not reach, those with the most tries first.
func inheritedIDs(tx *db.Tx, cycleID int64) ([]int64, error) {
	ids := []int64{}
	return ids, tx.Scan(&ids, `select i.contact_id from unreached_contact i
		left join attempt a on a.cycle_id = i.cycle_id and a.contact_id = i.contact_id
		where i.cycle_id = ? group by i.contact_id order by count(a.id) desc, i.contact_id limit ?`, cycleID, maxInherited)
}

func inList(n int) string { return "(?" + strings.Repeat(", ?", max(0, n-1)) + ")" }

func anyOf[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}
