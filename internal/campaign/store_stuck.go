package campaign

import (
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// stuckFilter narrows by what is not 0.
type stuckFilter struct{ cycleID, campaignID int64 }

// stuckRow counts messages of an edition of a text that wait because it cannot be rendered.
type stuckRow struct {
	CycleID        int64
	CampaignID     int64
	Name           string // of the campaign
	StepID         int64
	Position       int
	DocumentID     int64
	RevisionID     int64
	LanguagePolicy LanguagePolicy
	Locale         string
	Variant        string
	Count          int
}

// stuckRows looks only at batches of which something is deferred.
func stuckRows(tx *db.Tx, f stuckFilter) ([]stuckRow, error) {
	where, args := "", []any{DeliveryDeferred, Unrenderable}
	if f.cycleID != 0 {
		where, args = where+" and c.cycle_id = ?", append(args, f.cycleID)
	}
	if f.campaignID != 0 {
		where, args = where+" and c.id = ?", append(args, f.campaignID)
	}
	before := fmt.Sprintf("b.step_id * cast(%d as bigint) + b.number * cast(%d as bigint)", int64(1)<<numberBits, BatchSize)
	var rows []stuckRow
	return rows, tx.Scan(&rows, `select c.cycle_id, c.id as campaign_id, c.name, s.id as step_id, s.position, s.document_id, s.revision_id,
  s.language_policy, d.locale, d.variant, count(*) as count
from delivery_batch b
join campaign_step s on s.id = b.step_id
join campaign c on c.id = s.campaign_id
join delivery d on d.id > `+before+` and d.id <= `+before+` + `+fmt.Sprint(BatchSize)+`
where b.deferred > 0 and b.ended_at is null and d.state = ? and d.reason = ?`+where+`
group by c.cycle_id, c.id, c.name, s.id, s.position, s.document_id, s.revision_id, s.language_policy, d.locale, d.variant
order by c.id, s.position, d.locale, d.variant`, args...)
}

// stuckBatches are the batches of a step in which messages in a language wait for their text.
func stuckBatches(tx *db.Tx, stepID int64, locale string) ([]BatchRef, error) {
	var numbers []int
	err := tx.Scan(&numbers, fmt.Sprintf(`select distinct (id - %d - 1) / %d as number from delivery
where id > ? and id < ? and state = ? and reason = ? and locale = ? order by number`, stepID<<numberBits, BatchSize),
		stepID<<numberBits, (stepID+1)<<numberBits, DeliveryDeferred, Unrenderable, locale)
	batches := make([]BatchRef, len(numbers))
	for i, n := range numbers {
		batches[i] = BatchRef{stepID, n}
	}
	return batches, err
}

func retryStuck(tx *db.Tx, ref BatchRef, locale string, now time.Time) error {
	first, last := ref.ids()
	_, err := tx.Exec("update delivery set until = ? where id >= ? and id <= ? and state = ? and reason = ? and locale = ?",
		now, first, last, DeliveryDeferred, Unrenderable, locale)
	return err
}

func dropStuck(tx *db.Tx, ref BatchRef, locale string) error {
	first, last := ref.ids()
	_, err := tx.Exec("update delivery set state = ?, reason = ?, until = null where id >= ? and id <= ? and state = ? and reason = ? and locale = ?",
		DeliverySkipped, Dropped, first, last, DeliveryDeferred, Unrenderable, locale)
	return err
}
