package outreach

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// member is a volunteer by name.
type member struct {
	ID       int64
	Name     string
	Language string
	Live     int
}

const memberSelect = "select v.account_id as id, v.name, v.language from volunteer_account v"

func volunteersIn(tx *db.Tx, ids []int64) ([]member, error) {
	var all []member
	return all, tx.Gorm().Raw(memberSelect+" where v.account_id in ?", ids).Scan(&all).Error
}

// volunteers are all of them with how many claims they hold now, in the order of their ids.
func volunteers(tx *db.Tx, now time.Time) ([]member, error) {
	var all []member
	return all, tx.Gorm().Raw(`select v.account_id as id, v.name, v.language,
		(select count(*) from claim c where c.volunteer_id = v.account_id and c.state = 'active' and c.expires_at > ?) as live
		from volunteer_account v order by v.account_id`, now).Scan(&all).Error
}

func isVolunteer(tx *db.Tx, id int64) (bool, error) {
	var n int64
	err := tx.Gorm().Table("volunteer_account").Where("account_id = ?", id).Count(&n).Error
	return n > 0, err
}

func contactName(tx *db.Tx, id int64) (string, error) {
	var name string
	err := tx.QueryRow("select name from contact_name where contact_id = ?", id).Scan(&name)
	return name, err
}

func connectionsOf(tx *db.Tx, accountIDs []int64) ([]Connection, error) {
	var all []Connection
	return all, tx.Gorm().Where("account_id in ?", accountIDs).Order("account_id, kind, value").Find(&all).Error
}

// conflictsOf are the conflicts of interest that nobody needs to declare: who has left an organization does not
// approach its people, and nobody approaches themselves.
func conflictsOf(tx *db.Tx, accountIDs []int64) ([]Connection, error) {
	var all []Connection
	return all, tx.Gorm().Raw(`select account_id, 'conflict' as kind, cast(contact_id as text) as value from own_contact where account_id in ?
		union select account_id, 'conflict', cast(organization_id as text) from former_employer where account_id in ?
		order by account_id, value`, accountIDs, accountIDs).Scan(&all).Error
}

// triedContact is a contact that a volunteer tried, in any cycle, and what came of it.
type triedContact struct {
	VolunteerID      int64
	ContactID        int64
	Country          string
	StakeholderGroup string
	Reached          bool
	Declined         bool
}

func triedBy(tx *db.Tx, accountIDs []int64) ([]triedContact, error) {
	var all []triedContact
	return all, tx.Gorm().Raw(`select a.volunteer_id, a.contact_id, k.country, k.stakeholder_group,
		max(case when a.outcome in ('reached', 'promised', 'responded') then 1 else 0 end) = 1 as reached,
		max(case when a.outcome = 'declined' then 1 else 0 end) = 1 as declined
		from attempt a join contact_card k on k.contact_id = a.contact_id
		where a.volunteer_id in ? group by a.volunteer_id, a.contact_id, k.country, k.stakeholder_group
		order by a.volunteer_id, a.contact_id`, accountIDs).Scan(&all).Error
}

func organizationsTriedBy(tx *db.Tx, accountIDs []int64) ([]Org, error) {
	var all []Org
	return all, tx.Gorm().Raw(`select o.contact_id, o.organization_id, o.name from contact_organization o
		where o.contact_id in (select contact_id from attempt where volunteer_id in ?)
		union select k.contact_id, k.contact_id, k.name from contact_card k
		where k.kind = 'organization' and k.contact_id in (select contact_id from attempt where volunteer_id in ?)
		order by contact_id, organization_id`, accountIDs, accountIDs).Scan(&all).Error
}
