package outreach

import "github.com/convoke/convoke/internal/db"

func eraseWords(tx *db.Tx, contactID int64) error {
	for _, statement := range []string{
		"update attempt set note = '' where contact_id = ?",
		"update handover set note = '', answer = '' where claim_id in (select id from claim where contact_id = ?)",
		"update claim set notes = '', reason = '' where contact_id = ?",
		"update reported_address set note = '' where contact_id = ?",
	} {
		if _, err := tx.Exec(statement, contactID); err != nil {
			return err
		}
	}
	return nil
}
