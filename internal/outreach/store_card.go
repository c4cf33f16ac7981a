package outreach

import (
	"database/sql"
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

const cardSelect = `select k.contact_id, k.kind, k.name, k.sort_name, k.country, l.region, l.stakeholder_group,
	k.languages, k.language_chain, k.expertise,
	exists (select 1 from usable_address u where u.contact_id = k.contact_id) as usable,
	exists (select 1 from bounced_contact b where b.contact_id = k.contact_id) as bounced,
	exists (select 1 from opted_out_contact x where x.contact_id = k.contact_id)
		or exists (select 1 from cycle_opted_out_contact x where x.contact_id = k.contact_id and x.cycle_id = l.cycle_id) as opted_out`

const cardFrom = ` from listed_contact l join contact_card k on k.contact_id = l.contact_id where l.cycle_id = ?`

// cardOf is a contact on the list of a cycle.
func cardOf(tx *db.Tx, cycleID, contactID int64) (Card, error) {
	var cards []Card
	err := tx.Scan(&cards, cardSelect+`,
	exists (select 1 from responded_contact p where p.cycle_id = l.cycle_id and p.contact_id = l.contact_id) as responded`+cardFrom+
		" and l.contact_id = ?", cycleID, contactID)
	if err != nil {
		return Card{}, err
	}
	if len(cards) == 0 {
		return Card{}, sql.ErrNoRows
	}
	err = tx.Gorm().Raw("select contact_id, organization_id, name from contact_organization where contact_id = ? order by organization_id", contactID).
		Scan(&cards[0].Organizations).Error
	return cards[0], err
}

// openCard is a contact at which something may be missing.
type openCard struct {
	Card
	Claimed   bool // somebody is on it
	ReachHeld bool // the actor cannot claim it to reach out
	FindHeld  bool // the actor cannot claim it to find an address
	Reached   bool
	Short     bool `gorm:"-"` // its cell is under its target
	Tried     int
}

// taken says that the actor cannot claim for a purpose: it is held, or the actor let it go lately.
const taken = `exists (select 1 from claim v where v.cycle_id = l.cycle_id and v.contact_id = l.contact_id
	and (v.purpose = ? and v.state = 'active' and v.expires_at > ?
		or v.volunteer_id = ? and (v.state <> 'active' or v.expires_at <= ?) and (` + letGo + `)))`

// takenArgs are the args of taken.
func takenArgs(p Purpose, actorID int64, now time.Time) []any {
	return []any{p, now, actorID, now, p, now.Add(-Cooldown), now.Add(-Cooldown)}
}

// openSelect has the args of takenArgs for both purposes, after the present instant.
const openSelect = cardSelect + `,
	exists (select 1 from live_claim v where v.cycle_id = l.cycle_id and v.contact_id = l.contact_id and v.purpose = 'reach_out' and v.expires_at > ?) as claimed,
	` + taken + ` as reach_held, ` + taken + ` as find_held,
	exists (select 1 from reached_contact r where r.cycle_id = l.cycle_id and r.contact_id = l.contact_id) as reached,
	(select count(*) from attempt a where a.cycle_id = l.cycle_id and a.contact_id = l.contact_id) as tried`

// stillOpen leaves out whom nobody needs to approach any more.
const stillOpen = `
	and not exists (select 1 from responded_contact p where p.cycle_id = l.cycle_id and p.contact_id = l.contact_id)
	and not exists (select 1 from opted_out_contact x where x.contact_id = l.contact_id)
	and not exists (select 1 from cycle_opted_out_contact x where x.contact_id = l.contact_id and x.cycle_id = l.cycle_id)
	and (not exists (select 1 from usable_address u where u.contact_id = l.contact_id)
		or not exists (select 1 from reached_contact r where r.cycle_id = l.cycle_id and r.contact_id = l.contact_id))`

// openCards reads the open ones among some contacts; ids nil means all of the list, maxGaps at the most.
func openCards(tx *db.Tx, cycleID, actorID int64, now time.Time, ids []int64) ([]openCard, error) {
	args := append([]any{now}, takenArgs(ReachOut, actorID, now)...)
	args = append(append(args, takenArgs(FindAddress, actorID, now)...), cycleID)
	among := ""
	if ids != nil {
		among, args = " and l.contact_id in "+inList(len(ids)), append(args, anyOf(ids)...)
	}
	var cards []openCard
	err := tx.Scan(&cards, openSelect+cardFrom+stillOpen+among+" order by l.contact_id limit ?", append(args, maxGaps)...)
	if err != nil || len(cards) == 0 {
		return cards, err
	}
	if err := withOrganizations(tx, cards); err != nil {
		return nil, err
	}
	return cards, withTargets(tx, cycleID, cards)
}

// withOrganizations reads the organizations of these contacts only: a list may hold a million.
func withOrganizations(tx *db.Tx, cards []openCard) error {
	at := make(map[int64]int, len(cards))
	ids := make([]int64, len(cards))
	for i := range cards {
		at[cards[i].ContactID], ids[i] = i, cards[i].ContactID
	}
	for len(ids) > 0 {
		n := min(len(ids), linesAtOnce)
		var ties []Org
		err := tx.Gorm().Raw(`select contact_id, organization_id, name from contact_organization where contact_id in ?
			order by contact_id, organization_id`, ids[:n]).Scan(&ties).Error
		if err != nil {
			return err
		}
		for _, t := range ties {
			c := &cards[at[t.ContactID]]
			c.Organizations = append(c.Organizations, t)
		}
		ids = ids[n:]
	}
	return nil
}

func withTargets(tx *db.Tx, cycleID int64, cards []openCard) error {
	targets, err := targetsOf(tx, cycleID)
	if err != nil || len(targets) == 0 {
		return err
	}
	listed, err := listedCells(tx, cycleID)
	if err != nil {
		return err
	}
	for i := range cards {
		at := cellKey{cards[i].StakeholderGroup, cards[i].Region}
		cards[i].Short = targets[at] > listed[at]
	}
	return nil
}

type cellKey struct{ group, region string }

type target struct {
	CycleID          int64
	StakeholderGroup string
	Region           string
	Count            int
}

func (target) TableName() string { return "target" }

func targetsOf(tx *db.Tx, cycleID int64) (map[cellKey]int, error) {
	var rows []target
	err := tx.Gorm().Where("cycle_id = ?", cycleID).Find(&rows).Error
	all := make(map[cellKey]int, len(rows))
	for _, r := range rows {
		all[cellKey{r.StakeholderGroup, r.Region}] = r.Count
	}
	return all, err
}

func listedCells(tx *db.Tx, cycleID int64) (map[cellKey]int, error) {
	var rows []target
	err := tx.Scan(&rows, "select stakeholder_group, region, listed as count from listed_cell where cycle_id = ?", cycleID)
	all := make(map[cellKey]int, len(rows))
	for _, r := range rows {
		all[cellKey{r.StakeholderGroup, r.Region}] = r.Count
	}
	return all, err
}

// targetOf is 0 where none is set.
func targetOf(tx *db.Tx, cycleID int64, group, region string) (int, error) {
	all, err := targetsOf(tx, cycleID)
	return all[cellKey{group, region}], err
}

func saveTarget(tx *db.Tx, t target) error {
	if t.Count == 0 {
		_, err := tx.Exec("delete from target where cycle_id = ? and stakeholder_group = ? and region = ?", t.CycleID, t.StakeholderGroup, t.Region)
		return err
	}
	return tx.Gorm().Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "cycle_id"}, {Name: "stakeholder_group"}, {Name: "region"}},
		DoUpdates: clause.AssignmentColumns([]string{"count"}),
	}).Create(&t).Error
}
