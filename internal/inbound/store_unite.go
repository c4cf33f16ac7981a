package inbound

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

func moveMails(tx *db.Tx, from, into int64) error {
	_, err := tx.Exec("update inbound_mail set contact_id = ? where contact_id = ?", into, from)
	return err
}

// ofContact are the mails of a contact, and those from a mailbox that it has and nobody else.
const ofContact = `(contact_id = ? or from_email <> '' and from_email in (select m.email from contact_mailbox m where m.contact_id = ?
  and not exists (select 1 from contact_mailbox o where o.address_id = m.address_id and o.contact_id <> m.contact_id)))`

func erase(tx *db.Tx, contactID int64, now time.Time) error {
	_, err := tx.Exec("delete from inbound_raw where mail_id in (select id from inbound_mail where "+ofContact+")", contactID, contactID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update inbound_mail set envelope_from = '', envelope_to = '', message_id = '', from_name = '', from_email = '', subject = '',
  diagnostic = '', note = '', erased_at = ? where `+ofContact, now, contactID, contactID)
	return err
}

// broughtBy are the mails of which a contribution, or documents of one, was made.
func broughtBy(tx *db.Tx, contributionID int64) ([]int64, error) {
	var ids []int64
	return ids, tx.Gorm().Model(&Mail{}).Where("contribution_id = ?", contributionID).Order("id").Pluck("id", &ids).Error
}

func deleteRaw(tx *db.Tx, id int64) error {
	_, err := tx.Exec("delete from inbound_raw where mail_id = ?", id)
	return err
}
