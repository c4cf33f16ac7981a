package faults

import (
	"context"
	"fmt"
	"time"
)

// settle waits until nothing more becomes of a campaign without somebody's decision.
func (t *trial) settle(ctx context.Context, c *course) error {
	last := ""
	err := until(ctx, t.Patience+3*t.Away, "the end of the campaign", func() bool {
		by, launching, err := states(ctx, t.in.DB, c.stepID)
		if err != nil {
			last = err.Error()
			return false
		}
		last = fmt.Sprint(by)
		if launching || by["queued"] > 0 {
			return false
		}
		if by["deferred"] > 0 {
			if err := hurry(ctx, t.in.DB, c.stepID); err != nil {
				last = err.Error()
			}
			return false
		}
		return len(by) > 0
	})
	if err != nil {
		return fmt.Errorf("%w; at last: %s", err, last)
	}
	return nil
}

// count compares the database with the record of the mail server.
func (t *trial) count(ctx context.Context, c *course) error {
	all, err := deliveries(ctx, t.in.DB, c.stepID)
	if err != nil {
		return err
	}
	seen, record := t.Post.Seen(), map[int64]time.Time{}
	for id, at := range t.Post.Taken() {
		n, ok := deliveryOf(id)
		if !ok {
			c.breaks("the server took a message that is none of the campaign: %s", id)
			continue
		}
		record[n] = at
	}
	c.tally(all, record)
	c.Doubles, c.Refused, c.Broken = seen.Doubles, seen.Refused, seen.Broken
	c.Bound += seen.Broken
	c.judge()
	return nil
}

// tally counts what the database says, and where the server says something else.
func (r *Row) tally(all []delivered, record map[int64]time.Time) {
	r.Planned, r.Taken = len(all), len(record)
	known := 0
	for _, d := range all {
		_, taken := record[d.id]
		if taken {
			known++
		}
		switch d.state {
		case "sent", "bounced", "complained":
			r.Sent++
			if !taken {
				r.Lost++
			}
			continue
		case "uncertain":
			r.Uncertain++
			continue
		case "skipped":
			r.Left++
		case "failed":
			r.Failed++
		case "deferred":
			r.Deferred++
		case "queued":
			r.Queued++
		default:
			r.Lost++
		}
		if taken {
			r.Untold++
		}
	}
	r.Untold += len(record) - known
}
