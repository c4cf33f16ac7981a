package contact

import "github.com/convoke/convoke/internal/db"

// mailedAddresses are those to which the contact was ever mailed.
func mailedAddresses(tx *db.Tx, contactID int64) (ids []int64, err error) {
	return ids, tx.Scan(&ids, "select distinct address_id from delivery_mailbox where contact_id = ?", contactID)
}

// forgetAround removes the rows that say who a person was. An address that only they had keeps its
// row, because deliveries name it, but not what it was.
func forgetAround(tx *db.Tx, contactID int64, addresses []ListedAddress, addressIDs []int64) error {
	for _, a := range addresses {
		_, err := tx.Exec(`update candidate set name = '', transliteration = '', organization = '', email = '', note = ''
			where email = ? and not exists (select 1 from contact_address ca where ca.address_id = ? and ca.contact_id <> ?)`, a.Email, a.AddressID, contactID)
		if err != nil {
			return err
		}
	}
	if _, err := tx.Exec("delete from contact_address where contact_id = ?", contactID); err != nil {
		return err
	}
	for _, id := range addressIDs { // what was asked holds on, but not what was written about it
		_, err := tx.Exec(`update opt_out set note = '', ended_note = '' where hash in (select a.hash from address a where a.id = ?
			and not exists (select 1 from contact_address ca where ca.address_id = a.id))`, id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`update address set email = 'erased-' || id, hash = ''
			where id = ? and not exists (select 1 from contact_address ca where ca.address_id = address.id)`, id)
		if err != nil {
			return err
		}
	}
	for _, statement := range []string{
		"delete from affiliation where contact_id = ?",
		`delete from listing where contact_id = ?
			and not exists (select 1 from delivered_contact x where x.cycle_id = listing.cycle_id and x.contact_id = listing.contact_id)
			and not exists (select 1 from reached_contact x where x.cycle_id = listing.cycle_id and x.contact_id = listing.contact_id)
			and not exists (select 1 from responded_contact x where x.cycle_id = listing.cycle_id and x.contact_id = listing.contact_id)`,
		"update candidate set name = '', transliteration = '', organization = '', email = '', note = '' where contact_id = ?",
		"update merged_contact set name = '' where survivor_id = ?",
		"update candidate set note = '' where delivery_id in (select delivery_id from delivery_origin where contact_id = ?)",
		`delete from address_change where delivery_id in (select delivery_id from delivery_origin where contact_id = ?)`,
	} {
		if _, err := tx.Exec(statement, contactID); err != nil {
			return err
		}
	}
	_, err := tx.Exec("delete from duplicate where low_id = ? or high_id = ?", contactID, contactID)
	return err
}

// hide takes a contact who was erased out of what lists and searches read.
func hide(tx *db.Tx, contactID int64) error {
	_, err := tx.Exec("delete from contact_search where contact_id = ?", contactID)
	return err
}
