package contact

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of opt-outs.
func (OptOut) TableName() string { return "opt_out" }

// insertOptOut says whether it did not hold before.
func insertOptOut(tx *db.Tx, o *OptOut) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(o)
	return res.RowsAffected == 1, res.Error
}

// saveEnd says whether this end was the first.
func saveEnd(tx *db.Tx, o *OptOut) (bool, error) {
	n, err := tx.Exec("update opt_out set ended_at = ?, ended_by = ?, ended_note = ? where id = ? and ended_at is null", o.EndedAt, o.EndedBy, o.EndedNote, o.ID)
	return n == 1, err
}

// liveOptOuts hold now at mailboxes, the oldest first.
func liveOptOuts(tx *db.Tx, hashes []string) ([]OptOut, error) {
	var all []OptOut
	return all, tx.Gorm().Where("hash in ? and ended_at is null", hashes).Order("id").Find(&all).Error
}

// liftSuppression lets a mailbox be written to that was suppressed for one of these reasons.
func liftSuppression(tx *db.Tx, hash string, reasons []Reason) error {
	return tx.Gorm().Where("hash = ? and reason in ?", hash, reasons).Delete(&suppression{}).Error
}

// suppressedSince is nil for a mailbox that is not suppressed.
func suppressedSince(tx *db.Tx, hash string) (reason Reason, at *time.Time, err error) {
	var row suppression
	err = tx.Gorm().Where("hash = ?", hash).Take(&row).Error
	if db.IsNotFound(err) {
		return "", nil, nil
	}
	return row.Reason, &row.CreatedAt, err
}

// origin is which mail a delivery is.
type origin struct {
	CampaignID int64
	CycleID    int64
	AddressID  int64
	Locale     string
}

func originOf(tx *db.Tx, deliveryID, contactID int64) (origin, error) {
	var o origin
	return o, tx.Gorm().Table("delivery_origin").
		Where("delivery_id = ? and contact_id = ? and address_id is not null", deliveryID, contactID).Take(&o).Error
}

func boxesOf(tx *db.Tx, contactID int64) ([]Address, error) {
	var all []Address
	return all, tx.Gorm().Raw("select a.* from address a join contact_address ca on ca.address_id = a.id where ca.contact_id = ? order by ca.position", contactID).
		Scan(&all).Error
}

// roundName is "" for a cycle that is no more.
func roundName(tx *db.Tx, id int64) (name string, err error) {
	err = tx.QueryRow("select name from cycle where id = ?", id).Scan(&name)
	if db.IsNotFound(err) {
		return "", nil
	}
	return name, err
}

// mailable is the address that a contact is written to, with id 0 where there is none.
type mailable struct {
	AddressID int64
	Email     string
}

func mailableAddress(tx *db.Tx, contactID int64) (mailable, error) {
	var m mailable
	err := tx.Gorm().Table("mailable_address").Select("address_id, email").Where("contact_id = ?", contactID).Take(&m).Error
	if db.IsNotFound(err) {
		return mailable{}, nil
	}
	return m, err
}

// TableName is the table of addresses that readers asked for.
func (AddressChange) TableName() string { return "address_change" }

func insertChange(tx *db.Tx, a *AddressChange) error { return tx.Gorm().Create(a).Error }

func changeBySecret(tx *db.Tx, hash string) (AddressChange, error) {
	var a AddressChange
	return a, tx.Gorm().Where("secret_hash = ?", hash).Take(&a).Error
}

// saveConfirmed says whether this confirmation was the first.
func saveConfirmed(tx *db.Tx, a *AddressChange) (bool, error) {
	n, err := tx.Exec("update address_change set confirmed_at = ? where id = ? and confirmed_at is null", a.ConfirmedAt, a.ID)
	return n == 1, err
}

// countChanges are those that were asked for since, for a contact and to a mailbox.
func countChanges(tx *db.Tx, contactID int64, email string, since time.Time) (byContact, toMailbox int, err error) {
	err = tx.QueryRow(`select (select count(*) from address_change where contact_id = ? and asked_at > ?),
		(select count(*) from address_change where email = ? and asked_at > ?)`, contactID, since, email, since).Scan(&byContact, &toMailbox)
	return byContact, toMailbox, err
}

// countNamed are the colleagues whom readers of a contact's mails named since.
func countNamed(tx *db.Tx, contactID int64, since time.Time) (n int, err error) {
	err = tx.QueryRow(`select count(*) from candidate k join delivery_origin d on d.delivery_id = k.delivery_id
		where d.contact_id = ? and k.suggested_at > ?`, contactID, since).Scan(&n)
	return n, err
}

// organizationName is that of the organization that a contact answers for, its own for an organization, "" for none.
func organizationName(tx *db.Tx, contactID int64) (name string, err error) {
	err = tx.QueryRow("select case when kind = 'organization' then name else organization end from contact_profile where contact_id = ?", contactID).Scan(&name)
	return name, err
}

func refereeOf(tx *db.Tx, deliveryID int64) (Referee, error) {
	var r Referee
	err := tx.QueryRow(`select c.id, c.name, d.campaign from delivery_origin d join contact c on c.id = d.contact_id where d.delivery_id = ?`, deliveryID).
		Scan(&r.ContactID, &r.Name, &r.Campaign)
	if db.IsNotFound(err) {
		return Referee{}, nil
	}
	return r, err
}
