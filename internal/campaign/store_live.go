package campaign

import (
	"github.com/convoke/convoke/internal/db"
)

// countLive adds up the counters of the steps' own batches: one narrow row for each 500 deliveries.
func countLive(tx *db.Tx, steps []int64, l *Live) error {
	of := " from delivery_batch where step_id in (" + marks(len(steps)) + ") and number < ?"
	args := make([]any, 0, len(steps)+1)
	for _, id := range steps {
		args = append(args, id)
	}
	args = append(args, firstPersonal)
	var server, limits, rate int
	err := tx.QueryRow(`select coalesce(sum(queued), 0), coalesce(sum(sent), 0), coalesce(sum(deferred), 0), coalesce(sum(failed), 0), coalesce(sum(skipped), 0), coalesce(sum(uncertain), 0),
  coalesce(sum(case when waits = 'server' and ended_at is null then 1 else 0 end), 0),
  coalesce(sum(case when waits = 'limits' and ended_at is null then 1 else 0 end), 0),
  coalesce(sum(case when waits = 'rate' and ended_at is null then 1 else 0 end), 0)`+of, args...).Scan(
		&l.Queued, &l.Sent, &l.Deferred, &l.Failed, &l.Skipped, &l.Unsure, &server, &limits, &rate)
	if err != nil {
		return err
	}
	switch {
	case server > 0:
		l.Waits = WaitsServer
	case limits > 0:
		l.Waits = WaitsLimits
	case rate > 0:
		l.Waits = WaitsRate
	}
	if l.Deferred == 0 {
		return nil
	}
	err = tx.QueryRow("select not_before"+of+" and ended_at is null and queued = 0 and deferred > 0 and not_before is not null order by not_before limit 1", args...).Scan(&l.Next)
	if db.IsNotFound(err) {
		return nil
	}
	return err
}
