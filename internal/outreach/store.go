package outreach

import (
	"database/sql"
	"time"

	"golang.org/x/text/language"
	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of claims.
func (Claim) TableName() string { return "claim" }

// TableName is the table of attempts.
func (Attempt) TableName() string { return "attempt" }

// TableName is the table of connections.
func (Connection) TableName() string { return "connection" }

// lockVolunteer lets one transaction at a time give claims to a volunteer, so that two of them
// cannot go over the cap together. SQLite has one writer anyway.
func lockVolunteer(tx *db.Tx, accountID int64) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec("select pg_advisory_xact_lock(hashtextextended('outreach.volunteer', ?))", accountID)
	return err
}

// lockContacts keeps what forbids a claim from coming up unseen: whoever is about to opt out, to be erased or to become one with
// somebody else waits until the claims are made, and ends them then. All lock contacts in the order of their ids.
func lockContacts(tx *db.Tx, ids ...int64) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec("select 1 from contact_card where contact_id = any(cast(? as bigint[])) order by contact_id for no key update", ids)
	return err
}

// lockClaim reads a claim that is about to change together with what is counted of its contact: the contact is locked before the
// claim, as by those who end all claims on it.
func lockClaim(tx *db.Tx, id int64) (Claim, error) {
	c, err := claimByID(tx, id)
	if err != nil {
		return c, err
	}
	if err := lockContacts(tx, c.ContactID); err != nil {
		return c, err
	}
	return claimByID(tx, id)
}

// insertClaim says whether the claim was taken: the unique index refuses a second one.
func insertClaim(tx *db.Tx, c *Claim) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(c)
	if db.IsReferred(res.Error) { // the contact was merged into another in this very moment
		return false, &errs.Error{Code: errs.Conflict, Key: "merge.busy", Err: res.Error}
	}
	return res.RowsAffected == 1, res.Error
}

// saveMoved stores a step of a claim, unless somebody moved the claim since it was read: then it
// is errs.Conflict.
func saveMoved(tx *db.Tx, before, after *Claim) error {
	n, err := tx.Exec(`update claim set state = ?, expires_at = ?, warned_at = ?, renewed_at = ?, ended_at = ?, notes = ?, ended_why = ?, reason = ?
		where id = ? and state = ? and expires_at = ? and volunteer_id = ?`,
		after.State, after.ExpiresAt, after.WarnedAt, after.RenewedAt, after.EndedAt, after.Notes, after.EndedWhy, after.Reason,
		before.ID, before.State, before.ExpiresAt, before.VolunteerID)
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "error.conflict")
	}
	if err != nil || after.State == Active {
		return err
	}
	_, err = tx.Exec("update handover set state = ?, decided_at = ? where claim_id = ? and state = ?", Lapsed, after.EndedAt, after.ID, Offered)
	return err
}

func claimByID(tx *db.Tx, id int64) (Claim, error) {
	var c Claim
	return c, tx.Gorm().Where("id = ?", id).Take(&c).Error
}

// activeClaim is the one that stands in the way of c.
func activeClaim(tx *db.Tx, c *Claim) (Claim, error) {
	var other Claim
	return other, tx.Gorm().Where("cycle_id = ? and contact_id = ? and purpose = ? and state = ?",
		c.CycleID, c.ContactID, c.Purpose, Active).Take(&other).Error
}

func activeOn(tx *db.Tx, contactIDs []int64) ([]Claim, error) {
	var all []Claim
	return all, tx.Gorm().Where("contact_id in ? and state = ?", contactIDs, Active).Order("id").Find(&all).Error
}

// lockActiveOn is activeOn for whoever ends them all: nobody renews one in between.
func lockActiveOn(tx *db.Tx, contactIDs []int64) ([]Claim, error) {
	if tx.Dialect() == db.Postgres {
		if _, err := tx.Exec("select 1 from claim where contact_id = any(cast(? as bigint[])) and state = ? order by id for update", contactIDs, Active); err != nil {
			return nil, err
		}
	}
	return activeOn(tx, contactIDs)
}

func liveOn(tx *db.Tx, contactID, volunteerID int64, now time.Time) ([]Claim, error) {
	var all []Claim
	return all, tx.Gorm().Where("contact_id = ? and volunteer_id = ? and state = ? and expires_at > ?",
		contactID, volunteerID, Active, now).Order("id").Find(&all).Error
}

func liveOf(tx *db.Tx, cycleID, volunteerID int64, now time.Time) ([]Claim, error) {
	var all []Claim
	return all, tx.Gorm().Where("cycle_id = ? and volunteer_id = ? and state = ? and expires_at > ?",
		cycleID, volunteerID, Active, now).Order("expires_at, id").Find(&all).Error
}

func countLive(tx *db.Tx, volunteerID int64, now time.Time) (int64, error) {
	var n int64
	return n, tx.Gorm().Model(&Claim{}).Where("volunteer_id = ? and state = ? and expires_at > ?", volunteerID, Active, now).Count(&n).Error
}

// letGo is the condition on a claim v by which its volunteer must not take the contact again for a while:
// they handed it back, over, let it expire or had it taken from them, for whatever purpose, because each
// would show them the address again; or they did this very thing already. Its args are a purpose, and
// twice the instant before which all is forgotten.
const letGo = `(v.state in ('released', 'expired', 'revoked') or v.state = 'done' and v.purpose = ?) and v.ended_at > ?
	or v.state = 'active' and v.expires_at > ?`

// lastLetGo is when the volunteer last let go of the contact, for any purpose; db.IsNotFound where they did not
// within the cooldown.
func lastLetGo(tx *db.Tx, c *Claim) (time.Time, error) {
	since := c.ClaimedAt.Add(-Cooldown)
	var all []Claim
	err := tx.Scan(&all, `select v.* from claim v where v.cycle_id = ? and v.contact_id = ? and v.volunteer_id = ?
		and (v.state <> 'active' or v.expires_at <= ?) and (`+letGo+")", c.CycleID, c.ContactID, c.VolunteerID, c.ClaimedAt, c.Purpose, since, since)
	if err != nil {
		return time.Time{}, err
	}
	var last time.Time
	for _, v := range all {
		at := v.ExpiresAt
		if v.EndedAt != nil {
			at = *v.EndedAt
		}
		if at.After(last) {
			last = at
		}
	}
	if len(all) == 0 {
		return last, sql.ErrNoRows
	}
	return last, nil
}

func dueClaims(tx *db.Tx, now time.Time, limit int) ([]Claim, error) {
	var all []Claim
	return all, tx.Gorm().Where("state = ? and expires_at <= ?", Active, now).Order("expires_at, id").Limit(limit).Find(&all).Error
}

// dueClaim is a claim with the name of its contact.
type dueClaim struct {
	Claim
	Name string
}

func claimsToWarn(tx *db.Tx, now, until time.Time, limit int) ([]dueClaim, error) {
	var all []dueClaim
	return all, tx.Gorm().Raw(`select c.*, k.name from claim c join contact_card k on k.contact_id = c.contact_id
		where c.state = ? and c.warned_at is null and c.expires_at > ? and c.expires_at <= ?
		order by c.expires_at, c.id limit ?`, Active, now, until, limit).Scan(&all).Error
}

func insertAttempt(tx *db.Tx, a *Attempt) error { return tx.Gorm().Create(a).Error }

func attemptsOn(tx *db.Tx, cycleID, contactID int64) ([]Try, error) {
	var all []Try
	return all, tx.Gorm().Raw(`select a.*, coalesce(n.name, '') as volunteer from attempt a
		left join account_name n on n.account_id = a.volunteer_id
		where a.cycle_id = ? and a.contact_id = ? order by a.at desc, a.id desc limit 50`, cycleID, contactID).Scan(&all).Error
}

func claimsOn(tx *db.Tx, cycleID, contactID int64) ([]Past, error) {
	var all []Past
	return all, tx.Gorm().Raw(`select c.*, coalesce(n.name, '') as volunteer from claim c
		left join account_name n on n.account_id = c.volunteer_id
		where c.cycle_id = ? and c.contact_id = ? order by c.claimed_at desc, c.id desc limit 50`, cycleID, contactID).Scan(&all).Error
}

func accountName(tx *db.Tx, id int64) (string, error) {
	var name string
	err := tx.QueryRow("select name from account_name where account_id = ?", id).Scan(&name)
	return name, err
}

func declaredBy(tx *db.Tx, accountID int64) ([]Declared, error) {
	var all []Declared
	return all, tx.Gorm().Raw(`select c.*, coalesce(k.name, '') as name from connection c
		left join contact_card k on cast(k.contact_id as text) = c.value and c.kind in ('organization', 'conflict')
		where c.account_id = ? order by c.kind, c.value`, accountID).Scan(&all).Error
}

func connectionByID(tx *db.Tx, accountID, id int64) (Connection, error) {
	var c Connection
	return c, tx.Gorm().Where("account_id = ? and id = ?", accountID, id).Take(&c).Error
}

func insertConnection(tx *db.Tx, c *Connection) (bool, error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(c)
	return res.RowsAffected == 1, res.Error
}

func deleteConnection(tx *db.Tx, id int64) error {
	_, err := tx.Exec("delete from connection where id = ?", id)
	return err
}

func isOrganization(tx *db.Tx, id int64) (bool, error) {
	var n int64
	err := tx.Gorm().Table("contact_card").Where("contact_id = ? and kind = 'organization'", id).Count(&n).Error
	return n > 0, err
}

func isLanguage(tag string) bool {
	parsed, err := language.Parse(tag)
	return err == nil && parsed != language.Und
}
