package campaign

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// turnsOvertaken are follow-ups that wait for a volunteer while a later one of the campaign waits too, for the same contact.
func turnsOvertaken(tx *db.Tx) ([]int64, error) {
	var ids []int64
	return ids, tx.Scan(&ids, `select t.delivery_id from volunteer_turn t
join delivery d on d.id = t.delivery_id and d.state = 'deferred' and d.reason = 'volunteer_first'
join campaign_step s on s.id = d.step_id
where exists (select 1 from volunteer_turn u
  join delivery n on n.id = u.delivery_id and n.state = 'deferred' and n.reason = 'volunteer_first'
  join campaign_step m on m.id = n.step_id
  where n.contact_id = d.contact_id and m.campaign_id = s.campaign_id and m.position > s.position)
order by t.delivery_id limit 500`)
}

// skipOvertaken ends a turn for a later one, unless it has ended.
func skipOvertaken(tx *db.Tx, deliveryID int64) error {
	_, err := tx.Exec("update delivery set state = 'skipped', reason = ?, until = null where id = ? and state = 'deferred' and reason = ?", Overtaken, deliveryID, VolunteerFirst)
	if err != nil {
		return err
	}
	_, err = tx.Exec("delete from volunteer_turn where delivery_id = ?", deliveryID)
	return err
}

// lastBefore is when the contacts of turns were sent a message of the campaign last, by the delivery that waits.
func lastBefore(tx *db.Tx, turns []Turn) (map[int64]time.Time, error) {
	last := map[int64]time.Time{}
	if len(turns) == 0 {
		return last, nil
	}
	args := make([]any, len(turns))
	for i, t := range turns {
		args[i] = t.DeliveryID
	}
	var all []struct {
		ID     int64
		SentAt time.Time
	}
	err := tx.Scan(&all, `select d.id, e.sent_at from delivery d
join campaign_step s on s.id = d.step_id
join campaign_step b on b.campaign_id = s.campaign_id
join delivery e on e.contact_id = d.contact_id and e.step_id = b.id and e.sent_at is not null
where d.id in (`+marks(len(turns))+`)`, args...)
	for _, row := range all {
		if row.SentAt.After(last[row.ID]) {
			last[row.ID] = row.SentAt
		}
	}
	return last, err
}

// turnsPassed are those whose claim somebody else has taken over, with who that is.
func turnsPassed(tx *db.Tx, now time.Time) ([]Turn, error) {
	var all []Turn
	return all, tx.Scan(&all, `select t.delivery_id, v.volunteer_id from volunteer_turn t
join delivery d on d.id = t.delivery_id and d.state = 'deferred' and d.reason = 'volunteer_first'
join campaign_step s on s.id = d.step_id
join campaign c on c.id = s.campaign_id
join live_claim v on v.cycle_id = c.cycle_id and v.contact_id = d.contact_id and v.purpose = 'reach_out' and v.expires_at > ? and v.volunteer_id <> t.volunteer_id`, now)
}

func passTurns(tx *db.Tx, passed []Turn, now time.Time) error {
	for _, t := range passed {
		_, err := tx.Exec("update volunteer_turn set volunteer_id = ?, since = ?, told_at = null where delivery_id = ?", t.VolunteerID, now, t.DeliveryID)
		if err != nil {
			return err
		}
	}
	return nil
}

// anyTurns says whether anything waits for a volunteer at all.
func anyTurns(tx *db.Tx) (waits bool, err error) {
	err = tx.QueryRow("select exists (select 1 from volunteer_turn)").Scan(&waits)
	return waits, err
}
