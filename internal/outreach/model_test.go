package outreach_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/outreach"
)

// crowd makes many volunteers at once.
func (h *house) crowd(n int) []account.Actor {
	h.t.Helper()
	all := make([]account.Actor, n)
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		for i := range all {
			a := account.Account{Email: fmt.Sprintf("crowd%d@example.org", i), Name: fmt.Sprintf("crowd%d", i), Language: "es", TimeZone: "UTC", CreatedAt: h.now}
			if err := tx.Gorm().Table("account").Omit("Roles").Create(&a).Error; err != nil {
				return err
			}
			if _, err := tx.Exec("insert into account_role (account_id, role, granted_at) values (?, 'volunteer', ?)", a.ID, h.now); err != nil {
				return err
			}
			all[i] = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: a.ID, Name: a.Name}, Email: a.Email, Roles: []account.Role{account.Volunteer}, Language: "es"}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// claimRow is what the model watches of a claim.
type claimRow struct {
	ID, ContactID, VolunteerID int64
	Purpose, State, Notes      string
	EndedAt                    *time.Time
}

func (h *house) rows() []claimRow {
	h.t.Helper()
	var all []claimRow
	if err := h.d.Read(context.Background()).Scan(&all, "select id, contact_id, volunteer_id, purpose, state, notes, ended_at from claim order by id"); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// Whatever happens to a few contacts at the same instant, from whomever: at most one claim of a purpose holds,
// what has ended never changes again, nobody holds more than the cap, offers are open only on claims that
// hold, and the trail tells of every beginning and every end exactly once.
func TestClaimsAtTheSameInstant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		people := h.crowd(5)
		rapid.Check(t, func(rt *rapid.T) {
			contacts := []int64{h.add(contact.Draft{Name: "A", Email: "a@example.org"}), h.add(contact.Draft{Name: "B"})}
			before := h.rows()
			for range rapid.IntRange(1, 6).Draw(rt, "rounds") {
				var wg sync.WaitGroup
				for range rapid.IntRange(1, 6).Draw(rt, "at once") {
					act := h.act(rt, people, contacts, before)
					wg.Go(func() {
						if err := act(); err != nil && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Invalid) {
							t.Errorf("neither done nor refused: %v", err)
						}
					})
				}
				wg.Wait()
				before = h.holds(rt, before)
				h.now = h.now.Add(rapid.SampledFrom([]time.Duration{0, time.Hour, 4 * 24 * time.Hour, outreach.Lease}).Draw(rt, "later"))
			}
			h.now = h.now.Add(3 * outreach.Lease) // the next try begins with free hands
			if err := h.ExpireDue(context.Background()); err != nil {
				rt.Fatal(err)
			}
			h.holds(rt, before)
		})
	})
}

// act draws one thing that somebody does.
func (h *house) act(rt *rapid.T, people []account.Actor, contacts []int64, rows []claimRow) func() error {
	ctx := context.Background()
	who, other := rapid.SampledFrom(people).Draw(rt, "who"), rapid.SampledFrom(people).Draw(rt, "other")
	id := int64(0)
	if n := len(rows); n > 0 {
		id = rows[max(0, n-1-rapid.IntRange(0, 3).Draw(rt, "claim"))].ID
	}
	contactID, purpose := rapid.SampledFrom(contacts).Draw(rt, "contact"), rapid.SampledFrom([]outreach.Purpose{outreach.ReachOut, outreach.Brief}).Draw(rt, "purpose")
	plain := func(_ any, err error) error { return err }
	return rapid.SampledFrom([]func() error{
		func() error { return plain(h.Claim(ctx, who, h.cycle, contactID, purpose)) },
		func() error { return plain(h.Claim(ctx, other, h.cycle, contactID, purpose)) },
		func() error { return plain(h.Renew(ctx, who, id)) },
		func() error { return plain(h.Release(ctx, who, id, "let go")) },
		func() error { return plain(h.Finish(ctx, who, id, "")) },
		func() error {
			return plain(h.LogAttempt(ctx, who, id, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.NoAnswer}))
		},
		func() error { return plain(h.HandOver(ctx, who, id, other.ID, "")) },
		func() error { return plain(h.AcceptOffer(ctx, other, id)) },
		func() error { return h.DeclineOffer(ctx, other, id, "") },
		func() error { return h.WithdrawOffer(ctx, who, id) },
		func() error { return plain(h.Revoke(ctx, h.officer, id, "because")) },
		func() error { return plain(h.Reassign(ctx, h.officer, id, other.ID, "because")) },
		func() error { return plain(h.Give(ctx, h.officer, h.cycle, contactID, who.ID, purpose, "")) },
		func() error { return h.ExpireDue(ctx) },
	}).Draw(rt, "act")
}

// holds checks what must always be true, and gives the claims as they are now.
func (h *house) holds(rt *rapid.T, before []claimRow) []claimRow {
	now := h.rows()
	if len(now) < len(before) {
		rt.Fatalf("claims are lost: %d, then %d", len(before), len(now))
	}
	for i, was := range before {
		if is := now[i]; was.State != "active" && (is.State != was.State || is.Notes != was.Notes || !is.EndedAt.Equal(*was.EndedAt)) || is.VolunteerID != was.VolunteerID {
			rt.Fatalf("history changed: %+v, then %+v", was, is)
		}
	}
	type lease struct {
		contact int64
		purpose string
	}
	live, held, ended := map[lease]int{}, map[int64]int{}, 0
	for _, c := range now {
		if c.State != "active" {
			ended++
			continue
		}
		live[lease{c.ContactID, c.Purpose}]++
		held[c.VolunteerID]++
	}
	for at, n := range live {
		if n > 1 {
			rt.Fatalf("%d claims of %+v hold", n, at)
		}
	}
	for who, n := range held {
		if n > outreach.MaxLive {
			rt.Fatalf("%d holds %d", who, n)
		}
	}
	if n := h.count("select count(*) from handover o join claim c on c.id = o.claim_id where o.state = 'offered' and c.state <> 'active'"); n > 0 {
		rt.Fatalf("%d offers are open on claims that ended", n)
	}
	if n := h.events("claim.made") + h.events("claim.given"); n != len(now) {
		rt.Fatalf("%d beginnings in the trail, %d claims", n, len(now))
	}
	ends := 0
	for _, action := range []string{"claim.released", "claim.done", "claim.expired", "claim.revoked", "claim.reassigned", "claim.handed_over"} {
		ends += h.events(action)
	}
	if ends != ended {
		rt.Fatalf("%d ends in the trail, %d claims ended", ends, ended)
	}
	return now
}

func TestMain(m *testing.M) { dbtest.Main(m, 15) }
