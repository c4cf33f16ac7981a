package document

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of threads.
func (Thread) TableName() string { return "comment_thread" }

// TableName is the table of what is said in them.
func (Comment) TableName() string { return "comment" }

func insertThread(tx *db.Tx, t *Thread) error { return tx.Gorm().Create(t).Error }

func saveThread(tx *db.Tx, t *Thread) error {
	return tx.Gorm().Model(t).Select("*").Omit("id", "document_id", "revision_id", "created_at").Updates(t).Error
}

func saveAnchor(tx *db.Tx, t *Thread) error {
	return tx.Gorm().Model(t).Select("segment_key", "start", "length", "touched").Updates(t).Error
}

// deleteThread takes a thread out with all that was said in it.
func deleteThread(tx *db.Tx, id int64) error {
	if err := tx.Gorm().Where("thread_id = ?", id).Delete(&Comment{}).Error; err != nil {
		return err
	}
	return tx.Gorm().Where("id = ?", id).Delete(&Thread{}).Error
}

func threadByID(tx *db.Tx, id int64) (Thread, error) {
	var t Thread
	return t, tx.Gorm().Where("id = ?", id).Take(&t).Error
}

// threadOutlines are the threads of a document without what is said in them.
func threadOutlines(tx *db.Tx, documentID int64) ([]Thread, error) {
	var all []Thread
	return all, tx.Gorm().Select("id", "document_id", "kind", "segment_key", "state", "waits_for", "author_id", "public_name", "visible").
		Where("document_id = ?", documentID).Order("id").Find(&all).Error
}

// atOnce is how many ids one statement is given: databases bound their number.
const atOnce = 500

func threadsWith(tx *db.Tx, ids []int64) ([]Thread, error) {
	var all []Thread
	for some := range slices.Chunk(ids, atOnce) {
		var threads []Thread
		if err := tx.Gorm().Where("id in ?", some).Find(&threads).Error; err != nil {
			return nil, err
		}
		all = append(all, threads...)
	}
	return all, nil
}

// openThreadsOf are those of a document that nobody has decided.
func openThreadsOf(tx *db.Tx, documentID int64) ([]Thread, error) {
	var all []Thread
	return all, tx.Gorm().Where("document_id = ? and state = ?", documentID, ThreadOpen).Order("id").Find(&all).Error
}

// openThreads counts the threads of a document that nobody has decided.
func openThreads(tx *db.Tx, documentID int64) (int, error) {
	var n int64
	err := tx.Gorm().Model(&Thread{}).Where("document_id = ? and state = ?", documentID, ThreadOpen).Count(&n).Error
	return int(n), err
}

// openThreadCounts is openThreads for each document of a cycle that has any.
func openThreadCounts(tx *db.Tx, documentIDs []int64) (map[int64]int, error) {
	var rows []struct {
		DocumentID int64
		Open       int
	}
	err := tx.Gorm().Model(&Thread{}).Select("document_id, count(*) as open").
		Where("document_id in ? and state = ?", documentIDs, ThreadOpen).Group("document_id").Find(&rows).Error
	counts := make(map[int64]int, len(rows))
	for _, r := range rows {
		counts[r.DocumentID] = r.Open
	}
	return counts, err
}

func revisionNumbered(tx *db.Tx, documentID int64, number int) (Revision, error) {
	var r Revision
	return r, tx.Gorm().Where("document_id = ? and number = ?", documentID, number).Take(&r).Error
}

func insertComment(tx *db.Tx, c *Comment) error { return tx.Gorm().Create(c).Error }

// publicCredits are the revisions of a document that took up what somebody without an account suggested.
func publicCredits(tx *db.Tx, documentID int64) ([]int64, error) {
	var ids []int64
	return ids, tx.Gorm().Model(&Thread{}).Where("document_id = ? and author_id is null and decided_revision_id is not null", documentID).
		Pluck("decided_revision_id", &ids).Error
}

// showComments lets everybody see all that was said in a thread.
func showComments(tx *db.Tx, threadID int64) error {
	return tx.Gorm().Model(&Comment{}).Where("thread_id = ? and not visible", threadID).Update("visible", true).Error
}

// forgetAddresses empties the addresses of those who commented without an account, in these cycles.
func forgetAddresses(tx *db.Tx, cycleIDs []int64) error {
	return tx.Gorm().Model(&Thread{}).
		Where("public_email <> '' and document_id in (select id from document where cycle_id in ?)", cycleIDs).
		Updates(map[string]any{"public_email": "", "public_language": ""}).Error
}

func commentsOf(tx *db.Tx, threadIDs ...int64) (map[int64][]Comment, error) {
	byThread := make(map[int64][]Comment, len(threadIDs))
	for some := range slices.Chunk(threadIDs, atOnce) {
		var all []Comment
		if err := tx.Gorm().Where("thread_id in ?", some).Order("id").Find(&all).Error; err != nil {
			return nil, err
		}
		for _, c := range all {
			byThread[c.ThreadID] = append(byThread[c.ThreadID], c)
		}
	}
	return byThread, nil
}

// namesOf are the names of accounts. It is a view of the accounts' room, because the name of who decided is
// needed while the document is held.
func namesOf(tx *db.Tx, ids []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		AccountID int64
		Name      string
	}
	err := tx.Gorm().Table("account_name").Where("account_id in ?", ids).Find(&rows).Error
	for _, r := range rows {
		names[r.AccountID] = r.Name
	}
	return names, err
}

// begunFrom are the passages of threads as they read when these were begun, by thread.
func begunFrom(tx *db.Tx, threads []Thread) (map[int64]string, error) {
	var revisions []int64
	for _, t := range threads {
		if !slices.Contains(revisions, t.RevisionID) {
			revisions = append(revisions, t.RevisionID)
		}
	}
	var rows []Segment
	for some := range slices.Chunk(revisions, atOnce) {
		var segments []Segment
		if err := tx.Gorm().Where("revision_id in ?", some).Find(&segments).Error; err != nil {
			return nil, err
		}
		rows = append(rows, segments...)
	}
	type place struct {
		revisionID int64
		key        string
	}
	texts := make(map[place]string, len(rows))
	for _, s := range rows {
		texts[place{s.RevisionID, s.Key}] = s.Text
	}
	begun := make(map[int64]string, len(threads))
	for _, t := range threads {
		begun[t.ID] = texts[place{t.RevisionID, t.BegunKey}]
	}
	return begun, nil
}

// saveCommenting says who may comment.
func saveCommenting(tx *db.Tx, d *Document) error {
	return tx.Gorm().Model(d).Select("commenting").Updates(d).Error
}

// threadsFor are the threads of an author in the documents of a cycle in which somebody else has the last word, or
// which somebody else decided after an instant, the latest first.
func threadsFor(tx *db.Tx, cycleID, authorID int64, since time.Time) ([]Thread, error) {
	var all []Thread
	return all, tx.Gorm().Where(`author_id = ? and document_id in (select id from document where cycle_id = ?) and (
		state <> 'open' and decided_by <> author_id and decided_at > ?
		or state = 'open' and exists (select 1 from comment c where c.thread_id = comment_thread.id
			and (c.author_id is null or c.author_id <> comment_thread.author_id)
			and c.id = (select max(l.id) from comment l where l.thread_id = comment_thread.id)))`,
		authorID, cycleID, since).
		Order("id desc").Limit(maxNews).Find(&all).Error
}

// waitingThreads counts the threads in the documents of a cycle that wait for the editors.
func waitingThreads(tx *db.Tx, cycleID int64) (int, error) {
	var n int64
	err := tx.Gorm().Table("waiting_comment").Where("cycle_id = ?", cycleID).Count(&n).Error
	return int(n), err
}
