package contact

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

var visitor = account.Nobody("request")

// mailed is the token of a mail that a contact was sent at its first address.
func (h *house) mailed(contactID int64) string {
	h.t.Helper()
	n := h.count("select count(*) from campaign") + 1
	h.exec("insert into document (id, cycle_id, kind, slug, source_language, created_at) values (?, ?, 'message', ?, 'en', ?)", 1000+n, h.cycle, fmt.Sprint("m", n), h.now)
	h.exec("insert into campaign (id, cycle_id, name, state, audience, created_at) values (?, ?, 'The call', 'sending', '{}', ?)", 1000+n, h.cycle, h.now)
	h.exec("insert into campaign_step (id, campaign_id, position, kind, state, document_id) values (?, ?, 1, 'call', 'sending', ?)", 1000+n, 1000+n, 1000+n)
	id := int64(1000+n)<<32 + 1
	h.exec(`insert into delivery (id, step_id, contact_id, address_id, locale, stakeholder_group, region, state, sent_at)
		select ?, ?, contact_id, address_id, 'en', 'civil_society', 'grulac', 'sent', ? from contact_address
		where contact_id = ? order by position limit 1`, id, 1000+n, h.now, contactID)
	return h.Links.Token(link.Unsubscribe, link.Target{CycleID: h.cycle, ContactID: contactID, DeliveryID: id})
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.d.Read(context.Background()).QueryRow(query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) fine(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) preferences(token string) Preferences {
	h.t.Helper()
	p, err := h.Preferences(context.Background(), token)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// What one reader of a shared mailbox asks holds for the other, and at the other's own address; a contact that became part of
// another takes it along, and its links go on working.
func TestWhatIsAskedFollowsMailboxesAndMerges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		ana := h.add(Draft{Name: "Ana", Email: "office@example.org"})
		ben := h.add(Draft{Name: "Ben", Email: "office@example.org"})
		_, err := h.AddAddress(ctx, h.officer, ben.ID, "ben@example.org")
		h.fine(err)
		eve := h.add(Draft{Name: "Ben B", Email: "benb@example.org"})
		token, bens := h.mailed(ana.ID), h.mailed(ben.ID)
		h.fine(h.Stop(ctx, visitor, token, ThisCycle, ByPage))
		if n := h.count("select count(distinct contact_id) from cycle_opted_out_contact where cycle_id = ? and contact_id in (?, ?)", h.cycle, ana.ID, ben.ID); n != 2 {
			t.Errorf("it holds for %d of two", n)
		}
		if len(h.revoked) != 2 {
			t.Errorf("claims on %v end", h.revoked)
		}
		if p := h.preferences(bens); p.Stopped == nil || p.Stopped.Scope != ThisCycle || p.Stopped.Mine {
			t.Errorf("the other reader sees %+v", p.Stopped)
		}
		if err := h.RemoveAddress(ctx, h.officer, ana.ID, h.preferencesBox("office@example.org")); !errs.Is(err, errs.Conflict) {
			t.Errorf("taking the mailbox off: %v", err)
		}
		h.exec("update delivery set contact_id = ? where contact_id = ?", eve.ID, ana.ID) // as the campaigns' room does
		_, err = h.Unite(ctx, h.officer, Union{Survivor: eve.ID, Other: ana.ID})
		h.fine(err)
		if len(h.revoked) != 3 || h.revoked[2] != eve.ID {
			t.Errorf("after the merge claims on %v end", h.revoked)
		}
		if n := h.count("select count(*) from contact_opt_out where contact_id = ?", eve.ID); n != 1 {
			t.Errorf("the survivor has %d opt-outs", n)
		}
		if p := h.preferences(token); p.Name != "Ben B" || p.Stopped == nil || !p.Stopped.Mine {
			t.Errorf("after the merge the link shows %+v", p)
		}
		h.fine(h.Again(ctx, visitor, token, ThisCycle))
		if n := h.count("select count(*) from cycle_opted_out_contact"); n != 0 {
			t.Errorf("%d opt-outs after it was taken back", n)
		}
	})
}

func (h *house) preferencesBox(email string) int64 {
	return int64(h.count("select id from address where email = ?", email))
}

// An erased person stays left alone, and the old link says nothing of them.
func TestErasureKeepsWhatWasAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		ana := h.add(Draft{Name: "Ana", Email: "ana@example.org"})
		token := h.mailed(ana.ID)
		h.fine(h.Stop(ctx, visitor, token, ThisCycle, ByOneClick))
		h.fine(h.Erase(ctx, h.officer, ana.ID, false))
		if _, err := h.Preferences(ctx, token); !errs.Is(err, errs.NotFound) {
			t.Errorf("the link of somebody who was erased: %v", err)
		}
		again := h.add(Draft{Name: "Ana", Email: "ana@example.org"})
		if n := h.count("select count(*) from cycle_opted_out_contact where contact_id = ? and cycle_id = ?", again.ID, h.cycle); n != 1 {
			t.Error("whoever is added anew at the mailbox is written to")
		}
	})
}

// A complaint is not taken back by a link, whatever was asked besides.
func TestAComplaintStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		ana := h.add(Draft{Name: "Ana", Email: "ana@example.org"})
		token := h.mailed(ana.ID)
		h.fine(d.Write(ctx, func(tx *db.Tx) error { return h.MarkComplained(tx, h.officer.Who, h.preferencesBox("ana@example.org")) }))
		h.fine(h.Stop(ctx, visitor, token, Everything, ByPage))
		if p := h.preferences(token); p.Stopped == nil || p.Stopped.Mine {
			t.Errorf("shown as %+v", p.Stopped)
		}
		h.fine(h.Again(ctx, visitor, token, Everything))
		if n := h.count("select count(*) from opted_out_contact where contact_id = ?", ana.ID); n != 1 {
			t.Error("whoever complained is written to again")
		}
	})
}

func TestMaskedAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"maria@example.org": "m•••@example.org", "ñu@example.org": "ñ•••@example.org", "@x.test": "•••@x.test", "none": "•••"} {
		if got := mask(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A mail to an address that the contact has no more still speaks for the contact.
func TestAnOldMailSpeaksForTheNewAddress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		ana := h.add(Draft{Name: "Ana", Email: "old@example.org"})
		token := h.mailed(ana.ID)
		_, err := h.ReplaceAddress(ctx, h.officer, ana.ID, h.preferencesBox("old@example.org"), "new@example.org")
		h.fine(err)
		h.fine(h.Stop(ctx, visitor, token, ThisCycle, ByPage))
		if n := h.count("select count(*) from contact_opt_out where contact_id = ?", ana.ID); n != 1 {
			t.Error("she is written to at the new address")
		}
		if p := h.preferences(token); p.Stopped == nil || !p.Stopped.Mine {
			t.Errorf("shown as %+v", p.Stopped)
		}
		h.fine(h.Again(ctx, visitor, token, ThisCycle))
		if n := h.count("select count(*) from opt_out where ended_at is null"); n != 0 {
			t.Errorf("%d opt-outs after it was taken back", n)
		}
	})
}

// What an officer wrote down about somebody is forgotten with them; that they asked is not.
func TestErasureForgetsHowSomebodyAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		ana := h.add(Draft{Name: "Ana", Email: "ana@example.org"})
		h.fine(h.RecordAsked(ctx, h.officer, ana.ID, Recorded{Scope: NoReminders, Note: "Ana Silva said so by telephone, +41 22"}))
		h.fine(h.EndAsked(ctx, h.officer, ana.ID, int64(h.count("select id from opt_out")), "Ana wrote again"))
		h.fine(h.RecordAsked(ctx, h.officer, ana.ID, Recorded{Scope: ThisCycle, CycleID: h.cycle, Note: "Ana Silva wrote to us"}))
		h.fine(h.Erase(ctx, h.officer, ana.ID, false))
		if n := h.count("select count(*) from opt_out where note <> '' or ended_note <> ''"); n != 0 {
			t.Errorf("%d still say what was written about her", n)
		}
		if n := h.count("select count(*) from opt_out where hash <> ''"); n != 2 {
			t.Errorf("%d of 2 are left", n)
		}
	})
}

// Officers read of every mailbox that must not be mailed since when and why, also where nobody asked on a page.
func TestOfficersSeeSuppressionsOfWhichNothingElseTells(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		for reason, how := range map[Reason]string{Unsubscribed: ByPage, AskedUs: ByOfficer, ComplainedOf: ByComplaint} {
			email := string(reason) + "@example.org"
			ana := h.add(Draft{Name: "Ana", Email: email})
			h.fine(h.Suppress(ctx, h.officer, email, reason))
			all, err := h.AskedOf(ctx, h.officer, ana.ID)
			h.fine(err)
			if len(all) != 1 || all[0].ID != 0 || all[0].Scope != Everything || all[0].How != how || all[0].Email != email || !all[0].AskedAt.Equal(h.now) {
				t.Errorf("%s: %+v", reason, all)
			}
			h.fine(h.RecordAsked(ctx, h.officer, ana.ID, Recorded{Scope: Everything, Note: "Said so."}))
			if all, err = h.AskedOf(ctx, h.officer, ana.ID); err != nil || reason != ComplainedOf && len(all) != 1 || reason == ComplainedOf && len(all) != 2 {
				t.Errorf("%s, with what was recorded: %+v, %v", reason, all, err)
			}
		}
	})
}

// Before two contacts are merged, an officer reads what one of them asked and the other did not.
func TestAMergeForeseesWhatOneAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		ana, eve := h.add(Draft{Name: "Ana", Email: "ana@example.org"}), h.add(Draft{Name: "Ana S", Email: "eve@example.org"})
		h.fine(h.Stop(ctx, visitor, h.mailed(ana.ID), ThisCampaign, ByPage))
		h.fine(h.RecordAsked(ctx, h.officer, eve.ID, Recorded{Scope: ThisCycle, CycleID: h.cycle, Note: "x"}))
		for _, id := range []int64{ana.ID, eve.ID} { // both, so that a merge changes nothing
			h.fine(h.RecordAsked(ctx, h.officer, id, Recorded{Scope: NoReminders, Note: "x"}))
		}
		effects, err := h.Foresee(ctx, h.officer, ana.ID, eve.ID)
		h.fine(err)
		var got []string
		for _, e := range effects {
			if strings.HasPrefix(e.Key, "merge.effect.asked.") {
				got = append(got, fmt.Sprint(e.Key, " ", e.Args["Campaign"], " ", e.Object))
			}
		}
		if want := []string{"merge.effect.asked.campaign The call campaign", "merge.effect.asked.cycle BPF 2017 "}; !slices.Equal(got, want) {
			t.Errorf("an officer reads %q", got)
		}
	})
}
