package nri

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of initiatives.
func (Initiative) TableName() string { return "nri" }

// TableName is the table of who speaks for them.
func (Coordinator) TableName() string { return "nri_coordinator" }

// TableName is the table of what they passed on.
func (Relay) TableName() string { return "relay" }

// TableName is the table of meetings.
func (Meeting) TableName() string { return "meeting" }

type nriCountry struct {
	NRIID   int64 `gorm:"column:nri_id"`
	Country string
}

func (nriCountry) TableName() string { return "nri_country" }

type nriLanguage struct {
	NRIID    int64 `gorm:"column:nri_id"`
	Position int
	Language string
}

func (nriLanguage) TableName() string { return "nri_language" }

func initiative(tx *db.Tx, id int64) (Initiative, error) {
	var n Initiative
	return n, tx.Gorm().Where("id = ?", id).Take(&n).Error
}

// initiatives lists them in the order of their ids; coordinator narrows to those that an account speaks for.
func initiatives(tx *db.Tx, f Filter, coordinator int64) ([]Initiative, error) {
	limit := f.Limit
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	q := tx.Gorm().Where("id > ?", f.After).Order("id").Limit(limit)
	if coordinator != 0 {
		q = q.Where("id in (select nri_id from current_coordinator where account_id = ?)", coordinator)
	}
	if f.Countries != nil {
		q = q.Where("id in (select nri_id from nri_country where country in ?)", f.Countries)
	}
	if f.Confirmed != nil {
		q = q.Where("confirmed = ?", *f.Confirmed)
	}
	var all []Initiative
	return all, q.Find(&all).Error
}

const maxPage = 500

// saveInitiative inserts where the id is 0, else updates, and replaces countries and languages.
func saveInitiative(tx *db.Tx, n *Initiative) error {
	if err := tx.Gorm().Save(n).Error; err != nil {
		return err
	}
	if _, err := tx.Exec("delete from nri_country where nri_id = ?", n.ID); err != nil {
		return err
	}
	if _, err := tx.Exec("delete from nri_language where nri_id = ?", n.ID); err != nil {
		return err
	}
	for _, c := range n.Countries {
		if err := tx.Gorm().Create(&nriCountry{NRIID: n.ID, Country: c}).Error; err != nil {
			return err
		}
	}
	for i, tag := range n.Languages {
		if err := tx.Gorm().Create(&nriLanguage{NRIID: n.ID, Position: i + 1, Language: tag}).Error; err != nil {
			return err
		}
	}
	return nil
}

func setContact(tx *db.Tx, nriID, contactID int64) error {
	var value any
	if contactID != 0 {
		value = contactID
	}
	_, err := tx.Exec("update nri set contact_id = ? where id = ?", value, nriID)
	return err
}

func initiativesByName(tx *db.Tx) (map[string]Initiative, error) {
	var all []Initiative
	if err := tx.Gorm().Find(&all).Error; err != nil {
		return nil, err
	}
	if err := fillPlaces(tx, all); err != nil {
		return nil, err
	}
	byName := make(map[string]Initiative, len(all))
	for _, n := range all {
		byName[n.Name] = n
	}
	return byName, nil
}

func countryCounts(tx *db.Tx, coordinator int64) (map[string]int, error) {
	var rows []struct {
		Country string
		Count   int
	}
	q := tx.Gorm().Model(&nriCountry{}).Select("country, count(*) as count").Group("country")
	if coordinator != 0 {
		q = q.Where("nri_id in (select nri_id from current_coordinator where account_id = ?)", coordinator)
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Country] = r.Count
	}
	return counts, nil
}

func insertCoordinator(tx *db.Tx, c *Coordinator) error { return tx.Gorm().Create(c).Error }

func endCoordinator(tx *db.Tx, nriID, accountID int64, now time.Time) (int64, error) {
	return tx.Exec("update nri_coordinator set until = ? where nri_id = ? and account_id = ? and until is null", now, nriID, accountID)
}

func speaksFor(tx *db.Tx, nriID, accountID int64) (bool, error) {
	var n int64
	err := tx.Gorm().Table("current_coordinator").Where("nri_id = ? and account_id = ?", nriID, accountID).Count(&n).Error
	return n > 0, err
}

func coordinatorHistory(tx *db.Tx, nriID int64) ([]Coordinator, error) {
	var all []Coordinator
	if err := tx.Gorm().Where("nri_id = ?", nriID).Order("since desc, id desc").Find(&all).Error; err != nil {
		return nil, err
	}
	return all, nameCoordinators(tx, all)
}

func insertRelay(tx *db.Tx, r *Relay) error { return tx.Gorm().Create(r).Error }

func relays(tx *db.Tx, nriID, cycleID int64) ([]Relay, error) {
	var all []Relay
	return all, tx.Gorm().Where("cycle_id = ? and nri_id = ?", cycleID, nriID).Order("on_date desc, id desc").Find(&all).Error
}

func insertMeeting(tx *db.Tx, m *Meeting) error { return tx.Gorm().Create(m).Error }

func meetingsFrom(tx *db.Tx, cycleID int64, from time.Time) ([]Meeting, error) {
	var all []Meeting
	return all, tx.Gorm().Where("cycle_id = ? and starts_at >= ?", cycleID, from).Order("starts_at, id").Limit(50).Find(&all).Error
}
