package inbound

import (
	"regexp"
	"strconv"
	"strings"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of mails.
func (Mail) TableName() string { return "inbound_mail" }

// raw is a mail to the byte.
type raw struct {
	MailID int64
	Raw    []byte
}

// TableName is the table of what was sent.
func (raw) TableName() string { return "inbound_raw" }

// insert stores a mail, or finds that it is here and gives it the id that it has.
func insert(tx *db.Tx, m *Mail, content []byte) error {
	res := tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "hash"}}, DoNothing: true}).Create(m)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return tx.Gorm().Select("id").Where("hash = ?", m.Hash).Take(m).Error
	}
	return tx.Gorm().Create(&raw{MailID: m.ID, Raw: content}).Error
}

// lock reads a mail that is about to be changed. SQLite has one writer, and needs no lock within Write.
func lock(tx *db.Tx, id int64) (Mail, error) {
	q := tx.Gorm().Where("id = ?", id)
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var m Mail
	return m, q.Take(&m).Error
}

func save(tx *db.Tx, m *Mail) error { return tx.Gorm().Select("*").Updates(m).Error }

func rawOf(tx *db.Tx, id int64) ([]byte, error) {
	var r raw
	err := tx.Gorm().Where("mail_id = ?", id).Take(&r).Error
	return r.Raw, err
}

func unsorted(tx *db.Tx, limit int) ([]int64, error) {
	var ids []int64
	return ids, tx.Gorm().Model(&Mail{}).Where("sorted_at is null").Order("id").Limit(limit).Pluck("id", &ids).Error
}

// delivery is a message of ours, as the campaigns' room shows it.
type delivery struct {
	DeliveryID int64
	ContactID  int64
	CycleID    int64
	State      string
	Email      string // "" where it has none any more
}

// sent says whether the message left.
func (d delivery) sent() bool {
	switch d.State {
	case "sent", "bounced", "complained", "uncertain":
		return true
	}
	return false
}

func deliveryByID(tx *db.Tx, id int64) (delivery, error) {
	var d delivery
	return d, tx.Gorm().Table("delivery_origin o").Select("o.delivery_id, o.contact_id, o.cycle_id, o.state, coalesce(m.email, '') as email").
		Joins("left join delivery_mailbox m on m.delivery_id = o.delivery_id").Where("o.delivery_id = ?", id).Take(&d).Error
}

// lastTo is the newest message that was sent to a mailbox.
func lastTo(tx *db.Tx, email string) (delivery, error) {
	var d delivery
	return d, tx.Gorm().Table("delivery_origin o").Select("o.delivery_id, o.contact_id, o.cycle_id, o.state, m.email").
		Joins("join delivery_mailbox m on m.delivery_id = o.delivery_id").
		Where("m.email = ? and o.state in ('sent', 'bounced', 'complained')", email).Order("o.delivery_id desc").Limit(1).Take(&d).Error
}

// listed is somebody on the list of a cycle.
type listed struct{ ContactID, CycleID int64 }

// listedAt are those on the cycles' lists who have a mailbox, the newest cycle first; at most two, because more than one is nobody
// in particular.
func listedAt(tx *db.Tx, email string) ([]listed, error) {
	var all []listed
	return all, tx.Gorm().Table("contact_mailbox m").Select("l.contact_id, l.cycle_id").
		Joins("join listed_contact l on l.contact_id = m.contact_id").
		Where("m.email = ?", email).Order("l.cycle_id desc, l.contact_id").Limit(2).Scan(&all).Error
}

var ownMessage = regexp.MustCompile(`^d([0-9]{1,18})(?:\.[0-9]{1,6})?@(.+)$`)

// deliveryNamed is the delivery that an identifier of ours names, 0 for any other.
func deliveryNamed(identifier string, domains []string) int64 {
	found := ownMessage.FindStringSubmatch(identifier)
	if found == nil {
		return 0
	}
	for _, d := range domains {
		if strings.EqualFold(found[2], d) {
			id, err := strconv.ParseInt(found[1], 10, 64)
			if err != nil {
				return 0
			}
			return id
		}
	}
	return 0
}
