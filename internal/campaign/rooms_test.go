package campaign

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// queue remembers what it was asked for.
type queue struct {
	mu       sync.Mutex
	away     bool
	launches []int64
	batches  []BatchRef
}

func (q *queue) Launch(_ context.Context, stepID, _ int64) error {
	return q.put(func() { q.launches = append(q.launches, stepID) })
}

func (q *queue) Batch(_ context.Context, ref BatchRef, _ int) error {
	return q.put(func() { q.batches = append(q.batches, ref) })
}

func (q *queue) Away(context.Context) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.away
}

func (q *queue) put(fn func()) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return errs.E(errs.Unavailable, "error.queue_away")
	}
	fn()
	return nil
}

func (q *queue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.launches, q.batches = nil, nil
}

func (q *queue) work(t testing.TB, s *Service) bool {
	t.Helper()
	q.mu.Lock()
	launches, batches := q.launches, q.batches
	q.launches, q.batches = nil, nil
	q.mu.Unlock()
	for _, id := range launches {
		if err := s.RunLaunch(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
	for _, ref := range batches {
		if err := s.SendBatch(context.Background(), ref); err != nil {
			t.Fatal(err)
		}
	}
	return len(launches)+len(batches) > 0
}

type addresses struct{}

// RecountDelivered counts nothing: contact and outreach have the tests of the counters.
func (addresses) RecountDelivered(*db.Tx, int64, []int64, []int64) error { return nil }

func (addresses) MarkBounced(tx *db.Tx, _ audit.Who, ids []int64) error {
	for _, id := range ids {
		if _, err := tx.Exec("update address set status = 'bounced' where id = ?", id); err != nil {
			return err
		}
	}
	return nil
}

func (addresses) MarkComplained(tx *db.Tx, _ audit.Who, id int64) error {
	_, err := tx.Exec("update address set status = 'complained' where id = ?", id)
	return err
}

// volunteers keep what they were told as attempts.
type volunteers struct{ h *house }

func (v volunteers) ExtendClaim(tx *db.Tx, by account.Actor, id int64) error {
	n, err := tx.Exec("update claim set expires_at = ? where id = ? and volunteer_id = ? and state = 'active'", v.h.clock.Now().Add(7*day), id, by.ID)
	if err == nil && n == 0 {
		err = errs.E(errs.NotFound, "outreach.claim.not_found")
	}
	return err
}

func (v volunteers) Mailed(tx *db.Tx, m Mailed) error {
	outcome := "sent"
	if m.WrongAddress {
		outcome = "wrong_address"
	}
	_, err := tx.Exec(`insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at)
select id, cycle_id, contact_id, volunteer_id, 'mail', ?, ? from claim where id = ?`, outcome, m.At, m.ClaimID)
	return err
}

type cycles struct {
	c        Cycle
	deadline *Deadline
	grace    *Deadline          // of initiatives
	own      map[int64]Deadline // of contacts
	onCycle  func()             // what happens while somebody asks
}

func (c *cycles) Cycle(context.Context, int64) (Cycle, error) {
	if c.onCycle != nil {
		c.onCycle()
	}
	return c.c, nil
}

func (c *cycles) CycleBySlug(context.Context, string) (Cycle, error) { return c.c, nil }
func (c *cycles) Deadline(_ context.Context, _ int64, initiative bool, _ time.Time) (Deadline, bool, error) {
	if initiative && c.grace != nil {
		return *c.grace, true, nil
	}
	if c.deadline == nil {
		return Deadline{}, false, nil
	}
	return *c.deadline, true, nil
}

func (c *cycles) OwnDeadlines(_ context.Context, _ int64, readers []Reader, _ time.Time) (map[int64]Deadline, error) {
	found := map[int64]Deadline{}
	for _, r := range readers {
		if d, ok := c.own[r.ContactID]; ok {
			found[r.ContactID] = d
		}
	}
	return found, nil
}

// journals is the folder of journals of a test.
type journals struct {
	*mail.Journal
	dir, owner string
}

func openJournals(t testing.TB, dir, owner string) *journals {
	t.Helper()
	j, err := mail.OpenJournal(dir, owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return &journals{Journal: j, dir: dir, owner: owner}
}

func (j *journals) Owner() string                     { return j.owner }
func (j *journals) Recorder() mail.Recorder           { return j.Journal }
func (j *journals) Dead() ([]mail.DeadJournal, error) { return mail.ReadDead(j.dir, mail.BootID()) }
func (j *journals) Live() ([]string, error)           { return mail.LiveOwners(j.dir) }
func (j *journals) Forget(d mail.DeadJournal) error   { return mail.Forget(d) }
