package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

func deliveryRow(tx *db.Tx, id int64) (DeliveryRow, error) {
	var row DeliveryRow
	err := tx.Gorm().Table("delivery d").
		Select("d.*, p.name, s.position as step, n.name as volunteer").
		Joins("join campaign_step s on s.id = d.step_id").
		Joins("join contact_card p on p.contact_id = d.contact_id").
		Joins("left join account_name n on n.account_id = d.personal_by").
		Where("d.id = ?", id).Take(&row).Error
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return row, err
}

// triedRow is a line of a story with the name of whoever decided.
type triedRow struct {
	Try
	By string
}

func triesOf(tx *db.Tx, deliveryID int64) ([]triedRow, error) {
	var all []triedRow
	return all, tx.Gorm().Raw(`select t.*, coalesce(n.name, '') as "by" from delivery_try t
left join account_name n on n.account_id = t.decided_by where t.delivery_id = ? order by t.id`, deliveryID).Scan(&all).Error
}

func countResends(tx *db.Tx, deliveryID int64) (int, error) {
	var n int
	return n, tx.QueryRow("select count(*) from delivery_try where delivery_id = ? and reason = ?", deliveryID, SentAgain).Scan(&n)
}

// countSentAgainByItself is how often the cycle let a delivery be sent again that had become uncertain.
func countSentAgainByItself(tx *db.Tx, deliveryID int64) (int, error) {
	var n int
	return n, tx.QueryRow("select count(*) from delivery_try where delivery_id = ? and reason = ? and decided_by is null", deliveryID, DecidedAgain).Scan(&n)
}

// writtenAt is when a volunteer sent it; nil for the campaign's own.
func writtenAt(tx *db.Tx, deliveryID int64) (*time.Time, error) {
	var at *time.Time
	err := tx.QueryRow("select written_at from personal_message where delivery_id = ?", deliveryID).Scan(&at)
	if db.IsNotFound(err) {
		err = nil
	}
	return at, err
}

// openedRow is a form that was begun by the link of a delivery.
type openedRow struct {
	StartedAt  time.Time
	ReceivedAt *time.Time
}

func openedBy(tx *db.Tx, deliveryID int64) ([]openedRow, error) {
	var all []openedRow
	return all, tx.Gorm().Raw("select started_at, received_at from opened_delivery where delivery_id = ? order by started_at", deliveryID).Scan(&all).Error
}

// recipientOf reads whom a delivery is for as queuedSQL does, whatever speaks against it. Email is "" where the address is gone.
func recipientOf(tx *db.Tx, d *Delivery) (person, error) {
	p := person{DeliveryID: d.ID, ContactID: d.ContactID}
	return p, tx.QueryRow(`select p.kind, p.name, p.organization, coalesce(a.email, ''), coalesce(a.kind, '')
from delivery d join contact_profile p on p.contact_id = d.contact_id left join address_state a on a.address_id = d.address_id
where d.id = ?`, d.ID).Scan(&p.Kind, &p.Name, &p.Organization, &p.Email, &p.AddressKind)
}

// standing reads what decides what comes next for a contact in a campaign.
func (s *Service) standing(ctx context.Context, tx *db.Tx, c *Campaign, contactID int64) (Standing, error) {
	now := s.Now()
	st := Standing{State: c.State, Steps: c.Steps, Now: now}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return st, err
	}
	steps := make([]int64, len(c.Steps))
	for i, step := range c.Steps {
		steps[i] = step.ID
	}
	if err := tx.Gorm().Where("contact_id = ? and step_id in ?", contactID, steps).Find(&st.Deliveries).Error; err != nil {
		return st, err
	}
	slices.SortFunc(st.Deliveries, byStep(c))
	cases, args := answered("k", c.CycleID, cycle.OrganizationStopsFollowUps)
	err = tx.QueryRow(`select case
`+optedOut("t", "k")+`
`+erased("t", "k")+`
`+cases+`
else '' end,
case when exists (select 1 from usable_address u where u.contact_id = k.contact_id) then ''
  when exists (select 1 from contact_mailbox b where b.contact_id = k.contact_id) then 'bounced' else 'no_address' end
from contact_card k left join contact_state t on t.contact_id = k.contact_id where k.contact_id = ?`, append(args, contactID)...).Scan(&st.Against, &st.Address)
	if err != nil {
		return st, orNotFound(err)
	}
	if err := readWishes(tx, c, contactID, &st); err != nil {
		return st, err
	}
	if err := readTurn(tx, c.CycleID, contactID, now, &st); err != nil {
		return st, err
	}
	st.Listed, err = inAudience(tx, c, contactID)
	return st, err
}

// readWishes reads whether the contact asked for no more of the campaign, or for no further reminder of it.
func readWishes(tx *db.Tx, c *Campaign, contactID int64, st *Standing) error {
	step := &c.Steps[0]
	for i := range c.Steps {
		if c.Steps[i].Kind == FollowUp && c.Steps[i].State == StepPlanned {
			step = &c.Steps[i]
			break
		}
	}
	reason, err := refusalOf(tx, mailingOf(c, step), contactID)
	if reason == OptedOut && st.Against == notAReason {
		st.Against = reason
	}
	st.Fewer = reason == FewerReminders
	return err
}

// readTurn reads who has the contact in hand, and what they were promised.
func readTurn(tx *db.Tx, cycleID, contactID int64, now time.Time, st *Standing) error {
	err := tx.QueryRow(`select n.name, v.expires_at from live_claim v join account_name n on n.account_id = v.volunteer_id
where v.cycle_id = ? and v.contact_id = ? and v.purpose = 'reach_out' and v.expires_at > ?`, cycleID, contactID, now).Scan(&st.Volunteer, &st.ClaimEnds)
	if err != nil && !db.IsNotFound(err) {
		return err
	}
	err = tx.QueryRow(`select promised_until from promised_contact where cycle_id = ? and contact_id = ? and promised_until > ?
order by promised_until desc limit 1`, cycleID, contactID, now).Scan(&st.Promised)
	if db.IsNotFound(err) {
		err = nil
	}
	return err
}
