// Package campaigntest gives tests a campaign service with the rooms around it: a cycle with a
// deadline, real documents, contacts, captured mail, and a queue that works when it is told to.
package campaigntest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

// Slug names the cycle.
const Slug = "bpf-2017"

// Kit is the service and what a test turns.
type Kit struct {
	*campaign.Service
	Cycles    *cycle.Service
	Documents *document.Service
	Captured  *mail.CaptureTransport
	CycleID   int64
	db        *db.DB
	now       func() time.Time
	queue     *queue
	t         testing.TB
}

// Links signs the links of the kit's mails, and reads them in other rooms.
func Links() *link.Signer { return link.NewSigner([]byte("a key of the test, long enough to be one")) }

// New makes a cycle with a deadline, a questionnaire that may be frozen, a message in English and
// a follow-up.
func New(t testing.TB, d *db.DB, bundle *i18n.Bundle, accounts document.Accounts, now func() time.Time, officer account.Actor) *Kit {
	t.Helper()
	return NewWith(t, d, bundle, accounts, now, officer, func(*campaign.Deps) {})
}

// NewWith is New with other rooms around the service, or another way for mail to leave.
func NewWith(t testing.TB, d *db.DB, bundle *i18n.Bundle, accounts document.Accounts, now func() time.Time, officer account.Actor, change func(*campaign.Deps)) *Kit {
	t.Helper()
	k := &Kit{db: d, now: now, queue: &queue{}, t: t}
	k.Cycles = cycle.New(cycle.Deps{DB: d, Now: now})
	k.Documents = document.New(document.Deps{DB: d, Now: now, Accounts: accounts, Locales: bundle.Tags()})
	k.Captured = mail.NewCapture(mail.CaptureDeps{DB: d, Now: now})
	pool := mail.NewPool(mail.PoolConfig{Transport: k.Captured, Connections: 1})
	t.Cleanup(pool.Close)
	reference, err := geo.Load()
	k.must(err)
	deps := campaign.Deps{
		DB: d, Reference: reference, Now: now, Bundle: bundle, Links: Links(),
		Cycles: adapt.CampaignCycles{Service: k.Cycles}, Texts: adapt.Texts{Service: k.Documents}, Addresses: addresses{}, Volunteers: volunteers{}, Queue: k.queue,
		Transport: pool, Journals: journals{}, PublicURL: "https://convoke.test",
		From: mail.Address{Name: "BPF Cybersecurity", Email: "bpf@convoke.test"}, MailDomain: "convoke.test",
	}
	letters, err := letter.New(letter.Deps{DB: d, Now: now, I18n: bundle, From: deps.From, Unique: letter.Random, PublicURL: deps.PublicURL})
	k.must(err)
	deps.Letters = letters
	change(&deps)
	k.Service = campaign.New(deps)
	k.furnish(officer)
	return k
}

func (k *Kit) furnish(officer account.Actor) {
	k.t.Helper()
	ctx := context.Background()
	c, err := k.Cycles.Create(ctx, officer, cycle.Cycle{Slug: Slug, Name: "BPF Cybersecurity 2017"})
	k.must(err)
	k.CycleID = c.ID
	_, err = k.Cycles.SetDate(ctx, officer, c.ID, cycle.Deadline, "2017-09-15", cycle.AoE, "")
	k.must(err)
	_, err = k.Documents.Create(ctx, officer, c.ID, document.Survey, "questionnaire", "en", document.Definition{
		ID: "q", Language: "en", Title: "Questions", Questions: []document.QuestionDefinition{{ID: "q1", Type: document.LongText, Text: "What do you think?"}},
	})
	k.must(err)
	for slug, kind := range map[string]document.Kind{"message": document.Mailing, "follow-up": document.FollowUp} {
		_, err = k.Documents.Create(ctx, officer, c.ID, kind, slug, "en", document.Message{
			Subject: "Call for contributions", Body: "Dear {{contact}},\n\nplease answer by {{deadline}}: {{personal_link}}",
		})
		k.must(err)
	}
}

// Contact puts somebody on the list and returns the contact's id; email may be "".
func (k *Kit) Contact(name, email, languages string) (id int64) {
	k.t.Helper()
	k.must(k.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		id, err = k.contact(tx, name, email, languages)
		return err
	}))
	return id
}

// Crowd puts so many on the list who read English, at once.
func (k *Kit) Crowd(n int) {
	k.t.Helper()
	k.must(k.db.Write(context.Background(), func(tx *db.Tx) error {
		for i := range n {
			if _, err := k.contact(tx, fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.org", i), "en"); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (k *Kit) contact(tx *db.Tx, name, email, languages string) (id int64, err error) {
	err = tx.QueryRow(`insert into contact (kind, name, sort_name, languages, language_chain, created_at, updated_at)
values ('person', ?, ?, ?, ?, ?, ?) returning id`, name, strings.ToLower(name), languages, languages, k.now(), k.now()).Scan(&id)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, ?, 'academia', 'weog', ?)", k.CycleID, id, k.now())
	if err != nil || email == "" {
		return id, err
	}
	var address int64
	err = tx.QueryRow("insert into address (email, hash, kind, status, created_at) values (?, ?, 'personal', 'ok', ?) returning id", email, "h:"+email, k.now()).Scan(&address)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec("insert into contact_address (contact_id, address_id, position) values (?, ?, 0)", id, address)
	return id, err
}

// Work does what workers do, until there is nothing left.
func (k *Kit) Work() {
	k.t.Helper()
	ctx := context.Background()
	for range 50 {
		k.queue.take()
		k.must(k.Sweep(ctx))
		launches, batches := k.queue.take()
		for _, id := range launches {
			k.must(k.RunLaunch(ctx, id))
		}
		for _, ref := range batches {
			k.must(k.SendBatch(ctx, ref))
		}
		if len(launches)+len(batches) == 0 {
			return
		}
	}
	k.t.Fatal("there is no end of work")
}

// MakeUncertain lets a delivery be one about which a person decides, as if a connection had broken.
func (k *Kit) MakeUncertain(deliveryID int64) {
	k.t.Helper()
	k.must(k.db.Write(context.Background(), func(tx *db.Tx) error {
		if _, err := tx.Exec("update delivery set state = 'uncertain', reason = 'no_reply' where id = ?", deliveryID); err != nil {
			return err
		}
		_, err := tx.Exec("update delivery_batch set sent = sent - 1, uncertain = 1, ended_at = null where step_id = (select step_id from delivery where id = ?)", deliveryID)
		return err
	}))
}

func (k *Kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

type queue struct {
	mu       sync.Mutex
	launches []int64
	batches  []campaign.BatchRef
}

func (q *queue) Launch(_ context.Context, stepID, _ int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.launches = append(q.launches, stepID)
	return nil
}

func (q *queue) Batch(_ context.Context, ref campaign.BatchRef, _ int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.batches = append(q.batches, ref)
	return nil
}

func (q *queue) Away(context.Context) bool { return false }

func (q *queue) take() ([]int64, []campaign.BatchRef) {
	q.mu.Lock()
	defer q.mu.Unlock()
	launches, batches := q.launches, q.batches
	q.launches, q.batches = nil, nil
	return launches, batches
}

type addresses struct{}

// RecountDelivered counts nothing: contact and outreach have the tests of the counters.
func (addresses) RecountDelivered(*db.Tx, int64, []int64, []int64) error { return nil }

func (addresses) MarkBounced(*db.Tx, audit.Who, []int64) error  { return nil }
func (addresses) MarkComplained(*db.Tx, audit.Who, int64) error { return nil }

// volunteers write nothing of their own here.
type volunteers struct{}

func (volunteers) ExtendClaim(*db.Tx, account.Actor, int64) error { return nil }
func (volunteers) Mailed(*db.Tx, campaign.Mailed) error           { return nil }

// journals are of a process that is never killed.
type journals struct{}

func (journals) Owner() string                     { return "test" }
func (journals) Recorder() mail.Recorder           { return mail.NoJournal{} }
func (journals) Finished(int64, int) error         { return nil }
func (journals) Dead() ([]mail.DeadJournal, error) { return nil, nil }
func (journals) Live() ([]string, error)           { return []string{"test"}, nil }
func (journals) Forget(mail.DeadJournal) error     { return nil }
