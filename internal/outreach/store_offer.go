package outreach

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of offers.
func (Offer) TableName() string { return "handover" }

// insertOffer says whether the offer was made: the unique index refuses a second open one.
func insertOffer(tx *db.Tx, o *Offer) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(o)
	return res.RowsAffected == 1, res.Error
}

// saveOffer ends an offer that is open; errs.Conflict where somebody was faster.
func saveOffer(tx *db.Tx, o *Offer) error {
	n, err := tx.Exec("update handover set state = ?, answer = ?, decided_at = ? where id = ? and state = ?", o.State, o.Answer, o.DecidedAt, o.ID, Offered)
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "outreach.offer.over")
	}
	return err
}

func openOffer(tx *db.Tx, claimID int64) (Offer, error) {
	var o Offer
	return o, tx.Gorm().Where("claim_id = ? and state = ?", claimID, Offered).Take(&o).Error
}

// lastOffer is the newest offer of the claim to somebody.
func lastOffer(tx *db.Tx, claimID, toID int64) (Offer, error) {
	var o Offer
	return o, tx.Gorm().Where("claim_id = ? and to_id = ?", claimID, toID).Order("id desc").Take(&o).Error
}

// namedOffer is an offer with the name of the other side.
type namedOffer struct {
	Offer
	Name string
}

// offersTo are the open offers to somebody whose claims still hold.
func offersTo(tx *db.Tx, cycleID, toID int64, now time.Time) ([]namedOffer, error) {
	var all []namedOffer
	return all, tx.Gorm().Raw(`select o.*, coalesce(n.name, '') as name from handover o
		join claim c on c.id = o.claim_id left join account_name n on n.account_id = o.from_id
		where o.to_id = ? and o.state = ? and c.cycle_id = ? and c.state = 'active' and c.expires_at > ? order by o.offered_at, o.id`,
		toID, Offered, cycleID, now).Scan(&all).Error
}

// offersOf are the newest offers of each of the claims.
func offersOf(tx *db.Tx, claimIDs []int64) (map[int64]namedOffer, error) {
	var all []namedOffer
	err := tx.Gorm().Raw(`select o.*, coalesce(n.name, '') as name from handover o left join account_name n on n.account_id = o.to_id
		where o.claim_id in ? order by o.id`, claimIDs).Scan(&all).Error
	of := make(map[int64]namedOffer, len(all))
	for _, o := range all {
		of[o.ClaimID] = o
	}
	return of, err
}

// cutoffOf is the zero Cutoff where the cycle has none.
func cutoffOf(tx *db.Tx, cycleID int64) (Cutoff, error) {
	var found []Cutoff
	err := tx.Gorm().Raw("select on_date, zone, at from cycle_date_now where cycle_id = ? and kind = ?", cycleID, cutoffKind).Scan(&found).Error
	if err != nil || len(found) == 0 {
		return Cutoff{}, err
	}
	return found[0], nil
}

// takenFrom are the claims that ended without their volunteer since then, the newest first.
func takenFrom(tx *db.Tx, cycleID, volunteerID int64, since time.Time) ([]Ended, error) {
	var all []Ended
	return all, tx.Gorm().Raw(`select c.*, k.name from claim c join contact_name k on k.contact_id = c.contact_id
		where c.cycle_id = ? and c.volunteer_id = ? and c.state = 'revoked' and c.ended_at > ? order by c.ended_at desc, c.id`,
		cycleID, volunteerID, since).Scan(&all).Error
}
