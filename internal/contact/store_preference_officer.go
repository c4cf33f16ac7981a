package contact

import (
	"slices"

	"github.com/convoke/convoke/internal/db"
)

// askedOf are the opt-outs at a contact's mailboxes and what else keeps them from being mailed, the newest first.
func askedOf(tx *db.Tx, contactID int64) ([]AskedRow, error) {
	all, err := optOutsOf(tx, contactID)
	if err != nil {
		return nil, err
	}
	var more []AskedRow
	err = tx.Gorm().Raw(`select a.id as address_id, a.email, s.created_at as asked_at,
			case s.reason when ? then ? when ? then ? else ? end as how
		from contact_address ca
		join address a on a.id = ca.address_id
		join suppression s on s.hash = a.hash
		where ca.contact_id = ? and (s.reason = ? or not exists (select 1 from opt_out o where o.hash = a.hash and o.scope = ? and o.ended_at is null))
		order by s.id desc limit 100`, AskedUs, ByOfficer, ComplainedOf, ByComplaint, ByPage, contactID, ComplainedOf, Everything).Scan(&more).Error
	for i := range more {
		more[i].Scope = Everything
	}
	all = append(all, more...)
	slices.SortStableFunc(all, func(a, b AskedRow) int { return b.AskedAt.Compare(a.AskedAt) })
	return all, err
}

func optOutsOf(tx *db.Tx, contactID int64) ([]AskedRow, error) {
	var all []AskedRow
	return all, tx.Gorm().Raw(`select o.*, a.id as address_id, a.email, coalesce(d.campaign, '') as campaign, coalesce(d.step, 0) as step,
			coalesce(r.name, '') as officer, coalesce(e.name, '') as ender,
			coalesce(case o.scope when 'cycle' then (select y.name from cycle y where y.id = o.object_id)
				when 'campaign' then (select p.campaign from delivery_origin p where p.campaign_id = o.object_id limit 1) end, '') as about
		from contact_address ca
		join address a on a.id = ca.address_id
		join opt_out o on o.hash = a.hash
		left join delivery_origin d on d.delivery_id = o.delivery_id
		left join account_name r on r.account_id = o.recorded_by
		left join account_name e on e.account_id = o.ended_by
		where ca.contact_id = ? order by o.id desc limit 100`, contactID).Scan(&all).Error
}

// optOutAt is an opt-out at one of a contact's mailboxes.
func optOutAt(tx *db.Tx, contactID, id int64) (OptOut, error) {
	var o OptOut
	return o, tx.Gorm().Where(`id = ? and hash in (select a.hash from address a join contact_address ca on ca.address_id = a.id
		where ca.contact_id = ?)`, id, contactID).Take(&o).Error
}

// stoppedCycles are those for which a contact wants no more messages.
func stoppedCycles(tx *db.Tx, contactID int64) (ids []int64, err error) {
	return ids, tx.Scan(&ids, "select distinct cycle_id from cycle_opted_out_contact where contact_id = ?", contactID)
}

// askedHere is what was asked for one contact.
type askedHere struct {
	Scope    Scope
	ObjectID int64
	About    string // the name of the campaign or cycle, "" for neither
}

// askedOfOne is what only one of two contacts asked, but for stopping everything.
func askedOfOne(tx *db.Tx, one, other int64) ([]askedHere, error) {
	var all []askedHere
	return all, tx.Scan(&all, `select o.scope, o.object_id, coalesce(case o.scope when 'cycle' then (select y.name from cycle y where y.id = o.object_id)
			when 'campaign' then (select p.campaign from delivery_origin p where p.campaign_id = o.object_id limit 1) end, '') as about
		from (select distinct contact_id, scope, object_id from contact_opt_out where contact_id in (?, ?) and scope <> ?) o
		group by o.scope, o.object_id having count(*) = 1 order by o.scope, o.object_id`, one, other, Everything)
}
