package contribution

import (
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of contributions.
func (Contribution) TableName() string { return "contribution" }

// TableName is the table of answers.
func (Answer) TableName() string { return "answer" }

// numbersLock is the first half of the key under which PostgreSQL hands out public numbers.
const numbersLock = 0x436f6e76

// insertDraft stores a new contribution; mine is false where the contact has one in the cycle already.
func insertDraft(tx *db.Tx, c *Contribution) (mine bool, err error) {
	res := tx.Gorm().Clauses(clause.OnConflict{DoNothing: true}).Create(c)
	return res.RowsAffected == 1, res.Error
}

func store(tx *db.Tx, c *Contribution) error { return tx.Gorm().Select("*").Updates(c).Error }

// byRight finds what a token opens: the latest, because a withdrawn one may have been followed by another.
func byRight(tx *db.Tx, r right, lock bool) (Contribution, error) {
	if r.editor != nil {
		return byEditor(tx, *r.editor, lock)
	}
	if r.secret != "" {
		return take(tx, lock, "secret_hash = ?", r.secret)
	}
	return take(tx, lock, "cycle_id = ? and contact_id = ?", r.target.CycleID, r.target.ContactID)
}

func byID(tx *db.Tx, id int64, lock bool) (Contribution, error) { return take(tx, lock, "id = ?", id) }

// take reads one row. SQLite has one writer, and needs no lock within Write. The contact and those who signed are locked before the
// contribution, as by merges.
func take(tx *db.Tx, lock bool, where string, args ...any) (Contribution, error) {
	q := tx.Gorm().Where(where, args...).Order("id desc").Limit(1)
	if lock && tx.Dialect() == db.Postgres {
		_, err := tx.Exec("select 1 from contact_card where contact_id in (select contact_id from contribution where "+where+
			" union select g.contact_id from signatory g where g.contribution_id in (select id from contribution where "+where+
			")) order by contact_id for no key update", slices.Concat(args, args)...)
		if err != nil {
			return Contribution{}, err
		}
		q = q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	var c Contribution
	return c, q.Take(&c).Error
}

func answersOf(tx *db.Tx, id int64) (Answers, error) {
	rows, err := writtenOf(tx, id)
	return textsOf(rows), err
}

// writtenOf are the answers with who wrote them, by question.
func writtenOf(tx *db.Tx, id int64) (map[string]Answer, error) {
	var rows []Answer
	if err := tx.Gorm().Where("contribution_id = ?", id).Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make(map[string]Answer, len(rows))
	for _, r := range rows {
		all[r.Question] = r
	}
	return all, nil
}

func textsOf(rows map[string]Answer) Answers {
	answers := make(Answers, len(rows))
	for key, r := range rows {
		answers[key] = r.Text
	}
	return answers
}

// writer is who writes answers, when, and on which page.
type writer struct {
	editor *int64 // nil: the contributor
	at     time.Time
	page   string
}

// storeAnswers makes the stored answers those of now, touching only what differs from old. An
// empty text is no answer.
func storeAnswers(tx *db.Tx, id int64, old, now Answers, by writer) error {
	for _, key := range old.keys() {
		if now[key] != "" {
			continue
		}
		if _, err := tx.Exec("delete from answer where contribution_id = ? and question = ?", id, key); err != nil {
			return err
		}
	}
	var changed []Answer
	for _, key := range now.keys() {
		if text := now[key]; text != "" && text != old[key] {
			changed = append(changed, Answer{ContributionID: id, Question: key, Text: text, EditorID: by.editor, WrittenAt: &by.at, Page: by.page})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return tx.Gorm().Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "contribution_id"}, {Name: "question"}},
		DoUpdates: clause.AssignmentColumns([]string{"text", "editor_id", "written_at", "page"}),
	}).Create(&changed).Error
}

func deleteAnswers(tx *db.Tx, id int64) error {
	_, err := tx.Exec("delete from answer where contribution_id = ?", id)
	return err
}

func countAnswers(tx *db.Tx, id int64) (n int, err error) {
	return n, tx.QueryRow("select count(*) from answer where contribution_id = ?", id).Scan(&n)
}

func countAnswersTo(tx *db.Tx, cycleID int64, keys []string) (n int, err error) {
	return n, tx.Gorm().Raw(`select count(distinct c.id) from contribution c join answer a on a.contribution_id = c.id
		where c.cycle_id = ? and a.question in ?`, cycleID, keys).Scan(&n).Error
}

func countForms(tx *db.Tx, email string, since time.Time) (n int64, err error) {
	return n, tx.Gorm().Model(&Contribution{}).
		Where("contact_id is null and email = ? and started_at > ?", email, since).Count(&n).Error
}

// lockRecorder lets what one person records come one after the other, until the transaction ends. SQLite has one writer.
func lockRecorder(tx *db.Tx, accountID int64) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	_, err := tx.Exec("select pg_advisory_xact_lock(hashtextextended('contribution.record', ?))", accountID)
	return err
}

// recordedLike are the contributions that the same person has recorded since then, the same way and under the same name.
func recordedLike(tx *db.Tx, c Contribution, since time.Time) ([]Contribution, error) {
	var rows []Contribution
	return rows, tx.Gorm().Where("cycle_id = ? and contact_id is null and recorded_by = ? and started_at > ?", c.CycleID, *c.RecordedBy, since).
		Where("channel = ? and name = ? and organization = ? and state <> ?", c.Channel, c.Name, c.Organization, Withdrawn).
		Order("id").Find(&rows).Error
}

// nextNumber is the next public number of the cycle. Publications of a cycle wait for each other from
// here to their commit, so that numbers are given once and without a hole.
func nextNumber(tx *db.Tx, cycleID int64) (n int, err error) {
	if tx.Dialect() == db.Postgres {
		if _, err := tx.Exec("select pg_advisory_xact_lock(?, ?)", int32(numbersLock), int32(cycleID)); err != nil {
			return 0, err
		}
	}
	return n, tx.QueryRow("select coalesce(max(public_number), 0) + 1 from contribution where cycle_id = ?", cycleID).Scan(&n)
}
