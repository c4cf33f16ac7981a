package contact

import "github.com/convoke/convoke/internal/db"

// forgetAround removes the rows that say who a person was. An address that only they had keeps its
// row, because deliveries name it, but not what it was.
func forgetAround(tx *db.Tx, contactID int64, addresses []ListedAddress) error {
	for _, a := range addresses {
		_, err := tx.Exec(`update candidate set name = '', transliteration = '', organization = '', email = '', note = ''
			where email = ? and not exists (select 1 from contact_address ca where ca.address_id = ? and ca.contact_id <> ?)`, a.Email, a.AddressID, contactID)
		if err != nil {
			return err
		}
	}
	for _, statement := range []string{
		`update address set email = 'erased-' || id, hash = '' where id in (
			select ca.address_id from contact_address ca where ca.contact_id = ?
				and not exists (select 1 from contact_address o where o.address_id = ca.address_id and o.contact_id <> ca.contact_id))`,
		"delete from contact_address where contact_id = ?",
		"delete from affiliation where contact_id = ?",
		`delete from listing where contact_id = ?
			and not exists (select 1 from delivered_contact x where x.cycle_id = listing.cycle_id and x.contact_id = listing.contact_id)
			and not exists (select 1 from reached_contact x where x.cycle_id = listing.cycle_id and x.contact_id = listing.contact_id)
			and not exists (select 1 from responded_contact x where x.cycle_id = listing.cycle_id and x.contact_id = listing.contact_id)`,
		"update candidate set name = '', transliteration = '', organization = '', email = '', note = '' where contact_id = ?",
		"update merged_contact set name = '' where survivor_id = ?",
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
