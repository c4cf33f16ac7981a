package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/report"
)

var today = time.Date(2017, 9, 21, 9, 0, 0, 0, time.UTC)

// book writes facts into the tables of the rooms as the rooms would.
type book struct {
	t     *testing.T
	db    *db.DB
	cycle int64
	step  int64
	next  int64 // the last delivery, attempt or contribution
	tx    *db.Tx
}

type party struct {
	id         int64
	org        bool
	represents int64
	country    string
	region     string
	group      string // empty: not on the list
	chain      string
	address    string // the status, empty for none, "suppressed" for one that must not be mailed
}

func newBook(t *testing.T, d *db.DB) *book {
	t.Helper()
	b := &book{t: t, db: d}
	b.begin(1)
	for id, name := range map[int64]string{1: "Odile", 2: "Vera", 3: "Viktor", 4: "Koki"} {
		b.exec("insert into account (id, email, name, created_at) values (?, ?, ?, ?)", id, name+"@example.org", name, today)
	}
	return b
}

// begin opens another cycle with one campaign of one step.
func (b *book) begin(n int64) {
	b.t.Helper()
	b.cycle, b.step = n, n
	b.exec("insert into cycle (id, slug, name, state, default_language, created_at) values (?, ?, 'BPF', 'open', 'en', ?)", n, fmt.Sprintf("bpf-%d", n), today)
	b.exec("insert into document (id, cycle_id, kind, slug, source_language, created_at) values (?, ?, 'message', 'message', 'en', ?)", n, n, today)
	b.exec("insert into campaign (id, cycle_id, name, state, audience, created_at) values (?, ?, 'Call', 'sent', '', ?)", n, n, today)
	b.exec("insert into campaign_step (id, campaign_id, position, kind, state, document_id) values (?, ?, 1, 'call', 'sent', ?)", n, n, n)
}

func (b *book) exec(statement string, args ...any) {
	b.t.Helper()
	if b.tx == nil {
		b.together(func() { b.exec(statement, args...) })
		return
	}
	if _, err := b.tx.Exec(statement, args...); err != nil {
		b.t.Fatal(err)
	}
}

// together writes many facts in one transaction.
func (b *book) together(fn func()) {
	b.t.Helper()
	err := b.db.Write(b.t.Context(), func(tx *db.Tx) error {
		b.tx = tx
		defer func() { b.tx = nil }()
		fn()
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) party(p party) {
	b.t.Helper()
	kind := "person"
	if p.org {
		kind = "organization"
	}
	name := fmt.Sprintf("Contact %d", p.id)
	b.exec("insert into contact (id, kind, name, sort_name, country, region, stakeholder_group, language_chain, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		p.id, kind, name, name, p.country, p.region, p.group, p.chain, today, today)
	if p.represents != 0 {
		b.exec("insert into affiliation (contact_id, organization_id, created_at) values (?, ?, ?)", p.id, p.represents, today)
	}
	if p.address != "" {
		status := p.address
		if status == "suppressed" {
			status = "ok"
			b.exec("insert into suppression (hash, reason, created_at) values (?, 'asked', ?)", name, today)
		}
		b.exec("insert into address (id, email, hash, kind, status, created_at) values (?, ?, ?, 'personal', ?, ?)", p.id, fmt.Sprintf("c%d@example.org", p.id), name, status, today)
		b.exec("insert into contact_address (contact_id, address_id, position) values (?, ?, 1)", p.id, p.id)
	}
	if p.group != "" {
		b.exec("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, ?, ?, ?, ?)", b.cycle, p.id, p.group, p.region, today)
	}
}

func (b *book) deliver(contact int64, state string, sent any, personal any) {
	b.t.Helper()
	b.next++
	b.exec("insert into delivery (id, step_id, contact_id, locale, stakeholder_group, region, state, sent_at, personal_by) values (?, ?, ?, 'en', '', '', ?, ?, ?)",
		b.step<<32|b.next, b.step, contact, state, sent, personal)
}

func (b *book) claim(contact, volunteer int64, expires time.Time) {
	b.t.Helper()
	b.next++
	b.exec("insert into claim (id, cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, ?, ?, ?, ?, 'active', ?, ?)",
		b.next, b.cycle, contact, volunteer, fmt.Sprintf("purpose %d", b.next), today, expires)
}

// attempt logs a try on a claim of its own that has ended.
func (b *book) attempt(contact, volunteer int64, outcome string) {
	b.t.Helper()
	b.next++
	b.exec("insert into claim (id, cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, ?, ?, ?, 'reach_out', 'released', ?, ?)",
		b.next, b.cycle, contact, volunteer, today, today)
	b.exec("insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at) values (?, ?, ?, ?, 'phone', ?, ?)",
		b.next, b.cycle, contact, volunteer, outcome, today)
}

type answer struct {
	contact, nri           int64
	capacity, state        string
	group, region, country string
	language               string
	day                    string
	late                   bool
}

func (b *book) contribute(a answer) {
	b.t.Helper()
	b.next++
	if a.language == "" {
		a.language = "en"
	}
	var received any
	if at, err := time.Parse(time.DateOnly, a.day); err == nil {
		received = at.Add(12 * time.Hour)
	}
	b.exec(`insert into contribution (id, cycle_id, contact_id, nri_id, state, channel, capacity, name, stakeholder_group, region, country, language, late, started_at, updated_at, received_at)
		values (?, ?, ?, ?, ?, 'web', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.next, b.cycle, optional(a.contact), optional(a.nri), a.state, a.capacity, fmt.Sprintf("Contribution %d", b.next),
		a.group, a.region, a.country, a.language, a.late, today, today, received)
	b.exec("insert into answer (contribution_id, question, text) values (?, 'q1', 'something')", b.next)
}

func (b *book) nri(id int64, name string, contact int64, countries ...string) {
	b.t.Helper()
	b.exec("insert into nri (id, name, kind, contact_id, created_at) values (?, ?, 'national', ?, ?)", id, name, optional(contact), today)
	for _, c := range countries {
		b.exec("insert into nri_country (nri_id, country) values (?, ?)", id, c)
	}
}

func optional(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func (b *book) service() *report.Service {
	return report.New(report.Deps{DB: b.db, Now: func() time.Time { return today }})
}

func actor(id int64, role account.Role) account.Actor {
	return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: id}, Roles: []account.Role{role}}
}

var (
	officer     = actor(1, account.Officer)
	coordinator = actor(4, account.Coordinator)
)

// synthetic is a cycle of 15 units whose figures were computed by hand; what is special about each
// contact stands beside it.
func synthetic(t *testing.T, d *db.DB) *book {
	t.Helper()
	b := newBook(t, d)
	b.together(b.synthetic)
	return b
}

func (b *book) synthetic() {
	sent := time.Date(2017, 8, 15, 23, 30, 0, 0, time.UTC)
	for _, p := range []party{
		{id: 1, org: true, country: "AR", region: "grulac", group: "government", chain: "es fr", address: "ok"},              // a ministry that is listed itself,
		{id: 2, represents: 1, country: "AR", region: "grulac", group: "government", chain: "es", address: "ok"},             // and the two who answer for it:
		{id: 3, represents: 1, country: "AR", region: "grulac", group: "civil_society", chain: "pt"},                         // one unit of three contacts
		{id: 4, org: true, country: "FR", region: "weog"},                                                                    // a ministry that is not listed
		{id: 5, represents: 4, country: "FR", region: "weog", group: "government", chain: "fr", address: "bounced"},          // and counts where its first contact
		{id: 6, represents: 4, country: "FR", region: "weog", group: "technical_community", chain: "fr"},                     // was listed
		{id: 7, country: "ES", region: "weog", group: "government", chain: "es ca", address: "ok"},                           // answers late
		{id: 8, country: "DE", region: "weog", group: "government", chain: "de", address: "ok"},                              // withdraws
		{id: 9, country: "DE", region: "weog", group: "government", chain: "de", address: "ok"},                              // says no
		{id: 10, country: "DE", region: "weog", group: "government", chain: "de", address: "bounced"},                        // not approached, answers all the same
		{id: 11, country: "KE", region: "african_group", group: "civil_society", chain: "en sw", address: "ok"},              // answers
		{id: 12, country: "KE", region: "african_group", group: "civil_society", chain: "en", address: "ok"},                 // is silent
		{id: 13, country: "NG", region: "african_group", group: "civil_society", chain: "en", address: "ok"},                 // has begun
		{id: 14, country: "ZA", region: "african_group", group: "civil_society", chain: "en"},                                // could not be reached
		{id: 17, org: true, country: "KE", region: "african_group", group: "civil_society", chain: "en"},                     // an organization
		{id: 16, represents: 17, country: "KE", region: "african_group", group: "civil_society", chain: "en", address: "ok"}, // whose member answers as an individual
		{id: 18, org: true, country: "KE", region: "african_group", group: "civil_society", chain: "en", address: "ok"},      // an initiative
		{id: 19, org: true, region: "none", group: "intergovernmental", address: "suppressed"},                               // reached by phone only
		{id: 20, represents: 1, country: "AR", region: "grulac"},                                                             // answers for the ministry, not on the list
		{id: 22, country: "IN", region: "asia_pacific_group", group: "private_sector", chain: "en", address: "bounced"},      // never got the message
	} {
		b.party(p)
	}
	for _, contact := range []int64{2, 7, 8, 9, 12, 13, 16, 18} {
		b.deliver(contact, "sent", sent, nil)
	}
	b.deliver(5, "bounced", sent, nil)
	b.deliver(11, "complained", sent, 3)
	b.deliver(22, "bounced", sent.Add(30*time.Minute), nil)
	b.deliver(10, "failed", nil, nil)
	b.deliver(17, "uncertain", nil, nil)
	b.deliver(14, "skipped", nil, nil)

	soon, later := today.Add(report.ClaimWarning), today.Add(report.ClaimWarning+time.Minute)
	b.claim(5, 2, soon)
	b.claim(6, 3, later)
	b.claim(13, 3, later)
	b.claim(11, 3, today)
	b.attempt(6, 2, "reached")
	b.attempt(19, 2, "promised")
	b.attempt(9, 3, "declined")
	b.attempt(14, 3, "no_answer")

	b.nri(1, "Kenya IGF", 18, "KE")
	b.nri(2, "Chile IGF", 0, "CL")
	b.nri(3, "Europe IGF", 0, "FR", "DE")
	b.nri(4, "Nowhere IGF", 0)
	b.exec("insert into nri_coordinator (nri_id, account_id, since) values (1, 4, ?)", today)

	for _, a := range []answer{
		{contact: 3, capacity: "organizational", state: "published", country: "AR", day: "2017-09-01"},
		{contact: 20, capacity: "organizational", state: "received", country: "AR", day: "2017-09-20", late: true},
		{contact: 7, capacity: "individual", state: "checked", country: "ES", day: "2017-09-20", late: true},
		{contact: 8, capacity: "individual", state: "withdrawn", country: "DE", day: "2017-09-02"},
		{contact: 10, capacity: "individual", state: "checked", country: "DE", day: "2017-09-20", late: true},
		{contact: 11, capacity: "individual", state: "withheld", country: "KE", day: "2017-09-01"},
		{contact: 13, capacity: "individual", state: "draft", country: "NG"},
		{contact: 16, capacity: "individual", state: "checked", country: "KE", day: "2017-09-01"},
		{nri: 1, capacity: "organizational", state: "checked", region: "african_group", country: "KE", day: "2017-09-02"},
		{nri: 2, capacity: "organizational", state: "checked", region: "grulac", country: "CL", language: "es", day: "2017-09-02"},
		{capacity: "individual", state: "checked", group: "academia", region: "asia_pacific_group", country: "JP", language: "ja", day: "2017-09-02"},
		{capacity: "individual", state: "received", day: "2017-09-02"},
	} {
		b.contribute(a)
	}
	for _, target := range []struct {
		group, region string
		count         int
	}{{"government", "weog", 3}, {"civil_society", "african_group", 8}, {"media", "grulac", 2}} {
		b.exec("insert into target (cycle_id, stakeholder_group, region, count) values (?, ?, ?, ?)", b.cycle, target.group, target.region, target.count)
	}
	b.exec("insert into candidate (cycle_id, state, kind, name, suggested_at) values (1, 'proposed', 'person', 'X', ?), (1, 'rejected', 'person', 'Y', ?)", today, today)
	b.exec("insert into revision (id, document_id, number, state, created_at) values (1, 1, 1, 'sent', ?), (2, 1, 2, 'frozen', ?)", today, today)
	b.exec("insert into translation (id, revision_id, locale, state, updated_at) values (1, 1, 'fr', 'stale', ?), (2, 2, 'fr', 'stale', ?), (3, 2, 'es', 'approved', ?), (4, 2, 'ar', 'approved', ?)", today, today, today, today)
	b.exec("insert into translation_segment (translation_id, key, text, source_hash, stale) values (3, 'a', 'x', 'h', ?), (4, 'a', 'x', 'h', ?)", true, false)
	for i, waits := range []string{"editors", "author", "editors"} { // the last is decided
		state := []string{"open", "open", "answered"}[i]
		b.exec("insert into comment_thread (id, document_id, revision_id, begun_key, kind, segment_key, state, waits_for, created_at) values (?, 1, 2, 'a', 'comment', 'a', ?, ?, ?)", i+1, state, waits, today)
	}
}
