package cycle

import (
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// TableName is the table of own dates.
func (OwnDate) TableName() string { return "own_date" }

func insertOwn(tx *db.Tx, d *OwnDate) error { return tx.Gorm().Create(d).Error }

func saveEnd(tx *db.Tx, d *OwnDate) error {
	_, err := tx.Exec("update own_date set state = ?, ended_at = ? where id = ?", d.State, d.EndedAt, d.ID)
	return err
}

// lockContact waits for merges, which lock contacts first; SQLite has one writer anyway.
func lockContact(tx *db.Tx, contactID int64) error {
	if _, err := contactName(tx, contactID); err != nil || tx.Dialect() != db.Postgres {
		return err
	}
	n, err := tx.Exec("select 1 from contact_card where contact_id = ? for no key update", contactID)
	if err == nil && n == 0 {
		err = contactUnknown(nil)
	}
	return err
}

func contactName(tx *db.Tx, contactID int64) (name string, err error) {
	err = tx.QueryRow("select name from contact_card where contact_id = ?", contactID).Scan(&name)
	if db.IsNotFound(err) {
		err = contactUnknown(nil)
	}
	return name, err
}

func contactUnknown(err error) error {
	if err != nil {
		return err
	}
	return errs.E(errs.NotFound, "contact.not_found")
}

func currentOwn(tx *db.Tx, cycleID, contactID int64) (*OwnDate, error) {
	var d OwnDate
	err := tx.Gorm().Where("cycle_id = ? and contact_id = ? and ended_at is null", cycleID, contactID).Take(&d).Error
	if db.IsNotFound(err) {
		return nil, nil
	}
	return &d, err
}

func ownHistory(tx *db.Tx, cycleID, contactID int64) ([]OwnDate, error) {
	var all []OwnDate
	err := tx.Gorm().Where("cycle_id = ? and contact_id = ?", cycleID, contactID).
		Order("case when ended_at is null then 0 else 1 end, applies_from desc, id desc").Find(&all).Error
	return all, err
}

func grantedDates(tx *db.Tx, cycleID int64) ([]Granted, error) {
	var all []Granted
	err := tx.Gorm().Table("own_date d").Select("d.*, c.name").Joins("join contact_card c on c.contact_id = d.contact_id").
		Where("d.cycle_id = ? and d.ended_at is null", cycleID).Order("d.at, c.name, d.id").Find(&all).Error
	return all, err
}

// ownDatesFor are the own dates that applied to contacts at an instant, each contact's and its organization's. Where a cycle has
// none, that is one question to an index.
func ownDatesFor(tx *db.Tx, cycleID int64, whom []Answerer, at time.Time) (map[int64][]OwnDate, error) {
	var all []OwnDate
	err := tx.Gorm().Where("cycle_id = ? and applies_from <= ? and (ended_at is null or ended_at > ?)", cycleID, at, at).Find(&all).Error
	if err != nil || len(all) == 0 {
		return nil, err
	}
	of := make(map[int64][]OwnDate, len(all))
	for _, d := range all {
		of[d.ContactID] = append(of[d.ContactID], d)
	}
	units, err := unitsOf(tx, whom)
	if err != nil {
		return nil, err
	}
	found := map[int64][]OwnDate{}
	for _, who := range whom {
		granted := of[who.ContactID]
		if unit := units[who.ContactID]; unit != who.ContactID {
			granted = append(granted[:len(granted):len(granted)], of[unit]...)
		}
		if len(granted) > 0 {
			found[who.ContactID] = granted
		}
	}
	return found, nil
}

// unitsOf are the organizations that contacts answer for, else themselves.
func unitsOf(tx *db.Tx, whom []Answerer) (map[int64]int64, error) {
	ids := make([]int64, 0, len(whom))
	for _, who := range whom {
		if who.ContactID != 0 {
			ids = append(ids, who.ContactID)
		}
	}
	var rows []struct{ ContactID, UnitID int64 }
	if len(ids) > 0 {
		if err := tx.Gorm().Table("contact_profile").Select("contact_id, unit_id").Where("contact_id in ?", ids).Find(&rows).Error; err != nil {
			return nil, err
		}
	}
	units := make(map[int64]int64, len(rows))
	for _, r := range rows {
		units[r.ContactID] = r.UnitID
	}
	return units, nil
}

func keepOwn(tx *db.Tx, set *undo.Set, contacts ...any) error {
	return set.Keep(tx, "own_date", "t.contact_id in (?, ?)", contacts...)
}

// clashingOwn are the own dates of two contacts that apply in the same cycle, of which one contact has but one: those that end first.
func clashingOwn(tx *db.Tx, from, into int64) ([]OwnDate, error) {
	var all []OwnDate
	err := tx.Gorm().Raw(`select d.* from own_date d join own_date o on o.cycle_id = d.cycle_id and o.ended_at is null
where d.ended_at is null and d.contact_id in (?, ?) and o.contact_id in (?, ?) and o.contact_id <> d.contact_id
  and (d.at < o.at or d.at = o.at and d.contact_id = ?)`, from, into, from, into, from).Find(&all).Error
	return all, err
}

func moveOwn(tx *db.Tx, from, into int64) error {
	_, err := tx.Exec("update own_date set contact_id = ? where contact_id = ?", into, from)
	return err
}

func eraseOwn(tx *db.Tx, contactID int64) error {
	_, err := tx.Exec("delete from own_date where contact_id = ?", contactID)
	return err
}
