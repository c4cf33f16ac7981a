package contact

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

func addressByID(tx *db.Tx, id int64) (Address, error) {
	var a Address
	return a, tx.Gorm().Where("id = ?", id).Take(&a).Error
}

// upsertAddress gives the address as it is known, and adds it where it is not.
func upsertAddress(tx *db.Tx, a Address) (Address, error) {
	if err := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&a).Error; err != nil {
		return a, err
	}
	var known Address
	return known, tx.Gorm().Where("email = ?", a.Email).Take(&known).Error
}

func saveStatus(tx *db.Tx, a *Address, before AddressStatus) (bool, error) {
	n, err := tx.Exec("update address set status = ? where id = ? and status = ?", a.Status, a.ID, before)
	return n == 1, err
}

// linkAddress says whether the contact had not had the address before.
func linkAddress(tx *db.Tx, contactID, addressID int64) (bool, error) {
	n, err := tx.Exec(`insert into contact_address (contact_id, address_id, position)
		select ?, ?, coalesce((select max(position) from contact_address where contact_id = ?), 0) + 1
		where true on conflict (contact_id, address_id) do nothing`, contactID, addressID, contactID)
	return n == 1, err
}

// replaceLink takes the old address off and moves the new one, which is linked, to its place.
func replaceLink(tx *db.Tx, contactID, oldID, newID int64) error {
	var position int
	err := tx.QueryRow("select position from contact_address where contact_id = ? and address_id = ?", contactID, oldID).Scan(&position)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("delete from contact_address where contact_id = ? and address_id = ?", contactID, oldID); err != nil {
		return err
	}
	_, err = tx.Exec("update contact_address set position = ? where contact_id = ? and address_id = ?", position, contactID, newID)
	return err
}

// linkedAddress is an address that the contact has.
func linkedAddress(tx *db.Tx, contactID, addressID int64) (Address, error) {
	var a Address
	return a, tx.Gorm().Where("id = ? and exists (select 1 from contact_address ca where ca.contact_id = ? and ca.address_id = address.id)",
		addressID, contactID).Take(&a).Error
}

func unlinkAddress(tx *db.Tx, contactID, addressID int64) error {
	_, err := tx.Exec("delete from contact_address where contact_id = ? and address_id = ?", contactID, addressID)
	return err
}

// orderAddresses gives the addresses the positions of their places in ids. The positions below zero
// are a step between, because every two have to differ at every moment.
func orderAddresses(tx *db.Tx, contactID int64, ids []int64) error {
	if _, err := tx.Exec("update contact_address set position = -position where contact_id = ?", contactID); err != nil {
		return err
	}
	for i, id := range ids {
		if _, err := tx.Exec("update contact_address set position = ? where contact_id = ? and address_id = ?", i+1, contactID, id); err != nil {
			return err
		}
	}
	return nil
}

func saveKind(tx *db.Tx, addressID int64, kind AddressKind) error {
	_, err := tx.Exec("update address set kind = ? where id = ?", kind, addressID)
	return err
}

func addressesOf(tx *db.Tx, contactID int64, suppressedToo bool) ([]ListedAddress, error) {
	var all []ListedAddress
	err := tx.Gorm().Raw(`select ca.address_id, ca.position, a.email, a.kind, a.status,
			s.hash is not null as suppressed, coalesce(s.reason, '') as suppressed_for
		from contact_address ca join address a on a.id = ca.address_id left join suppression s on s.hash = a.hash
		where ca.contact_id = ? order by ca.position`, contactID).Scan(&all).Error
	if suppressedToo {
		return all, err
	}
	var shown []ListedAddress
	for _, a := range all {
		if !a.Suppressed {
			shown = append(shown, a)
		}
	}
	return shown, err
}

func addressState(tx *db.Tx, contactID int64) (addressable, optedOut bool, err error) {
	err = tx.QueryRow(`select exists (select 1 from usable_address where contact_id = ?),
		exists (select 1 from opted_out_contact where contact_id = ?)`, contactID, contactID).Scan(&addressable, &optedOut)
	return addressable, optedOut, err
}

type suppression struct {
	ID        int64
	Hash      string
	Reason    Reason
	CreatedAt time.Time
}

func (suppression) TableName() string { return "suppression" }

func isSuppressed(tx *db.Tx, hash string) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&suppression{}).Where("hash = ?", hash).Count(&n).Error
	return n > 0, err
}

// insertSuppression says whether the address was not suppressed before.
func insertSuppression(tx *db.Tx, hash string, reason Reason, now time.Time) (id int64, added bool, err error) {
	row := suppression{Hash: hash, Reason: reason, CreatedAt: now}
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return row.ID, res.RowsAffected == 1, res.Error
}

func contactsWithHash(tx *db.Tx, hash string) ([]int64, error) {
	var ids []int64
	err := tx.Gorm().Table("contact_address ca").Joins("join address a on a.id = ca.address_id").
		Where("a.hash = ?", hash).Order("ca.contact_id").Pluck("ca.contact_id", &ids).Error
	return ids, err
}

// worksAsFarAsKnown is false for an address that bounced or whose owner complained.
func worksAsFarAsKnown(tx *db.Tx, hash string) (bool, error) {
	var n int
	err := tx.QueryRow("select count(*) from address where hash = ? and status <> 'ok'", hash).Scan(&n)
	return n == 0, err
}
