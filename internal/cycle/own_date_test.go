package cycle_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// body has a cycle, a person who answers for an organization, and one who does not.
type body struct {
	*cycle.Service
	t           fataler
	clock       *clocktest.Clock
	cycle       cycle.Cycle
	org, member int64
	other       int64
}

// fataler is a test, or a case of a property.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

func newBody(t fataler, d *db.DB) *body { return newBodyIn(t, d, "bpf-2017") }

func newBodyIn(t fataler, d *db.DB, slug string) *body {
	t.Helper()
	b := &body{t: t, clock: clocktest.At(time.Date(2017, 8, 7, 13, 0, 0, 0, time.UTC))}
	b.Service = cycle.New(cycle.Deps{DB: d, Now: b.clock.Now})
	c, err := b.Create(context.Background(), officer(), cycle.Cycle{Slug: slug, Name: "BPF 2017", EventEnd: "2017-12-21"})
	b.must(err)
	b.cycle = c
	b.org, b.member, b.other = b.contact("Open Net", "organization"), b.contact("Ana", "person"), b.contact("Ben", "person")
	b.exec("insert into affiliation (contact_id, organization_id, represents, created_at) values (?, ?, ?, ?)", b.member, b.org, true, b.clock.Now())
	return b
}

func (b *body) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *body) exec(query string, args ...any) {
	b.t.Helper()
	b.must(b.DB.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func (b *body) contact(name, kind string) (id int64) {
	b.t.Helper()
	b.must(b.DB.Write(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow("insert into contact (kind, name, sort_name, created_at, updated_at) values (?, ?, ?, ?, ?) returning id",
			kind, name, name, b.clock.Now(), b.clock.Now()).Scan(&id)
	}))
	return id
}

func (b *body) set(kind cycle.DateKind, day string) {
	b.t.Helper()
	_, err := b.SetDate(context.Background(), officer(), b.cycle.ID, kind, day, "", "")
	b.must(err)
}

func (b *body) seen(contactID int64) int64 {
	b.t.Helper()
	_, current, _, err := b.OwnDateOf(context.Background(), officer(), b.cycle.ID, contactID)
	b.must(err)
	if current == nil {
		return 0
	}
	return current.ID
}

func (b *body) grant(contactID int64, day, zone string) error {
	b.t.Helper()
	_, err := b.GrantDate(context.Background(), officer(), b.cycle.ID, contactID, b.seen(contactID), cycle.Grant{OnDate: day, Zone: zone, Meeting: "Plenary", Reason: "It decides there"})
	return err
}

// due is the day that applied to somebody, "" for none.
func (b *body) due(who cycle.Answerer, at time.Time) string {
	b.t.Helper()
	d, ok, err := b.DeadlineOf(context.Background(), b.cycle.ID, who, at)
	b.must(err)
	own, err := b.OwnDeadlines(context.Background(), b.cycle.ID, []cycle.Answerer{{ContactID: b.other}, who}, at)
	b.must(err)
	if said, has := own[who.ContactID]; has && said.OnDate != d.OnDate { // what mails say is what forms say
		b.t.Errorf("%+v at %v: a mail says %s, a form %s", who, at, said.OnDate, d.OnDate)
	}
	if !ok {
		return ""
	}
	return d.OnDate
}

func TestTheLatestDateApplies(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBody(t, d)
		start := b.clock.Now()
		b.set(cycle.Deadline, "2017-09-15")
		b.set(cycle.NRIGrace, "2017-10-15")
		b.clock.Advance(time.Hour)
		b.must(b.grant(b.org, "2017-10-10", ""))
		orgs := b.clock.Now()
		b.clock.Advance(time.Hour)
		b.must(b.grant(b.member, "2017-10-20", "Europe/Zurich"))
		members := b.clock.Now()
		b.clock.Advance(time.Hour)
		b.must(b.grant(b.member, "2017-10-02", ""))
		shorter := b.clock.Now()
		b.clock.Advance(time.Hour)
		b.must(b.RevokeDate(context.Background(), officer(), b.cycle.ID, b.org, b.seen(b.org)))
		revoked := b.clock.Now()
		b.clock.Advance(time.Hour)
		b.set(cycle.Deadline, "2017-11-30")
		moved := b.clock.Now()
		org, member, other := cycle.Answerer{ContactID: b.org}, cycle.Answerer{ContactID: b.member}, cycle.Answerer{ContactID: b.other}
		memberOfInitiative, stranger := cycle.Answerer{ContactID: b.member, Initiative: true}, cycle.Answerer{}
		for _, tt := range []struct {
			what string
			who  cycle.Answerer
			at   time.Time
			want string
		}{
			{"before anything", member, start.Add(-time.Second), ""},
			{"nothing granted yet", member, start, "2017-09-15"},
			{"just before the grant", org, orgs.Add(-time.Microsecond), "2017-09-15"},
			{"the organization", org, orgs, "2017-10-10"},
			{"who answers for it", member, orgs, "2017-10-10"},
			{"somebody else", other, orgs, "2017-09-15"},
			{"somebody on no list", stranger, orgs, "2017-09-15"},
			{"an initiative's later date", memberOfInitiative, orgs, "2017-10-15"},
			{"the member's own, later than the organization's", member, members, "2017-10-20"},
			{"and later than the initiatives'", memberOfInitiative, members, "2017-10-20"},
			{"not the organization's", org, members, "2017-10-10"},
			{"changed to an earlier one than the organization's", member, shorter, "2017-10-10"},
			{"what applied before the change", member, shorter.Add(-time.Microsecond), "2017-10-20"},
			{"revoked", org, revoked, "2017-09-15"},
			{"the member keeps the own one", member, revoked, "2017-10-02"},
			{"the cycle's was moved behind it", member, moved, "2017-11-30"},
		} {
			if got := b.due(tt.who, tt.at); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.what, got, tt.want)
			}
		}
		if n := b.events(); n != "own_date.granted own_date.granted own_date.changed own_date.revoked" {
			t.Errorf("the trail says %s", n)
		}
		all, err := b.GrantedDates(context.Background(), officer(), b.cycle.ID)
		if b.must(err); len(all) != 1 || all[0].Name != "Ana" || all[0].OnDate != "2017-10-02" {
			t.Errorf("the list: %+v", all)
		}
	})
}

func (b *body) events() string {
	b.t.Helper()
	var all []string
	b.must(b.DB.Read(context.Background()).Scan(&all, "select action from audit_event where action like 'own_date.%' order by id"))
	return strings.Join(all, " ")
}

func TestWhatIsNoOwnDate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBody(t, d), context.Background()
		good := cycle.Grant{OnDate: "2017-10-10", Zone: "", Meeting: "Plenary", Reason: "It decides there"}
		grant := func(by account.Actor, contactID, seen int64, g cycle.Grant) error {
			_, err := b.GrantDate(ctx, by, b.cycle.ID, contactID, seen, g)
			return err
		}
		if err := grant(officer(), b.org, 0, good); !errs.Is(err, errs.Conflict) {
			t.Errorf("in a cycle without a deadline: %v", err)
		}
		b.set(cycle.Deadline, "2017-09-15")
		for name, tt := range map[string]struct {
			change func(*cycle.Grant)
			field  string
		}{
			"a day that does not exist":            {func(g *cycle.Grant) { g.OnDate = "2017-02-30" }, "on_date"},
			"no day":                               {func(g *cycle.Grant) { g.OnDate = "" }, "on_date"},
			"an unknown zone":                      {func(g *cycle.Grant) { g.Zone = "Mars/Olympus" }, "zone"},
			"the machine's zone":                   {func(g *cycle.Grant) { g.Zone = "Local" }, "zone"},
			"no meeting":                           {func(g *cycle.Grant) { g.Meeting = " \t" }, "meeting"},
			"no reason":                            {func(g *cycle.Grant) { g.Reason = "" }, "reason"},
			"a long reason":                        {func(g *cycle.Grant) { g.Reason = strings.Repeat("ñ", 501) }, "reason"},
			"broken text":                          {func(g *cycle.Grant) { g.Meeting = "a\x00b" }, "meeting"},
			"the deadline itself":                  {func(g *cycle.Grant) { g.OnDate = "2017-09-15" }, "on_date"},
			"the next day, that ends earlier":      {func(g *cycle.Grant) { g.OnDate, g.Zone = "2017-09-16", "Pacific/Kiritimati" }, "on_date"},
			"the day after the annual meeting":     {func(g *cycle.Grant) { g.OnDate = "2017-12-22" }, "on_date"},
			"a day so far that it has five digits": {func(g *cycle.Grant) { g.OnDate = "20170-10-10" }, "on_date"},
		} {
			g := good
			tt.change(&g)
			err := grant(officer(), b.org, 0, g)
			if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != tt.field {
				t.Errorf("%s: got %v", name, err)
			}
		}
		for name, by := range map[string]account.Actor{"a volunteer": volunteer(), "nobody": account.Nobody("r")} {
			err := grant(by, b.org, 0, good)
			_, _, _, shown := b.OwnDateOf(ctx, by, b.cycle.ID, b.org)
			_, listed := b.GrantedDates(ctx, by, b.cycle.ID)
			revoked := b.RevokeDate(ctx, by, b.cycle.ID, b.org, 0)
			for what, err := range map[string]error{"grants": err, "reads": shown, "lists": listed, "revokes": revoked} {
				if !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.Unauthorized) {
					t.Errorf("%s %s: %v", name, what, err)
				}
			}
		}
		if err := grant(officer(), 999_999, 0, good); !errs.Is(err, errs.NotFound) {
			t.Errorf("nobody's: %v", err)
		}
		if err := b.RevokeDate(ctx, officer(), b.cycle.ID, b.org, 0); !errs.Is(err, errs.Conflict) {
			t.Errorf("nothing to take back: %v", err)
		}
		b.must(grant(officer(), b.org, 0, good))
		seen := b.seen(b.org)
		b.must(grant(officer(), b.org, seen, good)) // the same said again
		if n := b.events(); n != "own_date.granted" || b.seen(b.org) != seen {
			t.Errorf("the same said again is %s", n)
		}
		for _, old := range []int64{0, seen + 1} {
			if err := grant(officer(), b.org, old, good); !errs.Is(err, errs.Conflict) {
				t.Errorf("seen %d of %d: %v", old, seen, err)
			}
		}
		b.clock.Set(time.Date(2017, 10, 1, 0, 0, 0, 0, time.UTC))
		over := good
		over.OnDate = "2017-09-20"
		if fields := errs.FieldsOf(grant(officer(), b.member, 0, over)); len(fields) != 1 {
			t.Errorf("a day that is over: %v", fields)
		}
		for _, to := range []cycle.State{cycle.Open, cycle.Closed} {
			_, err := b.Move(ctx, officer(), b.cycle.Slug, to)
			b.must(err)
		}
		if err := grant(officer(), b.member, 0, good); !errs.Is(err, errs.Conflict) {
			t.Errorf("in a closed cycle: %v", err)
		}
	})
}

// Officers who act in the same moment do so one after the other: one grants, the others are told.
func TestOneGrantsAtATime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBody(t, d)
		b.set(cycle.Deadline, "2017-09-15")
		var all sync.WaitGroup
		granted := make([]error, 8)
		for i := range granted {
			all.Go(func() {
				_, granted[i] = b.GrantDate(context.Background(), officer(), b.cycle.ID, b.org, 0, cycle.Grant{OnDate: "2017-10-10", Meeting: "Plenary", Reason: "r"})
			})
		}
		all.Wait()
		done := 0
		for _, err := range granted {
			switch {
			case err == nil:
				done++
			case !errs.Is(err, errs.Conflict):
				t.Error(err)
			}
		}
		if n := b.events(); done != 1 || n != "own_date.granted" {
			t.Errorf("%d were told that they granted it; %s", done, n)
		}
	})
}

// span is a date of the naive model: when it applied, and until which instant it lets people answer.
type span struct {
	whose    string
	from, to time.Time
	at       time.Time
}

// The model keeps every date with when it was set and ended, and asks all of them.
func TestLatenessIsThatOfANaiveModel(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		b := newBodyIn(r, d, fmt.Sprintf("c-%d", n))
		forever := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		var model []span
		end := func(whose string) bool {
			for i := range model {
				if model[i].whose == whose && model[i].to.Equal(forever) {
					model[i].to = b.clock.Now()
					return true
				}
			}
			return false
		}
		whose := map[string]int64{"org": b.org, "member": b.member}
		instants := []time.Time{b.clock.Now()}
		for range rapid.IntRange(1, 12).Draw(r, "moves") {
			b.clock.Advance(time.Duration(rapid.IntRange(0, 40*24).Draw(r, "hours")) * time.Hour)
			now := b.clock.Now()
			instants = append(instants, now)
			day := time.Date(2017, 8, 1+rapid.IntRange(0, 130).Draw(r, "day"), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			zone := rapid.SampledFrom([]string{cycle.AoE, "UTC", "Pacific/Kiritimati", "America/Lima"}).Draw(r, "zone")
			at, err := cycle.EndOfDay(day, zone)
			b.must(err)
			instants = append(instants, at, at.Add(-time.Microsecond))
			switch what := rapid.SampledFrom([]string{"deadline", "nri_grace", "org", "member", "revoke org", "revoke member"}).Draw(r, "what"); what {
			case "deadline", "nri_grace":
				_, err := b.SetDate(context.Background(), officer(), b.cycle.ID, cycle.DateKind(what), day, zone, "")
				b.must(err)
				end(what)
				model = append(model, span{what, now, forever, at})
			case "org", "member":
				everybody := lateModel(model, []string{"deadline"}, now)
				err := b.grant(whose[what], day, zone)
				if want := everybody == nil || !at.After(*everybody) || !at.After(now) || day > b.cycle.EventEnd; want != (err != nil) {
					r.Fatalf("granting %s in %s at %v: %v", day, zone, now, err)
				}
				if err == nil && b.stored(whose[what]).Equal(now) {
					end(what)
					model = append(model, span{what, now, forever, at})
				}
			default:
				of := strings.TrimPrefix(what, "revoke ")
				if err := b.RevokeDate(context.Background(), officer(), b.cycle.ID, whose[of], b.seen(whose[of])); (err == nil) != end(of) {
					r.Fatalf("%s: %v", what, err)
				}
			}
		}
		for _, arrived := range instants {
			for _, who := range []struct {
				cycle.Answerer
				spans []string
			}{
				{cycle.Answerer{ContactID: b.other}, []string{"deadline"}},
				{cycle.Answerer{Initiative: true}, []string{"deadline", "nri_grace"}},
				{cycle.Answerer{ContactID: b.org}, []string{"deadline", "org"}},
				{cycle.Answerer{ContactID: b.member}, []string{"deadline", "org", "member"}},
				{cycle.Answerer{ContactID: b.member, Initiative: true}, []string{"deadline", "nri_grace", "org", "member"}},
			} {
				d, ok, err := b.DeadlineOf(context.Background(), b.cycle.ID, who.Answerer, arrived)
				b.must(err)
				last := lateModel(model, who.spans, arrived)
				if ok != (last != nil) || ok && d.Late(arrived) != !arrived.Before(*last) {
					r.Fatalf("%+v at %v: %+v %v, the model says %v", who.Answerer, arrived, d, ok, last)
				}
			}
		}
	})
}

// lateModel is the last instant of those that applied then; nil where none did.
func lateModel(model []span, whose []string, at time.Time) *time.Time {
	var last *time.Time
	for i := range model {
		s := &model[i]
		for _, w := range whose {
			if s.whose == w && !at.Before(s.from) && at.Before(s.to) && (last == nil || s.at.After(*last)) {
				last = &s.at
			}
		}
	}
	return last
}

// stored is since when the contact's own date applies.
func (b *body) stored(contactID int64) time.Time {
	b.t.Helper()
	_, current, _, err := b.OwnDateOf(context.Background(), officer(), b.cycle.ID, contactID)
	b.must(err)
	return current.AppliesFrom.UTC()
}
