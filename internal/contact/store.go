package contact

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of contacts.
func (Contact) TableName() string { return "contact" }

// TableName is the table of addresses.
func (Address) TableName() string { return "address" }

// TableName is the table of affiliations.
func (Affiliation) TableName() string { return "affiliation" }

// TableName is the table of the cycles' lists.
func (Listing) TableName() string { return "listing" }

func insertContact(tx *db.Tx, c *Contact) error { return tx.Gorm().Create(c).Error }

func saveContact(tx *db.Tx, c *Contact) error {
	return tx.Gorm().Model(c).Select("*").Omit("id", "created_at").UpdateColumns(c).Error
}

func contactByID(tx *db.Tx, id int64) (Contact, error) {
	var c Contact
	return c, tx.Gorm().Where("id = ?", id).Take(&c).Error
}

// lockContact reads a contact that is about to be changed. SQLite has one writer, and needs no lock within Write.
func lockContact(tx *db.Tx, id int64) (Contact, error) {
	q := tx.Gorm().Where("id = ?", id)
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var c Contact
	return c, q.Take(&c).Error
}

func organizationByName(tx *db.Tx, sortName string) (Contact, error) {
	var c Contact
	return c, tx.Gorm().Where("kind = ? and sort_name = ?", Organization, sortName).Order("id").Take(&c).Error
}

func membersOf(tx *db.Tx, organizationID int64) ([]int64, error) {
	var ids []int64
	return ids, tx.Scan(&ids, "select distinct contact_id from affiliation where organization_id = ? and until = ''", organizationID)
}

func insertAffiliation(tx *db.Tx, a *Affiliation) error { return tx.Gorm().Create(a).Error }

func affiliationByID(tx *db.Tx, id int64) (Affiliation, error) {
	var a Affiliation
	return a, tx.Gorm().Where("id = ?", id).Take(&a).Error
}

func saveAffiliation(tx *db.Tx, a *Affiliation) error {
	return tx.Gorm().Model(a).Select("function", "title", "represents", "since", "until").UpdateColumns(a).Error
}

func tiesOf(tx *db.Tx, contactID int64) ([]Tie, error) {
	var all []Tie
	return all, tx.Gorm().Raw(`select f.*, o.name, o.country from affiliation f join contact o on o.id = f.organization_id
		where f.contact_id = ? order by case when f.until = '' then 0 else 1 end, f.id`, contactID).Scan(&all).Error
}

// memberTies are the people of an organization now; countries nil means all of them.
func memberTies(tx *db.Tx, organizationID int64, countries []string) ([]Tie, error) {
	var all []Tie
	q := tx.Gorm().Table("affiliation f").Select("f.*, c.name, c.country").Joins("join contact c on c.id = f.contact_id").
		Where("f.organization_id = ? and f.until = ''", organizationID)
	if countries != nil {
		q = q.Where("c.country in ?", countries)
	}
	return all, q.Order("c.sort_name, c.id").Limit(100).Scan(&all).Error
}

func listingsOf(tx *db.Tx, contactID int64) ([]Listing, error) {
	var all []Listing
	return all, tx.Gorm().Where("contact_id = ?", contactID).Order("cycle_id desc").Find(&all).Error
}

func listingOf(tx *db.Tx, cycleID, contactID int64) (Listing, error) {
	var l Listing
	return l, tx.Gorm().Where("cycle_id = ? and contact_id = ?", cycleID, contactID).Take(&l).Error
}

func upsertListing(tx *db.Tx, l Listing) error {
	return tx.Gorm().Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "cycle_id"}, {Name: "contact_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"stakeholder_group", "region"}),
	}).Create(&l).Error
}

func moveListing(tx *db.Tx, cycleID, contactID int64, group, region string) error {
	_, err := tx.Exec("update listing set stakeholder_group = ?, region = ? where cycle_id = ? and contact_id = ?", group, region, cycleID, contactID)
	return err
}

func isListed(tx *db.Tx, cycleID, contactID int64) (bool, error) {
	var n int64
	err := tx.Gorm().Model(&Listing{}).Where("cycle_id = ? and contact_id = ?", cycleID, contactID).Count(&n).Error
	return n > 0, err
}

// holdsLive says whether the account holds a claim on the contact that has not run out.
func holdsLive(tx *db.Tx, accountID, contactID int64, now time.Time) (bool, error) {
	var n int64
	err := tx.Gorm().Table("live_claim").
		Where("volunteer_id = ? and contact_id = ? and expires_at > ?", accountID, contactID, now).Count(&n).Error
	return n > 0, err
}
