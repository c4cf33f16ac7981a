package campaign

import "github.com/convoke/convoke/internal/db"

// eraseWords takes out what a volunteer or an officer wrote, and the replies of servers, which may repeat the address.
func eraseWords(tx *db.Tx, contactID int64) error {
	_, err := tx.Exec("update personal_message set opening = '' where delivery_id in (select id from delivery where contact_id = ?)", contactID)
	if err != nil {
		return err
	}
	if _, err = tx.Exec("delete from edited_message where contact_id = ?", contactID); err != nil {
		return err
	}
	if _, err = tx.Exec("update dropped_message set reason = '' where contact_id = ?", contactID); err != nil {
		return err
	}
	if _, err = tx.Exec("update delivery set reply = '' where contact_id = ?", contactID); err != nil {
		return err
	}
	_, err = tx.Exec("update delivery_try set reply = '', note = '' where delivery_id in (select id from delivery where contact_id = ?)", contactID)
	return err
}

// ownMailboxes are the mailboxes of a contact, and those that it was mailed at, that nobody else has.
func ownMailboxes(tx *db.Tx, contactID int64) (emails []string, err error) {
	return emails, tx.Scan(&emails, `select m.email from (select address_id, email from contact_mailbox where contact_id = ?
			union select address_id, email from delivery_mailbox where contact_id = ?) m
		where not exists (select 1 from contact_mailbox o where o.address_id = m.address_id and o.contact_id <> ?)`, contactID, contactID, contactID)
}
