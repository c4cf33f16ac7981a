package contribution

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/link"
)

// profile is what the other rooms' views tell of a contact.
type profile struct {
	ContactID        int64
	Kind             string
	Name             string
	Organization     string
	UnitID           int64
	NRIID            *int64 `gorm:"column:nri_id"`
	LanguageChain    string
	Country          string
	StakeholderGroup string
	Region           string
}

// profileOf reads a contact; group and region are those on the list of the cycle, else its own.
func profileOf(tx *db.Tx, cycleID, contactID int64) (profile, error) {
	var p profile
	err := tx.Gorm().Raw(`select p.contact_id, p.kind, p.name, p.organization, p.unit_id, p.language_chain, p.country,
		coalesce(l.stakeholder_group, p.stakeholder_group) as stakeholder_group,
		coalesce(l.region, p.region) as region
		from contact_profile p
		left join listed_contact l on l.contact_id = p.contact_id and l.cycle_id = ?
		where p.contact_id = ?`, cycleID, contactID).Take(&p).Error
	if err != nil {
		return p, err
	}
	// Asked by itself: within the statement above, SQLite would work out for everybody who answers for an initiative.
	return p, tx.QueryRow("select min(nri_id) from nri_contact where contact_id = ?", contactID).Scan(&p.NRIID)
}

// holdsClaim says whether the volunteer holds the contact in the cycle now.
func holdsClaim(tx *db.Tx, cycleID, contactID, volunteerID int64, now time.Time) (bool, error) {
	var n int
	err := tx.QueryRow(`select count(*) from live_claim
		where cycle_id = ? and contact_id = ? and volunteer_id = ? and expires_at > ?`,
		cycleID, contactID, volunteerID, now).Scan(&n)
	return n > 0, err
}

// mailboxFor is where an acknowledgement goes: to the mailbox whose link was used, else to the contact's own; ""
// where none may be mailed.
func mailboxFor(tx *db.Tx, contactID int64, deliveryID *int64) (string, error) {
	var found []string
	if deliveryID != nil {
		err := tx.Gorm().Raw(`select d.email from delivery_mailbox d
			join usable_address u on u.address_id = d.address_id and u.contact_id = d.contact_id
			where d.delivery_id = ? and d.contact_id = ?`, *deliveryID, contactID).Scan(&found).Error
		if err != nil || len(found) > 0 {
			return first(found), err
		}
	}
	err := tx.Gorm().Raw("select email from mailable_address where contact_id = ?", contactID).Scan(&found).Error
	return first(found), err
}

// localeOfDelivery is the language of the mail that a link was in, "" where it was in none.
func localeOfDelivery(tx *db.Tx, t link.Target) (string, error) {
	if t.DeliveryID == 0 {
		return "", nil
	}
	var found []string
	err := tx.Gorm().Raw("select locale from delivery_mailbox where delivery_id = ? and contact_id = ?",
		t.DeliveryID, t.ContactID).Scan(&found).Error
	return first(found), err
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// list reads one more than the limit, which tells whether there is a next page.
func list(tx *db.Tx, f Filter) ([]Contribution, error) {
	q := tx.Gorm().Order("id desc").Limit(f.Limit + 1)
	if f.CycleID != 0 {
		q = q.Where("cycle_id = ?", f.CycleID)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	var all []Contribution
	return all, q.Find(&all).Error
}

func countStates(tx *db.Tx, cycleID int64) (map[State]int, error) {
	rows, err := tx.Query("select state, count(*) from contribution where cycle_id = ? group by state", cycleID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	counts := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		counts[state] = n
	}
	return counts, rows.Err()
}

// isListed is what the public may list, in the words of the indexes that hold it.
const isListed = "public_number is not null and state in ('published', 'withdrawn')"

func published(tx *db.Tx, cycleID int64, before, limit int) ([]Contribution, error) {
	q := tx.Gorm().Where("cycle_id = ? and "+isListed, cycleID).
		Order("public_number desc").Limit(limit)
	if before > 0 {
		q = q.Where("public_number < ?", before)
	}
	var rows []Contribution
	return rows, q.Find(&rows).Error
}

func publishedAmong(tx *db.Tx, cycleID int64, numbers []int) ([]Contribution, error) {
	var all []Contribution
	for some := range slices.Chunk(numbers, 500) {
		var rows []Contribution
		err := tx.Gorm().Where("cycle_id = ? and state = ? and public_number in ?", cycleID, Published, some).Order("public_number").Find(&rows).Error
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func countPublished(tx *db.Tx, cycleID int64) (n int, err error) {
	return n, tx.QueryRow("select count(*) from contribution where cycle_id = ? and state = ?", cycleID, string(Published)).Scan(&n)
}

func byNumber(tx *db.Tx, cycleID int64, number int) (Contribution, error) {
	var c Contribution
	return c, tx.Gorm().Where("cycle_id = ? and public_number = ?", cycleID, number).Take(&c).Error
}

func answersOfAll(tx *db.Tx, of []Contribution) (map[int64]Answers, error) {
	if len(of) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(of))
	for i, c := range of {
		ids[i] = c.ID
	}
	var rows []Answer
	if err := tx.Gorm().Where("contribution_id in ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	all := map[int64]Answers{}
	for _, r := range rows {
		if all[r.ContributionID] == nil {
			all[r.ContributionID] = Answers{}
		}
		all[r.ContributionID][r.Question] = r.Text
	}
	return all, nil
}
