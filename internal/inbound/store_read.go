package inbound

import (
	"gorm.io/gorm"

	"github.com/convoke/convoke/internal/db"
)

func rows(tx *db.Tx) *gorm.DB {
	return tx.Gorm().Table("inbound_mail m").Select("m.*, coalesce(n.name, '') as contact, coalesce(a.name, '') as by_name").
		Joins("left join contact_name n on n.contact_id = m.contact_id").
		Joins("left join account_name a on a.account_id = m.handled_by")
}

func list(tx *db.Tx, f Filter) ([]Row, error) {
	q := rows(tx)
	if f.Kind != Unsorted {
		q = q.Where("m.kind = ?", f.Kind)
	}
	if f.State != "" {
		q = q.Where("m.state = ?", f.State)
	}
	if f.ContactID != 0 {
		q = q.Where("m.contact_id = ?", f.ContactID)
	}
	if f.Before != 0 {
		q = q.Where("m.id < ?", f.Before)
	}
	var all []Row
	return all, q.Order("m.id desc").Limit(f.Limit + 1).Scan(&all).Error
}

func rowByID(tx *db.Tx, id int64) (Row, error) {
	var r Row
	return r, rows(tx).Where("m.id = ?", id).Take(&r).Error
}

func counts(tx *db.Tx) ([]Count, error) {
	var all []Count
	return all, tx.Gorm().Model(&Mail{}).Select("kind, state, count(*) as count").Group("kind, state").Scan(&all).Error
}
