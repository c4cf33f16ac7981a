package faults

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/db"
)

func stepOf(ctx context.Context, d *db.DB, campaignID int64) (id int64, err error) {
	err = d.Read(ctx).QueryRow("select id from campaign_step where campaign_id = ? and position = 1", campaignID).Scan(&id)
	return id, err
}

// states counts the deliveries of a step; launching is true until all are made.
func states(ctx context.Context, d *db.DB, stepID int64) (by map[string]int, launching bool, err error) {
	var state string
	if err := d.Read(ctx).QueryRow("select state from campaign_step where id = ?", stepID).Scan(&state); err != nil {
		return nil, false, err
	}
	rows, err := d.Read(ctx).Query("select state, count(*) from delivery where step_id = ? group by state", stepID)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }()
	by = map[string]int{}
	for rows.Next() {
		var n int
		var of string
		if err := rows.Scan(&of, &n); err != nil {
			return nil, false, err
		}
		by[of] = n
	}
	return by, state == "planned" || state == "launching", rows.Err()
}

// hurry lets what is to be tried again in minutes be tried now.
func hurry(ctx context.Context, d *db.DB, stepID int64) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		open := "step_id = ? and lease_until is null and ended_at is null and queued = 0 and deferred > 0"
		lock := ""
		if tx.Dialect() == db.Postgres {
			lock = " for update"
		}
		var numbers []int64
		if err := tx.Scan(&numbers, "select number from delivery_batch where "+open+" order by number"+lock, stepID); err != nil {
			return err
		}
		long := time.Unix(0, 0).UTC()
		for _, n := range numbers {
			if _, err := tx.Exec("update delivery set until = ? where id > ? and id <= ? and state = 'deferred'", long, stepID<<32+n*campaign.BatchSize, stepID<<32+(n+1)*campaign.BatchSize); err != nil {
				return err
			}
			if _, err := tx.Exec("update delivery_batch set not_before = null where step_id = ? and number = ?", stepID, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// delivered is a delivery as the database has it at the end.
type delivered struct {
	id, contact int64
	state       string
}

func deliveries(ctx context.Context, d *db.DB, stepID int64) ([]delivered, error) {
	rows, err := d.Read(ctx).Query("select id, contact_id, state from delivery where step_id = ?", stepID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []delivered
	for rows.Next() {
		var one delivered
		if err := rows.Scan(&one.id, &one.contact, &one.state); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// suppressShare suppresses the address of one contact in ten.
func suppressShare(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into suppression (hash, reason, created_at)
select a.hash, 'asked', ? from address a where a.id % 10 = 3 and not exists (select 1 from suppression s where s.hash = a.hash)`, now)
		return err
	})
}

// suppressedShare says of a contact whether it is one of those; each has the address of its number.
func suppressedShare(contact int64) bool { return contact%10 == 3 }

// deliveryOf reads the number out of a Message-ID; ok is false for another kind of mail.
func deliveryOf(messageID string) (id int64, ok bool) {
	local, _, _ := strings.Cut(messageID, "@")
	number, isDelivery := strings.CutPrefix(local, "d")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, isDelivery && err == nil
}
