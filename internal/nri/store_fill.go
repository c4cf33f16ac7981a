package nri

import (
	"github.com/convoke/convoke/internal/db"
)

// fill adds to initiatives what other tables and the views of other rooms know about them.
func fill(tx *db.Tx, all []Initiative, cycleID int64) error {
	if len(all) == 0 {
		return nil
	}
	if err := fillPlaces(tx, all); err != nil {
		return err
	}
	if err := fillCoordinators(tx, all); err != nil {
		return err
	}
	return fillFacts(tx, all, cycleID)
}

func fillPlaces(tx *db.Tx, all []Initiative) error {
	at := positions(all)
	var countries []nriCountry
	if err := tx.Gorm().Where("nri_id in ?", ids(all)).Order("nri_id, country").Find(&countries).Error; err != nil {
		return err
	}
	for _, c := range countries {
		n := &all[at[c.NRIID]]
		n.Countries = append(n.Countries, c.Country)
	}
	var languages []nriLanguage
	if err := tx.Gorm().Where("nri_id in ?", ids(all)).Order("nri_id, position").Find(&languages).Error; err != nil {
		return err
	}
	for _, l := range languages {
		n := &all[at[l.NRIID]]
		n.Languages = append(n.Languages, l.Language)
	}
	return nil
}

func fillCoordinators(tx *db.Tx, all []Initiative) error {
	at := positions(all)
	var current []Coordinator
	if err := tx.Gorm().Where("nri_id in ? and until is null", ids(all)).Order("since, id").Find(&current).Error; err != nil {
		return err
	}
	if err := nameCoordinators(tx, current); err != nil {
		return err
	}
	for _, c := range current {
		n := &all[at[c.NRIID]]
		n.Coordinators = append(n.Coordinators, c)
		n.Facts.Coordinated = true
	}
	return nil
}

func nameCoordinators(tx *db.Tx, all []Coordinator) error {
	if len(all) == 0 {
		return nil
	}
	var accounts []int64
	for _, c := range all {
		accounts = append(accounts, c.AccountID)
	}
	var rows []struct {
		AccountID int64
		Name      string
	}
	if err := tx.Gorm().Table("account_name").Where("account_id in ?", accounts).Find(&rows).Error; err != nil {
		return err
	}
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.AccountID] = r.Name
	}
	for i := range all {
		all[i].Name = names[all[i].AccountID]
	}
	return nil
}

type tally struct {
	NRIID int64 `gorm:"column:nri_id"`
	Count int
}

func fillFacts(tx *db.Tx, all []Initiative, cycleID int64) error {
	if cycleID == 0 {
		return nil
	}
	at := positions(all)
	relayed, err := tallies(tx, "relay", cycleID, all)
	if err != nil {
		return err
	}
	for _, t := range relayed {
		all[at[t.NRIID]].Facts.Relays = t.Count
	}
	contributed, err := tallies(tx, "counted_contribution", cycleID, all)
	if err != nil {
		return err
	}
	for _, t := range contributed {
		all[at[t.NRIID]].Facts.Contributions = t.Count
	}
	var briefed []int64
	err = tx.Gorm().Table("initiative_contact i").Joins("join briefed_contact b on b.contact_id = i.contact_id").
		Where("b.cycle_id = ? and i.nri_id in ?", cycleID, ids(all)).Pluck("i.nri_id", &briefed).Error
	for _, id := range briefed {
		all[at[id]].Facts.Briefed = true
	}
	return err
}

func tallies(tx *db.Tx, from string, cycleID int64, all []Initiative) ([]tally, error) {
	var rows []tally
	err := tx.Gorm().Table(from).Select("nri_id, count(*) as count").
		Where("cycle_id = ? and nri_id in ?", cycleID, ids(all)).Group("nri_id").Find(&rows).Error
	return rows, err
}

// ownDate reads the later of the initiatives' date of the cycle and its deadline.
func ownDate(tx *db.Tx, cycleID int64) (OwnDate, bool, error) {
	var rows []struct {
		Kind string
		OwnDate
	}
	err := tx.Gorm().Table("cycle_date_now").Select("kind, on_date, zone, at").
		Where("cycle_id = ? and kind in ?", cycleID, []string{"nri_grace", "deadline"}).
		Order("at desc, kind desc").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return OwnDate{}, false, err
	}
	d := rows[0].OwnDate
	d.Grace = rows[0].Kind == "nri_grace"
	return d, true, nil
}

func ids(all []Initiative) []int64 {
	out := make([]int64, len(all))
	for i, n := range all {
		out[i] = n.ID
	}
	return out
}

func positions(all []Initiative) map[int64]int {
	at := make(map[int64]int, len(all))
	for i, n := range all {
		at[n.ID] = i
	}
	return at
}
