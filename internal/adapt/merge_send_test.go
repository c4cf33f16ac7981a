package adapt_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
	"github.com/convoke/convoke/internal/outreach"
)

// postOffice is a house whose campaigns leave by SMTP to a server that the test scripts.
type postOffice struct {
	*house
	kit       *campaigntest.Kit
	server    *mailtest.Raw
	second    account.Actor
	campaigns int
}

func newPostOffice(t *testing.T, d *db.DB, script func(mailtest.Event) mailtest.Action) *postOffice {
	t.Helper()
	return newPostOfficeAt(t, d, script, "")
}

// newPostOfficeAt is newPostOffice where mail that comes in to a domain is read.
func newPostOfficeAt(t *testing.T, d *db.DB, script func(mailtest.Event) mailtest.Action, inboundDomain string) *postOffice {
	t.Helper()
	p := &postOffice{house: newHouse(t, d), server: mailtest.NewRaw(t, mailtest.RawOptions{Script: script})}
	host, port, err := net.SplitHostPort(p.server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	pool := mail.NewPool(mail.PoolConfig{
		Transport:   mail.NewSMTP(mail.SMTPConfig{Host: host, Port: n, Mode: mail.TLSOff, HELO: "test", Timeout: 5 * time.Second}),
		Connections: 2,
	})
	t.Cleanup(pool.Close)
	now := func() time.Time { return noon }
	accounts := account.New(account.Deps{DB: d, Now: now, Normalize: mail.Normalize})
	p.kit = campaigntest.NewWith(t, d, i18ntest.Bundle(t), accounts, now, p.officer, func(deps *campaign.Deps) {
		deps.Transport, deps.Addresses, deps.Volunteers = pool, adapt.Addresses{Service: p.contacts}, adapt.Volunteers{Service: p.outreach}
		deps.InboundDomain = inboundDomain
	})
	p.cycle, p.second = p.kit.CycleID, p.member("second", account.Officer)
	return p
}

// listed puts somebody on the list, with an address unless it is "".
func (p *postOffice) listed(name, email string) int64 {
	p.t.Helper()
	return p.add(contact.Draft{Name: name, Email: email, Languages: "en"})
}

// launched is a campaign to everybody whose messages are made, and none of them sent.
func (p *postOffice) launched(followUps ...campaign.StepDraft) campaign.Campaign {
	p.t.Helper()
	ctx := context.Background()
	p.campaigns++
	text, err := p.kit.Documents.Create(ctx, p.officer, p.cycle, document.Mailing, fmt.Sprint("call-", p.campaigns), "en", document.Message{
		Subject: "Call for contributions", Body: "Dear {{contact}},\n\nplease answer by {{deadline}}: {{personal_link}}",
	})
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := p.kit.Create(ctx, p.officer, campaign.Proposal{
		CycleID: p.cycle, Name: "The call", Audience: campaign.Audience{All: true}, Steps: append([]campaign.StepDraft{{Kind: campaign.Call, DocumentID: text.ID}}, followUps...),
	})
	if err == nil {
		_, err = p.kit.Freeze(ctx, p.officer, c.ID)
	}
	if err == nil {
		c, err = p.kit.Approve(ctx, p.second, c.ID)
	}
	if err == nil {
		_, err = p.kit.Launch(ctx, p.officer, c.ID)
	}
	if err == nil {
		err = p.kit.RunLaunch(ctx, c.Steps[0].ID)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// got counts the messages that an address was sent.
func (p *postOffice) got() map[string]int {
	all := map[string]int{}
	for _, m := range p.server.Messages() {
		all[m.To]++
	}
	return all
}

func (p *postOffice) unite(survivor, other int64) (contact.United, error) {
	return p.contacts.Unite(context.Background(), p.officer, contact.Union{Survivor: survivor, Other: other})
}

// While the message to one of two leaves, they cannot become one who would then have it twice; whoever has no other
// message can, and the sender that read the old contact stores what became of it all the same.
func TestMergesAtEachPointOfASending(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		type triple struct{ a, b, without int64 }
		points := map[string]*triple{"rcpt": {}, "data": {}, "text": {}}
		var p *postOffice
		var once sync.Map
		script := func(e mailtest.Event) mailtest.Action {
			at, marked := points[e.Stage]
			if !marked || e.To != e.Stage+"-a@example.org" {
				return mailtest.Action{}
			}
			if _, again := once.LoadOrStore(e.Stage, true); again {
				return mailtest.Action{}
			}
			if _, err := p.unite(at.b, at.a); !hasKey(err, "merge.sending") {
				t.Errorf("at %s: two whose messages are leaving: %v", e.Stage, err)
			}
			if _, err := p.unite(at.without, at.a); err != nil {
				t.Errorf("at %s: with one who has no message: %v", e.Stage, err)
			}
			return mailtest.Action{}
		}
		p = newPostOffice(t, d, script)
		for stage, at := range points {
			*at = triple{p.listed("Ana "+stage, stage+"-a@example.org"), p.listed("Anna "+stage, stage+"-b@example.org"), p.listed("An "+stage, "")}
		}
		c := p.launched(campaign.StepDraft{Kind: campaign.FollowUp, OffsetDays: 7, OffsetFrom: campaign.FromLaunch})
		p.kit.Work()
		want := map[string]int{}
		for stage, at := range points {
			want[stage+"-a@example.org"], want[stage+"-b@example.org"] = 1, 1
			if n := p.count("select count(*) from delivery where step_id = ? and contact_id = ? and state = 'sent'", c.Steps[0].ID, at.without); n != 1 {
				t.Errorf("%s: %d messages of the survivor are noted as sent", stage, n)
			}
			if n := p.count("select count(*) from listing where contact_id = ? and approached", at.without); n != 1 {
				t.Errorf("%s: the list does not count that the survivor was approached", stage)
			}
			if _, err := p.unite(at.without, at.b); err != nil {
				t.Errorf("%s: when both have left: %v", stage, err)
			}
		}
		p.same(want)
		if _, err := p.kit.LaunchStep(context.Background(), p.officer, c.ID, 2); err != nil {
			t.Fatal(err)
		}
		p.kit.Work()
		for stage := range points { // one follow-up for the one person
			if n := p.got()[stage+"-a@example.org"] + p.got()[stage+"-b@example.org"]; n != 3 {
				t.Errorf("%s: %d messages in all, want two calls from before and one follow-up", stage, n)
			}
		}
	})
}

func hasKey(err error, key string) bool {
	e := errs.Find(err)
	return e != nil && e.Key == key
}

func (p *postOffice) same(want map[string]int) {
	p.t.Helper()
	got := p.got()
	for to, n := range want {
		if got[to] != n {
			p.t.Errorf("%s got %d messages, want %d", to, got[to], n)
		}
	}
	if len(got) != len(want) {
		p.t.Errorf("messages went to %v", got)
	}
}

// Merges and workers at the same time: no address gets a message twice, none is lost, and a merge that was done before
// anything left leaves one message for the person.
func TestMergesAgainstWorkers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPostOffice(t, d, nil)
		ctx := context.Background()
		const pairs = 6
		var ids [pairs][2]int64
		for i := range ids {
			ids[i] = [2]int64{p.listed(fmt.Sprint("Ana ", i), fmt.Sprintf("a%d@example.org", i)), p.listed(fmt.Sprint("Ben ", i), fmt.Sprintf("b%d@example.org", i))}
		}
		c := p.launched()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if err := p.kit.SendBatch(ctx, campaign.BatchRef{StepID: c.Steps[0].ID}); err != nil {
					t.Error(err)
				}
			})
		}
		for _, pair := range ids {
			all.Go(func() {
				if _, err := p.unite(pair[0], pair[1]); err != nil && !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		p.kit.Work()
		got := p.got()
		for i, pair := range ids {
			a, b := got[fmt.Sprintf("a%d@example.org", i)], got[fmt.Sprintf("b%d@example.org", i)]
			sent := p.count("select count(*) from delivery where contact_id in (?, ?) and state = 'sent'", pair[0], pair[1])
			skipped := p.count("select count(*) from delivery where contact_id in (?, ?) and state = 'skipped' and reason = 'merged'", pair[0], pair[1])
			if a > 1 || b > 1 || a+b != sent || sent+skipped != 2 || sent == 0 {
				t.Errorf("pair %d: %d and %d arrived, %d are sent, %d skipped", i, a, b, sent, skipped)
			}
		}
		if n := p.count("select count(*) from delivery_batch where ended_at is null"); n > 0 {
			t.Errorf("%d batches wait for nobody", n)
		}
	})
}

// What the lists count is what a count from the views gives, after whatever happened in whatever order.
func TestCountersAfterARandomWalk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		refused := map[string]bool{}
		var mu sync.Mutex
		p := newPostOffice(t, d, func(e mailtest.Event) mailtest.Action {
			mu.Lock()
			defer mu.Unlock()
			if e.Stage == "rcpt" && refused[e.To] {
				return mailtest.Action{Reply: "550 5.1.1 no such user"}
			}
			return mailtest.Action{}
		})
		w := newWalk(t, p)
		for step := range 90 {
			if email := w.step(); email != "" && w.random.IntN(4) == 0 {
				mu.Lock()
				refused[email] = true
				mu.Unlock()
			}
			if step%6 == 5 {
				w.agrees(step)
			}
		}
		if w.undone < 2 || len(w.merges) < 2 || w.withdrawn < 2 {
			t.Errorf("%d undone, %d merges stay, %d withdrawn: too little happened", w.undone, len(w.merges), w.withdrawn)
		}
	})
}

// walk does what officers, volunteers and contributors do.
type walk struct {
	*postOffice
	answers *contribution.Service
	links   *link.Signer
	alive   []int64
	merges  []int64
	random  *rand.Rand

	made, undone, withdrawn int
}

func newWalk(t *testing.T, p *postOffice) *walk {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{postOffice: p, random: rand.New(rand.NewPCG(2017, 8)), links: link.NewSigner([]byte("a key of the test, long enough to be one"))}
	letters, err := letter.New(letter.Deps{
		DB: p.d, Now: func() time.Time { return noon }, I18n: i18ntest.Bundle(t), From: mail.Address{Name: "Secretariat", Email: "bpf@convoke.test"},
		PublicURL: "https://convoke.test", Unique: letter.Random,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.answers = contribution.New(contribution.Deps{
		DB: p.d, Now: func() time.Time { return noon }, Letters: letters, Cycles: adapt.Rounds{Service: p.kit.Cycles}, Questions: contributiontest.Questions{}, Links: w.links,
		Lists: p.contacts, Geo: ref, Locales: []string{"en"}, Normalize: mail.Normalize, PublicURL: "https://convoke.test",
	})
	return w
}

// step does one thing; what is refused changes nothing. It gives the address of whoever was added.
func (w *walk) step() string {
	ctx := context.Background()
	pick := func() int64 { return w.alive[w.random.IntN(len(w.alive))] }
	kind := w.random.IntN(11)
	if len(w.alive) < 2 {
		kind = 0
	}
	switch kind {
	case 0, 1:
		w.made++
		email := fmt.Sprintf("p%d@example.org", w.made)
		w.alive = append(w.alive, w.listed(fmt.Sprint("Person ", w.made), email))
		return email
	case 2:
		w.launched()
		if w.random.IntN(3) == 0 { // else the messages wait while the walk goes on
			w.kit.Work()
		}
	case 3, 10:
		_, err := w.answers.Record(ctx, w.officer, contribution.Arrival{
			CycleID: w.cycle, ContactID: pick(), Channel: contribution.Phone, Language: "en", Consent: true, Answers: contribution.Answers{"q1": "yes"},
		})
		w.expected(err)
	case 4, 8:
		_, err := w.answers.Withdraw(ctx, account.Actor{}, w.links.Token(link.Respond, link.Target{CycleID: w.cycle, ContactID: pick()}))
		if w.expected(err) {
			w.withdrawn++
		}
	case 5:
		claim, err := w.outreach.Claim(ctx, w.ana, w.cycle, pick(), outreach.ReachOut)
		if err == nil {
			_, err = w.outreach.LogAttempt(ctx, w.ana, claim.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.Reached})
		}
		w.expected(err)
	case 6, 9:
		survivor, other := pick(), pick()
		done, err := w.unite(survivor, other)
		if w.expected(err) {
			w.merges = append(w.merges, done.ChangesetID)
			w.alive = remove(w.alive, other)
		}
	case 7:
		if len(w.merges) == 0 {
			return ""
		}
		last := w.merges[len(w.merges)-1]
		_, err := w.contacts.Undo(ctx, w.officer, last)
		if w.expected(err) {
			w.undone++
		}
		w.merges = w.merges[:len(w.merges)-1]
		w.alive = nil
		if err := w.d.Read(ctx).Scan(&w.alive, "select id from contact order by id"); err != nil {
			w.t.Fatal(err)
		}
	}
	return ""
}

func remove(ids []int64, gone int64) []int64 {
	var rest []int64
	for _, id := range ids {
		if id != gone {
			rest = append(rest, id)
		}
	}
	return rest
}

func (w *walk) expected(err error) bool {
	w.t.Helper()
	if err != nil && errs.CodeOf(err) == errs.Internal {
		w.t.Fatal(err)
	}
	return err == nil
}

// agrees asks the views about every entry, and the entries about the counters.
func (w *walk) agrees(step int) {
	w.t.Helper()
	w.kit.Work() // the sweep counts what was sent
	for what, query := range map[string]string{
		"approached": `select count(*) from listing l where l.approached <> (exists (select 1 from delivered_contact d where d.cycle_id = l.cycle_id and d.contact_id = l.contact_id)
			or exists (select 1 from reached_contact x where x.cycle_id = l.cycle_id and x.contact_id = l.contact_id))`,
		"responded": `select count(*) from listing l where l.responded <> (exists (select 1 from responded_contact x where x.cycle_id = l.cycle_id and x.contact_id = l.contact_id))`,
		"unreached": `select count(*) from listing l where l.unreached <> (not exists (select 1 from reached_contact x where x.cycle_id = l.cycle_id and x.contact_id = l.contact_id)
			and not exists (select 1 from responded_contact x where x.cycle_id = l.cycle_id and x.contact_id = l.contact_id)
			and not exists (select 1 from opted_out_contact x where x.contact_id = l.contact_id))`,
		"addressable": "select count(*) from listing l where l.addressable <> (exists (select 1 from usable_address a where a.contact_id = l.contact_id))",
		"counters": `select count(*) from (select cycle_id, stakeholder_group, region, count(*) as listed, sum(case when addressable then 1 else 0 end) as addressable,
				sum(case when approached then 1 else 0 end) as approached, sum(case when responded then 1 else 0 end) as responded
			from listing group by cycle_id, stakeholder_group, region) l
			left join listed_cell c on c.cycle_id = l.cycle_id and c.stakeholder_group = l.stakeholder_group and c.region = l.region
			where c.listed is null or c.listed <> l.listed or c.addressable <> l.addressable or c.approached <> l.approached or c.responded <> l.responded`,
		"counted too much": "select case when (select coalesce(sum(listed), 0) from listed_cell) = (select count(*) from listing) then 0 else 1 end",
	} {
		var n int
		if err := w.d.Read(context.Background()).QueryRow(query).Scan(&n); err != nil {
			w.t.Fatal(what, err)
		}
		if n > 0 {
			w.t.Errorf("after step %d, %s: %d disagree", step, what, n)
		}
	}
}
