package campaign

import (
	"github.com/convoke/convoke/internal/db"
)

// deliveryCounts groups a step's own deliveries, which together are its audience. A step is a range of the
// primary key, and what volunteers sent in person the upper half of it.
func deliveryCounts(tx *db.Tx, stepID int64) ([]Count, error) {
	rows, err := tx.Query(`select state, locale, fallback, variant, reason, count(*) from delivery
where id >= ? and id < ? group by state, locale, fallback, variant, reason`, stepID<<numberBits, stepID<<numberBits|1<<personalBits)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var counts []Count
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.State, &c.Locale, &c.Fallback, &c.Variant, &c.Reason, &c.Count); err != nil {
			return nil, err
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}

// accountNames are what these accounts are called.
func accountNames(tx *db.Tx, ids ...*int64) (map[int64]string, error) {
	names := map[int64]string{}
	for _, id := range ids {
		if id == nil || names[*id] != "" {
			continue
		}
		var name string
		if err := tx.QueryRow("select name from account_name where account_id = ?", *id).Scan(&name); err != nil && !db.IsNotFound(err) {
			return nil, err
		}
		names[*id] = name
	}
	return names, nil
}
