package campaign

import "github.com/convoke/convoke/internal/db"

// eraseWords takes out what a volunteer wrote and the server's reply, which may repeat the address.
func eraseWords(tx *db.Tx, contactID int64) error {
	_, err := tx.Exec("update personal_message set opening = '' where delivery_id in (select id from delivery where contact_id = ?)", contactID)
	if err != nil {
		return err
	}
	_, err = tx.Exec("update delivery set reply = '' where contact_id = ?", contactID)
	return err
}
