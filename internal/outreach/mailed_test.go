package outreach_test

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/outreach"
)

func (h *house) write(fn func(tx *db.Tx) error) error {
	h.t.Helper()
	return h.d.Write(context.Background(), fn)
}

func (h *house) held(v account.Actor) outreach.Held {
	h.t.Helper()
	mine, err := h.Mine(context.Background(), v, h.cycle)
	if err != nil || len(mine) != 1 {
		h.t.Fatal(mine, err)
	}
	return mine[0]
}

// A message that leaves is an attempt that waits: it extends the claim and has reached nobody yet.
func TestAMessageIsAnAttempt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ana := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		marta, omar := h.member("Marta", account.Volunteer), h.member("Omar", account.Volunteer)
		c, err := h.Claim(ctx, marta, h.cycle, ana, outreach.ReachOut)
		if err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(5 * 24 * time.Hour)
		for _, other := range []account.Actor{omar, h.officer} {
			if err := h.write(func(tx *db.Tx) error { return h.ExtendClaim(tx, other, c.ID) }); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s extends it: %v", other.Name, err)
			}
		}
		if err := h.write(func(tx *db.Tx) error { return h.ExtendClaim(tx, marta, c.ID) }); err != nil {
			t.Fatal(err)
		}
		if got := h.held(marta).Left(h.now); got != outreach.Lease {
			t.Errorf("%v are left, want a whole lease", got)
		}
		h.now = h.now.Add(time.Hour)
		err = h.write(func(tx *db.Tx) error { return h.LogMailed(tx, c.ID, h.now, outreach.MailSent) })
		if err != nil {
			t.Fatal(err)
		}
		held := h.held(marta)
		if held.Next != "outreach.next.sent" || held.Left(h.now) != outreach.Lease || len(held.Attempts) != 1 || held.Attempts[0].Channel != outreach.ByMail {
			t.Errorf("afterwards: %+v", held)
		}
		var reached int
		if err := d.Read(ctx).QueryRow("select count(*) from reached_contact").Scan(&reached); err != nil || reached != 0 {
			t.Errorf("%d reached, %v", reached, err)
		}
		if _, err := h.LogAttempt(ctx, marta, c.ID, outreach.Attempt{Channel: outreach.ByMail, Outcome: outreach.MailSent}); !errs.Is(err, errs.Invalid) {
			t.Errorf("logged by hand: %v", err)
		}
		if _, err := h.Release(ctx, marta, c.ID, ""); err != nil {
			t.Fatal(err)
		}
		err = h.write(func(tx *db.Tx) error { return h.LogMailed(tx, c.ID, h.now, outreach.MailSent) })
		if err != nil {
			t.Errorf("what left before the contact was handed back is lost: %v", err)
		}
		if err := h.write(func(tx *db.Tx) error { return h.ExtendClaim(tx, marta, c.ID) }); !errs.Is(err, errs.Conflict) {
			t.Errorf("a claim that is over: %v", err)
		}
	})
}

// A volunteer calls an address wrong, an officer decides, and the next step follows.
func TestAnAddressInDoubt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ana := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		nobody := h.add(contact.Draft{Name: "Without an address"})
		marta := h.member("Marta", account.Volunteer)
		wrong := outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.WrongAddress, Note: "left in May"}
		for _, id := range []int64{ana, nobody} {
			c, err := h.Claim(ctx, marta, h.cycle, id, outreach.Brief)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := h.LogAttempt(ctx, marta, c.ID, wrong); err != nil {
					t.Fatal(err)
				}
			}
		}
		list, err := h.Doubts(ctx, h.officer, h.cycle, 0)
		if err != nil || len(list) != 1 || list[0].ContactID != ana || list[0].Email != "ana@example.org" || list[0].Volunteer != "Marta" || list[0].Note != "left in May" {
			t.Fatalf("in doubt are %+v, %v", list, err)
		}
		if own, err := h.Doubts(ctx, h.officer, h.cycle, nobody); err != nil || len(own) != 0 {
			t.Errorf("of the other: %+v, %v", own, err)
		}
		for _, who := range []account.Actor{marta, h.member("Lead", account.Lead)} {
			if _, err := h.Doubts(ctx, who, h.cycle, 0); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s reads: %v", who.Name, err)
			}
			if _, err := h.DecideReport(ctx, who, list[0].ID, outreach.AddressIsWrong); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s decides: %v", who.Name, err)
			}
		}
		for _, tt := range []struct {
			id       int64
			decision outreach.Decision
			want     errs.Code
		}{
			{list[0].ID, "maybe", errs.Invalid},
			{list[0].ID + 1000, outreach.AddressIsWrong, errs.NotFound},
			{list[0].ID, outreach.AddressIsRight, ""},
			{list[0].ID, outreach.AddressIsWrong, errs.Conflict},
		} {
			if _, err := h.DecideReport(ctx, h.officer, tt.id, tt.decision); errs.CodeOf(err) != tt.want {
				t.Errorf("%d %s: %v, want %q", tt.id, tt.decision, err, tt.want)
			}
		}
		c, err := h.Claim(ctx, marta, h.cycle, ana, outreach.ReachOut)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.LogAttempt(ctx, marta, c.ID, wrong); err != nil { // again, after it was called right
			t.Fatal(err)
		}
		list, err = h.Doubts(ctx, h.officer, h.cycle, ana)
		if err != nil || len(list) != 1 {
			t.Fatalf("again in doubt: %+v, %v", list, err)
		}
		if _, err := h.DecideReport(ctx, h.officer, list[0].ID, outreach.AddressIsWrong); err != nil {
			t.Fatal(err)
		}
		mine, err := h.Mine(ctx, marta, h.cycle)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mine {
			if m.Claim.ContactID == ana && m.Purpose == outreach.ReachOut && m.Next != "outreach.next.find_again" {
				t.Errorf("next is %s", m.Next)
			}
		}
		seen, err := h.contacts.Get(ctx, h.officer, ana)
		if err != nil || seen.Addressable {
			t.Errorf("addressable %t, %v", seen.Addressable, err)
		}
	})
}

// A declined contact's last word counts: whoever was reached again is not left alone for good.
func TestTheLastWordCounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ana := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		marta := h.member("Marta", account.Volunteer)
		c, err := h.Claim(ctx, marta, h.cycle, ana, outreach.ReachOut)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			outcome outreach.Outcome
			want    int
		}{
			{outreach.Reached, 0},
			{outreach.Declined, 1},
			{outreach.NoAnswer, 1},
			{outreach.Reached, 0},
			{outreach.Declined, 1},
			{outreach.Responded, 0},
		} {
			if _, err := h.LogAttempt(ctx, marta, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: tt.outcome}); err != nil {
				t.Fatal(err)
			}
			var got int // the clock stands still: the order decides
			if err := d.Read(ctx).QueryRow("select count(*) from declining_contact where cycle_id = ? and contact_id = ?", h.cycle, ana).Scan(&got); err != nil || got != tt.want {
				t.Errorf("after %s: %d, %v, want %d", tt.outcome, got, err, tt.want)
			}
		}
	})
}
