package document

import "github.com/convoke/convoke/internal/db"

// passageStep is a passage in a revision, beside the last revision before that had it.
type passageStep struct {
	Number  int
	Key     string
	Earlier int // the number of that revision, 0 for none
	Alike   bool
}

// isNew says whether the passage was not in the revision just before.
func (s passageStep) isNew() bool { return s.Earlier != s.Number-1 || s.Earlier == 0 }

// passageSteps follows every passage through the revisions of a document, in their order. The
// database compares the texts, so that none of them is read.
func passageSteps(tx *db.Tx, documentID int64) ([]passageStep, error) {
	var steps []passageStep
	err := tx.Scan(&steps, `select number, key, coalesce(earlier, 0) as earlier, coalesce(text = was, false) as alike from (
		select r.number, s.key, s.text, lag(r.number) over w as earlier, lag(s.text) over w as was
		from segment s join revision r on r.id = s.revision_id where r.document_id = ?
		window w as (partition by s.key order by r.number)) steps
		order by number`, documentID)
	return steps, err
}
