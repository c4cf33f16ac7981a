package campaign

import (
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of messages that are left out by hand.
func (Drop) TableName() string { return "dropped_message" }

// TableName is the table of messages in words of their own.
func (Edit) TableName() string { return "edited_message" }

func insertDrop(tx *db.Tx, d *Drop) error { return tx.Gorm().Create(d).Error }

func insertEdit(tx *db.Tx, e *Edit) error { return tx.Gorm().Create(e).Error }

// deleteException removes that of a contact from one of the two tables, if there is one.
func deleteException(tx *db.Tx, table string, stepID, contactID int64) error {
	_, err := tx.Exec("delete from "+table+" where step_id = ? and contact_id = ?", stepID, contactID)
	return err
}

func dropOf(tx *db.Tx, stepID, contactID int64) (d Drop, err error) {
	return d, tx.QueryRow("select id, reason, dropped_at from dropped_message where step_id = ? and contact_id = ?", stepID, contactID).Scan(&d.ID, &d.Reason, &d.DroppedAt)
}

// editOf is that of a contact; errs.NotFound where there is none.
func editOf(tx *db.Tx, stepID, contactID int64) (e Edit, err error) {
	err = tx.Gorm().Raw("select * from edited_message where step_id = ? and contact_id = ? limit 1", stepID, contactID).Scan(&e).Error
	if err == nil && e.ID == 0 {
		err = errs.E(errs.NotFound, "campaign.no_message")
	}
	return e, err
}

func dropsOf(tx *db.Tx, stepID int64) (all []Drop, err error) {
	return all, tx.Gorm().Raw(`select x.*, c.name, coalesce(n.name, '') as by_name from dropped_message x
join contact_name c on c.contact_id = x.contact_id left join account_name n on n.account_id = x.dropped_by
where x.step_id = ? order by x.id`, stepID).Scan(&all).Error
}

func editsOf(tx *db.Tx, stepID int64) (all []Edit, err error) {
	return all, tx.Gorm().Raw(`select x.*, c.name, coalesce(n.name, '') as by_name from edited_message x
join contact_name c on c.contact_id = x.contact_id left join account_name n on n.account_id = x.edited_by
where x.step_id = ? order by x.id`, stepID).Scan(&all).Error
}

// editsOfBatch are those of the contacts of a batch, which was launched with them.
func editsOfBatch(tx *db.Tx, ref BatchRef) (map[int64]*Edit, error) {
	first, last := ref.ids()
	var all []Edit
	err := tx.Gorm().Raw(`select e.* from edited_message e join delivery d on d.contact_id = e.contact_id
where e.step_id = ? and e.approved_at is not null and d.id >= ? and d.id <= ?`, ref.StepID, first, last).Scan(&all).Error
	edits := make(map[int64]*Edit, len(all))
	for i := range all {
		edits[all[i].ContactID] = &all[i]
	}
	return edits, err
}

// editedBy says whether somebody wrote words of a campaign's single messages that nobody has approved.
func editedBy(tx *db.Tx, c *Campaign, accountID int64) (bool, error) {
	var n int
	err := tx.QueryRow(`select count(*) from edited_message e join campaign_step s on s.id = e.step_id
where s.campaign_id = ? and e.edited_by = ? and e.approved_at is null`, c.ID, accountID).Scan(&n)
	return n > 0, err
}

// editsWaiting counts by step what was edited after the campaign was approved and nobody approved since.
func editsWaiting(tx *db.Tx, cycleID int64) (rows []Asked, err error) {
	return rows, tx.Scan(&rows, `select c.id as campaign_id, c.name as campaign, s.position, count(*) as count
from edited_message e join campaign_step s on s.id = e.step_id join campaign c on c.id = s.campaign_id
where e.approved_at is null and s.state = ? and c.state in (?, ?, ?, ?) and (? = 0 or c.cycle_id = ?)
group by c.id, c.name, s.position order by c.id, s.position`,
		StepPlanned, Approved, Scheduled, Sending, Paused, cycleID, cycleID)
}

// approveEdits approves what waits in these steps, of one contact or with 0 of all.
func approveEdits(tx *db.Tx, by int64, now time.Time, steps []int64, contactID int64) error {
	args := append([]any{by, now}, anys(steps)...)
	_, err := tx.Exec("update edited_message set approved_by = ?, approved_at = ? where approved_at is null and step_id in ("+marks(len(steps))+") and (? = 0 or contact_id = ?)",
		append(args, contactID, contactID)...)
	return err
}

// isListed says whether the contact is on the list of a cycle.
func isListed(tx *db.Tx, cycleID, contactID int64) (bool, error) {
	var n int
	err := tx.QueryRow("select count(*) from listed_contact where cycle_id = ? and contact_id = ?", cycleID, contactID).Scan(&n)
	return n > 0, err
}

// ownDelivery is the campaign's own delivery of a step to a contact.
func ownDelivery(tx *db.Tx, stepID, contactID int64) (d Delivery, err error) {
	return d, tx.Gorm().Where("contact_id = ? and step_id = ? and id < ?", contactID, stepID, stepID<<numberBits|1<<personalBits).Order("id").Take(&d).Error
}

// skipDropped takes a delivery out, where it still waits; false where a worker has it this very moment. Who locks the
// batch's row cannot be overtaken by the one who leases it.
func skipDropped(tx *db.Tx, d *Delivery, now time.Time) (bool, error) {
	ref := batchOf(d.ID)
	if err := lockBatch(tx, ref); err != nil {
		return false, err
	}
	n, err := tx.Exec(`update delivery set state = 'skipped', reason = 'dropped', until = null where id = ?
  and (state in ('queued', 'deferred') or state = 'skipped' and reason = 'held_for_translation')
  and exists (select 1 from delivery_batch b where b.step_id = ? and b.number = ? and b.lease_until is null)`, d.ID, ref.StepID, ref.Number)
	if err != nil || n == 0 {
		return false, err
	}
	return true, countBatch(tx, ref, now)
}

// deliveredTo are the campaign's own deliveries of a step to these contacts, by name.
func deliveredTo(tx *db.Tx, stepID int64, contacts []int64) ([]FoundMessage, error) {
	rows, err := tx.Query(`select 0, d.contact_id, d.reason, d.locale, d.fallback, d.edition, d.variant, d.stakeholder_group, d.region,
  p.kind, p.name, p.organization, coalesce(a.email, ''), coalesce(a.kind, ''), d.state
from delivery d join contact_profile p on p.contact_id = d.contact_id left join address_state a on a.address_id = d.address_id
where d.step_id = ? and d.id < ? and d.contact_id in (`+marks(len(contacts))+") order by p.name, d.id",
		append([]any{stepID, stepID<<numberBits | 1<<personalBits}, anys(contacts)...)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []FoundMessage
	for rows.Next() {
		var f FoundMessage
		if f.Planned, err = scanPlanned(rows, &f.State); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// ownMailbox is a member of the house as the reader of a message.
func ownMailbox(tx *db.Tx, accountID int64) (person, error) {
	p := person{Kind: "person", AddressKind: "personal"}
	err := tx.QueryRow("select name, email from account_mailbox where account_id = ?", accountID).Scan(&p.Name, &p.Email)
	if db.IsNotFound(err) {
		err = errs.E(errs.Forbidden, "error.forbidden")
	}
	return p, err
}
