package campaign

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
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
	grace    *Deadline // of initiatives
	onCycle  func()    // what happens while somebody asks
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

// texts keeps texts in memory; their rows are in the database, because deliveries refer to them.
type texts struct {
	h          *house
	mu         sync.Mutex
	byRevision map[int64]*stored
}

type stored struct {
	Document
	locales  []string
	variants []string
	problems []errs.Field
	body     string
	said     map[string]Text  // in these languages, instead of body
	broken   map[string]error // in these languages it cannot be rendered
	editions map[string]int   // of corrected translations
	sent     bool
}

func (x *texts) add(kind, slug string, locales ...string) int64 {
	d := x.h.insert("insert into document (cycle_id, kind, slug, source_language, created_at) values (?, ?, ?, 'en', ?)", x.h.cycleID, kind, slug, start)
	r := x.h.insert("insert into revision (document_id, number, state, created_at) values (?, 1, 'open_for_comment', ?)", d, start)
	x.byRevision[r] = &stored{
		Document: Document{ID: d, CycleID: x.h.cycleID, Kind: kind, Slug: slug, SourceLanguage: "en", RevisionID: r},
		locales:  locales, body: "Dear {{contact}}, answer at {{personal_link}}.",
	}
	return d
}

func (x *texts) find(match func(*stored) bool) (*stored, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.byRevision {
		if match(s) {
			return s, nil
		}
	}
	return nil, errs.E(errs.NotFound, "document.not_found")
}

func (x *texts) Document(_ context.Context, id int64) (Document, error) {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	if err != nil {
		return Document{}, err
	}
	return s.Document, nil
}

func (x *texts) Documents(_ context.Context, _ int64, kind string) ([]Document, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var all []Document
	for _, s := range x.byRevision {
		if s.Kind == kind {
			all = append(all, s.Document)
		}
	}
	return all, nil
}

func (x *texts) Create(_ context.Context, _ account.Actor, _ int64, kind, slug, language string) (Document, error) {
	return x.Document(context.Background(), x.add(kind, slug, language))
}

func (x *texts) Translations(context.Context, int64) ([]Translation, error) { return nil, nil }

func (x *texts) SetText(_ context.Context, _ account.Actor, id int64, locale string, text Wording) error {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	if err == nil && locale == "en" {
		s.body = text.Body
	}
	return err
}

func (x *texts) revision(id int64) *stored {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.byRevision[id]
}

func (x *texts) Problems(_ context.Context, id int64) ([]errs.Field, error) {
	return x.revision(id).problems, nil
}

func (x *texts) Freeze(_ context.Context, _ account.Actor, id int64) (int64, error) {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	if err != nil {
		return 0, err
	}
	s.Frozen = true
	return s.RevisionID, nil
}

func (x *texts) ApprovedLocales(_ context.Context, id int64) ([]string, error) {
	return x.revision(id).locales, nil
}

func (x *texts) Variants(_ context.Context, id int64) ([]string, error) {
	return x.revision(id).variants, nil
}

func (x *texts) Draft(ctx context.Context, id int64, locale, variant string) (Text, error) {
	return x.Mail(ctx, id, locale, 0, variant)
}

func (x *texts) Editions(_ context.Context, id int64) (map[string]int, error) {
	return x.revision(id).editions, nil
}

func (x *texts) Mail(_ context.Context, id int64, locale string, edition int, variant string) (Text, error) {
	s := x.revision(id)
	if err := s.broken[locale]; err != nil {
		return Text{}, err
	}
	if said, ok := s.said[locale]; ok {
		return said, nil
	}
	form := locale
	if slices.Contains(s.variants, variant) {
		form += ", " + variant
	}
	if edition > 1 {
		form += fmt.Sprintf(", edition %d", edition)
	}
	body := s.body
	return Text{Locale: locale, Subject: "The call (" + form + ")", Text: body, HTML: "<p>" + body + "</p>"}, nil
}

func (x *texts) Words(_ context.Context, id int64, locale string, _ int, _ string) (subject, body string, err error) {
	return "The call (" + locale + ")", x.revision(id).body, nil
}

func (x *texts) Own(_ context.Context, locale, subject, body string) (Text, error) {
	for name, text := range map[string]string{"subject": subject, "body": body} {
		if strings.TrimSpace(text) == "" || strings.Contains(text, "[") {
			return Text{}, errs.InvalidFields(errs.FieldError(name, "field.required"))
		}
	}
	return Text{Locale: locale, Subject: subject, Text: body, HTML: "<p>" + body + "</p>"}, nil
}

func (x *texts) PolicyOf(_ *db.Tx, documentID int64) (LanguagePolicy, error) {
	s, err := x.find(func(s *stored) bool { return s.ID == documentID })
	if err != nil {
		return "", err
	}
	return s.LanguagePolicy, nil
}

func (x *texts) MarkSent(_ *db.Tx, _ audit.Who, id int64) error {
	x.revision(id).sent = true
	return nil
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
