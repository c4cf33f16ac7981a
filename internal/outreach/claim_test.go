package outreach_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/outreach"
)

func wantKey(t *testing.T, what string, err error, code errs.Code, key string) errs.Args {
	t.Helper()
	got, args := errs.Message(err)
	if !errs.Is(err, code) || got != key {
		t.Errorf("%s: %v, want %s %q", what, err, code, key)
	}
	return args
}

// Rule 1: however many try at once, exactly one holds the contact, and all others are told who.
func TestOneLiveClaim(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		id := h.add(contact.Draft{Name: "Ana"})
		const crowd = 1000
		volunteers := h.crowd(crowd)
		results := make([]error, crowd)
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i, v := range volunteers {
			wg.Go(func() {
				<-start
				_, results[i] = h.Claim(context.Background(), v, h.cycle, id, outreach.ReachOut)
			})
		}
		close(start)
		wg.Wait()
		winner := ""
		for i, err := range results {
			if err == nil {
				if winner != "" {
					t.Fatalf("both %s and %s have it", winner, volunteers[i].Name)
				}
				winner = volunteers[i].Name
			}
		}
		for i, err := range results {
			if err == nil {
				continue
			}
			args := wantKey(t, volunteers[i].Name, err, errs.Conflict, "outreach.claim.held")
			if args["Holder"] != winner || !args["Until"].(time.Time).Equal(h.now.Add(outreach.Lease)) {
				t.Errorf("%s was told %v, the holder is %s", volunteers[i].Name, args, winner)
			}
		}
		if n := h.count("select count(*) from claim"); winner == "" || n != 1 || h.events("claim.made") != 1 {
			t.Errorf("%d claims, %d events, winner %q", n, h.events("claim.made"), winner)
		}
	})
}

// At the instant at which a claim ends, the worker, its holder and others all move it at once.
func TestExpiryRace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		id := h.add(contact.Draft{Name: "Ana"})
		holder := h.volunteer("holder")
		c := h.take(holder, id, outreach.ReachOut)
		others := make([]account.Actor, 8)
		for i := range others {
			others[i] = h.volunteer(fmt.Sprintf("v%d", i))
		}
		h.now = h.now.Add(outreach.Lease)
		var wg sync.WaitGroup
		for _, v := range others {
			wg.Go(func() { _, _ = h.Claim(ctx, v, h.cycle, id, outreach.ReachOut) })
			wg.Go(func() { _, _ = h.Renew(ctx, holder, c.ID) })
			wg.Go(func() {
				if err := h.ExpireDue(ctx); err != nil {
					t.Errorf("the worker: %v", err)
				}
			})
		}
		wg.Wait()
		if h.state(c.ID) != outreach.Expired || h.events("claim.expired") != 1 || h.events("claim.renewed") != 0 {
			t.Errorf("the old claim is %s with %d events", h.state(c.ID), h.events("claim.expired"))
		}
		if n := h.count("select count(*) from claim where state = 'active'"); n != 1 {
			t.Errorf("%d live claims, want 1", n)
		}
	})
}

func TestClaimRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v")
		addressed := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		try := func(by account.Actor, id int64, p outreach.Purpose) error {
			_, err := h.Claim(ctx, by, h.cycle, id, p)
			return err
		}
		wantKey(t, "an address is known", try(v, addressed, outreach.FindAddress), errs.Conflict, "outreach.claim.has_address")
		other := h.take(h.volunteer("other"), addressed, outreach.Brief)
		wantKey(t, "a claim on another contact", h.OnContact(ctx, other.ID, addressed+1), errs.NotFound, "outreach.claim.not_found")
		if err := h.OnContact(ctx, other.ID, addressed); err != nil {
			t.Errorf("a claim is not on its contact: %v", err)
		}
		wantKey(t, "unknown", try(v, 999, outreach.ReachOut), errs.NotFound, "outreach.contact_not_listed")
		wantKey(t, "purpose", try(v, addressed, "flirt"), errs.Invalid, "error.invalid")
		wantKey(t, "officer", try(h.officer, addressed, outreach.ReachOut), errs.Forbidden, "error.forbidden")
		wantKey(t, "nobody", try(account.Nobody(""), addressed, outreach.ReachOut), errs.Unauthorized, "error.unauthorized")
		answered := h.add(contact.Draft{Name: "Berta"})
		h.exec(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at, received_at)
			values (?, ?, 'received', 'form', 'individual', 'n', 'en', ?, ?, ?)`, h.cycle, answered, h.now, h.now, h.now)
		wantKey(t, "who has answered", try(v, answered, outreach.ReachOut), errs.Conflict, "outreach.claim.responded")
		if err := try(h.volunteer("finder"), answered, outreach.FindAddress); err != nil {
			t.Errorf("the address of who has answered is wanted all the same: %v", err)
		}
		if err := h.contacts.Suppress(ctx, h.officer, "ana@example.org", contact.AskedUs); err != nil {
			t.Fatal(err)
		}
		for _, p := range outreach.Purposes() {
			wantKey(t, "opted out", try(v, addressed, p), errs.Conflict, "outreach.claim.opted_out")
		}
		foe := h.add(contact.Draft{Name: "Foe", Country: "KE"})
		if _, err := h.Connect(ctx, v, outreach.HasConflict, "KE"); err != nil {
			t.Fatal(err)
		}
		wantKey(t, "conflict of interest", try(v, foe, outreach.ReachOut), errs.Conflict, "outreach.claim.conflict_of_interest")
		for i := range outreach.MaxLive {
			h.take(v, h.add(contact.Draft{Name: fmt.Sprint("C", i)}), outreach.ReachOut)
		}
		more := h.add(contact.Draft{Name: "One more"})
		wantKey(t, "cap", try(v, more, outreach.ReachOut), errs.Conflict, "outreach.claim.too_many")
		h.take(h.volunteer("w"), more, outreach.ReachOut)
	})
}

func TestCapHoldsAgainstARace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		v := h.volunteer("v")
		var wg sync.WaitGroup
		for i := range outreach.MaxLive + 10 {
			id := h.add(contact.Draft{Name: fmt.Sprint("C", i)})
			wg.Go(func() { _, _ = h.Claim(context.Background(), v, h.cycle, id, outreach.ReachOut) })
		}
		wg.Wait()
		if n := h.count("select count(*) from claim where state = 'active'"); n != outreach.MaxLive {
			t.Errorf("%d live claims, want %d", n, outreach.MaxLive)
		}
	})
}

func TestCooldown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		id := h.add(contact.Draft{Name: "Ana"})
		c := h.take(v, id, outreach.ReachOut)
		if _, err := h.Release(ctx, v, c.ID, "prefers calls"); err != nil {
			t.Fatal(err)
		}
		_, err := h.Claim(ctx, v, h.cycle, id, outreach.ReachOut)
		args := wantKey(t, "again at once", err, errs.Conflict, "outreach.claim.cooldown")
		if until := h.now.Add(outreach.Cooldown); !args["Until"].(time.Time).Equal(until) {
			t.Errorf("until %v, want %v", args["Until"], until)
		}
		second := h.take(w, id, outreach.ReachOut)
		history, err := h.History(ctx, w, h.cycle, id)
		if err != nil || len(history.Claims) != 2 || history.Claims[1].Notes != "prefers calls" || history.Claims[1].Volunteer != "v" {
			t.Errorf("the next one reads the notes: %+v, %v", history, err)
		}
		h.now = h.now.Add(outreach.Lease) // w's claim is over, nobody has swept it
		_, err = h.Claim(ctx, w, h.cycle, id, outreach.ReachOut)
		wantKey(t, "own expired claim", err, errs.Conflict, "outreach.claim.cooldown")
		third := h.take(v, id, outreach.ReachOut)
		if h.state(second.ID) != outreach.Expired || h.state(third.ID) != outreach.Active {
			t.Errorf("states %s and %s", h.state(second.ID), h.state(third.ID))
		}
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v")
		id := h.add(contact.Draft{Name: "Ana"})
		c := h.take(v, id, outreach.ReachOut)
		sweep := func() {
			t.Helper()
			if err := h.ExpireDue(ctx); err != nil {
				t.Fatal(err)
			}
		}
		h.now = c.ExpiresAt.Add(-outreach.WarnBefore - time.Minute)
		sweep()
		if len(h.letters) != 0 {
			t.Errorf("warned too early: %+v", h.letters)
		}
		h.now = c.ExpiresAt.Add(-outreach.WarnBefore)
		sweep()
		sweep()
		if len(h.letters) != 1 || h.letters[0].Contact != "Ana" || h.letters[0].VolunteerID != v.ID || !h.letters[0].ExpiresAt.Equal(c.ExpiresAt) {
			t.Errorf("one warning, 48 hours before: %+v", h.letters)
		}
		if _, err := h.LogAttempt(ctx, v, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.NoAnswer}); err != nil {
			t.Fatal(err)
		}
		extended := h.now.Add(outreach.Lease)
		h.now = c.ExpiresAt
		sweep()
		if h.state(c.ID) != outreach.Active {
			t.Errorf("the attempt must extend, the claim is %s", h.state(c.ID))
		}
		h.now = extended.Add(-time.Hour)
		sweep()
		if len(h.letters) != 2 {
			t.Errorf("the new end is warned of too: %+v", h.letters)
		}
		h.now = extended
		sweep()
		sweep()
		if h.state(c.ID) != outreach.Expired || h.events("claim.expired") != 1 {
			t.Errorf("the claim is %s with %d events", h.state(c.ID), h.events("claim.expired"))
		}
	})
}

func TestSuppressionRevokes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v")
		id := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		c := h.take(v, id, outreach.ReachOut)
		if seen, err := h.contacts.Get(ctx, v, id); err != nil || len(seen.Addresses) != 1 {
			t.Fatalf("the holder sees the address: %+v, %v", seen, err)
		}
		if err := h.contacts.Suppress(ctx, account.Nobody(""), "ana@example.org", contact.Unsubscribed); err != nil {
			t.Fatal(err)
		}
		if h.state(c.ID) != outreach.Revoked || h.events("claim.revoked") != 1 {
			t.Errorf("the claim is %s", h.state(c.ID))
		}
		if seen, err := h.contacts.Get(ctx, v, id); err != nil || seen.Revealed {
			t.Errorf("the address is hidden again: %+v, %v", seen, err)
		}
		_, err := h.LogAttempt(ctx, v, c.ID, outreach.Attempt{Channel: outreach.ByMail, Outcome: outreach.Reached})
		wantKey(t, "an attempt after it", err, errs.Conflict, "outreach.claim.over")
	})
}

// Who opts out while somebody claims them is left alone, whichever of the two comes first.
func TestNobodyIsClaimedWhileOptingOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		v := h.volunteer("v")
		id := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		address := int64(h.count("select address_id from contact_address where contact_id = ?", id))
		claimed := make(chan error, 1)
		waits := func() bool {
			return d.Dialect() == db.SQLite ||
				h.count("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") > 0
		}
		err := d.Write(ctx, func(tx *db.Tx) error {
			err := h.contacts.SuppressAddressIn(tx, audit.System("test"), address, contact.AskedUs)
			go func() {
				_, err := h.Claim(ctx, v, h.cycle, id, outreach.ReachOut)
				claimed <- err
			}()
			for len(claimed) == 0 && !waits() {
				runtime.Gosched()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		wantKey(t, "claimed", <-claimed, errs.Conflict, "outreach.claim.opted_out")
		if n := h.count("select count(*) from claim where state = 'active'"); n != 0 {
			t.Errorf("%d claims hold on somebody who opted out", n)
		}
	})
}

// Who opts out while a volunteer logs an attempt neither keeps the other waiting for good.
func TestOptingOutWhileSomebodyLogs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		for i := range 12 {
			email := fmt.Sprintf("ana%d@example.org", i)
			id := h.add(contact.Draft{Name: "Ana", Email: email})
			c := h.take(h.volunteer(fmt.Sprint("v", i)), id, outreach.ReachOut)
			var wg sync.WaitGroup
			wg.Go(func() {
				by := account.Actor{Who: audit.Who{ID: c.VolunteerID}, Roles: []account.Role{account.Volunteer}}
				_, err := h.LogAttempt(ctx, by, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.NoAnswer})
				if err != nil && !errs.Is(err, errs.Conflict) {
					t.Errorf("logged: %v", err)
				}
			})
			wg.Go(func() {
				if err := h.contacts.Suppress(ctx, account.Nobody(""), email, contact.Unsubscribed); err != nil {
					t.Errorf("opted out: %v", err)
				}
			})
			wg.Wait()
			if h.state(c.ID) != outreach.Revoked {
				t.Errorf("the claim is %s", h.state(c.ID))
			}
		}
	})
}

func TestWorkBelongsToItsVolunteer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	v, w := h.volunteer("v"), h.volunteer("w")
	c := h.take(v, h.add(contact.Draft{Name: "Ana"}), outreach.ReachOut)
	steps := map[string]func(by account.Actor) error{
		"renew":   func(by account.Actor) error { _, err := h.Renew(ctx, by, c.ID); return err },
		"release": func(by account.Actor) error { _, err := h.Release(ctx, by, c.ID, ""); return err },
		"finish":  func(by account.Actor) error { _, err := h.Finish(ctx, by, c.ID, ""); return err },
		"attempt": func(by account.Actor) error {
			_, err := h.LogAttempt(ctx, by, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.Reached})
			return err
		},
	}
	for name, step := range steps {
		wantKey(t, name, step(w), errs.NotFound, "outreach.claim.not_found")
		wantKey(t, name, step(h.member("lead"+name, account.Lead)), errs.Forbidden, "error.forbidden")
	}
	if _, err := h.Revoke(ctx, v, c.ID, "x"); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a volunteer revokes: %v", err)
	}
	if _, err := h.Revoke(ctx, h.officer, c.ID, "left the forum"); err != nil || h.state(c.ID) != outreach.Revoked {
		t.Errorf("an officer revokes: %v, %s", err, h.state(c.ID))
	}
}
