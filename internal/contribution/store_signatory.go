package contribution

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of signatories.
func (Signatory) TableName() string { return "signatory" }

// insertSignatory gives the signatory its number; mine is false where the address was invited already.
func insertSignatory(tx *db.Tx, g *Signatory) (mine bool, err error) {
	err = tx.QueryRow("select coalesce(max(position), 0) + 1 from signatory where contribution_id = ?", g.ContributionID).Scan(&g.Position)
	if err != nil {
		return false, err
	}
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(g)
	return res.RowsAffected == 1, res.Error
}

func storeSignatory(tx *db.Tx, g *Signatory) error { return tx.Gorm().Select("*").Updates(g).Error }

func signatoryByID(tx *db.Tx, id int64) (Signatory, error) {
	var g Signatory
	return g, tx.Gorm().Where("id = ?", id).Take(&g).Error
}

// signatoriesOf are those of a contribution in the order in which they were named, also those that are none any more.
func signatoriesOf(tx *db.Tx, contributionID int64) ([]Signatory, error) {
	var all []Signatory
	return all, tx.Gorm().Where("contribution_id = ?", contributionID).Order("position").Find(&all).Error
}

// languageLeft is the language of the contribution that the owner of a secret link left.
func languageLeft(tx *db.Tx, secretHash string) (language string, err error) {
	return language, tx.QueryRow(`select k.language from signatory g join contribution k on k.id = g.contribution_id
		where g.secret_hash = ? and g.secret_hash <> '' order by g.id desc limit 1`, secretHash).Scan(&language)
}

func confirmedOfAll(tx *db.Tx, of []Contribution) (map[int64][]Signatory, error) {
	if len(of) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(of))
	for i, c := range of {
		ids[i] = c.ID
	}
	var rows []Signatory
	err := tx.Gorm().Where("contribution_id in ? and state = ?", ids, Confirmed).Order("contribution_id, position").Find(&rows).Error
	all := map[int64][]Signatory{}
	for _, g := range rows {
		all[g.ContributionID] = append(all[g.ContributionID], g)
	}
	return all, err
}

// signers are the contacts whose lists count what becomes of a contribution, its own aside.
func signers(tx *db.Tx, contributionID int64) (ids []int64, err error) {
	return ids, tx.Gorm().Raw("select contact_id from signatory where contribution_id = ? and contact_id is not null and confirmed_at is not null",
		contributionID).Scan(&ids).Error
}

// invitationsTo counts the mails that asked a mailbox to sign or to edit.
func invitationsTo(tx *db.Tx, email string, since time.Time) (n int, err error) {
	return n, tx.QueryRow(`select (select count(*) from signatory where email = ? and mailed_at > ?)
		+ (select count(*) from contribution_editor where email = ? and mailed_at > ?)`, email, since, email, since).Scan(&n)
}

// contactAt is who has the mailbox: of several the one with the name, then one on the cycle's list; 0 for nobody.
func contactAt(tx *db.Tx, cycleID int64, email, name string) (int64, error) {
	var found []int64
	err := tx.Gorm().Raw(`select m.contact_id from contact_mailbox m
		join contact_card c on c.contact_id = m.contact_id
		left join listed_contact l on l.contact_id = m.contact_id and l.cycle_id = ?
		where m.email = ?
		order by case when c.name = ? then 0 else 1 end, case when l.contact_id is null then 1 else 0 end, m.contact_id limit 1`,
		cycleID, email, name).Scan(&found).Error
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// forgetSignatories leaves of the signatures under what was withdrawn that there were some, and whom not to ask again.
func forgetSignatories(tx *db.Tx, contributionID int64) error {
	_, err := tx.Exec("update signatory set name = '', organization = '', email = '', digest = '' where contribution_id = ?", contributionID)
	return err
}

func eraseSignatory(tx *db.Tx, contactID int64) error {
	_, err := tx.Exec("update signatory set name = '', organization = '', state = 'withdrawn' where contact_id = ? and state in ('invited', 'declined')", contactID)
	if err != nil {
		return err
	}
	_, err = tx.Exec("update signatory set email = '' where contact_id = ?", contactID)
	return err
}
