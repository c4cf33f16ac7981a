package letter

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of single mails.
func (outgoing) TableName() string { return "outgoing_mail" }

func insert(tx *db.Tx, m *outgoing) error { return tx.Gorm().Create(m).Error }

func byID(tx *db.Tx, id int64) (outgoing, error) {
	var m outgoing
	return m, tx.Gorm().Where("id = ?", id).Take(&m).Error
}

func save(tx *db.Tx, m *outgoing) error { return tx.Gorm().Select("*").Updates(m).Error }

// lease takes the mail for one worker; false where it is not to be sent now.
func lease(tx *db.Tx, id int64, now, until time.Time) (bool, error) {
	n, err := tx.Exec(`update outgoing_mail set lease_until = ?, attempts = attempts + 1
		where id = ? and state = ? and not_before <= ? and (lease_until is null or lease_until <= ?)`,
		until, id, string(Queued), now, now)
	return n == 1, err
}

func listDue(tx *db.Tx, now time.Time, limit int) ([]outgoing, error) {
	var due []outgoing
	return due, tx.Gorm().Select("id", "attempts").
		Where("state = 'queued' and not_before <= ? and (lease_until is null or lease_until <= ?)", now, now).
		Order("not_before").Limit(limit).Find(&due).Error
}
