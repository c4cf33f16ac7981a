package outreach_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/outreach"
)

// reveals says whether the volunteer sees the addresses of the contact.
func (h *house) reveals(by account.Actor, contactID int64) bool {
	h.t.Helper()
	d, err := h.contacts.Get(context.Background(), by, contactID)
	if err != nil {
		h.t.Fatal(err)
	}
	return d.Revealed && len(d.Addresses) > 0
}

func (h *house) lastDay(day string) {
	h.t.Helper()
	cycles := cycle.New(cycle.Deps{DB: h.d, Now: func() time.Time { return h.now }})
	if _, err := cycles.SetDate(context.Background(), h.officer, h.cycle, cycle.OutreachCutoff, day, cycle.AoE, ""); err != nil {
		h.t.Fatal(err)
	}
}

func TestHandingOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w, x := h.volunteer("v"), h.volunteer("w"), h.volunteer("x")
		id := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		c := h.take(v, id, outreach.ReachOut)
		if _, err := h.LogAttempt(ctx, v, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.NoAnswer}); err != nil {
			t.Fatal(err)
		}
		_, err := h.HandOver(ctx, w, c.ID, x.ID, "")
		wantKey(t, "somebody else's", err, errs.NotFound, "outreach.claim.not_found")
		for name, to := range map[string]int64{"oneself": v.ID, "an officer": h.officer.ID, "nobody": 999} {
			_, err = h.HandOver(ctx, v, c.ID, to, "")
			if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Key != "outreach.offer.cannot" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err = h.HandOver(ctx, v, c.ID, w.ID, "you know her"); err != nil {
			t.Fatal(err)
		}
		_, err = h.HandOver(ctx, v, c.ID, x.ID, "")
		wantKey(t, "a second offer", err, errs.Conflict, "outreach.offer.open")
		invited, err := h.Invitations(ctx, w, h.cycle)
		if err != nil || len(invited) != 1 || invited[0].From != "v" || invited[0].Note != "you know her" || len(invited[0].Attempts) != 1 || h.reveals(w, id) {
			t.Errorf("invited to %+v, %v; sees the address: %t", invited, err, h.reveals(w, id))
		}
		_, err = h.AcceptOffer(ctx, x, c.ID)
		wantKey(t, "who was not asked", err, errs.NotFound, "outreach.claim.not_found")
		h.now = h.now.Add(5 * 24 * time.Hour)
		next, err := h.AcceptOffer(ctx, w, c.ID)
		if err != nil || next.VolunteerID != w.ID || !next.ExpiresAt.Equal(h.now.Add(outreach.Lease)) || *next.PredecessorID != c.ID {
			t.Fatalf("accepted: %+v, %v", next, err)
		}
		if h.reveals(v, id) || !h.reveals(w, id) || h.state(c.ID) != outreach.Released {
			t.Errorf("the address is for the new holder: v %t, w %t, the old claim %s", h.reveals(v, id), h.reveals(w, id), h.state(c.ID))
		}
		_, err = h.AcceptOffer(ctx, w, c.ID)
		wantKey(t, "twice", err, errs.Conflict, "outreach.offer.over")
		_, err = h.Claim(ctx, v, h.cycle, id, outreach.Brief)
		wantKey(t, "who handed over, for another purpose", err, errs.Conflict, "outreach.claim.cooldown")
		if _, err = h.HandOver(ctx, w, next.ID, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := h.DeclineOffer(ctx, x, next.ID, "away"); err != nil {
			t.Fatal(err)
		}
		held, err := h.Mine(ctx, w, h.cycle)
		if err != nil || len(held) != 1 || !held[0].Refused() || held[0].OfferTo != "x" || held[0].Offer.Answer != "away" || len(held[0].Attempts) != 1 {
			t.Errorf("declined: %+v, %v", held, err)
		}
		if _, err = h.HandOver(ctx, w, next.ID, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(time.Hour)
		third, err := h.AcceptOffer(ctx, x, next.ID)
		if err != nil || !third.ExpiresAt.Equal(next.ExpiresAt) {
			t.Errorf("the lease began anew a second time: %v, %+v", err, third)
		}
		if len(h.told) != 6 || !strings.Contains(h.told[0], " from v: Ana (you know her)") || !strings.Contains(h.told[3], "Ana false (away)") {
			t.Errorf("told %q, want six", h.told)
		}
		if h.events("claim.handed_over") != 2 || h.events("handover.offered") != 3 || h.events("handover.declined") != 1 {
			t.Error("events are missing")
		}
	})
}

// Whoever goes on after a colleague does not begin anew: a promise is waited for, until its day.
func TestAPromiseOutlivesTheHandOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		c := h.take(v, h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"}), outreach.ReachOut)
		next := func(by account.Actor, want string) {
			t.Helper()
			if held, err := h.Mine(ctx, by, h.cycle); err != nil || len(held) != 1 || held[0].Next != want {
				t.Errorf("%s reads %+v, %v, want %s", by.Name, held, err, want)
			}
		}
		log := func(by account.Actor, id int64, o outreach.Outcome) {
			t.Helper()
			until := h.now.Add(48 * time.Hour)
			if _, err := h.LogAttempt(ctx, by, id, outreach.Attempt{Channel: outreach.ByCall, Outcome: o, PromisedUntil: &until}); err != nil {
				t.Fatal(err)
			}
		}
		log(v, c.ID, outreach.Promised)
		if _, err := h.HandOver(ctx, v, c.ID, w.ID, ""); err != nil {
			t.Fatal(err)
		}
		second, err := h.AcceptOffer(ctx, w, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		next(w, "outreach.next.promised")
		h.now = h.now.Add(48 * time.Hour)
		next(w, "outreach.next.promise_over")
		h.now = h.now.Add(time.Minute)
		log(w, second.ID, outreach.NoAnswer)
		next(w, "outreach.next.try_again")
		if _, err := h.Release(ctx, w, second.ID, ""); err != nil {
			t.Fatal(err)
		}
		x := h.volunteer("x")
		h.take(x, c.ContactID, outreach.ReachOut)
		next(x, "outreach.next.reach_out")
	})
}

func TestOffersRespectTheColleague(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, foe, full, free := h.volunteer("v"), h.volunteer("foe"), h.volunteer("full"), h.volunteer("free")
		c := h.take(v, h.add(contact.Draft{Name: "Ana"}), outreach.ReachOut)
		if _, err := h.Connect(ctx, foe, outreach.HasConflict, "PE"); err != nil {
			t.Fatal(err)
		}
		for range outreach.MaxLive {
			h.take(full, h.add(contact.Draft{Name: "C"}), outreach.ReachOut)
		}
		for _, to := range []account.Actor{foe, full} {
			if _, err := h.HandOver(ctx, v, c.ID, to.ID, ""); len(errs.FieldsOf(err)) != 1 {
				t.Errorf("offered to %s: %v", to.Name, err)
			}
		}
		_, all, err := h.Colleagues(ctx, v, c.ID)
		if err != nil || len(all) != 1 || all[0].VolunteerID != free.ID {
			t.Errorf("colleagues %+v, %v", all, err)
		}
		known, err := h.Candidates(ctx, h.officer, h.cycle, c.ContactID)
		if err != nil || len(known) != 4 || known[2].Cannot == "" || known[3].Cannot == "" {
			t.Errorf("an officer sees who cannot: %+v, %v", known, err)
		}
		// What changes between the offer and the answer counts.
		if _, err := h.HandOver(ctx, v, c.ID, free.ID, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Connect(ctx, free, outreach.HasConflict, "PE"); err != nil {
			t.Fatal(err)
		}
		_, err = h.AcceptOffer(ctx, free, c.ID)
		wantKey(t, "a conflict since", err, errs.Conflict, "outreach.claim.conflict_of_interest")
		if h.state(c.ID) != outreach.Active {
			t.Errorf("the claim is %s", h.state(c.ID))
		}
		if err := h.WithdrawOffer(ctx, v, c.ID); err != nil {
			t.Fatal(err)
		}
		wantKey(t, "withdrawn", h.DeclineOffer(ctx, free, c.ID, ""), errs.Conflict, "outreach.offer.over")
		if _, err := h.HandOver(ctx, v, c.ID, h.volunteer("late").ID, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Release(ctx, v, c.ID, ""); err != nil {
			t.Fatal(err)
		}
		if n := h.count("select count(*) from handover where state = 'lapsed'"); n != 1 {
			t.Errorf("%d offers lapsed with their claim", n)
		}
	})
}

func TestOfficersGiveAndTake(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		id := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		_, err := h.Give(ctx, v, h.cycle, id, w.ID, outreach.ReachOut, "")
		wantKey(t, "a volunteer gives", err, errs.Forbidden, "error.forbidden")
		c, err := h.Give(ctx, h.officer, h.cycle, id, v.ID, outreach.ReachOut, "please")
		if err != nil || c.VolunteerID != v.ID || !h.reveals(v, id) {
			t.Fatalf("given: %+v, %v", c, err)
		}
		_, err = h.Give(ctx, h.officer, h.cycle, id, w.ID, outreach.ReachOut, "")
		wantKey(t, "given twice", err, errs.Conflict, "outreach.claim.held")
		_, err = h.Reassign(ctx, h.officer, c.ID, w.ID, " ")
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != "reason" {
			t.Errorf("without a reason: %v", err)
		}
		_, err = h.Reassign(ctx, h.officer, c.ID, h.officer.ID, "x")
		if len(errs.FieldsOf(err)) != 1 || h.state(c.ID) != outreach.Active {
			t.Errorf("to somebody who is no volunteer: %v, %s", err, h.state(c.ID))
		}
		next, err := h.Reassign(ctx, h.officer, c.ID, w.ID, "she knows her")
		if err != nil || next.VolunteerID != w.ID || h.state(c.ID) != outreach.Revoked || h.reveals(v, id) || !h.reveals(w, id) {
			t.Fatalf("reassigned: %+v, %v", next, err)
		}
		_, err = h.Reassign(ctx, h.officer, next.ID, v.ID, "back")
		wantKey(t, "back at once", err, errs.Conflict, "outreach.claim.cooldown.other")
		if _, err := h.Revoke(ctx, h.officer, next.ID, "the forum is over"); err != nil {
			t.Fatal(err)
		}
		lost, err := h.TakenFrom(ctx, w, h.cycle)
		if err != nil || len(lost) != 1 || lost[0].Name != "Ana" || lost[0].Reason != "the forum is over" || lost[0].EndedWhy != outreach.ByOfficer {
			t.Errorf("the volunteer reads why: %+v, %v", lost, err)
		}
		if len(h.told) != 4 || h.events("claim.given") != 2 || h.events("claim.reassigned") != 1 || h.events("claim.revoked") != 1 {
			t.Errorf("told %q", h.told)
		}
		h.now = h.now.Add(15 * 24 * time.Hour)
		if lost, err = h.TakenFrom(ctx, w, h.cycle); err != nil || len(lost) != 0 {
			t.Errorf("two weeks later: %+v, %v", lost, err)
		}
	})
}

// A suppression in the middle of a claim takes it: the volunteer reads why, and sees no address.
func TestSuppressionIsExplained(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v")
		id := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		c := h.take(v, id, outreach.ReachOut)
		if _, err := h.HandOver(ctx, v, c.ID, h.volunteer("w").ID, ""); err != nil {
			t.Fatal(err)
		}
		if err := h.contacts.Suppress(ctx, account.Nobody(""), "ana@example.org", contact.Unsubscribed); err != nil {
			t.Fatal(err)
		}
		lost, err := h.TakenFrom(ctx, v, h.cycle)
		if err != nil || len(lost) != 1 || lost[0].EndedWhy != outreach.Suppressed || h.reveals(v, id) {
			t.Errorf("%+v, %v", lost, err)
		}
		if held, err := h.Mine(ctx, v, h.cycle); err != nil || len(held) != 0 {
			t.Errorf("still held: %+v, %v", held, err)
		}
		if n := h.count("select count(*) from handover where state = 'offered'"); n != 0 {
			t.Error("the offer is still open")
		}
	})
}

func TestTheLastDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		ana, berta := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"}), h.add(contact.Draft{Name: "Berta"})
		carl := h.add(contact.Draft{Name: "Carl"})
		c := h.take(v, ana, outreach.ReachOut)
		let := h.take(v, berta, outreach.ReachOut)
		if _, err := h.Release(ctx, v, let.ID, "prefers letters"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.HandOver(ctx, v, c.ID, w.ID, ""); err != nil {
			t.Fatal(err)
		}
		_, err := h.Inherit(ctx, h.officer, h.cycle, berta, outreach.ReachOut)
		wantKey(t, "before the last day", err, errs.Conflict, "outreach.inherit.too_early")
		h.lastDay("2017-08-08") // ends anywhere on earth on the 9th at noon
		h.now = time.Date(2017, 8, 9, 11, 59, 0, 0, time.UTC)
		h.take(w, carl, outreach.Brief)
		h.now = h.now.Add(time.Minute)
		_, err = h.Claim(ctx, w, h.cycle, berta, outreach.ReachOut)
		wantKey(t, "a claim after it", err, errs.Conflict, "outreach.claim.cutoff")
		_, err = h.Renew(ctx, v, c.ID)
		wantKey(t, "a renewal after it", err, errs.Conflict, "outreach.claim.cutoff")
		if _, err := h.LogAttempt(ctx, v, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.NoAnswer}); err != nil {
			t.Fatal(err)
		}
		next, err := h.AcceptOffer(ctx, w, c.ID)
		if err != nil || !next.ExpiresAt.Equal(c.ExpiresAt) {
			t.Errorf("what is held runs to its end, with whomever: %+v, %v", next, err)
		}
		left, err := h.Inherited(ctx, h.officer, h.cycle)
		if err != nil || len(left) != 1 || left[0].Name != "Berta" || len(left[0].Past) != 1 || left[0].Past[0].Notes != "prefers letters" {
			t.Errorf("inherited %+v, %v", left, err)
		}
		h.now = c.ExpiresAt
		if err := h.ExpireDue(ctx); err != nil {
			t.Fatal(err)
		}
		left, err = h.Inherited(ctx, h.officer, h.cycle)
		if names := len(left); err != nil || names != 2 || left[0].Name != "Ana" || len(left[0].Attempts) != 1 {
			t.Errorf("inherited %+v, %v: what was tried comes first", left, err)
		}
		mine, err := h.Inherit(ctx, h.officer, h.cycle, ana, outreach.ReachOut)
		if err != nil || mine.VolunteerID != h.officer.ID {
			t.Errorf("an officer goes on: %+v, %v", mine, err)
		}
		_, err = h.Inherit(ctx, v, h.cycle, berta, outreach.ReachOut)
		wantKey(t, "a volunteer inherits", err, errs.Forbidden, "error.forbidden")
		if held, err := h.Mine(ctx, h.officer, h.cycle); err != nil || len(held) != 1 || held[0].Name != "Ana" {
			t.Errorf("an officer's page: %+v, %v", held, err)
		}
	})
}

// The past counts, for and against, and is said in numbers; who has left an organization does not
// approach its people.
func TestMatchingLearns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		try := func(by account.Actor, id int64, p outreach.Purpose, o outreach.Outcome) {
			t.Helper()
			until := h.now.Add(time.Hour)
			_, err := h.LogAttempt(ctx, by, h.take(by, id, p).ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: o, PromisedUntil: &until})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, outcome := range []outreach.Outcome{outreach.Reached, outreach.Promised, outreach.NoAnswer} {
			id := h.add(contact.Draft{Name: "Past", Organization: "Red"})
			try(v, id, outreach.ReachOut, outcome)
			try(w, id, outreach.Brief, outreach.Declined)
		}
		id := h.add(contact.Draft{Name: "New", Organization: "Red", Languages: "es"})
		all, err := h.Candidates(ctx, h.officer, h.cycle, id)
		if err != nil || all[0].VolunteerID != v.ID || all[0].Score <= all[1].Score {
			t.Fatalf("who reached them before comes first: %+v, %v", all, err)
		}
		at := slices.IndexFunc(all[0].Reasons, func(r outreach.Reason) bool { return r.Kind == outreach.PastOrganization })
		if at < 0 || all[0].Reasons[at].Reached != 2 || all[0].Reasons[at].Tried != 3 || all[0].Reasons[at].Name != "Red" {
			t.Errorf("reasons %+v", all[0].Reasons)
		}
		own := h.add(contact.Draft{Name: "v", Email: v.Email, Organization: "Red"})
		h.exec("update affiliation set until = '2016-01-01' where contact_id = ?", own)
		_, err = h.Claim(ctx, v, h.cycle, id, outreach.ReachOut)
		wantKey(t, "a former employer", err, errs.Conflict, "outreach.claim.conflict_of_interest")
		_, err = h.Claim(ctx, v, h.cycle, own, outreach.ReachOut)
		wantKey(t, "oneself", err, errs.Conflict, "outreach.claim.conflict_of_interest")
	})
}
