package campaign

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// volunteerFirst speaks against a follow-up for now: a volunteer has the contact in hand and may write first.
func volunteerFirst(x string, cycleID int64, now time.Time) (string, []any) {
	return "when " + x + ".contact_id in (" + claimedContacts + ") then 'volunteer_first'", []any{cycleID, now}
}

// readTurns finds out until when the volunteers have the contacts of follow-ups that wait for them.
func readTurns(tx *db.Tx, r *round, now time.Time) error {
	waiting := map[int64]*queuedRow{}
	var ids []int64
	for i := range r.rows {
		if row := &r.rows[i]; row.reason == VolunteerFirst {
			waiting[row.person.ContactID] = row
			ids = append(ids, row.person.ContactID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var claims []heldClaim
	err := tx.Gorm().Table("live_claim").Where("cycle_id = ? and purpose = 'reach_out' and expires_at > ? and contact_id in ?", r.cycle.ID, now, ids).Find(&claims).Error
	for _, c := range claims {
		row := waiting[c.ContactID]
		row.turn = &Turn{DeliveryID: row.person.DeliveryID, VolunteerID: c.VolunteerID, ContactID: c.ContactID, Since: now, Until: c.ExpiresAt}
	}
	for _, row := range waiting {
		if row.turn == nil { // it ended in this moment
			row.reason = notAReason
		}
	}
	return err
}

// storeTurns notes whom follow-ups wait for. Of one that waited before, only another volunteer is news.
func storeTurns(tx *db.Tx, outcomes []outcome) error {
	for _, o := range outcomes {
		if o.turn == nil {
			continue
		}
		_, err := tx.Exec(`insert into volunteer_turn (delivery_id, volunteer_id, since) values (?, ?, ?)
on conflict (delivery_id) do update set volunteer_id = excluded.volunteer_id,
  since = case when volunteer_turn.volunteer_id = excluded.volunteer_id then volunteer_turn.since else excluded.since end,
  told_at = case when volunteer_turn.volunteer_id = excluded.volunteer_id then volunteer_turn.told_at end`, o.turn.DeliveryID, o.turn.VolunteerID, o.turn.Since)
		if err != nil {
			return err
		}
	}
	return nil
}

const turnColumns = `select t.delivery_id, t.volunteer_id, t.since, d.contact_id, n.name as contact, v.expires_at as until
from volunteer_turn t
join delivery d on d.id = t.delivery_id and d.state = 'deferred' and d.reason = 'volunteer_first'
join campaign_step s on s.id = d.step_id
join campaign c on c.id = s.campaign_id
join contact_name n on n.contact_id = d.contact_id
join live_claim v on v.cycle_id = c.cycle_id and v.contact_id = d.contact_id and v.volunteer_id = t.volunteer_id and v.purpose = 'reach_out' and v.expires_at > ?`

func turnsOf(tx *db.Tx, cycleID, volunteerID int64, now time.Time) ([]Turn, error) {
	var all []Turn
	return all, tx.Scan(&all, turnColumns+" where t.volunteer_id = ? and c.cycle_id = ? order by t.since, t.delivery_id", now, volunteerID, cycleID)
}

func turnsUntold(tx *db.Tx, now time.Time) ([]Turn, error) {
	var all []Turn
	return all, tx.Scan(&all, turnColumns+" where t.told_at is null order by t.volunteer_id, t.delivery_id limit 500", now)
}

func markTurnsTold(tx *db.Tx, turns []Turn, now time.Time) (bool, error) {
	args := []any{now}
	for _, t := range turns {
		args = append(args, t.DeliveryID)
	}
	n, err := tx.Exec("update volunteer_turn set told_at = ? where told_at is null and delivery_id in ("+marks(len(turns))+")", args...)
	return n == int64(len(turns)), err
}

// turnsOver are follow-ups that wait for nobody any more.
func turnsOver(tx *db.Tx, now time.Time) ([]int64, error) {
	var ids []int64
	return ids, tx.Scan(&ids, `select t.delivery_id from volunteer_turn t
join delivery d on d.id = t.delivery_id
join campaign_step s on s.id = d.step_id
join campaign c on c.id = s.campaign_id
where d.state <> 'deferred' or d.reason <> 'volunteer_first' or not exists (select 1 from live_claim v
  where v.cycle_id = c.cycle_id and v.contact_id = d.contact_id and v.purpose = 'reach_out' and v.expires_at > ?)
order by t.delivery_id limit 500`, now)
}

// wakeTurn ends a turn; woken says whether the message waited for nothing else.
func wakeTurn(tx *db.Tx, deliveryID int64, now time.Time) (woken bool, err error) {
	if _, err := tx.Exec("delete from volunteer_turn where delivery_id = ?", deliveryID); err != nil {
		return false, err
	}
	n, err := tx.Exec("update delivery set until = ? where id = ? and state = 'deferred' and reason = 'volunteer_first' and until > ?", now, deliveryID, now)
	return n > 0, err
}
