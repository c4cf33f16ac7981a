package campaign

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// heldClaim is a claim under which a volunteer may write.
type heldClaim struct {
	ClaimID     int64
	CycleID     int64
	ContactID   int64
	VolunteerID int64
	Purpose     string
	ExpiresAt   time.Time
}

// claimHeld is the live claim of a volunteer; db.IsNotFound where it is not live or somebody else's.
func claimHeld(tx *db.Tx, claimID, volunteerID int64, now time.Time) (heldClaim, error) {
	var c heldClaim
	return c, tx.Gorm().Table("live_claim").
		Where("claim_id = ? and volunteer_id = ? and expires_at > ?", claimID, volunteerID, now).Take(&c).Error
}

// claimOn is the live claim of a volunteer under which a contact may be written to; the one to reach out before one to brief.
func claimOn(tx *db.Tx, cycleID, contactID, volunteerID int64, now time.Time) (heldClaim, error) {
	var c heldClaim
	return c, tx.Gorm().Table("live_claim").
		Where("cycle_id = ? and contact_id = ? and volunteer_id = ? and expires_at > ? and purpose in ('reach_out', 'brief')",
			cycleID, contactID, volunteerID, now).Order("purpose desc").Limit(1).Take(&c).Error
}

// addressee is whom a volunteer writes to, and what speaks against it.
type addressee struct {
	person
	AddressID        int64
	Chain            string
	StakeholderGroup string
	Region           string
	Reason           Reason
}

// addresseeOf reads a contact as the snapshot would: the address that a campaign would use, and the
// reasons against any message.
func addresseeOf(tx *db.Tx, cycle Cycle, contactID, volunteerID int64) (addressee, error) {
	cases, args := answered("l", cycle.ID, cycle.OrganizationStopsFollowUps)
	args = append(args, volunteerID, cycle.ID, contactID)
	var a addressee
	p := &a.person
	err := tx.QueryRow(`select l.contact_id, p.kind, p.name, p.organization, p.language_chain, l.stakeholder_group, l.region,
  coalesce(m.address_id, 0), coalesce(m.email, ''), coalesce(m.kind, ''), k.name, k.email,
case
`+optedOut("t", "l")+`
when m.address_id is null and exists (select 1 from contact_mailbox b where b.contact_id = l.contact_id) then 'bounced'
when m.address_id is null then 'no_address'
`+cases+`
else '' end as reason
from listed_contact l
join contact_profile p on p.contact_id = l.contact_id
join account_mailbox k on k.account_id = ?
left join contact_state t on t.contact_id = l.contact_id
left join mailable_address m on m.contact_id = l.contact_id
where l.cycle_id = ? and l.contact_id = ?`, args...).Scan(
		&p.ContactID, &p.Kind, &p.Name, &p.Organization, &a.Chain, &a.StakeholderGroup, &a.Region,
		&a.AddressID, &p.Email, &p.AddressKind, &p.Volunteer, &p.VolunteerBox, &a.Reason)
	return a, err
}

// reader is a contact for whom a text is shown: never with an address.
type reader struct {
	person
	Chain            string
	StakeholderGroup string
}

func readerOf(tx *db.Tx, cycleID, contactID int64) (reader, error) {
	var r reader
	p := &r.person
	err := tx.QueryRow(`select p.contact_id, p.kind, p.name, p.organization, p.language_chain, coalesce(l.stakeholder_group, p.stakeholder_group), coalesce(m.kind, '')
from contact_profile p
left join listed_contact l on l.contact_id = p.contact_id and l.cycle_id = ?
left join mailable_address m on m.contact_id = p.contact_id
where p.contact_id = ?`, cycleID, contactID).Scan(&p.ContactID, &p.Kind, &p.Name, &p.Organization, &r.Chain, &r.StakeholderGroup, &p.AddressKind)
	p.Email = hiddenAddress
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "contact.not_found")
	}
	return r, err
}

// inAudience says whether a campaign is for the contact.
func inAudience(tx *db.Tx, c *Campaign, contactID int64) (bool, error) {
	q := snapshot{cycleID: c.CycleID, stepID: c.Steps[0].ID, audience: c.Audience}
	if err := q.loadInitiatives(tx, &groundwork{}); err != nil {
		return false, err
	}
	var n int
	err := tx.QueryRow("select count(*) from delivery where contact_id = ? and step_id = ? and state = 'sent'", contactID, q.stepID).Scan(&n)
	if err != nil {
		return false, err
	}
	if n > 0 { // as for the campaign's own follow-ups
		q.firstStepID = q.stepID
	}
	where, args := q.listed(tx.Dialect())
	err = tx.QueryRow("select count(*)"+listedFrom+where+" and l.contact_id = ?", append(args, contactID)...).Scan(&n)
	return n > 0, err
}

// slotRow is a delivery of a campaign to an address or a contact.
type slotRow struct {
	Delivery
	Volunteer string // who sent it; "" for the campaign
}

// slotsOf are all deliveries of the campaign to the contact or to the address, but for those that were left out.
func slotsOf(tx *db.Tx, c *Campaign, a addressee) ([]slotRow, error) {
	steps := make([]int64, len(c.Steps))
	for i, s := range c.Steps {
		steps[i] = s.ID
	}
	var all []slotRow
	return all, tx.Gorm().Raw(`select d.*, coalesce(n.name, '') as volunteer from delivery d
left join account_name n on n.account_id = d.personal_by
where d.step_id in ? and (d.address_id = ? or d.contact_id = ?) and d.state <> 'skipped' order by d.id`, steps, a.AddressID, a.ContactID).
		Scan(&all).Error
}

// freeSlot takes a delivery that still waits out of the campaign's hands; false where a worker has it
// this very moment. Who locks the batch's row cannot be overtaken by the one who leases it.
func freeSlot(tx *db.Tx, d *Delivery, now time.Time) (bool, error) {
	ref := batchOf(d.ID)
	query := "select count(*) from delivery_batch where step_id = ? and number = ? and lease_until is null"
	if tx.Dialect() == db.Postgres {
		query = "select count(*) from (select 1 from delivery_batch where step_id = ? and number = ? and lease_until is null for update) t"
	}
	var free int
	if err := tx.QueryRow(query, ref.StepID, ref.Number).Scan(&free); err != nil || free == 0 {
		return false, err
	}
	n, err := tx.Exec(`update delivery set state = 'skipped', reason = 'sent_personally', address_id = null, until = null
where id = ? and state in ('queued', 'deferred')`, d.ID)
	if err != nil || n == 0 {
		return false, err
	}
	return true, countBatch(tx, ref, now)
}

// leaveSlots lets go of addresses at which the campaign left the contact out: the message goes in person.
func leaveSlots(tx *db.Tx, stepID int64, a addressee) error {
	_, err := tx.Exec("update delivery set address_id = null where step_id = ? and address_id = ? and state = 'skipped'", stepID, a.AddressID)
	return err
}

// insertPersonal stores a delivery in a volunteer's name with its batch. Whoever calls has locked the campaign.
func insertPersonal(tx *db.Tx, d *Delivery, claimID int64, opening string, now time.Time) error {
	ref := BatchRef{StepID: d.StepID}
	err := tx.QueryRow("select coalesce(max(number) + 1, ?) from delivery_batch where step_id = ? and number >= ?", firstPersonal, d.StepID, firstPersonal).Scan(&ref.Number)
	if err != nil {
		return err
	}
	d.ID, _ = ref.ids()
	if err := tx.Gorm().Create(d).Error; err != nil {
		return err
	}
	if _, err := tx.Exec("insert into delivery_batch (step_id, number, queued) values (?, ?, 1)", ref.StepID, ref.Number); err != nil {
		return err
	}
	_, err = tx.Exec("insert into personal_message (delivery_id, claim_id, opening, written_at) values (?, ?, ?, ?)", d.ID, claimID, opening, now)
	return err
}

// personalOf is what belongs to a delivery in a volunteer's name.
func personalOf(tx *db.Tx, deliveryID int64) (volunteer, box, opening string, err error) {
	err = tx.QueryRow(`select coalesce(k.name, ''), coalesce(k.email, ''), m.opening from personal_message m
join delivery d on d.id = m.delivery_id
left join account_mailbox k on k.account_id = d.personal_by
where m.delivery_id = ?`, deliveryID).Scan(&volunteer, &box, &opening)
	return volunteer, box, opening, err
}

// untold is a message of which the volunteers' room has not heard.
type untold struct {
	DeliveryID int64
	ClaimID    int64
	State      DeliveryState
	SentAt     *time.Time
	Bounced    bool
}

// untoldOf is the batch's message, if it has come to an end of which nobody was told. It is locked, so
// that of two workers who learn the same thing only one tells it.
func untoldOf(tx *db.Tx, ref BatchRef) (untold, error) {
	first, _ := ref.ids()
	var u untold
	q := tx.Gorm().Table("personal_message m").
		Select("m.delivery_id, m.claim_id, d.state, d.sent_at, a.obstacle = 'bounced' as bounced").
		Joins("join delivery d on d.id = m.delivery_id").
		Joins("left join address_state a on a.address_id = d.address_id").
		Where("m.delivery_id = ? and m.told_at is null and d.state in ('sent', 'failed', 'bounced')", first)
	if tx.Dialect() == db.Postgres {
		q = q.Clauses(clause.Locking{Strength: "UPDATE", Table: clause.Table{Name: "m"}})
	}
	return u, q.Take(&u).Error
}

func markTold(tx *db.Tx, deliveryID int64, now time.Time) error {
	_, err := tx.Exec("update personal_message set told_at = ? where delivery_id = ?", now, deliveryID)
	return err
}

// personalTo are the messages that volunteers sent to a contact in a cycle, the newest first.
func personalTo(tx *db.Tx, cycleID, contactID int64) ([]PersonalDelivery, error) {
	var all []PersonalDelivery
	return all, tx.Gorm().Raw(`select v.*, coalesce(n.name, '') as volunteer from personal_delivery v
left join account_name n on n.account_id = v.volunteer_id
where v.cycle_id = ? and v.contact_id = ? order by v.written_at desc, v.delivery_id desc limit 20`, cycleID, contactID).Scan(&all).Error
}

// personalUncertain are campaigns that the sweeper does not look after otherwise, and of which a message in
// a volunteer's name may or may not have been accepted.
func personalUncertain(tx *db.Tx) ([]Campaign, error) {
	var all []Campaign
	return all, tx.Gorm().Where(`state in ? and exists (select 1 from campaign_step s join delivery_batch b on b.step_id = s.id
where s.campaign_id = campaign.id and b.number >= ? and b.ended_at is null and b.uncertain > 0)`, []State{Approved, Sent}, firstPersonal).
		Order("id").Find(&all).Error
}

// countPersonal counts what volunteers sent of a campaign, but for what never left.
func countPersonal(tx *db.Tx, campaignID int64) (int, error) {
	var n int
	err := tx.QueryRow(`select count(*) from personal_message m join delivery d on d.id = m.delivery_id
join campaign_step s on s.id = d.step_id where s.campaign_id = ? and d.state <> 'skipped'`, campaignID).Scan(&n)
	return n, err
}

// claimTold is the claim under which a message was sent whose volunteer was told what became of it; 0 for any other.
func claimTold(tx *db.Tx, deliveryID int64) (int64, error) {
	var claim int64
	return claim, tx.Scan(&claim, "select claim_id from personal_message where delivery_id = ? and told_at is not null", deliveryID)
}
