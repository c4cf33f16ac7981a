package outreach

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// countCells gives the cells that have contacts or a target; countries nil means all, with targets.
// All are counted already; a few countries are counted here, over flags.
func countCells(tx *db.Tx, cycleID int64, countries []string, now time.Time) ([]Cell, error) {
	var counted []Cell
	var err error
	if countries == nil {
		err = tx.Scan(&counted, `select stakeholder_group, region, listed, addressable, approached, responded,
			no_address, bounced, no_language, unreached as unclaimed from listed_cell
			where cycle_id = ? and listed > 0 order by stakeholder_group, region`, cycleID)
	} else {
		err = tx.Gorm().Raw(`select f.stakeholder_group, f.region, count(*) as listed, `+sumFlags+`
			from listed_fact f join contact_card k on k.contact_id = f.contact_id
			where f.cycle_id = ? and k.country in ? group by f.stakeholder_group, f.region order by f.stakeholder_group, f.region`, cycleID, countries).Scan(&counted).Error
	}
	if err != nil {
		return nil, err
	}
	if err := withoutClaimed(tx, cycleID, countries, now, counted); err != nil || countries != nil {
		return counted, err
	}
	return targeted(tx, cycleID, counted)
}

const sumFlags = `sum(case when f.addressable then 1 else 0 end) as addressable,
	sum(case when f.approached then 1 else 0 end) as approached,
	sum(case when f.responded then 1 else 0 end) as responded,
	sum(case when f.no_address then 1 else 0 end) as no_address,
	sum(case when f.bounced then 1 else 0 end) as bounced,
	sum(case when f.no_language then 1 else 0 end) as no_language,
	sum(case when f.unreached then 1 else 0 end) as unclaimed`

// withoutClaimed takes those off whom somebody holds now: claims are few, and end with the clock. The join begins with them,
// which SQLite is told by saying cross: it knows nothing of how many rows there are.
func withoutClaimed(tx *db.Tx, cycleID int64, countries []string, now time.Time, cells []Cell) error {
	query := `select f.stakeholder_group, f.region, count(*) as count
		from live_claim v cross join listed_fact f cross join contact_card k
		where f.cycle_id = v.cycle_id and f.contact_id = v.contact_id and k.contact_id = v.contact_id
		and v.cycle_id = ? and v.purpose = ? and v.expires_at > ? and f.unreached`
	args := []any{cycleID, ReachOut, now}
	if countries != nil {
		query, args = query+" and k.country in ?", append(args, countries)
	}
	var held []target
	if err := tx.Gorm().Raw(query+" group by f.stakeholder_group, f.region", args...).Scan(&held).Error; err != nil {
		return err
	}
	for _, h := range held {
		for i := range cells {
			if cells[i].StakeholderGroup == h.StakeholderGroup && cells[i].Region == h.Region {
				cells[i].Unclaimed -= h.Count
			}
		}
	}
	return nil
}

// targeted adds the targets, and the cells that have nothing but one.
func targeted(tx *db.Tx, cycleID int64, counted []Cell) ([]Cell, error) {
	targets, err := targetsOf(tx, cycleID)
	for i, c := range counted {
		at := cellKey{c.StakeholderGroup, c.Region}
		counted[i].Target = targets[at]
		counted[i].Short = max(0, targets[at]-c.Listed)
		delete(targets, at)
	}
	for at, count := range targets {
		counted = append(counted, Cell{StakeholderGroup: at.group, Region: at.region, Numbers: Numbers{Target: count, Short: count}})
	}
	return counted, err
}
