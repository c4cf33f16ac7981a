package contribution

import "github.com/convoke/convoke/internal/db"

// reviewList reads one more than the limit, which tells whether there is a next page.
func reviewList(tx *db.Tx, f ReviewFilter) ([]Contribution, error) {
	q := tx.Gorm().Where("cycle_id = ? and state <> ?", f.CycleID, Draft).Order("id desc").Limit(f.Limit + 1)
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Group != "" {
		q = q.Where("stakeholder_group = ?", f.Group)
	}
	switch {
	case f.Reviewer == NoReviewer:
		q = q.Where("reviewer_id is null")
	case f.Reviewer != 0:
		q = q.Where("reviewer_id = ?", f.Reviewer)
	}
	switch f.Done {
	case "yes":
		q = q.Where("reviewed_at is not null")
	case "no":
		q = q.Where("reviewed_at is null")
	}
	if f.Late == "yes" || f.Late == "no" {
		q = q.Where("late = ?", f.Late == "yes")
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	var all []Contribution
	return all, q.Find(&all).Error
}

func reviewProgress(tx *db.Tx, cycleID int64) (done, all int, err error) {
	err = tx.QueryRow(`select count(reviewed_at), count(*) from contribution
		where cycle_id = ? and state in ('received', 'checked', 'published', 'withheld')`, cycleID).Scan(&done, &all)
	return done, all, err
}
