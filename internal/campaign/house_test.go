package campaign

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	post "github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// house is a campaign room with a real database, a real SMTP conversation and a real journal. The
// rooms beside it are small stand-ins.
type house struct {
	*Service
	t      testing.TB
	db     *db.DB
	server *mailtest.Raw
	texts  *texts
	cycles *cycles
	queue  *queue
	dir    string
	clock  *clocktest.Clock

	limits  Limits
	buckets Buckets

	officer, approver account.Actor
	cycleID           int64
	message, followUp int64 // documents
}

var start = time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC)

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	return newHouseWith(t, d, nil)
}

func newHouseWith(t testing.TB, d *db.DB, script func(mailtest.Event) mailtest.Action) *house {
	t.Helper()
	h := &house{t: t, db: d, clock: clocktest.At(start), queue: &queue{}, dir: t.TempDir()}
	h.server = mailtest.NewRaw(t, mailtest.RawOptions{Script: script})
	h.furnish()
	h.Service = h.service("worker-1")
	return h
}

// service is one process's: with its own journal and connections.
func (h *house) service(owner string) *Service {
	h.t.Helper()
	return New(Deps{
		DB: h.db, Now: h.clock.Now, Bundle: i18ntest.Bundle(h.t), Links: link.NewSigner([]byte("the key of a test, long enough")),
		Cycles: h.cycles, Texts: h.texts, Addresses: addresses{}, Volunteers: volunteers{h}, Queue: h.queue, Letters: h.letters(),
		Reference: reference(h.t), Limits: h.limits, Buckets: h.buckets, Transport: h.pool(), Journals: openJournals(h.t, h.dir, owner),
		PublicURL: "https://convoke.test", From: mail.Address{Name: "BPF Cybersecurity", Email: "bpf@convoke.test"}, MailDomain: "convoke.test",
	})
}

func (h *house) letters() *post.Outbox {
	o, err := post.New(post.Deps{DB: h.db, Now: h.clock.Now, I18n: i18ntest.Bundle(h.t), From: mail.Address{Email: "bpf@convoke.test"}, Unique: post.Random})
	h.must(err)
	return o
}

func (h *house) pool() *mail.Pool {
	host, port, err := net.SplitHostPort(h.server.Addr())
	if err != nil {
		h.t.Fatal(err)
	}
	n, _ := strconv.Atoi(port)
	p := mail.NewPool(mail.PoolConfig{
		Transport:   mail.NewSMTP(mail.SMTPConfig{Host: host, Port: n, Mode: mail.TLSOff, HELO: "test", Timeout: 5 * time.Second}),
		Connections: 4,
	})
	h.t.Cleanup(p.Close)
	return p
}

func (h *house) write(query string, args ...any) {
	h.t.Helper()
	err := h.db.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
}

func (h *house) insert(query string, args ...any) int64 {
	h.t.Helper()
	var id int64
	err := h.db.Write(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(query+" returning id", args...).Scan(&id)
	})
	if err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	return id
}

func (h *house) number(query string, args ...any) int {
	h.t.Helper()
	var n int
	if err := h.db.Read(context.Background()).QueryRow(query, args...).Scan(&n); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (h *house) furnish() {
	h.officer, h.approver = h.member("officer"), h.member("approver")
	h.cycleID = h.insert("insert into cycle (slug, name, state, default_language, created_at) values ('bpf-2017', 'BPF 2017', 'open', 'en', ?)", start)
	h.cycles = &cycles{c: Cycle{ID: h.cycleID, Slug: "bpf-2017", Name: "BPF 2017", DefaultLanguage: "en", OrganizationStopsFollowUps: true}}
	h.texts = &texts{h: h, byRevision: map[int64]*stored{}}
	h.message = h.texts.add(KindMessage, "message", "en", "es")
	h.followUp = h.texts.add(KindFollowUp, "follow-up", "en")
	h.texts.add(KindQuestionnaire, "questionnaire", "en", "es", "fr", "ar", "ru", "zh", "pt")
}

func (h *house) member(name string) account.Actor {
	id := h.insert("insert into account (email, name, created_at) values (?, ?, ?)", name+"@example.org", name, start)
	return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: id, Name: name}, Roles: []account.Role{account.Officer}}
}

// contact puts somebody on the list and returns the contact's id. email may be "".
func (h *house) contact(name, email, chain string) int64 {
	return h.contactIn(name, email, chain, "civil_society", "weog")
}

func (h *house) contactIn(name, email, chain, group, region string) int64 {
	h.t.Helper()
	id := h.insert(`insert into contact (kind, name, sort_name, languages, language_chain, created_at, updated_at) values ('person', ?, ?, ?, ?, ?, ?)`,
		name, strings.ToLower(name), chain, chain, start, start)
	if email != "" {
		h.address(id, email)
	}
	h.insert("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, ?, ?, ?, ?)", h.cycleID, id, group, region, start)
	return id
}

// address gives the contact an address, which others may have too.
func (h *house) address(contactID int64, email string) int64 {
	h.t.Helper()
	h.write("insert into address (email, hash, kind, status, created_at) values (?, ?, 'personal', 'ok', ?) on conflict do nothing", email, "h:"+email, start)
	id := int64(h.number("select id from address where email = ?", email))
	position := h.number("select count(*) from contact_address where contact_id = ?", contactID)
	h.write("insert into contact_address (contact_id, address_id, position) values (?, ?, ?)", contactID, id, position)
	return id
}

// derive brings what the contacts' room keeps of each up to date, as it does itself with every change.
func (h *house) derive() {
	h.t.Helper()
	h.write("delete from contact_search")
	key := "cast('' as blob)"
	if h.db.Dialect() == db.Postgres {
		key = "cast('' as bytea)"
	}
	h.write(`insert into contact_search (contact_id, script, sort_key, sort_key_es, words, address_state)
select c.id, 1, ` + key + `, ` + key + `, '', case
  when exists (select 1 from contact_mailbox m where m.contact_id = c.id and m.suppressed) then 'opted_out'
  when exists (select 1 from usable_address u where u.contact_id = c.id) then 'usable'
  when exists (select 1 from contact_mailbox m where m.contact_id = c.id) then 'bounced' else 'none' end
from contact c where not exists (select 1 from erased_contact e where e.contact_id = c.id)`)
	h.write("update listing set language_chain = (select c.language_chain from contact c where c.id = listing.contact_id), mailbox_id = " + firstMailbox)
}

const firstMailbox = `(select w.address_id from working_address w
where w.contact_id = listing.contact_id and exists (select 1 from contact_search s where s.contact_id = listing.contact_id and s.address_state = 'usable')
order by w.position limit 1)`

func (h *house) contacts(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = h.contact(fmt.Sprintf("Person %d", i+1), fmt.Sprintf("p%d@example.org", i+1), "en")
	}
	return ids
}

func (h *house) suppress(email string) {
	h.write("insert into suppression (hash, reason, created_at) values (?, 'unsubscribed', ?)", "h:"+email, start)
}

func (h *house) respond(contactID int64) {
	h.insert(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at, received_at)
values (?, ?, 'received', 'form', 'individual', 'n', 'en', ?, ?, ?)`, h.cycleID, contactID, start, start, start)
}

func (h *house) claim(contactID int64, purpose string, expires time.Time) {
	h.insert(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, ?, ?, ?, 'active', ?, ?)`,
		h.cycleID, contactID, h.officer.ID, purpose, start, expires)
}

// approved makes a campaign to everybody that only has to be launched.
func (h *house) approved(followUps ...StepDraft) Campaign {
	h.t.Helper()
	return h.approvedTo(Audience{All: true}, followUps...)
}

func (h *house) approvedTo(to Audience, followUps ...StepDraft) Campaign {
	h.t.Helper()
	steps := []StepDraft{{Kind: Call, DocumentID: h.message}}
	for _, f := range followUps {
		f.Kind, f.DocumentID = FollowUp, h.followUp
		steps = append(steps, f)
	}
	ctx := context.Background()
	c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "The call", Audience: to, Steps: steps})
	h.must(err)
	_, err = h.Freeze(ctx, h.officer, c.ID)
	h.must(err)
	c, err = h.Approve(ctx, h.approver, c.ID)
	h.must(err)
	return c
}

// launched makes a campaign whose deliveries are all made, and none sent.
func (h *house) launched(followUps ...StepDraft) Campaign {
	h.t.Helper()
	c := h.approved(followUps...)
	_, err := h.Launch(context.Background(), h.officer, c.ID)
	h.must(err)
	h.must(h.RunLaunch(context.Background(), c.Steps[0].ID))
	return h.load(c.ID)
}

func (h *house) load(id int64) Campaign {
	h.t.Helper()
	c, err := h.Get(context.Background(), h.officer, id)
	h.must(err)
	return c
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// settle does the work of workers until there is none.
func (h *house) settle() {
	h.t.Helper()
	for range 50 {
		h.queue.clear()
		h.must(h.Sweep(context.Background()))
		if !h.queue.work(h.t, h.Service) {
			return
		}
	}
	h.t.Fatal("there is no end of work")
}

// states counts the deliveries of a step by state and reason: "sent", "skipped responded".
func (h *house) states(stepID int64) map[string]int {
	h.t.Helper()
	counts, err := deliveryCounts(h.db.Read(context.Background()), stepID)
	h.must(err)
	all := map[string]int{}
	for _, c := range counts {
		all[strings.TrimSpace(string(c.State)+" "+string(c.Reason))] += c.Count
	}
	return all
}
